package org.mayfly.agent.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.Chain;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.expr.Bitwise;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Ct;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.ImmediateValue;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Notrack;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.Register;
import org.mayfly.netlink.nft.expr.Reject;
import org.mayfly.netlink.nft.expr.Tproxy;
import org.mayfly.netlink.nft.expr.Value;
import org.mayfly.netlink.nft.expr.Verdict;

/**
 * One rule of the guard, put together word by word. What is loaded for a look-up goes into one register after another,
 * as the fields of the key stand in the set.
 */
final class GuardRules {
    private static final int NFPROTO_IPV4 = 2;
    private static final int NFPROTO_IPV6 = 10;
    static final int IPPROTO_ICMP = 1;
    static final int IPPROTO_TCP = 6;
    private static final int IPPROTO_UDP = 17;
    static final int IPPROTO_ICMPV6 = 58;

    /** {@code LOOPBACK_IFINDEX} of {@code net/flow.h}: the same in every namespace. */
    private static final int LOOPBACK_IFINDEX = 1;

    /** Offsets in {@code struct iphdr} and {@code struct ipv6hdr}; a port's in any transport header we gate. */
    private static final int IPV4_SOURCE = 12;

    private static final int IPV4_DESTINATION = 16;

    private static final int IPV6_SOURCE = 8;
    private static final int IPV6_DESTINATION = 24;
    private static final int DESTINATION_PORT = 2;

    /** {@code linux/icmpv6.h} */
    private static final int ICMPV6_ADM_PROHIBITED = 1;

    private static final Ip6Address NET64_MASK = new Ip6Address(-1, 0);

    private final List<Expression> steps = new ArrayList<>();
    private int word;

    private GuardRules() {}

    static GuardRules rule() {
        return new GuardRules();
    }

    static GuardRules ipv6() {
        return new GuardRules().nfproto(NFPROTO_IPV6);
    }

    static GuardRules ipv4() {
        return new GuardRules().nfproto(NFPROTO_IPV4);
    }

    GuardRules fromLoopback() {
        steps.add(new Meta(Meta.IIF, Register.REG_1));
        steps.add(new Cmp(Register.REG_1, Cmp.EQ, host(LOOPBACK_IFINDEX)));
        return this;
    }

    /** By its name, which the next interface may have that is made. */
    GuardRules from(String interfaceName) {
        steps.add(new Meta(Meta.IIFNAME, Register.REG_1));
        steps.add(new Cmp(Register.REG_1, Cmp.EQ, Value.name(interfaceName)));
        return this;
    }

    GuardRules protocol(int protocol) {
        steps.add(new Meta(Meta.L4PROTO, Register.REG_1));
        steps.add(new Cmp(Register.REG_1, Cmp.EQ, octet(protocol)));
        return this;
    }

    GuardRules established() {
        return state(Ct.ESTABLISHED);
    }

    /** An ICMP error that belongs to a connection. What else is related, a helper expects, and needs a permit. */
    GuardRules relatedIcmp(int protocol) {
        return protocol(protocol).state(Ct.RELATED);
    }

    private GuardRules state(int bits) {
        steps.add(new Ct(Ct.STATE, Register.REG_1));
        steps.add(Bitwise.and(Register.REG_1, host(bits)));
        steps.add(new Cmp(Register.REG_1, Cmp.NEQ, host(0)));
        return this;
    }

    GuardRules icmpv6Type(int type) {
        protocol(IPPROTO_ICMPV6);
        steps.add(new Payload(Payload.TRANSPORT_HEADER, 0, 1, Register.REG_1));
        steps.add(new Cmp(Register.REG_1, Cmp.EQ, octet(type)));
        return this;
    }

    /** The destination lies in that prefix, or does not. */
    GuardRules destination(Ip6Prefix prefix, boolean inside) {
        Bytes mask = Bytes.of(new Ip6Address(-1, -1).masked(prefix.length()).toBytes());
        steps.add(new Payload(Payload.NETWORK_HEADER, IPV6_DESTINATION, 16, Register.REG_1));
        steps.add(Bitwise.and(Register.REG_1, mask));
        Bytes address = Bytes.of(prefix.address().toBytes());
        steps.add(new Cmp(Register.REG_1, inside ? Cmp.EQ : Cmp.NEQ, address));
        return this;
    }

