package org.mayfly.agent.relay;

import io.netty.channel.IoEventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.DatagramBurst;

/**
 * The flows of a UDP port: how they open, what goes through them, and how they end. All of it is on the relay's loop, and
 * what goes through is in one burst's memory, one burst after the other.
 */
final class UdpRelay implements UdpFlow.Owner {
    /** The most datagrams of a burst: 2 MiB of memory if each is as long as can be. */
    private static final int BURST = 32;

    /** After so many, others have their turn. */
    static final int BURSTS_OF_A_TURN = 4;

    /** Those that nobody has let in yet: more of them than the agent answers for in a moment are a flood. */
    private static final UdpLimits STRANGERS = UdpLimits.of(1024);

    /** The order of use, and the time of it, are as exact as this. */
    private static final long GRAIN = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SWEEP_SECONDS = 1;

    final UdpTally tally = new UdpTally();
    final DatagramBurst burst = new DatagramBurst(BURST, DatagramBurst.LONGEST);
    private final IoEventLoop loop;
    private final int port;
    private final LongSupplier clock;
    private final UdpFlows strangers = new UdpFlows(STRANGERS);
    private final UdpFlows flows;
    private final UdpIntake intake;
    private final UdpOpening opening;
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
        this.intake = new UdpIntake(this, agent, clock);
        this.opening = new UdpOpening(this, flows, intake, port);
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

    /** It counts as used if it is asked for. */
    @Nullable
    UdpFlow find(UdpKey key) {
        UdpFlow flow = flows.get(key);
        return flow == null ? strangers.get(key) : flow;
    }

    /** There is one more, about which the agent will be asked. Until it has answered, only such as this one make room. */
    UdpFlow begin(UdpKey key) {
        UdpFlow flow = new UdpFlow(key, clock.getAsLong());
        add(strangers, flow);
        tally.total.increment();
        count();
        sweepLater();
        return flow;
    }

    /** It is the one that is used least lately who makes room. */
    private void add(UdpFlows to, UdpFlow flow) {
        for (UdpFlow old = to.inTheWay(flow.network); old != null; old = to.inTheWay(flow.network)) {
            evict(old);
        }
        to.add(flow);
    }

    private void count() {
        tally.open = flows.size() + strangers.size();
    }

    /** These may go on. */
    void admit(List<UdpFlow> batch) {
        for (UdpFlow flow : batch) {
            strangers.remove(flow);
            add(flows, flow);
        }
        count();
        List<UdpFlow> left = batch.stream().filter(f -> !f.isOver()).toList();
        if (!closed && !left.isEmpty()) {
            target.open(left, opening);
        }
    }

    /** It is not let in, or not any more. */
    void refuse(UdpFlow flow) {
        tally.refused.increment();
        strays(flow);
        end(flow);
    }

    @Override
    public void failed(UdpFlow flow, Throwable why) {
        tell("cannot hand a client on: " + why.getMessage());
        tally.failed.increment();
        end(flow);
    }

    @Override
    public void fromClient(UdpFlow flow) {
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

    @Override
    public void fromTarget(UdpFlow flow) {
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
            int count = burst.size();
            for (int i = 0; i < BURSTS_OF_A_TURN && count == burst.size() && flow.hasSockets(); i++) {
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

    void evict(UdpFlow flow) {
        tally.evicted.increment();
        end(flow);
    }

    void end(UdpFlow flow) {
        intake.released(flow.heldBytes());
        tally.dropped.add(flow.heldCount());
        flow.end();
        flows.remove(flow);
        strangers.remove(flow);
        count();
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
        expire(flows, now);
        expire(strangers, now);
        if (tally.open > 0) {
            sweepLater();
        }
    }

    private void expire(UdpFlows of, long now) {
        for (UdpFlow f = of.eldest(); f != null && now - f.used >= idle; f = of.eldest()) {
            tally.expired.increment();
            end(f);
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
        strangers.copy().forEach(this::end);
    }
}
