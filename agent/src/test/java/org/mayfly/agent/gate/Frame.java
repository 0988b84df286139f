package org.mayfly.agent.gate;

import java.nio.ByteBuffer;
import org.mayfly.netlink.Bytes;

/** What comes in on an Ethernet interface: a UDP packet to the knock port, and things that look a little like one. */
final class Frame {
    static final int KNOCK_PORT = 62201;
    static final String TO = "020000000001";
    static final String FROM = "020000000002";

    private static final Bytes SOURCE = Bytes.ofHex("20010db8000100000000000000000001");
    private static final Bytes DESTINATION = Bytes.ofHex("20010db8000100000000000000000002");

    private Frame() {}

    /** For a socket filter, which sees it from the UDP header on. */
    static byte[] socket(Bytes payload) {
        return bytes(ByteBuffer.allocate(14 + 8 + payload.length()).position(14), KNOCK_PORT, payload);
    }

    static byte[] six(Bytes payload) {
        ByteBuffer b = ethernet(0x86dd, 40 + 8 + payload.length());
        b.putInt(0x60000000)
                .putShort((short) (8 + payload.length()))
                .put((byte) 17)
                .put((byte) 64);
        b.put(SOURCE.toArray()).put(DESTINATION.toArray());
        return bytes(b, KNOCK_PORT, payload);
    }

    static byte[] four(Bytes payload) {
        ByteBuffer b = ethernet(0x0800, 20 + 8 + payload.length());
        b.putShort((short) 0x4500).putShort((short) (28 + payload.length())).putInt(0x4000); // don't fragment
        b.put((byte) 64).put((byte) 17).putShort((short) 0).putInt(0xc0000201).putInt(0xc0000202);
        return bytes(b, KNOCK_PORT, payload);
    }

    private static ByteBuffer ethernet(int type, int more) {
        ByteBuffer b = ByteBuffer.allocate(14 + more);
        return b.put(Bytes.ofHex(TO + FROM).toArray()).putShort((short) type);
    }

    private static byte[] bytes(ByteBuffer b, int port, Bytes payload) {
        b.putShort((short) 40000).putShort((short) port).putShort((short) (8 + payload.length()));
        byte[] frame = new byte[b.capacity()];
        b.putShort((short) 0).put(payload.toArray()).get(0, frame);
        return frame;
    }

    /** With other bytes at some place. */
    static byte[] with(byte[] frame, int at, String hex) {
        byte[] altered = frame.clone();
        byte[] bytes = Bytes.ofHex(hex).toArray();
        System.arraycopy(bytes, 0, altered, at, bytes.length);
        return altered;
    }

    /** With more bytes pushed in at some place. */
    static byte[] inserted(byte[] frame, int at, String hex) {
        byte[] bytes = Bytes.ofHex(hex).toArray();
        ByteBuffer b = ByteBuffer.allocate(frame.length + bytes.length);
        return b.put(frame, 0, at).put(bytes).put(frame, at, frame.length - at).array();
    }
}
