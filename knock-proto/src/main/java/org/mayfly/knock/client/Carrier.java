package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Brings packets to a server, which never answers. */
sealed interface Carrier extends Closeable {
    /** What it is called in options and in JSON. */
    String name();

    /** @param patience how long to wait for the server, where it has to say something at all */
    void send(byte[] packet, @Nullable InetAddress local, InetSocketAddress server, Duration patience)
            throws IOException;

    /** What came back against the last packet, if anything did: an ICMP error is all there can be. */
    @Nullable
    String objection();

    @Override
    void close() throws IOException;

    /** One datagram. The socket stays open until the next one, to hear an ICMP error. */
    final class Udp implements Carrier {
        private @Nullable DatagramChannel last;

        @Override
        public String name() {
            return "udp";
        }

        @Override
        public void send(byte[] packet, @Nullable InetAddress local, InetSocketAddress server, Duration patience)
                throws IOException {
            close();
            DatagramChannel c = DatagramChannel.open(Addresses.family(server.getAddress()));
            last = c;
            if (local != null) {
                c.bind(new InetSocketAddress(local, 0));
            }
            c.connect(server);
            c.write(ByteBuffer.wrap(packet));
        }

        @Override
        public @Nullable String objection() {
            DatagramChannel c = last;
            if (c == null) {
                return null;
            }
            try {
                c.configureBlocking(false);
                c.read(ByteBuffer.allocate(1));
                return null;
            } catch (PortUnreachableException e) {
                return "nothing listens there";
            } catch (IOException e) {
                return Failure.reason(e);
            }
        }

        @Override
        public void close() throws IOException {
            if (last != null) {
                last.close();
            }
        }
    }

    /** The packet as the first bytes of a connection, which the server then closes without a word. */
    final class Tcp implements Carrier {
        @Override
        public String name() {
            return "tcp";
        }

        @Override
        public void send(byte[] packet, @Nullable InetAddress local, InetSocketAddress server, Duration patience)
                throws IOException {
            try (Socket s = new Socket()) {
                if (local != null) {
                    s.bind(new InetSocketAddress(local, 0));
                }
                s.setTcpNoDelay(true);
                s.connect(server, Math.toIntExact(patience.toMillis()));
                s.getOutputStream().write(packet);
            }
        }

        @Override
        public @Nullable String objection() {
            return null;
        }

        @Override
        public void close() {}
    }

    /** Whether this machine itself forbids it: EPERM of a local filter, EACCES. */
    static boolean isLocalRefusal(IOException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("not permitted") || text.contains("Permission denied");
    }
}
