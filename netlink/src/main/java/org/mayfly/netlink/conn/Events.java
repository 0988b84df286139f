package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The events of a family, as they happen. An event loop watches {@link #fd} and calls {@link #read}; without one, {@link
 * #poll} waits. Subscribe before dumping, and nothing is missed. One thread at a time; any thread may close it.
 *
 * @param <E> what an event of the family is
 */
public final class Events<E> implements AutoCloseable {
    /** Makes an event of a message. */
    @FunctionalInterface
    public interface Reader<E> {
        /**
         * @param type {@code nlmsg_type}
         * @param offset of the payload
         * @param length of the payload
         * @return null for a message that is of no interest
         */
        @Nullable
        E read(int type, ByteBuffer buffer, int offset, int length);
    }

    /** Takes the events. */
    public interface Handler<E> {
        void event(E event);

        /** Events were lost: dump again what is followed. */
        void overrun();
    }

    private final Subscription subscription;
    private final Reader<? extends E> reader;

    /** Takes the subscription over. */
    public Events(Subscription subscription, Reader<? extends E> reader) {
        this.subscription = subscription;
        this.reader = reader;
    }

    /** For an event loop; it stays ours to close. */
    public int fd() {
        return subscription.fd();
    }

    /** Waits up to so many milliseconds (below 0 for ever); whether there is something to {@link #read}. */
    public boolean poll(int milliseconds) throws IOException {
        return subscription.poll(milliseconds);
    }

    /**
     * Hands on what is there, without waiting for more.
     *
     * @return whether it stopped for fairness and there may be more
     */
    public boolean read(Handler<? super E> handler) throws IOException {
        return subscription.read(new EventHandler() {
            @Override
            public void event(int type, ByteBuffer b, int offset, int length) {
                E event = reader.read(type, b, offset, length);
                if (event != null) {
                    handler.event(event);
                }
            }

            @Override
            public void overrun() {
                handler.overrun();
            }
        });
    }

    /**
     * While an event is handed on: the port id of the socket whose request caused it ({@link NetlinkConnection#portId}), 0
     * if it was the kernel's own doing.
     */
    public int portId() {
        return subscription.portId();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
