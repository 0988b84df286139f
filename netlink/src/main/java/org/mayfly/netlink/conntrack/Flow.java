package org.mayfly.netlink.conntrack;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NfGenMessage;
import org.mayfly.netlink.RawAttribute;

/**
 * A connection that netfilter follows, or what it takes for one: a line of {@code /proc/net/nf_conntrack}. Source:
 * {@code linux/netfilter/nfnetlink_conntrack.h}, {@code net/netfilter/nf_conntrack_netlink.c}.
 *
 * @param family {@code AF_INET} or {@code AF_INET6}
 * @param original of the packets in the direction of the first one
 * @param reply of the answers: {@code original} turned around, but for what NAT has changed
 * @param status {@code IPS_*}, bits
 * @param timeout seconds until it is forgotten, unless a packet comes
 * @param mark {@code ct mark}
 * @param id together with the tuple it names this flow and no later one; 0 in one that is to be added
 * @param zone of both directions; 0 for the default one
 * @param tcp null where the protocol is not TCP
 * @param sent what went in the original direction; null where nothing is counted
 * @param answered what went in the other one
 * @param labels bits, as the kernel keeps them in memory; empty where there are none
 * @param unknown attributes this library has no name for
 */
public record Flow(
        int family,
        Tuple original,
        Tuple reply,
        int status,
        int timeout,
        int mark,
        int id,
        int zone,
        @Nullable TcpInfo tcp,
        @Nullable Traffic sent,
        @Nullable Traffic answered,
        Bytes labels,
        List<RawAttribute> unknown) {
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    /** Packets were seen in both directions ({@code enum ip_conntrack_status}). */
    public static final int IPS_SEEN_REPLY = 1 << 1;
    /** It will not be dropped early when the table is full. */
    public static final int IPS_ASSURED = 1 << 2;

    public static final int IPS_CONFIRMED = 1 << 3;
    public static final int IPS_SRC_NAT = 1 << 4;
    public static final int IPS_DST_NAT = 1 << 5;

    static final int IPCTNL_MSG_CT_NEW = 0x100;
    static final int IPCTNL_MSG_CT_GET = 0x101;
    static final int IPCTNL_MSG_CT_DELETE = 0x102;

    static final int CTA_TUPLE_ORIG = 1;
    static final int CTA_TUPLE_REPLY = 2;
    static final int CTA_STATUS = 3;
    static final int CTA_PROTOINFO = 4;
    static final int CTA_TIMEOUT = 7;
    static final int CTA_MARK = 8;
    static final int CTA_COUNTERS_ORIG = 9;
    static final int CTA_COUNTERS_REPLY = 10;
    static final int CTA_USE = 11;
    static final int CTA_ID = 12;
    static final int CTA_ZONE = 18;
    static final int CTA_MARK_MASK = 21;
    static final int CTA_LABELS = 22;
    static final int CTA_FILTER = 25;
    static final int CTA_STATUS_MASK = 26;

    private static final int CTA_PROTOINFO_TCP = 1;

    static final AttributeNames NAMES = AttributeNames.of(
                    "CTA_",
                    "UNSPEC TUPLE_ORIG TUPLE_REPLY STATUS PROTOINFO HELP NAT_SRC TIMEOUT MARK COUNTERS_ORIG"
                            + " COUNTERS_REPLY USE ID NAT_DST TUPLE_MASTER SEQ_ADJ_ORIG SEQ_ADJ_REPLY SECMARK ZONE"
                            + " SECCTX TIMESTAMP MARK_MASK LABELS LABELS_MASK SYNPROXY FILTER STATUS_MASK"
                            + " TIMESTAMP_EVENT")
            .nest("TUPLE_ORIG", Tuple.NAMES)
            .nest("TUPLE_REPLY", Tuple.NAMES)
            .nest("TUPLE_MASTER", Tuple.NAMES)
            .nest(
                    "PROTOINFO",
                    AttributeNames.of("CTA_PROTOINFO_", "UNSPEC TCP DCCP SCTP").nest("TCP", TcpInfo.NAMES))
            .nest("COUNTERS_ORIG", Traffic.NAMES)
            .nest("COUNTERS_REPLY", Traffic.NAMES)
            .nest("FILTER", AttributeNames.of("CTA_FILTER_", "UNSPEC ORIG_FLAGS REPLY_FLAGS"));

    public Flow {
        unknown = List.copyOf(unknown);
    }

    /**
     * One to be added: no address translated, no packet seen.
     *
     * @param timeout seconds until it is forgotten, unless a packet comes
     * @param tcp null where the protocol is not TCP
     */
    public Flow(Tuple original, int timeout, int mark, int zone, @Nullable TcpInfo tcp) {
        this(
                original.family(),
                original,
                original.reversed(),
                0,
                timeout,
                mark,
                0,
                zone,
                tcp,
                null,
                null,
                Bytes.EMPTY,
                List.of());
    }

    /** All of it. The kernel takes no id and no counters from anybody. */
    void write(MessageWriter w) {
        writeTuple(w, CTA_TUPLE_ORIG, original);
        writeTuple(w, CTA_TUPLE_REPLY, reply);
        writeUnlessZero(w, CTA_STATUS, status);
        w.attrBe32(CTA_TIMEOUT, timeout);
        writeUnlessZero(w, CTA_MARK, mark);
        if (tcp != null) {
            int info = w.nest(CTA_PROTOINFO);
            int inner = w.nest(CTA_PROTOINFO_TCP);
            tcp.write(w);
            w.endNest(inner);
            w.endNest(info);
        }
        writeTraffic(w, CTA_COUNTERS_ORIG, sent);
        writeTraffic(w, CTA_COUNTERS_REPLY, answered);
        writeZone(w, zone);
        writeUnlessZero(w, CTA_ID, id);
        if (labels.length() > 0) {
            labels.write(w, CTA_LABELS);
        }
        unknown.forEach(u -> u.write(w));
    }

    /** What names it in {@code IPCTNL_MSG_CT_DELETE}: with the id, a later flow of the same tuple is left alone. */
    void writeKey(MessageWriter w) {
        writeTuple(w, CTA_TUPLE_ORIG, original);
        writeZone(w, zone);
        writeUnlessZero(w, CTA_ID, id);
    }

    static void writeTuple(MessageWriter w, int attribute, Tuple tuple) {
        int at = w.nest(attribute);
        tuple.write(w);
        w.endNest(at);
    }

    static void writeZone(MessageWriter w, int zone) {
        if (zone != 0) {
            w.attrBe16(CTA_ZONE, zone);
        }
    }

    private static void writeUnlessZero(MessageWriter w, int attribute, int value) {
        if (value != 0) {
            w.attrBe32(attribute, value);
        }
    }

    private static void writeTraffic(MessageWriter w, int attribute, @Nullable Traffic traffic) {
        if (traffic != null) {
            int at = w.nest(attribute);
            traffic.write(w);
            w.endNest(at);
        }
    }

    static Flow decode(ByteBuffer b, int offset, int length) {
        AttributeReader a = NfGenMessage.attributes(b, offset, length);
        Tuple original = null;
        Tuple reply = null;
        int status = 0;
        int timeout = 0;
        int mark = 0;
        int id = 0;
        int zone = 0;
        TcpInfo tcp = null;
        Traffic sent = null;
        Traffic answered = null;
        Bytes labels = Bytes.EMPTY;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case CTA_TUPLE_ORIG -> original = Tuple.read(a.nested());
                case CTA_TUPLE_REPLY -> reply = Tuple.read(a.nested());
                case CTA_STATUS -> status = a.be32();
                case CTA_TIMEOUT -> timeout = a.be32();
                case CTA_MARK -> mark = a.be32();
                case CTA_ID -> id = a.be32();
                case CTA_ZONE -> zone = a.be16();
                case CTA_COUNTERS_ORIG -> sent = Traffic.read(a.nested());
                case CTA_COUNTERS_REPLY -> answered = Traffic.read(a.nested());
                case CTA_LABELS -> labels = Bytes.of(a.bytes());
                case CTA_USE -> a.be32(); // how many hold it in the kernel, this dump among them
                case CTA_PROTOINFO -> {
                    TcpInfo info = readTcp(a);
                    if (info == null) {
                        unknown.add(RawAttribute.of(a));
                    } else {
                        tcp = info;
                    }
                }
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (original == null || reply == null) {
            throw new MalformedMessageException("a flow without its tuples", offset);
        }
        int family = NfGenMessage.family(b, offset, length);
        return new Flow(family, original, reply, status, timeout, mark, id, zone, tcp, sent, answered, labels, unknown);
    }

    /** @return null if it is of another protocol, or more is there than TCP's */
    private static @Nullable TcpInfo readTcp(AttributeReader a) {
        AttributeReader inside = a.nested();
        if (!inside.next() || inside.type() != CTA_PROTOINFO_TCP) {
            return null;
        }
        TcpInfo tcp = TcpInfo.read(inside.nested());
        return inside.next() ? null : tcp;
    }
}
