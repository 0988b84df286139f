package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;

/** What people run, against what people run, through the shared port and as if it were not there. */
final class SharedBackendIT {
    private static final int SSH = 22;

    @TempDir
    private Path temp;

    private Network net;

    @BeforeEach
    void up() throws Exception {
        net = new Network();
    }

    @AfterEach
    void down() {
        net.close();
    }

    private Command from(String... words) throws Exception {
        return net.client.call(() -> Command.run(words));
    }

    @Test
    void curlAndOpensslSeeAWebServer() throws Exception {
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(Nginx.HTTPS, ""))) {
            for (String option : List.of("--http1.1", "--http2", "--tls-max 1.2", "--http2 --head")) {
                Command direct = curl(nginx, Nginx.HTTPS, option);
                Command shared = curl(nginx, ShareIT.PORT, option);
                assertEquals(0, direct.status(), direct::toString);
                assertEquals(0, shared.status(), () -> option + ": " + shared);
                assertEquals(dateless(direct.out()), dateless(shared.out()), option);
            }
            assertTrue(curl(nginx, ShareIT.PORT, "--http2").out().endsWith(" 2 200 0"), "HTTP/2, and its certificate");

            for (String version : List.of("-tls1_2", "-tls1_3")) {
                for (String protocols : List.of("h2,http/1.1", "http/1.1", "nobody-knows")) {
                    assertEquals(
                            handshake(nginx, Nginx.HTTPS, version, protocols),
                            handshake(nginx, ShareIT.PORT, version, protocols),
                            version + " " + protocols);
                }
            }
            assertTrue(handshake(nginx, ShareIT.PORT, "-tls1_3", "h2,http/1.1").contains("ALPN protocol: h2"));
            assertEquals(0, agent.accepted());
        }
    }

    private Command curl(Nginx nginx, int port, String options) throws Exception {
        List<String> words = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", "20"));
        for (String option : options.split(" ", -1)) {
            words.add(option);
        }
        words.addAll(List.of("--cacert", nginx.certificateFile().toString()));
        words.addAll(List.of("--resolve", "web.test:" + port + ":[" + Network.SERVER + "]"));
        words.addAll(List.of("--write-out", " %{http_version} %{http_code} %{ssl_verify_result}"));
        words.add("https://web.test:" + port + "/");
        return net.client.call(() -> Command.run(Map.of(), words));
    }

    private static String dateless(String out) {
        return out.replaceAll("(?i)date: .*", "Date");
    }

    /** What has been agreed on; it closes as soon as that has been done (standard input ends at once). */
    private String handshake(Nginx nginx, int port, String version, String protocols) throws Exception {
        Command done = from(
                "openssl",
                "s_client",
                "-connect",
                "[" + Network.SERVER + "]:" + port,
                "-servername",
                "web.test",
                "-CAfile",
                nginx.certificateFile().toString(),
                version,
                "-alpn",
                protocols);
        return done.status() + "\n"
                + done.out()
                        .lines()
                        .filter(l ->
                                l.matches("(ALPN|No ALPN|New,|Verification|Server Temp Key|Peer sign|SSL handshake has"
                                        + "|Certificate chain| 0 s:|.*alert).*"))
                        .collect(Collectors.joining("\n"));
    }

    /** Much over TLS, by curl, is what it is on the disk. */
    @Test
    void whatIsDownloadedIsWhatIsThere() throws Exception {
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(Nginx.HTTPS, ""))) {
            Command done = from(
                    "sh",
                    "-c",
                    "curl -s --cacert '%s' --resolve 'web.test:443:[%s]' https://web.test/big | cmp - '%s'"
                            .formatted(nginx.certificateFile(), Network.SERVER, nginx.big()));
            assertEquals(0, done.status(), done::toString);
            assertEquals(0, agent.accepted());
        }
    }

    /** Its server greets first; and its sessions outlive a reload, and what is changed by it. */
    @Test
    void sshWorksAndATransferOutlivesAReload() throws Exception {
        String before = ShareIT.shared(SSH, "");
        String after = before.replace("127.0.0.1:" + SSH, "127.0.0.1:" + Nginx.HTTP)
                + Layout.service("web", 8443, "1m", "1h", "closed");
        try (Sshd sshd = new Sshd(net.server, temp.resolve("sshd"));
                Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, before)) {
            assertEquals(
                    Session.Met.SILENCE, Session.attempt(net.client, Network.SERVER, SSH), "its own port is gated");
            try (Transfer transfer =
                    new Transfer(sshd, net.client, Network.SERVER, ShareIT.PORT, temp.resolve("copy"))) {
                transfer.goesOn("at first");
                agent.hangUp();
                transfer.goesOn("after SIGHUP");
                agent.configure(after);
                agent.done("reload");
                transfer.goesOn("after another backend was configured");
                Command web = from("curl", "-s", "http://[" + Network.SERVER + "]:" + ShareIT.PORT + "/");
                assertTrue(web.out().contains("like any other"), () -> web + nginx.accessLog());
                Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
                assertEquals(Session.Met.IN, Session.attempt(net.client, door, SSH));
                agent.done("revoke", "--all");
                transfer.goesOn("after all leases were revoked: it has none");
                transfer.finish();
            }
        }
    }

    /** It waits for a greeting first, for longer than a web server of the other tests waits for a request. */
    @Test
    void nmapNamesTheBackend() throws Exception {
        try (Sshd sshd = new Sshd(net.server, temp.resolve("sshd"));
                Nginx nginx = new Nginx(net.server, temp.resolve("nginx"), Duration.ofMinutes(1));
                Mayflyd agent = Mayflyd.start(net.server, temp, ShareIT.shared(Nginx.HTTPS, ""))) {
            String web = version(ShareIT.PORT);
            assertTrue(web.contains("nginx"), web);
            assertEquals(version(Nginx.HTTPS), web);
            agent.configure(ShareIT.shared(SSH, ""));
            agent.done("reload");
            String ssh = version(ShareIT.PORT);
            assertTrue(ssh.contains("OpenSSH"), ssh);
            assertEquals(0, agent.accepted(), () -> nginx.accessLog() + sshd.log());
        }
    }

    /** What nmap takes a port for: the state, the protocol and the program. */
    private String version(int port) throws Exception {
        String found = net.client.run(
                "nmap", "-6", "-n", "-Pn", "-sV", "-p", Integer.toString(port), Network.SERVER.toString());
        assertFalse(found.toLowerCase(Locale.ROOT).contains("mayfly"), found);
        return found.lines()
                .filter(l -> l.startsWith(port + "/tcp"))
                .map(l -> l.substring(l.indexOf(' ')).strip())
                .collect(Collectors.joining());
    }

    /** The backend knows the client by the PROXY protocol, and a knock is one with it as without. */
    @Test
    void theBackendIsToldWhoComes() throws Exception {
        String configuration = ShareIT.shared(Nginx.PROXIED_HTTP, "share-proxy = \"v2\"")
                .replace("tcp = [\"[::]:443\"]", "tcp = [\"[::]:443\", \"0.0.0.0:443\"]");
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            for (String server : List.of("[" + Network.SERVER + "]", Network.SERVER_IPV4.toString())) {
                Command done = from("curl", "-s", "http://" + server + ":443/");
                assertTrue(done.out().contains("like any other"), done::toString);
            }
            for (Ip6Address client : List.of(Network.CLIENT, Network.CLIENT_IPV4)) {
                Until.answer(
                        "nginx has logged it",
                        Mayflyd.PATIENCE,
                        nginx::accessLog,
                        l -> l.contains("127.0.0.1 (" + client + ") \"GET / "));
            }
            byte[] packet = agent.enrol("alice").packet("ssh");
            Party.run(
                    Stage.connect(net.client, Network.SERVER, ShareIT.PORT),
                    List.of(new Party.Send(new String(packet, StandardCharsets.ISO_8859_1)), new Party.Finish()));
            Until.holds("it is accepted", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
        }
    }

    /** HTTP/2 over TLS behind the PROXY protocol, which is what is meant by all this. */
    @Test
    void theSameOverTls() throws Exception {
        String configuration = ShareIT.shared(Nginx.PROXIED_HTTPS, "share-proxy = \"v2\"");
        try (Nginx nginx = new Nginx(net.server, temp.resolve("nginx"));
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Command done = curl(nginx, ShareIT.PORT, "--http2");
            assertTrue(done.out().endsWith(" 2 200 0"), done::toString);
            Until.answer(
                    "nginx has logged it",
                    Mayflyd.PATIENCE,
                    nginx::accessLog,
                    l -> l.contains("127.0.0.1 (" + Network.CLIENT + ") \"GET / "));
            assertEquals(0, agent.accepted());
        }
    }
}
