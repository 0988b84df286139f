package org.mayfly.agent.translate;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counted on the loop, read by anybody. */
final class Dns64Tally {
    final AtomicInteger waiting = new AtomicInteger();
    final LongAdder queries = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder overloaded = new LongAdder();
    final LongAdder synthesised = new LongAdder();
    final LongAdder unanswered = new LongAdder();
    final LongAdder mismatched = new LongAdder();

    Dns64Counts counts() {
        return new Dns64Counts(
                waiting.get(),
                queries.sum(),
                refused.sum(),
                malformed.sum(),
                overloaded.sum(),
                synthesised.sum(),
                unanswered.sum(),
                mismatched.sum());
    }
}
