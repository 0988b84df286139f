package org.mayfly.agent.gate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.BpfProgram;
import org.mayfly.netlink.bpf.ClassicFilter;
import org.mayfly.netlink.bpf.XdpLink;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.RouteNetlink;

/** The gate in the kernel. One thread uses it. */
public final class KernelGate implements AutoCloseable {
    private static final int ETHERNET = 6;

    /** {@code bpf_fib_lookup()} is for programs that the GPL is compatible with. */
    private static final String LICENCE = "Dual MIT/GPL";

    private final BpfMap key;
    private final Counters counters;
    private final Set<Integer> ports;
    private final BpfProgram socket;
    private @Nullable XdpLink link;
    private XdpState state = XdpState.OFF;

    private KernelGate(BpfMap key, Counters counters, Set<Integer> ports) throws IOException {
        this.key = key;
        this.counters = counters;
        this.ports = Set.copyOf(ports);
        this.socket = BpfProgram.load(
                BpfProgram.Type.SOCKET_FILTER, "mayfly_gate", LICENCE, SocketProgram.write(key, counters));
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
     * Brings the gate into the kernel; nothing goes through it yet.
     *
     * @param udpPorts where knocks arrive
     * @throws IOException with one line that says why and what to do: without CAP_BPF, in a user namespace, or on a kernel
     *     that has no place for it
     */
    public static KernelGate load(GateKey key, Set<Integer> udpPorts) throws IOException {
        try {
            return loaded(key, udpPorts);
        } catch (NetlinkException e) {
            throw new IOException("the gate cannot be in the kernel: " + e.getMessage() + remedy(e.errno()), e);
        }
    }

    private static KernelGate loaded(GateKey key, Set<Integer> udpPorts) throws IOException {
        BpfMap keys = BpfMap.array("mayfly_key", GateKey.LENGTH, 1);
        try {
            keys.update(0, key.secret().copy());
            Counters counters = new Counters();
            try {
                return new KernelGate(keys, counters, udpPorts);
            } catch (IOException e) {
                counters.close();
                throw e;
            }
        } catch (IOException e) {
            keys.close();
            throw e;
        }
    }

    private static String remedy(int errno) {
        return switch (errno) {
            case Errno.EPERM ->
                "; give mayflyd CAP_BPF, and on an interface CAP_NET_ADMIN too; a user namespace has none";
            case Errno.ENOSYS -> "; this kernel, or this machine, has no place for it";
            default -> "";
        };
    }

    /** Has a socket take only what has the right length and the right tag. Takes the place of its length filter. */
    public void attach(int fd) throws IOException {
        socket.attach(fd);
    }

    /**
     * Puts the gate before an interface, in the network namespace of the calling thread; in the driver, else behind it.
     * What is neither a plain UDP packet for this host nor to a knock port passes. To be called again when the interface
     * was made anew or has another address; the last call counts.
     *
     * @param ifindex of the interface
     * @param address of the interface: frames to others are not looked at
     * @throws IOException with one line: if there is an XDP program already, which is left alone, or without CAP_BPF and
     *     CAP_NET_ADMIN
     */
    public void attachXdp(int ifindex, LinkLayerAddress address) throws IOException {
        detachXdp();
        if (address.bytes().length() != ETHERNET) {
            throw cannotBe(ifindex, "it is not Ethernet");
        }
        checkForwarding(ifindex);
        try (BpfProgram program = BpfProgram.load(
                BpfProgram.Type.XDP, "mayfly_gate_xdp", LICENCE, XdpProgram.write(key, counters, ports, address))) {
            attachXdp(program, ifindex);
        } catch (NetlinkException e) {
            IOException why = e.errno() == Errno.EBUSY || e.errno() == Errno.EEXIST
                    ? cannotBe(ifindex, "another XDP program is there; it was left alone (see: ip link show)")
                    : cannotBe(ifindex, e.getMessage() + remedy(e.errno()));
            why.initCause(e);
            throw why;
        }
    }

    private static IOException cannotBe(int ifindex, String why) {
        return new IOException("the gate cannot be on interface " + ifindex + ": " + why);
    }

    /** {@code ip6_forward()} looks at a setting that {@code bpf_fib_lookup()} does not know (Linux 6.17). */
    private static void checkForwarding(int ifindex) throws IOException {
        Path forced = Path.of("/proc/sys/net/ipv6/conf", name(ifindex), "force_forwarding");
        if (Files.exists(forced) && !Files.readString(forced).strip().equals("0")) {
            throw cannotBe(
                    ifindex,
                    "it could not tell what is forwarded; use net.ipv6.conf.all.forwarding, not force_forwarding");
        }
    }

    private static String name(int ifindex) throws IOException {
        try (RouteNetlink route = RouteNetlink.open()) {
            return route.link(ifindex)
                    .orElseThrow(() -> cannotBe(ifindex, "there is none"))
                    .name();
        }
    }

    /** A link keeps its program. */
    private void attachXdp(BpfProgram program, int ifindex) throws IOException {
        try {
            link = XdpLink.attach(program, ifindex, XdpLink.Mode.NATIVE);
            state = XdpState.NATIVE;
        } catch (NetlinkException e) {
            switch (e.errno()) {
                case Errno.EBUSY, Errno.EEXIST, Errno.EPERM, Errno.ENODEV -> throw e;
                default -> {
                    link = XdpLink.attach(program, ifindex, XdpLink.Mode.GENERIC);
                    state = XdpState.GENERIC;
                }
            }
        }
    }

    /** Takes it off the interface. Without one, does nothing. */
    public void detachXdp() {
        if (link != null) {
            link.close();
            link = null;
        }
        state = XdpState.OFF;
    }

    /** As the kernel says. */
    public XdpState xdp() throws IOException {
        return link == null || link.ifindex() == 0 ? XdpState.OFF : state;
    }

    /** From now on packets are checked with another key, at all sockets and on the interface. */
    public void key(GateKey to) throws IOException {
        key.update(0, to.secret().copy());
    }

    /** What was passed and dropped until now. */
    public Counts counts() throws IOException {
        return counters.counts();
    }

    /** Takes it off the interface. A socket keeps its filter for as long as it is open. A second time does nothing. */
    @Override
    public void close() {
        detachXdp();
        socket.close();
        counters.close();
        key.close();
    }
}
