package org.mayfly.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;

/**
 * The ssh server of the machine, on port 22 of a host, and its ssh with a key that gets in.
 *
 * <p>sshd as root wants other users to become, which a user namespace of one id has not; so it runs as a normal user in
 * a namespace inside, and lets in that user alone. It has process ids of its own, so that its sessions end with it.
 */
final class Sshd implements AutoCloseable {
    private static final String GUEST = "1000";

    /** Words: the password file, the id of the guest, sshd, its configuration. */
    private static final String SERVE = "mount --bind \"$0\" /etc/passwd"
            + " && unshare -U --map-user=\"$1\" --map-group=\"$1\" \"$2\" -D -e -f \"$3\"; exit $?";

    private final Path directory;
    private final Process process;

    Sshd(Host host, Path directory) throws Exception {
        this.directory = Files.createDirectory(directory);
        keys();
        Path passwd = write(
                "passwd",
                "guest:x:" + GUEST + ":" + GUEST + ":guest:" + directory + ":/bin/sh\n"
                        + Files.readString(Path.of("/etc/passwd")));
        Path configuration = write("sshd_config", """
                HostKey %1$s/host_key
                AuthorizedKeysFile %1$s/key.pub
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                UseDNS no
                PidFile none
                """.formatted(directory));
        host.run("sysctl", "-qw", "net.ipv4.ip_unprivileged_port_start=0");
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        "unshare",
                        "-mpf",
                        "--kill-child",
                        "sh",
                        "-c",
                        SERVE,
                        passwd.toString(),
                        GUEST,
                        path("sshd"),
                        configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        process = host.call(builder::start);
        try {
            Until.holds("sshd listens", Duration.ofSeconds(20), () -> {
                Assertions.assertTrue(process.isAlive(), () -> "sshd ended: " + text(log));
                return text(log).contains("Server listening on :: port 22");
            });
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    private void keys() throws Exception {
        for (String name : List.of("host_key", "key")) {
            String file = directory.resolve(name).toString();
            Command made = Command.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file);
            Assertions.assertEquals(0, made.status(), made::toString);
        }
        write("known_hosts", "* " + Files.readString(directory.resolve("host_key.pub"))); // whatever the door
        write("ssh_config", """
                User guest
                IdentityFile %1$s/key
                IdentitiesOnly yes
                BatchMode yes
                ConnectTimeout 10
                UserKnownHostsFile %1$s/known_hosts
                GlobalKnownHostsFile /dev/null
                LogLevel ERROR
                """.formatted(directory));
    }

    private Path write(String name, String text) throws Exception {
        return Files.writeString(directory.resolve(name), text);
    }

    /** sshd wants to be called by its full name, and is not on everybody's PATH. */
    private static String path(String program) throws Exception {
        Command which = Command.run("sh", "-c", "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; command -v " + program);
        Assertions.assertEquals(0, which.status(), () -> program + " is not installed");
        return which.out().strip();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Starts a program there, by ssh from another host. */
    Process run(Host from, Ip6Address address, int port, String command) throws Exception {
        ProcessBuilder ssh = new ProcessBuilder(
                        "ssh",
                        "-F",
                        directory.resolve("ssh_config").toString(),
                        "-p",
                        Integer.toString(port),
                        address.toString(),
                        command)
                .redirectError(directory.resolve("ssh.log").toFile());
        return from.call(ssh::start);
    }

    /** What both ends complained of. */
    String log() {
        return text(directory.resolve("ssh.log")) + text(directory.resolve("log"));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join(); // unshare holds SIGTERM back; --kill-child is SIGKILL for the rest
    }
}
