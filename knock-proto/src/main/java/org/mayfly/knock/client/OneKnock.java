package org.mayfly.knock.client;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A knock that nobody waits behind: sent once, by the first way that takes it. */
final class OneKnock {
    /** How long a server may take to accept a connection that carries a knock. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The same where there is another address to try: the time that a second SYN has to be sent and answered in. */
    private static final Duration PATIENCE_WITH_ONE_OF_SEVERAL = Duration.ofMillis(1500);

    /** How long a server may take to close the connection, by which it is sure that the knock is there. */
    private static final Duration PATIENCE_AT_THE_END = Duration.ofSeconds(1);

    private OneKnock() {}

    static Knock send(Knocker knocker) throws Failure {
        List<Way> all = knocker.ways();
        List<Way> ways =
                all.stream().filter(w -> w.carrier() == all.get(0).carrier()).toList();
        Failure last = null;
        for (int i = 0; i < ways.size(); i++) {
            try {
                return send(knocker.draft(ways.get(i)), i + 1 < ways.size());
            } catch (Failure e) {
                last = e;
                if (e.status() == Failure.DENIED) {
                    break;
                }
            }
        }
        throw last != null ? last : Failure.failed("there is no way to the server");
    }

    private static Knock send(Draft draft, boolean oneOfSeveral) throws Failure {
        try (Selector selector = Selector.open();
                Delivery d = Delivery.start(draft, selector)) {
            await(selector, d, false, oneOfSeveral ? PATIENCE_WITH_ONE_OF_SEVERAL : PATIENCE);
            Knock sent = d.knock();
            if (sent == null) {
                throw failure(d.way(), d.objection(), d.denied());
            }
            if (d.way().carrier() == Carrier.TCP) {
                await(selector, d, true, PATIENCE_AT_THE_END);
            }
            return sent;
        } catch (IOException e) {
            throw failure(draft.knock().way(), Failure.reason(e), false);
        }
    }

    private static void await(Selector selector, Delivery d, boolean sent, Duration patience) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        for (long left = patience.toNanos();
                left > 0 && !d.over() && (d.knock() != null) == sent;
                left = end - System.nanoTime()) {
            selector.select((left + 999_999) / 1_000_000);
            if (!selector.selectedKeys().isEmpty()) {
                d.proceed();
            }
            selector.selectedKeys().clear();
        }
    }

    private static Failure failure(Way way, @Nullable String objection, boolean denied) {
        String what = "cannot send the knock to " + way.address() + " over " + way.carrier() + ": "
                + (objection == null ? "no answer" : objection);
        return denied ? Failure.denied(what) : Failure.failed(what);
    }
}
