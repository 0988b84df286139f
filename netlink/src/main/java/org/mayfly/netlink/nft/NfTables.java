package org.mayfly.netlink.nft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/**
 * nf_tables of one network namespace. What changes goes through a {@link Batch}; what is there is read in dumps.
 *
 * <pre>{@code
 * try (NfTables nft = NfTables.open()) {
 *     Table table = new Table(NftFamily.INET, "mine");
 *     nft.commit("make a table", new Batch(new MessageWriter(65536)).add(table));
 * }
 * }</pre>
 *
 * <p>One thread at a time.
 */
public final class NfTables implements AutoCloseable {
    private static final int NFTA_GEN_ID = 1;

    private final NetlinkConnection connection;
    private final MessageWriter request = new MessageWriter(1024);

    public NfTables(NetlinkConnection connection) {
        this.connection = connection;
    }

    /** Connects in the network namespace of the calling thread. */
    public static NfTables open() throws IOException {
        return new NfTables(NetlinkConnection.open(NetlinkConnection.NETLINK_NETFILTER, NftVocabulary.INSTANCE));
    }

    /**
     * Does all of the batch or nothing of it. An empty one is done already.
     *
     * @param operation for the error's message
     * @throws org.mayfly.netlink.NetlinkException {@code ERESTART} if the generation is not the batch's any more
     */
    public void commit(String operation, Batch batch) throws IOException {
        if (!batch.isEmpty()) {
            connection.batch(operation, batch.end());
        }
    }

    /** The generation id: another one after every batch that changed something, whoever sent it. */
    public int generation() throws IOException {
        begin(NftMessage.GETGEN, NftFamily.UNSPEC).end();
        List<Integer> found = connection.query(
                request, (type, b, at, length) -> type == NftMessage.NEWGEN ? readGeneration(b, at, length) : null);
        if (found.isEmpty()) {
            throw new IOException("NFT_MSG_GETGEN: no answer");
        }
        return found.get(0);
    }

    private static @Nullable Integer readGeneration(ByteBuffer b, int at, int length) {
        AttributeReader a = NftMessage.attributes(b, at, length);
        while (a.next()) {
            if (a.type() == NFTA_GEN_ID) {
                return a.be32();
            }
        }
        return null;
    }

    /** The tables of a family, or of all with {@link NftFamily#UNSPEC}. */
    public List<Table> tables(NftFamily family) throws IOException {
        begin(NftMessage.GETTABLE, family).end();
        return dump(NftMessage.NEWTABLE, Table::decode);
    }

    /** The chains of a family's tables, or of all with {@link NftFamily#UNSPEC}. */
    public List<Chain> chains(NftFamily family) throws IOException {
        begin(NftMessage.GETCHAIN, family).end();
        return dump(NftMessage.NEWCHAIN, Chain::decode);
    }

    /** The rules of a chain, first to last; none if there is no such chain. */
    public List<Rule> rules(Table table, String chain) throws IOException {
        begin(NftMessage.GETRULE, table.family())
                .attrString(Rule.NFTA_RULE_TABLE, table.name())
                .attrString(Rule.NFTA_RULE_CHAIN, chain)
                .end();
        return dump(NftMessage.NEWRULE, Rule::decode);
    }

    /**
     * The sets of a table, those without a name of their own included.
     *
     * @throws org.mayfly.netlink.NetlinkException {@code ENOENT} if there is no such table
     */
    public List<NftSet> sets(Table table) throws IOException {
        begin(NftMessage.GETSET, table.family())
                .attrString(NftSet.NFTA_SET_TABLE, table.name())
                .end();
        return dump(NftMessage.NEWSET, NftSet::decode);
    }

    /**
     * The elements of a set, in no order. Costs more than in proportion to their number: 100,000 take 250 ms.
     *
     * @throws org.mayfly.netlink.NetlinkException {@code ENOENT} if there is no such set or table
     */
    public List<SetElement> elements(Table table, String set) throws IOException {
        begin(NftMessage.GETSETELEM, table.family())
                .attrString(ElementList.NFTA_SET_ELEM_LIST_TABLE, table.name())
                .attrString(ElementList.NFTA_SET_ELEM_LIST_SET, set)
                .end();
        List<SetElement> all = new ArrayList<>();
        dump(NftMessage.NEWSETELEM, ElementList::decode).forEach(part -> all.addAll(part.elements()));
        return all;
    }

    @Override
    public void close() {
        connection.close();
    }

    private MessageWriter begin(int type, NftFamily family) {
        return NftMessage.begin(request.reset(), type, 0, family);
    }

    private <T> List<T> dump(int answer, Reader<T> reader) throws IOException {
        return connection.dump(
                request, (type, b, offset, length) -> type == answer ? reader.decode(b, offset, length) : null);
    }

    /** Reads an object from its message. */
    @FunctionalInterface
    private interface Reader<T> {
        T decode(ByteBuffer b, int offset, int length);
    }
}
