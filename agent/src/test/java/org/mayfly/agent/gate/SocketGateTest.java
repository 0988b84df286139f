package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DatagramSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/** Filters on a real socket, which gets what they let through, and nothing else. */
final class SocketGateTest {
    private static final long PATIENCE_NANOS = 10_000_000_000L;

    /** So few that none is lost for want of room. */
    private static final int AT_ONCE = 50;

    private final Lab lab = new Lab();
    private final ByteBuffer in = ByteBuffer.allocateDirect(2048);
    private Socket socket;
    private DatagramSocket sender;
    private int port;

    @BeforeEach
    void open() throws Exception {
        Epoll.ensureAvailability();
        Lab.Host host = lab.host();
        socket = host.call(Socket::newSocketDgram);
        socket.bind(new InetSocketAddress("::", 0));
        port = socket.localAddress().getPort();
        sender = host.call(DatagramSocket::new);
    }

    @AfterEach
    void close() throws IOException {
        if (sender != null) { // the test was skipped
            sender.close();
            socket.close();
        }
        lab.close();
    }

    /** Sends them, and gives those that arrive. */
    private List<String> arriving(List<Cases.Case> cases, String to, byte[] last) throws IOException {
        List<Bytes> arrived = new ArrayList<>();
        for (int i = 0; i < cases.size(); i += AT_ONCE) {
            for (Cases.Case c : cases.subList(i, Math.min(cases.size(), i + AT_ONCE))) {
                send(c.packet().toArray(), to);
            }
            send(last, to);
            for (Bytes b = next(); !b.equals(Bytes.of(last)); b = next()) {
                arrived.add(b);
            }
        }
        return cases.stream()
                .filter(c -> arrived.contains(c.packet()))
                .map(Cases.Case::name)
                .collect(Collectors.toList());
    }

    private void send(byte[] packet, String to) throws IOException {
        sender.send(new DatagramPacket(packet, packet.length, InetAddress.getByName(to), port));
    }

    private Bytes next() throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            DatagramSocketAddress from = socket.recvFrom(in, 0, in.capacity());
            if (from != null) {
                byte[] bytes = new byte[from.receivedAmount()];
                in.get(0, bytes);
                return Bytes.of(bytes);
            }
            assertTrue(System.nanoTime() < end, "the last one did not arrive");
            Thread.onSpinWait();
        }
    }

    private static List<String> names(List<Cases.Case> cases, Predicate<Bytes> good) {
        return cases.stream()
                .filter(c -> good.test(c.packet()))
                .map(Cases.Case::name)
                .collect(Collectors.toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "127.0.0.1"})
    void theLengthFilterWantsTheLengthAlone(String to) throws IOException {
        KernelGate.lengthFilter(socket.intValue());
        List<Cases.Case> cases = Cases.all();
        byte[] last = new byte[Packet.LENGTH];
        Arrays.fill(last, (byte) 0x11);
        assertEquals(names(cases, p -> p.length() == Packet.LENGTH), arriving(cases, to, last));
    }

    @ParameterizedTest
    @ValueSource(strings = {"::1", "127.0.0.1"})
    void theGateWantsTheTagToo(String to) throws IOException {
        BpfRight.needed();
        List<Cases.Case> cases = Cases.all();
        byte[] last = new byte[Packet.LENGTH];
        Arrays.fill(last, (byte) 0x11);
        try (KernelGate gate = KernelGate.load(Cases.KEY, List.of(new InetSocketAddress("::", port)))) {
            KernelGate.lengthFilter(socket.intValue());
            gate.attach(socket.intValue());
            List<String> good = names(cases, p -> Cases.good(Cases.KEY, p));
            assertEquals(good, arriving(cases, to, Cases.tagged(Cases.KEY, last)));
            Tally tally = gate.counts().socket();
            int wrong = (int) cases.stream()
                    .filter(c -> c.packet().length() != Packet.LENGTH)
                    .count();
            int sent = cases.size() + (cases.size() + AT_ONCE - 1) / AT_ONCE;
            int passed = good.size() + sent - cases.size();
            assertEquals(new Tally(passed, wrong, sent - passed - wrong), tally);
            assertEquals(Tally.NONE, gate.counts().xdp());
            gate.key(Cases.OTHER);
            assertEquals(
                    names(cases, p -> Cases.good(Cases.OTHER, p)),
                    arriving(cases, to, Cases.tagged(Cases.OTHER, last)));
        }
        // The socket keeps it.
        assertEquals(
                names(cases, p -> Cases.good(Cases.OTHER, p)), arriving(cases, to, Cases.tagged(Cases.OTHER, last)));
    }

    @Test
    void theLengthFilterCanComeBack() throws IOException {
        BpfRight.needed();
        byte[] noise = new byte[Packet.LENGTH];
        try (KernelGate gate = KernelGate.load(Cases.KEY, List.of(new InetSocketAddress("::", port)))) {
            gate.attach(socket.intValue());
            send(noise, "::1");
            send(Cases.tagged(Cases.KEY, noise), "::1");
            assertEquals(Bytes.of(Cases.tagged(Cases.KEY, noise)), next());
            KernelGate.lengthFilter(socket.intValue());
            send(noise, "::1");
            assertEquals(Bytes.of(noise), next());
            assertNull(socket.recvFrom(in, 0, in.capacity()));
        }
    }
}
