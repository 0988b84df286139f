package org.mayfly.agent.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Durations;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file. A key that is wrong is complained of and read as its default, so that reading goes on; a key
 * that nobody asked for by the end is unknown.
 */
final class Section {
    /** No text that means something is longer. */
    private static final int LONGEST = 1024;

    private final String name;
    private final String key;
    private final @Nullable TomlTable table;
    private final @Nullable TomlPosition position;
    private final Complaints complaints;
    private final Set<String> known = new TreeSet<>();

    private Section(
            String name,
            String key,
            @Nullable TomlTable table,
            @Nullable TomlPosition position,
            Complaints complaints) {
        this.name = name;
        this.key = key;
        this.table = table;
        this.position = position;
        this.complaints = complaints;
    }

    static Section root(TomlTable table, Complaints complaints) {
        return new Section("", "", table, null, complaints);
    }

    /** The table of that name, empty if it is not there. */
    Section section(String key) {
        return child(key, name.isEmpty() ? key : name + "." + key);
    }

    private Section child(String key, String path) {
        Object value = value(key);
        if (value instanceof TomlTable t) {
            return new Section(path, key, t, at(key), complaints);
        }
        if (value != null) {
            complaints.add(at(key), where(key) + " is " + kind(value), "a table, [" + path + "]");
        }
        return new Section(path, key, null, position, complaints);
    }

    /** Reads what is in a table of that name that has nothing else in it. */
    <T> T only(String key, Function<Section, T> reader) {
        Section s = section(key);
        T value = reader.apply(s);
        s.end();
        return value;
    }

    /** The tables in this one, by name, in the order of the file. */
    List<Section> sections() {
        List<Section> all = new ArrayList<>();
        if (table != null) {
            for (String key : table.keySet()) {
                Section s = child(key, name + "." + key);
                if (s.table != null) {
                    all.add(s);
                }
            }
        }
        all.sort(Comparator.comparing(Section::line));
        return all;
    }

    private int line() {
        return position == null ? 0 : position.line();
    }

    /** As it stands in brackets. */
    String name() {
        return name;
    }

    /** The last part of its name; a quoted one may have dots in it. */
    String key() {
        return key;
    }

    @Nullable
    String optional(String key) {
        Object value = value(key);
        if (value == null) {
            return null;
        }
        try {
            return text(value);
        } catch (IllegalArgumentException e) {
            complaints.add(at(key), where(key) + ": " + e.getMessage(), "");
            return null;
        }
    }

    private static String text(Object value) {
        if (!(value instanceof String s)) {
            throw new IllegalArgumentException("it is " + kind(value) + "; expected text in quotes");
        }
        if (s.length() > LONGEST) {
            throw new IllegalArgumentException("it has " + s.length() + " characters; expected at most " + LONGEST);
        }
        return s;
    }

    /** Text that means something; {@code reader} throws {@link IllegalArgumentException} with a message. */
    <T> T read(String key, T otherwise, Function<String, T> reader) {
        T value = read(key, reader);
        return value == null ? otherwise : value;
    }

    /** The same for a key without a default. */
    <T> @Nullable T read(String key, Function<String, T> reader) {
        String text = optional(key);
        if (text == null) {
            return null;
        }
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            complaints.add(at(key), where(key) + ": " + e.getMessage(), "");
            return null;
        }
    }

    Duration duration(String key, String otherwise, Duration least, Duration most) {
        return read(key, Durations.parse(otherwise), text -> {
            String expected = "; expected " + Durations.format(least) + " to " + Durations.format(most);
            Duration d;
            try {
                d = Durations.parse(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(e.getMessage() + expected, e);
            }
            if (d.compareTo(least) < 0 || d.compareTo(most) > 0) {
                throw new IllegalArgumentException("\"" + text + "\" is out of range" + expected);
            }
            return d;
        });
    }

    <E extends Enum<E>> E choice(String key, E otherwise, List<E> choices) {
        return read(key, otherwise, text -> choices.stream()
                .filter(c -> c.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + text + "\" is not known; expected one of "
                        + String.join(
                                ", ",
                                choices.stream()
                                        .map(c -> '"' + c.toString() + '"')
                                        .toList()))));
    }

    boolean flag(String key, boolean otherwise) {
        Object value = value(key);
        if (value == null || value instanceof Boolean) {
            return value == null ? otherwise : (Boolean) value;
        }
        complaints.add(at(key), where(key) + " is " + kind(value), "true or false");
        return otherwise;
    }

    int integer(String key, int otherwise, int least, int most) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Long number)) {
            complaints.add(at(key), where(key) + " is " + kind(value), "a whole number");
            return otherwise;
        }
        if (number < least || number > most) {
            complaints.add(at(key), where(key) + " is " + number, least + " to " + most);
            return otherwise;
        }
        return number.intValue();
    }

    <T> List<T> list(String key, List<T> otherwise, Function<String, T> reader) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof TomlArray array)) {
            complaints.add(at(key), where(key) + " is " + kind(value), "a list such as [\"…\"]");
            return otherwise;
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            try {
                T element = reader.apply(text(array.get(i)));
                if (all.contains(element)) {
                    throw new IllegalArgumentException("\"" + array.get(i) + "\" is there already; expected each once");
                }
                all.add(element);
            } catch (IllegalArgumentException e) {
                complaints.add(complaints.elementAt(array.inputPositionOf(i)), where(key) + ": " + e.getMessage(), "");
            }
        }
        return List.copyOf(all);
    }

    boolean isEmptyList(String key) {
        return value(key) instanceof TomlArray array && array.isEmpty();
    }

    /** Whether the file has it, with or without keys. */
    boolean isThere() {
        return table != null;
    }

    boolean has(String key) {
        return value(key) != null;
    }

    void complain(String key, String wrong, String expected) {
        complaints.add(at(key), wrong, expected);
    }

    /** {@code FILE:LINE:COLUMN} of a key, or of its table where it is not there; {@code FILE} where that is not either. */
    String place(Path file, String key) {
        TomlPosition at = at(key);
        return at == null ? Complaints.printable(file.toString()) : Complaints.at(file, at.line(), at.column());
    }

    /** Complains of every key that was not asked for. */
    void end() {
        if (table == null) {
            return;
        }
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                complaints.add(at(key), "unknown key " + where(shortened(key)), Nearest.of(key, known));
            }
        }
    }

    private String where(String key) {
        return name.isEmpty() ? key : "[" + name + "] " + key;
    }

    private static String shortened(String key) {
        return key.length() > 40 ? key.substring(0, 40) + "…" : key;
    }

    private @Nullable Object value(String key) {
        known.add(key);
        return table == null ? null : table.get(List.of(key));
    }

    private @Nullable TomlPosition at(String key) {
        TomlPosition at = table == null ? null : table.inputPositionOf(List.of(key));
        return at == null ? position : at;
    }

    private static String kind(Object value) {
        if (value instanceof Long || value instanceof Double) {
            return "a number";
        }
        if (value instanceof Boolean) {
            return "true or false";
        }
        if (value instanceof TomlArray) {
            return "a list";
        }
        return value instanceof TomlTable ? "a table" : value instanceof String ? "text" : "a date or time";
    }
}
