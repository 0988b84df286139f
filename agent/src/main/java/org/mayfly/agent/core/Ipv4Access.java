package org.mayfly.agent.core;

import java.util.Locale;

/** What becomes of a gated port on the host's IPv4 addresses. */
public enum Ipv4Access {
    /** Dropped; no knock opens it. */
    CLOSED,
    /** Dropped, and opened by a knock for one IPv4 source. There is no door: the address is the host's own. */
    PERMIT,
    /** Left alone. */
    OPEN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
