package org.mayfly.agent.translate;

import io.netty.handler.codec.dns.DnsRecordType;
import java.nio.ByteBuffer;
import org.mayfly.knock.Ip6Address;

/** A resource record (RFC 1035, 4.1.3), whose data hold no compressed names. */
final class DnsRecord {
    static final int INTERNET = 1;

    /** What is signed, in the data of an RRSIG (RFC 4034, 3.1). */
    private static final int COVERED_OFFSET = 0;

    private static final int A_BYTES = 4;
    private static final int AAAA_BYTES = 16;

    private final DnsName name;
    private final int type;
    private final int dnsClass;
    private final long ttl;
    private final byte[] data;

    /**
     * @param dnsClass of an OPT, the size of UDP messages that its sender takes (RFC 6891, 6.1.2)
     * @param ttl in seconds; of an OPT, more flags
     * @param data not copied
     */
    DnsRecord(DnsName name, int type, int dnsClass, long ttl, byte[] data) {
        this.name = name;
        this.type = type;
        this.dnsClass = dnsClass;
        this.ttl = ttl;
        this.data = data;
    }

    static DnsRecord of(DnsName name, DnsRecordType type, long ttl, Ip6Address address) {
        byte[] data = type.equals(DnsRecordType.A) ? address.toIpv4Bytes() : address.toBytes();
        return new DnsRecord(name, type.intValue(), INTERNET, ttl, data);
    }

    /** One whose data are a name. */
    static DnsRecord of(DnsName name, DnsRecordType type, long ttl, DnsName to) {
        DnsWriter data = new DnsWriter();
        to.write(data);
        return new DnsRecord(name, type.intValue(), INTERNET, ttl, data.toBytes());
    }

    DnsName name() {
        return name;
    }

    int type() {
        return type;
    }

    int dnsClass() {
        return dnsClass;
    }

    long ttl() {
        return ttl;
    }

    boolean is(DnsRecordType other) {
        return type == other.intValue();
    }

    boolean isAddress() {
        return dnsClass == INTERNET
                && (is(DnsRecordType.A) && data.length == A_BYTES
                        || is(DnsRecordType.AAAA) && data.length == AAAA_BYTES);
    }

    /** Of an A, in its mapped form; of an AAAA. */
    Ip6Address address() {
        return Ip6Address.of(data);
    }

    /** Whether it signs records of that type. */
    boolean signs(DnsRecordType covered) {
        return is(DnsRecordType.RRSIG)
                && data.length >= Short.BYTES
                && ByteBuffer.wrap(data).getShort(COVERED_OFFSET) == (short) covered.intValue();
    }

    void write(DnsWriter to) {
        to.name(name);
        to.u16(type);
        to.u16(dnsClass);
        to.u16((int) (ttl >>> 16));
        to.u16((int) ttl);
        to.u16(data.length);
        to.bytes(data, 0, data.length);
    }
}
