package org.mayfly.agent.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/** Gathers what is wrong with one file, so that all of it can be said at once, in the order of its lines. */
final class Complaints {
    private final Path file;
    private final Map<Long, String> lines = new TreeMap<>();

    Complaints(Path file) {
        this.file = file;
    }

    /**
     * @param expected what would have been right; empty if the first part says it
     */
    void add(@Nullable TomlPosition at, String wrong, String expected) {
        int line = at == null ? 1 : at.line();
        int column = at == null ? 1 : at.column();
        String text =
                file + ":" + line + ":" + column + ": " + wrong + (expected.isEmpty() ? "" : "; expected " + expected);
        lines.putIfAbsent((long) line << 32 | column, text);
    }

    boolean any() {
        return !lines.isEmpty();
    }

    List<String> lines() {
        return List.copyOf(lines.values());
    }
}
