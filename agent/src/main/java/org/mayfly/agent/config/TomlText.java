package org.mayfly.agent.config;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;

/** The parser, with what it does not say nicely. */
final class TomlText {
    private TomlText() {}

    /** Null where the parser gives up: it recurses once for every bracket, and asserts that escapes are right. */
    static @Nullable TomlParseResult parse(String text) {
        try {
            return Toml.parse(text);
        } catch (StackOverflowError | AssertionError | RuntimeException e) {
            return null;
        }
    }

    /** The line with which the parser begins to give up on a text that it gives up on. */
    static TomlPosition firstBad(String text) {
        List<String> lines = text.lines().toList();
        int good = 0;
        int bad = lines.size();
        while (bad - good > 1) {
            int middle = (good + bad) / 2;
            if (parse(String.join("\n", lines.subList(0, middle))) == null) {
                bad = middle;
            } else {
                good = middle;
            }
        }
        return TomlPosition.positionAt(Math.max(bad, 1), 1);
    }
}
