package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.List;
import java.util.Optional;
import org.mayfly.knock.Ip6Address;

/**
 * The name that clients ask for to learn the prefix (RFC 7050). A DNS64 knows the answers and asks nobody
 * (RFC 8880, 7.1 and 7.2).
 */
final class Ipv4OnlyArpa {
    private static final DnsName NAME = DnsName.of("ipv4only.arpa");
    private static final List<Ip6Address> ADDRESSES =
            List.of(Ip6Address.parse("192.0.0.170"), Ip6Address.parse("192.0.0.171"));
    private static final List<DnsName> REVERSE =
            ADDRESSES.stream().map(ReverseNames::ipv4).toList();

    /** A day, as in the zone itself. */
    private static final long TTL = 86_400;

    private final Synthesis synthesis;

    Ipv4OnlyArpa(Synthesis synthesis) {
        this.synthesis = synthesis;
    }

    /** What is known by itself; none if the question is about something else. */
    Optional<DnsMessage> answer(DnsMessage query) {
        DnsName name = query.question().name();
        if (name.equals(NAME)) {
            return Optional.of(query.answered(DnsResponseCode.NOERROR, addresses(query.question())));
        }
        if (name.isBelow(NAME)) {
            return Optional.of(query.answered(DnsResponseCode.NXDOMAIN, List.of()));
        }
        if (REVERSE.contains(name)) {
            return Optional.of(query.answered(DnsResponseCode.NOERROR, names(query.question())));
        }
        return Optional.empty();
    }

    private List<DnsRecord> addresses(DnsQuestion question) {
        if (question.type() == DnsRecordType.A.intValue()) {
            return ADDRESSES.stream()
                    .map(a -> DnsRecord.of(question.name(), DnsRecordType.A, TTL, a))
                    .toList();
        }
        if (question.type() == DnsRecordType.AAAA.intValue()) {
            return ADDRESSES.stream()
                    .map(a -> synthesis.address(question.name(), TTL, a))
                    .toList();
        }
        return List.of();
    }

    private static List<DnsRecord> names(DnsQuestion question) {
        return question.type() == DnsRecordType.PTR.intValue()
                ? List.of(DnsRecord.of(question.name(), DnsRecordType.PTR, TTL, NAME))
                : List.of();
    }
}
