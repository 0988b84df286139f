package org.mayfly.netlink.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.NfGenMessage;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.testing.Lab;

/** Real flows, judged by {@code /proc/net/nf_conntrack}. */
final class ConntrackTest {
    private final Lab lab = new Lab();
    private Lab.Host host;
    private Conntrack conntrack;
    private InetAddress four;
    private InetAddress six;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        // Nothing is followed before a rule asks for it.
        host.run(
                "nft",
                "add table inet t; add chain inet t c { type filter hook output priority 0; };"
                        + " add rule inet t c ct state established counter");
        host.run("sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1");
        conntrack = host.call(Conntrack::open);
        four = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        six = InetAddress.getByAddress(HexFormat.of().parseHex("00".repeat(15) + "01"));
    }

    @AfterEach
    void close() {
        if (conntrack != null) { // nothing was opened where the test was skipped
            conntrack.close();
        }
        lab.close();
    }

    @Test
    void whatHasPassedIsListedAsTheKernelShowsIt() throws Exception {
        try (ServerSocket listener = host.call(() -> new ServerSocket(0));
                Socket a = host.call(() -> new Socket(six, listener.getLocalPort()));
                Socket b = host.call(() -> new Socket(four, listener.getLocalPort()));
                DatagramSocket udp = host.call(() -> new DatagramSocket(0))) {
            udp.send(new DatagramPacket(new byte[5], 5, six, udp.getLocalPort() ^ 1));
            b.getOutputStream().write(1);
            List<Flow> flows = conntrack.flows(FlowFilter.ANY);
            assertEquals(shown(), printed(flows));
            TupleFilter ofA = TupleFilter.ANY.withProtocol(6).withSourcePort(a.getLocalPort());
            Flow flow = conntrack.flows(FlowFilter.of(ofA)).get(0);
            assertEquals(six, flow.original().source());
            assertEquals(listener.getLocalPort(), flow.original().transport().destinationPort());
            assertEquals(
                    Optional.of(flow.id()), conntrack.flow(flow.original(), 0).map(Flow::id));
            assertEquals(Optional.of(flow.id()), conntrack.flow(flow.reply(), 0).map(Flow::id), "either direction");
        }
    }

    @Test
    void whatIsAddedIsShownAndWrittenBackUnchanged() throws Exception {
        Tuple tcp = new Tuple(inet("192.0.2.7"), inet("192.0.2.1"), Transport.ports(6, 1000, 22));
        conntrack.add(new Flow(tcp, 600, 77, 5, new TcpInfo(TcpInfo.ESTABLISHED, 7, 9, 0x0a, 0x0a, List.of())));
        Tuple udp = new Tuple(inet("2001:db8::7"), inet("2001:db8::1"), Transport.ports(17, 1000, 53));
        conntrack.add(new Flow(udp, 60, 0, 0, null));
        Tuple echo = new Tuple(inet("2001:db8::7"), inet("2001:db8::1"), Transport.icmpv6(9, 128, 0));
        Tuple answer = new Tuple(echo.destination(), echo.source(), Transport.icmpv6(9, 129, 0));
        conntrack.add(new Flow(
                Flow.AF_INET6,
                echo,
                answer,
                Flow.IPS_SEEN_REPLY | Flow.IPS_CONFIRMED,
                60,
                1,
                0,
                0,
                null,
                null,
                null,
                Bytes.EMPTY,
                List.of()));
        Set<String> before = shown();
        assertTrue(
                before.contains("ipv4 2 tcp 6 ESTABLISHED src=192.0.2.7 dst=192.0.2.1 sport=1000 dport=22 packets=0"
                        + " bytes=0 [UNREPLIED] src=192.0.2.1 dst=192.0.2.7 sport=22 dport=1000 packets=0 bytes=0"
                        + " mark=77 zone=5"),
                before.toString());
        assertEquals(3, before.size());

        List<Flow> read = conntrack.flows(FlowFilter.ANY);
        assertEquals(before, printed(read));
        for (Flow flow : read) {
            conntrack.delete(flow);
            assertEquals(
                    Errno.ENOENT,
                    assertThrows(NetlinkException.class, () -> conntrack.delete(flow))
                            .errno());
        }
        assertEquals(Set.of(), shown());
        for (Flow flow : read) {
            conntrack.add(flow);
        }
        assertEquals(before, shown());
        assertEquals(
                read.stream().map(ConntrackTest::lasting).collect(Collectors.toSet()),
                conntrack.flows(FlowFilter.ANY).stream()
                        .map(ConntrackTest::lasting)
                        .collect(Collectors.toSet()));
        NetlinkException e = assertThrows(NetlinkException.class, () -> conntrack.add(read.get(0)));
        assertEquals("IPCTNL_MSG_CT_NEW: EEXIST", e.getMessage());
    }

    @Test
    void aLaterFlowOfTheSameTupleIsLeftAlone() throws Exception {
        Flow flow = new Flow(new Tuple(four, four, Transport.ports(17, 1, 2)), 60, 0, 0, null);
        conntrack.add(flow);
        Flow first = conntrack.flow(flow.original(), 0).orElseThrow();
        conntrack.delete(first);
        assertEquals(Optional.empty(), conntrack.flow(flow.original(), 0));
        conntrack.add(flow);
        Flow other = new Flow(
                first.family(),
                first.original(),
                first.reply(),
                0,
                60,
                0,
                first.id() ^ 1, // that of the second is not known to be another: it is made of an address in memory
                0,
                null,
                null,
                null,
                Bytes.EMPTY,
                List.of());
        NetlinkException e = assertThrows(NetlinkException.class, () -> conntrack.delete(other));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals(1, conntrack.count());
    }

    /** Counted before {@link Conntrack} looks again: the kernel itself has to have chosen. */
    @Test
    void theKernelChooses() throws Exception {
        for (int port = 1; port <= 20; port++) {
            conntrack.add(new Flow(new Tuple(four, four, Transport.ports(17, port, 100 - port)), 60, port, 0, null));
            conntrack.add(new Flow(new Tuple(six, six, Transport.ports(132, port, 100)), 60, 0, 0, null));
        }
        conntrack.add(new Flow(
                new Tuple(inet("192.0.2.7"), inet("192.0.2.1"), Transport.ports(6, 1, 2)),
                60,
                0x100,
                0,
                new TcpInfo(TcpInfo.SYN_SENT)));
        assertEquals(41, conntrack.count());
        TupleFilter seven = TupleFilter.ANY.withSource(inet("192.0.2.7"));
        assertChosen(41, FlowFilter.ANY);
        assertChosen(21, FlowFilter.ANY.withFamily(Flow.AF_INET));
        assertChosen(1, FlowFilter.of(seven));
        assertChosen(0, FlowFilter.ANY.withReply(seven));
        assertChosen(1, FlowFilter.ANY.withReply(TupleFilter.ANY.withDestination(inet("192.0.2.7"))));
        assertChosen(20, FlowFilter.of(TupleFilter.ANY.withDestination(six)));
        TupleFilter udp = TupleFilter.ANY.withProtocol(17);
        assertChosen(20, FlowFilter.of(udp).withFamily(Flow.AF_INET));
        assertChosen(1, FlowFilter.of(udp.withSource(four).withSourcePort(7)));
        assertChosen(1, FlowFilter.of(udp.withDestinationPort(93)).withFamily(Flow.AF_INET));
        assertChosen(1, FlowFilter.ANY.withMark(0x100, 0x100));
        assertChosen(1, FlowFilter.ANY.withMark(7, -1));
        assertChosen(0, FlowFilter.ANY.withStatus(Flow.IPS_ASSURED));
        assertChosen(41, FlowFilter.ANY.withStatus(Flow.IPS_CONFIRMED));
        // What the kernel does not compare: ports but of TCP and UDP, addresses of IPv6.
        TupleFilter sctp = TupleFilter.ANY.withProtocol(132).withSourcePort(7);
        assertEquals(1, conntrack.flows(FlowFilter.of(sctp)).size(), "of whatever family");
        assertEquals(List.of(), conntrack.flows(FlowFilter.of(TupleFilter.ANY.withSource(inet("2001:db8::7")))));
        assertEquals(20, conntrack.delete(FlowFilter.of(TupleFilter.ANY.withDestination(six))));
        assertEquals(21, conntrack.count());
        conntrack.flush();
        assertEquals(Set.of(), shown());
        assertEquals(0, conntrack.count());
    }

    private void assertChosen(int expected, FlowFilter filter) throws Exception {
        MessageWriter w = new MessageWriter(1024);
        NfGenMessage.begin(w, Flow.IPCTNL_MSG_CT_GET, 0, filter.chosenFamily(), 0);
        filter.write(w);
        w.end();
        try (NetlinkConnection raw = host.call(
                () -> NetlinkConnection.open(NetlinkConnection.NETLINK_NETFILTER, ConntrackVocabulary.INSTANCE))) {
            List<Flow> sent = raw.dump(w, (type, b, offset, length) -> Flow.decode(b, offset, length));
            assertEquals(expected, sent.size(), filter::toString);
        }
        assertEquals(expected, conntrack.flows(filter).size(), filter::toString);
    }

    /** All that a flow keeps when it is deleted and added again. */
    private static Flow lasting(Flow f) {
        return new Flow(
                f.family(),
                f.original(),
                f.reply(),
                f.status(),
                0,
                f.mark(),
                0,
                f.zone(),
                f.tcp(),
                null,
                null,
                f.labels(),
                f.unknown());
    }

    /** The lines of the file without what changes by itself: the timeout, and how many hold the flow. */
    private Set<String> shown() throws Exception {
        return host.run("cat", "/proc/net/nf_conntrack")
                .lines()
                .map(line -> line.replaceAll("\\s+", " ")
                        .replaceFirst("^(\\S+ \\S+ \\S+ \\S+) \\d+ ", "$1 ")
                        .replaceFirst(" use=\\d+$", ""))
                .collect(Collectors.toSet());
    }

    private static Set<String> printed(List<Flow> flows) {
        return flows.stream().map(ConntrackTest::print).collect(Collectors.toSet());
    }

    private static String print(Flow f) {
        int protocol = f.original().transport().protocol();
        TcpInfo tcp = f.tcp();
        return (f.family() == Flow.AF_INET ? "ipv4 2 " : "ipv6 10 ")
                + (protocol == 6 ? "tcp 6 " : protocol == 17 ? "udp 17 " : "icmpv6 58 ")
                + (tcp == null ? "" : tcp.state() == TcpInfo.ESTABLISHED ? "ESTABLISHED " : "state " + tcp.state())
                + print(f.original())
                + print(f.sent())
                + ((f.status() & Flow.IPS_SEEN_REPLY) == 0 ? "[UNREPLIED] " : "")
                + print(f.reply())
                + print(f.answered())
                + ((f.status() & Flow.IPS_ASSURED) == 0 ? "" : "[ASSURED] ")
                + "mark=" + Integer.toUnsignedString(f.mark()) + " zone=" + f.zone();
    }

    private static String print(Tuple t) {
        Transport.Icmp icmp = t.transport().icmp();
        return "src=" + print(t.source()) + " dst=" + print(t.destination())
                + (icmp != null
                        ? " type=" + icmp.type() + " code=" + icmp.code() + " id=" + icmp.id() + " "
                        : " sport=" + t.transport().sourcePort() + " dport="
                                + t.transport().destinationPort() + " ");
    }

    private static String print(@Nullable Traffic t) {
        return t == null ? "" : "packets=" + t.packets() + " bytes=" + t.bytes() + " ";
    }

    /** {@code %pI6} has all digits. */
    private static String print(InetAddress a) {
        byte[] b = a.getAddress();
        if (b.length == 4) {
            return a.getHostAddress();
        }
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 16; i++) {
            s.append("%s%02x".formatted(i > 0 && i % 2 == 0 ? ":" : "", b[i]));
        }
        return s.toString();
    }

    private static InetAddress inet(String literal) throws IOException {
        return InetAddress.getByName(literal);
    }
}
