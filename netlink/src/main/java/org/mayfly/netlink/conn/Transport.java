package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.sys.NetlinkSocket;

/** How datagrams go to the kernel and come back: a socket, or a script in a test. */
interface Transport extends AutoCloseable {
    void send(ByteBuffer direct, int length) throws IOException;

    /** The most bytes one datagram may be. */
    int sendLimit() throws IOException;

    /**
     * @param milliseconds to wait at most; 0 to not wait
     * @return false if nothing came in time
     */
    boolean receive(ByteBuffer into, int milliseconds) throws IOException;

    /** Waits until there is something to receive, below 0 for ever; whether there is. */
    boolean poll(int milliseconds) throws IOException;

    int fd();

    int portId() throws IOException;

    /** What waits here, in another thread, ends with an {@link java.nio.channels.AsynchronousCloseException}. */
    @Override
    void close();

    /** To and from the kernel. */
    static Transport of(NetlinkSocket socket) {
        return new Transport() {
            @Override
            public void send(ByteBuffer direct, int length) throws IOException {
                socket.send(direct, length);
            }

            @Override
            public int sendLimit() throws IOException {
                return socket.sendLimit();
            }

            @Override
            public boolean receive(ByteBuffer into, int milliseconds) throws IOException {
                return socket.receive(into, milliseconds);
            }

            @Override
            public boolean poll(int milliseconds) throws IOException {
                return socket.poll(milliseconds);
            }

            @Override
            public int fd() {
                return socket.fd();
            }

            @Override
            public int portId() throws IOException {
                return socket.portId();
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }
}
