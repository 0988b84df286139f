package org.mayfly.netlink.nft;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.NetlinkConnection;

/**
 * nf_tables of one network namespace. What changes goes through a {@link Batch}; what is there is read in dumps, or by
 * its name.
 *
 * <pre>{@code
 * try (NfTables nft = NfTables.open()) {
 *     Table table = new Table(NftFamily.INET, "mine");
 *     nft.commit("make a table", new Batch().add(table));
 * }
 * }</pre>
 *
 * <p>Source: {@code linux/netfilter/nf_tables.h}, nft(8). One thread at a time.
 */
public final class NfTables implements AutoCloseable {
    /** Bytes that {@link #addElements} sends at once at most: some 10,000 elements, a few milliseconds. */
    private static final int PART = 1 << 20;

    private final NetlinkConnection connection;
    private final NftQueries queries;
    private @Nullable MessageWriter part;

    public NfTables(NetlinkConnection connection) {
        this.connection = connection;
        this.queries = new NftQueries(connection);
    }

    /** Connects in the network namespace of the calling thread. */
    public static NfTables open() throws IOException {
        return new NfTables(NetlinkConnection.open(NetlinkConnection.NETLINK_NETFILTER, NftVocabulary.INSTANCE));
    }

    /**
     * Does all of the batch or nothing of it. An empty one is done already.
     *
     * @param operation for the error's message
     * @throws NetlinkException {@code ERESTART} if the generation is not the batch's any more; {@code EMSGSIZE}, with
     *     both sizes, if the batch is more than the socket can send: then it has to be done in parts
     */
    public void commit(String operation, Batch batch) throws IOException {
        if (!batch.isEmpty()) {
            connection.batch(operation, batch.end());
        }
    }

    /**
     * As {@link #commit}, and tells what came of it, as others are told: what was added has its handle. For a few
     * changes: what the kernel tells has to fit into the socket's receive buffer, or the answer is lost ({@code
     * ENOBUFS}) though the batch has happened.
     *
     * @throws NetlinkException as in {@link #commit}
     */
    public List<NftEvent> commitAndTell(String operation, Batch batch) throws IOException {
        return batch.isEmpty() ? List.of() : connection.batch(operation, batch.end(), NftEvent::read);
    }

    /**
     * Whether the kernel would do all of the batch, which it does not: nothing is left behind, and nobody hears of it.
     * The batch can be committed afterwards.
     *
     * @throws NetlinkException as in {@link #commit}, if it would not
     */
    public void check(String operation, Batch batch) throws IOException {
        if (!batch.isEmpty()) {
            connection.batch(operation, batch.open());
        }
    }

