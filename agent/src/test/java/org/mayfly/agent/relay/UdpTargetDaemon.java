package org.mayfly.agent.relay;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/** A daemon behind a relay: sends back what it gets, and remembers it. */
final class UdpTargetDaemon implements AutoCloseable {
    private final DatagramSocket socket;
    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final Thread thread;

    /** A datagram and the port that it came from. */
    record Got(int from, int length, int first) {}

    /** @param port 0 for any */
    UdpTargetDaemon(String address, int port) throws IOException {
        socket = new DatagramSocket(UdpRelayWorld.at(address, port));
        socket.setReceiveBufferSize(1 << 22); // as much as the machine allows
        thread = new Thread(this::serve, "udp-target");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        byte[] room = new byte[65536];
        try {
            while (true) {
                DatagramPacket p = new DatagramPacket(room, room.length);
                socket.receive(p);
                got.add(new Got(p.getPort(), p.getLength(), p.getLength() == 0 ? -1 : room[0]));
                socket.send(p);
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    Got next() throws InterruptedException {
        Got next = got.poll(5, TimeUnit.SECONDS);
        Assertions.assertNotNull(next, "nothing came to the target within 5 s");
        return next;
    }

    /** Fails if anything has come that nobody has asked for yet, when something has been done. */
    void hearsNothing(Executable during) throws Throwable {
        during.execute();
        Assertions.assertEquals(0, got.size(), () -> Arrays.toString(got.toArray()));
    }

    @Override
    public void close() {
        socket.close();
    }
}
