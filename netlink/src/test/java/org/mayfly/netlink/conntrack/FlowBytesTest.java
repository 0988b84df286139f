package org.mayfly.netlink.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/**
 * Golden bytes of conntrack 1.4.7 and Linux 6.18, little-endian, without the netlink header. Captured in {@code unshare
 * -n}, the command beside the bytes, with {@code strace -X raw -e trace=sendto,recvmsg -s 1 -e write=all -e read=all}.
 * There, a Python program had sent what is found, {@code nf_conntrack_acct} was 1 and a rule set {@code ct mark} to 77.
 */
final class FlowBytesTest {
    private static final InetAddress SIX = inet("2001:db8::1");
    private static final InetAddress FOUR = inet("192.0.2.1");

    /** {@code conntrack -L}: a TCP connection to [2001:db8::1]:2222. */
    private static final String TCP =
            "0a000000 4c000180 2c000180 14000300 20010db8 00000000 00000000 00000001 14000400 20010db8 00000000 00000000 00000001 1c000280 "
                    + "05000100 06000000 06000200 873a0000 06000300 08ae0000 4c000280 2c000180 14000300 20010db8 00000000 00000000 00000001 14000400 "
                    + "20010db8 00000000 00000000 00000001 1c000280 05000100 06000000 06000200 08ae0000 06000300 873a0000 08000300 0000000e 08000800 "
                    + "0000004d 08000c00 cb9e1b66 08000b00 00000001 08000700 0006977f 30000480 2c000180 05000100 03000000 05000200 0a000000 05000300 "
                    + "0a000000 06000400 23000000 06000500 23000000 1c000980 0c000100 00000000 00000003 0c000200 00000000 000000e3 1c000a80 0c000100 "
                    + "00000000 00000002 0c000200 00000000 00000098";

    /** The same: an echo over ICMPv6. */
    private static final String ECHO6 =
            "0a000000 54000180 2c000180 14000300 20010db8 00000000 00000000 00000001 14000400 20010db8 00000000 00000000 00000001 24000280 "
                    + "05000100 3a000000 06000700 43430000 05000800 80000000 05000900 00000000 54000280 2c000180 14000300 20010db8 00000000 00000000 "
                    + "00000001 14000400 20010db8 00000000 00000000 00000001 24000280 05000100 3a000000 06000700 43430000 05000800 81000000 05000900 "
                    + "00000000 08000300 0000000a 08000800 00000000 08000c00 5776c0db 08000b00 00000001 08000700 0000001d 1c000980 0c000100 00000000 "
                    + "00000001 0c000200 00000000 00000030 1c000a80 0c000100 00000000 00000001 0c000200 00000000 00000030";

    /** The same: an echo over ICMP. */
    private static final String ECHO =
            "02000000 3c000180 14000180 08000100 c0000201 08000200 c0000201 24000280 05000100 01000000 06000400 42420000 05000500 08000000 "
                    + "05000600 00000000 3c000280 14000180 08000100 c0000201 08000200 c0000201 24000280 05000100 01000000 06000400 42420000 05000500 "
                    + "00000000 05000600 00000000 08000300 0000000a 08000800 00000000 08000c00 369309b2 08000b00 00000001 08000700 0000001d 1c000980 "
                    + "0c000100 00000000 00000001 0c000200 00000000 0000001c 1c000a80 0c000100 00000000 00000001 0c000200 00000000 0000001c";

    /** The same: a datagram that nobody has answered. */
    private static final String UDP =
            "02000000 34000180 14000180 08000100 c0000201 08000200 c0000201 1c000280 05000100 11000000 06000200 10920000 06000300 14e90000 "
                    + "34000280 14000180 08000100 c0000201 08000200 c0000201 1c000280 05000100 11000000 06000200 14e90000 06000300 10920000 08000300 "
                    + "00000008 08000800 00000000 08000c00 25739b75 08000b00 00000001 08000700 0000001d 1c000980 0c000100 00000000 00000001 0c000200 "
                    + "00000000 00000021 1c000a80 0c000100 00000000 00000000 0c000200 00000000 00000000";

