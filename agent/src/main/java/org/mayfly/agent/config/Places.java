package org.mayfly.agent.config;

import java.util.List;
import java.util.Map;

/**
 * Where in the file the keys of {@code [door]} are, for what turns out to be wrong only on the machine. It is no part of
 * what the configuration says, so all of these are equal.
 *
 * @param byKey {@code FILE:LINE:COLUMN}
 */
public record Places(Map<String, String> byKey) {
    public Places {
        byKey = Map.copyOf(byKey);
    }

    /** One line about a key of {@code [door]}. */
    ConfigurationException wrong(String key, String text) {
        String place = byKey.get(key);
        String line = "[door] " + key + ": " + Complaints.printable(text);
        return new ConfigurationException(List.of(place == null ? line : place + ": " + line));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Places;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
