package org.mayfly.knock;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is sealed in a knock. Big-endian:
 *
 * <pre>
 *  0 version u8 = 1 | 1 flags u8 = 0 | 2 reserved u16 = 0 | 4 lease u32, seconds
 *  8 time u64, Unix nanoseconds
 * 16 source, 16 bytes
 * 32 service, 16 bytes, zero padded
 * </pre>
 *
 * @param leaseSeconds how long the door shall stand, 0 to 2^32 - 1; 0: as long as the service's own lease
 * @param timeNanos when it was made, nanoseconds since 1970, not negative
 * @param source who may come through the door; {@code ::}: the address the packet comes from
 * @param service {@code [a-z0-9-]{1,16}}, or empty: the client's first
 */
public record KnockRequest(long leaseSeconds, long timeNanos, Ip6Address source, String service) {
    /** Bytes of a request. */
    public static final int LENGTH = Packet.SEALED_LENGTH;

    /** The version this is. */
    public static final int VERSION = 1;

    public static final long MAX_LEASE_SECONDS = 0xffff_ffffL;

    private static final int FLAGS_AND_RESERVED_MASK = 0x00ff_ffff; // of the first four bytes
    private static final int TIME_OFFSET = 8;
    private static final int SERVICE_OFFSET = 32;
    private static final int SERVICE_LENGTH = 16;

    /** @throws IllegalArgumentException if a part is out of its range */
    public KnockRequest {
        if (leaseSeconds < 0 || leaseSeconds > MAX_LEASE_SECONDS) {
            throw new IllegalArgumentException("a lease is 0 to " + MAX_LEASE_SECONDS + " s, not " + leaseSeconds);
        }
        if (timeNanos < 0) {
            throw new IllegalArgumentException("a time stamp before 1970");
        }
        if (!service.isEmpty() && !isServiceName(service)) {
            throw new IllegalArgumentException(
                    "\"" + service + "\" is not a service name: 1 to 16 of the characters a-z, 0-9 and -");
        }
    }

    /** Whether it is {@code [a-z0-9-]{1,16}}. */
    public static boolean isServiceName(String name) {
        return !name.isEmpty()
                && name.length() <= SERVICE_LENGTH
                && name.chars().allMatch(KnockRequest::inName);
    }

    private static boolean inName(int c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-';
    }

    /** The version that {@code plain}, or its beginning, says it has. All else in it means something only if that is {@link #VERSION}. */
    public static int version(byte[] plain) {
        return Byte.toUnsignedInt(plain[0]);
    }

    /** Whether the first 16 bytes of {@code plain}, of {@link #VERSION}, are those of a request: no unknown flag, a time. */
    public static boolean beginsWell(byte[] plain) {
        return (Words.big(plain, 0) >>> 32 & FLAGS_AND_RESERVED_MASK) == 0 && timeNanos(plain) >= 0;
    }

    /** The time stamp in {@code plain}, of {@link #VERSION}; below 0 if it is none. */
    public static long timeNanos(byte[] plain) {
        return Words.big(plain, TIME_OFFSET);
    }

    /**
     * Reads the 48 bytes of an opened knock.
     *
     * @return null if they are not a request of version 1: other length, version, unknown flags, reserved bits, a
     *     time beyond 2262, or a service that is no name. A refusal never throws.
     */
    public static @Nullable KnockRequest parse(byte[] plain) {
        if (plain.length != LENGTH || version(plain) != VERSION) {
            return null;
        }
        ByteBuffer b = ByteBuffer.wrap(plain);
        int nameLength = nameLength(plain);
        if (!beginsWell(plain) || nameLength < 0) {
            return null;
        }
        return new KnockRequest(
                Integer.toUnsignedLong(b.getInt(4)),
                timeNanos(plain),
                Ip6Address.of(plain, 16),
                new String(plain, SERVICE_OFFSET, nameLength, StandardCharsets.US_ASCII));
    }

    /** Bytes of the name before the padding; -1 if it is no name. */
    private static int nameLength(byte[] plain) {
        int length = 0;
        while (length < SERVICE_LENGTH && inName(plain[SERVICE_OFFSET + length])) {
            length++;
        }
        for (int i = length; i < SERVICE_LENGTH; i++) {
            if (plain[SERVICE_OFFSET + i] != 0) {
                return -1;
            }
        }
        return length;
    }

    /** The 48 bytes. */
    public byte[] encode() {
        ByteBuffer b = ByteBuffer.allocate(LENGTH);
        b.put(0, (byte) VERSION).putInt(4, (int) leaseSeconds).putLong(TIME_OFFSET, timeNanos);
        b.putLong(16, source.high()).putLong(24, source.low());
        byte[] name = service.getBytes(StandardCharsets.US_ASCII);
        return b.put(SERVICE_OFFSET, Arrays.copyOf(name, SERVICE_LENGTH)).array();
    }
}
