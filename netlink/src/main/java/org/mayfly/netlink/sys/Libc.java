package org.mayfly.netlink.sys;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.IgnoreError;
import jnr.ffi.annotations.SaveError;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.uintptr_t;

/**
 * The calls this library makes. Addresses are passed as integers, which is the cheapest way through jnr-ffi and
 * allocates nothing. No method has six arguments: of six that are all primitive, the sixth arrives as garbage.
 */
final class Libc {
    /** Signatures as in the man pages, section 2. */
    public interface Calls { // public, since jnr-ffi implements it from another class loader
        @SaveError
        int socket(int domain, int type, int protocol);

        @SaveError
        int bind(int fd, @uintptr_t long address, int length);

        @SaveError
        int connect(int fd, @uintptr_t long address, int length);

        @SaveError
        int getsockname(int fd, @uintptr_t long address, @uintptr_t long length);

        @SaveError
        int setsockopt(int fd, int level, int option, @uintptr_t long value, int length);

        @SaveError
        int getsockopt(int fd, int level, int option, @uintptr_t long value, @uintptr_t long length);

        @SaveError
        int eventfd(int value, int flags);

        @IgnoreError
        @ssize_t
        long write(int fd, ByteBuffer bytes, @size_t long length);

        @SaveError
        @ssize_t
        long send(int fd, @uintptr_t long buffer, @size_t long length, int flags);

        @SaveError
        @ssize_t
        long recv(int fd, @uintptr_t long buffer, @size_t long length, int flags);

        @SaveError
        @ssize_t
        long recvmsg(int fd, @uintptr_t long message, int flags);

        @SaveError
        int recvmmsg(int fd, @uintptr_t long messages, int count, int flags, @uintptr_t long timeout);

        @SaveError
        int sendmmsg(int fd, @uintptr_t long messages, int count, int flags);

        @SaveError
        @ssize_t
        long sendmsg(int fd, @uintptr_t long message, int flags);

        @SaveError
        int poll(@uintptr_t long fds, @uintptr_t long count, int timeout);

        @SaveError
        int open(String path, int flags);

        @SaveError
        int close(int fd);

        @SaveError
        int unshare(int flags);

        @SaveError
        int setns(int fd, int type);

        /** syscall(2), for calls that the C library has no name for. */
        @SaveError
        long syscall(long number, int first, @uintptr_t long second, int third);

        @IgnoreError
        int gettid();
    }

    static final Calls CALLS = LibraryLoader.create(Calls.class).load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(CALLS);

    private Libc() {}

    /** {@code errno} of this thread's last call. Stale after a call that succeeded. */
    static int errno() {
        return RUNTIME.getLastError();
    }

    /** Whether {@code long} and pointers have 64 bits. */
    static boolean is64Bit() {
        return RUNTIME.addressSize() == Long.BYTES;
    }

    /** Adds one to an eventfd(2), which whoever waits for it then sees. */
    static void wake(int eventfd) {
        ByteBuffer one = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        CALLS.write(eventfd, one.putLong(0, 1), Long.BYTES);
    }

    static long address(ByteBuffer direct) {
        return MemoryIO.getInstance().getDirectBufferAddress(direct);
    }
}
