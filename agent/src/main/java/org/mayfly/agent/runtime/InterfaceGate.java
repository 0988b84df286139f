package org.mayfly.agent.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.gate.XdpBusyException;
import org.mayfly.agent.gate.XdpGate;
import org.mayfly.agent.gate.XdpState;

/** Keeps the gate on the interface that packets come in by. On the worker, since the kernel may take seconds for it. */
final class InterfaceGate {
    private final XdpGate xdp;
    private Placed placed = Placed.NOWHERE;

    /** Where another program was; while all there is as it was then, it is not tried again. */
    private @Nullable PacketInterface busy;

    /**
     * Where the gate is.
     *
     * @param on null if it is on none
     * @param state {@link XdpState#OFF} if it is on none
     * @param reason why it is not where it should be; or nothing
     */
    record Placed(@Nullable PacketInterface on, XdpState state, String reason) {
        static final Placed NOWHERE = new Placed(null, XdpState.OFF, "");

        static Placed nowhere(String reason) {
            return new Placed(null, XdpState.OFF, reason);
        }
    }

    InterfaceGate(XdpGate xdp) {
        this.xdp = xdp;
    }

    /**
     * Puts it where packets come in, unless it is there. In the network namespace of the calling thread. Nothing is thrown:
     * what is wrong is the reason.
     *
     * @param ofDoors the interface of the doors
     */
    Placed follow(String ofDoors) {
        try {
            follow(PacketInterface.find(ofDoors));
        } catch (IOException | RuntimeException | LinkageError e) { // it stays where it is
            String why = "the interface that packets come in by cannot be told: " + e.getMessage();
            placed = new Placed(placed.on, placed.state, why);
        }
        return placed;
    }

    /** @param by null if packets come in by none that takes it */
    Placed follow(@Nullable PacketInterface by) {
        if (by == null) {
            xdp.detach();
            placed = Placed.nowhere("packets come in by no Ethernet interface");
        } else if (isOn(by)) {
            placed = new Placed(by, placed.state, "");
        } else if (!by.equals(busy)) {
            placed = attached(by);
        }
        return placed;
    }

    private boolean isOn(PacketInterface by) {
        try {
            return placed.on != null && by.isSamePlace(placed.on) && xdp.state() != XdpState.OFF;
        } catch (IOException e) {
            return false;
        }
    }

    private Placed attached(PacketInterface by) {
        busy = null;
        try {
            xdp.attach(by.index(), by.address());
            XdpState state = xdp.state();
            return state == XdpState.OFF ? Placed.nowhere(by.name() + ": it is gone again") : new Placed(by, state, "");
        } catch (XdpBusyException e) {
            busy = by;
            return Placed.nowhere(by.name() + ": " + e.getMessage());
        } catch (IOException | RuntimeException | LinkageError e) {
            return Placed.nowhere(by.name() + ": " + e.getMessage());
        }
    }
}
