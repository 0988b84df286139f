package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** What opens a door and what does not: every verdict, in the order of the checks. */
final class KnockTest {
    private World w;

    @BeforeEach
    void world() throws Exception {
        w = new World();
    }

    @Test
    void aGenuineKnockOpensItsDoorToItsSource() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        assertEquals(Verdict.ACCEPTED, w.send(packet, World.HOME));
        Ip6Address door = w.candidates(packet).get(0);
        Permit permit = new Permit(World.HOME, 128, door, Protocol.TCP, 22);
        assertEquals(Set.of(permit), w.kernel.permits().keySet());
        assertEquals(List.of(door), w.kernel.addresses());
    }

    @Test
    void aKnockWithoutAServiceGetsTheFirst() {
        assertEquals(Verdict.ACCEPTED, w.knock(""));
        assertEquals("ssh", w.onlyLease().service().name());
    }

    @Test
    void everyOtherLengthIsRefused() {
        byte[] bytes = Arrays.copyOf(w.packet(w.request("ssh")), 1501);
        for (int length = 0; length <= 1500; length++) {
            if (length != Packet.LENGTH) {
                assertEquals(Verdict.LENGTH, w.agent.knock(bytes, 0, length, 0, 1), "length " + length);
            }
        }
        assertEquals(1500, w.agent.verdicts().get(Verdict.LENGTH));
        assertEquals(0, w.agent.leases().size());
    }

    @Test
    void everyFlippedBitIsRefused() {
        byte[] packet = w.packet(w.request("ssh"));
        for (int bit = 0; bit < 8 * Packet.LENGTH; bit++) {
            byte[] bad = packet.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertEquals(Verdict.GATE, w.send(bad, World.HOME), "bit " + bit);
        }
        assertEquals(Verdict.ACCEPTED, w.send(packet, World.HOME), "the packet was good all along");
    }

    @Test
    void theSamePacketAThousandTimesFromElsewhereOpensNothingMore() {
        byte[] packet = w.packet(w.request("ssh"));
        w.send(packet, World.HOME);
        for (int i = 0; i < 1000; i++) {
            assertEquals(Verdict.NONCE, w.send(packet, new Ip6Address(0x20010db8_00000000L, i)));
        }
        assertEquals(1, w.agent.leases().size());
    }

    @Test
    void aReplayIsRefusedAfterARestartToo() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        w.send(packet, World.HOME);
        Client laptop = w.agent.clients().get(0);
        w.agent = w.start(w.agent.settings());
        w.agent.clients(List.of(laptop));
        assertEquals(Verdict.STAMP, w.send(packet, World.HOME), "only the marks are left of the agent before");
    }

    @Test
    void aReplayIsRefusedWhenTheClockStepsBack() {
        byte[] packet = w.packet(w.request("ssh"));
        w.send(packet, World.HOME);
        forgetRecentNonces();
        w.clock.step(Duration.ofSeconds(-20));
        assertEquals(Verdict.STAMP, w.send(packet, World.HOME));
        w.clock.step(Duration.ofHours(-1));
        forgetRecentNonces();
        assertEquals(Verdict.WINDOW, w.send(packet, World.HOME));
    }

    private void forgetRecentNonces() {
        for (int i = 0; i < 40_000; i++) {
            KnockRequest tooOld =
                    new KnockRequest(0, 1, Ip6Address.UNSPECIFIED, "ssh"); // proved, so remembered, and opens nothing
            w.send(w.packet(tooOld), new Ip6Address(i, 1)); // or it would be a flood
        }
    }

    /** In the order of docs/protocol.md, section 7: what cannot be a request does not use a time up. */
    @Test
    void ofTwoFaultsTheFirstCounts() {
        Unsealed key = new Unsealed(w.keys.get(0));
        w.agent.clients(List.of(new Client("odd", List.of("ssh"), SourcePolicy.EXACT, true, null, List.of(key))));
        key.plain[1] = 1;
        key.plain[8] = 0; // and long ago
        assertEquals(Verdict.REQUEST, w.send(key.packet(w.server), World.HOME));
        key.plain = w.request("ssh").encode();
        key.plain[1] = 1;
        assertEquals(Verdict.REQUEST, w.send(key.packet(w.server), World.HOME));
        key.plain[1] = 0;
        key.plain[32] = ' ';
        assertEquals(Verdict.REQUEST, w.send(key.packet(w.server), World.HOME));
        assertEquals(Verdict.STAMP, w.send(key.packet(w.server), World.HOME), "its time is used up");
    }

    /** A key whose packets say what the test wants them to say. */
    private static final class Unsealed implements KnockKey {
        private final KnockKey other;
        private byte[] plain;

        Unsealed(KnockKey other) {
            this.other = other;
            this.plain = new KnockRequest(0, 1, Ip6Address.UNSPECIFIED, "ssh").encode();
        }

        byte[] packet(ServerIdentity server) {
            byte[] p = new byte[Packet.LENGTH];
            System.arraycopy(KnockSender.randomNonce(), 0, p, Packet.NONCE_OFFSET, Packet.NONCE_LENGTH);
            server.gate().putKeyId(p, 0, id());
            server.gate().putTag(p, 0);
            return p;
        }

        @Override
        public long id() {
            return 42;
        }

        @Override
        public boolean proves(byte[] p, int off) {
            return true;
        }

        @Override
        public byte[] head(byte[] p, int off) {
            return plain.clone();
        }

        @Override
        public byte[] open(byte[] p, int off) {
            return plain.clone();
        }

        @Override
        public Ip6Address doorBits(byte[] p, int off, int salt) {
            return other.doorBits(p, off, salt);
        }
    }

    @Test
    void aKeyThatNobodyHasIsRefused() throws Exception {
        ClientKeyset stranger = ClientKeyset.create(w.server);
        byte[] packet = stranger.keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        assertEquals(Verdict.KEY, w.send(packet, World.HOME));
    }

    @Test
    void aKnockForAnotherServerIsRefused() throws Exception {
        ServerIdentity other = ServerIdentity.create();
        ClientKeyset sameSecret = ClientKeyset.ofSecret(w.keyset.primarySecret(), other);
        byte[] packet = sameSecret.keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        assertEquals(Verdict.GATE, w.send(packet, World.HOME));
    }

    @Test
    void theWindowHasSharpEdges() {
        long window = w.agent.settings().window().toNanos();
        assertEquals(Verdict.WINDOW, stamped(-window - 1));
        assertEquals(Verdict.ACCEPTED, stamped(-window));
        assertEquals(Verdict.ACCEPTED, stamped(window));
        assertEquals(Verdict.WINDOW, stamped(window + 1));
    }

    private Verdict stamped(long offset) {
        return w.send(
                w.packet(new KnockRequest(0, w.clock.wallNanos() + offset, Ip6Address.UNSPECIFIED, "ssh")), World.HOME);
    }

    @Test
    void anEqualStampIsRefused() {
        KnockRequest request = w.request("ssh");
        assertEquals(Verdict.ACCEPTED, w.send(w.packet(request), World.HOME));
        assertEquals(Verdict.STAMP, w.send(w.packet(request), World.HOME));
    }

    @Test
    void servicesAreThoseOfTheClientAndOfTheAgent() {
        assertEquals(Verdict.SERVICE, w.knock("other"), "the agent has it, the client may not");
        assertEquals(Verdict.SERVICE, w.knock("none"));
        assertTrue(w.log.contains("refused: laptop service"));
    }

    @Test
    void theSourceInTheRequestCountsAndNotTheOneOfThePacket() {
        Ip6Address named = Ip6Address.parse("2001:db8:c::8");
        assertEquals(
                Verdict.ACCEPTED, w.send(w.packet(new KnockRequest(0, w.clock.wallNanos(), named, "ssh")), World.HOME));
        assertEquals(named, w.onlyLease().permit().source());
    }

    @Test
    void aClientThatMayNotNameASourceCannot() {
        w.agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, false, null, w.keys)));
        Ip6Address named = Ip6Address.parse("2001:db8:c::8");
        assertEquals(
                Verdict.SOURCE, w.send(w.packet(new KnockRequest(0, w.clock.wallNanos(), named, "ssh")), World.HOME));
        w.clock.pass(Duration.ofMillis(1));
        assertEquals(
                Verdict.ACCEPTED,
                w.send(w.packet(new KnockRequest(0, w.clock.wallNanos(), World.HOME, "ssh")), World.HOME),
                "naming the address it comes from is no harm");
    }

    @Test
    void aSourceThatNobodyConnectsFromIsRefused() {
        for (String s : List.of("ff02::1", "::1", "127.0.0.1", "224.0.0.1", "0.0.0.0")) {
            w.clock.pass(Duration.ofMillis(1));
            KnockRequest r = new KnockRequest(0, w.clock.wallNanos(), Ip6Address.parse(s), "both");
            assertEquals(Verdict.SOURCE, w.send(w.packet(r), World.HOME), s);
        }
    }

    @Test
    void anIpv4SourceGetsAPermitWithoutADoorWhereTheServiceAllows() throws Exception {
        Ip6Address v4 = Ip6Address.parse("198.51.100.7");
        assertEquals(Verdict.SOURCE, w.send(w.packet(w.request("ssh")), v4));
        w.clock.pass(Duration.ofMillis(1));
        assertEquals(Verdict.ACCEPTED, w.send(w.packet(w.request("both")), v4));
        Permit permit = new Permit(v4, 128, Ip6Address.UNSPECIFIED, Protocol.TCP, 443);
        assertEquals(Set.of(permit), w.kernel.permits().keySet());
        assertEquals(List.of(), w.kernel.addresses());
    }

    @Test
    void aPermitCanBeWidenedToItsSlash64() {
        w.agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.NET64, true, null, w.keys)));
        w.knock("ssh");
        assertEquals(Ip6Address.parse("2001:db8:c::"), w.onlyLease().permit().source());
        assertEquals(64, w.onlyLease().permit().sourceLength());
    }

    @Test
    void theRateOfAClientIsBounded() {
        w.agent.clients(List.of(new Client(
                "laptop", List.of("ssh"), SourcePolicy.EXACT, true, new Quota(10_000, 5, Quota.Full.REFUSE), w.keys)));
        int accepted = 0;
        for (int i = 0; i < 100; i++) {
            accepted += w.knock("ssh") == Verdict.ACCEPTED ? 1 : 0;
        }
        assertEquals(5, accepted);
        w.clock.pass(Duration.ofMillis(201));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(Verdict.RATE, w.knock("ssh"));
    }

    @Test
    void theLeasesOfAClientAreBoundedAndThoseOfOthersAreNot() throws Exception {
        ClientKeyset other = ClientKeyset.create(w.server);
        w.agent.clients(List.of(
                new Client(
                        "laptop",
                        List.of("ssh"),
                        SourcePolicy.EXACT,
                        true,
                        new Quota(3, 1000, Quota.Full.REFUSE),
                        w.keys),
                World.client("phone", other.keys(), List.of("ssh"))));
        for (int i = 0; i < 3; i++) {
            assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        }
        assertEquals(Verdict.LEASES, w.knock("ssh"));
        byte[] packet = other.keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        assertEquals(Verdict.ACCEPTED, w.send(packet, World.HOME));
        w.clock.pass(World.OVER);
        w.agent.tick();
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"), "its leases are over");
    }

    @Test
    void theOldestLeaseThatIsNotUsedMakesRoom() {
        Quota two = new Quota(2, 1000, Quota.Full.REPLACE);
        w.agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, true, two, w.keys)));
        w.knock("ssh");
        Lease used = w.onlyLease();
        w.kernel.connect(used.permit());
        w.knock("ssh");
        Lease idle = w.agent.leasesOf("laptop").get(1);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(Lease.State.CLOSED, idle.state());
        assertTrue(w.log.contains("ended: replaced"));
        assertEquals(2, w.kernel.standing().size());
        assertFalse(w.kernel.standing().containsKey(idle.permit()));
        Lease newest = w.agent.leasesOf("laptop").get(1);
        w.kernel.connect(newest.permit());
        assertEquals(Verdict.LEASES, w.knock("ssh"), "both are in use");
        assertEquals(List.of(used, newest), w.agent.leasesOf("laptop"));
    }

    @Test
    void allDoorsTogetherAreBounded() throws Exception {
        w.agent.apply(World.settings(DoorMode.ADDRESS, new Quota(64, 1000, Quota.Full.REFUSE), 2));
        w.knock("ssh");
        w.knock("ssh");
        assertEquals(Verdict.DOORS, w.knock("ssh"));
    }

    @Test
    void aDoorThatIsTakenMeansTheNextCandidate() throws Exception {
        byte[] packet = w.packet(w.request("ssh"));
        List<Ip6Address> candidates = w.candidates(packet);
        w.kernel.ownAddress(candidates.get(0));
        w.agent.apply(w.agent.settings());
        assertEquals(Verdict.ACCEPTED, w.send(packet, World.HOME));
        assertEquals(candidates.get(1), w.onlyLease().door());
    }

    @Test
    void whereTheKernelRefusesNothingIsLeft() {
        w.kernel.failOn("open"::equals);
        assertEquals(Verdict.KERNEL, w.knock("ssh"));
        assertEquals(0, w.agent.leases().size());
        w.kernel.failOn(call -> false);
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    @Test
    void theClientMayAskForLessTimeAndNotForMore() {
        w.send(w.packet(new KnockRequest(5, w.clock.wallNanos(), Ip6Address.UNSPECIFIED, "ssh")), World.HOME);
        assertEquals(
                Duration.ofSeconds(5).toNanos(),
                w.onlyLease().windowEnd() - w.onlyLease().opened());
        w.clock.pass(Duration.ofSeconds(6));
        w.agent.tick();
        w.send(w.packet(new KnockRequest(50_000, w.clock.wallNanos(), Ip6Address.UNSPECIFIED, "ssh")), World.HOME);
        assertEquals(
                World.LEASE.toNanos(), w.onlyLease().windowEnd() - w.onlyLease().opened());
    }

    @Test
    void withoutMarksAllIsRefusedForOneWindowAndWhatWasMadeBeforeForEver() throws Exception {
        World fresh = new World(DoorMode.ANYIP, new MemoryMarks(false), 2);
        byte[] fromBefore = fresh.packet(new KnockRequest(
                0, fresh.clock.wallNanos() + Duration.ofSeconds(29).toNanos(), Ip6Address.UNSPECIFIED, "ssh"));
        assertEquals(Verdict.NOT_READY, fresh.knock("ssh"));
        fresh.clock.pass(Duration.ofSeconds(30).minusNanos(5000));
        assertEquals(Verdict.NOT_READY, fresh.knock("ssh"));
        fresh.clock.pass(Duration.ofMillis(7));
        assertEquals(Verdict.STAMP, fresh.send(fromBefore, World.HOME));
        assertEquals(Verdict.ACCEPTED, fresh.knock("ssh"));
    }

    @Test
    void rotatedKeysWorkSideBySide() throws Exception {
        ClientKeyset both = w.keyset.rotated();
        w.agent.clients(List.of(World.client("laptop", both.keys(), List.of("ssh"))));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"), "the key from before");
        byte[] packet = both.keys().get(0).write(KnockSender.randomNonce(), w.request("ssh"));
        assertNotEquals(w.keys.get(0).id(), both.keys().get(0).id());
        assertEquals(Verdict.ACCEPTED, w.send(packet, World.HOME), "the new one");
    }

    @Test
    void aClientThatIsGoneIsUnknown() {
        w.agent.clients(List.of());
        assertEquals(Verdict.KEY, w.knock("ssh"));
    }

    @Test
    void noiseNeverThrowsAndOpensNothing() {
        Random random = new Random(7);
        byte[] noise = new byte[200];
        Set<Verdict> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            random.nextBytes(noise);
            seen.add(w.agent.knock(noise, 0, random.nextInt(2) == 0 ? Packet.LENGTH : random.nextInt(200), 1, i));
        }
        assertEquals(Set.of(Verdict.GATE, Verdict.LENGTH), seen);
    }
}
