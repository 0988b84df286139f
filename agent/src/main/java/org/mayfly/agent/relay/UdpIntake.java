package org.mayfly.agent.relay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.UdpDescriptor;

/**
 * The sockets that listen on a relayed UDP port. What comes to them is of a flow that is not open yet, so it is held and the
 * agent is asked; when the flow opens, its own sockets take over, and the kernel gives them what follows.
 */
final class UdpIntake {
    /** What is read before those that have just been opened are heard: what a listening socket can hold, and more. */
    private static final int BURSTS_OF_A_BIRTH = 256;

    /** What all that wait have held, in bytes. */
    private static final int HELD = 4 << 20;

    /** The agent, on its loop. */
    interface Question {
        /**
         * @param answer told, on the relay's loop, which of them are let in
         * @throws RejectedExecutionException if the agent has ended
         */
        void ask(List<UdpKey> keys, Consumer<BitSet> answer);
    }

    private final UdpRelay relay;
    private final Question agent;
    private final UdpRefusals refusals;
    private final List<WatchedSocket> listening = new ArrayList<>();
    private List<UdpFlow> toAskAbout = new ArrayList<>();
    private int heldBytes;

    UdpIntake(UdpRelay relay, Question agent, LongSupplier clock) {
        this.relay = relay;
        this.agent = agent;
        this.refusals = new UdpRefusals(clock);
    }

    /** Begins to hear a listening socket, which belongs to this from now on. */
    void listen(UdpDescriptor descriptor) throws IOException {
        WatchedSocket socket = new WatchedSocket(
                relay.loop(),
                descriptor,
                s -> {
                    hear(s, UdpRelay.BURSTS_OF_A_TURN);
                    ask();
                },
                this::later);
        listening.add(socket);
        socket.watch();
    }

    /** Reads what has come until now. */
    void hearAll() {
        for (WatchedSocket socket : listening) {
            if (!socket.isPaused()) {
                hear(socket, BURSTS_OF_A_BIRTH);
            }
        }
    }

    /** It is still there to be read, so the loop would come back at once, and again. */
    private void later(WatchedSocket socket, Throwable why) {
        socket.pause();
        relay.tell("cannot be read; trying again every second: " + why.getMessage());
    }

    private void hear(WatchedSocket socket, int bursts) {
        try {
            for (int i = 0; i < bursts; i++) {
                int count = relay.burst.receive(socket.number());
                for (int j = 0; j < count; j++) {
                    arrived(j, new Ip6Address(relay.burst.destinationHigh(j), relay.burst.destinationLow(j)));
                }
                if (count < relay.burst.size()) {
                    return;
                }
            }
        } catch (NetlinkException e) {
            later(socket, e);
        }
    }

    /** A datagram of the burst that no flow's socket took. */
    void arrived(int index, Ip6Address door) {
        if (door.isUnspecified()) { // it was broadcast
            relay.tally.dropped.increment();
            return;
        }
        UdpKey key = UdpKey.of(relay.burst, index, door);
        UdpFlow flow = relay.find(key);
        if (flow == null && !refusals.isRecent(key)) {
            flow = relay.begin(key);
            toAskAbout.add(flow);
        }
        if (flow == null) {
            relay.tally.dropped.increment();
        } else if (flow.isOpen()) {
            relay.toTarget(flow, index, index + 1);
        } else {
            hold(flow, index);
        }
    }

    private void hold(UdpFlow flow, int index) {
        int bytes = heldBytes < HELD ? flow.hold(relay.burst, index) : -1;
        if (bytes < 0) {
            relay.tally.dropped.increment();
        } else {
            heldBytes += bytes;
        }
    }

    /** So many bytes are not held any more. */
    void released(int bytes) {
        heldBytes -= bytes;
    }

    /** Asks about all who are new, with one errand to the agent's loop. */
    void ask() {
        if (!toAskAbout.isEmpty()) {
            List<UdpFlow> batch = toAskAbout;
            toAskAbout = new ArrayList<>();
            ask(batch, relay::admit);
        }
    }

    /**
     * Asks about these. Those that are not let in end.
     *
     * @param admitted is given those that are, on the relay's loop; not called if the agent has ended
     */
    void ask(List<UdpFlow> batch, Consumer<List<UdpFlow>> admitted) {
        try {
            agent.ask(batch.stream().map(f -> f.key).toList(), in -> {
                admitted.accept(sorted(batch, in));
                ask();
            });
        } catch (RejectedExecutionException e) {
            batch.forEach(relay::end);
        }
    }

    private List<UdpFlow> sorted(List<UdpFlow> batch, BitSet in) {
        List<UdpFlow> admitted = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            UdpFlow flow = batch.get(i);
            if (flow.isOver()) {
                continue;
            }
            if (in.get(i)) {
                admitted.add(flow);
            } else {
                refusals.add(flow.key);
                relay.refuse(flow);
            }
        }
        return admitted;
    }

    void close() {
        listening.forEach(WatchedSocket::close);
        listening.clear();
    }
}
