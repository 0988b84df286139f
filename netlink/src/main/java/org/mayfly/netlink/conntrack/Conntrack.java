package org.mayfly.netlink.conntrack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.NetlinkFlags;
import org.mayfly.netlink.NfGenMessage;
import org.mayfly.netlink.conn.NetlinkConnection;

/**
 * The connections that netfilter follows in one network namespace. There are none before some rule asks for {@code ct},
 * or something translates addresses. Needs CAP_NET_ADMIN.
 *
 * <p>A flow that is deleted comes back with its next packet: as a new one, which {@code ct state established} does not
 * let through. For TCP that is so even in the middle of a connection ({@code net.netfilter.nf_conntrack_tcp_loose}).
 *
 * <p>Source: {@code linux/netfilter/nfnetlink_conntrack.h}, {@code net/netfilter/nf_conntrack_netlink.c}. One thread at
 * a time.
 */
public final class Conntrack implements AutoCloseable {
    static final int IPCTNL_MSG_CT_GET_STATS = 0x105;

    private static final int CTA_STATS_GLOBAL_ENTRIES = 1;

    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(2048);

    /** Takes the connection over. */
    public Conntrack(NetlinkConnection connection) {
        this.connection = connection;
    }

    /** Opens a connection in the network namespace of the calling thread. */
    public static Conntrack open() throws IOException {
        return new Conntrack(NetlinkConnection.open(NetlinkConnection.NETLINK_NETFILTER, ConntrackVocabulary.INSTANCE));
    }

    /**
     * The flows that the filter lets through; the kernel does the choosing where it can. The kernel does not say when
     * the table has changed meanwhile: what came or went during the dump may be missing, or be there twice.
     */
    public List<Flow> flows(FlowFilter filter) throws IOException {
        int family = filter.chosenFamily();
        if (family != 0 || !filter.needsFamily()) {
            return flows(filter, family);
        }
        List<Flow> both = new ArrayList<>(flows(filter, Flow.AF_INET));
        both.addAll(flows(filter, Flow.AF_INET6));
        return both;
    }

    private List<Flow> flows(FlowFilter filter, int family) throws IOException {
        begin(Flow.IPCTNL_MSG_CT_GET, 0, family);
        filter.write(w);
        w.end();
        return connection.dump(w, (type, b, offset, length) -> {
            Flow flow = type == Flow.IPCTNL_MSG_CT_NEW ? Flow.decode(b, offset, length) : null;
            return flow != null && filter.matches(flow) ? flow : null;
        });
    }

    /**
     * One flow.
     *
     * @param tuple of either direction
     * @param zone 0 for the default one
     * @return empty if there is none
     */
    public Optional<Flow> flow(Tuple tuple, int zone) throws IOException {
        begin(Flow.IPCTNL_MSG_CT_GET, 0, tuple.family());
        Flow.writeTuple(w, Flow.CTA_TUPLE_ORIG, tuple);
        Flow.writeZone(w, zone);
        w.end();
        try {
            return connection
                    .query(
                            w,
                            (type, b, offset, length) ->
                                    type == Flow.IPCTNL_MSG_CT_NEW ? Flow.decode(b, offset, length) : null)
                    .stream()
                    .findFirst();
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Has the kernel follow a connection of which it has seen nothing, as when another machine takes over.
     *
     * @param flow its status is to contain {@link Flow#IPS_CONFIRMED}, or else be 0
     * @throws NetlinkException {@code EEXIST} if there is one of that tuple
     */
    public void add(Flow flow) throws IOException {
        begin(Flow.IPCTNL_MSG_CT_NEW, NetlinkFlags.NLM_F_CREATE | NetlinkFlags.NLM_F_EXCL, flow.family());
        flow.write(w);
        w.end();
        connection.request(w);
    }

    /**
     * Forgets a flow; a later one of the same tuple is left alone.
     *
     * @throws NetlinkException {@code ENOENT} if it is gone already
     */
    public void delete(Flow flow) throws IOException {
        begin(Flow.IPCTNL_MSG_CT_DELETE, 0, flow.family());
        flow.writeKey(w);
        w.end();
        connection.request(w);
    }

    /**
     * Lists, and forgets one after the other. Those that were gone meanwhile are not counted.
     *
     * @return how many flows were forgotten
     */
    public int delete(FlowFilter filter) throws IOException {
        int deleted = 0;
        for (Flow flow : flows(filter)) {
            try {
                delete(flow);
                deleted++;
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
        return deleted;
    }

    /** Forgets all flows of this network namespace. */
    public void flush() throws IOException {
        begin(Flow.IPCTNL_MSG_CT_DELETE, 0, 0).end();
        connection.request(w);
    }

    /** How many flows there are; costs nothing like listing them. */
    public int count() throws IOException {
        begin(IPCTNL_MSG_CT_GET_STATS, 0, 0).end();
        List<Integer> found = connection.query(
                w, (type, b, offset, length) -> type == IPCTNL_MSG_CT_GET_STATS ? entries(b, offset, length) : null);
        if (found.isEmpty()) {
            throw new IOException("IPCTNL_MSG_CT_GET_STATS: no answer");
        }
        return found.get(0);
    }

    private static int entries(ByteBuffer b, int offset, int length) {
        AttributeReader a = NfGenMessage.attributes(b, offset, length);
        while (a.next()) {
            if (a.type() == CTA_STATS_GLOBAL_ENTRIES) {
                return a.be32();
            }
        }
        throw new MalformedMessageException("statistics without CTA_STATS_GLOBAL_ENTRIES", offset);
    }

    private MessageWriter begin(int type, int flags, int family) {
        return NfGenMessage.begin(w.reset(), type, flags, family, 0);
    }

    @Override
    public void close() {
        connection.close();
    }
}
