package org.mayfly.agent.core;

import java.util.Locale;

/** Whom a permit of a client lets in. */
public enum SourcePolicy {
    /** The one address. */
    EXACT(128),
    /** Its /64: for clients whose temporary address changes. */
    NET64(64),
    /** Anybody who finds the door. */
    ANY(0);

    private final int length;

    SourcePolicy(int length) {
        this.length = length;
    }

    /** Leading bits of the source that count. */
    public int length() {
        return length;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