    /**
     * {@code conntrack -I -p tcp -s 192.0.2.7 -d 192.0.2.1 --sport 1000 --dport 22 --state ESTABLISHED -t 600 -m 77 -w 5}.
     * Two bytes of padding, which the tool leaves as they were, are zero here.
     */
    private static final String INSERT =
            "02000000 34000180 14000180 08000100 c0000207 08000200 c0000201 1c000280 05000100 06000000 06000200 03e80000 06000300 00160000 "
                    + "34000280 14000180 08000100 c0000201 08000200 c0000207 1c000280 05000100 06000000 06000200 00160000 06000300 03e80000 08000700 "
                    + "00000258 08000800 0000004d 20000480 1c000180 05000100 03000000 06000400 0a0a0000 06000500 0a0a0000 06001200 00050000";

    /** {@code conntrack -L -w 5} after that. */
    private static final String ZONED =
            "02000000 34000180 14000180 08000100 c0000207 08000200 c0000201 1c000280 05000100 06000000 06000200 03e80000 06000300 00160000 "
                    + "34000280 14000180 08000100 c0000201 08000200 c0000207 1c000280 05000100 06000000 06000200 00160000 06000300 03e80000 06001200 "
                    + "00050000 08000300 00000008 08000800 0000004d 08000c00 72168f03 08000b00 00000001 08000700 00000257 30000480 2c000180 05000100 "
                    + "03000000 05000200 00000000 05000300 00000000 06000400 0a000000 06000500 0a000000 1c001880 08000100 00000000 08000200 00000000 "
                    + "08000300 00000000";

    private static final String UNKNOWN = "0900bc3a 0102030405 000000";

    @Test
    void aConnectionIsRead() {
        Flow flow = Payload.of(TCP).decode(Flow::decode);
        Tuple there = new Tuple(SIX, SIX, Transport.ports(6, 34618, 2222));
        Flow expected = new Flow(
                Flow.AF_INET6,
                there,
                there.reversed(),
                Flow.IPS_SEEN_REPLY | Flow.IPS_ASSURED | Flow.IPS_CONFIRMED,
                431999,
                77,
                0xcb9e1b66,
                0,
                new TcpInfo(TcpInfo.ESTABLISHED, 10, 10, 0x23, 0x23, List.of()),
                new Traffic(3, 227, List.of()),
                new Traffic(2, 152, List.of()),
                Bytes.EMPTY,
                List.of());
        assertEquals(expected, flow);
    }

    @Test
    void echoesAreRead() {
        Flow six = Payload.of(ECHO6).decode(Flow::decode);
        assertEquals(new Tuple(SIX, SIX, Transport.icmpv6(0x4343, 128, 0)), six.original());
        assertEquals(new Tuple(SIX, SIX, Transport.icmpv6(0x4343, 129, 0)), six.reply());
        assertNull(six.tcp());
        Flow four = Payload.of(ECHO).decode(Flow::decode);
        assertEquals(new Tuple(FOUR, FOUR, Transport.icmp(0x4242, 8, 0)), four.original());
        assertEquals(new Tuple(FOUR, FOUR, Transport.icmp(0x4242, 0, 0)), four.reply());
        assertEquals(Flow.AF_INET, four.family());
        assertEquals(29, four.timeout());
        assertThrows(IllegalArgumentException.class, () -> four.original().reversed());
    }

    @Test
    void aFlowIsAddedAsConntrackDoesIt() {
        Tuple tuple = new Tuple(inet("192.0.2.7"), FOUR, Transport.ports(6, 1000, 22));
        TcpInfo tcp = new TcpInfo(TcpInfo.ESTABLISHED, 0, 0, 0x0a, 0x0a, List.of());
        Flow flow = new Flow(tuple, 600, 77, 5, tcp);
        assertEquals(Payload.of(INSERT), written(flow));
        assertEquals(flow, Payload.of(INSERT).decode(Flow::decode));
    }

    @Test
    void whatHasNoNameHereIsKept() {
        Flow flow = Payload.of(ZONED).decode(Flow::decode);
        assertEquals(5, flow.zone());
        assertNull(flow.sent());
        int synproxy = 24 | 0x8000;
        Bytes zeros = Bytes.ofHex("08000100 00000000 08000200 00000000 08000300 00000000");
        assertEquals(List.of(new RawAttribute(synproxy, zeros)), flow.unknown());
    }

    @Test
    void aFlowIsAskedForAsConntrackDoesIt() {
        // conntrack -G -p udp -s 192.0.2.1 -d 192.0.2.1 --sport 4242 --dport 5353, behind struct nfgenmsg
        Tuple tuple = Payload.of(UDP).decode(Flow::decode).original();
        assertEquals(
                Payload.of(
                        "34000180 14000180 08000100 c0000201 08000200 c0000201 1c000280 05000100 11000000 06000200 10920000 06000300 14e90000"),
                Payload.written(w -> Flow.writeTuple(w, Flow.CTA_TUPLE_ORIG, tuple)));
    }

