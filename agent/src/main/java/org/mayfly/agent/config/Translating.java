package org.mayfly.agent.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.translate.Dns64Settings;
import org.mayfly.knock.Ip6Prefix;

/**
 * What leads those inside, who have IPv6 only, to IPv4: {@code [relay.nat64]} and {@code [relay.dns64]}.
 *
 * @param nat64 null for no translation
 * @param dns64 null for no forwarder
 * @param places where the prefix is in the file
 */
public record Translating(@Nullable Nat64 nat64, @Nullable Dns64Settings dns64, Places places) {
    static final Translating NOTHING = new Translating(null, null, new Places(Map.of()));

    /** A link that large is a default route by another name, as with doors. */
    private static final int SHORTEST_LINK = 32;

    /**
     * Looks whether the prefix can be this host's as a whole on this machine.
     *
     * @throws ConfigurationException if its addresses are somebody else's, or doors are there
     */
    public void check(Machine machine, DoorChoice door) throws ConfigurationException {
        if (nat64 == null) {
            return;
        }
        Ip6Prefix prefix = nat64.prefix();
        if (overlap(prefix, door.doors().prefix())) {
            throw wrong("doors are in " + door.doors().prefix() + "; expected a prefix beside it");
        }
        for (Machine.OnLink link : machine.links()) {
            if (link.prefix().length() >= SHORTEST_LINK && overlap(prefix, link.prefix())) {
                throw wrong(link.prefix() + " is on the link of " + link.interfaceName()
                        + ", and its neighbours' addresses would become this host's; expected a prefix of nobody, such as "
                        + "64:ff9b:1::/96");
            }
        }
    }

    /** What is not wrong and still strange on this machine, in a line. */
    public Optional<String> warning(Machine machine) {
        return Optional.ofNullable(nat64)
                .map(Nat64::interfaceName)
                .filter(name -> !machine.interfaces().contains(name))
                .map(name -> "[relay.nat64] interface: there is no interface \"" + name
                        + "\"; until there is, nobody is led to IPv4");
    }

    /** Who is served where, in a line each. */
    public List<String> listening() {
        List<String> lines = new ArrayList<>();
        if (nat64 != null) {
            lines.add("nat64 " + nat64.prefix() + " (from " + nat64.interfaceName() + ")");
        }
        if (dns64 != null) {
            dns64.listen().forEach(a -> lines.add("dns64 " + Sockets.text(a)));
        }
        return lines;
    }

    private static boolean overlap(Ip6Prefix a, Ip6Prefix b) {
        return a.contains(b) || b.contains(a);
    }

    private ConfigurationException wrong(String text) {
        String place = places.byKey().getOrDefault("prefix", "");
        return new ConfigurationException(
                List.of((place.isEmpty() ? "" : place + ": ") + "[relay.nat64] prefix: " + text));
    }
}
