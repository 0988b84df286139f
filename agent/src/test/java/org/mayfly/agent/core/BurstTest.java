package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.crypto.KnockSender;

/** What of several knocks that are read together. */
final class BurstTest {
    private static final Ip6Address IPV4 = Ip6Address.parse("198.51.100.7");

    private final World w = new World();

    BurstTest() throws Exception {}

    private Verdict receive(String service, Ip6Address from) {
        byte[] packet = w.packet(w.request(service));
        w.clock.pass(Duration.ofNanos(1000));
        return w.agent.receive(packet, 0, packet.length, from.high(), from.low());
    }

    @Test
    void allAreOpenedAtItsEnd() {
        for (int i = 0; i < 50; i++) {
            assertEquals(Verdict.ACCEPTED, receive("ssh", World.HOME));
        }
        assertEquals(Set.of(), w.kernel.standing().keySet());
        assertEquals(List.of(), w.log);

        assertEquals(0, w.agent.burstOver());

        Set<Permit> permits = new HashSet<>();
        w.agent.leases().forEach(lease -> permits.add(lease.permit()));
        assertEquals(50, permits.size());
        assertEquals(permits, w.kernel.standing().keySet());
        assertEquals(50, w.leases.inUse().size());
        assertEquals(50, w.log.stream().filter("opened"::equals).count());
        assertEquals(50, w.agent.verdicts().get(Verdict.ACCEPTED));
        assertEquals(0, w.agent.burstOver());
        w.agent.leases().forEach(lease -> {
            assertEquals(w.clock.monotonicNanos(), lease.opened());
            assertEquals(w.clock.monotonicNanos() + World.LEASE.toNanos(), lease.windowEnd());
        });
    }

    @Test
    void whatTheKernelRefusesIsNoLeaseAndTheOthersAre() {
        int[] asked = {0};
        w.kernel.failOn(call -> call.equals("open") && asked[0]++ == 2);
        for (int i = 0; i < 5; i++) {
            receive("ssh", World.HOME);
        }

        assertEquals(1, w.agent.burstOver());

        assertEquals(4, w.agent.leases().size());
        assertEquals(4, w.kernel.standing().size());
        assertEquals(4, w.agent.leasesOf("laptop").size());
        assertEquals(4, w.agent.verdicts().get(Verdict.ACCEPTED));
        assertEquals(1, w.agent.verdicts().get(Verdict.KERNEL));
        assertTrue(w.log.contains("refused: laptop kernel"), w.log::toString);
        assertTrue(w.log.stream().anyMatch(line -> line.startsWith("warning: a genuine knock")), w.log::toString);
    }

    @Test
    void whereTheKernelRefusesAllThereIsNothingLeft() {
        w.kernel.failOn("open"::equals);
        for (int i = 0; i < 5; i++) {
            receive("ssh", World.HOME);
        }

        assertEquals(5, w.agent.burstOver());

        assertEquals(0, w.agent.leases().size());
        assertEquals(0, w.leases.inUse().size());
        assertEquals(5, w.agent.verdicts().get(Verdict.KERNEL));
        w.kernel.failOn(call -> false);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    @Test
    void aDefectBelowLeavesNoLeaseThatNobodyBegan() {
        w.kernel.failOn(call -> {
            if (call.equals("open")) {
                throw new IllegalStateException("a defect");
            }
            return false;
        });
        receive("ssh", World.HOME);
        receive("ssh", World.HOME);

        assertEquals(2, w.agent.burstOver());

        assertEquals(0, w.agent.leases().size());
    }

    @Test
    void nothingThatGoesWrongBelowLeavesALeaseThatNobodyBegan() {
        w.kernel.failOn(call -> {
            if (call.equals("open")) {
                throw new NoClassDefFoundError("half of an update");
            }
            return false;
        });
        receive("ssh", World.HOME);
        assertEquals(1, w.agent.burstOver());
        w.kernel.failOn(call -> false);
        w.listening = () -> {
            throw new IllegalStateException("a defect");
        };
        for (int i = 0; i < 3; i++) {
            receive("ssh", World.HOME);
        }
        assertEquals(3, w.agent.burstOver());

        assertEquals(0, w.agent.leases().size());
        assertEquals(4, w.agent.verdicts().get(Verdict.KERNEL));
    }

    /** A quota of two, and a knock that needs the room of one before it in the same burst. */
    @Test
    void oneOfTheSameBurstMakesRoom() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(2, 1000, Quota.Full.REPLACE), 1000));
        for (int i = 0; i < 5; i++) {
            assertEquals(Verdict.ACCEPTED, receive("ssh", World.HOME));
        }
        w.agent.burstOver();

        assertEquals(2, w.agent.leases().size());
        assertEquals(2, w.kernel.standing().size());
        assertEquals(5, w.log.stream().filter("opened"::equals).count());
        assertEquals(3, w.log.stream().filter("ended: replaced"::equals).count());
    }

    @Test
    void theLimitsCountWhatIsNotOpenYet() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(64, 1000, Quota.Full.REFUSE), 3));
        for (int i = 0; i < 3; i++) {
            assertEquals(Verdict.ACCEPTED, receive("ssh", World.HOME));
        }
        assertEquals(Verdict.DOORS, receive("ssh", World.HOME));
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(3, 1000, Quota.Full.REFUSE), 1000));
        assertEquals(Verdict.LEASES, receive("ssh", World.HOME));
    }

    /** Or two of them would have one door. */
    @Test
    void aNonceCountsOnce() {
        byte[] nonce = KnockSender.randomNonce();
        byte[] first = w.keys.get(0).write(nonce, w.request("ssh"));
        byte[] second =
                w.keys.get(0).write(nonce, new KnockRequest(0, w.clock.wallNanos() + 1, Ip6Address.UNSPECIFIED, "git"));
        assertEquals(Verdict.ACCEPTED, w.agent.receive(first, 0, first.length, 1, 1));
        assertEquals(Verdict.NONCE, w.agent.receive(second, 0, second.length, 1, 1));
    }

    @Test
    void onIpv4OneOpensAtOnceAndTheNextRenews() {
        assertEquals(Verdict.ACCEPTED, receive("both", IPV4));
        assertEquals(Verdict.ACCEPTED, receive("ssh", World.HOME));
        assertEquals(Verdict.ACCEPTED, receive("both", IPV4));
        assertEquals(1, w.kernel.standing().size());
        w.agent.burstOver();

        assertEquals(2, w.kernel.standing().size());
        assertEquals(2, w.agent.leases().size());
    }
}
