package org.mayfly.netlink.nft.expr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.RuleExamples.Example;
import org.mayfly.netlink.nft.expr.RuleExamples.Where;

/** What the rules of {@link RuleExamples} are put together from; the same registers as {@code nft} 1.0.6 takes. */
final class RuleParts {
    static final int IPPROTO_TCP = 6;
    static final int IPPROTO_UDP = 17;
    static final int NFPROTO_UNSPEC = 0;
    static final int NFPROTO_IPV4 = 2;
    static final int NFPROTO_IPV6 = 10;
    static final Payload SADDR = new Payload(Payload.NETWORK_HEADER, 12, 4, 1);
    static final Payload DPORT = new Payload(Payload.TRANSPORT_HEADER, 2, 2, 1);
    static final Immediate ACCEPT = new Immediate(Verdict.ACCEPT);

    private RuleParts() {}

    static Example rule(String text, Expression... expressions) {
        return at(Where.ANYWHERE, text, expressions);
    }

    static Example rule(String text, List<Expression> expressions) {
        return new Example(Where.ANYWHERE, text, expressions);
    }

    static Example at(Where where, String text, Expression... expressions) {
        return new Example(where, text, List.of(expressions));
    }

    static Example at(Where where, String text, List<Expression> expressions) {
        return new Example(where, text, expressions);
    }

    static List<Expression> tcp(Expression... rest) {
        return l4(IPPROTO_TCP, rest);
    }

    static List<Expression> l4(int protocol, Expression... rest) {
        return then(List.of(load(Meta.L4PROTO), eq(Value.u8(protocol))), rest);
    }

    static List<Expression> ip(Expression... rest) {
        return then(List.of(load(Meta.NFPROTO), eq(Value.u8(NFPROTO_IPV4))), rest);
    }

    static List<Expression> ip6(Expression... rest) {
        return then(List.of(load(Meta.NFPROTO), eq(Value.u8(NFPROTO_IPV6))), rest);
    }

    /** IPv4 and TCP. */
    static List<Expression> both(Expression... rest) {
        return ip(tcp(rest).toArray(Expression[]::new));
    }

    static List<Expression> then(List<Expression> first, Expression... rest) {
        List<Expression> all = new ArrayList<>(first);
        all.addAll(Arrays.asList(rest));
        return all;
    }

    static List<Expression> state(int bits) {
        return bits(new Ct(Ct.STATE, 1), bits);
    }

    /** Any of these bits. */
    static List<Expression> bits(Expression load, int bits) {
        return List.of(load, Bitwise.and(1, Value.host32(bits)), neq(Value.host32(0)));
    }

    static Meta load(int key) {
        return new Meta(key, 1);
    }

    static Cmp eq(Bytes value) {
        return new Cmp(1, Cmp.EQ, value);
    }

    static Cmp neq(Bytes value) {
        return new Cmp(1, Cmp.NEQ, value);
    }

    static ImmediateValue value(Bytes value) {
        return new ImmediateValue(1, value);
    }

    static PayloadWrite write(int offset, int length, int checksum, int flags) {
        return new PayloadWrite(2, offset, length, 1, PayloadWrite.CSUM_INET, checksum, flags);
    }

    static Dynset dynset(String set, int op, int data, Duration timeout, Expression... expressions) {
        return new Dynset(set, op, 1, data, timeout, List.of(expressions), false);
    }

    static Bytes ip6Loopback() {
        return Bytes.ofHex("00000000000000000000000000000001");
    }
}
