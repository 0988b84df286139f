package org.mayfly.knock.client;

import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import org.mayfly.knock.Ip6Address;

/**
 * A way to a server: what the knock travels in, and where it goes.
 *
 * @param server one of its addresses, and the port on which it takes such knocks
 */
public record Way(Carrier carrier, InetSocketAddress server) {
    public StandardProtocolFamily family() {
        return Addresses.family(server.getAddress());
    }

    /** {@code 192.0.2.1:62201} or {@code [2001:db8::1]:62201}. */
    public String address() {
        Ip6Address a = Ip6Address.of(server.getAddress());
        return (a.isIpv4() ? a.toString() : "[" + a + "]") + ":" + server.getPort();
    }

    /** As a line for people has it: {@code UDP 192.0.2.1:62201}. */
    @Override
    public String toString() {
        return carrier.name() + " " + address();
    }
}
