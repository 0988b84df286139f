package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.dns.DnsRecordType;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.testing.Lab;

/**
 * A forwarder between a client and a real resolver; {@code dig} asks, and BIND's own DNS64 is what its answers are compared
 * with.
 *
 * <pre>
 *  client (cli0)                        (rtr0) forwarder (rtr1)                    (res0) resolver
 *    2001:db8:1::c   2001:db8:1::/64     ::1, port 53      2001:db8:2::/64     ::53  BIND
 *    2001:db8:9::9   may not ask         192.0.2.1                             ::64  BIND with DNS64, port 5364
 *    192.0.2.3       192.0.2.0/24                                             ::dead nobody
 * </pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Dns64Test {
    private static final String FORWARDER = "2001:db8:1::1";
    private static final String FORWARDER4 = "192.0.2.1";

    private final Lab lab = new Lab();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Lab.Host client;
    private Lab.Host router;
    private Lab.Host resolver;
    private Dns64 dns64;

    @BeforeAll
    void build(@TempDir Path directory) throws Exception {
        client = lab.host();
        router = lab.host();
        resolver = lab.host();
        lab.join(client, "cli0", router, "rtr0");
        lab.join(router, "rtr1", resolver, "res0");
        for (String a : List.of("2001:db8:1::c/64", "2001:db8:9::9/64", "192.0.2.3/24")) {
            client.address(a, "cli0");
        }
        for (String a : List.of("2001:db8:1::1/64", "2001:db8:9::1/64", "192.0.2.1/24")) {
            router.address(a, "rtr0");
        }
        router.address("2001:db8:2::1/64", "rtr1");
        for (String a : List.of("2001:db8:2::53/64", "2001:db8:2::64/64")) {
            resolver.address(a, "res0");
        }
        client.run("ip", "-6", "route", "add", "2001:db8:2::/64", "via", "2001:db8:1::1");
        resolver.run("ip", "-6", "route", "add", "default", "via", "2001:db8:2::1");
        router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        open.add(Bind.start(resolver, directory));
        dns64 = bound(Dns.PREFIX, List.of("2001:db8:2::53"), FORWARDER, FORWARDER4);
    }

    private Dns64 bound(String prefix, List<String> upstream, String... listen) throws Exception {
        Transport transport = Transport.best();
        EventLoopGroup group = transport.loop("dns64");
        Dns64Settings settings = new Dns64Settings(
                new Rfc6052(Ip6Prefix.parse(prefix)),
                false,
                List.of(listen).stream().map(a -> at(a, 53)).toList(),
                upstream.stream().map(a -> at(a, 53)).toList(),
                Dns64Settings.EXCLUDED,
                List.of(Ip6Prefix.parse("2001:db8:1::/64"), new Ip6Prefix(Ip6Address.parse("192.0.2.0"), 96 + 24)),
                Dns64Settings.LIMIT);
        Dns64 made = new Dns64(transport, group, settings);
        open.add(0, () -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        open.add(0, made);
        router.call(() -> {
            made.bind(); // the thread of the loop starts here, in the namespace
            return made;
        });
        return made;
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(Ip6Address.parse(host).toInetAddress(), port);
    }

    @AfterAll
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
        lab.close();
    }

    private String dig(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("dig", "+time=5", "+tries=1"));
        command.addAll(List.of(arguments));
        return client.run(command.toArray(String[]::new));
    }

    /** The code, and the answers with their lives, in any order. */
    private Set<String> answers(String server, int port, String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("@" + server, "-p", "" + port));
        all.addAll(List.of(arguments));
        all.addAll(List.of("+noall", "+answer", "+comments"));
        Set<String> lines = new HashSet<>();
        for (String line : dig(all.toArray(String[]::new)).lines().toList()) {
            if (line.contains("status:")) {
                lines.add(line.replaceAll(".*status: ([A-Z]*),.*", "$1"));
            } else if (!line.startsWith(";") && !line.isBlank()) {
                lines.add(line.replaceAll("\\s+", " "));
            }
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "both",
                "v4",
                "short",
                "v6",
                "none",
                "mapped",
                "partly",
                "alias",
                "chain",
                "tov6",
                "dangling",
                "host.old",
                "private",
                "loop",
                "many",
                "nothing",
                "x.wild",
                "ns",
                ""
            })
    void answersAsTheDns64OfBindDoes(String name) throws Exception {
        String full = name.isEmpty() ? "example" : name + ".example";
        for (String type : List.of("AAAA", "A", "TXT", "ANY", "SOA", "MX")) {
            for (String way : List.of("+notcp", "+tcp")) {
                assertEquals(
                        answers("2001:db8:2::64", Bind.DNS64_PORT, full, type, way),
                        answers(FORWARDER, 53, full, type, way),
                        () -> full + " " + type + " " + way);
            }
        }
    }

    @Test
    void aNameWithIpv4OnlyHasAnAddressInThePrefix() throws Exception {
        assertEquals(
                Set.of(
                        "NOERROR",
                        "chain.example. 300 IN CNAME alias.example.",
                        "alias.example. 300 IN CNAME v4.example.",
                        "v4.example. 120 IN AAAA 2001:db8:64::c000:221",
                        "v4.example. 120 IN AAAA 2001:db8:64::c000:222"),
                answers(FORWARDER, 53, "chain.example", "AAAA"));
        assertTrue(dns64.counts().synthesised() > 0);
    }

    @Test
    void theNameOfAnAddressInThePrefixIsFound() throws Exception {
        assertTrue(answers(FORWARDER, 53, "-x", "2001:db8:64::c000:221")
                .contains("33.2.0.192.in-addr.arpa. 300 IN PTR v4.example."));
        assertTrue(answers(FORWARDER, 53, "-x", "2001:db8:64::c000:222").contains("NXDOMAIN"));
    }

    @Test
    void thePrefixIsTold() throws Exception {
        assertEquals(
                Set.of(
                        "NOERROR",
                        "ipv4only.arpa. 86400 IN AAAA 2001:db8:64::c000:aa",
                        "ipv4only.arpa. 86400 IN AAAA 2001:db8:64::c000:ab"),
                answers(FORWARDER, 53, "ipv4only.arpa", "AAAA"));
    }

    @Test
    void overIpv4AsWell() throws Exception {
        assertEquals(answers(FORWARDER, 53, "v4.example", "AAAA"), answers(FORWARDER4, 53, "v4.example", "AAAA"));
        assertEquals(
                answers(FORWARDER, 53, "many.example", "AAAA"),
                answers(FORWARDER4, 53, "many.example", "AAAA", "+tcp"));
    }

    /** 60 addresses, with and without room for them in a packet. */
    @Test
    void aLongAnswerIsCutAndComesOverTcp() throws Exception {
        String cut = dig("@" + FORWARDER, "many.example", "AAAA", "+noedns", "+ignore");
        assertTrue(cut.contains("flags: qr tc") || cut.contains(" tc "), cut);
        for (String way : List.of("+noedns", "+bufsize=512", "+bufsize=4096", "+tcp")) {
            assertEquals(61, answers(FORWARDER, 53, "many.example", "AAAA", way).size(), way);
        }
    }

    @ParameterizedTest
    @CsvSource({"+dnssec, true", "+cdflag, true", "+dnssec +cdflag, false"})
    void whoValidatesGetsNothingMadeUp(String flags, boolean made) throws Exception {
        List<String> all = new ArrayList<>(List.of("v4.example", "AAAA"));
        for (int i = 0; i >= 0; i = flags.indexOf('+', i + 1)) {
            int end = flags.indexOf(' ', i);
            all.add(flags.substring(i, end < 0 ? flags.length() : end));
        }
        assertEquals(
                made ? 3 : 1, answers(FORWARDER, 53, all.toArray(String[]::new)).size());
    }

    @Test
    void otherAnswersAreThoseOfTheResolverByteForByte() throws Exception {
        for (String name : List.of("both.example", "v6.example", "nothing.example")) {
            byte[] query =
                    Dns.edns(Dns.query(name, DnsRecordType.AAAA), 0, false).write();
            assertEquals(
                    HexFormat.of().formatHex(packet("2001:db8:2::53", query)),
                    HexFormat.of().formatHex(packet(FORWARDER, query)));
        }
    }

    private byte[] packet(String server, byte[] query) throws Exception {
        return client.call(() -> {
            try (DatagramSocket s = new DatagramSocket()) {
                s.setSoTimeout(5000);
                s.send(new DatagramPacket(query, query.length, at(server, 53)));
                DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
                s.receive(answer);
                return Arrays.copyOf(answer.getData(), answer.getLength());
            }
        });
    }

    @Test
    void othersGetNoAnswer() throws Exception {
        long before = dns64.counts().refused();
        for (String way : List.of("+notcp", "+tcp")) {
            assertThrows(
                    AssertionError.class,
                    () -> dig("-b", "2001:db8:9::9", "@" + FORWARDER, "v4.example", "AAAA", "+time=1", way));
        }
        assertTrue(dns64.counts().refused() >= before + 2);
    }

    /** RFC 7766, 6.2.1: several on one connection, in any order. */
    @Test
    void manyQueriesOnOneConnection() throws Exception {
        int n = 100;
        Set<Integer> ids = new HashSet<>();
        client.call(() -> {
            try (Socket s = new Socket()) {
                s.connect(at(FORWARDER, 53), 5000);
                s.setSoTimeout(10_000);
                OutputStream out = s.getOutputStream();
                for (int i = 0; i < n; i++) {
                    byte[] query = DnsHeader.withId(
                            Dns.query("v4.example", DnsRecordType.AAAA).write(), i);
                    out.write(ByteBuffer.allocate(2 + query.length)
                            .putShort((short) query.length)
                            .put(query)
                            .array());
                }
                DataInputStream in = new DataInputStream(s.getInputStream());
                for (int i = 0; i < n; i++) {
                    byte[] answer = in.readNBytes(in.readUnsignedShort());
                    assertEquals(2, DnsMessage.read(answer).answer().size());
                    ids.add(DnsHeader.id(answer));
                }
            }
            return ids;
        });
        assertEquals(n, ids.size());
    }

    @Test
    void theNextResolverIsAskedWhereOneIsDead() throws Exception {
        router.address("2001:db8:1::2/64", "rtr0");
        bound(Dns.PREFIX, List.of("2001:db8:2::dead", "2001:db8:2::53"), "2001:db8:1::2");
        assertEquals(answers(FORWARDER, 53, "v4.example", "AAAA"), answers("2001:db8:1::2", 53, "v4.example", "AAAA"));
    }

    @Test
    void withTheWellKnownPrefixOnlyGlobalAddressesAreRepresented() throws Exception {
        router.address("2001:db8:1::3/64", "rtr0");
        bound("64:ff9b::/96", List.of("2001:db8:2::53"), "2001:db8:1::3");
        assertEquals(Set.of("NOERROR"), answers("2001:db8:1::3", 53, "v4.example", "AAAA"));
        assertEquals(3, answers("2001:db8:1::3", 53, "ipv4only.arpa", "AAAA").size());
    }

    @Test
    void whatCannotBeListenedOnIsSaidInALine() throws Exception {
        IOException taken =
                assertThrows(IOException.class, () -> bound(Dns.PREFIX, List.of("2001:db8:2::53"), FORWARDER));
        assertTrue(
                String.valueOf(taken.getMessage()).startsWith("DNS64 cannot listen on UDP [2001:db8:1::1]:53: "),
                taken.getMessage());
        assertTrue(String.valueOf(taken.getMessage()).contains("ss -lunp"), taken.getMessage());
    }

    @Test
    void anAddressMayComeLater() throws Exception {
        bound(Dns.PREFIX, List.of("2001:db8:2::53"), "2001:db8:1::9");
        router.address("2001:db8:1::9/64", "rtr0");
        assertEquals(answers(FORWARDER, 53, "v4.example", "AAAA"), answers("2001:db8:1::9", 53, "v4.example", "AAAA"));
    }

    @ParameterizedTest
    @CsvSource({"'::', name each", "0.0.0.0, name each", "2001:db8:2::53, would ask itself"})
    void whatMakesNoSenseIsRefused(String listen, String why) {
        String said = assertThrows(
                        IllegalArgumentException.class, () -> bound(Dns.PREFIX, List.of("2001:db8:2::53"), listen))
                .toString();
        assertTrue(said.contains(why), said);
    }
}
