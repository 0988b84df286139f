package org.mayfly.netlink.nft.expr;

import static org.mayfly.netlink.nft.expr.RuleParts.ACCEPT;
import static org.mayfly.netlink.nft.expr.RuleParts.DPORT;
import static org.mayfly.netlink.nft.expr.RuleParts.NFPROTO_IPV4;
import static org.mayfly.netlink.nft.expr.RuleParts.NFPROTO_IPV6;
import static org.mayfly.netlink.nft.expr.RuleParts.NFPROTO_UNSPEC;
import static org.mayfly.netlink.nft.expr.RuleParts.SADDR;
import static org.mayfly.netlink.nft.expr.RuleParts.at;
import static org.mayfly.netlink.nft.expr.RuleParts.both;
import static org.mayfly.netlink.nft.expr.RuleParts.dynset;
import static org.mayfly.netlink.nft.expr.RuleParts.eq;
import static org.mayfly.netlink.nft.expr.RuleParts.ip;
import static org.mayfly.netlink.nft.expr.RuleParts.ip6Loopback;
import static org.mayfly.netlink.nft.expr.RuleParts.rule;
import static org.mayfly.netlink.nft.expr.RuleParts.tcp;
import static org.mayfly.netlink.nft.expr.RuleParts.value;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.RuleExamples.Example;
import org.mayfly.netlink.nft.expr.RuleExamples.Where;

/** Rules of {@link RuleExamples} that ask and change sets, and do something with the packet. */
final class StatementExamples {
    private StatementExamples() {}

