package org.mayfly.knock;

import org.jspecify.annotations.Nullable;

/**
 * One key of a client, as the receiver uses it. A packet here is {@link Packet#LENGTH} bytes at an offset into a larger
 * block.
 *
 * <p>An object of this kind has state (a hash in progress): <b>one thread only</b>.
 */
public interface KnockKey {
    /** The 8 bytes that name this key in a packet, as a big-endian number. Derived from the key, so never configured. */
    long id();

    /** Whether whoever made the packet has this key. Constant time; allocates nothing; never throws. */
    boolean proves(byte[] p, int off);

    /**
     * The beginning of the sealed request, up to and including its time stamp: enough to refuse what is too old, without
     * allocating anything.
     *
     * @param p a packet that this key {@link #proves}
     * @return 16 bytes in an array of this object's own, until the next call; {@link KnockRequest#version},
     *     {@link KnockRequest#beginsWell} and {@link KnockRequest#timeNanos(byte[])} read them
     */
    byte[] head(byte[] p, int off);

    /**
     * The sealed request, 48 bytes.
     *
     * @param p a packet that this key {@link #proves}
     * @return null if the packet was not proved after all
     */
    byte @Nullable [] open(byte[] p, int off);

    /** Makes what is needed to open packets, which the first of them would wait for otherwise: a matter of milliseconds. */
    default void prepare() {}

    /**
     * What the key makes of the packet's nonce and a salt: 128 bits, of which a {@link DoorSpace} takes the last.
     *
     * @param salt 0 to 255; doors use 0, 1 and 2
     */
    Ip6Address doorBits(byte[] p, int off, int salt);
}
