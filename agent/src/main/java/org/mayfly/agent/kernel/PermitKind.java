package org.mayfly.agent.kernel;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.DataType;
import org.mayfly.netlink.nft.KeyType;
import org.mayfly.netlink.nft.SetKey;

/**
 * The ways a permit says who may come. Each has a set of its own, since a hash set is asked for a whole key: what does
 * not count of an address is masked before the look-up, or is not part of the key.
 */
enum PermitKind {
    /** One source address. */
    EXACT("permits", "let in: source . door . protocol . port", "revoked", "cut off, sessions too: source . door"),
    /** The /64 of the source. */
    NET64(
            "permits64",
            "let in: source's /64 . door . protocol . port",
            "revoked64",
            "cut off, sessions too: source's /64 . door"),
    /** Whoever finds the door. */
    ANY("permits_any", "let in from anywhere: door . protocol . port", "revoked_any", "cut off, sessions too: door"),
    /** One IPv4 source, to the host's own addresses. */
    IPV4(
            "permits4",
            "let in: IPv4 source . protocol . port",
            "revoked4",
            "cut off, sessions too: IPv4 source . protocol . port");

    private static final int WORD = 4;
    private static final int IPV6 = 16;

    /** Names and comments of the set that lets in, and of the one that cuts off. */
    final String permitSet;

    final String permitComment;
    final String revokedSet;
    final String revokedComment;

    PermitKind(String permitSet, String permitComment, String revokedSet, String revokedComment) {
        this.permitSet = permitSet;
        this.permitComment = permitComment;
        this.revokedSet = revokedSet;
        this.revokedComment = revokedComment;
    }

    KeyType permits() {
        return switch (this) {
            case EXACT, NET64 ->
                KeyType.of(DataType.IPV6_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE);
            case ANY -> KeyType.of(DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE);
            case IPV4 -> KeyType.of(DataType.IPV4_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE);
        };
    }

    KeyType revoked() {
        return switch (this) {
            case EXACT, NET64 -> KeyType.of(DataType.IPV6_ADDR, DataType.IPV6_ADDR);
            case ANY -> KeyType.of(DataType.IPV6_ADDR);
            case IPV4 -> permits();
        };
    }

    static PermitKind of(Permit permit) {
        if (permit.isIpv4()) {
            return IPV4;
        }
        return switch (permit.sourceLength()) {
            case 128 -> EXACT;
            case 64 -> NET64;
            default -> ANY;
        };
    }

    /** Leading bits of the source that count. */
    int sourceLength() {
        return switch (this) {
            case EXACT, IPV4 -> 128;
            case NET64 -> 64;
            case ANY -> 0;
        };
    }

    /** The element that lets it in. */
    static Bytes key(Permit p) {
        return addresses(p).protocol(p.protocol().number()).port(p.port()).toBytes();
    }

    /** The element that cuts it off. A door belongs to one lease, so that the port need not be part of it on IPv6. */
    static Bytes revokedKey(Permit p) {
        return p.isIpv4() ? key(p) : addresses(p).toBytes();
    }

    private static SetKey addresses(Permit p) {
        SetKey key = new SetKey();
        return switch (of(p)) {
            case EXACT, NET64 ->
                key.address(p.source().toBytes()).address(p.door().toBytes());
            case ANY -> key.address(p.door().toBytes());
            case IPV4 -> key.address(p.source().toIpv4Bytes());
        };
    }

    /** What an element of {@link #permitSet} lets in; null if it is not one that we would have written. */
    @Nullable
    Permit permit(Bytes key) {
        byte[] k = key.toArray();
        if (k.length != permits().length()) {
            return null;
        }
        int protocolAt = k.length - 2 * WORD;
        int port = key.get(k.length - WORD) << 8 | key.get(k.length - WORD + 1);
        Protocol protocol = protocol(key.get(protocolAt));
        Ip6Address source = this == IPV4
                ? Ip6Address.of(Arrays.copyOf(k, WORD))
                : this == ANY ? Ip6Address.UNSPECIFIED : Ip6Address.of(k, 0);
        Ip6Address door = this == IPV4 ? Ip6Address.UNSPECIFIED : Ip6Address.of(k, protocolAt - IPV6);
        boolean ours = protocol != null
                && source.equals(source.masked(sourceLength()))
                && source.isIpv4() == door.isUnspecified();
        return ours && protocol != null ? new Permit(source, sourceLength(), door, protocol, port) : null;
    }

    private static @Nullable Protocol protocol(int number) {
        for (Protocol p : Protocol.values()) {
            if (p.number() == number) {
                return p;
            }
        }
        return null;
    }
}
