package org.mayfly.agent.runtime;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Has those who count rather than tell look now and then whether there is something to tell. */
final class Lookout {
    private static final int SECONDS = 10;

    private Lookout() {}

    /** @param looks each on the loop; none throws */
    static void every(ScheduledExecutorService worker, AgentLoop loop, List<Runnable> looks) {
        worker.scheduleWithFixedDelay(
                () -> {
                    loop.call(() -> {
                        looks.forEach(Runnable::run);
                        return looks;
                    });
                    Logging.tellLeftOut();
                },
                SECONDS,
                SECONDS,
                TimeUnit.SECONDS);
    }
}
