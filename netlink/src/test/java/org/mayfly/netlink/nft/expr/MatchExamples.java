package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.RuleParts.ACCEPT;
import static org.mayfly.netlink.nft.expr.RuleParts.DPORT;
import static org.mayfly.netlink.nft.expr.RuleParts.IPPROTO_UDP;
import static org.mayfly.netlink.nft.expr.RuleParts.NFPROTO_IPV6;
import static org.mayfly.netlink.nft.expr.RuleParts.bits;
import static org.mayfly.netlink.nft.expr.RuleParts.eq;
import static org.mayfly.netlink.nft.expr.RuleParts.ip;
import static org.mayfly.netlink.nft.expr.RuleParts.ip6;
import static org.mayfly.netlink.nft.expr.RuleParts.ip6Loopback;
import static org.mayfly.netlink.nft.expr.RuleParts.l4;
import static org.mayfly.netlink.nft.expr.RuleParts.load;
import static org.mayfly.netlink.nft.expr.RuleParts.neq;
import static org.mayfly.netlink.nft.expr.RuleParts.rule;
import static org.mayfly.netlink.nft.expr.RuleParts.state;
import static org.mayfly.netlink.nft.expr.RuleParts.tcp;
import static org.mayfly.netlink.nft.expr.RuleParts.value;
import static org.mayfly.netlink.nft.expr.RuleParts.write;

import java.util.List;
import java.util.stream.Stream;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.RuleExamples.Example;

/** Rules of {@link RuleExamples} that load and compare. */
final class MatchExamples {
    private MatchExamples() {}

