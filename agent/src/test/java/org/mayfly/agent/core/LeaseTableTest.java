package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;

final class LeaseTableTest {
    private static final Ip6Address SOURCE = Ip6Address.parse("2001:db8:c::7");
    private static final Ip6Address SOURCE4 = Ip6Address.parse("192.0.2.7");
    private static final Service SSH =
            new Service("ssh", Protocol.TCP, 22, Duration.ofHours(1), Duration.ofHours(1), Ipv4Access.PERMIT);

    private final FakeClock clock = new FakeClock();
    private final LeaseTable table = new LeaseTable();
    private final Permit shared = new Permit(SOURCE4, 128, Ip6Address.UNSPECIFIED, Protocol.TCP, 22);

    private Lease add(int number, Permit permit, int seconds) {
        Client client = new Client("c" + number, List.of("ssh"), SourcePolicy.EXACT, true, null, List.of());
        ClientState holder = new ClientState(client, new Quota(10, 10, Quota.Full.REFUSE), 0);
        Lease lease = new Lease(number, holder, SSH, 0, permit, clock.monotonicNanos());
        lease.window(clock.monotonicNanos(), Duration.ofSeconds(seconds).toNanos(), true);
        table.add(lease);
        return lease;
    }

    private static Permit door(int number) {
        return new Permit(SOURCE, 128, new Ip6Address(0x2001_0db8_0000_0000L, number), Protocol.TCP, 22);
    }

    /** A million of them take seconds to put in. */
    @Test
    void aPermitHasLeftWhatItHasWhenItIsTaken() {
        add(1, door(1), 10);
        add(2, door(2), 10);
        add(3, door(3), 4);
        Iterator<Map.Entry<Permit, Duration>> permits = table.permits(clock).iterator();
        assertEquals(Map.entry(door(1), Duration.ofSeconds(10)), permits.next());
        clock.pass(Duration.ofSeconds(5));
        assertEquals(Map.entry(door(2), Duration.ofSeconds(5)), permits.next());
        assertFalse(permits.hasNext(), "the third is over");
    }

    @Test
    void aPermitThatIsSharedIsThereOnceAndForTheLongest() {
        add(1, shared, 10);
        add(2, shared, 30);
        add(3, shared, 20);
        assertEquals(
                List.of(Map.entry(shared, Duration.ofSeconds(30))),
                table.permits(clock).toList());
    }

    @Test
    void whoIsToBeRevokedIsLetInNoMore() {
        add(1, door(1), 10).doom();
        add(2, shared, 30).doom();
        add(3, shared, 20);
        assertEquals(
                List.of(Map.entry(shared, Duration.ofSeconds(20))),
                table.permits(clock).toList());
    }

    @Test
    void everyDoorOfALeaseIsLetInThrough() {
        Lease lease = add(1, door(1), 10);
        lease.add(new Lease.Way(door(2), LeaseStore.NONE), true);
        table.add(lease, door(2));
        Duration left = Duration.ofSeconds(10);
        assertEquals(
                List.of(Map.entry(door(1), left), Map.entry(door(2), left)),
                table.permits(clock).toList());
        assertEquals(List.of(door(1), door(2)), table.permitsTo(door(2).door()));
        assertEquals(List.of(), table.permitsTo(door(3).door()));
    }

    @Test
    void aLeaseIsFoundByItsIdAsItIsTold() {
        Lease lease = add(0xabc, door(1), 10);
        assertEquals("00000abc", lease.id());
        assertSame(lease, table.find("00000abc"));
        assertSame(lease, table.find(0xabc));
        for (String other : List.of("abc", "00000ABC", "00000abd", "", "alice", "100000abc")) {
            assertNull(table.find(other), other);
        }
    }
}
