package org.mayfly.agent.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.StatusAnswer;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.GateChoice;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.gate.Counts;
import org.mayfly.agent.gate.KernelGate;
import org.mayfly.agent.gate.Tally;
import org.mayfly.agent.gate.XdpState;
import org.mayfly.knock.GateKey;

/**
 * The gate in the kernel: a length filter, the SipHash gate as the sockets' filter, the same on the interface. Each step
 * that cannot be taken leaves those before it, with a line that says why; what user space checks does not depend on any
 * of them. On the loop.
 */
final class JunkGate implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JunkGate.class.getName());
    private static final Counts NOTHING = new Counts(Tally.NONE, Tally.NONE);

    private final GateChoice choice;
    private final GateKey key;
    private final Set<Integer> ports;

    /** Lines a minute about the interface, which others may make anew as often as they like. */
    private final LineLimit limit;

    private @Nullable KernelGate kernel;
    private boolean lengths;
    private boolean sockets;
    private @Nullable PacketInterface attached;

    /** Why there is no more than there is; empty if there is what was asked for. */
    private String socketReason = "";

    private String xdpReason = "";

    static JunkGate of(Configuration c, GateKey key, Clock clock) {
        Set<Integer> ports = c.udp().stream().map(InetSocketAddress::getPort).collect(Collectors.toSet());
        return new JunkGate(c.gate(), key, ports, clock);
    }

    /** @param ports where knocks arrive by UDP */
    JunkGate(GateChoice choice, GateKey key, Set<Integer> ports, Clock clock) {
        this.choice = choice;
        this.key = key;
        this.ports = Set.copyOf(ports);
        this.limit = new LineLimit(clock, 5);
    }

    /**
     * Puts it before the sockets.
     *
     * @param descriptors of the UDP sockets; none if they cannot be had
     */
    void sockets(List<Integer> descriptors) {
        if (ports.isEmpty()) {
            socketReason = "no knocks are taken by UDP";
        } else if (descriptors.isEmpty()) {
            socketReason = "sockets of the portable transport take no filter";
        } else {
            lengthFilters(descriptors);
            if (choice != GateChoice.USER) {
                socketFilters(descriptors);
            }
        }
        if (!socketReason.isEmpty()) {
            boolean asked = choice == GateChoice.SOCKET || choice == GateChoice.XDP;
            LOG.log(asked ? Level.WARNING : Level.INFO, "junk is refused in user space: " + socketReason);
        }
    }

    private void lengthFilters(List<Integer> descriptors) {
        try {
            for (int fd : descriptors) {
                KernelGate.lengthFilter(fd);
            }
            lengths = true;
        } catch (IOException | RuntimeException | LinkageError e) {
            socketReason = "no length filter: " + e.getMessage();
        }
    }

    private void socketFilters(List<Integer> descriptors) {
        try {
            KernelGate loaded = KernelGate.load(key, ports);
            kernel = loaded;
            for (int fd : descriptors) {
                loaded.attach(fd);
            }
            sockets = true;
        } catch (IOException | RuntimeException | LinkageError e) {
            socketReason = String.valueOf(e.getMessage());
        }
    }

    /** Whether it matters to it by which interface packets come in. */
    boolean follows() {
        return choice == GateChoice.XDP && kernel != null;
    }

    /** Puts it before that interface, unless it is there; null if packets come in by none that takes it. */
    void follow(@Nullable PacketInterface by) {
        KernelGate gate = kernel;
        if (gate == null || choice != GateChoice.XDP) {
            return;
        }
        if (by == null) {
            gate.detachXdp();
            attached = null;
            xdp("packets come in by no Ethernet interface");
        } else if (!by.equals(attached) || state(gate) == XdpState.OFF) {
            attach(gate, by);
        }
    }

    private void attach(KernelGate gate, PacketInterface by) {
        try {
            gate.attachXdp(by.index(), by.address());
            attached = by;
            xdpReason = "";
            if (limit.admits()) {
                LOG.info(() -> "junk is refused on " + by.name() + " from now on (XDP, " + mode(state(gate)) + ")");
            }
        } catch (IOException | RuntimeException e) {
            attached = null;
            xdp(by.name() + ": " + e.getMessage());
        }
    }

    private void xdp(String reason) {
        boolean news = !reason.equals(xdpReason);
        xdpReason = reason;
        if (news && limit.admits()) {
            LOG.warning(() -> "junk is not refused on the interface (XDP): " + reason);
        }
    }

    private static XdpState state(KernelGate gate) {
        try {
            return gate.xdp();
        } catch (IOException e) {
            return XdpState.OFF;
        }
    }

    private static String mode(XdpState state) {
        return state == XdpState.NATIVE ? "in the driver" : "behind the driver, which has no place for it";
    }

    StatusAnswer.Gate answer() {
        KernelGate gate = kernel;
        XdpState xdp = gate == null || attached == null ? XdpState.OFF : state(gate);
        PacketInterface on = attached;
        String inForce = xdp != XdpState.OFF ? "xdp" : sockets ? "socket" : lengths ? "length" : "user";
        List<String> reasons = new ArrayList<>(List.of(socketReason, xdpReason));
        reasons.removeIf(String::isEmpty);
        return new StatusAnswer.Gate(
                choice.toString(),
                inForce,
                xdp == XdpState.OFF || on == null ? null : on.name(),
                switch (xdp) {
                    case OFF -> null;
                    case NATIVE -> "native";
                    case GENERIC -> "generic";
                },
                reasons.isEmpty() ? null : String.join("; ", reasons));
    }

    /** What the kernel refused and passed. */
    Counts counts() {
        try {
            return kernel == null ? NOTHING : kernel.counts();
        } catch (IOException e) {
            return NOTHING;
        }
    }

    /** Off the interface. The sockets keep their filters for as long as they are open. */
    @Override
    public void close() {
        if (kernel != null) {
            kernel.close();
        }
    }
}
