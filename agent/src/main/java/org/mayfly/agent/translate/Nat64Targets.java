package org.mayfly.agent.translate;

import org.jspecify.annotations.Nullable;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.relay.TransparentPort;
import org.mayfly.knock.Ip6Address;

/**
 * Where a connection to an address of the translation prefix leads: to the IPv4 address in it, at the same port, unless that
 * would be this host, whose guard takes what comes from itself for harmless.
 *
 * @param format of the prefix
 * @param inside whether it may lead to private addresses
 * @param own asked of each address
 */
public record Nat64Targets(Rfc6052 format, boolean inside, Own own) implements TransparentPort.Choice {
    /** Tells what arrives at this host itself, when a packet is sent to it from here. */
    @FunctionalInterface
    public interface Own {
        /** @param ipv4 in its mapped form */
        boolean isOwn(Ip6Address ipv4);
    }

    @Override
    public @Nullable Target target(Ip6Address source, Ip6Address to, int port) {
        Ip6Address ipv4 = format.extract(to).orElse(null);
        return ipv4 != null && format.represents(ipv4, inside) && !own.isOwn(ipv4)
                ? new Target(ipv4.toString(), port, ProxyHeader.NONE, true)
                : null;
    }
}
