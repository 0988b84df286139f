package org.mayfly.agent.net;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * A descriptor that is not Netty's, watched by its epoll loop: something is called on the loop's thread while there is
 * input. The descriptor stays its owner's, who closes it once the loop has ended.
 */
public final class ReadyDescriptor implements EpollIoHandle {
    private final FileDescriptor fd;
    private final Runnable ready;

    private ReadyDescriptor(int fd, Runnable ready) {
        this.fd = new FileDescriptor(fd);
        this.ready = ready;
    }

    /** Whether a loop is one of epoll, which can watch any descriptor. */
    public static boolean isPossible(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isCompatible(ReadyDescriptor.class);
    }

    /**
     * Begins to watch.
     *
     * @param ready reads some of it; must not throw
     * @param failed told if the loop does not take it
     */
    public static void watch(EventLoop loop, int fd, Runnable ready, Consumer<Throwable> failed) {
        Future<IoRegistration> registered = ((IoEventLoop) loop).register(new ReadyDescriptor(fd, ready));
        registered.addListener(f -> {
            if (f.isSuccess()) {
                registered.getNow().submit(EpollIoOps.EPOLLIN);
            } else {
                failed.accept(f.cause());
            }
        });
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        ready.run();
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void close() {
        // it is not ours
    }
}
