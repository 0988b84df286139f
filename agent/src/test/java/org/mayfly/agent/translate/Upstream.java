package org.mayfly.agent.translate;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A resolver on loopback that says what a test tells it to, over UDP and TCP. */
final class Upstream implements AutoCloseable {
    /** Whom a query came from, by port. */
    final Set<Integer> ports = ConcurrentHashMap.newKeySet();

    final Set<Integer> ids = ConcurrentHashMap.newKeySet();
    final List<String> ways = new CopyOnWriteArrayList<>();
    private final DatagramSocket packets;
    private final ServerSocket streams;
    private final Function<DnsMessage, List<byte[]>> overUdp;
    private final Function<DnsMessage, List<byte[]>> overTcp;

    Upstream(Function<DnsMessage, List<byte[]>> overUdp, Function<DnsMessage, List<byte[]>> overTcp)
            throws IOException {
        this.overUdp = overUdp;
        this.overTcp = overTcp;
        this.streams = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.packets = new DatagramSocket(streams.getLocalPort(), InetAddress.getLoopbackAddress());
        start(this::packets);
        start(this::streams);
    }

    private static void start(Runnable work) {
        Thread t = new Thread(work, "upstream");
        t.setDaemon(true);
        t.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), packets.getLocalPort());
    }

    private void packets() {
        byte[] room = new byte[4096];
        try {
            while (true) {
                DatagramPacket p = new DatagramPacket(room, room.length);
                packets.receive(p);
                ways.add("UDP");
                ports.add(p.getPort());
                DnsMessage query = DnsMessage.read(Arrays.copyOf(room, p.getLength()));
                ids.add(query.id());
                for (byte[] answer : overUdp.apply(query)) {
                    packets.send(new DatagramPacket(answer, answer.length, p.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            // closed
        } catch (MalformedDnsException e) {
            throw new AssertionError(e);
        }
    }

    private void streams() {
        try {
            while (true) {
                try (Socket s = streams.accept()) {
                    ways.add("TCP");
                    DataInputStream in = new DataInputStream(s.getInputStream());
                    byte[] query = in.readNBytes(in.readUnsignedShort());
                    DataOutputStream out = new DataOutputStream(s.getOutputStream());
                    for (byte[] answer : overTcp.apply(DnsMessage.read(query))) {
                        out.writeShort(answer.length);
                        out.write(answer);
                    }
                }
            }
        } catch (IOException e) {
            // closed
        } catch (MalformedDnsException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        packets.close();
        streams.close();
    }
}
