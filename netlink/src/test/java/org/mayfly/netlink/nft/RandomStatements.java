package org.mayfly.netlink.nft;

import java.util.List;
import org.mayfly.netlink.nft.expr.BitwiseShift;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Ct;
import org.mayfly.netlink.nft.expr.CtSet;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.ImmediateValue;
import org.mayfly.netlink.nft.expr.Limit;
import org.mayfly.netlink.nft.expr.Log;
import org.mayfly.netlink.nft.expr.LogGroup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.MetaSet;
import org.mayfly.netlink.nft.expr.Objref;
import org.mayfly.netlink.nft.expr.Redir;
import org.mayfly.netlink.nft.expr.Register;
import org.mayfly.netlink.nft.expr.Reject;
import org.mayfly.netlink.nft.expr.Verdict;

/** What a rule does with a packet. */
final class RandomStatements {
    /** A second, a minute, an hour, a day, a week. */
    private static final List<Integer> UNITS = List.of(1, 60, 3600, 86_400, 604_800);

    private final Chance chance;

    RandomStatements(Chance chance) {
        this.chance = chance;
    }

    void add(List<Expression> rule, Contents contents, Chain chain, List<Chain> targets) {
        for (int i = chance.upTo(2); i > 0; i--) {
            rule.addAll(statement(contents));
        }
        if (!chance.once(4)) {
            rule.add(end(chain, targets));
        }
    }

    private List<Expression> statement(Contents contents) {
        return switch (chance.upTo(7)) {
            case 0 -> List.of(limit());
            case 1 -> List.of(new Log(chance.word(20), chance.upTo(Log.DEBUG), flags()));
            case 2 -> List.of(new LogGroup(chance.word(20), chance.upTo(0xffff), length(), chance.upTo(100)));
            case 3 -> List.of(new ImmediateValue(Register.REG_1, chance.bytes(4)), mark());
            case 4 ->
                List.of(
                        new Meta(Meta.MARK, Register.REG_1),
                        new BitwiseShift(1, 1, BitwiseShift.LSHIFT, 4, 1 + chance.upTo(30)),
                        mark());
            case 5 ->
                contents.counters().isEmpty()
                        ? List.of()
                        : List.of(new Objref(
                                Objref.COUNTER, chance.any(contents.counters()).name()));
            default -> List.of(chance.once(2) ? Counter.ZERO : new Counter(chance.some(), chance.some()));
        };
    }

    private Expression mark() {
        return chance.once(2) ? new MetaSet(Meta.MARK, Register.REG_1) : new CtSet(Ct.MARK, Register.REG_1);
    }

    private int flags() {
        return chance.upTo(0xff) & (Log.TCPSEQ | Log.TCPOPT | Log.IPOPT | Log.UID | Log.MACDECODE);
    }

    private int length() {
        return chance.once(2) ? LogGroup.WHOLE : chance.upTo(1000);
    }

    private Limit limit() {
        long rate = 1L + chance.upTo(1000);
        int unit = chance.any(UNITS);
        Limit limit = chance.once(2)
                ? Limit.packets(rate, unit, 1 + chance.upTo(100))
                : Limit.bytes(rate, unit, chance.upTo(1000));
        return chance.once(2) ? limit.exceeded() : limit;
    }

    private Expression end(Chain chain, List<Chain> targets) {
        Hook hook = chain.hook();
        if (hook != null && Chain.NAT.equals(chain.type()) && chance.once(2)) {
            return new Redir(Register.NONE, Register.NONE, chance.once(2) ? 0 : Redir.PROTO_RANDOM);
        }
        boolean refuses = hook != null && hook.number() >= Hook.INPUT && hook.number() <= Hook.OUTPUT;
        if (refuses && Chain.FILTER.equals(chain.type()) && chance.once(3)) {
            return chain.family() == NftFamily.INET
                    ? new Reject(Reject.ICMPX_UNREACH, chance.upTo(Reject.ADMIN_PROHIBITED))
                    : new Reject(Reject.ICMP_UNREACH, chance.upTo(4));
        }
        return new Immediate(verdict(targets));
    }

    private Verdict verdict(List<Chain> targets) {
        return switch (chance.upTo(targets.isEmpty() ? 3 : 5)) {
            case 0 -> Verdict.ACCEPT;
            case 1 -> Verdict.DROP;
            case 2 -> Verdict.RETURN;
            case 3 -> Verdict.CONTINUE;
            case 4 -> Verdict.jump(chance.any(targets).name());
            default -> Verdict.goTo(chance.any(targets).name());
        };
    }
}
