package org.mayfly.netlink.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import jnr.ffi.types.intptr_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.uintptr_t;
import org.junit.jupiter.api.Test;

/**
 * jnr-ffi 2.2.17 to 2.3.4 pass garbage in the sixth argument of a method whose six are all primitive. So ours have
 * five at most. When {@link #theSixthIsGarbage} fails, jnr-ffi was mended and the rule may go.
 */
final class SixArgumentsTest {
    /** Public, since jnr-ffi implements it from another class loader. */
    public interface Five {
        @ssize_t
        long send(int fd, @uintptr_t long buffer, @size_t long length, int flags);

        @ssize_t
        long sendto(
                int fd,
                @uintptr_t long buffer,
                @size_t long length,
                int flags,
                @intptr_t long address,
                int addressLength);
    }

    @Test
    void noCallHasSixPrimitives() {
        for (Method m : Libc.Calls.class.getMethods()) {
            boolean primitive = Arrays.stream(m.getParameterTypes()).allMatch(Class::isPrimitive);
            assertTrue(!primitive || m.getParameterCount() <= 5, m::getName);
        }
    }

    @Test
    void theSixthIsGarbage() throws Exception {
        Five calls = LibraryLoader.create(Five.class).load("c");
        try (NetlinkSocket socket = NetlinkSocket.open(0)) {
            ByteBuffer noop = ByteBuffer.allocateDirect(16).order(java.nio.ByteOrder.nativeOrder());
            noop.putInt(0, 16).putShort(4, (short) 1).putShort(6, (short) 1);
            ByteBuffer kernel = ByteBuffer.allocateDirect(12).order(java.nio.ByteOrder.nativeOrder());
            kernel.putShort(0, (short) 16);
            long sent = calls.sendto(socket.fd(), Libc.address(noop), 16, 0, Libc.address(kernel), 12);
            assertEquals(-1, sent, "the kernel sees another address length than 12");
            assertEquals(16, calls.send(socket.fd(), Libc.address(noop), 16, 0), "four are passed as they are");
        }
    }
}
