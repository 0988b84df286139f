package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.FakeClock;
import org.mayfly.agent.net.TcpCounts;

class TcpNewsTest {
    private final FakeClock clock = new FakeClock();
    private TcpCounts counts = new TcpCounts(0, 0, 0, 0, 0);

    @Test
    void aLineAMinuteWhileItGoesOnAndNoneOtherwise() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Logging.install(new PrintStream(out, true, StandardCharsets.UTF_8), true, clock);
        TcpNews news = new TcpNews(() -> counts, clock);
        for (int i = 0; i < 12; i++) {
            counts = new TcpCounts(1024, 1000L * i, 100L * i, 5, i == 11 ? 3 : 0);
            news.look();
            clock.pass(Duration.ofSeconds(10));
        }
        clock.pass(Duration.ofHours(1));
        news.look();
        clock.pass(Duration.ofHours(1));
        news.look();
        assertEquals(
                List.of(
                        "<4>somebody opens TCP connections and does not knock: 100 made room for newer ones since the"
                                + " last line",
                        "<4>somebody opens TCP connections and does not knock: 600 made room for newer ones since the"
                                + " last line",
                        "<4>somebody opens TCP connections and does not knock: 400 made room for newer ones since the"
                                + " last line; accept(2) failed 3 times, for want of descriptors most likely: see"
                                + " LimitNOFILE="),
                out.toString(StandardCharsets.UTF_8).lines().toList());
    }
}
