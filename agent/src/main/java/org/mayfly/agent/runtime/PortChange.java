package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.mayfly.agent.config.Relaying;

/**
 * What a reload does to the ports that listen, in two steps: what is new listens, so that it is known to work; and, once all
 * else is in force, what is to go is closed. In between it can be undone. Not on a loop.
 */
final class PortChange {
    private static final Logger LOG = Logger.getLogger(PortChange.class.getName());

    private final Runnable then;
    private final List<Listening> inTheWay = new ArrayList<>();
    private final List<Listening> closing = new ArrayList<>();
    private final List<Listening> opening = new ArrayList<>();
    private final List<Runnable> leading = new ArrayList<>();

    /** @param then done at the end of what is done */
    PortChange(Runnable then) {
        this.then = then;
    }

    /**
     * That one is not wanted any more.
     *
     * @param inTheWay something else is to have its port, so that it goes first
     */
    void closes(Listening one, boolean inTheWay) {
        (inTheWay ? this.inTheWay : closing).add(one);
    }

    void opens(Listening one) {
        opening.add(one);
    }

    void leads(Listening one, Relaying next) {
        leading.add(() -> one.lead(next));
    }

    /** Told of what does not listen; throws the same if it has to. */
    @FunctionalInterface
    interface Failure {
        void of(Listening one, IOException why) throws IOException;
    }

    /**
     * The first step.
     *
     * @throws IOException with one line; all is as it was then
     */
    void begin(Failure failure) throws IOException {
        inTheWay.forEach(Listening::stop);
        try {
            for (Listening one : opening) {
                try {
                    one.listen();
                } catch (IOException e) {
                    failure.of(one, e);
                }
            }
        } catch (IOException | RuntimeException e) {
            undo();
            throw e;
        }
    }

    /** The second step. */
    void done() {
        leading.forEach(Runnable::run);
        closing.forEach(Listening::stop);
        then.run();
    }

    /** Instead of the second step: all is as it was. */
    void undo() {
        opening.forEach(Listening::stop);
        for (Listening one : inTheWay) {
            try {
                one.listen();
            } catch (IOException | RuntimeException e) {
                LOG.severe(() -> "a reload failed, and what it closed stays closed: " + e.getMessage());
            }
        }
    }
}
