package org.mayfly.netlink.conntrack;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * What the packets of one direction of a flow have in common. Source: {@code enum ctattr_tuple}, {@code enum ctattr_ip}
 * in {@code linux/netfilter/nfnetlink_conntrack.h}.
 *
 * @param source of the same family as {@code destination}; a mapped address is an {@link Inet6Address} here
 * @param transport the protocol, and what it has for ports
 * @param zone of this direction alone ({@code CTA_TUPLE_ZONE}); 0 where it is that of both, or none
 * @param unknownAddresses attributes among the addresses that this library has no name for
 * @param unknown attributes this library has no name for
 */
public record Tuple(
        InetAddress source,
        InetAddress destination,
        Transport transport,
        int zone,
        List<RawAttribute> unknownAddresses,
        List<RawAttribute> unknown) {
    static final int CTA_TUPLE_IP = 1;
    static final int CTA_TUPLE_PROTO = 2;
    static final int CTA_TUPLE_ZONE = 3;

    static final int CTA_IP_V4_SRC = 1;
    static final int CTA_IP_V4_DST = 2;
    static final int CTA_IP_V6_SRC = 3;
    static final int CTA_IP_V6_DST = 4;

    static final AttributeNames NAMES = AttributeNames.of("CTA_TUPLE_", "UNSPEC IP PROTO ZONE")
            .nest("IP", AttributeNames.of("CTA_IP_", "UNSPEC V4_SRC V4_DST V6_SRC V6_DST"))
            .nest("PROTO", Transport.NAMES);

    public Tuple {
        unknownAddresses = List.copyOf(unknownAddresses);
        unknown = List.copyOf(unknown);
    }

    public Tuple(InetAddress source, InetAddress destination, Transport transport) {
        this(source, destination, transport, 0, List.of(), List.of());
    }

    /** That of the answers, where no address is translated. */
    public Tuple reversed() {
        Transport.Icmp echo = transport.icmp();
        if (echo != null) {
            throw new IllegalArgumentException("what answers an ICMP message is not for a library to know");
        }
        Transport back = new Transport(
                transport.protocol(), transport.destinationPort(), transport.sourcePort(), null, transport.unknown());
        return new Tuple(destination, source, back, 0, unknownAddresses, unknown);
    }

    /** {@code AF_INET} or {@code AF_INET6}, by its addresses. */
    int family() {
        return source instanceof Inet4Address ? Flow.AF_INET : Flow.AF_INET6;
    }

    void write(MessageWriter w) {
        int ip = w.nest(CTA_TUPLE_IP);
        writeAddresses(w, source, destination);
        unknownAddresses.forEach(u -> u.write(w));
        w.endNest(ip);
        int proto = w.nest(CTA_TUPLE_PROTO);
        transport.write(w);
        w.endNest(proto);
        if (zone != 0) {
            w.attrBe16(CTA_TUPLE_ZONE, zone);
        }
        unknown.forEach(u -> u.write(w));
    }

    /** The addresses that are not null. */
    static void writeAddresses(MessageWriter w, @Nullable InetAddress source, @Nullable InetAddress destination) {
        if (source != null) {
            w.attrBytes(source instanceof Inet4Address ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, source.getAddress());
        }
        if (destination != null) {
            w.attrBytes(destination instanceof Inet4Address ? CTA_IP_V4_DST : CTA_IP_V6_DST, destination.getAddress());
        }
    }

    static Tuple read(AttributeReader a) {
        InetAddress source = null;
        InetAddress destination = null;
        Transport transport = null;
        int zone = 0;
        List<RawAttribute> unknownAddresses = new ArrayList<>();
        List<RawAttribute> unknown = new ArrayList<>();
        while (a.next()) {
            switch (a.type()) {
                case CTA_TUPLE_IP -> {
                    AttributeReader ip = a.nested();
                    while (ip.next()) {
                        switch (ip.type()) {
                            case CTA_IP_V4_SRC, CTA_IP_V6_SRC -> source = address(ip, ip.type() == CTA_IP_V4_SRC);
                            case CTA_IP_V4_DST, CTA_IP_V6_DST -> destination = address(ip, ip.type() == CTA_IP_V4_DST);
                            default -> unknownAddresses.add(RawAttribute.of(ip));
                        }
                    }
                }
                case CTA_TUPLE_PROTO -> transport = Transport.read(a.nested());
                case CTA_TUPLE_ZONE -> zone = a.be16();
                default -> unknown.add(RawAttribute.of(a));
            }
        }
        if (source == null || destination == null || transport == null) {
            throw new MalformedMessageException("a tuple without addresses or a protocol", a.offset());
        }
        return new Tuple(source, destination, transport, zone, unknownAddresses, unknown);
    }

    private static InetAddress address(AttributeReader a, boolean four) {
        byte[] bytes = a.bytes();
        if (bytes.length != (four ? 4 : 16)) {
            throw new MalformedMessageException("an address of " + bytes.length + " bytes", a.offset());
        }
        try {
            // What InetAddress makes of a mapped address is an IPv4 one, and the flow would not be found again.
            return four ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 and 16 bytes are always an address", e);
        }
    }
}
