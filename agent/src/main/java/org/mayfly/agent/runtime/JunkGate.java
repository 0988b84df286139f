package org.mayfly.agent.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
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
 * The gate in the kernel: a length filter, the SipHash gate as the sockets' filter, the same on the interface. Each is tried
 * whatever became of the others, and one that cannot be had leaves a line that says why; what user space checks does not
 * depend on any of them. On the loop.
 */
final class JunkGate implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JunkGate.class.getName());

    private final GateChoice choice;
    private final GateKey key;

    /** Where knocks arrive by UDP. */
    private final List<InetSocketAddress> udp;

    /** Lines a minute about the interface, which others may make anew as often as they like. */
    private final LineLimit limit;

    private @Nullable KernelGate kernel;
    private @Nullable InterfaceGate onInterface;
    private boolean lengths;
    private boolean sockets;
    private InterfaceGate.Placed placed = InterfaceGate.Placed.NOWHERE;
    private Counts counts = new Counts(Tally.NONE, Tally.NONE);

    /** Why there is no more than there is at the sockets; empty if there is what was asked for. */
    private String lengthReason = "";

    private String socketReason = "";

    /** Why neither program can be had. */
    private String kernelReason = "";

    static JunkGate of(Configuration c, GateKey key, Clock clock) {
        return new JunkGate(c.gate(), key, c.udp(), clock);
    }

    /** @param udp where knocks arrive by UDP */
    JunkGate(GateChoice choice, GateKey key, List<InetSocketAddress> udp, Clock clock) {
        this.choice = choice;
        this.key = key;
        this.udp = List.copyOf(udp);
        this.limit = new LineLimit(clock, 5);
    }

    /**
     * Puts it before the sockets.
     *
     * @param descriptors of the UDP sockets; none if they cannot be had
     */
    void sockets(List<Integer> descriptors) {
        if (udp.isEmpty()) {
            socketReason = "no knocks are taken by UDP";
        } else {
            if (descriptors.isEmpty()) {
                socketReason = "sockets of the portable transport take no filter";
            } else {
                lengthFilters(descriptors);
            }
            if (choice == GateChoice.XDP || choice != GateChoice.USER && !descriptors.isEmpty()) {
                load(descriptors);
            }
        }
        String reason = reason();
        if (!reason.isEmpty()) {
            boolean asked = choice == GateChoice.SOCKET || choice == GateChoice.XDP;
            LOG.log(asked ? Level.WARNING : Level.INFO, "junk is refused in user space: " + reason);
        }
    }

    private void lengthFilters(List<Integer> descriptors) {
        try {
            for (int fd : descriptors) {
                KernelGate.lengthFilter(fd);
            }
            lengths = true;
        } catch (IOException | RuntimeException | LinkageError e) {
            lengthReason = "no length filter: " + e.getMessage();
        }
    }

    private void load(List<Integer> descriptors) {
        KernelGate loaded;
        try {
            loaded = KernelGate.load(key, udp);
        } catch (IOException | RuntimeException | LinkageError e) {
            kernelReason = String.valueOf(e.getMessage());
            return;
        }
        kernel = loaded;
        if (choice == GateChoice.XDP) {
            onInterface = new InterfaceGate(loaded.xdp());
        }
        try {
            for (int fd : descriptors) {
                loaded.attach(fd);
            }
            sockets = !descriptors.isEmpty();
        } catch (IOException | RuntimeException | LinkageError e) {
            socketReason = String.valueOf(e.getMessage());
        }
    }

    /** What is to follow the interface that packets come in by, off the loop; empty if it does not matter which that is. */
    Optional<InterfaceGate> onInterface() {
        return Optional.ofNullable(onInterface);
    }

    /** What came of that. */
    void placed(InterfaceGate.Placed now) {
        InterfaceGate.Placed before = placed;
        placed = now;
        PacketInterface on = now.on();
        boolean again = on != null && (before.on() == null || !on.isSamePlace(before.on()));
        boolean wrong = !now.reason().isEmpty() && !now.reason().equals(before.reason());
        if (!(again || wrong) || !limit.admits()) {
            return;
        }
        if (on == null) {
            LOG.warning(() -> "junk is not refused on the interface (XDP): " + now.reason());
        } else if (wrong) {
            LOG.warning(() -> "junk is refused on " + on.name() + " as before (XDP): " + now.reason());
        } else {
            LOG.info(() -> "junk is refused on " + on.name() + " from now on (XDP, " + mode(now.state()) + ")");
        }
    }

    private static String mode(XdpState state) {
        return state == XdpState.NATIVE ? "in the driver" : "behind the driver, which has no place for it";
    }

    StatusAnswer.Gate answer() {
        PacketInterface on = placed.on();
        String inForce = on != null ? "xdp" : sockets ? "socket" : lengths ? "length" : "user";
        String reason = reason();
        return new StatusAnswer.Gate(
                choice.toString(),
                inForce,
                on == null ? null : on.name(),
                switch (placed.state()) {
                    case OFF -> null;
                    case NATIVE -> "native";
                    case GENERIC -> "generic";
                },
                reason.isEmpty() ? null : reason);
    }

    /** Why there is no more; a filter for the tag looks at the length too. */
    private String reason() {
        List<String> reasons =
                new ArrayList<>(List.of(sockets ? "" : lengthReason, socketReason, kernelReason, placed.reason()));
        reasons.removeIf(String::isEmpty);
        return String.join("; ", reasons);
    }

    /** What the kernel refused and passed; when it cannot be asked, as it said last: these never go back. */
    Counts counts() {
        try {
            if (kernel != null) {
                counts = kernel.counts();
            }
        } catch (IOException | RuntimeException e) {
            // those of before
        }
        return counts;
    }

    /** Off the interface. The sockets keep their filters for as long as they are open. */
    @Override
    public void close() {
        if (kernel != null) {
            kernel.close();
        }
    }
}
