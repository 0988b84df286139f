package org.mayfly.agent.relay;

import java.util.Locale;

/** What the target is told of who connected, before anything else. */
public enum ProxyHeader {
    /** Nothing: to the target, the client is this host. */
    NONE,
    /** A header of the PROXY protocol, version 2: addresses and ports of the client's connection. */
    V2;

    /** {@code none}, {@code v2}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
