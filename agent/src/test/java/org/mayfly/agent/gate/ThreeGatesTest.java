package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.BpfProgram;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/**
 * The programs themselves, one packet at a time, each beside {@code GateKey.matches}. {@link SocketGateTest} and {@link
 * XdpGateTest} have real packets.
 */
final class ThreeGatesTest {
    private static final Bytes GOOD = Bytes.of(
            Cases.tagged(Cases.KEY, Bytes.ofHex("5a".repeat(Packet.LENGTH)).toArray()));
    private static final Bytes BAD = Bytes.ofHex("5a".repeat(Packet.LENGTH));

    private final Lab lab = new Lab();
    private Lab.Host host;
    private BpfMap key;
    private Counters counters;
    private BpfProgram socket;
    private BpfProgram xdp;

    @BeforeEach
    void load() throws Exception {
        BpfRight.needed();
        host = lab.host();
        host.run("sysctl", "-qw", "net.ipv4.ip_forward=0"); // or IPv4 is left alone
        key = BpfMap.array("key", GateKey.LENGTH, 1);
        counters = new Counters();
        socket = BpfProgram.load(BpfProgram.Type.SOCKET_FILTER, "socket", "GPL", SocketProgram.write(key, counters));
        LinkLayerAddress to = new LinkLayerAddress(Bytes.ofHex(Frame.TO));
        Destinations at = new Destinations(
                List.of(new InetSocketAddress("::", Frame.KNOCK_PORT), new InetSocketAddress("::", 7)));
        xdp = BpfProgram.load(BpfProgram.Type.XDP, "xdp", "GPL", XdpProgram.write(key, counters, at, to));
        key.update(0, Cases.KEY.secret().copy());
    }

    @AfterEach
    void close() {
        if (xdp != null) { // the test was skipped
            xdp.close();
            socket.close();
            counters.close();
            key.close();
        }
        lab.close();
    }

    /** All verdicts, in words, so that a difference can be read. */
    private String verdicts(Bytes packet) throws IOException {
        boolean bySocket = socket.run(Frame.socket(packet), 1).answer() == SocketProgram.UDP + Packet.LENGTH;
        boolean bySix = answer(Frame.six(packet)) == XdpProgram.XDP_PASS;
        boolean byFour = answer(Frame.four(packet)) == XdpProgram.XDP_PASS;
        return "socket " + bySocket + ", IPv6 " + bySix + ", IPv4 " + byFour;
    }

    @ParameterizedTest
    @MethodSource("keys")
    void allThreeAgree(GateKey inUse) throws IOException {
        key.update(0, inUse.secret().copy());
        Map<String, String> expected = new TreeMap<>();
        Map<String, String> found = new TreeMap<>();
        for (Cases.Case c : Cases.all()) {
            boolean good = Cases.good(inUse, c.packet());
            expected.put(c.name(), "socket " + good + ", IPv6 " + good + ", IPv4 " + good);
            found.put(c.name(), verdicts(c.packet()));
        }
        found.entrySet().removeIf(e -> e.getValue().equals(expected.get(e.getKey())));
        assertEquals(Map.of(), found);
        assertTrue(expected.size() > 1400, "all of them");
    }

    static GateKey[] keys() {
        return new GateKey[] {Cases.KEY, Cases.OTHER};
    }

    @Test
    void eachVerdictIsCounted() throws IOException {
        Bytes longer = Bytes.of(Arrays.copyOf(GOOD.toArray(), Packet.LENGTH + 1));
        for (Bytes packet : new Bytes[] {GOOD, BAD, BAD, longer, longer, longer}) {
            verdicts(packet);
        }
        assertEquals(new Counts(new Tally(1, 3, 2), new Tally(2, 6, 4)), counters.counts());
    }

