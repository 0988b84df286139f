package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.relay.Pipes;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.relay.TransparentPort;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.testing.Lab;

/**
 * A client with IPv6 only, a host that translates, and what listens behind it. The rule that hands packets to the socket is
 * nft's own here.
 *
 * <pre>
 *  client (cli0) ─ 2001:db8:1::/64 ─ (srv0) host (out0) ─ 192.0.2.0/24 ─ (beh0) behind
 *    ::c                              ::5          192.0.2.1              192.0.2.7
 * </pre>
 */
class Nat64Test {
    private static final int PORT = 6464;
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");
    private static final Rfc6052 FORMAT = new Rfc6052(Ip6Prefix.parse("64:ff9b:1::/96"));
    private static final Ip6Address OWN = Ip6Address.parse("192.0.2.1");
    private static final Ip6Address BEHIND = Ip6Address.parse("192.0.2.7");
    private static final String RULE = "table ip6 test { chain c { type filter hook prerouting priority mangle; "
            + "ip6 daddr 64:ff9b:1::/96 meta l4proto tcp tproxy to [::1]:6464; }; }";

    private final Lab lab = new Lab();
    private final Transport transport = Transport.epoll();
    private final AtomicInteger refused = new AtomicInteger();
    private volatile String asked = "";
    private @Nullable Pipes pipes;
    private Lab.@Nullable Host client;
    private Lab.@Nullable Host host;
    private @Nullable TransparentPort port;
    private @Nullable ServerSocket web;

    @BeforeEach
    void build() throws Exception {
        client = lab.host();
        host = lab.host();
        Lab.Host behind = lab.host();
        lab.join(client, "cli0", host, "srv0");
        lab.join(host, "out0", behind, "beh0");
        client.address("2001:db8:1::c/64", "cli0");
        host.address("2001:db8:1::5/64", "srv0");
        host.address("192.0.2.1/24", "out0");
        behind.address("192.0.2.7/24", "beh0");
        client.run("ip", "-6", "route", "add", "64:ff9b:1::/96", "via", "2001:db8:1::5");
        host.run("ip", "-6", "route", "add", "local", "64:ff9b:1::/96", "dev", "lo");
        host.run("nft", RULE);
        web = behind.call(() -> new ServerSocket(80));
    }

    @AfterEach
    void tearDown() throws Exception {
        if (port != null) {
            port.close();
        }
        if (pipes != null) {
            pipes.close();
        }
        if (web != null) {
            web.close();
        }
        lab.close();
    }

    private Lab.Host host() {
        return Objects.requireNonNull(host);
    }

    private void listening() throws Exception {
        port = host().call(() -> {
            pipes = new Pipes(transport, 10);
            TransparentPort made = new TransparentPort(transport, pipes, (source, to, at) -> {
                asked = Thread.currentThread().getName();
                Target target = new Nat64Targets(FORMAT, false, OWN::equals).target(source, to, at);
                refused.addAndGet(target == null ? 1 : 0);
                return target;
            });
            made.bind(new InetSocketAddress(LOOPBACK.toInetAddress(), PORT));
            return made;
        });
    }

    private Socket connect(Ip6Address ipv4, int port) throws Exception {
        Socket s = Objects.requireNonNull(client)
                .call(() -> new Socket(FORMAT.embed(ipv4).toInetAddress(), port));
        s.setSoTimeout(5000);
        return s;
    }

    /** After the handshake, or so soon that it is hardly over. */
    private static void assertReset(Callable<Socket> connection) {
        SocketException e = assertThrows(SocketException.class, () -> {
            try (Socket s = connection.call()) {
                s.setSoTimeout(5000);
                s.getInputStream().read();
            }
        });
        assertTrue(String.valueOf(e.getMessage()).contains("reset"), e::toString);
    }

    @Test
    void leadsToTheAddressInIt() throws Exception {
        listening();
        try (Socket s = connect(BEHIND, 80);
                Socket there = Objects.requireNonNull(web).accept()) {
            assertEquals(OWN.toInetAddress(), there.getInetAddress());
            byte[] hello = "hello".getBytes(StandardCharsets.US_ASCII);
            s.getOutputStream().write(hello);
            assertArrayEquals(hello, there.getInputStream().readNBytes(hello.length));
            there.getOutputStream().write(hello);
            there.shutdownOutput();
            assertArrayEquals(hello, s.getInputStream().readAllBytes());
            assertEquals(0, refused.get());
            assertEquals("mayfly-relay", asked, "the loop of knocks has no part in it");
        }
    }

