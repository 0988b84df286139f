package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/** Ports that could not be listened on at the start, and are tried again: an address may come late, or another daemon go. */
final class Late {
    private static final Logger LOG = Logger.getLogger(RunningAgent.class.getName());
    private static final int SECONDS = 10;

    private final Map<Listening, String> problems = new ConcurrentHashMap<>();

    /** @throws IOException the same, if the agent is not to start without it */
    void add(Listening one, IOException why) throws IOException {
        if (!one.mayBeLate()) {
            throw why;
        }
        String line = why.getMessage() + "; it is tried again every " + SECONDS + " s";
        LOG.warning(line);
        problems.put(one, line);
    }

    /** On the worker: what is not among them is not wanted any more. */
    void keep(Collection<Listening> wanted) {
        problems.keySet().retainAll(wanted);
    }

    void every(ScheduledExecutorService worker) {
        worker.scheduleWithFixedDelay(this::tryAgain, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    /** On the worker. */
    void tryAgain() {
        for (Listening one : List.copyOf(problems.keySet())) {
            try {
                one.stop(); // whatever of it there is
                one.listen();
                String before = problems.remove(one);
                LOG.info(() -> "that is over: " + before);
            } catch (IOException | RuntimeException e) {
                // as was told
            }
        }
    }

    /** From any thread. */
    List<String> problems() {
        return List.copyOf(problems.values());
    }
}
