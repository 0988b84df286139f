package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** Junk is refused as far towards the wire as was asked and can be; knocks open doors wherever that is. */
final class GateIT {
    private static final Duration SOON = Duration.ofSeconds(3);
    private static final int JUNK = 500;

    private static String configuration(String gate) {
        return "[listen]\ngate = \"" + gate + "\"\n\n" + Layout.ROUTED.ssh("1m", "1h");
    }

    private static JsonObject gate(Mayflyd agent) {
        return agent.status().getAsJsonObject("gate");
    }

    private static String inForce(Mayflyd agent) {
        return gate(agent).get("in_force").getAsString();
    }

    @ParameterizedTest
    @CsvSource({"auto, socket, socket", "socket, socket, socket", "xdp, xdp, xdp", "user, length, user"})
    void junkIsRefusedWhereItShould(String setting, String inForce, String counted, @TempDir Path temp)
            throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration(setting))) {
            assertEquals(inForce, inForce(agent), agent::log);
            assertTrue(gate(agent).get("reason").isJsonNull(), () -> gate(agent).toString());
            assertEquals(inForce.equals("xdp"), hasXdp(net), "as ip link says");
            assertTrue(agent.done("status").contains("  gate"), "people are told");
            assertOpens(net, agent);
            junk(net, agent);
            for (String where : List.of("socket", "xdp")) {
                long expected = where.equals(counted) ? JUNK : 0;
                assertEquals(expected, agent.metric("mayfly_gate_" + where + "_tag_total"), where);
            }
            assertOpens(net, agent);
            assertEquals(
                    "", agent.log().lines().filter(l -> l.contains("warning")).reduce("", String::concat));
            assertEquals(0, agent.stop());
            assertFalse(hasXdp(net), "it is taken off");
        }
    }

    /** As where root is not quite root. */
    @ParameterizedTest
    @CsvSource({"auto, false", "socket, true", "xdp, true"})
    void withoutTheRightItFallsBackAndSaysSo(String setting, boolean warned, @TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = new Mayflyd(net.server, temp, configuration(setting))) {
            agent.within(List.of("setpriv", "--bounding-set", "-bpf,-sys_admin", "--inh-caps", "-all"));
            agent.start();
            assertEquals("length", inForce(agent), agent::log);
            String reason = gate(agent).get("reason").getAsString();
            assertTrue(reason.contains("CAP_BPF"), reason);
            agent.assertTold("junk is refused in user space: ");
            assertEquals(warned, agent.log().contains("warning: junk is refused in user space"), agent::log);
            assertOpens(net, agent);
            junk(net, agent);
            assertOpens(net, agent);
        }
    }

    @Test
    void nothingIsLeftOnTheInterfaceWhenItIsKilled(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration("xdp"))) {
            assertTrue(hasXdp(net));
            agent.kill9();
            Until.holds("it is off", SOON, () -> !hasXdp(net));
            agent.start();
            assertEquals("xdp", inForce(agent), agent::log);
            assertOpens(net, agent);
        }
    }

    @Test
    void itFollowsTheInterface(@TempDir Path temp) throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration("xdp"))) {
            net.server.run("ip", "link", "set", "eth0", "down");
            net.putBackServer();
            assertEquals("xdp", inForce(agent), "it stays while it is down");
            junk(net, agent);
            assertEquals(JUNK, agent.metric("mayfly_gate_xdp_tag_total"));

            net.server.run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:77");
            net.router.run("ip", "neigh", "flush", "dev", "to-server");
            Until.holds("it is there for the new address", Mayflyd.PATIENCE, () -> attached(agent) == 2);
            junk(net, agent);
            assertEquals(2 * JUNK, agent.metric("mayfly_gate_xdp_tag_total"));
            assertOpens(net, agent);

            net.newCable();
            Until.holds("it is on the new one", Mayflyd.PATIENCE, () -> hasXdp(net));
            Until.holds("and says so", Mayflyd.PATIENCE, () -> inForce(agent).equals("xdp"));
            long before = agent.metric("mayfly_gate_xdp_tag_total");
            junk(net, agent);
            assertEquals(before + JUNK, agent.metric("mayfly_gate_xdp_tag_total"));
            assertOpens(net, agent);
        }
    }

    /** Somebody else's program: here that of another agent, whose knocks come to another port. */
    @Test
    void aProgramThatIsThereStays(@TempDir Path temp) throws Exception {
        String other = "[listen]\nudp = [\"[::]:62299\"]\ngate = \"xdp\"\n\n[kernel]\ntable = \"other\"\n\n";
        Path first = Files.createDirectory(temp.resolve("first"));
        Path second = Files.createDirectory(temp.resolve("second"));
        try (Network net = new Network(22);
                Mayflyd theirs = Mayflyd.start(net.server, first, other + Layout.ON_LINK.door());
                Mayflyd agent = Mayflyd.start(net.server, second, configuration("xdp"))) {
            assertEquals("xdp", inForce(theirs), theirs::log);
            assertEquals("socket", inForce(agent), agent::log);
            agent.assertTold("another XDP program is there");
            assertTrue(gate(agent).get("reason").getAsString().contains("eth0"));
            assertOpens(net, agent);
            junk(net, agent);
            assertEquals(JUNK, agent.metric("mayfly_gate_socket_tag_total"));
            assertEquals("xdp", inForce(theirs), "theirs stays");
            assertEquals(0, agent.stop());
            assertTrue(hasXdp(net), "and stays when ours ends");
        }
    }

    /** How often it was put on the interface. */
    private static int attached(Mayflyd agent) {
        return agent.log().split("junk is refused on eth0 from now on", -1).length - 1;
    }

    private static void assertOpens(Network net, Mayflyd agent) throws Exception {
        Knocker knocker = agent.enrol("client" + System.nanoTime() % 1_000_000, "ssh");
        Ip6Address door = knocker.open(agent, net.client, "ssh");
        assertEquals(Met.IN, Session.attempt(net.client, door, 22));
    }

    /** Noise of the right length, all of which is counted as refused by its tag, wherever that was. */
    private static void junk(Network net, Mayflyd agent) throws Exception {
        Random random = new Random(7);
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < JUNK; i++) {
            byte[] noise = new byte[96];
            random.nextBytes(noise);
            packets.add(noise);
        }
        long before = agent.metric("mayfly_knocks_refused_gate_total");
        Knocker.send(net.client2, null, new InetSocketAddress(Network.SERVER.toInetAddress(), 62201), packets);
        Until.answer(
                "all is refused",
                Mayflyd.PATIENCE,
                () -> agent.metric("mayfly_knocks_refused_gate_total"),
                n -> n == before + JUNK);
    }

    private static boolean hasXdp(Network net) throws Exception {
        return net.server.run("ip", "-j", "-d", "link", "show", "dev", "eth0").contains("\"xdp\"");
    }
}