    /** To one of the addresses and ports where knocks are heard. */
    static GuardRules knock(KnockPort p) {
        GuardRules rule = p.address().isIpv4() ? ipv4() : ipv6();
        if (!p.isAnyAddress()) {
            byte[] address = p.octets();
            int offset = p.address().isIpv4() ? IPV4_DESTINATION : IPV6_DESTINATION;
            rule.load(new Payload(Payload.NETWORK_HEADER, offset, address.length, Register.REG_1));
            rule.load(new Cmp(Register.REG_1, Cmp.EQ, Bytes.of(address)));
        }
        rule.protocol(IPPROTO_UDP);
        rule.load(new Payload(Payload.TRANSPORT_HEADER, DESTINATION_PORT, 2, Register.REG_1));
        return rule.load(new Cmp(Register.REG_1, Cmp.EQ, Value.be16(p.port())));
    }

    GuardRules source4() {
        return load(new Payload(Payload.NETWORK_HEADER, IPV4_SOURCE, 4, next(1)));
    }

    GuardRules source() {
        return load(new Payload(Payload.NETWORK_HEADER, IPV6_SOURCE, 16, next(4)));
    }

    GuardRules source64() {
        int register = next(4);
        load(new Payload(Payload.NETWORK_HEADER, IPV6_SOURCE, 16, register));
        return load(Bitwise.and(register, Bytes.of(NET64_MASK.toBytes())));
    }

    GuardRules destination() {
        return load(new Payload(Payload.NETWORK_HEADER, IPV6_DESTINATION, 16, next(4)));
    }

    GuardRules protocolAndPort() {
        load(new Meta(Meta.L4PROTO, next(1)));
        return load(new Payload(Payload.TRANSPORT_HEADER, DESTINATION_PORT, 2, next(1)));
    }

    /** What was loaded is in that set. */
    GuardRules in(String set) {
        return load(new Lookup(set, Register.REG_1, false));
    }

    Rule accept(Chain chain, String comment) {
        return end(chain, comment, new Immediate(Verdict.ACCEPT));
    }

    /** In a chain before connection tracking. */
    Rule untracked(Chain chain, String comment) {
        return end(chain, comment, new Notrack());
    }

    Rule drop(Chain chain, String comment) {
        return end(chain, comment, new Immediate(Verdict.DROP));
    }

    /** Drops it, and says so: that is forbidden here. */
    Rule reject(Chain chain, String comment) {
        return end(chain, comment, new Reject(Reject.ICMP_UNREACH, ICMPV6_ADM_PROHIBITED));
    }

    /** Hands it to a transparent socket, in a chain at prerouting. Where none listens the rules after this are asked. */
    Rule toSocket(Chain chain, Ip6Address address, int port, String comment) {
        int addressIn = next(4);
        int portIn = next(1);
        steps.add(new ImmediateValue(addressIn, Bytes.of(address.toBytes())));
        steps.add(new ImmediateValue(portIn, Value.be16(port)));
        steps.add(new Tproxy(NFPROTO_IPV6, addressIn, portIn));
        return accept(chain, comment);
    }

    private Rule end(Chain chain, String comment, Expression last) {
        steps.add(Counter.ZERO);
        steps.add(last);
        return Rule.of(chain, comment, steps);
    }

    private GuardRules nfproto(int family) {
        steps.add(new Meta(Meta.NFPROTO, Register.REG_1));
        steps.add(new Cmp(Register.REG_1, Cmp.EQ, octet(family)));
        return this;
    }

    private GuardRules load(Expression e) {
        steps.add(e);
        return this;
    }

    /** The next free register, of which that many words are taken. */
    private int next(int words) {
        int register = Register.atWord(word);
        word += words;
        return register;
    }

    private static Bytes octet(int value) {
        return Bytes.of(new byte[] {(byte) value});
    }

    private static Bytes host(int value) {
        return Bytes.of(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
    }
}
