package org.mayfly.netlink.nft;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Verdict;

/** Sets and maps of all kinds, and elements for them. */
final class RandomSets {
    /** The types of keys that {@link RandomExpressions} can load. */
    static final List<DataType> TYPES =
            List.of(DataType.IPV4_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE, DataType.MARK);

    private static final List<Verdict> VERDICTS =
            List.of(Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN, Verdict.CONTINUE);

    private final Chance chance;

    RandomSets(Chance chance) {
        this.chance = chance;
    }

    /** @param counters that a map may lead to */
    NftSet set(Table table, List<NftObject> counters) {
        DataType[] fields = new DataType[1 + chance.upTo(3)];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = chance.any(TYPES);
        }
        KeyType several = KeyType.of(fields);
        KeyType key = several.length() <= 64 ? several : KeyType.of(fields[0]);
        String name = chance.name();
        String comment = chance.comment();
        return switch (chance.upTo(7)) {
            case 0 -> NftSet.map(table, name, key, KeyType.of(DataType.MARK), timeout(), comment);
            case 1 -> NftSet.map(table, name, key, KeyType.VERDICT, 0, comment);
            case 2 ->
                counters.isEmpty()
                        ? NftSet.of(table, name, key, 0, comment)
                        : NftSet.objects(table, name, key, NftObject.COUNTER, 0, comment);
            case 3 -> NftSet.of(table, name, KeyType.of(fields[0]), NftSet.INTERVAL, comment);
            case 4 ->
                NftSet.of(table, name, key, NftSet.EVAL | timeout(), comment)
                        .withOptions(SetOptions.NONE.withSize(1000 + chance.upTo(1000)));
            default -> NftSet.of(table, name, key, timeout(), comment).withOptions(options());
        };
    }

    private int timeout() {
        return chance.once(2) ? NftSet.TIMEOUT : 0;
    }

    private SetOptions options() {
        // Not both: Linux 6.18 then takes a tree of intervals, and finds that a third element overlaps the first two.
        SetOptions options =
                switch (chance.upTo(3)) {
                    case 0 -> SetOptions.NONE.withPolicy(SetOptions.MEMORY);
                    case 1 -> SetOptions.NONE.withSize(1000 + chance.upTo(1000));
                    default -> SetOptions.NONE;
                };
        return chance.once(4) ? options.withExpressions(List.of(Counter.ZERO)) : options;
    }

    /** The types of a key, read from its number. */
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

    static boolean has(NftSet set, int flag) {
        return (set.flags() & flag) != 0;
    }

    /** @param counters that a map may lead to */
    Set<SetElement> elements(NftSet set, List<NftObject> counters) {
        SortedSet<String> keys = new TreeSet<>();
        for (int i = chance.upTo(chance.once(10) ? 500 : 5); i > 0; i--) {
            keys.add(key(set.key()).toString());
        }
        Stream<Bytes> sorted = keys.stream().map(Bytes::ofHex);
        Set<SetElement> elements = new LinkedHashSet<>();
        if (has(set, NftSet.INTERVAL)) {
            sorted.forEach(
                    key -> elements.add(elements.size() % 2 == 0 ? SetElement.of(key) : SetElement.endOfInterval(key)));
        } else {
            sorted.forEach(key -> elements.add(element(set, key, counters)));
        }
        return elements;
    }

    private SetElement element(NftSet set, Bytes key, List<NftObject> counters) {
        SetElement element = SetElement.of(key);
        if (has(set, NftSet.TIMEOUT) && chance.once(2)) {
            // Whole seconds: the kernel counts in jiffies, of which a second has a whole number whatever CONFIG_HZ is.
            element = element.withTimeout(Duration.ofSeconds(3600 + chance.upTo(1 << 20)));
        }
        if (chance.once(4)) {
            element = element.withComment(chance.comment());
        }
        if (!set.options().expressions().isEmpty()) {
            element = element.withExpressions(List.of(new Counter(chance.some(), chance.some())));
        }
        if (has(set, NftSet.OBJECT)) {
            return element.with(new MapData.Named(chance.any(counters).name()));
        }
        if (!has(set, NftSet.MAP)) {
            return element;
        }
        return element.with(
                KeyType.VERDICT.equals(set.data())
                        ? new MapData.Decision(chance.any(VERDICTS))
                        : new MapData.Value(chance.bytes(4)));
    }

    private Bytes key(KeyType type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<DataType> fields = fields(type);
        for (DataType field : fields) {
            out.writeBytes(chance.bytes(field.length()).toArray());
            out.writeBytes(new byte[fields.size() == 1 ? 0 : -field.length() & 3]);
        }
        return Bytes.of(out.toByteArray());
    }
}
