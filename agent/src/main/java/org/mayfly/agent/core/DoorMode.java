package org.mayfly.agent.core;

import java.util.Locale;

/** How a door comes to exist in the kernel. */
public enum DoorMode {
    /** One {@code RTM_NEWADDR} per door: for a prefix that is on-link, where neighbours ask for the address. */
    ADDRESS,
    /** One {@code local} route for the whole prefix, nothing per door: for a prefix that is routed to this host. */
    ANYIP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