    @Test
    void aFlowIsDeletedByItsTupleAndId() {
        Flow flow = Payload.of(UDP).decode(Flow::decode);
        // conntrack -D sends all of the flow but its id; the kernel looks at the first tuple, the zone and the id
        assertEquals(
                Payload.of(
                        "34000180 14000180 08000100 c0000201 08000200 c0000201 1c000280 05000100 11000000 06000200 10920000 06000300 14e90000"
                                + "08000c00 25739b75"),
                Payload.written(flow::writeKey));
    }

    @Test
    void filtersOfMarkAndStatusAreEncodedAsConntrackDoesIt() {
        // conntrack -L -m 77/0xff -f ipv4
        assertEquals(
                Payload.of("08000800 0000004d 08001500 000000ff"),
                Payload.written(FlowFilter.ANY.withMark(77, 0xff)::write));
        // conntrack -L --status ASSURED
        assertEquals(
                Payload.of("08000300 00000004 08001a00 00000004"),
                Payload.written(FlowFilter.ANY.withStatus(Flow.IPS_ASSURED)::write));
        assertEquals(Payload.of(""), Payload.written(FlowFilter.ANY::write));
    }

    /** No tool sends these; the layout is that of {@code nf_conntrack_netlink.c}, and ConntrackTest asks the kernel. */
    @Test
    void filtersOfTuplesHaveFlagsBesideThem() {
        TupleFilter original =
                TupleFilter.ANY.withDestination(FOUR).withProtocol(6).withDestinationPort(22);
        FlowFilter filter = FlowFilter.of(original).withReply(TupleFilter.ANY.withDestination(inet("192.0.2.7")));
        assertEquals(
                Payload.of("24000180 0c000180 08000200 c0000201 14000280 05000100 06000000 06000300 00160000"
                        + "10000280 0c000180 08000200 c0000207"
                        + "14001980 08000100 2a000000 08000200 02000000"),
                Payload.written(filter::write));
        assertEquals(Flow.AF_INET, filter.chosenFamily());
    }

    /** Linux 6.18 sends those that have another IPv6 address than was said. */
    @Test
    void addressesOfIpv6AreNotForTheKernelToCompare() {
        TupleFilter to = TupleFilter.ANY.withDestination(SIX);
        assertEquals(Payload.of(""), Payload.written(FlowFilter.of(to)::write));
        assertEquals(Flow.AF_INET6, FlowFilter.of(to).chosenFamily());
        assertEquals(
                Payload.of("18000180 14000280 05000100 06000000 06000300 00160000"
                        + "14001980 08000100 28000000 08000200 00000000"),
                Payload.written(FlowFilter.of(to.withProtocol(6).withDestinationPort(22))::write));
    }

    @Test
    void whatTheKernelOverlooksIsLookedAtAgain() {
        Flow flow = Payload.of(TCP).decode(Flow::decode);
        TupleFilter to = TupleFilter.ANY.withDestination(SIX).withProtocol(6);
        for (FlowFilter yes : List.of(
                FlowFilter.ANY,
                FlowFilter.ANY.withFamily(Flow.AF_INET6),
                FlowFilter.of(to.withDestinationPort(2222).withSourcePort(34618).withSource(SIX)),
                FlowFilter.ANY.withReply(to.withSourcePort(2222)),
                FlowFilter.ANY.withMark(0x1d, 0xf),
                FlowFilter.ANY.withStatus(Flow.IPS_ASSURED))) {
            assertTrue(yes.matches(flow), yes.toString());
        }
        for (FlowFilter no : List.of(
                FlowFilter.ANY.withFamily(Flow.AF_INET),
                FlowFilter.of(to.withDestinationPort(22)),
                FlowFilter.of(to.withSourcePort(22)),
                FlowFilter.of(to.withProtocol(17)),
                FlowFilter.of(TupleFilter.ANY.withSource(FOUR)),
                FlowFilter.of(TupleFilter.ANY.withDestination(FOUR)),
                FlowFilter.ANY.withReply(to.withDestinationPort(2222)),
                FlowFilter.ANY.withMark(0x1d, 0xff),
                FlowFilter.ANY.withStatus(Flow.IPS_SRC_NAT))) {
            assertFalse(no.matches(flow), no.toString());
        }
    }

