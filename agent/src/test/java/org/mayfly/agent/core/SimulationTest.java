package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.SimulatedEvent.What;

/**
 * A million events happen to agents, in sequences of a few hundred. {@code -Dmayfly.seed=N} chooses others,
 * {@code -Dmayfly.events=N} more. A sequence that breaks a promise is made as short as it can be, and printed.
 */
final class SimulationTest {
    private static final int LENGTH = 400;
    private static final long SEED = Long.getLong("mayfly.seed", 20261121);
    /** What has to have happened a thousand times in a million events, or the promises were not put to the test. */
    private static final List<String> HAPPENS = List.of(
            "accepted",
            "adopted",
            "expired",
            "revoked",
            "rate",
            "leases",
            "doors",
            "kernel",
            "window",
            "session limit",
            "two doors",
            "orphans",
            "no start",
            "connected",
            "replaced");

    private static final long EVENTS = Long.getLong("mayfly.events", 1_000_000);

    private final Map<String, Integer> seen = new TreeMap<>();

    @Test
    void noSequenceBreaksAPromise() throws Exception {
        System.out.println("simulation: " + EVENTS + " events, -Dmayfly.seed=" + SEED);
        SimulatedPeople.Cast cast = SimulatedPeople.Cast.make();
        for (long sequence = 0; sequence < EVENTS / LENGTH; sequence++) {
            List<SimulatedEvent> events = events(new Random(SEED + sequence));
            AssertionError broken = run(cast, events);
            if (broken != null) {
                List<SimulatedEvent> least = shrink(events, e -> run(cast, e) != null);
                AssertionError last = run(cast, least);
                throw new AssertionError(
                        "-Dmayfly.seed=" + (SEED + sequence) + ", " + least.size() + " of " + LENGTH + " events: "
                                + least,
                        last == null ? broken : last);
            }
        }
        System.out.println("simulation: " + seen);
        for (String what : HAPPENS) {
            assertTrue(seen.getOrDefault(what, 0) >= EVENTS / 1000, () -> what + " hardly ever happened: " + seen);
        }
    }

    private static List<SimulatedEvent> events(Random random) {
        List<SimulatedEvent> events = new ArrayList<>(LENGTH);
        int all = Arrays.stream(What.values()).mapToInt(w -> w.weight).sum();
        for (int i = 0; i < LENGTH; i++) {
            int draw = random.nextInt(all);
            for (What what : What.values()) {
                draw -= what.weight;
                if (draw < 0) {
                    events.add(new SimulatedEvent(what, random.nextInt(), random.nextInt(1 << 20)));
                    break;
                }
            }
        }
        return events;
    }

    /** What broke, or null. */
    private @Nullable AssertionError run(SimulatedPeople.Cast cast, List<SimulatedEvent> events) {
        Simulation simulation = new Simulation(cast, seen);
        try {
            events.forEach(simulation::happen);
            return null;
        } catch (AssertionError e) {
            return e;
        } catch (RuntimeException e) {
            return new AssertionError("the agent failed", e);
        }
    }

    /** Leaves out what is not needed: first large parts, then single events. */
    static <T> List<T> shrink(List<T> events, Predicate<List<T>> fails) {
        List<T> least = new ArrayList<>(events);
        for (int part = least.size() / 2; part >= 1; part /= 2) {
            for (int at = 0; at < least.size(); ) {
                List<T> without = new ArrayList<>(least);
                without.subList(at, Math.min(at + part, without.size())).clear();
                if (fails.test(without)) {
                    least = without;
                } else {
                    at += part;
                }
            }
        }
        return least;
    }

    @Test
    void whatFailsIsMadeShort() {
        List<Integer> many = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            many.add(i);
        }
        assertEquals(List.of(17, 903), shrink(many, l -> l.contains(17) && l.contains(903)));
    }

    /** A kernel that forgets a deadline is found out: the promises are not empty words. */
    @Test
    void aBrokenPromiseIsFound() throws Exception {
        Simulation s = new Simulation(SimulatedPeople.Cast.make(), seen);
        s.happen(new SimulatedEvent(What.KNOCK, 0, 0));
        Agent agent = Objects.requireNonNull(s.agent);
        assertEquals(1, agent.leases().size());
        Permit permit = agent.leases().iterator().next().permit();
        s.kernel.open(permit, Duration.ofHours(1));
        assertThrows(AssertionError.class, () -> Promises.check(s));
    }
}
