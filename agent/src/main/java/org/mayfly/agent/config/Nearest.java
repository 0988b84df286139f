package org.mayfly.agent.config;

import java.util.Collection;
import java.util.Map;

/** What somebody probably meant. */
final class Nearest {
    /** Keys that a later version will know. */
    private static final Map<String, String> LATER = Map.of(
            "target",
            "services behind this host",
            "allow",
            "standing permits",
            "posture",
            "posture",
            "rotation",
            "rotation",
            "dns",
            "dynamic DNS",
            "metrics",
            "a metrics listener",
            "fleet",
            "a fleet");

    /** No key that is longer is meant to be one of ours. */
    private static final int LONGEST = 40;

    private Nearest() {}

    /** What to expect instead: the known key that is closest, or all of them. */
    static String of(String wrong, Collection<String> known) {
        String later = LATER.get(wrong);
        if (later != null) {
            return later + " in a later version; for now one of " + String.join(", ", known);
        }
        if (wrong.length() > LONGEST) {
            return "one of " + String.join(", ", known);
        }
        String best = null;
        int least = Math.max(2, wrong.length() / 3) + 1;
        for (String candidate : known) {
            int d = distance(wrong, candidate);
            if (d < least) {
                least = d;
                best = candidate;
            }
        }
        return best != null ? "\"" + best + "\"" : "one of " + String.join(", ", known);
    }

    /** Levenshtein's: insertions, deletions, replacements. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int above = row[j];
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above, row[j - 1]) + 1);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
