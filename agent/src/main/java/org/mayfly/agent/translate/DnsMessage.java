package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message with one question, taken apart (RFC 1035, 4).
 *
 * @param flags the 16 bits of {@link DnsHeader}
 */
record DnsMessage(
        int id,
        int flags,
        DnsQuestion question,
        List<DnsRecord> answer,
        List<DnsRecord> authority,
        List<DnsRecord> additional) {
    /** What every receiver takes over UDP (RFC 1035, 2.3.4). */
    private static final int SMALLEST_UDP = 512;

    /** What is sent over UDP at the most, whatever a client says: as RFC 6891, 6.2.5 suggests. */
    private static final int LARGEST_UDP = 4096;

    /** What fits every path of IPv6 in one piece: the least MTU of 1280, less the headers. */
    private static final int OUR_UDP = 1232;

    /** In the TTL of an OPT (RFC 3225, 3). */
    private static final long DO = 0x8000;

    /** @throws MalformedDnsException if it is none, has not one question, or goes on behind its end */
    static DnsMessage read(byte[] message) throws MalformedDnsException {
        DnsReader in = new DnsReader(message);
        int id = in.u16();
        int flags = in.u16();
        int questions = in.u16();
        int answers = in.u16();
        int authorities = in.u16();
        int additionals = in.u16();
        if (questions != 1) {
            throw new MalformedDnsException("it has " + questions + " questions");
        }
        DnsQuestion question = in.question();
        DnsMessage read = new DnsMessage(
                id, flags, question, records(in, answers), records(in, authorities), records(in, additionals));
        if (in.left() > 0) {
            throw new MalformedDnsException("there is more behind its end");
        }
        return read;
    }

    /**
     * The question alone of a message that has one, whatever stands behind it.
     *
     * @throws MalformedDnsException if it cannot be read
     */
    static DnsQuestion question(byte[] message) throws MalformedDnsException {
        DnsReader in = new DnsReader(message);
        for (int i = 0; i < DnsHeader.BYTES; i += Short.BYTES) {
            in.u16();
        }
        return in.question();
    }

    private static List<DnsRecord> records(DnsReader in, int count) throws MalformedDnsException {
        List<DnsRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(in.record());
        }
        return List.copyOf(records);
    }

    /** The answer to a query that the program knows by itself; with an OPT where there was one (RFC 6891, 6.1.1). */
    DnsMessage answered(DnsResponseCode code, List<DnsRecord> records) {
        List<DnsRecord> opt = opt().map(o -> new DnsRecord(o.name(), o.type(), OUR_UDP, o.ttl() & DO, new byte[0]))
                .map(List::of)
                .orElse(List.of());
        return new DnsMessage(id, DnsHeader.answering(flags, code), question, records, List.of(), opt);
    }

    DnsMessage with(int newFlags, DnsQuestion newQuestion, List<DnsRecord> newAnswer) {
        return new DnsMessage(id, newFlags, newQuestion, newAnswer, authority, additional);
    }

    int rcode() {
        return flags & DnsHeader.RCODE;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    Optional<DnsRecord> opt() {
        return additional.stream().filter(r -> r.is(DnsRecordType.OPT)).findFirst();
    }

    /** Whether who asks wants signatures. */
    boolean wantsSignatures() {
        return opt().filter(o -> (o.ttl() & DO) != 0).isPresent();
    }

    /** Whether it is signed as a whole, so that it may not be changed: TSIG (RFC 8945), SIG(0) (RFC 2931). */
    boolean isSigned() {
        return additional.stream().anyMatch(r -> r.is(DnsRecordType.TSIG) || r.is(DnsRecordType.SIG));
    }

    /** The most bytes that an answer to this query may have over UDP. */
    int udpSize() {
        int asked = opt().map(DnsRecord::dnsClass).orElse(SMALLEST_UDP);
        return Math.min(LARGEST_UDP, Math.max(SMALLEST_UDP, asked));
    }

    byte[] write() {
        DnsWriter out = new DnsWriter();
        out.u16(id);
        out.u16(flags);
        out.u16(1);
        for (List<DnsRecord> section : List.of(answer, authority, additional)) {
            out.u16(section.size());
        }
        question.write(out);
        for (List<DnsRecord> section : List.of(answer, authority, additional)) {
            section.forEach(r -> r.write(out));
        }
        return out.toBytes();
    }

    /** The same, or if that is longer than {@code most}, one that says so: the client then asks over TCP. */
    byte[] write(int most) {
        byte[] whole = write();
        return whole.length <= most ? whole : truncated().write();
    }

    private DnsMessage truncated() {
        return new DnsMessage(
                id,
                flags | DnsHeader.TC,
                question,
                List.of(),
                List.of(),
                opt().map(List::of).orElse(List.of()));
    }
}
