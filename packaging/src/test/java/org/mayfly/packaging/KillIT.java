package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.Bytes;

/**
 * The agent is killed at a random moment while a client knocks all the time, again and again: {@code packaging/soak} does
 * it 200 times, a build a few. After each: nothing is open past its time, no knock counts twice, the session is up.
 */
final class KillIT {
    private static final int KILLS = Integer.getInteger("mayfly.kills", 3);
    private static final long SEED = Long.getLong("mayfly.seed", System.nanoTime());
    private static final Duration LEASE = Duration.ofSeconds(4);

    /** By how much a permit may seem to outlive its time: what it takes to ask for it, on a busy machine. */
    private static final Duration LATE = Duration.ofSeconds(1);

    /** For so long after its window a door's address stays, for a connection that came last. */
    private static final Duration EDGE = Duration.ofSeconds(1);

    /** What is sent so long before the agent was killed has been dealt with. */
    private static final Duration DEALT_WITH = Duration.ofSeconds(1);

    private record Knock(long sent, Bytes packet, Ip6Address door) {}

    private final Random random = new Random(SEED);
    private final List<Knock> knocks = new ArrayList<>();
    private @Nullable Exception failed;

    @ParameterizedTest
    @EnumSource
    void atRandomMomentsUnderSteadyKnocking(Layout layout, @TempDir Path temp) throws Exception {
        System.out.println("kills: " + KILLS + ", -Dmayfly.seed=" + SEED);
        String quota = "[quota]\nleases = 1000\nrate = 1000\n\n";
        ScheduledExecutorService knocker = new ScheduledThreadPoolExecutor(1);
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, quota + layout.ssh("4s", "1h"))) {
            Judge judge = new Judge(net, layout);
            Knocker alice = agent.enrol("alice");
            Ip6Address door = agent.enrol("bob").open(agent, net.client2, "ssh");
            try (Session session = Session.open(net.client2, door, 22)) {
                for (int kill = 1; kill <= KILLS; kill++) {
                    var knocking =
                            knocker.scheduleWithFixedDelay(() -> knock(net, alice), 0, 10, TimeUnit.MILLISECONDS);
                    Until.holds("a knock is accepted", Mayflyd.PATIENCE, () -> agent.accepted() > 0);
                    Thread.sleep(random.nextInt(1500)); // the moment is what is random
                    agent.kill9();
                    long killed = System.nanoTime();
                    knocking.cancel(false);
                    agent.start();
                    session.assertAlive();
                    nothingIsOpenPastItsTime(judge, door);
                    nothingCountsTwice(net, agent, alice, killed);
                    assertTrue(failed == null, () -> "knocking failed: " + failed);
                }
            }
        } finally {
            knocker.shutdownNow();
        }
    }

    private void knock(Network net, Knocker alice) {
        byte[] packet = alice.packet("ssh");
        synchronized (knocks) {
            knocks.add(new Knock(System.nanoTime(), Bytes.of(packet), alice.door(packet)));
        }
        try {
            alice.send(net.client, packet);
        } catch (Exception e) {
            failed = e;
        }
    }

    private List<Knock> knocks(long from, long to) {
        synchronized (knocks) {
            return knocks.stream()
                    .filter(k -> k.sent - from >= 0 && k.sent - to < 0)
                    .toList();
        }
    }

    private void nothingIsOpenPastItsTime(Judge judge, Ip6Address kept) throws Exception {
        long asked = System.nanoTime();
        List<String> permits = judge.permits();
        List<Ip6Address> doors = judge.doors(); // in anyip mode there are none
        Set<Ip6Address> live = live(asked - LEASE.plus(LATE).toNanos(), kept);
        for (String permit : permits) {
            assertTrue(
                    live.stream().anyMatch(door -> permit.contains("\"" + door + "\"")),
                    () -> "open past its time: " + permit);
        }
        Set<Ip6Address> up = live(asked - LEASE.plus(EDGE).plus(LATE).toNanos(), kept);
        for (Ip6Address door : doors) {
            assertTrue(up.contains(door), () -> "up past its time: " + door);
        }
    }

    private Set<Ip6Address> live(long since, Ip6Address kept) {
        Set<Ip6Address> doors = knocks(since, Long.MAX_VALUE / 2 + since).stream()
                .map(Knock::door)
                .collect(Collectors.toSet());
        doors.add(kept);
        return doors;
    }

    private void nothingCountsTwice(Network net, Mayflyd agent, Knocker alice, long killed) throws Exception {
        long oldest = killed - Duration.ofSeconds(25).toNanos(); // of what is not refused for its age alone
        List<byte[]> replays = knocks(oldest, killed - DEALT_WITH.toNanos()).stream()
                .map(k -> k.packet.toArray())
                .toList();
        long before = agent.packets();
        for (int i = 0; i < replays.size(); i += 100) { // a burst at a time, that none is lost on the way
            Knocker.send(net.client, null, alice.listener(), replays.subList(i, Math.min(i + 100, replays.size())));
            long sent = before + Math.min(i + 100, replays.size());
            Until.answer("they are counted", Mayflyd.PATIENCE, agent::packets, n -> n >= sent);
        }
        assertEquals(0, agent.accepted(), "a knock counted twice");
    }
}
