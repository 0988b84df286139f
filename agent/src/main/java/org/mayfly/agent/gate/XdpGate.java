package org.mayfly.agent.gate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.BpfProgram;
import org.mayfly.netlink.bpf.XdpLink;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * The gate on an interface. What it does may take seconds, since the kernel waits for others ({@code rtnl_lock()}) and some
 * drivers reset. Any thread may call; one waits for the other.
 */
public final class XdpGate {
    private static final int ETHERNET = 6;

    private final BpfMap key;
    private final Counters counters;
    private final Destinations destinations;
    private @Nullable XdpLink link;
    private XdpState state = XdpState.OFF;
    private boolean closed;

    XdpGate(BpfMap key, Counters counters, Destinations destinations) {
        this.key = key;
        this.counters = counters;
        this.destinations = destinations;
    }

    /**
     * Puts the gate before an interface, in the network namespace of the calling thread; in the driver, else behind it.
     * What is not a plain UDP packet for a socket of this host that takes knocks passes. To be called again when the
     * interface was made anew or has another address; the last call counts.
     *
     * @param ifindex of the interface
     * @param address of the interface: frames to others are not looked at
     * @throws XdpBusyException with one line, if there is an XDP program already, which is left alone
     * @throws IOException with one line: without CAP_BPF and CAP_NET_ADMIN, or if it is no interface for that
     */
    public synchronized void attach(int ifindex, LinkLayerAddress address) throws IOException {
        detach();
        if (closed) {
            throw cannotBe(ifindex, "it was closed");
        }
        if (!destinations.hasFour() && !destinations.hasSix()) {
            throw cannotBe(ifindex, "nothing but loopback is listened on by UDP");
        }
        if (address.bytes().length() != ETHERNET) {
            throw cannotBe(ifindex, "it is not Ethernet");
        }
        checkForwarding(ifindex);
        try (BpfProgram program = BpfProgram.load(
                BpfProgram.Type.XDP,
                "mayfly_gate_xdp",
                KernelGate.LICENCE,
                XdpProgram.write(key, counters, destinations, address))) {
            attach(program, ifindex);
        } catch (NetlinkException e) {
            if (e.errno() == Errno.EBUSY || e.errno() == Errno.EEXIST) {
                throw new XdpBusyException(
                        line(ifindex, "another XDP program is there; it was left alone (see: ip link show)"), e);
            }
            throw new IOException(line(ifindex, e.getMessage() + KernelGate.remedy(e.errno())), e);
        }
    }

    private static String line(int ifindex, String why) {
        return "the gate cannot be on interface " + ifindex + ": " + why;
    }

    private static IOException cannotBe(int ifindex, String why) {
        return new IOException(line(ifindex, why));
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
    private void attach(BpfProgram program, int ifindex) throws IOException {
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
    public synchronized void detach() {
        if (link != null) {
            link.close();
            link = null;
        }
        state = XdpState.OFF;
    }

    /** As the kernel says. */
    public synchronized XdpState state() throws IOException {
        return link == null || link.ifindex() == 0 ? XdpState.OFF : state;
    }

    /** For good: the maps that its program uses are closed after this. */
    synchronized void close() {
        closed = true;
        detach();
    }
}
