package org.mayfly.netlink.route;

import org.mayfly.netlink.MessageWriter;

/**
 * Which addresses a dump is to give. The kernel chooses, so that what is not wanted is not sent.
 *
 * <p>Source: {@code inet_valid_dump_ifaddr_req} in {@code net/ipv4/devinet.c}; Linux 4.20 and later.
 *
 * @param family {@link Route#AF_INET} or {@link Route#AF_INET6}; 0 for both
 * @param index of the interface; 0 for all
 * @param targetNetnsid of another namespace, by the number that this one knows it by; -1 for this one
 */
public record AddressFilter(int family, int index, int targetNetnsid) {
    /** All addresses of both families. */
    public static final AddressFilter ALL = new AddressFilter(0, 0, -1);

    public AddressFilter withFamily(int family) {
        return new AddressFilter(family, index, targetNetnsid);
    }

    public AddressFilter withIndex(int index) {
        return new AddressFilter(family, index, targetNetnsid);
    }

    /** Looks into another namespace, as {@code ip -n} would with a process of its own. */
    public AddressFilter withTargetNetnsid(int targetNetnsid) {
        return new AddressFilter(family, index, targetNetnsid);
    }

    /** The payload of {@code RTM_GETADDR}. */
    void write(MessageWriter w) {
        w.u8(family).zeros(3).u32(index);
        if (targetNetnsid >= 0) {
            w.attrU32(Address.IFA_TARGET_NETNSID, targetNetnsid);
        }
    }
}
