package org.mayfly.agent.runtime;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.RejectedExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.mayfly.agent.kernel.KernelWatch;
import org.mayfly.agent.net.ReadyDescriptor;

/** Has the kernel's events read on the loop: by the loop itself, or, where it cannot, when a thread says so. */
final class KernelEvents implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KernelEvents.class.getName());

    private final KernelWatch watch;
    private final Runnable afterwards;

    private KernelEvents(KernelWatch watch, Runnable afterwards) {
        this.watch = watch;
        this.afterwards = afterwards;
    }

    /**
     * Begins to read.
     *
     * @param afterwards called on the loop when something was read
     */
    static KernelEvents start(EventLoop loop, KernelWatch watch, Runnable afterwards) {
        KernelEvents events = new KernelEvents(watch, afterwards);
        for (KernelWatch.Source source : watch.sources()) {
            if (ReadyDescriptor.isPossible(loop)) {
                ReadyDescriptor.watch(loop, source.fd(), () -> events.read(source));
            } else {
                Thread t = new Thread(() -> events.wait(loop, source), "mayfly-kernel-events");
                t.setDaemon(true);
                t.start();
            }
        }
        return events;
    }

    private void read(KernelWatch.Source source) {
        try {
            source.read();
        } catch (ClosedChannelException e) {
            return; // the agent is stopping
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "an event of the kernel could not be read", e);
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

    @Override
    public void close() {
        watch.close();
    }
}
