package org.mayfly.netlink.route;

import java.util.List;
import org.mayfly.netlink.MessageWriter;

/**
 * Which interfaces a dump is to tell; the kernel chooses. Source: {@code rtnl_dump_ifinfo} in
 * {@code net/core/rtnetlink.c}.
 *
 * @param kind {@code veth}, {@code bridge}, …; empty for all
 * @param master the number of the bridge (or its kind) whose ports are wanted; 0 for all
 */
public record LinkFilter(String kind, int master) {
    /** All of them. */
    public static final LinkFilter ALL = new LinkFilter("", 0);

    /** Of one kind. */
    public static LinkFilter ofKind(String kind) {
        return new LinkFilter(kind, 0);
    }

    /** The ports of a bridge, or its kind. */
    public static LinkFilter portsOf(Link master) {
        return new LinkFilter("", master.index());
    }

    /** The payload of {@code RTM_GETLINK}: with strict checking, the header is to be zeros. */
    void write(MessageWriter w) {
        w.zeros(Link.HEADER);
        if (master != 0) {
            w.attrU32(Link.IFLA_MASTER, master);
        }
        if (!kind.isEmpty()) {
            int start = w.open(Link.IFLA_LINKINFO);
            new LinkInfo(new LinkKind.Other(kind, List.of()), List.of()).write(w);
            w.endNest(start);
        }
    }

    /** A kernel that has no driver of that kind tells everything. */
    boolean matches(Link link) {
        return kind.isEmpty() || kind.equals(link.kind().name());
    }
}
