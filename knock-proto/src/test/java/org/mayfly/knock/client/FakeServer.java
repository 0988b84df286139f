package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Takes knocks on a real socket, checks them as an agent would, and says nothing. */
public final class FakeServer implements Closeable {
    public static final String PREFIX = "2001:db8:77:1::/64";

    /** A knock that stood every check. */
    public record Received(
            String carrier, InetSocketAddress from, String packet, KnockRequest request, List<Ip6Address> candidates) {}

    private final ServerIdentity identity = ServerIdentity.create();
    private final Secret secret = Secret.random(Enrolment.SECRET_LENGTH);
    private final DoorSpace doors;
    private final KnockSender key;
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final Consumer<Received> onKnock;
    private final List<Thread> threads;

    public FakeServer() throws IOException, GeneralSecurityException {
        this(PREFIX, k -> {});
    }

    public FakeServer(String prefix, Consumer<Received> onKnock) throws IOException, GeneralSecurityException {
        this(InetAddress.getLoopbackAddress(), prefix, onKnock);
    }

    /** @param at where it takes knocks */
    public FakeServer(InetAddress at, String prefix, Consumer<Received> onKnock)
            throws IOException, GeneralSecurityException {
        this.onKnock = onKnock;
        doors = new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED);
        key = ClientKeyset.ofSecret(secret, identity).keys().get(0);
        udp = new DatagramSocket(0, at);
        tcp = new ServerSocket(0, 50, at);
        threads = List.of(start("udp", this::listenUdp), start("tcp", this::listenTcp));
    }

    private static Thread start(String name, Runnable body) {
        Thread t = new Thread(body, "fake-server-" + name);
        t.setDaemon(true);
        t.start();
        return t;
    }

    /** An enrolment for this server, which is at 127.0.0.1. */
    public Enrolment enrolment(ServiceOffer... services) {
        return new Enrolment(
                "tester",
                "127.0.0.1",
                udp.getLocalPort(),
                tcp.getLocalPort(),
                List.of(services),
                secret,
                identity,
                doors);
    }

    /** An enrolment under another prefix than the server's, with the name it has now. */
    public Enrolment enrolment(String host, String prefix, int follow, ServiceOffer... services) {
        return new Enrolment(
                "tester",
                host,
                udp.getLocalPort(),
                tcp.getLocalPort(),
                List.of(services),
                secret,
                identity,
                new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED),
                follow);
    }

    /** The same, with its knock ports elsewhere. */
    public static Enrolment at(Enrolment e, int port, int tcpPort) {
        return new Enrolment(
                e.client(), e.host(), port, tcpPort, e.services(), e.clientSecret(), e.server(), e.doors(), e.follow());
    }

    /** Waits for the next good knock. */
    public Received next() throws InterruptedException {
        Received r = received.poll(10, TimeUnit.SECONDS);
        if (r == null) {
            throw new AssertionError("no knock came; refused: " + refused);
        }
        return r;
    }

    public int waiting() {
        return received.size();
    }

    public List<String> refused() {
        return List.copyOf(refused);
    }

    private void listenUdp() {
        try {
            while (true) {
                DatagramPacket p = new DatagramPacket(new byte[2048], 2048);
                udp.receive(p);
                take("udp", (InetSocketAddress) p.getSocketAddress(), Arrays.copyOf(p.getData(), p.getLength()));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void listenTcp() {
        try {
            while (true) {
                try (Socket s = tcp.accept()) {
                    take(
                            "tcp",
                            (InetSocketAddress) s.getRemoteSocketAddress(),
                            s.getInputStream().readAllBytes());
                }
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void take(String carrier, InetSocketAddress from, byte[] p) {
        if (p.length != Packet.LENGTH) {
            refused.add("length " + p.length);
        } else if (!identity.gate().matches(p, 0)) {
            refused.add("gate");
        } else if (identity.gate().keyId(p, 0) != key.id()) {
            refused.add("key id");
        } else if (!key.proves(p, 0)) {
            refused.add("proof");
        } else {
            byte[] plain = key.open(p, 0);
            KnockRequest r = plain == null ? null : KnockRequest.parse(plain);
            if (r == null) {
                refused.add("request");
                return;
            }
            Received k = new Received(carrier, from, HexFormat.of().formatHex(p), r, doors.candidates(key, p, 0));
            received.add(k);
            onKnock.accept(k);
        }
    }

    /** Returns when nothing listens any more: a port is free only when the call that waits on it is over, too. */
    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
        for (Thread t : threads) {
            try {
                t.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
