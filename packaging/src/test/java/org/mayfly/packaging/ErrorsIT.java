package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.packaging.Session.Met;

/** What is wrong is said in one line, with the status that scripts go by, and nothing is lost. */
final class ErrorsIT {
    private static final String SSH = Layout.ON_LINK.ssh("1m", "1h");

    /** A wrong configuration, and where and what is wrong in it; the lines count from 1. */
    private static final Map<String, String> WRONG = Map.of(
            SSH + "[lisen]\n",
            "11:\\d+: .*lisen.*listen.*",
            "[door]\ninterface = \"eth0\"\nprefix = \"2001:db8::1::/64\"\n",
            "3:\\d+: .*2001:db8::1::.*",
            "[door]\ninterface = \"eth0\"\nprefix = \"2001:db8:3::/112\"\n",
            "3:\\d+: .*(112|/96).*96.*",
            "[door]\nprefix = \"2001:db8:3::/64\"\nreserved = \"::/60\"\n",
            "3:\\d+: .*::/60.*",
            "[service.ssh]\nport = 65536\n",
            "2:\\d+: .*65536.*65535.*",
            "[service.ssh]\nport = 22\nlease = \"soon\"\n",
            "3:\\d+: .*soon.*30s.*");

    @TempDir
    private Path temp;

    private Network net;

    @BeforeEach
    void up() throws Exception {
        net = new Network(22);
    }

    @AfterEach
    void down() {
        net.close();
    }

