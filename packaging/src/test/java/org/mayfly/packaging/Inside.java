package org.mayfly.packaging;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Lab.Host;

/**
 * A laptop that has IPv6 only, its router, and a host beyond that has its web server and its names on IPv4 only.
 *
 * <pre>
 *  laptop (eth0) ──────── (inside0) router (outside0) ──────── (eth0) beyond
 *  2001:db8:64::2          ::1            203.0.113.1           203.0.113.80, 10.1.2.3   nginx, named, an echo on 7
 *                                         2001:db8:3::2         2001:db8:3::1
 * </pre>
 */
final class Inside implements AutoCloseable {
    static final Ip6Address ROUTER = Ip6Address.parse("2001:db8:64::1");
    static final Ip6Address WEB = Ip6Address.parse("203.0.113.80");
    static final Ip6Address PRIVATE = Ip6Address.parse("10.1.2.3");
    static final Ip6Address ROUTER_IPV4 = Ip6Address.parse("203.0.113.1");
    static final int ECHO = 7;

    private static final String NGINX = """
            daemon off;
            user root;
            master_process off;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log notice;
            events {}
            http {
                access_log %1$s/access.log;
                client_body_temp_path %1$s/body;
                proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi;
                scgi_temp_path %1$s/scgi;
                root %1$s/www;
                server { listen 80; }
            }
            """;

    private static final String NAMED = """
            options {
                directory "%1$s";
                listen-on { 203.0.113.80; };
                listen-on-v6 { none; };
                recursion no;
                dnssec-validation no;
                pid-file none;
                session-keyfile none;
            };
            controls {};
            zone "test" { type primary; file "test.zone"; };
            """;

    private static final String ZONE = """
            $TTL 300
            @        SOA   ns hostmaster 1 3600 600 86400 300
                     NS    ns
            ns       A     203.0.113.80
            web      A     203.0.113.80
            www      CNAME web
            private  A     10.1.2.3
            six      AAAA  2001:db8:3::1
            """;

    private final Lab lab = new Lab();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Path directory;
    final Host laptop;
    final Host router;
    final Host beyond;

    /** @param own ports on which the router echoes, on all its addresses */
    Inside(Path directory, int... own) throws Exception {
        this.directory = Files.createDirectory(directory);
        try {
            laptop = lab.host();
            router = lab.host();
            beyond = lab.host();
            lab.join(laptop, "eth0", router, "inside0");
            lab.join(router, "outside0", beyond, "eth0");
            laptop.address("2001:db8:64::2/64", "eth0");
            router.address(ROUTER + "/64", "inside0");
            router.address("2001:db8:3::2/64", "outside0");
            router.address(ROUTER_IPV4 + "/24", "outside0");
            beyond.address("2001:db8:3::1/64", "eth0");
            beyond.address(WEB + "/24", "eth0");
            beyond.address(PRIVATE + "/32", "eth0");
            laptop.run("ip", "-6", "route", "add", "default", "via", ROUTER.toString());
            router.run("ip", "-6", "route", "add", "default", "via", "2001:db8:3::1");
            router.run("ip", "route", "add", PRIVATE + "/32", "via", WEB.toString());
            beyond.run("ip", "-6", "route", "add", "default", "via", "2001:db8:3::2");
            open.add(new Echo(beyond, ECHO));
            for (int port : own) {
                open.add(new Echo(router, port));
            }
            serve();
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    private void serve() throws Exception {
        Path www = Files.createDirectory(directory.resolve("www"));
        Files.writeString(www.resolve("index.html"), "on IPv4 alone\n");
        Files.write(www.resolve("big"), new byte[8 << 20]);
        Files.writeString(directory.resolve("nginx.conf"), NGINX.formatted(directory));
        Files.writeString(directory.resolve("named.conf"), NAMED.formatted(directory));
        Files.writeString(directory.resolve("test.zone"), ZONE);
        Files.writeString(directory.resolve("resolv.conf"), "nameserver " + ROUTER + "\noptions timeout:2\n");
        start("nginx -p \"$0\" -c \"$0/nginx.conf\"", "nginx.out");
        start("named -g -4 -c \"$0/named.conf\"", "named.out");
        Until.holds("nginx and named listen", Duration.ofSeconds(20), () -> {
            String listening = beyond.run("ss", "-Hltn4");
            return listening.contains(":80 ") && listening.contains("203.0.113.80:53 ");
        });
    }

    private void start(String command, String out) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "sh", "-c", "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec " + command, directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(out).toFile());
        Process process = beyond.call(builder::start);
        open.add(() -> process.destroyForcibly().onExit().join());
    }

    /** Runs a program on the laptop, which asks the router for names, as its router would have told it to. */
    Command onLaptop(String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
                directory.resolve("resolv.conf").toString()));
        all.addAll(List.of(words));
        return laptop.call(() -> Command.run(all.toArray(String[]::new)));
    }

    /** The same of one that has to succeed; what it prints. */
    String done(String... words) throws Exception {
        Command command = onLaptop(words);
        Assertions.assertEquals(0, command.status(), command::toString);
        return command.out();
    }

    /** The requests that nginx has answered. */
    String requests() throws Exception {
        return Files.readString(directory.resolve("access.log"));
    }

    @Override
    public void close() {
        for (AutoCloseable one : open) {
            try {
                one.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        lab.close();
    }
}
