package org.mayfly.agent.core;

import java.util.Locale;

/**
 * How much one client may have.
 *
 * @param leases live leases at once
 * @param rate accepted knocks per second in the long run; as many again may come at once
 * @param full what becomes of a knock when the client has as many leases as it may
 */
public record Quota(int leases, int rate, Full full) {
    /** What becomes of a knock too many. */
    public enum Full {
        /** The oldest lease without a session makes room; if all are in session, it is refused. */
        REPLACE,
        /** It is refused. */
        REFUSE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
