package org.mayfly.agent.translate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a message. Names of questions and records are compressed (RFC 1035, 4.1.4); those in data are not, which every
 * receiver understands.
 */
final class DnsWriter {
    private static final int POINTER = 0xc000;

    /** The last offset that a pointer can name. */
    private static final int REACH = 0x3fff;

    private final Map<DnsName, Integer> names = new HashMap<>();
    private byte[] buffer = new byte[64];
    private int length;

    int length() {
        return length;
    }

    void u16(int value) {
        room(2);
        buffer[length++] = (byte) (value >>> 8);
        buffer[length++] = (byte) value;
    }

    void bytes(byte[] from, int offset, int count) {
        room(count);
        System.arraycopy(from, offset, buffer, length, count);
        length += count;
    }

    void name(DnsName name) {
        DnsName rest = name;
        while (!rest.isRoot()) {
            Integer before = names.get(rest);
            if (before != null) {
                u16(POINTER | before);
                return;
            }
            if (length <= REACH) {
                names.put(rest, length);
            }
            rest.writeLabel(this);
            rest = rest.parent();
        }
        rest.write(this);
    }

    private void room(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, length + more));
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }
}
