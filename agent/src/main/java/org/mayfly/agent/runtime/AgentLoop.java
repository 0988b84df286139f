package org.mayfly.agent.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.net.PacketSink;

/** The one thread that calls the agent: packets, administrators, and the timer of the lease that is due next. */
final class AgentLoop implements PacketSink {
    private static final Logger LOG = Logger.getLogger(AgentLoop.class.getName());
    private static final long RETRY = TimeUnit.SECONDS.toNanos(1);

    /**
     * From one tick to the next at least: when leases end by the thousand, each tick is for many of them, since each looks
     * through all sockets of the machine once. What has to be on time is the kernel's doing.
     */
    private static final long BETWEEN = TimeUnit.MILLISECONDS.toNanos(20);

    private final EventLoop loop;
    private final Agent agent;
    private final Clock clock;
    private @Nullable Future<?> timer;
    private long timerAt = Long.MAX_VALUE;
    /** Lines a minute of packets that met a defect. */
    private final LineLimit defects;

    /** Whether the last tick failed, which is told once. */
    private boolean failing;

    /** The next tick is not before that, whatever is due. */
    private long notBefore;

    AgentLoop(EventLoop loop, Agent agent, Clock clock) {
        this.loop = loop;
        this.agent = agent;
        this.clock = clock;
        this.defects = new LineLimit(clock, 1);
    }

    @Override
    public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
        try {
            agent.receive(block, offset, length, sourceHigh, sourceLow);
        } catch (RuntimeException | Error e) {
            defective("a packet was not judged", e);
        }
    }

    @Override
    public void burstOver() {
        try {
            agent.burstOver();
        } catch (RuntimeException | Error e) {
            defective("knocks that were accepted may have opened nothing", e);
        }
        arm();
    }

    private void defective(String what, Throwable e) {
        if (defects.admits()) { // or a packet that does it could fill the disk
            LOG.log(
                    Level.SEVERE,
                    e,
                    () -> "a defect in the agent: " + what + "; it was so " + defects.takeLeftOut()
                            + " more times since the last line");
        }
    }

    /** From any thread: does something with the agent, on the loop. */
    <T> CompletableFuture<T> call(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                done.complete(work.call());
            } catch (Exception | Error e) {
                done.completeExceptionally(e);
            }
            arm();
        });
        return done;
    }

    /** From any other thread: the same, and waits for it. */
    <T> T await(Callable<T> work) throws IOException, KernelException {
        return await(call(work));
    }

    static <T> T await(CompletableFuture<T> future) throws IOException, KernelException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KernelException kernel) {
                throw kernel;
            }
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof GeneralSecurityException security) {
                throw new IOException(security);
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Does something then, by the monotonic clock. */
    void at(long time, Runnable deed) {
        loop.schedule(deed, Math.max(0, time - clock.monotonicNanos()), TimeUnit.NANOSECONDS);
    }

    /** On the loop: sees to it that what is due next is done then. */
    void arm() {
        long due = failing ? notBefore : Math.max(agent.nextDue(), notBefore);
        if (due >= timerAt) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
        }
        timerAt = due;
        long wait = Math.max(0, due - clock.monotonicNanos());
        timer = loop.schedule(this::tick, wait, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        timer = null;
        timerAt = Long.MAX_VALUE;
        try {
            agent.tick();
            failing = false;
            notBefore = clock.monotonicNanos() + BETWEEN;
        } catch (RuntimeException | Error e) {
            // The kernel's deadlines close what this would have tidied; the loop must go on.
            if (!failing) {
                LOG.log(Level.SEVERE, "a defect in the agent: looking after leases failed; trying again", e);
            }
            failing = true;
            notBefore = clock.monotonicNanos() + RETRY;
        }
        arm();
    }
}