    /**
     * Whether this kernel knows these flags of a table. It is asked for one that is never made.
     *
     * @param flags {@link Table#OWNER} and its kind
     */
    public boolean supportsTableFlags(int flags) throws IOException {
        Table probe = new Table(NftFamily.IPV4, "probe " + Long.toHexString(System.nanoTime())).withFlags(flags);
        try {
            check("probe the flags of a table", new Batch().create(probe));
            return true;
        } catch (NetlinkException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Adds elements to a set that is there, however many: in several batches if need be, each of which happens whole or
     * not at all.
     *
     * @throws NetlinkException if none of them went in
     * @throws PartlyDoneException if some of them did, the first so many of the list
     * @throws IllegalArgumentException if they are intervals, and too many for one batch: between two batches one of them
     *     could be without its end, and reach to the end of all
     */
    public void addElements(NftSet set, List<SetElement> elements) throws IOException {
        inParts(NftMessage.NEWSETELEM, NLM_F_CREATE, set, elements);
    }

    /**
     * Deletes elements of a set, however many: in several batches if need be, each of which happens whole or not at
     * all.
     *
     * @throws NetlinkException if none of them was deleted; {@code ENOENT} if one is not there
     * @throws PartlyDoneException if some of them were, the first so many of the list
     */
    public void deleteElements(NftSet set, List<SetElement> elements) throws IOException {
        inParts(NftMessage.DELSETELEM, 0, set, elements);
    }

    private void inParts(int type, int flags, NftSet set, List<SetElement> elements) throws IOException {
        MessageWriter w = part;
        if (w == null) {
            w = new MessageWriter(Math.min(PART, connection.sendLimit()));
            part = w;
        }
        String operation = NftVocabulary.INSTANCE.name(type);
        int done = 0;
        while (done < elements.size()) {
            Batch batch = new Batch(w);
            try {
                int next = batch.some(type, flags, set, elements, done);
                refuse(next == done, "an element too long for a message: " + elements.get(done));
                boolean intervals = (set.flags() & (NftSet.INTERVAL | NftSet.CONCAT)) == NftSet.INTERVAL;
                refuse(intervals && next < elements.size(), "intervals too many for one batch: " + elements.size());
                commit(operation, batch);
                done = next;
            } catch (IOException | IllegalArgumentException e) {
                if (done > 0) {
                    throw new PartlyDoneException(operation, done, elements.size(), e);
                }
                throw e;
            }
        }
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }

    /** The generation id: another one after every batch that changed something, whoever sent it. */
    public int generation() throws IOException {
        return queries.generation();
    }

    /** The tables of a family, or of all with {@link NftFamily#UNSPEC}. */
    public List<Table> tables(NftFamily family) throws IOException {
        return queries.tables(family);
    }

    /** A table by its name. */
    public Optional<Table> table(NftFamily family, String name) throws IOException {
        return queries.table(family, name);
    }

    /** The chains of a family's tables, or of all with {@link NftFamily#UNSPEC}. */
    public List<Chain> chains(NftFamily family) throws IOException {
        return queries.chains(family);
    }

    /** The chains of a table; none if there is no such table. The kernel tells of those of all, which are skipped. */
    public List<Chain> chains(Table table) throws IOException {
        return queries.chains(table.family()).stream()
                .filter(c -> c.table().equals(table.name()))
                .toList();
    }

    /** A chain by its name; also empty if there is no such table. */
    public Optional<Chain> chain(Table table, String name) throws IOException {
        return queries.chain(table, name);
    }

    /** The rules of a chain, first to last; none if there is no such chain. */
    public List<Rule> rules(Table table, String chain) throws IOException {
        return queries.rules(table, chain);
    }

    /** The rules of a table, chain by chain, each first to last; none if there is no such table. */
    public List<Rule> rules(Table table) throws IOException {
        return queries.rules(table, null);
    }

    /** A rule by its handle; also empty if there is no such chain. */
    public Optional<Rule> rule(Table table, String chain, long handle) throws IOException {
        return queries.rule(table, chain, handle);
    }

    /**
     * The sets and maps of a table, those without a name of their own included.
     *
     * @throws NetlinkException {@code ENOENT} if there is no such table
     */
    public List<NftSet> sets(Table table) throws IOException {
        return queries.sets(table);
    }

    /** A set or a map by its name; also empty if there is no such table. */
    public Optional<NftSet> set(Table table, String name) throws IOException {
        return queries.set(table, name);
    }

    /**
     * The elements of a set, in no order. Costs more than in proportion to their number: 100,000 take 250 ms.
     *
     * @throws NetlinkException {@code ENOENT} if there is no such set or table
     */
    public List<SetElement> elements(Table table, String set) throws IOException {
        return queries.elements(table, set);
    }

    /**
     * Asks for one element, which costs the same however many there are; empty if the set does not have it.
     *
     * @param element its key, of a concatenation with intervals also the end, as in {@link SetElement#of(Bytes)}; the
     *     rest does not matter
     * @throws NetlinkException {@code ENOENT} if there is no such set or table
     */
    public Optional<SetElement> element(NftSet set, SetElement element) throws IOException {
        return queries.element(set, element);
    }

    /**
     * The named objects of a table.
     *
     * @param type {@link NftObject#COUNTER} and its kind, or {@link NftObject#ANY}
     */
    public List<NftObject> objects(Table table, int type) throws IOException {
        return queries.objects(NftMessage.GETOBJ, table, type);
    }

    /** A named counter; also empty if there is no such table. */
    public Optional<NamedCounter> counter(Table table, String name) throws IOException {
        return queries.counter(NftMessage.GETOBJ, table, name);
    }

    /** A named counter, which counts from 0 again afterwards; nothing is counted twice or lost. */
    public Optional<NamedCounter> resetCounter(Table table, String name) throws IOException {
        return queries.counter(NftMessage.GETOBJ_RESET, table, name);
    }

    /** Of the socket: what {@link org.mayfly.netlink.conn.Events#portId} and {@link Table#owner} say of what was done through it. */
    public int portId() throws IOException {
        return connection.portId();
    }

    @Override
    public void close() {
        connection.close();
    }
}
