package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.sys.NetlinkSocket;

/** Where the datagrams of a {@link Subscription} come from: a socket, or a script in a test. */
interface EventSource extends AutoCloseable {
    /**
     * Does not wait.
     *
     * @return false if there is nothing
     */
    boolean receive(ByteBuffer into) throws IOException;

    boolean poll(int milliseconds) throws IOException;

    int fd();

    @Override
    void close();

    /** What comes to this socket. */
    static EventSource of(NetlinkSocket socket) {
        return new EventSource() {
            @Override
            public boolean receive(ByteBuffer into) throws IOException {
                return socket.receive(into, NetlinkSocket.MSG_DONTWAIT);
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
            public void close() {
                socket.close();
            }
        };
    }
}