    @Test
    void filtersThatCannotMeanAnythingAreRefused() {
        TupleFilter four = TupleFilter.ANY.withSource(FOUR);
        assertThrows(IllegalArgumentException.class, () -> four.withDestination(SIX));
        assertThrows(IllegalArgumentException.class, () -> four.withSourcePort(22));
        FlowFilter filter = FlowFilter.of(four);
        TupleFilter six = TupleFilter.ANY.withSource(SIX);
        assertThrows(IllegalArgumentException.class, () -> filter.withReply(six));
        assertThrows(IllegalArgumentException.class, () -> filter.withFamily(Flow.AF_INET6));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        for (String whole : List.of(TCP, ECHO6, ECHO, UDP, INSERT, ZONED)) {
            Tuple original = Payload.of(whole).decode(Flow::decode).original();
            Payload.of(whole).truncate(Flow::decode, f -> f.original().equals(original));
        }
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = TCP.replace("08000800 0000004d", "0c000800 0000004d 01020304");
        assertEquals(Payload.of(TCP).decode(Flow::decode), Payload.of(longer).decode(Flow::decode));
    }

    @Test
    void whatIsUnknownIsKeptAtEveryLevelAndWrittenBack() {
        RawAttribute unknown = new RawAttribute(0x3abc, Bytes.ofHex("0102030405"));
        Flow flow = Payload.of(TCP).and(UNKNOWN).decode(Flow::decode);
        assertEquals(List.of(unknown), flow.unknown());
        assertEquals(flow, written(flow).decode(Flow::decode));
        // each nested attribute, 12 bytes longer; and those around it
        String tuple = "58000180 2c000180 14000300 20010db8 00000000 00000000 00000001 14000400 20010db8 00000000"
                + "00000000 00000001 28000280 05000100 06000000 06000200 873a0000 06000300 08ae0000" + UNKNOWN;
        Flow nested = Payload.of(TCP.replaceFirst("4c000180 .*? 06000300 08ae0000", tuple))
                .decode(Flow::decode);
        assertEquals(List.of(unknown), nested.original().transport().unknown());
        String info = "3c000480 38000180 05000100 03000000 05000200 0a000000 05000300 0a000000 06000400 23000000"
                + "06000500 23000000" + UNKNOWN;
        TcpInfo tcp = Payload.of(TCP.replaceFirst("30000480 .*? 06000500 23000000", info))
                .decode(Flow::decode)
                .tcp();
        assertNotNull(tcp);
        assertEquals(List.of(unknown), tcp.unknown());
    }

    @Test
    void anotherProtocolsStateIsKeptAsItCame() {
        // CTA_PROTOINFO_SCTP, and TCP with something beside it
        for (String info :
                List.of("10000480 0c000380 05000100 03000000", "1c000480 0c000180 05000100 03000000" + UNKNOWN)) {
            Flow flow = Payload.of(UDP).and(info).decode(Flow::decode);
            assertNull(flow.tcp());
            assertEquals(0x8004, flow.unknown().get(0).type());
        }
    }

    @Test
    void aMappedAddressStaysOneOfIpv6() {
        String mapped = TCP.replace("20010db8 00000000 00000000 00000001", "00000000 00000000 0000ffff c0000201");
        Tuple tuple = Payload.of(mapped).decode(Flow::decode).original();
        assertEquals(16, tuple.source().getAddress().length);
        assertTrue(tuple.source() instanceof Inet6Address);
        assertEquals(Flow.AF_INET6, tuple.family());
    }

    @Test
    void tuplesThatLackSomethingAreRefused() {
        for (String bad : List.of(
                UDP.replace("08000200 c0000201", "08000500 c0000201"),
                UDP.replace("08000200 c0000201", "06000200 c0000000"),
                UDP.replace("05000100 11000000", "05006f00 11000000"),
                UDP.replaceFirst("34000280", "34006f80"))) {
            assertThrows(MalformedMessageException.class, () -> Payload.of(bad).decode(Flow::decode), bad);
        }
    }

    /** With {@code struct nfgenmsg} before it. */
    private static Payload written(Flow flow) {
        return Payload.written(w -> flow.write(w.u8(flow.family()).u8(0).be16(0)));
    }

    private static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
