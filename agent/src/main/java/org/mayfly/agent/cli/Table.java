package org.mayfly.agent.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Aligned columns, two spaces apart; numbers to the right. Without rows it prints nothing, not even its heading. */
final class Table {
    private static final String GAP = "  ";

    private final List<String> heading;
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] numbers;

    Table(String... heading) {
        this.heading = List.of(heading);
        this.numbers = new boolean[heading.length];
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** A cell that is null or empty is a dash. */
    void row(@Nullable Object... cells) {
        if (cells.length != numbers.length) {
            throw new IllegalArgumentException(cells.length + " cells under " + heading);
        }
        List<String> row = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            Object cell = cells[i];
            numbers[i] |= cell instanceof Number;
            String text = cell == null ? "" : printable(cell.toString());
            row.add(text.isEmpty() ? "-" : text);
        }
        rows.add(row);
    }

    void print(PrintWriter out) {
        if (rows.isEmpty()) {
            return;
        }
        List<List<String>> lines = new ArrayList<>(rows);
        if (!heading.stream().allMatch(String::isEmpty)) {
            lines.add(0, heading);
        }
        int[] widths = new int[numbers.length];
        for (List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], length(line.get(i)));
            }
        }
        lines.forEach(line -> out.println(aligned(line, widths)));
    }

    private String aligned(List<String> line, int[] widths) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String pad = " ".repeat(widths[i] - length(line.get(i)));
            text.append(i == 0 ? "" : GAP);
            text.append(numbers[i] ? pad + line.get(i) : line.get(i) + pad);
        }
        return text.toString().stripTrailing();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** Such as {@code gate 340, stamp 3}, by name; what is 0 is left out. */
    static String counts(Map<String, Long> counts) {
        StringJoiner all = new StringJoiner(", ");
        new TreeMap<>(counts).forEach((name, count) -> {
            if (count > 0) {
                all.add(name + " " + count);
            }
        });
        return all.toString();
    }

    /** Control characters, with which a name could drive the terminal, become question marks. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
