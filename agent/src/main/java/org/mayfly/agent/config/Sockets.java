package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import org.mayfly.knock.Ip6Address;

/** Socket addresses as the configuration writes them. */
public final class Sockets {
    private Sockets() {}

    /** {@code [::]:62201}, {@code 0.0.0.0:62201}. */
    public static String text(InetSocketAddress a) {
        Ip6Address address = Ip6Address.of(a.getAddress());
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + a.getPort();
    }
}
