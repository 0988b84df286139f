package org.mayfly.agent.relay;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Pipes of the kernel, for splice(2): one is lent to a direction while bytes are in it, so that few of them do for many
 * connections. On the loop.
 */
final class KernelPipes implements AutoCloseable {
    /** At a time; twice as many descriptors. What finds none is copied. */
    static final int MOST = 512;

    private static final int KEPT = 32;

    private final Deque<KernelPipe> free = new ArrayDeque<>();
    private int count;

    /** Both ends, and how much is in it. */
    static final class KernelPipe {
        final FileDescriptor out;
        final FileDescriptor in;
        int bytes;

        private KernelPipe(FileDescriptor out, FileDescriptor in) {
            this.out = out;
            this.in = in;
        }
    }

    /** @return null if there are as many as there may be, or no descriptors left */
    @Nullable
    KernelPipe take() {
        KernelPipe used = free.pollLast();
        if (used != null || count >= MOST) {
            return used;
        }
        try {
            FileDescriptor[] ends = FileDescriptor.pipe(); // not blocking
            count++;
            return new KernelPipe(ends[0], ends[1]);
        } catch (IOException e) {
            return null;
        }
    }

    /** With bytes in it, it is of no use to others. */
    void giveBack(KernelPipe pipe) {
        if (pipe.bytes == 0 && free.size() < KEPT) {
            free.addLast(pipe);
        } else {
            close(pipe);
        }
    }

    private void close(KernelPipe pipe) {
        count--;
        for (FileDescriptor end : new FileDescriptor[] {pipe.in, pipe.out}) {
            try {
                end.close();
            } catch (IOException e) {
                // Of a pipe that is nobody's any more nothing can be lost.
            }
        }
    }

    @Override
    public void close() {
        for (KernelPipe pipe = free.pollLast(); pipe != null; pipe = free.pollLast()) {
            close(pipe);
        }
    }
}
