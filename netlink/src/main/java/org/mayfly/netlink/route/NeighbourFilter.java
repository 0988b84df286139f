package org.mayfly.netlink.route;

import org.mayfly.netlink.MessageWriter;

/**
 * Which neighbours a dump is to tell; the kernel chooses. Source: {@code neigh_dump_info} in
 * {@code net/core/neighbour.c}.
 *
 * @param family {@code AF_INET} or {@code AF_INET6}; 0 for both
 * @param index of the interface; 0 for all
 * @param master the number of the bridge (or its kind) to which the interface belongs; 0 for all
 * @param proxy whether the proxy entries are wanted, instead of the neighbours
 */
public record NeighbourFilter(int family, int index, int master, boolean proxy) {
    /** All neighbours. */
    public static final NeighbourFilter ALL = new NeighbourFilter(0, 0, 0, false);

    /** All proxy entries. */
    public static final NeighbourFilter PROXIES = new NeighbourFilter(0, 0, 0, true);

    /** The neighbours on one interface. */
    public static NeighbourFilter on(Link link) {
        return new NeighbourFilter(0, link.index(), 0, false);
    }

    /** The payload of {@code RTM_GETNEIGH}: with strict checking, the header's own index is to be 0. */
    void write(MessageWriter w) {
        w.u8(family).zeros(3).u32(0).u16(0).u8(proxy ? Neighbour.NTF_PROXY : 0).u8(0);
        if (index != 0) {
            w.attrU32(Neighbour.NDA_IFINDEX, index);
        }
        if (master != 0) {
            w.attrU32(Neighbour.NDA_MASTER, master);
        }
    }
}
