package org.mayfly.agent.translate;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Those that are asked. */
@FunctionalInterface
interface Resolvers {
    /**
     * Asks a question.
     *
     * @param query a whole message; its id is not used
     * @param whole whether an answer that does not fit a packet is fetched over TCP
     * @param then gets an answer to that question, with any id, or null if there is none in time; on the loop, once
     */
    void ask(byte[] query, DnsQuestion question, boolean whole, Consumer<byte @Nullable []> then);
}
