package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsOpCode;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.mayfly.knock.Ip6Address;

/** Takes queries, bounded in number, and sees to it that each gets one answer. Only the event loop touches it. */
final class Forwarder {
    /** Of the queries that may wait, those of one host. */
    private static final int SHARE = 4;

    private final Dns64Settings settings;
    private final Resolvers resolvers;
    private final Dns64Tally tally;
    private final Synthesis synthesis;
    private final Ipv4OnlyArpa known;
    private final Map<Ip6Address, Integer> waiting = new HashMap<>();

    Forwarder(Dns64Settings settings, Resolvers resolvers, Dns64Tally tally) {
        this.settings = settings;
        this.resolvers = resolvers;
        this.tally = tally;
        this.synthesis = new Synthesis(settings);
        this.known = new Ipv4OnlyArpa(synthesis);
    }

    /** Whether that host may ask; if not, it is counted. */
    boolean admits(Ip6Address source) {
        if (settings.admits(source)) {
            return true;
        }
        tally.refused.increment();
        return false;
    }

    /**
     * Takes what an admitted host sent.
     *
     * @param stream whether it came over TCP, where an answer may have any length
     * @param reply gets the answer, once; what is no query at all gets none
     * @return whether there will be an answer
     */
    boolean take(byte[] query, Ip6Address source, boolean stream, Consumer<byte[]> reply) {
        tally.queries.increment();
        if (query.length < DnsHeader.BYTES || (DnsHeader.flags(query) & DnsHeader.QR) != 0) {
            tally.malformed.increment();
            return false;
        }
        if ((DnsHeader.flags(query) & DnsHeader.OPCODE) != DnsOpCode.QUERY.byteValue()) {
            reply.accept(DnsHeader.bare(query, DnsResponseCode.NOTIMP));
            return true;
        }
        DnsMessage message;
        try {
            if (!DnsHeader.isPlain(query)) {
                throw new MalformedDnsException("it has records that no query has");
            }
            message = DnsMessage.read(query);
        } catch (MalformedDnsException e) {
            tally.malformed.increment();
            reply.accept(DnsHeader.bare(query, DnsResponseCode.FORMERR));
            return true;
        }
        int most = stream ? 0xffff : message.udpSize();
        if (waiting.getOrDefault(source, 0) >= most(settings.limit()) || tally.waiting.get() >= settings.limit()) {
            tally.overloaded.increment();
            reply.accept(DnsHeader.bare(query, DnsResponseCode.SERVFAIL));
            return true;
        }
        enter(source);
        new Resolution(this, query, message, most, stream, answer -> {
                    leave(source);
                    reply.accept(answer);
                })
                .start();
        return true;
    }

    private static int most(int limit) {
        return Math.max(1, limit / SHARE);
    }

    private void enter(Ip6Address source) {
        tally.waiting.incrementAndGet();
        waiting.merge(source, 1, Integer::sum);
    }

    private void leave(Ip6Address source) {
        tally.waiting.decrementAndGet();
        waiting.computeIfPresent(source, (s, n) -> n == 1 ? null : n - 1);
    }

    Dns64Settings settings() {
        return settings;
    }

    Resolvers resolvers() {
        return resolvers;
    }

    Dns64Tally tally() {
        return tally;
    }

    Synthesis synthesis() {
        return synthesis;
    }

    Ipv4OnlyArpa known() {
        return known;
    }

    /** Whether the question is one for addresses, or names of addresses, that this forwarder has a say in. */
    static boolean asks(DnsQuestion question, DnsRecordType type) {
        return question.type() == type.intValue() && question.dnsClass() == DnsRecord.INTERNET;
    }
}
