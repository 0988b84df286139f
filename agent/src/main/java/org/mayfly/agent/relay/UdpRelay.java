package org.mayfly.agent.relay;

import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.DatagramBurst;

/**
 * The flows of a UDP port: how they open, what goes through them, and how they end. All of it is on the relay's loop, and
 * what goes through is in one burst's memory, one burst after the other.
 */
final class UdpRelay implements UdpTarget.Waiting {
    /** The most datagrams of a burst: 2 MiB of memory if each is as long as can be. */
    private static final int BURST = 32;

    /** After so many, others have their turn. */
    static final int BURSTS_OF_A_TURN = 4;

    /** So many flows make room for one that finds no descriptor or port, before it is given up. */
    private static final int MAKE_ROOM = 2;

    /** The order of use, and the time of it, are as exact as this. */
    private static final long GRAIN = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SWEEP_SECONDS = 1;

    final UdpTally tally = new UdpTally();
    final DatagramBurst burst = new DatagramBurst(BURST, DatagramBurst.LONGEST);
    private final IoEventLoop loop;
    private final int port;
    private final LongSupplier clock;
    private final UdpFlows flows;
    private final UdpIntake intake;
    private final Seldom news = new Seldom();

    private UdpTarget target;
    private long idle;
    private boolean sweeping;
    private boolean closed;

    /**
     * @param port the service's
     * @param idle in ns
     * @param agent asks it
     */
    UdpRelay(
            IoEventLoop loop,
            int port,
            UdpTarget target,
            long idle,
            UdpLimits limits,
            UdpIntake.Question agent,
            LongSupplier clock) {
        this.loop = loop;
        this.port = port;
        this.target = target;
        this.idle = idle;
        this.clock = clock;
        this.flows = new UdpFlows(limits);
        this.intake = new UdpIntake(this, flows, agent, clock);
    }

    UdpIntake intake() {
        return intake;
    }

    void target(UdpTarget next) {
        target = next;
    }

    void idle(long next) {
        idle = next;
    }

    void limits(UdpLimits next) {
        flows.limits(next);
    }

    /** There is one more, about which the agent will be asked. It is the one that is used least lately who makes room. */
    UdpFlow begin(UdpKey key) {
        UdpFlow flow = new UdpFlow(key, clock.getAsLong());
        for (UdpFlow old = flows.inTheWay(flow.network); old != null; old = flows.inTheWay(flow.network)) {
            evict(old);
        }
        flows.add(flow);
        tally.total.increment();
        tally.open = flows.size();
        sweepLater();
        return flow;
    }

    /** These may go on. */
    void admit(List<UdpFlow> batch) {
        if (!closed) {
            target.open(batch, this);
        }
    }

    @Override
    public void failed(List<UdpFlow> batch, IOException why) {
        tell("has no target: " + why.getMessage());
        tally.failed.add(batch.size());
        batch.forEach(this::end);
    }

    /**
     * What came to a listening socket before a flow had its own comes before all that the flow's own has, so it is read
     * first.
     */
    @Override
    public void open(List<UdpFlow> batch, List<InetSocketAddress> to) {
        batch.forEach(flow -> open(flow, to));
        intake.hearAll();
        for (UdpFlow flow : batch) {
            try {
                flow.watch();
            } catch (IOException e) {
                failed(flow, e);
            }
        }
        intake.ask();
    }

    private void open(UdpFlow flow, List<InetSocketAddress> to) {
        int next = 0;
        int room = 0;
        while (flow.isAskedAbout()) {
            try {
                flow.open(loop, port, to.get(next), this::fromClient, this::fromTarget);
            } catch (NetlinkException e) {
                UdpFlow eldest = flows.eldest();
                if (UdpFlow.isWant(e.errno()) && room < MAKE_ROOM && eldest != null && !eldest.equals(flow)) {
                    evict(eldest);
                    room++;
                } else if (++next == to.size()) {
                    failed(flow, e);
                }
            }
        }
        int count;
        do {
            int held = flow.heldBytes();
            count = flow.release(burst);
            intake.released(held - flow.heldBytes());
            toTarget(flow, 0, count);
        } while (count > 0);
    }

