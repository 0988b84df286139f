package org.mayfly.knock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.channels.Selector;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;

@Timeout(60)
class DeliveriesTest {
    /** protocol.md, 6: a second, and double that each time. In time of the test's own. */
    @Test
    void theRoundsGrowLonger() throws Exception {
        ServiceOffer ssh = new ServiceOffer("ssh", 22, "tcp");
        KnockOptions options = new KnockOptions(null, Carrier.UDP, Ip6Address.parse("::1"), 0);
        List<Knock> sent = new ArrayList<>();
        try (FakeServer server = new FakeServer();
                Selector selector = Selector.open()) {
            Knocker knocker = Knocker.of(new Profile("home", server.enrolment(ssh)), ssh, options, Clock.systemUTC());
            try (Deliveries d = new Deliveries(knocker, selector, sent::add, Duration.ofSeconds(1))) {
                long start = System.nanoTime();
                List<Integer> rounds = new ArrayList<>();
                for (int tenth = 0; tenth < 700; tenth++) {
                    d.proceed(start + Duration.ofMillis(100L * tenth).toNanos());
                    while (rounds.size() < d.knocks()) {
                        rounds.add(tenth / 10);
                    }
                }
                assertEquals(List.of(0, 1, 3, 7, 15, 31, 63), rounds);
                assertEquals(rounds.size(), sent.size());
            }
        }
    }
}
