package org.mayfly.agent.config;

import java.util.Locale;

/** {@code [door] mode}. */
public enum ModeChoice {
    /** Whatever suits how the prefix reaches this host. */
    AUTO,
    ADDRESS,
    ANYIP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
