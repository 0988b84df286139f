package org.mayfly.netlink.conntrack;

import java.util.ArrayList;
import java.util.List;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What conntrack knows of a TCP connection. Source: {@code enum ctattr_protoinfo_tcp} in {@code
 * linux/netfilter/nfnetlink_conntrack.h}, {@code linux/netfilter/nf_conntrack_tcp.h}.
 *
 * @param state {@code TCP_CONNTRACK_*}: {@link #ESTABLISHED} and its kind; not the numbers of sockets
 * @param wscaleOriginal window scale, in bits
 * @param flagsOriginal {@code IP_CT_TCP_FLAG_*} seen in this direction
 * @param unknown attributes this library has no name for
 */
public record TcpInfo(
        int state, int wscaleOriginal, int wscaleReply, int flagsOriginal, int flagsReply, List<RawAttribute> unknown) {
    public static final int SYN_SENT = 1;
    public static final int SYN_RECV = 2;
    public static final int ESTABLISHED = 3;
    public static final int FIN_WAIT = 4;
    public static final int CLOSE_WAIT = 5;
    public static final int LAST_ACK = 6;
    public static final int TIME_WAIT = 7;
    public static final int CLOSE = 8;

    private static final int CTA_PROTOINFO_TCP_STATE = 1;
    private static final int CTA_PROTOINFO_TCP_WSCALE_ORIGINAL = 2;
    private static final int CTA_PROTOINFO_TCP_WSCALE_REPLY = 3;
    private static final int CTA_PROTOINFO_TCP_FLAGS_ORIGINAL = 4;
    private static final int CTA_PROTOINFO_TCP_FLAGS_REPLY = 5;

    static final AttributeNames NAMES = AttributeNames.of(
            "CTA_PROTOINFO_TCP_", "UNSPEC STATE WSCALE_ORIGINAL WSCALE_REPLY FLAGS_ORIGINAL FLAGS_REPLY");

    public TcpInfo {
        unknown = List.copyOf(unknown);
    }

    /** In this state, and nothing else is known. */
    public TcpInfo(int state) {
        this(state, 0, 0, 0, 0, List.of());
    }

    void write(MessageWriter w) {
        w.attrU8(CTA_PROTOINFO_TCP_STATE, state);
        if (wscaleOriginal != 0 || wscaleReply != 0) { // the kernel wants both or none
            w.attrU8(CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, wscaleOriginal)
                    .attrU8(CTA_PROTOINFO_TCP_WSCALE_REPLY, wscaleReply);
        }
        writeFlags(w, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, flagsOriginal);
        writeFlags(w, CTA_PROTOINFO_TCP_FLAGS_REPLY, flagsReply);
        unknown.forEach(u -> u.write(w));
    }

    /** {@code struct nf_ct_tcp_flags}: the flags, and which of them the kernel is to take over. */
    private static void writeFlags(MessageWriter w, int attribute, int flags) {
        if (flags != 0) {
            int at = w.open(attribute);
            w.u8(flags).u8(flags);
            w.endNest(at);
        }
    }

    static TcpInfo read(AttributeReader a) {
        int state = 0;
        int wscaleOriginal = 0;
        int wscaleReply = 0;
        int flagsOriginal = 0;
        int flagsReply = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case CTA_PROTOINFO_TCP_STATE -> state = a.u8();
                case CTA_PROTOINFO_TCP_WSCALE_ORIGINAL -> wscaleOriginal = a.u8();
                case CTA_PROTOINFO_TCP_WSCALE_REPLY -> wscaleReply = a.u8();
                case CTA_PROTOINFO_TCP_FLAGS_ORIGINAL -> flagsOriginal = a.u8();
                case CTA_PROTOINFO_TCP_FLAGS_REPLY -> flagsReply = a.u8();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new TcpInfo(state, wscaleOriginal, wscaleReply, flagsOriginal, flagsReply, unknown);
    }
}
