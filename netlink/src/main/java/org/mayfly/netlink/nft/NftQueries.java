package org.mayfly.netlink.nft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/** What {@link NfTables} asks the kernel: dumps, and objects by their names. */
final class NftQueries {
    /** More than the longest names, a table's, a chain's and a set's of 256 bytes each, and an element. */
    private static final int REQUEST = 4096;

    private final NetlinkConnection connection;
    private final MessageWriter request = new MessageWriter(REQUEST);

    /** Reads an object from its message. */
    @FunctionalInterface
    private interface Reader<T> {
        T decode(ByteBuffer b, int offset, int length);
    }

    NftQueries(NetlinkConnection connection) {
        this.connection = connection;
    }

    int generation() throws IOException {
        begin(NftMessage.GETGEN, NftFamily.UNSPEC).end();
        return one(NftMessage.NEWGEN, NftEvent.Generation::decode)
                .orElseThrow(() -> new IOException("NFT_MSG_GETGEN: no answer"))
                .id();
    }

    List<Table> tables(NftFamily family) throws IOException {
        begin(NftMessage.GETTABLE, family).end();
        return dump(NftMessage.NEWTABLE, Table::decode);
    }

    Optional<Table> table(NftFamily family, String name) throws IOException {
        begin(NftMessage.GETTABLE, family)
                .attrString(Table.NFTA_TABLE_NAME, name)
                .end();
        return one(NftMessage.NEWTABLE, Table::decode);
    }

    List<Chain> chains(NftFamily family) throws IOException {
        begin(NftMessage.GETCHAIN, family).end();
        return dump(NftMessage.NEWCHAIN, Chain::decode);
    }

    Optional<Chain> chain(Table table, String name) throws IOException {
        begin(NftMessage.GETCHAIN, table.family())
                .attrString(Chain.NFTA_CHAIN_TABLE, table.name())
                .attrString(Chain.NFTA_CHAIN_NAME, name)
                .end();
        return one(NftMessage.NEWCHAIN, Chain::decode);
    }

    List<Rule> rules(Table table, @Nullable String chain) throws IOException {
        MessageWriter w = begin(NftMessage.GETRULE, table.family()).attrString(Rule.NFTA_RULE_TABLE, table.name());
        if (chain != null) {
            w.attrString(Rule.NFTA_RULE_CHAIN, chain);
        }
        w.end();
        return dump(NftMessage.NEWRULE, Rule::decode);
    }

    Optional<Rule> rule(Table table, String chain, long handle) throws IOException {
        begin(NftMessage.GETRULE, table.family())
                .attrString(Rule.NFTA_RULE_TABLE, table.name())
                .attrString(Rule.NFTA_RULE_CHAIN, chain)
                .attrBe64(Rule.NFTA_RULE_HANDLE, handle)
                .end();
        return one(NftMessage.NEWRULE, Rule::decode);
    }

    List<NftSet> sets(Table table) throws IOException {
        begin(NftMessage.GETSET, table.family())
                .attrString(NftSet.NFTA_SET_TABLE, table.name())
                .end();
        return dump(NftMessage.NEWSET, NftSet::decode);
    }

    Optional<NftSet> set(Table table, String name) throws IOException {
        begin(NftMessage.GETSET, table.family())
                .attrString(NftSet.NFTA_SET_TABLE, table.name())
                .attrString(NftSet.NFTA_SET_NAME, name)
                .end();
        return one(NftMessage.NEWSET, NftSet::decode);
    }

    List<SetElement> elements(Table table, String set) throws IOException {
        ElementList.writeNames(begin(NftMessage.GETSETELEM, table.family()), table.name(), set)
                .end();
        List<SetElement> all = new ArrayList<>();
        dump(NftMessage.NEWSETELEM, ElementList::decode).forEach(part -> all.addAll(part.elements()));
        return all;
    }

    Optional<SetElement> element(NftSet set, SetElement element) throws IOException {
        MessageWriter w = begin(NftMessage.GETSETELEM, set.family());
        ElementList.write(w, set, List.of(element.keyAlone()), 0, 0);
        w.end();
        try {
            List<ElementList> found = connection.query(request, decoder(NftMessage.NEWSETELEM, ElementList::decode));
            return found.stream().flatMap(list -> list.elements().stream()).findFirst();
        } catch (NetlinkException e) {
            boolean ofTheSet = e.path().endsWith("_TABLE") || e.path().endsWith("_SET");
            if (e.errno() == Errno.ENOENT && !ofTheSet) {
                return Optional.empty();
            }
            throw e;
        }
    }

    List<NftObject> objects(int message, Table table, int type) throws IOException {
        MessageWriter w = begin(message, table.family()).attrString(NftObject.NFTA_OBJ_TABLE, table.name());
        if (type != NftObject.ANY) {
            w.attrBe32(NftObject.NFTA_OBJ_TYPE, type);
        }
        w.end();
        return dump(NftMessage.NEWOBJ, NftObject::decode);
    }

    Optional<NamedCounter> counter(int message, Table table, String name) throws IOException {
        begin(message, table.family())
                .attrString(NftObject.NFTA_OBJ_TABLE, table.name())
                .attrString(NftObject.NFTA_OBJ_NAME, name)
                .attrBe32(NftObject.NFTA_OBJ_TYPE, NftObject.COUNTER)
                .end();
        return one(NftMessage.NEWOBJ, NftObject::decode).map(o -> o instanceof NamedCounter c ? c : null);
    }

    private MessageWriter begin(int type, NftFamily family) {
        return NftMessage.begin(request.reset(), type, 0, family);
    }

    private <T> List<T> dump(int answer, Reader<T> reader) throws IOException {
        return connection.dump(request, decoder(answer, reader));
    }

    /** Empty if the kernel says that there is no such thing. */
    private <T> Optional<T> one(int answer, Reader<T> reader) throws IOException {
        try {
            return connection.query(request, decoder(answer, reader)).stream().findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static <T> NetlinkConnection.Decoder<T> decoder(int answer, Reader<T> reader) {
        return (type, b, offset, length) -> type == answer ? reader.decode(b, offset, length) : null;
    }
}
