package org.mayfly.netlink.conn;

import java.nio.ByteBuffer;

/** Takes what a {@link Subscription} reads. */
public interface EventHandler {
    /**
     * @param type {@code nlmsg_type}
     * @param buffer valid until this returns
     * @param offset of the payload behind the header
     * @param length of the payload
     */
    void event(int type, ByteBuffer buffer, int offset, int length);

    /** Events were lost. What is known from events is stale: all of it is to be dumped again. */
    void overrun();
}