    @Test
    void aWrongConfigurationIsToldWithFileLineAndColumn() throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, "");
        for (Map.Entry<String, String> wrong : WRONG.entrySet()) {
            agent.configure(wrong.getKey());
            String line = ".*" + agent.configuration() + ":" + wrong.getValue() + "\n";
            Command check = inServer(Mayflyd.program("mayflyd", "--config", agent.configuration(), "--check"));
            assertEquals(2, check.status(), check::toString);
            assertTrue(check.err().matches(line), check.err() + " is not " + line);
        }
        Command start = inServer(Mayflyd.program("mayflyd", "--config", agent.configuration()));
        assertEquals(2, start.status(), start::toString);
        List<String> lines = start.err().lines().toList();
        assertEquals(2, lines.size(), start::err);
        assertTrue(lines.get(0).contains(agent.configuration() + ":"), start::err);
        assertTrue(lines.get(1).contains("no guard stands"), start::err);
        assertFalse(net.server.run("nft", "list", "ruleset").contains("mayfly"));
    }

    /** It cannot tell what is to be shut, but whether anything is. */
    @Test
    void aWrongConfigurationLeavesTheGuardAndSaysIfThereIsNone() throws Exception {
        try (Mayflyd agent = Mayflyd.start(net.server, temp, SSH)) {
            assertEquals(0, agent.stop());
            for (boolean missing : new boolean[] {false, true}) {
                if (missing) {
                    Files.delete(agent.configuration());
                } else {
                    agent.configure(SSH + "[lisen]\n");
                }
                Command guarded = agent.failingStart();
                assertEquals(2, guarded.status(), guarded::toString);
                assertOneLine(guarded, agent.configuration().toString());
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, 22));
            }
            net.server.run("nft", "flush", "table", "inet", "mayfly");
            Command open = agent.failingStart();
            assertEquals(2, open.status(), open::toString);
            assertTrue(open.err().contains("no guard stands (nftables table inet mayfly)"), open::err);
            assertEquals(Met.IN, Session.attempt(net.client, Network.SERVER, 22));

            Command blind = inServer(withoutNetAdmin(agent));
            assertEquals(2, blind.status(), blind::toString);
            assertTrue(blind.err().contains("whether a guard stands cannot be told"), blind::err);
        }
    }

    private static List<String> withoutNetAdmin(Mayflyd agent) {
        List<String> words =
                new ArrayList<>(List.of("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"));
        words.addAll(Mayflyd.program("mayflyd", "--config", agent.configuration()));
        return words;
    }

    @Test
    void aMissingInterfaceIsNamed() throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, SSH.replace("eth0", "eth7"));
        Command start = inServer(Mayflyd.program("mayflyd", "--config", agent.configuration()));
        assertEquals(1, start.status(), "it may come late: " + start);
        assertOneLine(start, "eth7");
        assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, 22));
    }

    @Test
    void aPortInUseIsNamedAndTheGuardStaysShut() throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, SSH);
        try (DatagramChannel other = net.server.call(DatagramChannel::open)) {
            other.bind(new InetSocketAddress("::", 62201));
            Command start = inServer(Mayflyd.program("mayflyd", "--config", agent.configuration()));
            assertEquals(1, start.status(), start::toString);
            assertOneLine(start, "62201");
            assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, 22));
        }
    }

    @Test
    void withoutItsIdentityItDoesNotStartAndSaysWhatToDo() throws Exception {
        try (Mayflyd agent = Mayflyd.start(net.server, temp, SSH)) {
            Path identity = agent.state().resolve("server.json");
            String good = Files.readString(identity);
            assertEquals(0, agent.stop());
            for (String what : List.of("damaged", "missing")) {
                if (what.equals("damaged")) {
                    Files.writeString(identity, good.substring(0, good.length() / 2));
                } else {
                    Files.delete(identity);
                }
                Command start = inServer(Mayflyd.program("mayflyd", "--config", agent.configuration()));
                assertEquals(5, start.status(), start::toString);
                assertOneLine(start, identity + " is " + what);
                assertEquals(Met.SILENCE, Session.attempt(net.client, Network.SERVER, 22));
            }
        }
    }

    @Test
    void withoutCapNetAdminItSaysWhatItNeeds() throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, SSH);
        Command start = inServer(withoutNetAdmin(agent));
        assertEquals(3, start.status(), start::toString);
        assertOneLine(start, "CAP_NET_ADMIN");
    }

    @Test
    void withoutAnAgentMayflyctlSaysSo() throws Exception {
        Mayflyd agent = new Mayflyd(net.server, temp, SSH);
        for (String command : List.of("status", "leases", "reload")) {
            Command ctl = agent.ctl(command);
            assertEquals(4, ctl.status(), ctl::toString);
            assertOneLine(ctl, agent.socket().toString());
        }
    }

    @Test
    void anotherUserIsNotPermitted() throws Exception {
        Users.others("mayflyctl as another user than the agent's");
        open(temp, "rwx--x--x");
        Path home = readable(temp.resolve("home"));
        try (Mayflyd agent = Mayflyd.start(net.server, temp, SSH)) {
            for (List<String> words : List.of(List.of("status"), List.of("monitor"), List.of("revoke", "--all"))) {
                Command ctl = asNobody(home, agent.socket(), words);
                assertEquals(3, ctl.status(), ctl::toString);
                assertOneLine(ctl, "mayflyctl");
            }
            Command none = asNobody(home, temp.resolve("none.sock"), List.of("status"));
            assertEquals(4, none.status(), none::toString);

            Files.setPosixFilePermissions(agent.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
            assertEquals(0, asNobody(home, agent.socket(), List.of("status")).status(), "may connect, so may read");
            Command write = asNobody(home, agent.socket(), List.of("revoke", "--all"));
            assertEquals(3, write.status(), write::toString);
            assertOneLine(write, "revoke");
        }
    }

    @Test
    void aDamagedClientFileIsNamedAndTheOthersGetIn() throws Exception {
        try (Mayflyd agent = Mayflyd.start(net.server, temp, SSH)) {
            Knocker alice = agent.enrol("alice");
            agent.enrol("bob");
            assertEquals(0, agent.stop());
            Path bob = agent.clients().resolve("bob.json");
            Files.writeString(bob, Files.readString(bob).substring(0, 100));

            agent.start();

            assertTrue(agent.log().contains(bob.toString()), agent::log);
            assertTrue(agent.status().get("warnings").toString().contains(bob.toString()));
            assertTrue(agent.done("status").contains(bob.toString()));
            assertEquals(Met.IN, Session.attempt(net.client, alice.open(agent, net.client, "ssh"), 22));
        }
    }

    private Command inServer(List<String> words) throws Exception {
        return net.server.call(() ->
                Command.run(Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home"), "JOURNAL_STREAM", ""), words));
    }

    /** One line beside those that say how far it came. */
    private static void assertOneLine(Command command, String word) {
        List<String> lines = command.err()
                .lines()
                .filter(l -> !l.matches("\\S+Z doors are in .*"))
                .toList();
        assertEquals(1, lines.size(), command::err);
        assertTrue(lines.get(0).contains(word), command::err);
    }

    private static Command asNobody(Path home, Path socket, List<String> words) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                home + "/bin/mayflyctl",
                "--socket",
                socket.toString()));
        all.addAll(words);
        return Command.run(Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home")), all);
    }

    /** The installation where everybody can read it, which the directory of a build need not be. */
    private static Path readable(Path home) throws Exception {
        assertEquals(
                0,
                Command.run("cp", "-rL", Command.HOME.toString(), home.toString())
                        .status());
        assertEquals(0, Command.run("chmod", "-R", "go+rX", home.toString()).status());
        return home;
    }

    private static void open(Path directory, String mode) throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(mode));
    }
}
