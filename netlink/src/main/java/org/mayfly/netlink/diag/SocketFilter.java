package org.mayfly.netlink.diag;

import java.net.InetAddress;

/**
 * Which sockets the kernel is to choose: an expression of conditions, as {@code ss} has them.
 *
 * <pre>{@code
 * SocketFilter.remote(InetAddress.getByName("2001:db8::"), 32).and(SocketFilter.localPorts(1000, 3000))
 * }</pre>
 *
 * <p>An IPv4 address holds for mapped ones of IPv6 sockets too. Does not change; compares by its conditions, and prints
 * as {@code ss} would read it. Source: {@code linux/inet_diag.h}, {@code inet_diag_bc_run} in {@code
 * net/ipv4/inet_diag.c}.
 */
public final class SocketFilter {
    /** All sockets. */
    public static final SocketFilter ANY = new SocketFilter(new Condition.Any());

    /** Bytes that an attribute has room for, and a jump. */
    static final int LONGEST = 0xfff0;

    private final Condition condition;

    private SocketFilter(Condition condition) {
        if (condition.length() > LONGEST) {
            throw new IllegalArgumentException("a filter of more than 64 KB");
        }
        this.condition = condition;
    }

    /** Sockets with this address at their own end. */
    public static SocketFilter local(InetAddress address) {
        return local(address, 8 * address.getAddress().length);
    }

    /**
     * Sockets whose own address is in a prefix.
     *
     * @param length bits of the prefix
     */
    public static SocketFilter local(InetAddress prefix, int length) {
        return new SocketFilter(new Condition.Prefix(true, prefix, length));
    }

    /** Sockets with this address at the other end. */
    public static SocketFilter remote(InetAddress address) {
        return remote(address, 8 * address.getAddress().length);
    }

    /**
     * Sockets whose peer's address is in a prefix.
     *
     * @param length bits of the prefix
     */
    public static SocketFilter remote(InetAddress prefix, int length) {
        return new SocketFilter(new Condition.Prefix(false, prefix, length));
    }

    public static SocketFilter localPort(int port) {
        return new SocketFilter(new Condition.Port(true, port));
    }

    public static SocketFilter remotePort(int port) {
        return new SocketFilter(new Condition.Port(false, port));
    }

    /** From the one to the other, both included. */
    public static SocketFilter localPorts(int from, int to) {
        return new SocketFilter(range(true, from, to));
    }

    /** From the one to the other, both included. */
    public static SocketFilter remotePorts(int from, int to) {
        return new SocketFilter(range(false, from, to));
    }

    private static Condition range(boolean local, int from, int to) {
        Condition least = new Condition.Bound(local, true, from);
        Condition greatest = new Condition.Bound(local, false, to);
        return to == 0xffff ? least : from == 0 ? greatest : new Combination.And(least, greatest);
    }

    /** Sockets bound to an interface, as those of link-local addresses are. Kernel 4.20. */
    public static SocketFilter boundTo(int interfaceIndex) {
        return new SocketFilter(new Condition.Interface(interfaceIndex));
    }

    /**
     * Sockets by their mark ({@code SO_MARK}). Needs CAP_NET_ADMIN; kernel 4.12.
     *
     * @param mask the bits that count
     */
    public static SocketFilter mark(int value, int mask) {
        return new SocketFilter(new Condition.Mark(value, mask));
    }

    /**
     * Sockets made in a cgroup. Kernel 5.9.
     *
     * @param id the inode of the directory in the cgroup2 file system
     */
    public static SocketFilter cgroup(long id) {
        return new SocketFilter(new Condition.Cgroup(id));
    }

    public SocketFilter and(SocketFilter other) {
        if (condition instanceof Condition.Any) {
            return other;
        }
        return other.condition instanceof Condition.Any
                ? this
                : new SocketFilter(new Combination.And(condition, other.condition));
    }

    public SocketFilter or(SocketFilter other) {
        return new SocketFilter(new Combination.Or(condition, other.condition));
    }

    public SocketFilter not() {
        return new SocketFilter(new Combination.Not(condition));
    }

    Condition condition() {
        return condition;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SocketFilter f && condition.equals(f.condition);
    }

    @Override
    public int hashCode() {
        return condition.hashCode();
    }

    @Override
    public String toString() {
        return condition.toString();
    }
}
