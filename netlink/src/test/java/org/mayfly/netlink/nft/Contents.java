package org.mayfly.netlink.nft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.mayfly.netlink.testing.Records;

/**
 * A table and all that is in it.
 *
 * @param sets and maps with their elements, which have no order
 * @param chains with their rules
 */
record Contents(
        Table table, List<NftObject> counters, Map<NftSet, Set<SetElement>> sets, Map<Chain, List<Rule>> chains) {
    /** What the kernel says of its own accord: its numbers, how many elements there are, how much of a timeout is left. */
    private static final Set<String> OF_ITSELF = Set.of("handle", "count", "expiration");

    /** Nothing but the table. */
    static Contents of(Table table) {
        return new Contents(table, new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    List<Rule> rules(Chain chain) {
        return Objects.requireNonNull(chains.get(chain));
    }

    Set<SetElement> elements(NftSet set) {
        return Objects.requireNonNull(sets.get(set));
    }

    /** All tables there are, by family and name. */
    static Map<String, Contents> read(NfTables nft) throws IOException {
        Map<String, Contents> all = new LinkedHashMap<>();
        for (Table table : nft.tables(NftFamily.UNSPEC)) {
            Contents contents = of(table);
            contents.counters.addAll(nft.objects(table, NftObject.COUNTER));
            for (NftSet set : nft.sets(table)) {
                contents.sets.put(set, new LinkedHashSet<>(nft.elements(table, set.name())));
            }
            for (Chain chain : nft.chains(table.family())) {
                if (chain.table().equals(table.name())) {
                    contents.chains.put(chain, nft.rules(table, chain.name()));
                }
            }
            all.put(table.family() + " " + table.name(), contents);
        }
        return all;
    }

    /** Adds all of it to a batch, what is referred to before what refers to it. */
    void add(Batch batch) {
        batch.add(table);
        counters.forEach(batch::add);
        chains.keySet().forEach(batch::add);
        sets.keySet().forEach(batch::add);
        sets.forEach((set, elements) -> batch.add(set, List.copyOf(elements)));
        chains.values().forEach(rules -> rules.forEach(batch::add));
    }

    /** A copy without what the kernel says of its own accord, which compares to another. */
    Contents plain() {
        Contents plain = of(Records.without(table, OF_ITSELF));
        counters.forEach(c -> plain.counters.add(Records.without(c, OF_ITSELF)));
        sets.forEach((set, elements) -> {
            Set<SetElement> less = new LinkedHashSet<>();
            elements.forEach(e -> less.add(Records.without(e, OF_ITSELF)));
            plain.sets.put(Records.without(set, OF_ITSELF), less);
        });
        chains.forEach((chain, rules) -> plain.chains.put(
                Records.without(chain, OF_ITSELF),
                new ArrayList<>(
                        rules.stream().map(r -> Records.without(r, OF_ITSELF)).toList())));
        return plain;
    }
}
