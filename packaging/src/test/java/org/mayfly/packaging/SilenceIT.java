package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.packaging.Session.Met;

/** Whatever is sent to the knock ports, nothing comes back. */
final class SilenceIT {
    private static final int LONGEST = 1500;
    private static final int BURST = 50;
    private static final int TCP_PORT = 62202;

    /** Counts, on the router, what comes from the server and is no part of finding neighbours. */
    private static final String WITNESS = """
            table inet witness {
              chain from_server {
                type filter hook prerouting priority -300;
                iifname "to-server" icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } return
                iifname "to-server" meta l4proto { icmp, ipv6-icmp } counter comment "icmp"
                iifname "to-server" meta l4proto udp counter comment "udp"
                iifname "to-server" meta l4proto tcp counter comment "tcp"
              }
            }
            """;

    private final Random random = new Random(1);

    @Test
    void noLengthAndNoCarrierGetsAnAnswer(@TempDir Path temp) throws Exception {
        String listen = "[listen]\nudp = [\"[::]:62201\"]\ntcp = [\"[::]:" + TCP_PORT + "\"]\n\n";
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, listen + Layout.ROUTED.ssh("1m", "1h"))) {
            Knocker alice = agent.enrol("alice");
            witness(net, temp);

            everyLengthByUdp(net, agent, alice);
            assertEquals(0, seen(net, "udp") + seen(net, "icmp") + seen(net, "tcp"));
            assertCounts(agent, LONGEST, 1);

            for (int length : List.of(1, 16, 95, 96, 97, 192, LONGEST)) {
                assertEquals(0, answerByTcp(net, noise(length)), length + " bytes by TCP");
            }
            assertEquals(0, answerByTcp(net, alice.packet("ssh")), "a genuine one by TCP");
            Until.holds("it opens a door all the same", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
            assertEquals(0, seen(net, "udp") + seen(net, "icmp"));
            assertTrue(seen(net, "tcp") > 0, "the witness is awake");
            Knocker.send(net.client, null, closedPort(), List.of(noise(1)));
            Until.holds("it sees ICMP too", Mayflyd.PATIENCE, () -> seen(net, "icmp") > 0);

            assertEquals(Met.IN, Session.attempt(net.client, alice.open(agent, net.client, "ssh"), 22));
        }
    }

    private void everyLengthByUdp(Network net, Mayflyd agent, Knocker alice) throws Exception {
        long before = agent.packets();
        for (int length = 0; length <= LONGEST; length += BURST) {
            List<byte[]> burst = new ArrayList<>();
            for (int n = length; n < length + BURST && n <= LONGEST; n++) {
                burst.add(noise(n));
            }
            Knocker.send(net.client, null, alice.listener(), burst);
            long sent = before + length + burst.size();
            Until.answer("all are counted", Mayflyd.PATIENCE, agent::packets, n -> n == sent);
        }
    }

    private static InetSocketAddress closedPort() {
        return new InetSocketAddress(Network.SERVER.toInetAddress(), 9);
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    /** How many bytes come back before the connection ends. */
    private static int answerByTcp(Network net, byte[] bytes) throws Exception {
        try (SocketChannel channel = net.client.call(() -> {
            SocketChannel c = SocketChannel.open();
            c.connect(new InetSocketAddress(Network.SERVER.toInetAddress(), TCP_PORT));
            return c;
        })) {
            channel.write(ByteBuffer.wrap(bytes));
            channel.shutdownOutput();
            channel.socket().setSoTimeout(10_000);
            return channel.socket().getInputStream().readAllBytes().length;
        } catch (SocketException e) {
            assertTrue(String.valueOf(e.getMessage()).matches(".*(reset|Broken pipe).*"), e::toString);
            return 0;
        }
    }

    private static void assertCounts(Mayflyd agent, long length, long gate) throws Exception {
        List<String> metrics = agent.done("metrics").lines().toList();
        assertTrue(metrics.contains("mayfly_knocks_refused_length_total " + length), metrics::toString);
        assertTrue(metrics.contains("mayfly_knocks_refused_gate_total " + gate), metrics::toString);
        assertTrue(metrics.contains("mayfly_knocks_accepted_total 0"), metrics::toString);
    }

    private static void witness(Network net, Path temp) throws Exception {
        Path file = Files.writeString(temp.resolve("witness.nft"), WITNESS);
        net.router.run("nft", "-f", file.toString());
    }

    private static long seen(Network net, String what) throws Exception {
        String out = net.router.run("nft", "-j", "list", "table", "inet", "witness");
        for (JsonElement each : JsonParser.parseString(out).getAsJsonObject().getAsJsonArray("nftables")) {
            JsonObject rule = each.getAsJsonObject().getAsJsonObject("rule");
            if (rule != null
                    && rule.has("comment")
                    && rule.get("comment").getAsString().equals(what)) {
                return packets(rule);
            }
        }
        throw new IOException("no rule " + what + " in " + out);
    }

    private static long packets(JsonObject rule) {
        for (JsonElement e : rule.getAsJsonArray("expr")) {
            JsonObject counter = e.getAsJsonObject().getAsJsonObject("counter");
            if (counter != null) {
                return counter.get("packets").getAsLong();
            }
        }
        throw new IllegalStateException("no counter in " + rule);
    }
}
