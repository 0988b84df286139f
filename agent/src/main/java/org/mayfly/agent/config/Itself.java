package org.mayfly.agent.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.relay.Target;
import org.mayfly.knock.Ip6Address;

/**
 * Where the agent itself listens: what is led there comes back for ever.
 *
 * @param udp where knocks are taken, and {@code tcp} likewise
 * @param services all of them
 * @param relays by the name of the service
 * @param own whether an address is this host's; those of loopback are, whatever it says
 */
record Itself(
        List<InetSocketAddress> udp,
        List<InetSocketAddress> tcp,
        List<Service> services,
        Map<String, Relay> relays,
        Predicate<Ip6Address> own) {
    Itself {
        udp = List.copyOf(udp);
        tcp = List.copyOf(tcp);
        services = List.copyOf(services);
        relays = Map.copyOf(relays);
    }

    /** What of the agent's own a target is; nothing if it is not. */
    String what(Protocol protocol, Target target) {
        List<InetSocketAddress> knocks = protocol == Protocol.TCP ? tcp : udp;
        if (knocks.stream().anyMatch(k -> hears(k, target))) {
            return "where knocks are taken";
        }
        for (Service s : services) {
            boolean relayed = relays.containsKey(s.name()) && s.protocol() == protocol;
            if (relayed && s.port() == target.port() && takes(s, target)) {
                return "what service \"" + s.name() + "\" listens on for its relay";
            }
        }
        return "";
    }

    /** {@code [::]} hears IPv4 as well. */
    private boolean hears(InetSocketAddress listener, Target target) {
        if (listener.getPort() != target.port()) {
            return false;
        }
        Ip6Address at = Ip6Address.of(listener.getAddress());
        return at.equals(Targets.literal(target.host()))
                || at.isUnspecified() && (is6(target) || is4(target))
                || listener.getAddress().isAnyLocalAddress() && is4(target);
    }

    /** A relay listens on every address of IPv6, and on those of IPv4 where a knock may open them. */
    private boolean takes(Service s, Target target) {
        return is6(target) || s.ipv4() == Ipv4Access.PERMIT && is4(target);
    }

    private boolean is4(Target target) {
        Ip6Address a = Targets.literal(target.host());
        return Targets.isLoopback4(target) || a != null && a.isIpv4() && own.test(a);
    }

    private boolean is6(Target target) {
        Ip6Address a = Targets.literal(target.host());
        return Targets.isLoopback6(target) || a != null && !a.isIpv4() && own.test(a);
    }
}
