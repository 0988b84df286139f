package org.mayfly.netlink.conntrack;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageWriter;

/**
 * What the packets of one direction must have: all that is said here.
 *
 * @param source null for any
 * @param destination null for any
 * @param protocol {@code IPPROTO_*}; 0 for any
 * @param sourcePort 0 for any; a port needs a protocol
 * @param destinationPort 0 for any
 */
public record TupleFilter(
        @Nullable InetAddress source,
        @Nullable InetAddress destination,
        int protocol,
        int sourcePort,
        int destinationPort) {
    /** All packets. */
    public static final TupleFilter ANY = new TupleFilter(null, null, 0, 0, 0);

    /** {@code CTA_FILTER_F_*} of {@code net/netfilter/nf_internals.h}: what of the tuple beside it is to be compared. */
    private static final int CTA_FILTER_F_CTA_IP_SRC = 1;

    private static final int CTA_FILTER_F_CTA_IP_DST = 1 << 1;
    private static final int CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
    private static final int CTA_FILTER_F_CTA_PROTO_SRC_PORT = 1 << 4;
    private static final int CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;

    public TupleFilter {
        if (protocol == 0 && (sourcePort != 0 || destinationPort != 0)) {
            throw new IllegalArgumentException("a port is of a protocol: say which");
        }
        if (source != null
                && destination != null
                && source instanceof Inet4Address != destination instanceof Inet4Address) {
            throw new IllegalArgumentException("addresses of two families: " + source + ", " + destination);
        }
    }

    public TupleFilter withSource(InetAddress address) {
        return new TupleFilter(address, destination, protocol, sourcePort, destinationPort);
    }

    public TupleFilter withDestination(InetAddress address) {
        return new TupleFilter(source, address, protocol, sourcePort, destinationPort);
    }

    public TupleFilter withProtocol(int number) {
        return new TupleFilter(source, destination, number, sourcePort, destinationPort);
    }

    public TupleFilter withSourcePort(int port) {
        return new TupleFilter(source, destination, protocol, port, destinationPort);
    }

    public TupleFilter withDestinationPort(int port) {
        return new TupleFilter(source, destination, protocol, sourcePort, port);
    }

    /** {@code AF_INET} or {@code AF_INET6}; 0 if there is no address. */
    int family() {
        InetAddress one = source != null ? source : destination;
        return one == null ? 0 : one instanceof Inet4Address ? Flow.AF_INET : Flow.AF_INET6;
    }

    boolean matches(Tuple t) {
        return (source == null || source.equals(t.source()))
                && (destination == null || destination.equals(t.destination()))
                && (protocol == 0 || protocol == t.transport().protocol())
                && (sourcePort == 0 || sourcePort == t.transport().sourcePort())
                && (destinationPort == 0 || destinationPort == t.transport().destinationPort());
    }

    /** What of the tuple the kernel is to compare; 0 for nothing. */
    int flags() {
        return (source != null && isFour() ? CTA_FILTER_F_CTA_IP_SRC : 0)
                | (destination != null && isFour() ? CTA_FILTER_F_CTA_IP_DST : 0)
                | (protocol == 0 ? 0 : CTA_FILTER_F_CTA_PROTO_NUM)
                | (sourcePort == 0 ? 0 : CTA_FILTER_F_CTA_PROTO_SRC_PORT)
                | (destinationPort == 0 ? 0 : CTA_FILTER_F_CTA_PROTO_DST_PORT);
    }

    /**
     * IPv6 addresses are not for the kernel to compare: {@code ctnetlink_filter_match_tuple} takes the 0 of {@code
     * ipv6_addr_cmp} for a difference, and sends all that have another address (seen on 6.18).
     */
    private boolean isFour() {
        return family() == Flow.AF_INET;
    }

    /**
     * A tuple of what is to be compared; none where nothing is.
     *
     * @param attribute {@code CTA_TUPLE_ORIG} or {@code CTA_TUPLE_REPLY}
     */
    void write(MessageWriter w, int attribute) {
        if (flags() == 0) {
            return;
        }
        int tuple = w.nest(attribute);
        if (isFour()) {
            int ip = w.nest(Tuple.CTA_TUPLE_IP);
            Tuple.writeAddresses(w, source, destination);
            w.endNest(ip);
        }
        if (protocol != 0) {
            int proto = w.nest(Tuple.CTA_TUPLE_PROTO);
            w.attrU8(Transport.CTA_PROTO_NUM, protocol);
            writePort(w, Transport.CTA_PROTO_SRC_PORT, sourcePort);
            writePort(w, Transport.CTA_PROTO_DST_PORT, destinationPort);
            w.endNest(proto);
        }
        w.endNest(tuple);
    }

    private static void writePort(MessageWriter w, int attribute, int port) {
        if (port != 0) {
            w.attrBe16(attribute, port);
        }
    }
}