    private void failed(UdpFlow flow, IOException why) {
        tell("cannot hand a client on: " + why.getMessage());
        tally.failed.increment();
        end(flow);
    }

    private void fromClient(UdpFlow flow) {
        try {
            for (int i = 0; i < BURSTS_OF_A_TURN && flow.isOpen(); i++) {
                int count = burst.receive(flow.clientNumber());
                sort(flow, count);
                if (count < burst.size()) {
                    break;
                }
            }
        } catch (NetlinkException e) {
            strays(flow);
            over(flow, e);
        }
        intake.ask();
    }

    /** What came before the socket was connected may be of others, to the same door. */
    private void sort(UdpFlow flow, int count) {
        int from = 0;
        for (int j = 0; j < count; j++) {
            if (!flow.key.isFrom(burst, j)) {
                toTarget(flow, from, j);
                intake.arrived(j, flow.key.door());
                from = j + 1;
            }
        }
        toTarget(flow, from, count);
    }

    private void fromTarget(UdpFlow flow) {
        try {
            for (int i = 0; i < BURSTS_OF_A_TURN && flow.isOpen(); i++) {
                int count = burst.receive(flow.targetNumber());
                move(flow, flow.clientNumber(), 0, count, tally.toClient);
                if (count < burst.size()) {
                    break;
                }
            }
        } catch (NetlinkException e) {
            strays(flow);
            over(flow, e);
        }
        intake.ask();
    }

    /** A socket that was destroyed is connected to nobody: until it is closed it takes what others send to the door. */
    private void strays(UdpFlow flow) {
        try {
            for (int i = 0, count = burst.size(); i < BURSTS_OF_A_TURN && count == burst.size(); i++) {
                count = burst.receive(flow.clientNumber());
                for (int j = 0; j < count; j++) {
                    if (!flow.key.isFrom(burst, j)) {
                        intake.arrived(j, flow.key.door());
                    }
                }
            }
        } catch (NetlinkException e) {
            // it cannot be read any more
        }
    }

    /** Sends some of the burst to the target of an open flow. */
    void toTarget(UdpFlow flow, int from, int to) {
        try {
            move(flow, flow.targetNumber(), from, to, tally.toTarget);
        } catch (NetlinkException e) {
            over(flow, e);
        }
    }

    private void move(UdpFlow flow, int out, int from, int to, UdpTally.Way way) throws NetlinkException {
        if (from == to || !flow.isOpen()) {
            return;
        }
        long now = clock.getAsLong();
        if (now - flow.used > GRAIN) {
            flow.used = now;
            flows.touch(flow);
        }
        int sent = burst.send(out, from, to);
        long bytes = 0;
        for (int i = from; i < from + sent; i++) { // one that was too long is counted in place of the last
            bytes += burst.length(i);
        }
        way.add(sent, bytes);
        tally.dropped.add(to - from - sent);
    }

    /** Its lease is over, or its client was revoked: then the socket has been destroyed. Or it cannot be used. */
    private void over(UdpFlow flow, NetlinkException why) {
        if (why.errno() == Errno.ECONNABORTED) {
            tally.cut.increment();
        } else {
            tell("has lost a flow: " + why.getMessage());
            tally.failed.increment();
        }
        end(flow);
    }

    private void evict(UdpFlow flow) {
        tally.evicted.increment();
        end(flow);
    }

    void end(UdpFlow flow) {
        intake.released(flow.heldBytes());
        tally.dropped.add(flow.heldCount());
        flow.end();
        flows.remove(flow);
        tally.open = flows.size();
    }

    /** One timer for all, while there are any. */
    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, SWEEP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long now = clock.getAsLong();
        for (UdpFlow f = flows.eldest(); f != null && now - f.used >= idle; f = flows.eldest()) {
            tally.expired.increment();
            end(f);
        }
        if (flows.size() > 0) {
            sweepLater();
        }
    }

    /** A line for the log, now and then. */
    void tell(String what) {
        news.tell(() -> "the relay of UDP port " + port + " to " + target + " " + what);
    }

    IoEventLoop loop() {
        return loop;
    }

    /** Ends all flows. */
    void close() {
        closed = true;
        intake.close();
        flows.copy().forEach(this::end);
    }
}
