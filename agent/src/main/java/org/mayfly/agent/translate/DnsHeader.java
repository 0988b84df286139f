package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsResponseCode;

/**
 * The first twelve bytes of a message (RFC 1035, 4.1.1; RFC 4035, 3.1.6 for AD and CD).
 *
 * <pre>
 *    0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
 *  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *  |                      ID                       |
 *  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *  |QR|  OPCODE   |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 *  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 *  |        QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT     |
 *  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * </pre>
 */
final class DnsHeader {
    static final int BYTES = 12;
    static final int QR = 0x8000;
    static final int OPCODE = 0x7800;
    static final int AA = 0x0400;
    static final int TC = 0x0200;
    static final int RD = 0x0100;
    static final int RA = 0x0080;
    static final int AD = 0x0020;
    static final int CD = 0x0010;
    static final int RCODE = 0x000f;

    private static final int FLAGS_OFFSET = 2;
    private static final int QDCOUNT_OFFSET = 4;
    private static final int ANCOUNT_OFFSET = 6;
    private static final int NSCOUNT_OFFSET = 8;
    private static final int ARCOUNT_OFFSET = 10;

    /** An OPT, a signature, and some that nobody knows yet. */
    private static final int MOST_ADDITIONAL = 4;

    private DnsHeader() {}

    static int id(byte[] message) {
        return u16(message, 0);
    }

    /** The same message with another id. */
    static byte[] withId(byte[] message, int id) {
        byte[] copy = message.clone();
        copy[0] = (byte) (id >>> 8);
        copy[1] = (byte) id;
        return copy;
    }

    static int flags(byte[] message) {
        return u16(message, FLAGS_OFFSET);
    }

    static boolean isTruncated(byte[] message) {
        return (flags(message) & TC) != 0;
    }

    static int rcode(byte[] message) {
        return flags(message) & RCODE;
    }

    static int questions(byte[] message) {
        return u16(message, QDCOUNT_OFFSET);
    }

    /** Whether no more stands behind the question than may: no answer, no authority, few additional records. */
    static boolean isPlain(byte[] query) {
        return u16(query, ANCOUNT_OFFSET) == 0
                && u16(query, NSCOUNT_OFFSET) == 0
                && u16(query, ARCOUNT_OFFSET) <= MOST_ADDITIONAL;
    }

    /** The flags of an answer of our own to a query. */
    static int answering(int query, DnsResponseCode code) {
        return query & (OPCODE | RD | CD) | QR | RA | code.intValue();
    }

    /** The answer to what cannot be read, or is not done: a header and no more. */
    static byte[] bare(byte[] query, DnsResponseCode code) {
        byte[] answer = new byte[BYTES];
        int flags = answering(flags(query), code);
        System.arraycopy(query, 0, answer, 0, FLAGS_OFFSET);
        answer[FLAGS_OFFSET] = (byte) (flags >>> 8);
        answer[FLAGS_OFFSET + 1] = (byte) flags;
        return answer;
    }

    private static int u16(byte[] message, int offset) {
        return Byte.toUnsignedInt(message[offset]) << 8 | Byte.toUnsignedInt(message[offset + 1]);
    }
}
