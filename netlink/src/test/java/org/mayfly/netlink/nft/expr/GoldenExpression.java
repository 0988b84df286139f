package org.mayfly.netlink.nft.expr;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.mayfly.netlink.Bytes;

/**
 * What {@code nft} 1.0.6 sends for an expression, and what Linux 6.18 gives back, little-endian: what stands inside of
 * {@code NFTA_EXPR_DATA}. For each rule of {@link RuleExamples}, here in a comment:
 *
 * <pre>
 *  unshare -n sh -c 'nft -f PREAMBLE
 *      strace -e trace=sendmsg -s 1 -e write=all nft add rule inet t anywhere RULE
 *      strace -e trace=recvmsg -s 1 -e read=all nft list ruleset'
 * </pre>
 *
 * <p>What is sent is given here less the {@code NFTA_…_SET_ID} of a set that is there already, and with the zero that
 * {@code nft} leaves out behind the names in an {@code objref}. What comes back is given where it differs in more than the
 * {@code NLA_F_NESTED} bits, which the kernel does not set.
 *
 * @param data as it is sent
 * @param dump as it comes back
 */
record GoldenExpression(Expression expression, Bytes data, Bytes dump) {
    static Stream<GoldenExpression> all() {
        return Stream.of(registers(), statements()).flatMap(List::stream);
    }

    @Override
    public String toString() {
        return expression.toString();
    }

