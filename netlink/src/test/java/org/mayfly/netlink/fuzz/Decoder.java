package org.mayfly.netlink.fuzz;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Something that takes bytes of the kernel apart.
 *
 * @param name {@code route.Address.decode}: its package under {@code org.mayfly.netlink}, its class, its method
 */
record Decoder(String name, Body body) {
    /** What is the same for all of them. */
    @FunctionalInterface
    interface Body {
        /**
         * @param type of the message; most do not want to know
         * @param b in host byte order
         * @return something that has {@code equals} and {@code toString}, or null
         * @throws org.mayfly.netlink.MalformedMessageException and nothing else
         */
        @Nullable
        Object decode(int type, ByteBuffer b, int offset, int length) throws Throwable;
    }

    /** Stands for the decoder in the first two bytes of an input, whichever others there are. */
    int id() {
        int hash = name.hashCode();
        return (hash ^ hash >>> 16) & 0xffff;
    }

    @Override
    public String toString() {
        return name;
    }
}
