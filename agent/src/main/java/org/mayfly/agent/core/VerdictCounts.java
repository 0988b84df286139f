package org.mayfly.agent.core;

import java.util.EnumMap;
import java.util.Map;

/** How many packets there were of each verdict. Counting allocates nothing. */
@SuppressWarnings("EnumOrdinal") // an index into an array of this process, never stored
public final class VerdictCounts {
    private final long[] counts = new long[Verdict.values().length];

    public void count(Verdict verdict) {
        counts[verdict.ordinal()]++;
    }

    /** What was counted as one turned out to be another. */
    void mistaken(Verdict counted, Verdict found) {
        counts[counted.ordinal()]--;
        count(found);
    }

    /** All of them, those that never were too. */
    public Map<Verdict, Long> toMap() {
        Map<Verdict, Long> map = new EnumMap<>(Verdict.class);
        for (Verdict v : Verdict.values()) {
            map.put(v, counts[v.ordinal()]);
        }
        return map;
    }
}