    private static List<GoldenExpression> registers() {
        return List.of(
                // meta mark 0x00000005 accept
                golden(new Meta(Meta.MARK, 1), "0800020000000003 0800010000000001"),
                golden(
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("05000000")),
                        "0800010000000001 0800020000000000 0c0003800800010005000000"),
                golden(new Immediate(Verdict.ACCEPT), "0800010000000000 100002800c0002800800010000000001"),
                // meta mark set 0x00000007
                golden(new ImmediateValue(1, Bytes.ofHex("07000000")), "0800010000000001 0c0002800800010007000000"),
                golden(new MetaSet(Meta.MARK, 1), "0800020000000003 0800030000000001"),
                // tcp dport 443
                golden(
                        new Payload(Payload.TRANSPORT_HEADER, 2, 2, 1),
                        "0800010000000001 0800020000000002 0800030000000002 0800040000000002"),
                // tcp dport set 80
                golden(
                        new PayloadWrite(2, 2, 2, 1, PayloadWrite.CSUM_INET, 16, 0),
                        "0800050000000001 0800020000000002 0800030000000002 0800040000000002 0800060000000001 0800070000000010",
                        "0800050000000001 0800020000000002 0800030000000002 0800040000000002 0800060000000001 0800070000000010 0800080000000000"),
                // ip daddr set 10.0.0.1
                golden(
                        new PayloadWrite(1, 16, 4, 1, 1, 10, PayloadWrite.L4CSUM_PSEUDOHDR),
                        "0800050000000001 0800020000000001 0800030000000010 0800040000000004 0800060000000001 080007000000000a 0800080000000001"),
                // ip6 hoplimit set 3
                golden(
                        new PayloadWrite(1, 7, 1, 1, PayloadWrite.CSUM_NONE, 0, 0),
                        "0800050000000001 0800020000000001 0800030000000007 0800040000000001",
                        "0800050000000001 0800020000000001 0800030000000007 0800040000000001 0800060000000000 0800070000000000 0800080000000000"),
                // tcp dport <= 1024
                golden(
                        new Cmp(1, Cmp.LTE, Bytes.ofHex("0400")),
                        "0800010000000001 0800020000000003 0c0003800600010004000000"),
                // tcp dport != 80-90
                golden(
                        new Range(1, Range.NEQ, Bytes.ofHex("0050"), Bytes.ofHex("005a")),
                        "0800010000000001 0800020000000001 0c0003800600010000500000 0c00048006000100005a0000"),
                // meta mark > 0x00000005
                golden(
                        Byteorder.hton(1, 4),
                        "0800010000000001 0800020000000001 0800030000000001 0800040000000004 0800050000000004"),
                // tcp option maxseg size 1200
                golden(
                        new Exthdr(Exthdr.TCPOPT, 2, 2, 2, false, 1),
                        "0800010000000001 0500020002000000 0800030000000002 0800040000000002 0800060000000001 0800050000000000",
                        "0800010000000001 0500020002000000 0800030000000002 0800040000000002 0800050000000000 0800060000000001"),
                // exthdr frag exists
                golden(
                        new Exthdr(Exthdr.IPV6, 44, 0, 1, true, 1),
                        "0800010000000001 050002002c000000 0800030000000000 0800040000000001 0800060000000000 0800050000000001",
                        "0800010000000001 050002002c000000 0800030000000000 0800040000000001 0800050000000001 0800060000000000"),
                // tcp option maxseg size set 1200
                golden(
                        new ExthdrSet(Exthdr.TCPOPT, 2, 2, 2, 1),
                        "0800070000000001 0500020002000000 0800030000000002 0800040000000002 0800060000000001",
                        "0800070000000001 0500020002000000 0800030000000002 0800040000000002 0800050000000000 0800060000000001"),
                // reset tcp option sack-perm
                golden(
                        new ExthdrReset(Exthdr.TCPOPT, 4),
                        "0500020004000000 0800060000000001",
                        "0500020004000000 0800030000000000 0800040000000000 0800050000000000 0800060000000001"),
                // ip dscp set af11
                golden(
                        new Bitwise(1, 1, Bytes.ofHex("ff03"), Bytes.ofHex("0028")),
                        "0800010000000001 0800020000000001 0800060000000000 0800030000000002 0c00048006000100ff030000 0c0005800600010000280000",
                        "0800010000000001 0800020000000001 0800030000000002 0800060000000000 0c00040006000100ff030000 0c0005000600010000280000"),
                // meta mark set meta mark << 2
                golden(
                        new BitwiseShift(1, 1, BitwiseShift.LSHIFT, 4, 2),
                        "0800010000000001 0800020000000001 0800060000000001 0800030000000004 0c0007800800010002000000",
                        "0800010000000001 0800020000000001 0800030000000004 0800060000000001 0c0007000800010002000000"),
                // ip saddr @addrs
                golden(
                        new Lookup("addrs", 1, false),
                        "0800020000000001 0a0001006164647273000000",
                        "0a0001006164647273000000 0800020000000001 0800050000000000"),
                // ip saddr != @addrs
                golden(
                        new Lookup("addrs", 1, true),
                        "0800020000000001 0a0001006164647273000000 0800050000000001",
                        "0a0001006164647273000000 0800020000000001 0800050000000001"),
                // meta mark set ip saddr map @marks
                golden(
                        new LookupMap("marks", 1, 1),
                        "0800020000000001 0800030000000001 0a0001006d61726b73000000",
                        "0a0001006d61726b73000000 0800020000000001 0800030000000001 0800050000000000"),
                // tcp dport vmap @verdicts
                golden(
                        new LookupMap("verdicts", 1, Register.VERDICT),
                        "0800020000000001 0800030000000000 0d000100766572646963747300000000",
                        "0d000100766572646963747300000000 0800020000000001 0800030000000000 0800050000000000"),
                // counter name "cn"
                golden(
                        new Objref(Objref.COUNTER, "cn"),
                        "0800010000000001 07000200636e0000",
                        "07000200636e0000 0800010000000001"),
                // counter name tcp dport map @counters
                golden(new ObjrefMap("counters", 1), "0800030000000001 0d000400636f756e7465727300000000"),
                // delete @addrs { ip saddr }
                golden(
                        new Dynset("addrs", Dynset.DELETE, 1),
                        "0800040000000001 0800030000000002 0a0001006164647273000000",
                        "0800040000000001 0800030000000002 0a0001006164647273000000 0c0006000000000000000000 0800090000000000"),
                // update @addrs { ip saddr timeout 10s }
                golden(
                        dynset("addrs", Dynset.UPDATE, Register.NONE, 10),
                        "0800040000000001 0800030000000001 0c0006000000000000002710 0a0001006164647273000000",
                        "0800040000000001 0800030000000001 0a0001006164647273000000 0c0006000000000000002710 0800090000000000"),
                // add @ports { ip saddr : tcp dport }
                golden(
                        dynset("ports", Dynset.ADD, 2, 0),
                        "0800040000000001 0800050000000002 0800030000000000 0a000100706f727473000000",
                        "0800040000000001 0800050000000002 0800030000000000 0a000100706f727473000000 0c0006000000000000000000 0800090000000000"),
                // add @addrs { ip saddr limit rate 5/second }
                golden(
                        dynset("addrs", Dynset.ADD, Register.NONE, 0, Limit.packets(5, 1, 5)),
                        "0800040000000001 0800030000000000 0a0001006164647273000000 440007800a0001006c696d6974000000340002800c00010000000000000000050c0002000000000000000001080003000000000508000400000000000800050000000000",
                        "0800040000000001 0800030000000000 0a0001006164647273000000 0c0006000000000000000000 440007000a0001006c696d6974000000340002000c00010000000000000000050c0002000000000000000001080003000000000508000400000000000800050000000000 0800090000000000"),
                // update @counted { ip saddr counter limit rate over 10/minute burst 3 packets }
                golden(
                        dynset(
                                "counted",
                                Dynset.UPDATE,
                                Register.NONE,
                                0,
                                Counter.ZERO,
                                Limit.packets(10, 60, 3).exceeded()),
                        "0800040000000001 0800030000000001 0c000100636f756e74656400 5c000a80140001800c000100636f756e7465720004000280440001800a0001006c696d6974000000340002800c000100000000000000000a0c000200000000000000003c080003000000000308000400000000000800050000000001 0800090000000002",
                        "0800040000000001 0800030000000001 0c000100636f756e74656400 0c0006000000000000000000 74000a002c0001000c000100636f756e746572001c0002000c00010000000000000000000c0002000000000000000000440001000a0001006c696d6974000000340002000c000100000000000000000a0c000200000000000000003c080003000000000308000400000000000800050000000001 0800090000000000"));
    }

    private static List<GoldenExpression> statements() {
        return List.of(
                // ct state new
                golden(new Ct(Ct.STATE, 1), "0800020000000000 0800010000000001", "0800010000000001 0800020000000000"),
                // ct original ip saddr 10.0.0.1
                golden(
                        new Ct(Ct.SRC_IP, Ct.ORIGINAL, 1),
                        "0800020000000013 0800010000000001 0500030000000000",
                        "0800010000000001 0800020000000013 0500030000000000"),
                // ct mark set meta mark
                golden(new CtSet(Ct.MARK, 1), "0800020000000003 0800040000000001", "0800040000000001 0800020000000003"),
                // ct original zone set 1
                golden(
                        new CtSet(Ct.ZONE, Ct.ORIGINAL, 1),
                        "0800020000000011 0500030000000000 0800040000000001",
                        "0800040000000001 0800020000000011 0500030000000000"),
                // counter packets 3 bytes 180
                golden(new Counter(3, 180), "0c00010000000000000000b4 0c0002000000000000000003"),
                // limit rate over 10/minute burst 3 packets
                golden(
                        Limit.packets(10, 60, 3).exceeded(),
                        "0c000100000000000000000a 0c000200000000000000003c 0800030000000003 0800040000000000 0800050000000001"),
                // limit rate 10 mbytes/second
                golden(
                        Limit.bytes(10 << 20, 1, 0),
                        "0c0001000000000000a00000 0c0002000000000000000001 0800040000000001 0800050000000000",
                        "0c0001000000000000a00000 0c0002000000000000000001 0800030000000000 0800040000000001 0800050000000000"),
                // log
                golden(new Log("", Log.WARNING, 0), "", "0800050000000004"),
                // log prefix "odd " level info
                golden(new Log("odd ", Log.INFO, 0), "090002006f64642000000000 0800050000000006"),
                // log level debug flags all
                golden(new Log("", Log.DEBUG, 0x2f), "0800050000000007 080006000000002f"),
                // log group 2
                golden(new LogGroup("", 2, LogGroup.WHOLE, 0), "0600010000020000"),
                // log prefix "z" group 2 snaplen 100 queue-threshold 3
                golden(
                        new LogGroup("z", 2, 100, 3),
                        "060002007a000000 0600010000020000 0800030000000064 0600040000030000"),
                // reject with icmpx admin-prohibited
                golden(new Reject(Reject.ICMPX_UNREACH, Reject.ADMIN_PROHIBITED), "0800010000000002 0500020003000000"),
                // meta l4proto tcp reject with tcp reset
                golden(new Reject(Reject.TCP_RST, 0), "0800010000000001 0500020000000000", "0800010000000001"),
                // socket mark 0x00000005
                golden(
                        new Socket(Socket.MARK, 1),
                        "0800010000000001 0800020000000001 0800030000000000",
                        "0800010000000001 0800020000000001"),
                // drop
                golden(new Immediate(Verdict.DROP), "0800010000000000 100002800c0002800800010000000000"),
                // continue
                golden(new Immediate(Verdict.CONTINUE), "0800010000000000 100002800c00028008000100ffffffff"),
                // return
                golden(new Immediate(Verdict.RETURN), "0800010000000000 100002800c00028008000100fffffffb"),
                // jump other
                golden(
                        new Immediate(Verdict.jump("other")),
                        "0800010000000000 1c0002801800028008000100fffffffd0a0002006f74686572000000"),
                // goto other
                golden(
                        new Immediate(Verdict.goTo("other")),
                        "0800010000000000 1c0002801800028008000100fffffffc0a0002006f74686572000000"),
                // meta l4proto tcp tproxy to :8080
                golden(new Tproxy(0, Register.NONE, 1), "0800010000000000 0800030000000001"),
                // meta l4proto tcp tproxy ip6 to [::1]:8080
                golden(new Tproxy(10, 1, 2), "080001000000000a 0800020000000001 0800030000000002"),
                // meta l4proto tcp redirect to :8080
                golden(
                        Redir.toPort(1),
                        "0800010000000001 0800030000000002",
                        "0800010000000001 0800020000000001 0800030000000002"),
                // meta l4proto tcp redirect to :8080-8090 random
                golden(
                        new Redir(1, 2, Redir.PROTO_SPECIFIED | Redir.PROTO_RANDOM),
                        "0800010000000001 0800020000000002 0800030000000006"),
                // redirect
                golden(new Redir(Register.NONE, Register.NONE, 0), ""),
                // notrack
                golden(new Notrack(), ""),
                // queue num 3 bypass
                golden(new Queue(3, 1, Queue.BYPASS), "0600010000030000 0600020000010000 0600030000010000"),
                // queue num 1-3
                golden(new Queue(1, 3, 0), "0600010000010000 0600020000030000"));
    }

    private static GoldenExpression golden(Expression e, String data) {
        return golden(e, data, data);
    }

    private static GoldenExpression golden(Expression e, String data, String dump) {
        return new GoldenExpression(e, Bytes.ofHex(data), Bytes.ofHex(dump));
    }

    private static Dynset dynset(String set, int op, int data, int seconds, Expression... expressions) {
        return new Dynset(set, op, 1, data, Duration.ofSeconds(seconds), List.of(expressions), false);
    }
}
