package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.OPEN;
import static org.mayfly.agent.kernel.TwoHosts.OTHER_CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_DOOR;
import static org.mayfly.agent.kernel.TwoHosts.ROUTED_SERVER;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;

import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** The guard of an agent that could not start, in the place of one from before; and how a guard is known to stand. */
class ShutTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** The range of the routed prefix that has the host's own address. */
    private static final Ip6Prefix RESERVED = Ip6Prefix.parse("::/124");

    /** Both ports, where the guard before had one. */
    private static final Guard NEXT = new Guard(
            List.of(),
            List.of(
                    new GatedPort(Protocol.TCP, GATED, Ipv4Access.PERMIT),
                    new GatedPort(Protocol.TCP, OPEN, Ipv4Access.PERMIT)));

    private TwoHosts net;
    private NetlinkKernel before;

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        before = net.kernel();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (net != null) { // the test was skipped
            net.close();
        }
    }

    private void opened(DoorMode mode, Ip6Address door) throws Exception {
        before.install(guard(mode), Standing.NOTHING);
        before.align(Map.of());
        before.open(permit(CLIENT, door), MINUTE);
    }

    @Test
    void whatIsGatedNewlyIsShutAndSessionsGoOn() throws Exception {
        opened(DoorMode.ADDRESS, DOOR);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        assertTrue(alive(net.connect(OTHER_CLIENT, SERVER, OPEN)));

        net.kernel().shut(NEXT, RESERVED);

        assertTrue(net.silent(OTHER_CLIENT, SERVER, OPEN));
        assertTrue(net.silent(OTHER_CLIENT, SERVER, GATED));
        assertTrue(net.silent(CLIENT, DOOR, GATED), "nobody is let in");
        assertTrue(net.silent(CLIENT, DOOR, 4999), "nor refused");
        assertEquals(List.of(DOOR), net.kernel().addresses());
        assertTrue(alive(session));
    }

    @Test
    void aRoutedPrefixStaysSilentAndItsSessionsGoOn() throws Exception {
        opened(DoorMode.ANYIP, ROUTED_DOOR);
        Socket session = net.connect(CLIENT, ROUTED_DOOR, GATED);

        net.kernel().shut(NEXT, RESERVED);

        assertTrue(net.silent(OTHER_CLIENT, SERVER, OPEN));
        assertTrue(net.silent(CLIENT, ROUTED_DOOR, GATED));
        assertTrue(net.silent(CLIENT, ROUTED_DOOR, 4999), "as any other address of the prefix");
        assertTrue(net.silent(CLIENT, ROUTED_SERVER, OPEN));
        assertTrue(alive(session));
    }

    @Test
    void itShutsWhatNothingStoodBefore() throws Exception {
        net.kernel().shut(NEXT, RESERVED);
        assertTrue(net.silent(OTHER_CLIENT, SERVER, OPEN));
        assertTrue(net.kernel().stands());
    }

    @Test
    void onlyTheRulesThatWerePutUpStand() throws Exception {
        before.install(guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertTrue(before.stands());
        assertTrue(net.kernel().stands(), "a guard from before");
        net.server.run("nft", "insert rule inet mayfly guard accept");
        assertFalse(before.stands());
        before.install(guard(DoorMode.ADDRESS), Standing.NOTHING);
        assertTrue(before.stands());
        net.server.run("nft", "insert rule inet mayfly guard counter accept comment \"ours\"");
        assertFalse(before.stands());
        before.install(guard(DoorMode.ANYIP), Standing.NOTHING);
        assertTrue(before.stands());
        net.server.run("nft", "flush chain inet mayfly cut-off");
        assertFalse(before.stands());
    }

    @Test
    void aTableThatClosesNothingIsNoGuardFromBefore() throws Exception {
        net.server.run("nft", """
                table inet mayfly {
                  chain guard { type filter hook input priority 0; tcp dport 1 counter accept comment "this host to itself"; }
                }""");
        assertFalse(before.stands());
        net.server.run("nft", "delete table inet mayfly");
        assertFalse(before.stands());
    }
}
