package org.mayfly.knock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;

class ProfilesTest {
    @TempDir
    Path temp;

    private final Enrolment enrolment = new Enrolment(
            "bob",
            "server.example",
            62201,
            0,
            List.of(new ServiceOffer("web", 443, "tcp"), new ServiceOffer("ssh", 22, "tcp")),
            Secret.random(32),
            ServerIdentity.create(),
            new DoorSpace(Ip6Prefix.parse(FakeServer.PREFIX), DoorSpace.DEFAULT_RESERVED));

    private Path home = Path.of("");
    private Profiles profiles = new Profiles(home);

    @BeforeEach
    void place() {
        home = temp.resolve("a/mayfly");
        profiles = new Profiles(home);
    }

    @Test
    void keepsWhatItWasGivenForTheUserAlone() throws Exception {
        profiles.save("home", enrolment, false);
        assertEquals(enrolment, profiles.load("home").enrolment());
        assertEquals(List.of("home"), profiles.names());
        assertEquals("rw-------", mode(home.resolve("home")));
        assertEquals("rwx------", mode(home));
        try (Stream<Path> files = Files.list(home)) {
            assertEquals(1, files.count(), "nothing is left beside the profile");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx--x---"})
    void refusesAProfileThatOthersCanUseAndSaysTheRemedy(String mode) throws Exception {
        profiles.save("home", enrolment, false);
        Path file = home.resolve("home");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        Failure f = failure(() -> profiles.load("home"));
        assertEquals(Failure.USAGE, f.status());
        assertTrue(f.toString().contains("chmod 600 " + file), f::toString);
    }

    @Test
    void refusesADirectoryThatOthersCanWriteIn() throws Exception {
        profiles.save("home", enrolment, false);
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwx---"));
        assertTrue(failure(() -> profiles.load("home")).toString().contains("chmod 700 " + home));
        assertTrue(
                failure(() -> profiles.save("x", enrolment, false)).toString().contains("chmod 700 " + home));
    }

    @Test
    void namesADamagedProfileAndKeepsItsSecret() throws Exception {
        profiles.save("home", enrolment, false);
        Path file = home.resolve("home");
        String uri = Files.readString(file);
        for (int length = 0; length < uri.length() - 1; length++) {
            Files.writeString(file, uri.substring(0, length));
            Failure f = failure(() -> profiles.load("home"));
            assertEquals(Failure.USAGE, f.status());
            assertTrue(f.toString().contains(file + " is damaged"), f::toString);
            assertFalse(f.toString().contains("k="), f::toString);
        }
    }

    @Test
    void doesNotReplaceAProfileUnasked() throws Exception {
        profiles.save("home", enrolment, false);
        Failure f = failure(() -> profiles.save("home", enrolment, false));
        assertEquals(Failure.FAILED, f.status());
        assertTrue(f.toString().contains("--force"), f::toString);
        profiles.save("home", enrolment, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "ä"})
    void takesNoNameThatLeadsElsewhere(String name) {
        assertEquals(
                Failure.USAGE,
                failure(() -> profiles.save(name, enrolment, false)).status());
        assertEquals(Failure.USAGE, failure(() -> profiles.load(name)).status());
    }

    @Test
    void saysWhichProfileThereIsNot() throws Failure {
        Failure f = failure(() -> profiles.load("nobody"));
        assertEquals(Failure.USAGE, f.status());
        assertTrue(f.toString().contains("\"nobody\""), f::toString);
        assertEquals(List.of(), profiles.names());
    }

    @Test
    void saysWhyItCannotWrite() throws IOException {
        Files.writeString(temp.resolve("a"), "a file in the place of a directory");
        Failure f = failure(() -> profiles.save("home", enrolment, false));
        assertEquals(Failure.FAILED, f.status());
        assertTrue(f.toString().contains(home.toString()), f::toString);
    }

    /** Made here, since no mode keeps root from a file. */
    @Test
    void isNotPermittedWhereTheUserIsNot() {
        Failure f = Failure.ofFile("cannot read the profile /p", new AccessDeniedException("/p"));
        assertEquals(Failure.DENIED, f.status());
        assertEquals("cannot read the profile /p: permission denied", f.getMessage());
    }

    @Test
    void livesWhereTheEnvironmentSays() throws Exception {
        Map<String, Path> places = Map.of(
                "MAYFLY_HOME", temp.resolve("MAYFLY_HOME"),
                "XDG_CONFIG_HOME", temp.resolve("XDG_CONFIG_HOME/mayfly"),
                "HOME", temp.resolve("HOME/.config/mayfly"));
        for (Map.Entry<String, Path> e : places.entrySet()) {
            Profiles.of(Map.of(e.getKey(), temp.resolve(e.getKey()).toString())).save("n", enrolment, false);
            assertTrue(Files.exists(e.getValue().resolve("n")), e.getKey());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "server.example,server.example",
        "SERVER,server",
        "192.0.2.1,192.0.2.1",
        "2001:db8::1,2001-db8-1",
        "::1,1",
        "_x,x",
        "::,server"
    })
    void makesANameOfAHost(String host, String name) {
        assertEquals(name, Profiles.nameFor(host));
    }

    @Test
    void findsServicesByNameAndByPort() throws Failure {
        Profile p = new Profile("home", enrolment);
        assertEquals("web", p.firstService().name());
        assertEquals("ssh", p.service("ssh").name());
        assertEquals("ssh", p.service("22").name());
        assertEquals("ssh", p.sshService().name());
        Failure f = failure(() -> p.service("2222"));
        assertEquals(Failure.USAGE, f.status());
        assertTrue(f.toString().contains("web:443/tcp, ssh:22/tcp"), f::toString);
    }

    private static Failure failure(Executable e) {
        return assertThrows(Failure.class, e);
    }

    private static String mode(Path p) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(p));
    }
}
