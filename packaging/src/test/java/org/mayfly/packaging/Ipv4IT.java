package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** The server's IPv4 address: closed to all, open to all, or opened for who knocked; there is no door there. */
final class Ipv4IT {
    private static final int PERMIT = 22;
    private static final int CLOSED = 2222;
    private static final int OPEN = 8022;

    @Test
    void eachServiceIsAsItsConfigurationSays(@TempDir Path temp) throws Exception {
        String configuration = Layout.ROUTED.door()
                + Layout.service("permit", PERMIT, "3s", "1h", "permit")
                + Layout.service("closed", CLOSED, "3s", "1h", "closed")
                + Layout.service("open", OPEN, "3s", "1h", "open");
        try (Network net = new Network(PERMIT, CLOSED, OPEN);
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Judge judge = new Judge(net, Layout.ROUTED);
            Knocker alice = agent.enrol("alice");
            assertEquals(Met.SILENCE, attempt(net, PERMIT));
            assertEquals(Met.SILENCE, attempt(net, CLOSED));
            assertEquals(Met.IN, attempt(net, OPEN));
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, OPEN), "gated on IPv6 all the same");

            knock(net, alice, "closed");
            Until.holds(
                    "it is refused", Mayflyd.PATIENCE, () -> agent.metric("mayfly_knocks_refused_source_total") == 1);
            assertEquals(Met.SILENCE, attempt(net, CLOSED));

            knock(net, alice, "permit");
            Until.holds("it counts", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
            try (Session session = Session.open(net.client, Network.SERVER_IPV4, PERMIT)) {
                assertEquals(1, judge.permits().size(), () -> "one permit");
                assertEquals(
                        Met.SILENCE,
                        Session.attempt(net.client2, null, Network.SERVER_IPV4, PERMIT, Duration.ofMillis(300)),
                        "another source");
                assertEquals(
                        Met.SILENCE,
                        Session.attempt(net.client, null, Network.SERVER_IPV4, CLOSED, Duration.ofMillis(300)),
                        "another service");
                Until.holds("its time is up", Duration.ofSeconds(6), () -> judge.permits()
                        .isEmpty());
                assertEquals(Met.SILENCE, attempt(net, PERMIT));
                session.assertAlive();
            }
        }
    }

    private static Met attempt(Network net, int port) throws Exception {
        return Session.attempt(net.client, Network.SERVER_IPV4, port);
    }

    private static void knock(Network net, Knocker knocker, String service) throws Exception {
        InetSocketAddress listener =
                new InetSocketAddress(Network.SERVER_IPV4.toInetAddress(), knocker.enrolment.port());
        Knocker.send(net.client, null, listener, List.of(knocker.packet(service, Ip6Address.UNSPECIFIED)));
    }
}
