package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.AttributeTable.types;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Loads something about the socket of this host that the packet is for. A packet without one ends the rule there. Source:
 * {@code enum nft_socket_keys} in {@code linux/netfilter/nf_tables.h}.
 *
 * @param key {@code NFT_SOCKET_*}
 * @param level of {@link #CGROUPV2}, how deep below the root the control group is that is asked for, 1 to 255; else 0
 * @param register where to
 */
public record Socket(int key, int level, int register) implements Expression {
    /** Whether it has {@code IP_TRANSPARENT} set, one byte. */
    public static final int TRANSPARENT = 0;

    /** Its mark, 4 bytes in host order. */
    public static final int MARK = 1;

    /** Whether it is bound to all addresses, one byte. */
    public static final int WILDCARD = 2;

    /** Number (inode) of its control group at {@link #level}, 8 bytes in host order. */
    public static final int CGROUPV2 = 3;

    static final String NAME = "socket";

    static final AttributeNames NAMES = AttributeNames.of("NFTA_SOCKET_", "UNSPEC KEY DREG LEVEL");

    private static final int NFTA_SOCKET_KEY = 1;
    private static final int NFTA_SOCKET_DREG = 2;
    private static final int NFTA_SOCKET_LEVEL = 3;

    /** Of a key without a level. */
    public Socket(int key, int register) {
        this(key, 0, register);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void writeData(MessageWriter w) {
        w.attrBe32(NFTA_SOCKET_KEY, key).attrBe32(NFTA_SOCKET_DREG, register).attrBe32(NFTA_SOCKET_LEVEL, level);
    }

    static @Nullable Socket read(AttributeReader a) {
        AttributeTable tb = AttributeTable.of(a);
        if (!tb.holds(types(NFTA_SOCKET_KEY, NFTA_SOCKET_DREG), types(NFTA_SOCKET_LEVEL))) {
            return null;
        }
        return new Socket(tb.be32(NFTA_SOCKET_KEY), tb.be32(NFTA_SOCKET_LEVEL, 0), tb.be32(NFTA_SOCKET_DREG));
    }
}
