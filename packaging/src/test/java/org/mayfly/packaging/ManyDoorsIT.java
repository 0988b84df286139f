package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Stage.Outcome;
import org.mayfly.packaging.Stage.Play;

/** Ten thousand doors of a service that is relayed have one listener, and each leads to the target. */
final class ManyDoorsIT {
    private static final int PORT = 9418;
    private static final int TARGET = 7000;
    private static final int DOORS = 10_000;
    private static final int AT_ONCE = 500;

    private static final String CONFIGURATION = """
            [quota]
            leases = 20000
            rate = 100000

            """ + Layout.ROUTED.door().strip() + """

            limit = 20000

            [service.git]
            port = %d
            lease = "10m"
            relay = "127.0.0.1:%d"

            """.formatted(PORT, TARGET);

    @Test
    void haveOneListener(@TempDir Path temp) throws Exception {
        try (Network net = new Network();
                Stage stage = new Stage(net.server, "127.0.0.1", TARGET);
                Mayflyd agent = Mayflyd.start(net.server, temp, CONFIGURATION)) {
            Knocker alice = agent.enrol("alice");
            List<Ip6Address> doors = new ArrayList<>(List.of(alice.open(agent, net.client, "git")));
            Play play = Plays.all().get(1);
            Outcome first = stage.play(net.client, doors.get(0), PORT, play);
            int before = descriptors(agent);
            while (doors.size() < DOORS) {
                open(agent, net, alice, doors);
            }
            assertEquals(doors.size(), agent.metric("mayfly_leases_active"));
            assertTrue(descriptors(agent) < before + 10, () -> descriptors(agent) + " descriptors, before " + before);
            String listeners = net.server.run("ss", "-Hltn", "sport", "=", ":" + PORT);
            assertEquals(1, listeners.strip().lines().count(), listeners);
            for (int i = 0; i < doors.size(); i += doors.size() / 20) {
                assertEquals(first, stage.play(net.client, doors.get(i), PORT, play));
            }
        }
    }

    /** Some knocks at once, fewer than a socket has room for. */
    private static void open(Mayflyd agent, Network net, Knocker knocker, List<Ip6Address> doors) throws Exception {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            byte[] packet = knocker.packet("git");
            packets.add(packet);
            doors.add(knocker.door(packet));
        }
        Knocker.send(net.client, null, knocker.listener(), packets);
        Until.holds("all are accepted", Mayflyd.PATIENCE, () -> agent.accepted() == doors.size());
    }

    private static int descriptors(Mayflyd agent) {
        String[] names =
                Path.of("/proc/" + agent.process().pid() + "/fd").toFile().list();
        return names == null ? 0 : names.length;
    }
}
