package org.mayfly.knock;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An IPv6 address as two words. An IPv4 address stands here in its mapped form, {@code ::ffff:a.b.c.d} (RFC 4291,
 * 2.5.5.2), so that the whole of Mayfly has one kind of address.
 *
 * @param high the first 64 bits, network order
 * @param low the last 64 bits
 */
public record Ip6Address(long high, long low) implements Comparable<Ip6Address> {
    /** {@code ::}, in a request: the address the packet came from. */
    public static final Ip6Address UNSPECIFIED = new Ip6Address(0, 0);

    private static final long IPV4_MAPPED = 0xffff_0000_0000L;

    /**
     * @param bytes 16 bytes, or 4 for IPv4
     * @throws IllegalArgumentException for any other length
     */
    public static Ip6Address of(byte[] bytes) {
        return switch (bytes.length) {
            case 16 -> of(bytes, 0);
            case 4 ->
                new Ip6Address(
                        0,
                        IPV4_MAPPED
                                | Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt()));
            default -> throw new IllegalArgumentException("an address has 16 or 4 bytes, not " + bytes.length);
        };
    }

    /** The 16 bytes at {@code offset}. */
    public static Ip6Address of(byte[] bytes, int offset) {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        return new Ip6Address(b.getLong(offset), b.getLong(offset + 8));
    }

    public static Ip6Address of(InetAddress address) {
        return of(address.getAddress());
    }

    /**
     * Reads a literal IPv6 or dotted IPv4 address. Never asks a name server.
     *
     * @throws IllegalArgumentException if it is not one
     */
    @SuppressWarnings("AddressSelection") // literals only: there is nothing to select from
    public static Ip6Address parse(String text) {
        boolean v6 = text.indexOf(':') >= 0 && text.chars().allMatch(c -> c == ':' || c == '.' || isHex(c));
        boolean v4 = text.matches("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
        if (v6 || v4) {
            try {
                return of(InetAddress.getByName(text)); // a literal: no look-up
            } catch (UnknownHostException e) {
                // falls through: the characters were right, their order was not
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is not an IPv6 or IPv4 address");
    }

    private static boolean isHex(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    public boolean isIpv4() {
        return high == 0 && low >>> 32 == 0xffff;
    }

    public boolean isUnspecified() {
        return high == 0 && low == 0;
    }

    /** 16 bytes, network order. */
    public byte[] toBytes() {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    /** The last 4 bytes of a mapped IPv4 address. */
    public byte[] toIpv4Bytes() {
        if (!isIpv4()) {
            throw new IllegalStateException(this + " is not an IPv4 address");
        }
        return ByteBuffer.allocate(4).putInt((int) low).array();
    }

    /** As the sockets want it: an {@link Inet4Address} where it is IPv4. */
    public InetAddress toInetAddress() {
        try {
            return InetAddress.getByAddress(isIpv4() ? toIpv4Bytes() : toBytes());
        } catch (UnknownHostException e) {
            throw new AssertionError("16 and 4 bytes are always an address", e);
        }
    }

    /** This address with every bit after the first {@code length} cleared. */
    public Ip6Address masked(int length) {
        long h = length >= 64 ? high : length == 0 ? 0 : high & -1L << (64 - length);
        long l = length <= 64 ? 0 : length == 128 ? low : low & -1L << (128 - length);
        return new Ip6Address(h, l);
    }

    @Override
    public int compareTo(Ip6Address other) {
        int c = Long.compareUnsigned(high, other.high);
        return c != 0 ? c : Long.compareUnsigned(low, other.low);
    }

    /** The text of RFC 5952; dotted where it is IPv4. */
    @Override
    public String toString() {
        if (isIpv4()) {
            int v = (int) low;
            return (v >>> 24) + "." + (v >>> 16 & 255) + "." + (v >>> 8 & 255) + "." + (v & 255);
        }
        int best = -1;
        int bestLength = 1; // a single zero group is not shortened
        for (int i = 0; i < 8; i++) {
            int n = 0;
            while (i + n < 8 && group(i + n) == 0) {
                n++;
            }
            if (n > bestLength) {
                best = i;
                bestLength = n;
            }
            i += n;
        }
        StringBuilder s = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                s.append("::");
                i += bestLength - 1;
            } else {
                if (!s.isEmpty() && s.charAt(s.length() - 1) != ':') {
                    s.append(':');
                }
                s.append(Integer.toHexString(group(i)));
            }
        }
        return s.toString();
    }

    private int group(int i) {
        return (int) ((i < 4 ? high : low) >>> 48 - 16 * (i & 3)) & 0xffff;
    }

    /** By hand, as {@link #hashCode}: what a record has by itself is a chain of method handles, and many are compared. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Ip6Address a && high == a.high && low == a.low;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(high) + Long.hashCode(low);
    }
}
