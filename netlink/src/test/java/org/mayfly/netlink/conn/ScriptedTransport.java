package org.mayfly.netlink.conn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/** Answers as a script says, and keeps what was sent. An empty script is a kernel that does not answer. */
final class ScriptedTransport implements Transport {
    private static final int NLMSG_ERROR = 2;
    private static final int NLMSG_DONE = 3;

    static final int SEND_LIMIT = 512;

    private final Deque<Object> steps = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();

    /** One datagram with these messages. */
    ScriptedTransport datagram(byte[]... messages) {
        int length = 0;
        for (byte[] m : messages) {
            length += m.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] m : messages) {
            all.put(m);
        }
        steps.add(all.array());
        return this;
    }

    /** A datagram of these bytes, whether or not they are messages. */
    ScriptedTransport datagram(String hex) {
        return datagram(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    ScriptedTransport failure(IOException e) {
        steps.add(e);
        return this;
    }

    ScriptedTransport nothing() {
        steps.add(false);
        return this;
    }

    /** A message with a header that tells the truth. */
    static byte[] message(int type, int flags, int sequence, String payload) {
        byte[] bytes = HexFormat.of().parseHex(payload.replace(" ", ""));
        ByteBuffer b = ByteBuffer.allocate(16 + (bytes.length + 3 & ~3)).order(ByteOrder.nativeOrder());
        b.putInt(16 + bytes.length).putShort((short) type).putShort((short) flags);
        b.putInt(sequence).putInt(0).put(bytes);
        return b.array();
    }

    /** An {@code NLMSG_ERROR} without extensions; errno 0 acknowledges. */
    static byte[] error(int sequence, int errno) {
        String number = "%08x".formatted(Integer.reverseBytes(-errno));
        return message(NLMSG_ERROR, 0x100, sequence, number + "10000000000000000000000000000000");
    }

    static byte[] done(int flags, int sequence) {
        return message(NLMSG_DONE, flags | 2, sequence, "00000000");
    }

    byte[] sent(int index) {
        return sent.get(index);
    }

    int sent() {
        return sent.size();
    }

    @Override
    public void send(ByteBuffer direct, int length) {
        byte[] copy = new byte[length];
        direct.get(0, copy);
        sent.add(copy);
    }

    @Override
    public int sendLimit() {
        return SEND_LIMIT;
    }

    @Override
    public boolean receive(ByteBuffer into, int milliseconds) throws IOException {
        Object step = steps.poll();
        if (step instanceof IOException e) {
            throw e;
        }
        if (step instanceof byte[] b) {
            into.clear().put(b).flip();
            return true;
        }
        return false;
    }

    @Override
    public boolean poll(int milliseconds) {
        return !steps.isEmpty();
    }

    @Override
    public int fd() {
        return -1;
    }

    @Override
    public int portId() {
        return 7;
    }

    @Override
    public void close() {}
}
