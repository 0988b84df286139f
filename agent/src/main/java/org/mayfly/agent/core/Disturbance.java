package org.mayfly.agent.core;

import java.util.Locale;

/** What somebody else, or the kernel, did to what is ours. */
public enum Disturbance {
    /** Our table was changed, flushed or deleted. */
    TABLE,
    /** A route went away: that of the door prefix, or of the one that IPv4 is behind. */
    ROUTE,
    /** The address of a door that is needed went away. */
    ADDRESS,
    /** The interface that carries doors went down or up, was renamed, deleted or made anew. */
    INTERFACE,
    /** This host began or ceased to forward packets. */
    FORWARDING,
    /** So much happened that the kernel did not tell all of it. */
    OVERRUN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
