package org.mayfly.agent.core;

import org.mayfly.knock.Ip6Address;

/** Which addresses can be the source of a connection at all. */
final class Sources {
    private Sources() {}

    /** False for multicast, unspecified and loopback addresses, on either family (RFC 4291, 2.5 and 2.7; RFC 1122, 3.2.1.3). */
    static boolean canConnect(Ip6Address a) {
        if (a.isIpv4()) {
            int first = (int) (a.low() >>> 24) & 0xff;
            return first != 0 && first != 127 && first < 224;
        }
        boolean multicast = a.high() >>> 56 == 0xff;
        boolean lowest = a.high() == 0 && a.low() >>> 32 == 0; // ::, ::1 and the IPv4-compatible addresses
        return !multicast && !lowest;
    }
}
