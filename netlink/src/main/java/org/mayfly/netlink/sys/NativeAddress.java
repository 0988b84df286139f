package org.mayfly.netlink.sys;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Where a direct buffer lies. Remembers the last one, as asking costs as much as half a system call. */
final class NativeAddress {
    private @Nullable ByteBuffer last;
    private long address;

    @SuppressWarnings("ReferenceEquality") // another buffer of equal content lies elsewhere
    long of(ByteBuffer direct) {
        if (direct != last) {
            address = Libc.address(direct);
            last = direct;
        }
        return address;
    }
}
