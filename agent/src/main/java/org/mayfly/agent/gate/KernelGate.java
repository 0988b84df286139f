package org.mayfly.agent.gate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.BpfProgram;
import org.mayfly.netlink.bpf.ClassicFilter;

/**
 * The gate in the kernel: its key and its counters, which are there first, and two programs that use them and need not both
 * be had. One thread uses it; {@link #xdp} has others in mind.
 */
public final class KernelGate implements AutoCloseable {
    /** {@code bpf_fib_lookup()} is for programs that the GPL is compatible with. */
    static final String LICENCE = "Dual MIT/GPL";

    private final BpfMap key;
    private final Counters counters;
    private final XdpGate xdp;
    private @Nullable BpfProgram filter;

    private KernelGate(BpfMap key, Counters counters, Destinations destinations) {
        this.key = key;
        this.counters = counters;
        this.xdp = new XdpGate(key, counters, destinations);
    }

    /**
     * Has the kernel drop what is not a datagram of 96 bytes before it is put into the socket's buffer. Needs no
     * capability. Takes the place of a filter that the socket has.
     *
     * @param fd of a UDP socket
     */
    public static void lengthFilter(int fd) throws IOException {
        ClassicFilter.onlyOfLength(fd, SocketProgram.UDP + Packet.LENGTH);
    }

    /**
     * Brings the key into the kernel; nothing goes through the gate yet.
     *
     * @param udp the sockets that take knocks by UDP, as they are bound
     * @throws IOException with one line that says why and what to do: without CAP_BPF, in a user namespace, or on a kernel
     *     that has no place for it
     */
    public static KernelGate load(GateKey key, Collection<InetSocketAddress> udp) throws IOException {
        try {
            BpfMap keys = BpfMap.array("mayfly_key", GateKey.LENGTH, 1);
            try {
                keys.update(0, key.secret().copy());
                return new KernelGate(keys, new Counters(), new Destinations(udp));
            } catch (IOException e) {
                keys.close();
                throw e;
            }
        } catch (NetlinkException e) {
            throw cannotBe(e);
        }
    }

    private static IOException cannotBe(NetlinkException e) {
        return new IOException("the gate cannot be in the kernel: " + e.getMessage() + remedy(e.errno()), e);
    }

    static String remedy(int errno) {
        return switch (errno) {
            case Errno.EPERM ->
                "; give mayflyd CAP_BPF, and on an interface CAP_NET_ADMIN too; a user namespace has none; before Linux "
                        + "5.11 it may be too little RLIMIT_MEMLOCK";
            case Errno.ENOSYS -> "; this kernel, or this machine, has no place for it";
            default -> "";
        };
    }

    /**
     * Has a socket take only what has the right length and the right tag. Takes the place of its length filter.
     *
     * @throws IOException with one line: as {@link #load}
     */
    public void attach(int fd) throws IOException {
        try {
            filter().attach(fd);
        } catch (NetlinkException e) {
            throw cannotBe(e);
        }
    }

    /** Loaded when it is needed first: where a socket takes none, the interface may. */
    BpfProgram filter() throws IOException {
        BpfProgram loaded = filter;
        if (loaded == null) {
            loaded = BpfProgram.load(
                    BpfProgram.Type.SOCKET_FILTER, "mayfly_gate", LICENCE, SocketProgram.write(key, counters));
            filter = loaded;
        }
        return loaded;
    }

    /** The same on an interface, until this is closed. */
    public XdpGate xdp() {
        return xdp;
    }

    /** From now on packets are checked with another key, at all sockets and on the interface. */
    public void key(GateKey to) throws IOException {
        key.update(0, to.secret().copy());
    }

    /** What was passed and dropped until now. */
    public Counts counts() throws IOException {
        return counters.counts();
    }

    /**
     * Takes it off the interface, once nobody is putting it there. A socket keeps its filter for as long as it is open. A
     * second time does nothing.
     */
    @Override
    public void close() {
        xdp.close();
        if (filter != null) {
            filter.close();
        }
        counters.close();
        key.close();
    }
}
