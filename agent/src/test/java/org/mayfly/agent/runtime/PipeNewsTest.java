package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.FakeClock;
import org.mayfly.agent.relay.PipeCounts;

final class PipeNewsTest {
    private final FakeClock clock = new FakeClock();
    private PipeCounts counts = new PipeCounts(0, 0, 0, 0, 0, 0, 0);

    @Test
    void aLineAMinuteWhileItGoesOnAndNoneOtherwise() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Logging.install(new PrintStream(out, true, StandardCharsets.UTF_8), true, clock);
        PipeNews news = new PipeNews(() -> counts, clock);
        news.look();
        for (int i = 0; i < 8; i++) {
            counts = new PipeCounts(10, 1000L * i, i, 10L * i, 100L * i, 5, 6);
            news.look();
            clock.pass(Duration.ofSeconds(10));
        }
        clock.pass(Duration.ofHours(1));
        counts = new PipeCounts(0, 8000, 7, 70, 700, 500, 600);
        news.look();
        String line = "<4>connections through the shared port or a relay were reset since the last line: ";
        assertEquals(
                List.of(
                        line + "100 as the backend took none, 11 as there were too many (see [relay] limit)",
                        line + "600 as the backend took none, 66 as there were too many (see [relay] limit)"),
                out.toString(StandardCharsets.UTF_8).lines().toList());
    }
}
