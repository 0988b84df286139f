package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.packaging.Session.Met;

/** A start fails, whyever: what the new configuration gates is shut afterwards, and sessions through doors go on. */
final class StartIT {
    private static final int NEW = 8080;

    /** What is wrong, the status that tells of it, and a word of the line that does. */
    enum Fault {
        IDENTITY_DAMAGED(5, "server.json"),
        IDENTITY_A_FIFO(5, "server.json"),
        CLIENTS_NO_DIRECTORY(5, "clients"),
        NO_INTERFACE(1, "eth7"),
        PORT_TAKEN(1, "62201"),
        ANOTHER_AGENT(1, "another agent has ");

        private final int status;
        private final String word;

        Fault(int status, String word) {
            this.status = status;
            this.word = word;
        }

        void make(Mayflyd agent) throws Exception {
            switch (this) {
                case IDENTITY_DAMAGED -> Files.writeString(agent.state().resolve("server.json"), "{");
                case IDENTITY_A_FIFO -> {
                    Files.delete(agent.state().resolve("server.json"));
                    Command.run("mkfifo", agent.state().resolve("server.json").toString());
                }
                case CLIENTS_NO_DIRECTORY -> {
                    Command.run("mv", agent.clients().toString(), agent.clients() + ".away");
                    Files.createFile(agent.clients());
                }
                case NO_INTERFACE, PORT_TAKEN, ANOTHER_AGENT -> {}
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesWhatIsGatedShut(Fault fault, @TempDir Path temp) throws Exception {
        fails(fault, Layout.ON_LINK, temp);
    }

    @ParameterizedTest
    @EnumSource(names = "IDENTITY_DAMAGED")
    void leavesARoutedPrefixSilent(Fault fault, @TempDir Path temp) throws Exception {
        fails(fault, Layout.ROUTED, temp);
    }

    /** Before Linux 6.9 nobody keeps an agent from changing another's table. */
    @ParameterizedTest
    @EnumSource(names = "ANOTHER_AGENT")
    void aTableWithoutAnOwnerToo(Fault fault, @TempDir Path temp) throws Exception {
        fails(fault, Layout.ON_LINK, "[kernel]\nowner = \"nobody\"\n\n", temp);
    }

    private static void fails(Fault fault, Layout layout, Path temp) throws Exception {
        fails(fault, layout, "", temp);
    }

    private static void fails(Fault fault, Layout layout, String more, Path temp) throws Exception {
        String before = more + layout.ssh("1m", "1h");
        String after = before + Layout.service("web", NEW, "1m", "1h", "closed");
        try (Network net = new Network(22, NEW);
                Mayflyd agent = Mayflyd.start(net.server, temp, before);
                DatagramChannel other = net.server.call(DatagramChannel::open)) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Session session = Session.open(net.client, door, 22)) {
                assertEquals(Met.IN, Session.attempt(net.client2, Network.SERVER, NEW));
                if (fault != Fault.ANOTHER_AGENT) {
                    agent.kill9();
                }
                if (fault == Fault.PORT_TAKEN) {
                    other.bind(new InetSocketAddress("::", 62201));
                }
                fault.make(agent);
                agent.configure(fault == Fault.NO_INTERFACE ? after.replace("eth0", "eth7") : after);

                Command start = agent.failingStart();

                assertEquals(fault.status, start.status(), start::toString);
                List<String> lines = start.err()
                        .lines()
                        .filter(l -> !l.matches("\\S+Z (doors are in|\\d+ leases from before) .*"))
                        .toList();
                assertTrue(lines.get(0).contains(fault.word), start::err);
                assertEquals(1, lines.size(), start::err);
                if (fault == Fault.ANOTHER_AGENT) { // which has the table, and goes on
                    assertEquals(1, new Judge(net, layout).permits().size());
                    assertEquals(Met.IN, Session.attempt(net.client, door, 22));
                    assertEquals(Map.of(22, "filtered"), Nmap.scan(net.client2, "-sS", Network.SERVER, "22"));
                } else {
                    assertEquals(
                            Map.of(22, "filtered", NEW, "filtered"),
                            Nmap.scan(net.client2, "-sS", Network.SERVER, "22," + NEW));
                    assertTrue(new Judge(net, layout).permits().isEmpty());
                    assertEquals(Met.SILENCE, Session.attempt(net.client2, door, 22));
                }
                session.assertAlive();
            }
        }
    }
}
