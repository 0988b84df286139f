package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;

/** Where neighbours have to ask for doors, a client that is quicker than its door does not wait for the second asking. */
final class AheadIT {
    private static final int GATED = 22;

    @Test
    void aConnectionThatIsAheadOfItsDoorGoesOnWhenTheDoorIsUp(@TempDir Path temp) throws Exception {
        try (Network net = new Network(GATED);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("1m", "1h"));
                SocketChannel early = net.client.call(SocketChannel::open)) {
            // The router asks a second time only when this test is long over.
            net.router.run("sysctl", "-qw", "net.ipv6.neigh.to-server.retrans_time_ms=600000");
            Knocker alice = agent.enrol("alice");
            byte[] packet = alice.packet("ssh");
            Ip6Address door = alice.door(packet);

            early.configureBlocking(false);
            assertFalse(early.connect(new InetSocketAddress(door.toInetAddress(), GATED)));
            Until.holds("the router asks", Mayflyd.PATIENCE, () -> net.router
                    .run("ip", "-6", "neigh", "show", door.toString(), "dev", "to-server")
                    .contains("INCOMPLETE"));
            alice.send(net.client, packet);
            Until.holds("in", Mayflyd.PATIENCE, early::finishConnect);
        }
    }
}