    @Test
    void aPortThatIsClosedThereIsReset() throws Exception {
        listening();
        assertReset(() -> connect(BEHIND, 81));
        assertEquals(0, refused.get());
    }

    @Test
    void whatLeadsToThisHostIsReset() throws Exception {
        listening();
        try (ServerSocket mine = host().call(() -> new ServerSocket(80))) {
            assertReset(() -> connect(OWN, 80));
            assertReset(() -> connect(Ip6Address.parse("127.0.0.1"), 80));
            assertEquals(2, refused.get());
            mine.setSoTimeout(1);
            assertThrows(IOException.class, mine::accept, "nobody has connected");
        }
    }

    /** Who is on the host itself gets to the socket past the rule. */
    @Test
    void aConnectionToTheSocketItselfLeadsNowhere() throws Exception {
        listening();
        assertReset(() -> host().call(() -> new Socket(LOOPBACK.toInetAddress(), PORT)));
        assertEquals(1, refused.get());
    }

    @Test
    void whatIsOpenGoesOnWhenItIsClosed() throws Exception {
        listening();
        try (Socket s = connect(BEHIND, 80);
                Socket there = Objects.requireNonNull(web).accept()) {
            Objects.requireNonNull(port).close();
            s.getOutputStream().write(42);
            assertEquals(42, there.getInputStream().read());
            assertThrows(IOException.class, () -> connect(BEHIND, 80).close(), "nobody listens");
        }
    }

    @Test
    void saysWhyItCannotListen() throws Exception {
        try (ServerSocket there = host().call(() -> new ServerSocket(PORT, 1, LOOPBACK.toInetAddress()))) {
            assertTrue(there.isBound());
            IOException e = assertThrows(IOException.class, this::listening);
            String why = String.valueOf(e.getMessage());
            assertTrue(why.startsWith("cannot listen on TCP [") && why.contains("]:6464 for [relay.nat64]: "), why);
        }
        TransparentPort portable = new TransparentPort(
                Transport.nio(), Objects.requireNonNull(pipes), new Nat64Targets(FORMAT, false, a -> false));
        IOException e = assertThrows(
                IOException.class, () -> portable.bind(new InetSocketAddress(LOOPBACK.toInetAddress(), PORT)));
        assertEquals("[relay.nat64] needs Netty's native transport, which does not load here", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "64:ff9b:1::/96, false, 8.8.8.8, true",
        "64:ff9b:1::/96, false, 203.0.113.9, true",
        "64:ff9b:1::/96, false, 10.1.2.3, false",
        "64:ff9b:1::/96, false, 172.31.255.255, false",
        "64:ff9b:1::/96, false, 172.32.0.0, true",
        "64:ff9b:1::/96, false, 192.168.1.1, false",
        "64:ff9b:1::/96, false, 100.64.0.1, false",
        "64:ff9b:1::/96, true, 10.1.2.3, true",
        "64:ff9b:1::/96, true, 127.0.0.1, false",
        "64:ff9b:1::/96, true, 0.0.0.0, false",
        "64:ff9b:1::/96, true, 169.254.169.254, false",
        "64:ff9b:1::/96, true, 224.0.0.1, false",
        "64:ff9b:1::/96, true, 255.255.255.255, false",
        "64:ff9b:1::/96, true, 192.0.2.1, false", // its own
        "64:ff9b::/96, false, 8.8.8.8, true",
        "64:ff9b::/96, false, 203.0.113.9, false",
        "64:ff9b::/96, true, 10.1.2.3, false",
    })
    void knowsWhatLeadsSomewhere(String prefix, boolean inside, String ipv4, boolean leads) {
        Rfc6052 format = new Rfc6052(Ip6Prefix.parse(prefix));
        Nat64Targets targets = new Nat64Targets(format, inside, OWN::equals);
        Target expected = leads ? new Target(ipv4, 443, ProxyHeader.NONE, true) : null;
        assertEquals(expected, targets.target(LOOPBACK, format.embed(Ip6Address.parse(ipv4)), 443));
        assertNull(targets.target(LOOPBACK, Ip6Address.parse("2001:db8::808:808"), 443), "not in the prefix");
    }
}
