package org.mayfly.agent.translate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.mayfly.netlink.testing.Lab;

/**
 * A BIND in a namespace: authoritative for the zones of the test, on port 53; and on port 5364 the same with a DNS64 of its
 * own, to compare with.
 */
final class Bind implements AutoCloseable {
    static final int DNS64_PORT = 5364;

    private static final String CONFIGURATION = """
            options {
                directory "%1$s";
                pid-file none; session-keyfile none; lock-file none;
                listen-on-v6 { any; };
                listen-on { any; };
                listen-on-v6 port 5364 { any; };
                recursion yes; allow-recursion { any; }; allow-query { any; };
                dnssec-validation no; minimal-responses no;
                empty-zones-enable no;
            };
            controls {};
            logging { category default { default_stderr; }; };
            view dns64 {
                match-destinations { 2001:db8:2::64; };
                dns64 2001:db8:64::/96 { clients { any; }; mapped { ! 10/8; ! 127/8; any; }; exclude { ::ffff:0:0/96; }; };
                zone "example" { type primary; file "example.zone"; };
                zone "new" { type primary; file "new.zone"; };
                zone "2.0.192.in-addr.arpa" { type primary; file "reverse.zone"; };
            };
            view plain {
                zone "example" { in-view dns64; };
                zone "new" { in-view dns64; };
                zone "2.0.192.in-addr.arpa" { in-view dns64; };
            };
            """;

    private static final String EXAMPLE = """
            $TTL 300
            @ SOA ns root 1 3600 600 86400 120
            @ NS ns
            ns A 192.0.2.53
            ns AAAA 2001:db8:2::53
            both A 192.0.2.1
            both AAAA 2001:db8:2::1
            v4 A 192.0.2.33
            v4 A 192.0.2.34
            short 20 A 192.0.2.35
            v6 AAAA 2001:db8:2::6
            none TXT "no address"
            mapped A 198.51.100.9
            mapped AAAA ::ffff:198.51.100.10
            partly A 198.51.100.9
            partly AAAA ::ffff:198.51.100.10
            partly AAAA 2001:db8:2::9
            alias CNAME v4
            chain CNAME alias
            tov6 CNAME v6
            dangling CNAME nothing
            old DNAME new.
            private A 10.0.0.1
            loop A 127.0.0.1
            *.wild A 192.0.2.99
            """;

    private static final String NEW = """
            $TTL 300
            @ SOA ns.example. root.example. 1 3600 600 86400 120
            @ NS ns.example.
            host A 192.0.2.40
            """;

    private static final String REVERSE = """
            $TTL 300
            @ SOA ns.example. root.example. 1 3600 600 86400 120
            @ NS ns.example.
            33 PTR v4.example.
            """;

    private final Process named;

    private Bind(Process named) {
        this.named = named;
    }

    static Bind start(Lab.Host host, Path directory) throws Exception {
        Files.writeString(directory.resolve("named.conf"), CONFIGURATION.formatted(directory));
        StringBuilder many = new StringBuilder(EXAMPLE);
        for (int i = 1; i <= 60; i++) {
            many.append("many A 198.51.100.").append(i).append('\n');
        }
        Files.writeString(directory.resolve("example.zone"), many);
        Files.writeString(directory.resolve("new.zone"), NEW);
        Files.writeString(directory.resolve("reverse.zone"), REVERSE);
        ProcessBuilder command = new ProcessBuilder(
                        "named",
                        "-g",
                        "-n",
                        "1",
                        "-c",
                        directory.resolve("named.conf").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        Process named;
        try {
            named = host.call(command::start);
        } catch (IOException e) {
            String why = "BIND is not here (" + e.getMessage() + "); apt install bind9 bind9-dnsutils";
            if (System.getProperty("mayfly.kernel", "optional").equals("required")) {
                throw new AssertionError(why, e);
            }
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
            throw new AssertionError(e);
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.readString(directory.resolve("log")).contains("running\n")) {
            Assertions.assertTrue(
                    named.isAlive() && System.nanoTime() < end, () -> "named does not run: " + log(directory));
            Thread.sleep(20);
        }
        return new Bind(named);
    }

    private static String log(Path directory) {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        named.destroyForcibly().onExit().join(); // it has nothing to save
    }
}
