package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real doors: {@link DoorLab} in a network namespace of its own, as root or as anybody. */
@Timeout(120)
class DoorLabTest {
    /** The first line says whether there is a namespace at all; what fails after it is a failure. */
    private static final String SETUP = """
            set -e
            echo inside
            ip link set lo up
            ip link add void type veth peer name void2; ip link set void2 up
            ip link set void up
            ip -6 addr add %s/128 dev lo nodad
            for net in 1 2; do ip -6 route add local 2001:db8:77:$net::/64 dev lo src %s; done
            ip -6 route add 2001:db8:77:3::/64 via fe80::1 dev void
            ip -6 neigh add fe80::1 dev void lladdr 02:00:00:00:00:01
            ip -6 addr add 2001:db8:77:3::99/128 dev lo nodad
            ip -6 route add unreachable 2001:db8:77:4::/64
            exec "$@"
            """.formatted(DoorLab.OURS, DoorLab.OURS);

    @TempDir
    Path temp;

    @Test
    void goesThroughRealDoors() throws Exception {
        Path arguments = temp.resolve("arguments");
        Path ssh = Files.writeString(
                temp.resolve("ssh"), "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + arguments + "'\nexit 7\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
        String out = run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dmayfly.launcher=/opt/mayfly/bin/mayfly",
                "-Djdk.net.hosts.file=" + Files.createFile(temp.resolve("hosts")),
                "-cp",
                System.getProperty("java.class.path"),
                DoorLab.class.getName(),
                temp.resolve("home").toString());
        if (!out.startsWith("inside\n")) {
            cannotRun(out);
        }
        assertTrue(out.endsWith("\npassed\n"), out);
        assertEquals(
                List.of(
                        "-o",
                        "ProxyCommand=/opt/mayfly/bin/mayfly connect --tcp lab ssh",
                        "-o",
                        "HostKeyAlias=lab",
                        "bob@lab",
                        "-v",
                        "--",
                        "uptime"),
                Files.readAllLines(arguments));
    }

    private String run(String... command) throws IOException, InterruptedException {
        boolean root = "root".equals(System.getProperty("user.name"));
        List<String> all = new ArrayList<>(List.of("unshare", root ? "-n" : "-Urn", "sh", "-c", SETUP, "sh"));
        all.addAll(List.of(command));
        ProcessBuilder b = new ProcessBuilder(all).redirectErrorStream(true);
        b.environment().put("PATH", temp + ":" + System.getenv("PATH"));
        try {
            Process p = b.start();
            p.getOutputStream().close();
            String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            p.waitFor();
            return out;
        } catch (IOException e) {
            return "cannot start unshare: " + e.getMessage();
        }
    }

    private static void cannotRun(String why) {
        String text = "no network namespace can be made here, so the client was NOT tested with real doors: " + why;
        if ("required".equals(System.getProperty("mayfly.kernel"))) {
            fail(text);
        }
        abort(text);
    }
}