    static List<Example> all() {
        return Stream.of(meta(), payload(), exthdr(), arithmetic(), ct())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Example> meta() {
        return List.of(
                rule("meta mark 0x00000005 accept", load(Meta.MARK), eq(Value.host32(5)), ACCEPT),
                rule("meta length 100", load(Meta.LEN), eq(Value.host32(100))),
                rule("meta protocol ip", load(Meta.PROTOCOL), eq(Value.be16(0x0800))),
                rule("meta nfproto ipv6", load(Meta.NFPROTO), eq(Value.u8(NFPROTO_IPV6))),
                rule("iif \"lo\"", load(Meta.IIF), eq(Value.host32(1))),
                rule("oif != \"lo\"", load(Meta.OIF), neq(Value.host32(1))),
                rule("iifname \"lo\"", load(Meta.IIFNAME), eq(Value.name("lo"))),
                rule("oifname \"lo*\"", load(Meta.OIFNAME), eq(Bytes.ofHex("6c6f"))),
                rule("iifgroup 3", load(Meta.IIFGROUP), eq(Value.host32(3))),
                rule("meta iifkind \"veth\"", load(Meta.IIFKIND), eq(Value.name("veth"))),
                rule("meta skuid 0", load(Meta.SKUID), eq(Value.host32(0))),
                rule("meta pkttype host", load(Meta.PKTTYPE), eq(Value.u8(0))),
                rule("meta cpu 1", load(Meta.CPU), eq(Value.host32(1))),
                rule("meta day \"Monday\"", load(Meta.TIME_DAY), eq(Value.u8(1))),
                rule("meta sdif \"lo\"", load(Meta.SDIF), eq(Value.host32(1))),
                rule("meta mark set 0x00000007", value(Value.host32(7)), new MetaSet(Meta.MARK, 1)),
                rule("meta priority set 1:2", value(Value.host32(0x10002)), new MetaSet(Meta.PRIORITY, 1)),
                rule("meta nftrace set 1", value(Value.u8(1)), new MetaSet(Meta.NFTRACE, 1)));
    }

    private static List<Example> payload() {
        Payload dscp = new Payload(Payload.NETWORK_HEADER, 0, 2, 1);
        return List.of(
                rule("tcp dport 443", tcp(DPORT, eq(Value.be16(443)))),
                rule("ip6 daddr ::1", ip6(new Payload(Payload.NETWORK_HEADER, 24, 16, 1), eq(ip6Loopback()))),
                rule("@ih,0,8 0x5", new Payload(Payload.INNER_HEADER, 0, 1, 1), eq(Value.u8(5))),
                rule(
                        "ether saddr 00:11:22:33:44:55",
                        load(Meta.IIFTYPE),
                        eq(Value.host16(1)),
                        new Payload(Payload.LL_HEADER, 6, 6, 1),
                        eq(Bytes.ofHex("001122334455"))),
                rule("tcp dport set 80", tcp(value(Value.be16(80)), write(2, 2, 16, 0))),
                rule("udp dport set 80", l4(IPPROTO_UDP, value(Value.be16(80)), write(2, 2, 6, 0))),
                rule(
                        "ip daddr set 10.0.0.1",
                        ip(
                                value(Bytes.ofHex("0a000001")),
                                new PayloadWrite(
                                        1, 16, 4, 1, PayloadWrite.CSUM_INET, 10, PayloadWrite.L4CSUM_PSEUDOHDR))),
                rule(
                        "ip6 hoplimit set 3",
                        ip6(value(Value.u8(3)), new PayloadWrite(1, 7, 1, 1, PayloadWrite.CSUM_NONE, 0, 0))),
                rule(
                        "ip dscp set af11",
                        ip(
                                dscp,
                                new Bitwise(1, 1, Value.be16(0xff03), Value.be16(0x0028)),
                                new PayloadWrite(1, 0, 2, 1, PayloadWrite.CSUM_INET, 10, 0))));
    }

    private static List<Example> exthdr() {
        return List.of(
                rule("tcp option maxseg size 1200", new Exthdr(Exthdr.TCPOPT, 2, 2, 2, false, 1), eq(Value.be16(1200))),
                rule("tcp option sack-perm exists", new Exthdr(Exthdr.TCPOPT, 4, 0, 1, true, 1), eq(Value.u8(1))),
                rule("exthdr frag missing", ip6(new Exthdr(Exthdr.IPV6, 44, 0, 1, true, 1), eq(Value.u8(0)))),
                rule(
                        "tcp option maxseg size set 1200",
                        value(Value.be16(1200)),
                        new ExthdrSet(Exthdr.TCPOPT, 2, 2, 2, 1)),
                rule("reset tcp option sack-perm", new ExthdrReset(Exthdr.TCPOPT, 4)));
    }

    private static List<Example> arithmetic() {
        Payload flags = new Payload(Payload.TRANSPORT_HEADER, 13, 1, 1);
        return List.of(
                rule("tcp dport < 1024", tcp(DPORT, new Cmp(1, Cmp.LT, Value.be16(1024)))),
                rule("tcp dport <= 1024", tcp(DPORT, new Cmp(1, Cmp.LTE, Value.be16(1024)))),
                rule("tcp dport > 1024", tcp(DPORT, new Cmp(1, Cmp.GT, Value.be16(1024)))),
                rule(
                        "tcp dport 80-90",
                        tcp(DPORT, new Cmp(1, Cmp.GTE, Value.be16(80)), new Cmp(1, Cmp.LTE, Value.be16(90)))),
                rule("tcp dport != 80-90", tcp(DPORT, new Range(1, Range.NEQ, Value.be16(80), Value.be16(90)))),
                rule(
                        "meta mark > 0x00000005",
                        load(Meta.MARK),
                        Byteorder.hton(1, 4),
                        new Cmp(1, Cmp.GT, Value.be32(5))),
                rule("tcp flags syn / syn,ack", tcp(flags, Bitwise.and(1, Value.u8(0x12)), eq(Value.u8(2)))),
                rule(
                        "meta mark set meta mark | 0x00000001",
                        load(Meta.MARK),
                        new Bitwise(1, 1, Value.host32(~1), Value.host32(1)),
                        new MetaSet(Meta.MARK, 1)),
                rule(
                        "meta mark set meta mark << 2",
                        load(Meta.MARK),
                        new BitwiseShift(1, 1, BitwiseShift.LSHIFT, 4, 2),
                        new MetaSet(Meta.MARK, 1)),
                rule(
                        "meta mark set meta mark >> 3",
                        load(Meta.MARK),
                        new BitwiseShift(1, 1, BitwiseShift.RSHIFT, 4, 3),
                        new MetaSet(Meta.MARK, 1)));
    }

    private static List<Example> ct() {
        return List.of(
                rule("ct state new", state(Ct.NEW)),
                rule("ct state established,related", state(Ct.ESTABLISHED | Ct.RELATED)),
                rule("ct direction reply", new Ct(Ct.DIRECTION, 1), eq(Value.u8(Ct.REPLY))),
                rule("ct status dnat", bits(new Ct(Ct.STATUS, 1), 0x20)),
                rule("ct mark 0x00000009", new Ct(Ct.MARK, 1), eq(Value.host32(9))),
                rule("ct helper \"ftp\"", new Ct(Ct.HELPER, 1), eq(Value.name("ftp"))),
                rule("ct original ip saddr 10.0.0.1", new Ct(Ct.SRC_IP, Ct.ORIGINAL, 1), eq(Bytes.ofHex("0a000001"))),
                rule("ct reply ip6 daddr ::1", new Ct(Ct.DST_IP6, Ct.REPLY, 1), eq(ip6Loopback())),
                rule(
                        "meta l4proto tcp ct reply proto-dst 80",
                        tcp(new Ct(Ct.PROTO_DST, Ct.REPLY, 1), eq(Value.be16(80)))),
                rule(
                        "ct original packets > 10",
                        new Ct(Ct.PKTS, Ct.ORIGINAL, 1),
                        Byteorder.hton(1, 8),
                        new Cmp(1, Cmp.GT, Value.be64(10))),
                rule(
                        "ct expiration > 10s",
                        new Ct(Ct.EXPIRATION, 1),
                        Byteorder.hton(1, 4),
                        new Cmp(1, Cmp.GT, Value.be32(10_000))),
                rule("ct mark set meta mark", load(Meta.MARK), new CtSet(Ct.MARK, 1)),
                rule("ct zone set 1", value(Value.host16(1)), new CtSet(Ct.ZONE, 1)),
                rule("ct original zone set 1", value(Value.host16(1)), new CtSet(Ct.ZONE, Ct.ORIGINAL, 1)),
                rule("ct event set new,destroy", value(Value.host32(5)), new CtSet(Ct.EVENTMASK, 1)));
    }
}
