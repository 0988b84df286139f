package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.testing.Lab;

/**
 * Random rulesets: what is put into the kernel is what is read from it, at first and after every change; and what was
 * read at last, put into another namespace, makes {@code nft} print the same. A seed makes the same ruleset again.
 */
class RandomRulesetTest {
    private static final int RULESETS = 100;
    private static final int CHANGES = 6;

    private final MessageWriter w = new MessageWriter(1 << 20);
    private final Lab lab = new Lab();
    private Lab.Host here;
    private Lab.Host there;
    private NfTables nft;
    private NfTables copy;

    @BeforeEach
    void open() throws Exception {
        here = lab.host();
        there = lab.host();
        nft = here.call(NfTables::open);
        copy = there.call(NfTables::open);
    }

    @AfterEach
    void close() {
        if (copy != null) { // nothing was opened where the test was skipped
            nft.close();
            copy.close();
        }
        lab.close();
    }

    @Test
    void rulesets() throws Exception {
        Long seed = Long.getLong("mayfly.seed");
        long first = seed == null ? System.nanoTime() : seed;
        System.out.println("RandomRulesetTest: -Dmayfly.seed=" + first + " and on");
        for (int i = 0; i < (seed == null ? RULESETS : 1); i++) {
            ruleset(first + i);
        }
    }

    private void ruleset(long seed) throws Exception {
        try {
            RandomRuleset random = new RandomRuleset(seed);
            Map<String, Contents> wanted = new LinkedHashMap<>();
            Batch batch = new Batch(w);
            for (Contents contents : random.tables()) {
                contents.add(batch);
                wanted.put(contents.table().family() + " " + contents.table().name(), contents);
            }
            nft.commit("a random ruleset", batch);
            Map<String, Contents> read = compare(wanted);
            for (int i = 0; i < CHANGES; i++) {
                Batch change = new Batch(w);
                read.values().forEach(contents -> random.change(change, contents));
                nft.commit("a random change", change);
                read = compare(read);
            }
            copy(read);
            clear(nft, read);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("-Dmayfly.seed=" + seed, e);
        }
    }

    /** @return what was read, with the kernel's numbers */
    private Map<String, Contents> compare(Map<String, Contents> wanted) throws Exception {
        Map<String, Contents> read = Contents.read(nft);
        assertEquals(wanted.keySet(), read.keySet());
        for (Map.Entry<String, Contents> table : wanted.entrySet()) {
            Contents expected = table.getValue().plain();
            Contents found = Objects.requireNonNull(read.get(table.getKey())).plain();
            assertEquals(lines(expected), lines(found)); // text: what differs is easier to see
            assertEquals(expected, found);
        }
        return read;
    }

    private static String lines(Contents contents) {
        List<String> lines = new ArrayList<>(List.of(contents.table().toString()));
        contents.sets().forEach((set, elements) -> {
            lines.add(set.toString());
            elements.stream().map(e -> "  " + e).sorted().forEach(lines::add);
        });
        contents.chains().forEach((chain, rules) -> {
            lines.add(chain.toString());
            rules.forEach(r -> lines.add("  " + r));
        });
        return String.join("\n", lines);
    }

    private void copy(Map<String, Contents> read) throws Exception {
        Batch batch = new Batch(w);
        read.values().forEach(contents -> contents.add(batch));
        copy.commit("what was read", batch);
        assertEquals(list(here), list(there));
        clear(copy, read);
    }

    /** What {@code nft} prints, but for how much of a timeout is left: time goes on. */
    private static String list(Lab.Host host) throws Exception {
        return host.run("nft", "list", "ruleset").replaceAll(" expires [0-9a-z]+", "");
    }

    private void clear(NfTables nft, Map<String, Contents> tables) throws Exception {
        Batch batch = new Batch(w);
        new LinkedHashSet<>(tables.values()).forEach(contents -> batch.delete(contents.table()));
        nft.commit("away with it", batch);
    }

    /** For {@code packaging/fuzz}: goes on for so many minutes. */
    public static void main(String[] minutes) throws Exception {
        RandomRulesetTest test = new RandomRulesetTest();
        test.open();
        long first = Long.getLong("mayfly.seed", System.nanoTime());
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(Long.parseLong(minutes[0]));
        long seed = first;
        try {
            while (System.nanoTime() < end) {
                test.ruleset(seed++);
            }
        } finally {
            System.out.println("rulesets:   " + (seed - first) + ", the last with seed " + (seed - 1));
            test.close();
        }
    }
}
