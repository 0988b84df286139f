package org.mayfly.netlink.route;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * One end of a pair of virtual Ethernet interfaces: veth(4).
 *
 * <pre>
 *  IFLA_INFO_DATA:  VETH_INFO_PEER { struct ifinfomsg | attributes as in RTM_NEWLINK }
 * </pre>
 *
 * <p>Source: {@code linux/veth.h}.
 *
 * @param peer what the other end is to be like. Null leaves that to the kernel; of a link that was read it is always null,
 *     since the kernel does not say: see {@link Link#link} and {@link Link#linkNetnsId}
 * @param unknown what else came
 */
public record Veth(@Nullable LinkSettings peer, List<RawAttribute> unknown) implements LinkKind {
    static final String NAME = "veth";

    static final AttributeNames NAMES = AttributeNames.of("VETH_INFO_", "UNSPEC PEER");

    static final Veth OF_UNKNOWN_PEER = new Veth(null, List.of());

    private static final int VETH_INFO_PEER = 1;

    public Veth {
        unknown = List.copyOf(unknown);
    }

    /** One whose other end is to be as said, in another namespace perhaps. It is a veth in any case. */
    public static Veth to(LinkSettings peer) {
        return new Veth(peer.kind(LinkKind.NONE), List.of());
    }

    @Override
    public String name() {
        return NAME;
    }

    boolean isEmpty() {
        return peer == null && unknown.isEmpty();
    }

    void write(MessageWriter w) {
        if (peer != null) {
            int start = w.open(VETH_INFO_PEER);
            peer.write(w);
            w.endNest(start);
        }
        unknown.forEach(a -> a.write(w));
    }

    static Veth read(AttributeReader a) {
        LinkSettings peer = null;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case VETH_INFO_PEER -> peer = peer(a);
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        return new Veth(peer, unknown);
    }

    private static LinkSettings peer(AttributeReader a) {
        byte[] message = a.bytes();
        return LinkSettings.decodePeer(ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()), message.length);
    }
}
