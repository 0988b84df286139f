package org.mayfly.agent.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Native;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.relay.KernelPipes.KernelPipe;

/**
 * One direction of a {@link DescriptorPipe}. Bytes are read into a buffer that all share and sent at once; what is not taken
 * is kept, and nothing more is read until it has been. Where much comes at a time, the kernel moves it (splice(2)).
 */
final class Direction {
    /** So often it reads before others have their turn. */
    private static final int TURNS = 16;

    /** So many times in a row the buffer was full: then it is much. */
    private static final int FULL = 4;

    /** Less than this at a time is not much. */
    private static final int LITTLE = 16 << 10;

    /** The most that is asked of splice(2); a pipe has room for 16 pieces of it: pipe(7). */
    private static final int AT_ONCE = 1 << 20;

    final Descriptor from;
    private final Shared shared;
    private final LongAdder count;
    private final @Nullable FirstBytes first;

    private @Nullable Descriptor to;
    private @Nullable ByteBuf rest;

    /** How much of the budget for it is this one's. */
    private int kept;

    private @Nullable KernelPipe pipe;
    private int full;
    private boolean ended;
    private boolean over;
    private boolean spoke;

    /** What all directions of a loop use, one at a time. */
    static final class Shared {
        private static final int SIZE = 64 << 10;
        private static final int FRUGAL = 1 << 10;

        /** Of kept bytes; from then on each direction keeps {@link #FRUGAL} more at most, so that none has to be reset. */
        private static final long PLENTY = 8L << 20;

        /** The most that is kept: 10,000 connections of each kind keep 60 MiB more at most. */
        private static final long BUDGET = 80L << 20;

        final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
        final KernelPipes pipes = new KernelPipes();
        private long kept;

        /** How much is read at a time. */
        private int most() {
            return kept < PLENTY ? SIZE : FRUGAL;
        }

        private void take(int bytes) throws IOException {
            if (kept + bytes > BUDGET) {
                throw new IOException("too much is waiting to be sent");
            }
            kept += bytes;
        }
    }

    /** @param first looks at what passes */
    Direction(Descriptor from, Shared shared, LongAdder count, @Nullable FirstBytes first) {
        this.from = from;
        this.shared = shared;
        this.count = count;
        this.first = first;
    }

    /** From now on it goes somewhere; first of all what is given here. */
    void to(Descriptor target, @Nullable ByteBuf header) {
        to = target;
        if (header != null) {
            ByteBuf read = rest;
            rest = header;
            if (read != null) {
                header.writeBytes(read);
                read.release();
            }
        }
    }

    /** All has been handed on, and that it was all. */
    boolean isOver() {
        return over;
    }

    boolean hasSpoken() {
        return spoke;
    }

    boolean isLookedAt() {
        return first != null;
    }

    /**
     * Hands on what can be.
     *
     * @return whether there is more, and others come first
     * @throws IOException if it cannot be read
     */
    boolean pump() throws IOException {
        Descriptor target = to;
        if (target == null) {
            readAhead();
            return false;
        }
        for (int i = 0; i < TURNS; i++) {
            if (target.broken || !isDrained(target)) {
                return false;
            }
            if (ended) {
                end(target);
                return false;
            }
            if (!from.readable) {
                return false;
            }
            if (full < FULL || !splice()) {
                copy(target);
            }
        }
        return true;
    }

    /** Whether nothing waits to be sent any more. */
    private boolean isDrained(Descriptor target) {
        ByteBuf bytes = rest;
        try {
            if (bytes != null) {
                ByteBuffer b = bytes.internalNioBuffer(bytes.readerIndex(), bytes.readableBytes());
                bytes.skipBytes(send(target, b));
                if (bytes.isReadable()) {
                    return false;
                }
                releaseRest();
            }
            return pipe == null || isDrained(pipe, target);
        } catch (IOException | RuntimeException e) {
            target.broken = true;
            return false;
        }
    }

    private boolean isDrained(KernelPipe lent, Descriptor target) throws IOException {
        while (lent.bytes > 0) {
            int n = target.writable
                    ? Native.splice(lent.out.intValue(), -1, target.socket.intValue(), -1, lent.bytes)
                    : 0;
            if (n == 0) {
                target.writable = false;
                return false;
            }
            lent.bytes -= n;
        }
        pipe = null;
        shared.pipes.giveBack(lent);
        return true;
    }

    /** @return how many bytes were taken */
    private static int send(Descriptor target, ByteBuffer bytes) throws IOException {
        int begin = bytes.position();
        int at = begin;
        while (at < bytes.limit() && target.writable) {
            int n = target.socket.send(bytes, at, bytes.limit());
            target.writable = n > 0;
            at += n;
        }
        return at - begin;
    }

    private void end(Descriptor target) {
        if (!over) {
            over = true;
            try {
                target.socket.shutdown(false, true);
            } catch (IOException | RuntimeException e) {
                target.broken = true;
            }
        }
    }

    /** @return false if there is nothing, which may be the end, or if there is no pipe for it */
    private boolean splice() throws IOException {
        KernelPipe lent = shared.pipes.take();
        if (lent == null) {
            return false;
        }
        pipe = lent;
        int n = Native.splice(from.socket.intValue(), -1, lent.in.intValue(), -1, AT_ONCE);
        lent.bytes = n;
        if (n < LITTLE) {
            full = 0;
        }
        if (n == 0) {
            pipe = null;
            shared.pipes.giveBack(lent);
            return false;
        }
        count.add(n);
        return true;
    }

    private void copy(Descriptor target) throws IOException {
        ByteBuffer buffer = shared.buffer;
        int n = read(shared.most());
        if (n <= 0) {
            return;
        }
        buffer.limit(n).position(0);
        int sent;
        try {
            sent = send(target, buffer);
        } catch (IOException | RuntimeException e) {
            target.broken = true;
            return;
        }
        if (sent < n) {
            keep(buffer, sent, n - sent);
        }
    }

    /** A knock is heard whatever the target does; more is not read before it is there. */
    private void readAhead() throws IOException {
        while (first != null && first.missing() > 0 && from.readable && !ended) {
            int n = read(first.missing());
            if (n > 0) {
                keep(shared.buffer, 0, n);
            }
        }
    }

    /** Into the shared buffer. Notices where there is no more for now, and the end. */
    private int read(int most) throws IOException {
        int n = from.socket.recv(shared.buffer.clear(), 0, most);
        if (n < 0) {
            ended = true;
            return n;
        }
        // Fewer than asked for are all: epoll(7). The end may still be behind them.
        full = n == most ? full + 1 : 0;
        from.readable = n == most || n > 0 && (from.ending || from.failing);
        if (n > 0) {
            spoke = true;
            count.add(n);
            if (first != null) {
                first.pass(shared.buffer, n);
            }
        }
        return n;
    }

    /** @throws IOException if all together keep too much */
    private void keep(ByteBuffer bytes, int offset, int length) throws IOException {
        shared.take(length);
        kept += length;
        ByteBuf into = rest;
        if (into == null) {
            into = ByteBufAllocator.DEFAULT.directBuffer(length);
            rest = into;
        }
        bytes.limit(offset + length).position(offset);
        into.writeBytes(bytes);
    }

    private void releaseRest() {
        if (rest != null) {
            rest.release();
            rest = null;
        }
        shared.kept -= kept;
        kept = 0;
    }

    /** Forgets what waits. */
    void release() {
        releaseRest();
        if (pipe != null) {
            shared.pipes.giveBack(pipe);
            pipe = null;
        }
    }
}
