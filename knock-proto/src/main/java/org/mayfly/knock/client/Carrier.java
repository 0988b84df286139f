package org.mayfly.knock.client;

import java.util.Locale;

/** What a knock travels in. Its name in lower case is what options and JSON call it. */
public enum Carrier {
    /** The knock is one datagram. */
    UDP,
    /** The knock is the first bytes of a connection. */
    TCP;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
