package org.mayfly.agent.relay;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.sys.UdpDescriptor;

/** A UDP socket that the loop watches. Everything is on the loop. */
final class WatchedSocket implements EpollIoHandle {
    private final IoEventLoop loop;
    private final UdpDescriptor descriptor;
    private final FileDescriptor fd;
    private final Consumer<WatchedSocket> ready;
    private @Nullable IoRegistration registration;

    /**
     * @param descriptor is closed with this
     * @param ready reads some of what is there; called again while there is more
     */
    WatchedSocket(IoEventLoop loop, UdpDescriptor descriptor, Consumer<WatchedSocket> ready) {
        this.loop = loop;
        this.descriptor = descriptor;
        this.fd = new FileDescriptor(descriptor.fd());
        this.ready = ready;
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
        registration.submit(EpollIoOps.EPOLLIN);
    }

    /** Stops, until it is to {@link #watch} again. */
    void ignore() {
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    @Override
    public void handle(IoRegistration at, IoEvent event) {
        ready.accept(this);
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    /** In the order that leaves the loop with no number that may be another descriptor's by then. */
    @Override
    public void close() {
        ignore();
        descriptor.close();
    }
}
