package org.mayfly.packaging;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.testing.Lab.Host;

/** BIND on port 53 of 127.0.0.1 of a host, with a zone {@code test} that has a small and a big answer; and its dig. */
final class NameServer implements AutoCloseable {
    static final int PORT = 53;
    static final String ANSWER = "203.0.113.80";

    /** Of TXT strings, which have 255 at most each. */
    static final int BIG = 12 * 250;

    private static final String CONFIGURATION = """
            options {
                directory "%1$s";
                listen-on { 127.0.0.1; };
                listen-on-v6 { none; };
                recursion no;
                dnssec-validation no;
                max-udp-size 4096;
                pid-file none;
                session-keyfile none;
            };
            controls {};
            zone "test" { type primary; file "test.zone"; };
            """;

    private static final String ZONE = """
            $TTL 60
            @ SOA ns admin 1 3600 600 86400 60
            @ NS ns
            ns A 127.0.0.1
            web A %s
            big TXT %s
            """;

    private final Process process;

    NameServer(Host host, Path directory) throws Exception {
        Files.createDirectory(directory);
        Path configuration = directory.resolve("named.conf");
        Files.writeString(configuration, CONFIGURATION.formatted(directory));
        String big = ("\"" + "x".repeat(250) + "\" ").repeat(BIG / 250);
        Files.writeString(directory.resolve("test.zone"), ZONE.formatted(ANSWER, big));
        Path log = directory.resolve("log");
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", "-c", "PATH=$PATH:/usr/sbin; exec named -g -4 -n 1 -c \"$0\"", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        process = host.call(builder::start);
        try {
            Until.holds("named listens", Duration.ofSeconds(20), () -> {
                String text = Files.readString(log);
                Assertions.assertTrue(process.isAlive(), () -> "named ended: " + text);
                return text.contains(" running\n");
            });
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Asks once, by UDP alone; the short form of the answer, or what dig says if none comes. */
    String ask(Host from, Object... more) throws Exception {
        Assertions.assertTrue(process.isAlive());
        StringBuilder words = new StringBuilder("dig +tries=1 +time=1 +norec +ignore +bufsize=4096 +short");
        for (Object word : more) {
            words.append(' ').append(word);
        }
        return from.call(() -> Command.run("sh", "-c", words.toString()).out().strip());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
