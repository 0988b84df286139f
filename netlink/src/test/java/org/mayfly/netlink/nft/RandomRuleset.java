package org.mayfly.netlink.nft;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.mayfly.netlink.Bytes;

/** Rulesets that nobody would write, and changes to them. */
final class RandomRuleset {
    private static final List<NftFamily> FAMILIES = List.of(NftFamily.INET, NftFamily.IPV4, NftFamily.IPV6);

    /** {@code NF_INET_PRE_ROUTING} to {@code NF_INET_POST_ROUTING}. */
    private static final int HOOKS = 5;

    static final List<DataType> TYPES =
            List.of(DataType.IPV4_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE, DataType.MARK);

    private final Random random;
    private final RandomExpressions expressions;
    private int names;

    RandomRuleset(long seed) {
        random = new Random(seed);
        expressions = new RandomExpressions(random);
    }

    /** Up to three tables. */
    List<Contents> tables() {
        List<Contents> tables = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            tables.add(contents());
        }
        return tables;
    }

    private Contents contents() {
        Table table = new Table(any(FAMILIES), name());
        Contents contents = Contents.of(random.nextBoolean() ? table.withComment(comment()) : table);
        for (int i = random.nextInt(4); i > 0; i--) {
            NftSet set = set(table);
            contents.sets().put(set, elements(set));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            contents.chains().put(chain(table), new ArrayList<>());
        }
        for (Chain chain : contents.chains().keySet()) {
            for (int i = random.nextInt(5); i > 0; i--) {
                contents.rules(chain).add(rule(contents, chain));
            }
        }
        return contents;
    }

    private Chain chain(Table table) {
        if (random.nextBoolean()) {
            return new Chain(table.family(), table.name(), name());
        }
        int policy = random.nextBoolean() ? Chain.POLICY_ACCEPT : Chain.POLICY_DROP;
        Hook hook = new Hook(random.nextInt(HOOKS), random.nextInt(1000) - 500);
        Chain chain = Chain.filter(table, name(), hook, policy);
        return random.nextBoolean() ? chain.withComment(comment()) : chain;
    }

    private Rule rule(Contents contents, Chain chain) {
        List<Chain> targets = new ArrayList<>(contents.chains().keySet());
        targets.subList(0, targets.indexOf(chain) + 1).clear(); // so that no two chains lead to each other
        targets.removeIf(c -> c.hook() != null);
        List<NftSet> sets = List.copyOf(contents.sets().keySet());
        Rule rule = Rule.of(chain, comment(), expressions.rule(chain.family(), sets, targets));
        return random.nextBoolean()
                ? rule
                : new Rule(rule.family(), rule.table(), rule.chain(), rule.expressions(), UserData.EMPTY, 0, List.of());
    }

    private NftSet set(Table table) {
        DataType[] fields = new DataType[1 + random.nextInt(4)];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = any(TYPES);
        }
        KeyType key = KeyType.of(fields);
        int flags = random.nextBoolean() ? NftSet.TIMEOUT : 0;
        return NftSet.of(table, name(), key.length() <= 64 ? key : KeyType.of(fields[0]), flags, comment());
    }

    /** The types of a set's key, read from its number. */
    static List<DataType> fields(KeyType key) {
        List<DataType> fields = new ArrayList<>();
        for (int number = key.number(); number != 0; number >>>= 6) {
            for (DataType type : TYPES) {
                if (type.number() == (number & 0x3f)) {
                    fields.add(0, type);
                }
            }
        }
        return fields;
    }

    private Set<SetElement> elements(NftSet set) {
        Set<SetElement> elements = new LinkedHashSet<>();
        Set<Bytes> keys = new LinkedHashSet<>();
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 500 : 6); i > 0; i--) {
            Bytes key = key(set.key());
            if (keys.add(key)) {
                elements.add(element(set, key));
            }
        }
        return elements;
    }

    private SetElement element(NftSet set, Bytes key) {
        boolean ends = (set.flags() & NftSet.TIMEOUT) != 0 && random.nextBoolean();
        // Whole seconds: the kernel counts in jiffies, of which a second has a whole number whatever CONFIG_HZ is.
        Duration timeout = ends ? Duration.ofSeconds(3600 + random.nextInt(1 << 20)) : null;
        UserData comment = random.nextInt(4) == 0 ? UserData.comment(comment()) : UserData.EMPTY;
        return new SetElement(key, timeout, null, comment, List.of());
    }

    private Bytes key(KeyType type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<DataType> fields = fields(type);
        for (DataType field : fields) {
            byte[] value = new byte[field.length()];
            random.nextBytes(value);
            out.writeBytes(value);
            out.writeBytes(new byte[fields.size() == 1 ? 0 : -value.length & 3]);
        }
        return Bytes.of(out.toByteArray());
    }

    /** Changes one thing, in the kernel by the batch, and here. */
    void change(Batch batch, Contents contents) {
        List<Chain> chains = List.copyOf(contents.chains().keySet());
        List<NftSet> sets = List.copyOf(contents.sets().keySet());
        if (!chains.isEmpty() && random.nextInt(3) > 0) {
            changeRules(batch, contents, any(chains));
        } else if (!sets.isEmpty()) {
            changeElements(batch, contents, any(sets));
        }
    }

    private void changeRules(Batch batch, Contents contents, Chain chain) {
        List<Rule> rules = contents.rules(chain);
        int which = rules.isEmpty() ? 0 : random.nextInt(8);
        if (which == 7) {
            batch.flush(chain);
            rules.clear();
        } else if (which > 3) {
            batch.delete(rules.remove(random.nextInt(rules.size())));
        } else {
            Rule rule = rule(contents, chain);
            batch.add(rule);
            rules.add(rule);
        }
    }

    private void changeElements(Batch batch, Contents contents, NftSet set) {
        Set<SetElement> elements = contents.elements(set);
        int which = elements.isEmpty() ? 0 : random.nextInt(8);
        if (which == 7) {
            batch.flush(set);
            elements.clear();
        } else if (which > 3) {
            SetElement gone = any(List.copyOf(elements));
            batch.delete(set, List.of(gone));
            elements.remove(gone);
        } else {
            Set<SetElement> more = elements(set);
            more.removeIf(e -> elements.stream().anyMatch(there -> there.key().equals(e.key())));
            batch.add(set, List.copyOf(more));
            elements.addAll(more);
        }
    }

    /** No two are alike. A few are as long as a name may be ({@code NFT_NAME_MAXLEN}). */
    private String name() {
        String name = "n" + names++;
        return random.nextInt(20) == 0 ? name + "_".repeat(255 - name.length()) : name;
    }

    private String comment() {
        StringBuilder text = new StringBuilder("c");
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 120 : 20); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
