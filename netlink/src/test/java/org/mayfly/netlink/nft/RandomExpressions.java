package org.mayfly.netlink.nft;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.Bitwise;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Ct;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.Register;
import org.mayfly.netlink.nft.expr.Verdict;

/**
 * What rules can be made of: each load with what {@code nft} writes before it, since it cannot print, and in version 1.0.6
 * does not survive, a TCP port of a packet that may be no TCP or both addresses of IPv4 and IPv6 in one rule.
 */
final class RandomExpressions {
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;

    /** {@code NFT_META_MARK}. */
    private static final int MARK = 3;

    /** TCP and UDP. */
    private static final List<Integer> PROTOCOLS = List.of(6, 17);

    private final Random random;

    /** What the rule that is being made is for: {@link #IPV4} or {@link #IPV6}. */
    private int network;

    RandomExpressions(Random random) {
        this.random = random;
    }

    /**
     * @param sets of the table, which it may ask
     * @param targets chains that it may jump to
     */
    List<Expression> rule(NftFamily family, List<NftSet> sets, List<Chain> targets) {
        List<Expression> rule = new ArrayList<>();
        network = family == NftFamily.IPV4 || family == NftFamily.INET && random.nextBoolean() ? IPV4 : IPV6;
        if (random.nextInt(4) > 0) {
            if (family == NftFamily.INET) {
                require(rule, Meta.NFPROTO, network);
            }
            require(rule, Meta.L4PROTO, any(PROTOCOLS));
            for (int matches = random.nextInt(4); matches > 0; matches--) {
                match(rule, sets);
            }
        }
        if (random.nextBoolean()) {
            rule.add(random.nextBoolean() ? Counter.ZERO : new Counter(some(), some()));
        }
        if (random.nextInt(4) > 0) {
            rule.add(new Immediate(verdict(targets)));
        }
        return rule;
    }

    private void require(List<Expression> rule, int key, int value) {
        rule.add(new Meta(key, Register.REG_1));
        rule.add(new Cmp(Register.REG_1, Cmp.EQ, Bytes.of(new byte[] {(byte) value})));
    }

    private long some() {
        return random.nextLong() >>> 1 + random.nextInt(63);
    }

    private Verdict verdict(List<Chain> targets) {
        int which = random.nextInt(targets.isEmpty() ? 3 : 5);
        return switch (which) {
            case 0 -> Verdict.ACCEPT;
            case 1 -> Verdict.DROP;
            case 2 -> Verdict.RETURN;
            case 3 -> Verdict.jump(any(targets).name());
            default -> new Verdict(Verdict.GOTO, any(targets).name());
        };
    }

    private void match(List<Expression> rule, List<NftSet> sets) {
        switch (random.nextInt(4)) {
            case 0 -> state(rule);
            case 1 -> lookup(rule, sets);
            default -> compare(rule, any(RandomRuleset.TYPES));
        }
    }

    /** {@code ct state established,related}, and what looks like it. */
    private void state(List<Expression> rule) {
        rule.add(new Ct(Ct.STATE, Register.REG_1));
        rule.add(Bitwise.and(Register.REG_1, bytes(4)));
        rule.add(new Cmp(Register.REG_1, Cmp.NEQ, Bytes.of(new byte[4])));
    }

    private void compare(List<Expression> rule, DataType type) {
        Expression load = load(type, Register.REG_1);
        if (load == null) {
            return;
        }
        rule.add(load);
        if (random.nextInt(3) == 0) {
            rule.add(Bitwise.and(Register.REG_1, bytes(type.length())));
        }
        boolean unequal = type == DataType.INET_PROTO || random.nextBoolean(); // another protocol: see above
        rule.add(new Cmp(Register.REG_1, unequal ? Cmp.NEQ : Cmp.EQ, bytes(type.length())));
    }

    /** Null if a rule for this network cannot load it. */
    private @Nullable Expression load(DataType type, int register) {
        boolean source = random.nextBoolean();
        return switch (type) {
            case IPV4_ADDR ->
                network == IPV4 ? new Payload(Payload.NETWORK_HEADER, source ? 12 : 16, 4, register) : null;
            case IPV6_ADDR ->
                network == IPV6 ? new Payload(Payload.NETWORK_HEADER, source ? 8 : 24, 16, register) : null;
            case INET_PROTO -> new Meta(Meta.L4PROTO, register);
            case INET_SERVICE -> new Payload(Payload.TRANSPORT_HEADER, source ? 0 : 2, 2, register);
            case MARK -> new Meta(MARK, register);
            default -> null;
        };
    }

    private void lookup(List<Expression> rule, List<NftSet> sets) {
        if (sets.isEmpty()) {
            return;
        }
        NftSet set = any(sets);
        List<Expression> loads = new ArrayList<>();
        int word = 0;
        for (DataType field : RandomRuleset.fields(set.key())) {
            Expression load = load(field, Register.atWord(word));
            if (load == null) {
                return;
            }
            loads.add(load);
            word += field.length() + 3 >> 2;
        }
        rule.addAll(loads);
        rule.add(new Lookup(set.name(), Register.REG_1, random.nextInt(4) == 0));
    }

    private Bytes bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
