package org.mayfly.netlink.conn;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.function.Consumer;
import org.mayfly.netlink.MalformedMessageException;

/**
 * A {@link Subscription} on an event loop of Netty 4.2: an example to copy, since the library depends on no event loop.
 * Whoever has another one does the same: watch {@link Subscription#fd} for input, level-triggered, and call
 * {@link Subscription#read} when there is some.
 *
 * <p>To end it, cancel the registration, from any thread: the loop lets go of the descriptor, and then closes the
 * subscription. It is not to be closed first, as its descriptor could belong to somebody else by the time the loop lets
 * go of it. A loop that shuts down closes what is on it.
 */
final class NettySubscription implements EpollIoHandle {
    private final Subscription subscription;
    private final EventHandler handler;
    private final Consumer<Exception> failed;
    private final FileDescriptor fd;

    private NettySubscription(Subscription subscription, EventHandler handler, Consumer<Exception> failed) {
        this.subscription = subscription;
        this.handler = handler;
        this.failed = failed;
        this.fd = new FileDescriptor(subscription.fd()); // never closed: it is a name for what the subscription owns
    }

    /**
     * Hands a subscription over to an event loop.
     *
     * @param loop one of epoll
     * @param handler called on the thread of the loop
     * @param failed told on that thread of a datagram without sense, after which it goes on; and of what ends it
     * @return done when it is watched
     */
    static Future<IoRegistration> register(
            IoEventLoop loop, Subscription subscription, EventHandler handler, Consumer<Exception> failed) {
        Future<IoRegistration> registered = loop.register(new NettySubscription(subscription, handler, failed));
        return registered.addListener(f -> {
            if (f.isSuccess()) {
                registered.getNow().submit(EpollIoOps.EPOLLIN);
            }
        });
    }

    /** Reads a portion; of what is left, the loop says so again once the others have had their turn. */
    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        try {
            subscription.read(handler);
        } catch (MalformedMessageException e) {
            failed.accept(e);
        } catch (IOException | RuntimeException e) { // the loop would fall asleep for a second
            registration.cancel();
            failed.accept(e);
        }
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void unregistered() {
        subscription.close();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
