package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.mayfly.knock.Ip6Address;

/** AAAA records out of A records (RFC 6147, 5.1). */
final class Synthesis {
    /** The longest life in seconds where no SOA record sets one (RFC 6147, 5.1.7). */
    static final long LONGEST = 600;

    private final Dns64Settings settings;

    Synthesis(Dns64Settings settings) {
        this.settings = settings;
    }

    /** Whether the answer to the question for AAAA is the last word, or A has to be asked for. */
    boolean suffices(DnsMessage aaaa) {
        // An answer of any other code is as good as an empty one: there are servers that know no AAAA (RFC 6147,
        // 5.1.2).
        return aaaa.rcode() == DnsResponseCode.NXDOMAIN.intValue()
                || aaaa.rcode() == DnsResponseCode.NOERROR.intValue()
                        && aaaa.answer().stream().anyMatch(r -> isAaaa(r) && !isExcluded(r));
    }

    /** Whether there is anything in a sufficient answer that the client must not see (RFC 6147, 5.1.4). */
    boolean mustBeThinned(DnsMessage aaaa) {
        return aaaa.answer().stream().anyMatch(this::isExcluded);
    }

    /** Without excluded addresses; and without the signature of the records of which some are missing now. */
    DnsMessage thinned(DnsMessage aaaa) {
        List<DnsRecord> left = aaaa.answer().stream()
                .filter(r -> !isExcluded(r) && !r.signs(DnsRecordType.AAAA))
                .toList();
        return aaaa.with(aaaa.flags() & ~(DnsHeader.AD | DnsHeader.AA), aaaa.question(), left);
    }

    private static boolean isAaaa(DnsRecord r) {
        return r.is(DnsRecordType.AAAA) && r.isAddress();
    }

    private boolean isExcluded(DnsRecord r) {
        return isAaaa(r) && settings.excludes(r.address());
    }

    /**
     * The most seconds that a synthesised record may live: what the SOA record of the empty answer says, if there is one.
     *
     * @param aaaa none if nobody answered
     */
    static long lifetime(Stream<DnsMessage> aaaa) {
        OptionalLong soa = aaaa.flatMap(m -> m.authority().stream())
                .filter(r -> r.is(DnsRecordType.SOA))
                .mapToLong(DnsRecord::ttl)
                .findFirst();
        return soa.orElse(LONGEST);
    }

    /**
     * The answer to the client, out of that to the question for A: aliases are kept, each A becomes an AAAA, and where there
     * is none or the code says so it is an answer without addresses.
     *
     * @param question for AAAA
     * @param longest in seconds
     */
    DnsMessage of(DnsMessage a, DnsQuestion question, long longest) {
        List<DnsRecord> made = new ArrayList<>();
        for (DnsRecord r : a.answer()) {
            if (r.is(DnsRecordType.A) && r.isAddress()) {
                Ip6Address ipv4 = r.address();
                if (settings.represents(ipv4)) {
                    made.add(address(r.name(), Math.min(r.ttl(), longest), ipv4));
                }
            } else if (!r.signs(DnsRecordType.A)) {
                made.add(r);
            }
        }
        // Nothing that was made here is authentic, or of an authority.
        return a.with(a.flags() & ~(DnsHeader.AD | DnsHeader.AA), question, List.copyOf(made));
    }

    /** An AAAA record that stands for an IPv4 address. */
    DnsRecord address(DnsName name, long ttl, Ip6Address ipv4) {
        return DnsRecord.of(name, DnsRecordType.AAAA, ttl, settings.format().embed(ipv4));
    }
}
