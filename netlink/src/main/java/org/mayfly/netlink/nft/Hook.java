package org.mayfly.netlink.nft;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;

/**
 * Where packets enter a base chain.
 *
 * @param number {@code NF_INET_*}
 * @param priority order among the chains at the same hook, lowest first
 */
public record Hook(int number, int priority) {
    /** {@code NF_INET_LOCAL_IN}: packets for this host. */
    public static final int INPUT = 1;

    /** {@code NF_INET_FORWARD}: packets for others. */
    public static final int FORWARD = 2;

    private static final int NFTA_HOOK_HOOKNUM = 1;
    private static final int NFTA_HOOK_PRIORITY = 2;

    static final AttributeNames NAMES = AttributeNames.of("NFTA_HOOK_", "UNSPEC HOOKNUM PRIORITY DEV DEVS");

    void write(MessageWriter w, int type) {
        int nest = w.nest(type);
        w.attrBe32(NFTA_HOOK_HOOKNUM, number).attrBe32(NFTA_HOOK_PRIORITY, priority);
        w.endNest(nest);
    }

    /** Null if it is tied to devices, which this library does not do. */
    static @Nullable Hook read(AttributeReader a) {
        int number = -1;
        int priority = 0;
        while (a.next()) {
            switch (a.type()) {
                case NFTA_HOOK_HOOKNUM -> number = a.be32();
                case NFTA_HOOK_PRIORITY -> priority = a.be32();
                default -> {
                    return null;
                }
            }
        }
        return number < 0 ? null : new Hook(number, priority);
    }
}
