package org.mayfly.agent.translate;

import java.util.LinkedHashSet;
import java.util.Set;

/** The connections of clients, bounded in number: the oldest makes room. Only the event loop touches it. */
final class StreamClients {
    /** Few ask over TCP, and none for long. */
    private static final int MOST = 128;

    private final Set<StreamClient> all = new LinkedHashSet<>();

    void add(StreamClient one) {
        if (all.size() >= MOST) {
            StreamClient oldest = all.iterator().next();
            remove(oldest);
            oldest.close();
        }
        all.add(one);
    }

    void remove(StreamClient one) {
        all.remove(one);
    }

    void close() {
        Set<StreamClient> gone = new LinkedHashSet<>(all);
        all.clear();
        gone.forEach(StreamClient::close);
    }
}
