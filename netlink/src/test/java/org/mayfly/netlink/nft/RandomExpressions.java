package org.mayfly.netlink.nft;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.Bitwise;
import org.mayfly.netlink.nft.expr.Byteorder;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Ct;
import org.mayfly.netlink.nft.expr.Dynset;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Limit;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.LookupMap;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.MetaSet;
import org.mayfly.netlink.nft.expr.ObjrefMap;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.Range;
import org.mayfly.netlink.nft.expr.Register;

/**
 * What rules can be made of: each load with what {@code nft} writes before it, since it cannot print, and in version 1.0.6
 * does not survive, a TCP port of a packet that may be no TCP or both addresses of IPv4 and IPv6 in one rule.
 */
final class RandomExpressions {
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;

    /** TCP and UDP. */
    private static final List<Integer> PROTOCOLS = List.of(6, 17);

    private final Chance chance;
    private final RandomStatements statements;

    /** What the rule that is being made is for: {@link #IPV4} or {@link #IPV6}. */
    private int network;

    RandomExpressions(Chance chance) {
        this.chance = chance;
        this.statements = new RandomStatements(chance);
    }

    /**
     * @param contents what else there is in the table
     * @param targets chains that it may jump to
     */
    List<Expression> rule(Contents contents, Chain chain, List<Chain> targets) {
        List<Expression> rule = new ArrayList<>();
        NftFamily family = chain.family();
        network = family == NftFamily.IPV4 || family == NftFamily.INET && chance.once(2) ? IPV4 : IPV6;
        boolean ended = false;
        if (!chance.once(4)) {
            if (family == NftFamily.INET) {
                require(rule, Meta.NFPROTO, network);
            }
            require(rule, Meta.L4PROTO, chance.any(PROTOCOLS));
            for (int matches = chance.upTo(3); matches > 0; matches--) {
                match(rule, contents);
            }
            ended = !contents.sets().isEmpty()
                    && chance.once(3)
                    && ask(rule, chance.any(List.copyOf(contents.sets().keySet())));
        }
        if (!ended) {
            statements.add(rule, contents, chain, targets);
        }
        return rule;
    }

    private void require(List<Expression> rule, int key, int value) {
        rule.add(new Meta(key, Register.REG_1));
        rule.add(new Cmp(Register.REG_1, Cmp.EQ, Bytes.of(new byte[] {(byte) value})));
    }

    private void match(List<Expression> rule, Contents contents) {
        switch (chance.upTo(3)) {
            case 0 -> state(rule);
            case 1 ->
                contents.sets().keySet().stream()
                        .filter(s -> !RandomSets.has(s, NftSet.MAP | NftSet.OBJECT))
                        .findFirst()
                        .ifPresent(s -> lookup(rule, s));
            default -> compare(rule, chance.any(RandomSets.TYPES));
        }
    }

    /** {@code ct state established,related}, and what looks like it. */
    private void state(List<Expression> rule) {
        rule.add(new Ct(Ct.STATE, Register.REG_1));
        rule.add(Bitwise.and(Register.REG_1, chance.bytes(4)));
        rule.add(new Cmp(Register.REG_1, Cmp.NEQ, Bytes.of(new byte[4])));
    }

    private void compare(List<Expression> rule, DataType type) {
        Expression load = load(type, Register.REG_1);
        if (load == null) {
            return;
        }
        rule.add(load);
        Bytes value = chance.bytes(type.length());
        if (type == DataType.INET_PROTO) {
            rule.add(new Cmp(Register.REG_1, Cmp.NEQ, value)); // to require another one: see above
            return;
        }
        switch (chance.upTo(4)) {
            case 0 -> {
                rule.add(Bitwise.and(Register.REG_1, chance.bytes(type.length())));
                rule.add(new Cmp(Register.REG_1, Cmp.EQ, value));
            }
            case 1 -> {
                ordered(rule, type);
                rule.add(new Cmp(Register.REG_1, chance.any(List.of(Cmp.LT, Cmp.LTE, Cmp.GT, Cmp.GTE)), value));
            }
            case 2 -> {
                ordered(rule, type);
                Bytes other = chance.bytes(type.length());
                boolean less = value.toString().compareTo(other.toString()) < 0;
                rule.add(new Range(Register.REG_1, Range.NEQ, less ? value : other, less ? other : value));
            }
            default -> rule.add(new Cmp(Register.REG_1, chance.once(2) ? Cmp.EQ : Cmp.NEQ, value));
        }
    }

    /** To compare which is more, what is in host order has to be turned. */
    private static void ordered(List<Expression> rule, DataType type) {
        if (type.hostOrder()) {
            rule.add(Byteorder.hton(Register.REG_1, type.length()));
        }
    }

    /** Null if a rule for this network cannot load it. */
    private @Nullable Expression load(DataType type, int register) {
        boolean source = chance.once(2);
        return switch (type) {
            case IPV4_ADDR ->
                network == IPV4 ? new Payload(Payload.NETWORK_HEADER, source ? 12 : 16, 4, register) : null;
            case IPV6_ADDR ->
                network == IPV6 ? new Payload(Payload.NETWORK_HEADER, source ? 8 : 24, 16, register) : null;
            case INET_PROTO -> new Meta(Meta.L4PROTO, register);
            case INET_SERVICE -> new Payload(Payload.TRANSPORT_HEADER, source ? 0 : 2, 2, register);
            case MARK -> new Meta(Meta.MARK, register);
            default -> null;
        };
    }

    /** Loads the key of a set; false if a rule for this network cannot. */
    private boolean key(List<Expression> rule, NftSet set) {
        List<Expression> loads = new ArrayList<>();
        int word = 0;
        for (DataType field : RandomSets.fields(set.key())) {
            Expression load = load(field, Register.atWord(word));
            if (load == null) {
                return false;
            }
            loads.add(load);
            word += field.length() + 3 >> 2;
        }
        return rule.addAll(loads);
    }

    private void lookup(List<Expression> rule, NftSet set) {
        if (key(rule, set)) {
            rule.add(new Lookup(set.name(), Register.REG_1, chance.once(4)));
        }
    }

    /** Does with a set or a map what it is there for; whether the rule ends with that. */
    private boolean ask(List<Expression> rule, NftSet set) {
        if (!key(rule, set)) {
            return false;
        }
        if (RandomSets.has(set, NftSet.OBJECT)) {
            rule.add(new ObjrefMap(set.name(), Register.REG_1));
        } else if (KeyType.VERDICT.equals(set.data())) {
            rule.add(new LookupMap(set.name(), Register.REG_1, Register.VERDICT));
            return true;
        } else if (RandomSets.has(set, NftSet.MAP)) {
            rule.add(new LookupMap(set.name(), Register.REG_1, Register.REG_1));
            rule.add(new MetaSet(Meta.MARK, Register.REG_1));
        } else if (RandomSets.has(set, NftSet.EVAL)) {
            rule.add(dynset(set));
        } else {
            rule.add(new Lookup(set.name(), Register.REG_1, chance.once(4)));
        }
        return false;
    }

    private Dynset dynset(NftSet set) {
        Duration timeout = RandomSets.has(set, NftSet.TIMEOUT) && chance.once(2)
                ? Duration.ofSeconds(1 + chance.upTo(1000))
                : Duration.ZERO;
        List<Expression> some = chance.once(2) ? List.of() : List.of(Limit.packets(1 + chance.upTo(100), 60, 5));
        int op = chance.any(List.of(Dynset.ADD, Dynset.UPDATE));
        return new Dynset(set.name(), op, Register.REG_1, Register.NONE, timeout, some, false);
    }
}
