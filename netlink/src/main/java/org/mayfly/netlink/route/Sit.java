package org.mayfly.netlink.route;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A tunnel of IPv6 in IPv4 (RFC 4213), 6to4 or 6rd: {@code IFLA_IPTUN_*}.
 *
 * <p>Source: {@code linux/if_tunnel.h}, {@code net/ipv6/sit.c}, ip-link(8). A kernel without {@code CONFIG_IPV6_SIT}
 * refuses one with {@code EOPNOTSUPP}, "Unknown device type".
 *
 * @param local the address on this side; null for any
 * @param remote the address on the other side; null for none in particular, as 6rd has it
 * @param link the interface that carries it; 0 for any
 * @param ttl 1 to 255; 0 takes over that of the packet inside
 * @param tos of the outer packets; 1 takes over that of the packet inside
 * @param pathMtuDiscovery whether the outer packets may not be fragmented; a {@code ttl} needs it
 * @param protocol what goes inside: {@link #IPPROTO_IPV6}, {@link #IPPROTO_IPIP}, or 0 for any of them
 * @param flags {@link #SIT_ISATAP}
 * @param mark for the routing of the outer packets
 * @param sixRd null leaves it at 6to4; a kernel with 6rd always tells one
 * @param unknown attributes that have no name here, as they came
 */
public record Sit(
        @Nullable Inet4Address local,
        @Nullable Inet4Address remote,
        int link,
        int ttl,
        int tos,
        boolean pathMtuDiscovery,
        int protocol,
        int flags,
        int mark,
        Encapsulation encapsulation,
        @Nullable SixRd sixRd,
        List<RawAttribute> unknown)
        implements LinkKind {
    public static final int IPPROTO_IPIP = 4;
    public static final int IPPROTO_IPV6 = 41;

    /** In host byte order, whatever its type in the header says. */
    public static final int SIT_ISATAP = 1;

    static final String NAME = "sit";

    static final AttributeNames NAMES = AttributeNames.of(
            "IFLA_IPTUN_",
            "UNSPEC LINK LOCAL REMOTE TTL TOS ENCAP_LIMIT FLOWINFO FLAGS PROTO PMTUDISC 6RD_PREFIX 6RD_RELAY_PREFIX "
                    + "6RD_PREFIXLEN 6RD_RELAY_PREFIXLEN ENCAP_TYPE ENCAP_FLAGS ENCAP_SPORT ENCAP_DPORT "
                    + "COLLECT_METADATA FWMARK");

    private static final int IFLA_IPTUN_LINK = 1;
    private static final int IFLA_IPTUN_LOCAL = 2;
    private static final int IFLA_IPTUN_REMOTE = 3;
    private static final int IFLA_IPTUN_TTL = 4;
    private static final int IFLA_IPTUN_TOS = 5;
    private static final int IFLA_IPTUN_FLAGS = 8;
    private static final int IFLA_IPTUN_PROTO = 9;
    private static final int IFLA_IPTUN_PMTUDISC = 10;
    private static final int IFLA_IPTUN_6RD_PREFIX = 11;
    private static final int IFLA_IPTUN_6RD_RELAY_PREFIX = 12;
    private static final int IFLA_IPTUN_6RD_PREFIXLEN = 13;
    private static final int IFLA_IPTUN_6RD_RELAY_PREFIXLEN = 14;
    private static final int IFLA_IPTUN_ENCAP_TYPE = 15;
    private static final int IFLA_IPTUN_ENCAP_FLAGS = 16;
    private static final int IFLA_IPTUN_ENCAP_SPORT = 17;
    private static final int IFLA_IPTUN_ENCAP_DPORT = 18;
    private static final int IFLA_IPTUN_FWMARK = 20;

    private static final int DEFAULT_TTL = 64;

    /** What {@code ipip6_netlink_parms} takes for what is not said. */
    static final Sit DEFAULTS = between(null, null);

    /**
     * What the outer packet is put into in its turn, so that it passes where only UDP does.
     *
     * @param type {@code TUNNEL_ENCAP_*}: 0 none, 1 fou, 2 gue
     * @param flags {@code TUNNEL_ENCAP_FLAG_*}: 1 checksum, 2 checksum for IPv6, 4 remote checksum offload
     * @param sourcePort 0 for one chosen by the flow
     */
    public record Encapsulation(int type, int flags, int sourcePort, int destinationPort) {
        public static final Encapsulation NONE = new Encapsulation(0, 0, 0, 0);
        public static final int TUNNEL_ENCAP_FOU = 1;
        public static final int TUNNEL_ENCAP_GUE = 2;
    }

    /**
     * How an IPv4 address is found in an IPv6 one (RFC 5969).
     *
     * @param length of the prefix, in bits
     * @param relayPrefix what all IPv4 addresses have in common, and is left out; null for nothing
     * @param relayLength of that, in bits
     */
    public record SixRd(
            Inet6Address prefix, int length, @Nullable Inet4Address relayPrefix, int relayLength) {}

    public Sit {
        unknown = List.copyOf(unknown);
    }

    /** One with a TTL of 64 that takes IPv6 alone, which is what the kernel makes if it is told no more. */
    public static Sit between(@Nullable Inet4Address local, @Nullable Inet4Address remote) {
        return new Sit(local, remote, 0, DEFAULT_TTL, 0, true, IPPROTO_IPV6, 0, 0, Encapsulation.NONE, null, List.of());
    }

    public Sit with(SixRd other) {
        return new Sit(
                local, remote, link, ttl, tos, pathMtuDiscovery, protocol, flags, mark, encapsulation, other, unknown);
    }

    public Sit with(Encapsulation other) {
        return new Sit(local, remote, link, ttl, tos, pathMtuDiscovery, protocol, flags, mark, other, sixRd, unknown);
    }

    @Override
    public String name() {
        return NAME;
    }

    /** All of it, in the order in which ip writes it. */
    void write(MessageWriter w) {
        w.attrU8(IFLA_IPTUN_PROTO, protocol);
        if (local != null) {
            w.attrBytes(IFLA_IPTUN_LOCAL, local.getAddress());
        }
        if (remote != null) {
            w.attrBytes(IFLA_IPTUN_REMOTE, remote.getAddress());
        }
        w.attrU8(IFLA_IPTUN_PMTUDISC, pathMtuDiscovery ? 1 : 0);
        w.attrU8(IFLA_IPTUN_TOS, tos).attrU8(IFLA_IPTUN_TTL, ttl);
        w.attrU32(IFLA_IPTUN_LINK, link).attrU32(IFLA_IPTUN_FWMARK, mark);
        w.attrU16(IFLA_IPTUN_ENCAP_TYPE, encapsulation.type).attrU16(IFLA_IPTUN_ENCAP_FLAGS, encapsulation.flags);
        w.attrBe16(IFLA_IPTUN_ENCAP_SPORT, encapsulation.sourcePort);
        w.attrBe16(IFLA_IPTUN_ENCAP_DPORT, encapsulation.destinationPort);
        w.attrU16(IFLA_IPTUN_FLAGS, flags);
        if (sixRd != null) {
            w.attrBytes(IFLA_IPTUN_6RD_PREFIX, sixRd.prefix.getAddress());
            w.attrU16(IFLA_IPTUN_6RD_PREFIXLEN, sixRd.length);
            if (sixRd.relayPrefix != null) {
                w.attrBytes(IFLA_IPTUN_6RD_RELAY_PREFIX, sixRd.relayPrefix.getAddress());
            }
            if (sixRd.relayPrefix != null || sixRd.relayLength != 0) { // 0.0.0.0/8 is a prefix, too
                w.attrU16(IFLA_IPTUN_6RD_RELAY_PREFIXLEN, sixRd.relayLength);
            }
        }
        unknown.forEach(a -> a.write(w));
    }

    static Sit read(AttributeReader a) {
        Inet4Address local = null;
        Inet4Address remote = null;
        int link = 0;
        int ttl = DEFAULT_TTL;
        int tos = 0;
        boolean discovery = true;
        int protocol = IPPROTO_IPV6;
        int flags = 0;
        int mark = 0;
        int type = 0;
        int typeFlags = 0;
        int sourcePort = 0;
        int destinationPort = 0;
        Inet6Address prefix = null;
        int length = 0;
        Inet4Address relay = null;
        int relayLength = 0;
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case IFLA_IPTUN_LOCAL -> local = inet4(a);
                case IFLA_IPTUN_REMOTE -> remote = inet4(a);
                case IFLA_IPTUN_LINK -> link = a.u32();
                case IFLA_IPTUN_TTL -> ttl = a.u8();
                case IFLA_IPTUN_TOS -> tos = a.u8();
                case IFLA_IPTUN_PMTUDISC -> discovery = a.u8() != 0;
                case IFLA_IPTUN_PROTO -> protocol = a.u8();
                case IFLA_IPTUN_FLAGS -> flags = a.u16();
                case IFLA_IPTUN_FWMARK -> mark = a.u32();
                case IFLA_IPTUN_ENCAP_TYPE -> type = a.u16();
                case IFLA_IPTUN_ENCAP_FLAGS -> typeFlags = a.u16();
                case IFLA_IPTUN_ENCAP_SPORT -> sourcePort = a.be16();
                case IFLA_IPTUN_ENCAP_DPORT -> destinationPort = a.be16();
                case IFLA_IPTUN_6RD_PREFIX -> prefix = inet6(a);
                case IFLA_IPTUN_6RD_PREFIXLEN -> length = a.u16();
                case IFLA_IPTUN_6RD_RELAY_PREFIX -> relay = inet4(a);
                case IFLA_IPTUN_6RD_RELAY_PREFIXLEN -> relayLength = a.u16();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        SixRd sixRd = prefix == null ? null : new SixRd(prefix, length, relay, relayLength);
        Encapsulation around = new Encapsulation(type, typeFlags, sourcePort, destinationPort);
        return new Sit(local, remote, link, ttl, tos, discovery, protocol, flags, mark, around, sixRd, unknown);
    }

    /** 0.0.0.0, which is what the kernel tells for none, is null. */
    private static @Nullable Inet4Address inet4(AttributeReader a) {
        if (Address.inet(a) instanceof Inet4Address four) {
            return four.isAnyLocalAddress() ? null : four;
        }
        throw new MalformedMessageException("an IPv4 address of " + a.length() + " bytes", a.offset());
    }

    private static Inet6Address inet6(AttributeReader a) {
        if (Address.inet(a) instanceof Inet6Address six) {
            return six;
        }
        throw new MalformedMessageException("an IPv6 address of " + a.length() + " bytes", a.offset());
    }
}
