package org.mayfly.agent.net;

import java.util.concurrent.TimeUnit;

/**
 * When to let packets gather before they are read, as a network card does that moderates its interrupts (ethtool(8),
 * adaptive-rx). A flood comes packet by packet, and for each the way to sleep and back costs many times what the check
 * does. Where there are many, a knock among them waits {@link #NANOS} at most; where there are few, nobody waits.
 */
final class Gathering {
    /** How long packets gather. As many as a flood brings in that time find room in any receive buffer. */
    static final long NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** In a window: 32,000 packets a second, which no clients send that knock. */
    private static final int MANY = 32;

    /** Of one gathering: a tenth of that. */
    private static final int FEW = 1;

    /** So often in a row it has to be few: 0.1 s. Each beginning allocates a timer, and a flood is to allocate nothing. */
    private static final int QUIET = 500;

    private long since;
    private int count;
    private int quiet;

    /**
     * @param packets that were read as soon as they came
     * @param now in ns
     * @return whether the next ones are to gather
     */
    boolean isWorth(int packets, long now) {
        if (now - since > WINDOW_NANOS) {
            since = now;
            count = 0;
        }
        count += packets;
        return count >= MANY;
    }

    /** Whether it is not worth it any more, after so many packets that have gathered. */
    boolean isOver(int packets) {
        quiet = packets > FEW ? 0 : quiet + 1;
        if (quiet < QUIET) {
            return false;
        }
        quiet = 0;
        return true;
    }
}
