package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;

/** Whether somebody who got through to a relay may stay there: asked of the leases, whatever the kernel let in. */
final class AdmitsTest {
    private static final Ip6Address NEIGHBOUR = Ip6Address.parse("2001:db8:c::8");
    private static final Ip6Address STRANGER = Ip6Address.parse("2001:db8:bad::7");
    private static final Ip6Address V4 = Ip6Address.parse("198.51.100.7");
    private static final Ip6Address OTHER_V4 = Ip6Address.parse("198.51.100.8");
    private static final Duration MOMENT = Duration.ofMillis(1);

    private World w;

    @BeforeEach
    void world() throws Exception {
        w = new World();
    }

    private void source(SourcePolicy policy) {
        w.agent.clients(List.of(new Client("laptop", List.of("ssh", "both"), policy, true, null, w.keys)));
    }

    private boolean admits(Ip6Address source) {
        return w.agent.admits(source, w.onlyLease().door(), Protocol.TCP, 22);
    }

    private void pass(Duration time) {
        w.clock.pass(time);
        w.agent.tick();
    }

    @Test
    void whoeverKnockedAtThatDoorAndPort() {
        w.knock("ssh");
        Ip6Address door = w.onlyLease().door();
        assertTrue(admits(World.HOME));
        assertFalse(admits(NEIGHBOUR));
        assertFalse(w.agent.admits(World.HOME, new Ip6Address(door.high(), door.low() + 1), Protocol.TCP, 22));
        assertFalse(w.agent.admits(World.HOME, door, Protocol.UDP, 22));
        assertFalse(w.agent.admits(World.HOME, door, Protocol.TCP, 443));
        assertFalse(w.agent.admits(World.HOME, Ip6Address.UNSPECIFIED, Protocol.TCP, 22));
        assertFalse(w.agent.admits(Ip6Address.parse("::1"), Ip6Address.parse("::1"), Protocol.TCP, 22), "a local user");
    }

    @Test
    void ofANetworkWhereThatIsThePolicy() {
        source(SourcePolicy.NET64);
        w.knock("ssh");
        assertTrue(admits(World.HOME));
        assertTrue(admits(NEIGHBOUR));
        assertFalse(admits(STRANGER));
    }

    @Test
    void anybodyWhereThatIsThePolicy() {
        source(SourcePolicy.ANY);
        w.knock("ssh");
        assertTrue(admits(World.HOME));
        assertTrue(admits(STRANGER));
        assertFalse(admits(V4), "IPv4 comes through no door");
    }

    @Test
    void onIpv4WhereverItComesTo() {
        w.send(w.packet(w.request("both")), V4);
        assertTrue(w.agent.admits(V4, Ip6Address.UNSPECIFIED, Protocol.TCP, 443));
        assertFalse(w.agent.admits(OTHER_V4, Ip6Address.UNSPECIFIED, Protocol.TCP, 443));
        assertFalse(w.agent.admits(V4, Ip6Address.UNSPECIFIED, Protocol.TCP, 22));
        assertFalse(w.agent.admits(V4, World.HOME, Protocol.TCP, 443));
    }

    /** As the kernel does, or as much longer as it may. */
    @Test
    void untilTheWindowIsOverAndNoSessionMakesThatLonger() throws Exception {
        w.knock("ssh");
        Permit permit = w.onlyLease().permit();
        assertTrue(w.kernel.connect(permit));
        pass(World.LEASE);
        assertTrue(admits(World.HOME), "the kernel's clock may be behind");
        pass(World.OVER.minus(World.LEASE).plus(MOMENT));
        assertEquals(Lease.State.SESSION, w.onlyLease().state());
        assertFalse(admits(World.HOME));
        w.knock("ssh");
        assertEquals(2, w.agent.leases().size());
        assertFalse(w.agent.admits(World.HOME, permit.door(), Protocol.TCP, 22), "it has another door");
    }

    @Test
    void nobodyAfterTheEnd() {
        w.knock("ssh");
        Ip6Address door = w.onlyLease().door();
        pass(World.OVER.plus(MOMENT));
        assertEquals(0, w.agent.leases().size());
        assertFalse(w.agent.admits(World.HOME, door, Protocol.TCP, 22));
    }

    @Test
    void nobodyWhoIsRevoked() throws Exception {
        w.knock("ssh");
        Lease lease = w.onlyLease();
        w.kernel.failOn("close"::equals);
        assertThrows(KernelException.class, () -> w.agent.revoke(lease));
        assertFalse(admits(World.HOME), "the kernel lets it in still");
        w.kernel.failOn(call -> false);
        w.agent.revoke(lease);
        assertFalse(w.agent.admits(World.HOME, lease.door(), Protocol.TCP, 22));
    }

    @Test
    void nobodyWhoseServiceIsGone() throws Exception {
        w.knock("ssh");
        Ip6Address door = w.onlyLease().door();
        Settings before = w.agent.settings();
        Map<String, Service> services = new HashMap<>(before.services());
        services.remove("ssh");
        w.agent.apply(new Settings(before.guard(), services, before.window(), before.quota(), before.doorLimit()));
        assertFalse(w.agent.admits(World.HOME, door, Protocol.TCP, 22), "before the next tick");
    }
}
