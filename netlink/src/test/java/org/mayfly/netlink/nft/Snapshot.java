package org.mayfly.netlink.nft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that is in nf_tables of a namespace, read by this library, to be written back by it. */
record Snapshot(
        List<Table> tables,
        List<Chain> chains,
        List<NftObject> objects,
        Map<NftSet, List<SetElement>> sets,
        List<Rule> rules) {
    static Snapshot read(NfTables nft) throws IOException {
        List<NftObject> objects = new ArrayList<>();
        Map<NftSet, List<SetElement>> sets = new LinkedHashMap<>();
        List<Rule> rules = new ArrayList<>();
        List<Table> tables = nft.tables(NftFamily.UNSPEC);
        for (Table t : tables) {
            objects.addAll(nft.objects(t, NftObject.ANY));
            for (NftSet s : nft.sets(t)) {
                sets.put(s, nft.elements(t, s.name()));
            }
            rules.addAll(nft.rules(t));
        }
        return new Snapshot(tables, nft.chains(NftFamily.UNSPEC), objects, sets, rules);
    }

    /** What it has, in an order that the kernel takes. */
    Batch write(Batch b) {
        tables.forEach(b::add);
        chains.forEach(b::add);
        objects.forEach(b::add);
        sets.forEach((set, elements) -> b.add(set).add(set, elements));
        for (int i = chains.size() - 1; i >= 0; i--) {
            if (isBinding(chains.get(i))) { // to be filled before the rule that jumps to it, an inner one first
                Chain bound = chains.get(i);
                rules.stream().filter(r -> isOf(r, bound)).forEach(b::add);
            }
        }
        rules.stream()
                .filter(r -> chains.stream().noneMatch(c -> isBinding(c) && isOf(r, c)))
                .forEach(b::add);
        return b;
    }

    private static boolean isBinding(Chain c) {
        return (c.flags() & Chain.BINDING) != 0;
    }

    private static boolean isOf(Rule r, Chain c) {
        return r.family() == c.family()
                && r.table().equals(c.table())
                && r.chain().equals(c.name());
    }
}