    static List<Example> all() {
        return Stream.of(sets(), statements(), verdicts(), redirections())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Example> sets() {
        return List.of(
                rule("ip saddr @addrs", ip(SADDR, new Lookup("addrs", 1, false))),
                rule("ip saddr != @addrs", ip(SADDR, new Lookup("addrs", 1, true))),
                rule(
                        "ip saddr . tcp dport @pairs",
                        both(SADDR, new Payload(2, 2, 2, Register.atWord(1)), new Lookup("pairs", 1, false))),
                rule(
                        "meta mark set ip saddr map @marks",
                        ip(SADDR, new LookupMap("marks", 1, 1), new MetaSet(Meta.MARK, 1))),
                rule("tcp dport vmap @verdicts", tcp(DPORT, new LookupMap("verdicts", 1, Register.VERDICT))),
                rule("counter name \"cn\"", new Objref(Objref.COUNTER, "cn")),
                rule("counter name tcp dport map @counters", tcp(DPORT, new ObjrefMap("counters", 1))),
                rule("add @addrs { ip saddr }", ip(SADDR, new Dynset("addrs", Dynset.ADD, 1))),
                rule("delete @addrs { ip saddr }", ip(SADDR, new Dynset("addrs", Dynset.DELETE, 1))),
                rule(
                        "update @addrs { ip saddr timeout 10s }",
                        ip(SADDR, dynset("addrs", Dynset.UPDATE, Register.NONE, Duration.ofSeconds(10)))),
                rule(
                        "add @addrs { ip saddr limit rate 5/second }",
                        ip(SADDR, dynset("addrs", Dynset.ADD, Register.NONE, Duration.ZERO, Limit.packets(5, 1, 5)))),
                rule(
                        "update @counted { ip saddr counter limit rate over 10/minute burst 3 packets }",
                        ip(
                                SADDR,
                                dynset(
                                        "counted",
                                        Dynset.UPDATE,
                                        Register.NONE,
                                        Duration.ZERO,
                                        Counter.ZERO,
                                        Limit.packets(10, 60, 3).exceeded()))),
                rule(
                        "add @ports { ip saddr : tcp dport }",
                        both(SADDR, new Payload(2, 2, 2, 2), dynset("ports", Dynset.ADD, 2, Duration.ZERO))));
    }

    private static List<Example> statements() {
        int all = Log.TCPSEQ | Log.TCPOPT | Log.IPOPT | Log.UID | Log.MACDECODE;
        return List.of(
                rule("counter packets 3 bytes 180", new Counter(3, 180)),
                rule("limit rate 5/second", Limit.packets(5, 1, 5)),
                rule(
                        "limit rate over 10/minute burst 3 packets",
                        Limit.packets(10, 60, 3).exceeded()),
                rule("limit rate 10 mbytes/second", Limit.bytes(10 << 20, 1, 0)),
                rule(
                        "limit rate over 1 kbytes/hour burst 200 bytes",
                        Limit.bytes(1024, 3600, 200).exceeded()),
                rule("log", new Log("", Log.WARNING, 0)),
                rule("log prefix \"odd \" level info", new Log("odd ", Log.INFO, 0)),
                rule("log level debug flags all", new Log("", Log.DEBUG, all)),
                rule("log flags tcp sequence,options", new Log("", Log.WARNING, Log.TCPSEQ | Log.TCPOPT)),
                rule("log level audit", new Log("", Log.AUDIT, 0)),
                rule("log group 2", new LogGroup("", 2, LogGroup.WHOLE, 0)),
                rule("log group 2 snaplen 0", new LogGroup("", 2, 0, 0)),
                rule("log prefix \"z\" group 2 snaplen 100 queue-threshold 3", new LogGroup("z", 2, 100, 3)),
                rule("reject", new Reject(Reject.ICMPX_UNREACH, Reject.PORT_UNREACH)),
                rule("reject with icmpx admin-prohibited", new Reject(Reject.ICMPX_UNREACH, Reject.ADMIN_PROHIBITED)),
                rule("reject with icmp host-unreachable", ip(new Reject(Reject.ICMP_UNREACH, 1))),
                rule("meta l4proto tcp reject with tcp reset", tcp(new Reject(Reject.TCP_RST, 0))),
                rule("socket transparent 1", new Socket(Socket.TRANSPARENT, 1), eq(Value.u8(1))),
                rule("socket mark 0x00000005", new Socket(Socket.MARK, 1), eq(Value.host32(5))),
                rule("socket wildcard 0", new Socket(Socket.WILDCARD, 1), eq(Value.u8(0))));
    }

    private static List<Example> verdicts() {
        return List.of(
                rule("accept", ACCEPT),
                rule("drop", new Immediate(Verdict.DROP)),
                rule("continue", new Immediate(Verdict.CONTINUE)),
                rule("return", new Immediate(Verdict.RETURN)),
                rule("jump other", new Immediate(Verdict.jump("other"))),
                rule("goto other", new Immediate(Verdict.goTo("other"))));
    }

    private static List<Example> redirections() {
        ImmediateValue port = value(Value.be16(8080));
        ImmediateValue secondPort = new ImmediateValue(2, Value.be16(8080));
        ImmediateValue last = new ImmediateValue(2, Value.be16(8090));
        ImmediateValue loopback = value(Bytes.ofHex("7f000001"));
        int random = Redir.PROTO_SPECIFIED | Redir.PROTO_RANDOM;
        return List.of(
                at(Where.RAW, "meta l4proto tcp notrack", tcp(new Notrack())),
                at(
                        Where.PREROUTING,
                        "meta l4proto tcp tproxy to :8080",
                        tcp(port, new Tproxy(NFPROTO_UNSPEC, Register.NONE, 1))),
                at(
                        Where.PREROUTING,
                        "meta l4proto tcp tproxy ip to 127.0.0.1:8080",
                        tcp(loopback, secondPort, new Tproxy(NFPROTO_IPV4, 1, 2))),
                at(
                        Where.PREROUTING,
                        "meta l4proto tcp tproxy ip6 to [::1]:8080",
                        tcp(value(ip6Loopback()), secondPort, new Tproxy(NFPROTO_IPV6, 1, 2))),
                at(
                        Where.PREROUTING,
                        "meta l4proto tcp tproxy ip to 127.0.0.1",
                        tcp(loopback, new Tproxy(NFPROTO_IPV4, 1, Register.NONE))),
                at(Where.NAT, "meta l4proto tcp redirect to :8080", tcp(port, Redir.toPort(1))),
                at(
                        Where.NAT,
                        "meta l4proto tcp redirect to :8080-8090 random",
                        tcp(port, last, new Redir(1, 2, random))),
                at(
                        Where.NAT,
                        "meta l4proto tcp redirect random,persistent",
                        tcp(new Redir(Register.NONE, Register.NONE, Redir.PROTO_RANDOM | Redir.PERSISTENT))),
                at(Where.NAT, "redirect", new Redir(Register.NONE, Register.NONE, 0)));
    }
}
