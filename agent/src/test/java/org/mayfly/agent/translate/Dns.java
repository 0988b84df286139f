package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** Messages for tests. */
final class Dns {
    static final Ip6Address SOURCE = Ip6Address.parse("2001:db8:1::c");
    static final InetSocketAddress NOWHERE = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** A prefix of the network's own, in which all may stand that leads anywhere but private addresses. */
    static final String PREFIX = "2001:db8:64::/96";

    private static final int OPT_SIZE = 4096;
    private static final long DO = 0x8000;

    private Dns() {}

    static Dns64Settings settings(String prefix, boolean inside) {
        return new Dns64Settings(
                new Rfc6052(Ip6Prefix.parse(prefix)),
                inside,
                List.of(),
                List.of(NOWHERE),
                Dns64Settings.EXCLUDED,
                List.of(Ip6Prefix.parse("2001:db8:1::/64"), new Ip6Prefix(Ip6Address.parse("192.0.2.0"), 96 + 24)),
                8);
    }

    static DnsQuestion question(String name, DnsRecordType type) {
        return new DnsQuestion(DnsName.of(name), type.intValue(), DnsRecord.INTERNET);
    }

    static DnsMessage query(String name, DnsRecordType type) {
        return new DnsMessage(0x1234, DnsHeader.RD, question(name, type), List.of(), List.of(), List.of());
    }

    /** The same with more flags, and an OPT. */
    static DnsMessage edns(DnsMessage query, int flags, boolean signatures) {
        return new DnsMessage(
                query.id(),
                query.flags() | flags,
                query.question(),
                query.answer(),
                query.authority(),
                List.of(opt(signatures)));
    }

    static DnsRecord opt(boolean signatures) {
        return new DnsRecord(
                new DnsName(new byte[1]), DnsRecordType.OPT.intValue(), OPT_SIZE, signatures ? DO : 0, new byte[0]);
    }

    static DnsMessage response(DnsQuestion to, DnsResponseCode code, List<DnsRecord> answer, DnsRecord... authority) {
        return new DnsMessage(
                1,
                DnsHeader.QR | DnsHeader.RD | DnsHeader.RA | DnsHeader.AD | code.intValue(),
                to,
                answer,
                List.of(authority),
                List.of());
    }

    static DnsRecord address(String name, long ttl, String address) {
        Ip6Address a = Ip6Address.parse(address);
        return DnsRecord.of(DnsName.of(name), a.isIpv4() ? DnsRecordType.A : DnsRecordType.AAAA, ttl, a);
    }

    /** An AAAA record whose address is in the mapped form. */
    static DnsRecord mapped(String name, String ipv4) {
        byte[] data = Ip6Address.parse(ipv4).toBytes();
        return new DnsRecord(DnsName.of(name), DnsRecordType.AAAA.intValue(), DnsRecord.INTERNET, 100, data);
    }

    static DnsRecord alias(String name, DnsRecordType type, String to) {
        return DnsRecord.of(DnsName.of(name), type, 77, DnsName.of(to));
    }

    static DnsRecord soa(String name, long ttl) {
        DnsWriter data = new DnsWriter();
        DnsName.of("ns." + name).write(data);
        DnsName.of("root." + name).write(data);
        data.bytes(new byte[20], 0, 20);
        return new DnsRecord(DnsName.of(name), DnsRecordType.SOA.intValue(), DnsRecord.INTERNET, ttl, data.toBytes());
    }

    static DnsRecord signature(String name, DnsRecordType covered) {
        DnsWriter data = new DnsWriter();
        data.u16(covered.intValue());
        data.bytes(new byte[16], 0, 16);
        DnsName.of("example").write(data);
        data.bytes(ByteBuffer.allocate(64).putLong(0, 42).array(), 0, 64);
        return new DnsRecord(DnsName.of(name), DnsRecordType.RRSIG.intValue(), DnsRecord.INTERNET, 77, data.toBytes());
    }

    /** A record in a line, without its life: the type by its number, and an address as such. */
    static String text(DnsRecord r) {
        return r.name() + " " + DnsRecordType.valueOf(r.type()).name() + (r.isAddress() ? " " + r.address() : "");
    }

    static List<String> texts(List<DnsRecord> records) {
        return records.stream().map(Dns::text).toList();
    }
}
