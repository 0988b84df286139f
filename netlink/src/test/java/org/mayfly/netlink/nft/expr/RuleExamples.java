package org.mayfly.netlink.nft.expr;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Rules in which every expression occurs that the library knows: as it has them, and as {@code nft} 1.0.6 prints them,
 * which takes the same text to make them. For an {@code inet} table in which is what {@link #PREAMBLE} makes.
 */
public final class RuleExamples {
    /** A table {@code inet t} with a chain for each {@link Where}, and the objects that the rules name. */
    public static final String PREAMBLE = """
            table inet t {
              counter cn { }
              set addrs { type ipv4_addr; size 100; flags dynamic,timeout; timeout 1m; }
              set counted { type ipv4_addr; size 100; flags dynamic; }
              set pairs { type ipv4_addr . inet_service; }
              map marks { type ipv4_addr : mark; }
              map verdicts { type inet_service : verdict; }
              map counters { type inet_service : counter; }
              map ports { type ipv4_addr : inet_service; size 10; flags dynamic; }
              chain other { }
              chain anywhere { }
              chain prerouting { type filter hook prerouting priority mangle; }
              chain raw { type filter hook prerouting priority raw; }
              chain nat { type nat hook prerouting priority dstnat; }
            }
            """;

    /** The chain in which the kernel takes a rule. */
    public enum Where {
        ANYWHERE,
        PREROUTING,
        RAW,
        NAT;

        /** Its name in the table. */
        public String chain() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A rule.
     *
     * @param text of {@code nft}
     */
    public record Example(Where where, String text, List<Expression> expressions) {
        @Override
        public String toString() {
            return text;
        }
    }

    private RuleExamples() {}

    /** All of them. */
    public static List<Example> all() {
        return Stream.of(MatchExamples.all(), StatementExamples.all())
                .flatMap(List::stream)
                .toList();
    }
}
