package org.mayfly.agent.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/** Gathers what is wrong with one file, so that all of it can be said at once, in the order of its lines. */
final class Complaints {
    private record Complaint(int line, int column, String text) {}

    private final Path file;
    private final List<String> source;
    private final List<Complaint> all = new ArrayList<>();

    Complaints(Path file, String source) {
        this.file = file;
        this.source = source.lines().toList();
    }

    /** Where an element of a list is. The parser says where the line ends and comments are that stand before it. */
    TomlPosition elementAt(TomlPosition reported) {
        int line = reported.line();
        int column = reported.column();
        while (line <= source.size()) {
            String text = source.get(line - 1);
            while (column <= text.length() && Character.isWhitespace(text.charAt(column - 1))) {
                column++;
            }
            if (column <= text.length() && text.charAt(column - 1) != '#') {
                break;
            }
            line++;
            column = 1;
        }
        return TomlPosition.positionAt(line, column);
    }

    /**
     * @param expected what would have been right; empty if the first part says it
     */
    void add(@Nullable TomlPosition at, String wrong, String expected) {
        int line = at == null ? 1 : at.line();
        int column = at == null ? 1 : at.column();
        all.add(new Complaint(line, column, wrong + (expected.isEmpty() ? "" : "; expected " + expected)));
    }

    boolean any() {
        return !all.isEmpty();
    }

    List<String> lines() {
        return all.stream()
                .sorted(Comparator.comparingInt(Complaint::line).thenComparingInt(Complaint::column))
                .map(c -> at(file, c.line, c.column) + ": " + printable(c.text))
                .distinct()
                .toList();
    }

    /** {@code FILE:LINE:COLUMN}. */
    static String at(Path file, int line, int column) {
        return printable(file.toString()) + ":" + line + ":" + column;
    }

    /** What a file says may be anything; a complaint is one line, and does nothing to a terminal. */
    static String printable(String text) {
        StringBuilder s = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> s.append(String.format("\\u%04x", c));
                default -> s.appendCodePoint(c);
            }
        });
        return s.toString();
    }
}
