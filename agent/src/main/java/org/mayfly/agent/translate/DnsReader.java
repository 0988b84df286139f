package org.mayfly.agent.translate;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a message from its first byte to its last. What it gives holds no compressed names any more. */
final class DnsReader {
    private static final int POINTER = 0xc0;
    private static final int POINTER_OFFSET = 0x3fff;

    /**
     * Of the types whose data hold names that a sender may have compressed, what else they hold: the types of RFC 1035, and
     * those for which RFC 3597, 4 asks it of a receiver. Names in the data of any other type stand there in full.
     *
     * @param before bytes before the names
     * @param names how many
     * @param rest bytes behind them, or -1 for any number
     */
    private record Shape(int before, int names, int rest) {}

    private static final Shape NAME = new Shape(0, 1, 0);
    private static final Shape TWO_NAMES = new Shape(0, 2, 0);
    private static final Shape NUMBER_AND_NAME = new Shape(2, 1, 0);

    private static final Map<Integer, Shape> SHAPES = Map.ofEntries(
            Map.entry(2, NAME), // NS
            Map.entry(3, NAME), // MD
            Map.entry(4, NAME), // MF
            Map.entry(5, NAME), // CNAME
            Map.entry(6, new Shape(0, 2, 20)), // SOA
            Map.entry(7, NAME), // MB
            Map.entry(8, NAME), // MG
            Map.entry(9, NAME), // MR
            Map.entry(12, NAME), // PTR
            Map.entry(14, TWO_NAMES), // MINFO
            Map.entry(15, NUMBER_AND_NAME), // MX
            Map.entry(17, TWO_NAMES), // RP
            Map.entry(18, NUMBER_AND_NAME), // AFSDB
            Map.entry(21, NUMBER_AND_NAME), // RT
            Map.entry(24, new Shape(18, 1, -1)), // SIG
            Map.entry(26, new Shape(2, 2, 0)), // PX
            Map.entry(30, new Shape(0, 1, -1)), // NXT
            Map.entry(33, new Shape(6, 1, 0)), // SRV
            Map.entry(36, NUMBER_AND_NAME), // KX
            Map.entry(39, NAME), // DNAME
            Map.entry(46, new Shape(18, 1, -1))); // RRSIG

    /** As many labels as a name can have (RFC 1035, 2.3.4): more pointers lead to nothing that a sender would compress. */
    private static final int MOST_POINTERS = 127;

    private final byte[] message;
    private int at;
    private int pointers;

    DnsReader(byte[] message) {
        this.message = message;
    }

    int at() {
        return at;
    }

    /** How many were followed so far. */
    int pointers() {
        return pointers;
    }

    int left() {
        return message.length - at;
    }

    private void need(int bytes) throws MalformedDnsException {
        if (left() < bytes) {
            throw new MalformedDnsException("it ends where " + bytes + " more bytes should be");
        }
    }

    private int u8() throws MalformedDnsException {
        need(1);
        return Byte.toUnsignedInt(message[at++]);
    }

    int u16() throws MalformedDnsException {
        return u8() << 8 | u8();
    }

    private long u32() throws MalformedDnsException {
        return (long) u16() << 16 | u16();
    }

    /** A name, wherever its parts are. A pointer leads back, and further back than the one before, so there is no circle. */
    DnsName name() throws MalformedDnsException {
        byte[] wire = new byte[DnsName.LONGEST];
        int length = 0;
        int end = -1;
        int first = at;
        int before = pointers;
        while (true) {
            int size = u8();
            if ((size & POINTER) == POINTER) {
                int to = (size << 8 | u8()) & POINTER_OFFSET;
                end = end < 0 ? at : end;
                if (to >= first) {
                    throw new MalformedDnsException("a name points forward");
                }
                if (++pointers - before > MOST_POINTERS) {
                    throw new MalformedDnsException("a name has too many pointers");
                }
                first = to;
                at = to;
                continue;
            }
            if (size > DnsName.LONGEST_LABEL || length + size + 1 > DnsName.LONGEST) {
                throw new MalformedDnsException("a name is too long");
            }
            need(size);
            wire[length] = (byte) size;
            System.arraycopy(message, at, wire, length + 1, size);
            at += size;
            length += size + 1;
            if (size == 0) {
                at = end < 0 ? at : end;
                return new DnsName(Arrays.copyOf(wire, length));
            }
        }
    }

    DnsQuestion question() throws MalformedDnsException {
        return new DnsQuestion(name(), u16(), u16());
    }

    DnsRecord record() throws MalformedDnsException {
        DnsName name = name();
        int type = u16();
        int dnsClass = u16();
        long ttl = u32();
        int length = u16();
        need(length);
        return new DnsRecord(name, type, dnsClass, ttl, data(SHAPES.get(type), at + length));
    }

    private byte[] data(@Nullable Shape shape, int end) throws MalformedDnsException {
        if (shape == null || at == end) { // an update may hold records without data (RFC 2136, 2.4)
            byte[] data = Arrays.copyOfRange(message, at, end);
            at = end;
            return data;
        }
        DnsWriter out = new DnsWriter();
        need(shape.before);
        out.bytes(message, at, shape.before);
        at += shape.before;
        for (int i = 0; i < shape.names; i++) {
            name().write(out);
        }
        int rest = end - at;
        if (rest < 0 || shape.rest >= 0 && rest != shape.rest) {
            throw new MalformedDnsException("the data of a record do not end with it");
        }
        out.bytes(message, at, rest);
        at = end;
        return out.toBytes();
    }
}
