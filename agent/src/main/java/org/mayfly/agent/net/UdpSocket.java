package org.mayfly.agent.net;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket that is bound, and read by the event loop, a burst at a time. What is here is what the two kinds have in
 * common: when to read, when to let others have their turn, what to do if reading fails, and the end.
 */
abstract class UdpSocket implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(UdpSocket.class.getName());

    /**
     * What is asked of the kernel, in bytes. It gives twice that, for 43,000 packets of a knock's length: what comes in
     * 0.8 s at 50,000 a second, while the heap of some hundred thousand leases is collected.
     */
    static final int RECEIVE_BUFFER = 16 << 20;

    /** The most packets of a burst. */
    static final int BURST = 64;

    /**
     * After so many bursts, less than a millisecond of refusals, connections, timers and administrators have their turn.
     * The loop comes back at once if there is more, as both kinds of it are level-triggered.
     */
    private static final int BURSTS_OF_A_TURN = 16;

    private static final long PAUSE_MILLIS = 1000;
    private static final long TOLD_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Opens a socket of one kind in the network namespace of the calling thread, which is not the loop's. */
    interface Opener {
        /**
         * @param address IPv6 takes IPv4 as well, if it is the unspecified one
         * @param room bytes that are kept of a packet
         */
        UdpSocket open(IoEventLoop loop, InetSocketAddress address, int room, PacketSink sink) throws IOException;
    }

    private final IoEventLoop loop;
    private final IoOps input;
    private final IoOps nothing;
    private final String name;
    private final Gathering gathering = new Gathering();

    /** While the loop watches. Like what follows, only touched on the loop. */
    private @Nullable IoRegistration registration;

    /** While packets gather: then the loop watches for nothing, and a timer has them read. */
    private @Nullable Future<?> timer;

    private boolean closed;
    private boolean told;
    private long toldAt;

    /**
     * @param input what the loop is to watch for
     * @param nothing the same, while packets gather
     * @param name for the log
     */
    UdpSocket(IoEventLoop loop, IoOps input, IoOps nothing, String name) {
        this.loop = loop;
        this.input = input;
        this.nothing = nothing;
        this.name = name;
    }

    /** What the loop knows this by; {@link IoHandle#handle} calls {@link #turn}, {@link IoHandle#close} {@link #end}. */
    abstract IoHandle handle();

    /**
     * Reads what waits and hands it on, up to {@link #BURST} packets, and says that the burst is over.
     *
     * @return how many; fewer than {@link #BURST} if nothing else is there
     */
    abstract int burst() throws IOException;

    /** From any thread: closes the socket, which no loop watches any more. A second time does nothing. */
    abstract void shut();

    /** How many bytes of packets wait at most, counted as the kernel counts what is asked for: socket(7). */
    abstract int receiveBuffer();

    /** How many packets the kernel has dropped at this socket, where that can be told, else 0. On the loop. */
    abstract long dropped() throws IOException;

    /** For filters; the number is not ours to close. Empty if it cannot be told. */
    abstract OptionalInt descriptor();

    /** Begins to read. Not on the loop. If it fails, the socket is closed. */
    final void start() throws IOException {
        Future<?> started = loop.submit(() -> {
                    watch();
                    return name;
                })
                .awaitUninterruptibly();
        if (!started.isSuccess()) {
            shut();
            throw new IOException(started.cause().getMessage(), started.cause());
        }
    }

    /** On the loop, where a registration is there at once. */
    private void watch() throws IOException {
        if (closed) {
            return;
        }
        Future<IoRegistration> registered = loop.register(handle());
        if (!registered.isSuccess()) {
            throw new IOException("the event loop does not take it: " + registered.cause(), registered.cause());
        }
        registration = registered.getNow();
        registration.submit(input);
    }

    private void ignore() {
        stopTimer();
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** On the loop: there is something to read. */
    final void turn() {
        int read = read();
        if (gathering.isWorth(read, System.nanoTime()) && registration != null && timer == null) {
            registration.submit(nothing);
            timer = loop.scheduleWithFixedDelay(this::gathered, Gathering.NANOS, Gathering.NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void gathered() {
        int read = read();
        if (gathering.isOver(read) && registration != null) {
            stopTimer();
            registration.submit(input);
        }
    }

    private int read() {
        int read = 0;
        try {
            for (int i = 0; i < BURSTS_OF_A_TURN && !closed; i++) {
                int burst = burst();
                read += burst;
                if (burst < BURST) {
                    break;
                }
            }
        } catch (IOException e) {
            pause(e);
        }
        return read;
    }

    /** It is still there to be read, so the loop would come back at once, and again. */
    private void pause(IOException e) {
        if (!told || System.nanoTime() - toldAt > TOLD_NANOS) {
            LOG.log(Level.SEVERE, e, () -> name + " cannot be read; trying again every second");
            told = true;
            toldAt = System.nanoTime();
        }
        ignore();
        if (!closed) {
            loop.schedule(this::resume, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void resume() {
        try {
            watch();
        } catch (IOException e) {
            pause(e);
        }
    }

    /** On the loop: the end, in the order that leaves no loop with a number that may be another descriptor's by then. */
    final void end() {
        closed = true;
        ignore();
        shut();
    }

    /** Stops reading. When it returns nothing is handed on any more, and the descriptor is closed. */
    @Override
    public final void close() {
        if (loop.inEventLoop()) {
            end();
            return;
        }
        try {
            loop.submit(this::end).awaitUninterruptibly();
        } catch (RejectedExecutionException e) {
            loop.terminationFuture().awaitUninterruptibly();
            shut(); // Netty's loops end, now and then, without closing what they watch
        }
    }
}