    @Test
    void whatIsNoPlainPacketToAKnockPortPasses() throws IOException {
        byte[] six = Frame.six(BAD);
        byte[] four = Frame.four(BAD);
        assertEquals(XdpProgram.XDP_DROP, answer(six));
        assertEquals(XdpProgram.XDP_DROP, answer(four));
        Map<String, byte[]> passing = new TreeMap<>(Map.of(
                "IPv6 to another station", Frame.with(six, 5, "03"),
                "IPv4 to another station", Frame.with(four, 0, "03"),
                "IPv6 to a group", Frame.with(six, 0, "333300000001"),
                "IPv4 to all", Frame.with(four, 0, "ffffffffffff"),
                "IPv6 on a VLAN", Frame.inserted(six, 12, "81000005"),
                "IPv4 on a VLAN", Frame.inserted(four, 12, "81000005"),
                "another ethertype", Frame.with(six, 12, "88b5"),
                "IPv6 with a destination option", Frame.inserted(Frame.with(six, 20, "3c"), 54, "1100010400000000"),
                "IPv4 with an option", Frame.inserted(Frame.with(four, 14, "46"), 34, "01010100"),
                "IPv6 fragment", Frame.inserted(Frame.with(six, 20, "2c"), 54, "1100000100000001")));
        passing.putAll(Map.of(
                "IPv4 first fragment", Frame.with(four, 20, "2000"),
                "IPv4 later fragment", Frame.with(four, 20, "0001"),
                "IPv6 TCP", Frame.with(six, 20, "06"),
                "IPv4 ICMP", Frame.with(four, 23, "01"),
                "IPv6 to another port", Frame.with(six, 56, "f2fa"),
                "IPv4 to another port", Frame.with(four, 36, "f2fa"),
                "IPv4 that says it is IPv6", Frame.with(four, 12, "86dd"),
                "IPv6 that says it is IPv4", Frame.with(six, 12, "0800")));
        passing.putAll(Map.of(
                "IPv6 longer than its UDP", Frame.with(six, 18, "0069"),
                "IPv6 shorter than its UDP", Frame.with(six, 18, "0067"),
                "IPv4 longer than its UDP", Frame.with(four, 16, "007d"),
                "IPv6 cut off", Arrays.copyOf(six, six.length - 1),
                "IPv4 cut off", Arrays.copyOf(four, four.length - 1),
                "IPv6 cut off in its header", Arrays.copyOf(six, 14 + 40 + 7)));
        passing.entrySet().removeIf(e -> answer(e.getValue()) == XdpProgram.XDP_PASS);
        assertEquals(Set.of(), passing.keySet());
        assertEquals(new Tally(0, 0, 2), counters.counts().xdp());
    }

    @Test
    void eachKnockPortIsWatched() {
        assertEquals(XdpProgram.XDP_DROP, answer(Frame.with(Frame.six(BAD), 56, "0007")));
        assertEquals(XdpProgram.XDP_DROP, answer(Frame.with(Frame.four(BAD), 36, "0007")));
    }

    /** Ethernet makes short frames 60 bytes long, and a driver may leave more behind a packet. */
    @Test
    void whatIsBehindThePacketIsNotLookedAt() {
        for (Bytes packet : new Bytes[] {GOOD, BAD}) {
            int expected = Cases.good(Cases.KEY, packet) ? XdpProgram.XDP_PASS : XdpProgram.XDP_DROP;
            for (byte[] frame : new byte[][] {Frame.six(packet), Frame.four(packet)}) {
                assertEquals(expected, answer(Arrays.copyOf(frame, frame.length + 7)));
            }
        }
        assertEquals(XdpProgram.XDP_DROP, answer(Arrays.copyOf(Frame.four(Bytes.EMPTY), 60)));
    }

    /** Whatever comes in: it is dropped only if it has our port where a UDP header has it. */
    @Test
    void noiseElsewherePasses() {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            byte[] frame = i % 2 == 0 ? Frame.six(BAD) : Frame.four(BAD);
            int headers = i % 2 == 0 ? 54 : 34;
            byte[] noise = new byte[headers - 12];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, frame, 12, noise.length);
            assertEquals(XdpProgram.XDP_PASS, answer(frame));
        }
    }

    private int answer(byte[] frame) {
        try {
            return host.call(() -> xdp.run(frame, 1).answer());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
