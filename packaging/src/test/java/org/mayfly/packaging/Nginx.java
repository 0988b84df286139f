package org.mayfly.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.testing.Lab.Host;

/** The nginx of the machine on a host, as one process: HTTP, HTTPS with HTTP/2, and both behind the PROXY protocol. */
final class Nginx implements AutoCloseable {
    static final int HTTP = 8080;
    static final int HTTPS = 8443;
    static final int PROXIED_HTTP = 8081;
    static final int PROXIED_HTTPS = 8444;

    /** How long it waits for a request, unless a test says otherwise. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final String CONFIGURATION = """
            daemon off;
            user root;
            master_process off;
            pid %1$s/pid;
            error_log %1$s/error.log notice;
            worker_rlimit_nofile 20000;
            events { worker_connections 15000; }
            http {
                log_format from '$remote_addr ($proxy_protocol_addr) "$request" $status';
                access_log %1$s/access.log from;
                client_body_temp_path %1$s/body;
                proxy_temp_path %1$s/proxy;
                fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi;
                scgi_temp_path %1$s/scgi;
                client_header_timeout %2$ds;
                keepalive_timeout %2$ds;
                default_type text/plain;
                root %1$s/www;
                ssl_certificate %1$s/cert.pem;
                ssl_certificate_key %1$s/key.pem;
                ssl_protocols TLSv1.2 TLSv1.3;
                server {
                    listen [::]:%3$d ipv6only=off backlog=4096;
                    listen [::]:%4$d ipv6only=off ssl http2 backlog=4096;
                    listen 127.0.0.1:%5$d proxy_protocol;
                    listen 127.0.0.1:%6$d ssl http2 proxy_protocol;
                }
            }
            """;

    final Path directory;
    private final Host host;
    private Process process;

    Nginx(Host host, Path directory) throws Exception {
        this(host, directory, TIMEOUT);
    }

    Nginx(Host host, Path directory, Duration timeout) throws Exception {
        this.host = host;
        this.directory = Files.createDirectory(directory);
        Path www = Files.createDirectory(directory.resolve("www"));
        Files.writeString(www.resolve("index.html"), "<title>a web server like any other</title>\n");
        Files.writeString(www.resolve("big"), Plays.noise(32 << 20), StandardCharsets.ISO_8859_1);
        certificate();
        Files.writeString(
                directory.resolve("nginx.conf"),
                CONFIGURATION.formatted(directory, timeout.toSeconds(), HTTP, HTTPS, PROXIED_HTTP, PROXIED_HTTPS));
        process = begin();
        await();
    }

    /** RSA: its signatures are of one length, so that two handshakes are. */
    private void certificate() throws Exception {
        Command made = Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=web.test",
                "-addext",
                "subjectAltName=DNS:web.test",
                "-keyout",
                directory.resolve("key.pem").toString(),
                "-out",
                certificateFile().toString());
        Assertions.assertEquals(0, made.status(), made::toString);
    }

    Path certificateFile() {
        return directory.resolve("cert.pem");
    }

    Path big() {
        return directory.resolve("www/big");
    }

    private Process begin() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        "sh",
                        "-c",
                        "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec nginx -p \"$0\" -c \"$0/nginx.conf\"",
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("out").toFile()));
        return host.call(builder::start);
    }

    private void await() throws Exception {
        try {
            Until.holds("nginx listens", Duration.ofSeconds(20), () -> {
                Assertions.assertTrue(process.isAlive(), () -> "nginx ended: " + text("out") + text("error.log"));
                return host.run("ss", "-Hltn", "sport", "=", ":" + HTTPS).contains(":" + HTTPS);
            });
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Ends it, with all its connections. */
    void stop() throws InterruptedException {
        process.destroy();
        Assertions.assertTrue(process.waitFor(20, TimeUnit.SECONDS), "SIGTERM does not end nginx");
    }

    void start() throws Exception {
        process = begin();
        await();
    }

    void signal(String name) throws Exception {
        Command.run("kill", "-" + name, Long.toString(process.pid()));
    }

    private String text(String name) {
        try {
            return Files.readString(directory.resolve(name));
        } catch (IOException e) {
            return "";
        }
    }

    /** A line for each request: the peer's address, in brackets that of the PROXY protocol, the request and the status. */
    String accessLog() {
        return text("access.log");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
