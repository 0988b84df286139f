package org.mayfly.agent.relay;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.sys.UdpDescriptor;

/** A UDP socket that the loop watches. Everything is on the loop. */
final class WatchedSocket implements EpollIoHandle {
    private static final long PAUSE_MILLIS = 1000;

    private final IoEventLoop loop;
    private final UdpDescriptor descriptor;
    private final FileDescriptor fd;
    private final Consumer<WatchedSocket> ready;
    private final BiConsumer<WatchedSocket, Throwable> failed;
    private @Nullable IoRegistration registration;
    private boolean paused;
    private boolean closed;

    /**
     * @param descriptor is closed with this
     * @param ready reads some of what is there; called again while there is more
     * @param failed told what {@code ready} has thrown, or that it cannot be watched after a pause: closes it, or pauses
     */
    WatchedSocket(
            IoEventLoop loop,
            UdpDescriptor descriptor,
            Consumer<WatchedSocket> ready,
            BiConsumer<WatchedSocket, Throwable> failed) {
        this.loop = loop;
        this.descriptor = descriptor;
        this.fd = new FileDescriptor(descriptor.fd());
        this.ready = ready;
        this.failed = failed;
    }

    int number() {
        return descriptor.fd();
    }

    /** Begins to watch, where a registration is there at once. */
    void watch() throws IOException {
        Future<IoRegistration> registered = loop.register(this);
        if (!registered.isSuccess()) {
            throw new IOException("the event loop does not take it: " + registered.cause(), registered.cause());
        }
        registration = registered.getNow();
        try {
            registration.submit(EpollIoOps.EPOLLIN);
        } catch (RuntimeException e) { // what epoll_ctl(2) says comes as an UncheckedIOException
            throw new IOException("the event loop does not watch it: " + e, e);
        }
    }

    /** Stops, and watches again in a second. */
    void pause() {
        ignore();
        if (!paused && !closed) {
            paused = true;
            loop.schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    boolean isPaused() {
        return paused;
    }

    private void resume() {
        paused = false;
        if (closed) {
            return;
        }
        try {
            watch();
        } catch (IOException | RuntimeException e) {
            failed.accept(this, e);
        }
    }

    private void ignore() {
        IoRegistration there = registration;
        registration = null;
        if (there != null) {
            there.cancel();
        }
    }

    @Override
    public void handle(IoRegistration at, IoEvent event) {
        try {
            ready.accept(this);
        } catch (RuntimeException
                | Error e) { // want of memory, say: it would end the loop's thread, and all that is on it
            failed(e);
        }
    }

    private void failed(Throwable why) {
        try {
            failed.accept(this, why);
        } catch (RuntimeException | Error e) {
            close();
        }
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    /** In the order that leaves the loop with no number that may be another descriptor's by then. */
    @Override
    public void close() {
        closed = true;
        ignore();
        descriptor.close();
    }
}
