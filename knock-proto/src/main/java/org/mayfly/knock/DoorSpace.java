package org.mayfly.knock;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where doors may be: a prefix, less what is kept for other uses.
 *
 * @param prefix 64 to 96 bits long
 * @param reserved a range kept for addresses of other kinds, relative to the prefix: {@code ::/124} is its lowest 16
 */
public record DoorSpace(Ip6Prefix prefix, Ip6Prefix reserved) {
    /** The lowest 16 addresses of a prefix, where people put what they number by hand. */
    public static final Ip6Prefix DEFAULT_RESERVED = new Ip6Prefix(Ip6Address.UNSPECIFIED, 124);

    /** How many addresses one knock may lead to. */
    public static final int SALTS = 3;

    public static final int MIN_LENGTH = 64;
    public static final int MAX_LENGTH = 96;

    /** The lowest reserved anycast identifier of 64 bits: universal/local bit zero, the rest one (RFC 2526, 2). */
    private static final long ANYCAST_EUI64 = 0xfdff_ffff_ffff_ff80L;

    /** The anycast identifiers proper: the last 7 bits. */
    private static final long ANYCAST_IDS = 0x7f;

    /** @throws IllegalArgumentException one line that says what is wrong with them */
    public DoorSpace {
        if (prefix.length() < MIN_LENGTH || prefix.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a door prefix is /" + MIN_LENGTH + " to /" + MAX_LENGTH + ", not /"
                    + prefix.length() + ": " + prefix);
        }
        if (!reserved.address().masked(prefix.length()).isUnspecified()) {
            throw new IllegalArgumentException("the reserved range " + reserved + " is relative to the door prefix: its"
                    + " first " + prefix.length() + " bits are zero, such as " + DEFAULT_RESERVED);
        }
        if (reserved.length() <= prefix.length()) {
            throw new IllegalArgumentException(
                    "the reserved range " + reserved + " covers all of the door prefix " + prefix);
        }
    }

    /** Whether a door may be there. */
    public boolean usable(Ip6Address address) {
        Ip6Address host = host(address);
        return prefix.contains(address)
                && !host.isUnspecified() // the subnet-router anycast address, RFC 4291, 2.6.1
                && !reserved.contains(host)
                && !isReservedAnycast(host);
    }

    private boolean isReservedAnycast(Ip6Address host) {
        long lowest = prefix.length() == 64 ? ANYCAST_EUI64 : -1L >>> (prefix.length() - 64) & ~ANYCAST_IDS;
        return (host.low() & ~ANYCAST_IDS) == lowest;
    }

    /**
     * The doors a knock may lead to, in the order in which both sides try them: up to three, usually three; none if
     * all fall into what is reserved.
     */
    public List<Ip6Address> candidates(KnockKey key, byte[] p, int off) {
        List<Ip6Address> found = new ArrayList<>(SALTS);
        for (int salt = 0; salt < SALTS; salt++) {
            Ip6Address address = inPrefix(key.doorBits(p, off, salt));
            if (usable(address) && !found.contains(address)) {
                found.add(address);
            }
        }
        return List.copyOf(found);
    }

    /**
     * The first of the {@link #candidates} that is free, without making those behind it.
     *
     * @return null if none is
     */
    public @Nullable Ip6Address firstFree(KnockKey key, byte[] p, int off, Predicate<Ip6Address> isFree) {
        for (int salt = 0; salt < SALTS; salt++) {
            Ip6Address address = inPrefix(key.doorBits(p, off, salt));
            if (usable(address) && isFree.test(address)) {
                return address;
            }
        }
        return null;
    }

    private Ip6Address inPrefix(Ip6Address bits) {
        Ip6Address host = host(bits);
        return new Ip6Address(prefix.address().high(), prefix.address().low() | host.low());
    }

    /** The bits after the prefix, all else zero. A door prefix is never shorter than 64 bits. */
    private Ip6Address host(Ip6Address address) {
        return new Ip6Address(
                0, address.low() & ~address.masked(prefix.length()).low());
    }

    @Override
    public String toString() {
        return prefix + " without " + reserved;
    }
}
