package org.mayfly.agent.core;

import java.util.Arrays;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * Whether two deeds can be told apart by the time they take. As dudect has it (Reparaz, Balasch and Verbauwhede, <i>Dude, is
 * my code constant time?</i>, 2017): they are timed in random order, so that what else the machine does hits both; the slowest
 * samples of both together are left out, for noise only ever adds; Welch's t says whether the means of the rest differ.
 *
 * @param t from 10 on it is certain that they do, says dudect; without a difference it is about one
 * @param nanos by how much the second is slower, for one call
 */
record TimingComparison(double t, double nanos) {
    /** Dudect's own limit. */
    private static final double CERTAIN = 10;

    private static final int SAMPLES = 60_000;
    private static final int WARM_UP = 20_000;
    private static final int ATTEMPTS = 10;

    /** The part of the samples that is not left out. */
    private static final double KEPT = 0.8;

    /**
     * Compares, and again as long as the outcome is not what is expected, some times at most: a leak is there every time,
     * what the machine does is not.
     *
     * @param calls how many calls make a sample, so that the clock is small against them
     * @param prepare gets 0 or 1, makes ready for that deed, and takes the same time for both
     * @return the last comparison
     */
    static TimingComparison until(Predicate<TimingComparison> expected, int calls, IntConsumer prepare, Runnable deed) {
        TimingComparison c = once(calls, prepare, deed);
        for (int i = 1; i < ATTEMPTS && !expected.test(c); i++) {
            c = once(calls, prepare, deed);
        }
        return c;
    }

    /** Whether they differ for certain. */
    boolean differs() {
        return Math.abs(t) > CERTAIN;
    }

    private static TimingComparison once(int calls, IntConsumer prepare, Runnable deed) {
        Random random = new Random();
        long[] times = new long[SAMPLES];
        boolean[] second = new boolean[SAMPLES];
        for (int i = -WARM_UP; i < SAMPLES; i++) {
            boolean which = random.nextBoolean();
            prepare.accept(which ? 1 : 0);
            long begun = System.nanoTime();
            for (int c = 0; c < calls; c++) {
                deed.run();
            }
            long taken = System.nanoTime() - begun;
            if (i >= 0) {
                times[i] = taken;
                second[i] = which;
            }
        }
        return compare(times, second, calls);
    }

    private static TimingComparison compare(long[] times, boolean[] second, int calls) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        long longest = sorted[(int) (KEPT * SAMPLES)];
        Mean a = new Mean();
        Mean b = new Mean();
        for (int i = 0; i < times.length; i++) {
            if (times[i] <= longest) {
                (second[i] ? b : a).add((double) times[i]);
            }
        }
        double difference = b.mean - a.mean;
        return new TimingComparison(difference / Math.sqrt(a.errorSquared() + b.errorSquared()), difference / calls);
    }

    /** Mean and variance as they come (Welford, 1962). */
    private static final class Mean {
        private long n;
        private double mean;
        private double squares;

        void add(double x) {
            n++;
            double from = x - mean;
            mean += from / n;
            squares += from * (x - mean);
        }

        double errorSquared() {
            return squares / (n - 1) / n;
        }
    }
}
