package org.mayfly.agent.relay;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The connections to targets that are being made, the oldest first, and one timer for all of them. On the loop. */
final class Dialing {
    /** Long enough for a lost packet or three (RFC 6298, 2: after 1, 2, 4 s), and not for ever. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Duration patience;
    private final Map<DescriptorPipe, Long> deadlines = new LinkedHashMap<>();
    private boolean timed;

    Dialing(Duration patience) {
        this.patience = patience;
    }

    void add(DescriptorPipe pipe, EventExecutor loop) {
        deadlines.put(pipe, System.nanoTime() + patience.toNanos());
        time(loop);
    }

    void remove(DescriptorPipe pipe) {
        deadlines.remove(pipe);
    }

    private void time(EventExecutor loop) {
        if (timed || deadlines.isEmpty()) {
            return;
        }
        timed = true;
        long wait = Math.max(0, deadlines.values().iterator().next() - System.nanoTime());
        loop.schedule(
                () -> {
                    timed = false;
                    late();
                    time(loop);
                },
                wait,
                TimeUnit.NANOSECONDS);
    }

    private void late() {
        long now = System.nanoTime();
        while (!deadlines.isEmpty()) {
            Map.Entry<DescriptorPipe, Long> oldest =
                    deadlines.entrySet().iterator().next();
            if (oldest.getValue() - now > 0) {
                return;
            }
            oldest.getKey().unreachable("no answer in " + patience.toMillis() + " ms");
        }
    }
}
