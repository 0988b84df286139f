package org.mayfly.agent.runtime;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.kernel.KernelWatch;
import org.mayfly.agent.net.ReadyDescriptor;

/** Has the kernel's events read on the loop: by the loop itself, or, where it cannot, when a thread says so. */
final class KernelEvents {
    private static final Logger LOG = Logger.getLogger(KernelEvents.class.getName());

    private final Consumer<Disturbance> disturbed;
    private final Runnable afterwards;
    /** Lines a minute of events that could not be read. */
    private final LineLimit limit;

    private KernelEvents(Clock clock, Consumer<Disturbance> disturbed, Runnable afterwards) {
        this.limit = new LineLimit(clock, 1);
        this.disturbed = disturbed;
        this.afterwards = afterwards;
    }

    /**
     * Begins to read; ends when the watch is closed.
     *
     * @param disturbed hears of events that could not be read, and are lost
     * @param afterwards called on the loop when something was read
     */
    static void start(
            EventLoop loop, Clock clock, KernelWatch watch, Consumer<Disturbance> disturbed, Runnable afterwards) {
        KernelEvents events = new KernelEvents(clock, disturbed, afterwards);
        for (KernelWatch.Source source : watch.sources()) {
            if (ReadyDescriptor.isPossible(loop)) {
                ReadyDescriptor.watch(
                        loop,
                        source.fd(),
                        () -> events.read(source),
                        e -> LOG.log(
                                Level.SEVERE, "what others do to what is ours is not heard of; restart the agent", e));
            } else {
                Thread t = new Thread(() -> events.wait(loop, source), "mayfly-kernel-events");
                t.setDaemon(true);
                t.start();
            }
        }
    }

    private void read(KernelWatch.Source source) {
        try {
            source.read();
        } catch (ClosedChannelException e) {
            return; // the agent is stopping
        } catch (IOException | RuntimeException e) {
            if (limit.admits()) {
                LOG.log(
                        Level.WARNING,
                        e,
                        () -> "an event of the kernel could not be read; it was so with " + limit.takeLeftOut()
                                + " others before it");
            }
            disturbed.accept(Disturbance.OVERRUN);
        }
        afterwards.run();
    }

    private void wait(EventLoop loop, KernelWatch.Source source) {
        try {
            while (true) {
                if (source.poll(-1)) {
                    loop.submit(() -> read(source)).sync();
                }
            }
        } catch (IOException | RejectedExecutionException e) {
            // closed: the agent is stopping
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
