package org.mayfly.agent.relay;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a {@link DescriptorPipe}, and what is known of it. The loop watches it edge-triggered (epoll(7)), for
 * everything at once and once for all: so what it says is kept here until a call finds it to be so no longer.
 */
final class Descriptor implements EpollIoHandle {
    /** linux/eventpoll.h. */
    private static final int EPOLLIN = 0x1;

    private static final int EPOLLOUT = 0x4;
    private static final int EPOLLERR = 0x8;
    private static final int EPOLLHUP = 0x10;
    private static final int EPOLLRDHUP = 0x2000;
    private static final int EPOLLET = 1 << 31;

    private static final EpollIoOps ALL = EpollIoOps.valueOf(EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);

    final Socket socket;
    private final Runnable changed;
    private @Nullable IoRegistration registration;

    /** There may be something to read, be it the end. */
    boolean readable = true;

    /** There may be room. */
    boolean writable = true;

    /** The end has come in, behind what is still to be read. */
    boolean ending;

    /** An error has come in, behind what is still to be read, or both halves are over. */
    boolean failing;

    /** It takes nothing any more. */
    boolean broken;

    /** @param changed called on the loop when any of it is different */
    Descriptor(Socket socket, Runnable changed) {
        this.socket = socket;
        this.changed = changed;
    }

    /** For bytes that go on at once, and for a peer that has vanished without a word. */
    void configure() throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
    }

    void watch(IoEventLoop loop) throws IOException {
        Future<IoRegistration> registered = loop.register(this); // on the loop it is done at once
        if (!registered.isSuccess()) {
            throw new IOException("the event loop does not take it", registered.cause());
        }
        registration = registered.getNow();
        registration.submit(ALL);
    }

    @Override
    public void handle(IoRegistration from, IoEvent event) {
        int ops = ((EpollIoEvent) event).ops().value();
        boolean bad = (ops & (EPOLLERR | EPOLLHUP)) != 0;
        failing |= bad;
        ending |= (ops & EPOLLRDHUP) != 0;
        readable |= bad || (ops & (EPOLLIN | EPOLLRDHUP)) != 0;
        writable |= bad || (ops & EPOLLOUT) != 0;
        changed.run();
    }

    /** Sends a reset instead of an end, whatever is still waiting: socket(7), SO_LINGER. */
    void reset() {
        try {
            socket.setSoLinger(0);
        } catch (IOException | RuntimeException e) {
            // It is gone already.
        }
        close();
    }

    @Override
    public void close() {
        broken = true;
        if (registration != null) {
            registration.cancel(); // first, as the number may be another's once it is closed
            registration = null;
        }
        try {
            socket.close();
        } catch (IOException e) {
            // What close(2) has to say comes too late to be of use.
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }
}
