package org.mayfly.netlink.nft;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.mayfly.netlink.nft.expr.Counter;

/** Rulesets that nobody would write, and changes to them. */
final class RandomRuleset {
    private static final List<NftFamily> FAMILIES = List.of(NftFamily.INET, NftFamily.IPV4, NftFamily.IPV6);

    private final Chance chance;
    private final RandomSets randomSets;
    private final RandomExpressions expressions;

    RandomRuleset(long seed) {
        chance = new Chance(seed);
        randomSets = new RandomSets(chance);
        expressions = new RandomExpressions(chance);
    }

    /** Up to three tables. */
    List<Contents> tables() {
        List<Contents> tables = new ArrayList<>();
        for (int i = chance.upTo(2); i >= 0; i--) {
            tables.add(contents());
        }
        return tables;
    }

    private Contents contents() {
        Table table = new Table(chance.any(FAMILIES), chance.name());
        Contents contents = Contents.of(chance.once(2) ? table.withComment(chance.comment()) : table);
        for (int i = chance.upTo(2); i > 0; i--) {
            contents.counters().add(counter(table));
        }
        for (int i = chance.upTo(4); i > 0; i--) {
            NftSet set = randomSets.set(table, contents.counters());
            contents.sets().put(set, randomSets.elements(set, contents.counters()));
        }
        for (int i = chance.upTo(5); i > 0; i--) {
            contents.chains().put(chain(table), new ArrayList<>());
        }
        for (Chain chain : contents.chains().keySet()) {
            for (int i = chance.upTo(4); i > 0; i--) {
                contents.rules(chain).add(rule(contents, chain));
            }
        }
        return contents;
    }

    private NamedCounter counter(Table table) {
        UserData comment = chance.once(2) ? UserData.comment(chance.comment()) : UserData.EMPTY;
        return new NamedCounter(
                table.family(), table.name(), chance.name(), chance.some(), chance.some(), comment, 0, List.of());
    }

    private Chain chain(Table table) {
        Chain chain = new Chain(table.family(), table.name(), chance.name());
        if (chance.once(2)) {
            int policy = chance.once(2) ? Chain.POLICY_ACCEPT : Chain.POLICY_DROP;
            Hook hook = new Hook(chance.upTo(Hook.POSTROUTING), chance.upTo(1000) - 500);
            chain = Chain.filter(table, chance.name(), hook, policy);
        } else if (chance.once(4)) {
            Hook hook = new Hook(chance.any(List.of(Hook.PREROUTING, Hook.OUTPUT)), chance.upTo(300) - 150);
            chain = Chain.base(table, chance.name(), Chain.NAT, hook, Chain.POLICY_ACCEPT);
        } else if (chance.once(4)) {
            Hook hook = new Hook(Hook.OUTPUT, chance.upTo(1000) - 500);
            chain = Chain.base(table, chance.name(), Chain.ROUTE, hook, Chain.POLICY_ACCEPT);
        }
        if (chain.hook() != null && chance.once(4)) {
            chain = chain.withCounters(new Counter(chance.some(), chance.some()));
        }
        return chance.once(2) ? chain.withComment(chance.comment()) : chain;
    }

    private Rule rule(Contents contents, Chain chain) {
        List<Chain> targets = new ArrayList<>(contents.chains().keySet());
        targets.subList(0, targets.indexOf(chain) + 1).clear(); // so that no two chains lead to each other
        targets.removeIf(c -> c.hook() != null);
        UserData comment = chance.once(2) ? UserData.comment(chance.comment()) : UserData.EMPTY;
        return new Rule(
                chain.family(),
                chain.table(),
                chain.name(),
                expressions.rule(contents, chain, targets),
                comment,
                0,
                List.of());
    }

    /** Changes one thing, in the kernel by the batch, and here. */
    void change(Batch batch, Contents contents) {
        List<Chain> chains = List.copyOf(contents.chains().keySet());
        List<NftSet> sets = List.copyOf(contents.sets().keySet());
        if (!chains.isEmpty() && !chance.once(3)) {
            changeRules(batch, contents, chance.any(chains));
        } else if (!sets.isEmpty()) {
            changeElements(batch, contents, chance.any(sets));
        }
    }

    private void changeRules(Batch batch, Contents contents, Chain chain) {
        List<Rule> rules = contents.rules(chain);
        Rule rule = rule(contents, chain);
        if (rules.isEmpty() || chance.once(6)) {
            batch.add(rule);
            rules.add(rule);
            return;
        }
        int at = chance.upTo(rules.size() - 1);
        long handle = rules.get(at).handle();
        switch (chance.upTo(5)) {
            case 0 -> {
                batch.insert(rule);
                rules.add(0, rule);
            }
            case 1 -> {
                batch.insertBefore(handle, rule);
                rules.add(at, rule);
            }
            case 2 -> {
                batch.addAfter(handle, rule);
                rules.add(at + 1, rule);
            }
            case 3 -> {
                Rule other = rules.get(at).withExpressions(rule.expressions());
                batch.replace(other);
                rules.set(at, other);
            }
            case 4 -> batch.delete(rules.remove(at));
            default -> {
                batch.flush(chain);
                rules.clear();
            }
        }
    }

    private void changeElements(Batch batch, Contents contents, NftSet set) {
        Set<SetElement> elements = contents.elements(set);
        if (!elements.isEmpty() && (chance.once(6) || RandomSets.has(set, NftSet.INTERVAL))) {
            batch.flush(set);
            elements.clear();
        } else if (!elements.isEmpty() && chance.once(2)) {
            SetElement gone = chance.any(List.copyOf(elements));
            batch.delete(set, List.of(gone));
            elements.remove(gone);
        } else {
            Set<SetElement> more = randomSets.elements(set, contents.counters());
            more.removeIf(e -> elements.stream().anyMatch(there -> there.key().equals(e.key())));
            batch.add(set, List.copyOf(more));
            elements.addAll(more);
        }
    }
}
