package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;

class MayflyTest {
    @TempDir
    Path temp;

    private final Enrolment enrolment = new Enrolment(
            "tester",
            "192.0.2.1",
            62201,
            0,
            List.of(new ServiceOffer("ssh", 22, "tcp"), new ServiceOffer("dns", 53, "udp")),
            Secret.random(32),
            ServerIdentity.create(),
            new DoorSpace(Ip6Prefix.parse(FakeServer.PREFIX), DoorSpace.DEFAULT_RESERVED),
            64);

    private User user = new User(Path.of(""), enrolment);

    @BeforeEach
    void enroll() throws Exception {
        user = User.of(temp.resolve("home"), enrolment);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|which command",
                "bogus|bogus",
                "doctor lab|doctor",
                "knock|NAME",
                "knock lab ssh more|more",
                "knock lab telnet|ssh:22/tcp, dns:53/udp",
                "knock lab 23|no service or port 23",
                "knock lab --wait 5|30s, 5m, 12h or 1d",
                "knock lab --wait|--wait",
                "knock lab --wait 1s --dry-run|exclude",
                "knock lab --tcp --udp|exclude",
                "knock lab -4 -6|exclude",
                "knock lab --tcp|no knocks over TCP",
                "knock lab --lease 0s|--lease",
                "knock lab --lease 99999d|--lease",
                "knock lab --source nowhere|not an IPv6 or IPv4 address",
                "knock lab --source ::|--source",
                "knock lab dns --wait 1s|only a TCP service",
                "connect lab dns|only a TCP service",
                "connect lab --source 2001:db8::1|not an address of this machine",
                "knock nobody|nobody",
                "knock ../lab|profile name",
                "ssh --bogus lab|bogus",
                "ssh nobody|nobody",
            })
    void wrongUsageIsOneLineAndStatusTwo(String line, String says) {
        String[] args = line.isEmpty() ? new String[0] : line.split(" ", -1);
        String err = user.run(args).failed(2);
        assertTrue(err.startsWith("mayfly: ") && err.contains(says), err);
    }

    @Test
    void enrollReadsTheUriFromStandardInput() throws Exception {
        Run r = user.runWith("\n  " + enrolment.toUri() + "\r\n", "enroll").ok();
        assertEquals("192.0.2.1", r.line());
        assertEquals(
                enrolment.toUri(),
                Files.readString(user.home().resolve("192.0.2.1")).strip());
        assertEquals(
                "work", user.runWith(enrolment.toUri(), "enroll", "work").ok().line());
    }

    @Test
    void enrollReadsTheUriFromAFile() throws Exception {
        Path file = Files.writeString(temp.resolve("uri"), enrolment.toUri());
        assertEquals(
                "work",
                user.run("enroll", "work", "--file", file.toString()).ok().line());
        assertTrue(user.run("enroll", "x", "--file", temp + "/none").failed(2).contains("/none"));
        assertTrue(user.run("enroll", "x", "--file", temp.toString()).failed(1).contains(temp.toString()));
    }

    @Test
    void enrollReplacesOnlyByForce() {
        assertTrue(user.runWith(enrolment.toUri(), "enroll", "lab").failed(1).contains("--force"));
        user.runWith(enrolment.toUri(), "enroll", "lab", "--force").ok();
    }

    @Test
    void aUriCutShortIsRefusedAtEveryLengthAndLeavesNothing() {
        String uri = enrolment.toUri();
        for (int length = 0; length < uri.length(); length++) {
            user.runWith(uri.substring(0, length), "enroll", "cut").failed(2);
        }
        assertFalse(Files.exists(user.home().resolve("cut")));
    }

    @Test
    void aUriOnTheCommandLineIsRefusedAndNotRepeated() {
        assertTrue(user.run("enroll", enrolment.toUri()).failed(2).contains("standard input"));
        user.run("enroll", "name", enrolment.toUri()).failed(2);
        user.run("knock", enrolment.toUri()).failed(2);
        user.run(enrolment.toUri()).failed(2);
        user.run("knock", "lab", "--wait", enrolment.toUri()).failed(2);
        user.run("knock", "lab", "--wait=" + enrolment.toUri()).failed(2);
        user.run("knock", "lab", "--source", enrolment.toUri()).failed(2);
        user.run("knock", "lab", enrolment.toUri()).failed(2);
        user.run("enroll", "x", "--file", enrolment.toUri()).failed(2);
        user.run("ssh", enrolment.toUri()).failed(2);
        user.run("--" + enrolment.toUri()).failed(2);
    }

    @Test
    void profilesAreListedWithoutTheirSecrets() {
        Run r = user.run("profiles").ok();
        assertEquals(2, r.out().lines().count());
        assertTrue(r.out().contains("lab   tester  192.0.2.1:62201"), r.out());
        assertTrue(r.out().contains("ssh:22/tcp dns:53/udp"), r.out());
        Run j = user.run("profiles", "--json").ok();
        JsonObject o = JsonParser.parseString(j.line()).getAsJsonArray().get(0).getAsJsonObject();
        assertEquals("lab", o.get("name").getAsString());
        assertEquals(FakeServer.PREFIX, o.get("prefix").getAsString());
        assertEquals(64, o.get("follow").getAsInt());
    }

    @Test
    void aBadProfileIsNamedAndTheOthersAreListed() throws Exception {
        user.runWith(enrolment.toUri(), "enroll", "open").ok();
        Files.setPosixFilePermissions(user.home().resolve("open"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.writeString(user.home().resolve("torn"), enrolment.toUri().substring(0, 80));
        Files.setPosixFilePermissions(user.home().resolve("torn"), PosixFilePermissions.fromString("rw-------"));
        Run r = user.run("profiles");
        String err = r.failed(2);
        assertTrue(err.contains("chmod 600 " + user.home().resolve("open")), err);
        assertTrue(err.contains("torn is damaged"), err);
        assertTrue(r.out().contains("lab "), r.out());
        assertTrue(user.run("knock", "open").failed(2).contains("chmod 600"));
        assertTrue(user.run("knock", "torn").failed(2).contains("damaged"));
    }

    @Test
    void versionAndHelp() {
        assertTrue(user.run("version").ok().line().startsWith("mayfly "));
        String help = user.run("--help").ok().out();
        for (String command : List.of("enroll", "knock", "connect", "ssh", "profiles", "version")) {
            assertTrue(help.contains("\n  " + command + " "), help);
            assertTrue(user.run(command, "--help").ok().out().startsWith("Usage: mayfly " + command));
        }
    }
}
