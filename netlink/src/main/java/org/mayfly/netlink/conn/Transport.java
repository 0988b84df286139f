package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;

/** How datagrams go to the kernel and come back: a socket, or a script in a test. */
interface Transport extends AutoCloseable {
    void send(ByteBuffer direct, int length) throws IOException;

    /** @return false if nothing came in time */
    boolean receive(ByteBuffer into) throws IOException;

    @Override
    void close();
}
