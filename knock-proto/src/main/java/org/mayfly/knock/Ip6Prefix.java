package org.mayfly.knock;

/**
 * A prefix: an address and how many of its leading bits count. The bits after those are always zero.
 *
 * @param address the first address of the prefix
 * @param length 0 to 128
 */
public record Ip6Prefix(Ip6Address address, int length) {
    public Ip6Prefix {
        if (length < 0 || length > 128) {
            throw new IllegalArgumentException("a prefix length is 0 to 128, not " + length);
        }
        if (!address.equals(address.masked(length))) {
            throw new IllegalArgumentException(address + "/" + length + " has bits set beyond its length; did you mean "
                    + address.masked(length) + "/" + length + "?");
        }
    }

    /** The prefix of that length in which {@code address} lies. */
    public static Ip6Prefix around(Ip6Address address, int length) {
        return new Ip6Prefix(address.masked(length), length);
    }

    /**
     * Reads {@code 2001:db8:1:2::/64}.
     *
     * @throws IllegalArgumentException if it is not a prefix, or has bits beyond its length
     */
    public static Ip6Prefix parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}") || text.indexOf(':') < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not an IPv6 prefix such as 2001:db8:1:2::/64");
        }
        return new Ip6Prefix(Ip6Address.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** The address of this prefix whose bits after the prefix are those of {@code host}. */
    public Ip6Address with(Ip6Address host) {
        Ip6Address cut = host.masked(length);
        return new Ip6Address(address.high() | host.high() ^ cut.high(), address.low() | host.low() ^ cut.low());
    }

    public boolean contains(Ip6Address other) {
        return other.masked(length).equals(address);
    }

    public boolean contains(Ip6Prefix other) {
        return other.length >= length && contains(other.address);
    }

    /**
     * A prefix as long as this one, of which the first {@code bits} bits are those of {@code place} and the rest are its
     * own: where this one is found once the network has moved.
     *
     * @throws IllegalArgumentException if {@code bits} is not 0 to the length
     */
    public Ip6Prefix movedTo(Ip6Address place, int bits) {
        if (bits < 0 || bits > length) {
            throw new IllegalArgumentException("only 0 to " + length + " bits of " + this + " can move, not " + bits);
        }
        return new Ip6Prefix(around(place, bits).with(address), length);
    }

    @Override
    public String toString() {
        return address + "/" + length;
    }
}
