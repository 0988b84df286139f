package org.mayfly.packaging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.mayfly.packaging.Party.Drip;
import org.mayfly.packaging.Party.Finish;
import org.mayfly.packaging.Party.Hear;
import org.mayfly.packaging.Party.Leave;
import org.mayfly.packaging.Party.Reset;
import org.mayfly.packaging.Party.Rest;
import org.mayfly.packaging.Party.Send;
import org.mayfly.packaging.Party.Step;

/** What clients of a web server say to it: good ones, bad ones, and those who have come to the wrong door. */
final class Requests {
    /** What a client does; the backend is nginx. */
    record Request(String name, List<Step> steps) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String GET = "GET / HTTP/1.1\r\nHost: web.test\r\n\r\n";
    private static final String LAST = "GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n";
    private static final String BODY = "like any other</title>\n";

    private Requests() {}

    /** Over TCP without TLS. Every byte of an answer can be foretold, but for its date. */
    static List<Request> http() {
        return List.of(
                of("HTTP/1.0", new Send("GET / HTTP/1.0\r\n\r\n")),
                of("HTTP/1.1, the connection kept", new Send(GET), new Hear(BODY), new Send(GET), new Hear(BODY)),
                of("the same, and a FIN", new Send(GET), new Hear(BODY), new Send(GET), new Hear(BODY), new Finish()),
                of("pipelined", new Send(GET + GET + LAST)),
                of("one byte at a time", new Drip(LAST)),
                of("half", new Send("GET / HT"), new Rest(Duration.ofMillis(50)), new Send("TP/1.0\r\n\r\n")),
                of("HEAD", new Send("HEAD / HTTP/1.0\r\n\r\n")),
                of("a method that is not allowed", new Send("POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody")),
                of("not found", new Send("GET /nothing HTTP/1.0\r\n\r\n")),
                of("exactly 96 bytes", new Send(sized(96))),
                of("exactly 95 bytes", new Send(sized(95))),
                of("exactly 97 bytes", new Send(sized(97))),
                of("96 bytes and more", new Send(sized(96) + GET), new Rest(Duration.ofMillis(50)), new Finish()),
                of("much", new Send("GET /big HTTP/1.0\r\n\r\n")),
                of("much, slowly read", new Send("GET /big HTTP/1.0\r\n\r\n"), new Rest(Duration.ofMillis(700))),
                of("half-closed after the request", new Send(LAST), new Finish()),
                of("half-closed amid the request", new Send("GET / HTTP/1.1\r\nHo"), new Finish()),
                of("half-closed before it", new Finish()),
                of("nothing at all"),
                of("a request without its end", new Send("GET / HTTP/1.1\r\nHost: web.test\r\n")),
                of("a reset amid the answer", new Send("GET /big HTTP/1.0\r\n\r\n"), new Hear("\r\n\r\n"), new Reset()),
                of("a reset before a request", new Reset()),
                of("gone", new Leave()),
                of("96 bytes of noise", new Send(Plays.noise(96))),
                of("95 bytes of noise", new Send(Plays.noise(95))),
                of("97 bytes of noise", new Send(Plays.noise(97))),
                of("noise", new Send(Plays.noise(700))),
                of("zeros", new Send("\0".repeat(96))),
                of("ssh", new Send("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")),
                of("TLS", new Send(hello("TLSv1.3", p -> {}))),
                of("the PROXY protocol", new Send("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + LAST)));
    }

    private static Request of(String name, Step... steps) {
        return new Request(name, List.of(steps));
    }

    /** A request of so many bytes. */
    private static String sized(int octets) {
        String bare = "GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\nX: \r\n\r\n";
        return bare.replace("X: ", "X: " + "x".repeat(octets - bare.length()));
    }

    /** Over TLS, of which the first flight is enough: its records have the same lengths each time. */
    static List<Request> https() {
        String hello13 = hello("TLSv1.3", p -> {});
        List<Request> all = new ArrayList<>(List.of(
                of("TLS 1.3", new Send(hello13)),
                of("TLS 1.3, a byte at a time", new Drip(hello13)),
                of("TLS 1.3, closed early", new Send(hello13), new Finish()),
                of("TLS 1.3, gone at once", new Send(hello13), new Leave()),
                of("TLS 1.3, reset at once", new Send(hello13), new Reset()),
                of("TLS 1.2", new Send(hello("TLSv1.2", p -> {}))),
                of("ALPN h2", new Send(hello("TLSv1.3", p -> p.setApplicationProtocols(h2())))),
                of("TLS 1.2, ALPN h2", new Send(hello("TLSv1.2", p -> p.setApplicationProtocols(h2())))),
                of("ALPN nobody knows", new Send(hello("TLSv1.3", p -> p.setApplicationProtocols(unknown())))),
                of("HTTP", new Send(LAST)),
                of("ssh", new Send("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")),
                of("nothing at all"),
                of("nothing, then FIN", new Finish())));
        for (int length : new int[] {1, 5, 95, 96, 97}) {
            all.add(of(length + " bytes of a hello", new Send(hello13.substring(0, length)), new Finish()));
            all.add(of(length + " bytes of noise", new Send(Plays.noise(length))));
        }
        return all;
    }

    private static String[] h2() {
        return new String[] {"h2", "http/1.1"};
    }

    private static String[] unknown() {
        return new String[] {"nobody-knows"};
    }

    /** The first flight of a client as Java's own TLS makes it. */
    private static String hello(String version, Consumer<SSLParameters> parameters) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, null, null);
            SSLEngine engine = context.createSSLEngine("web.test", Nginx.HTTPS);
            engine.setUseClientMode(true);
            SSLParameters p = engine.getSSLParameters();
            p.setProtocols(new String[] {version});
            parameters.accept(p);
            engine.setSSLParameters(p);
            ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), out);
            return StandardCharsets.ISO_8859_1.decode(out.flip()).toString();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What came by TLS, as the type and length of each record: the rest is random. What is no TLS stays as it is. */
    static String records(String octets) {
        StringBuilder shape = new StringBuilder();
        int at = 0;
        while (octets.length() - at >= 5 && octets.charAt(at + 1) == 3) {
            int length = octets.charAt(at + 3) << 8 | octets.charAt(at + 4);
            shape.append((int) octets.charAt(at)).append(':').append(length).append(' ');
            at += 5 + length;
        }
        return at == 0 ? octets : shape + "and " + (octets.length() - at) + " bytes";
    }
}
