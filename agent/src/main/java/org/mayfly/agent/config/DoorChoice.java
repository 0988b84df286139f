package org.mayfly.agent.config;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;

/**
 * Where doors go on this machine, and why.
 *
 * @param interfaceName carries the addresses in mode address; in mode anyip, names the way in
 * @param reason one sentence for the log and for {@code status}
 */
public record DoorChoice(DoorMode mode, DoorSpace doors, String interfaceName, String reason) {

    /**
     * Decides.
     *
     * @throws ConfigurationException if the machine has not what the configuration asks for
     */
    public static DoorChoice choose(Configuration c, Machine machine) throws ConfigurationException {
        String asked = c.doorInterface();
        if (asked != null && !machine.interfaces().contains(asked)) {
            throw wrong("[door] interface: there is no interface \"" + asked + "\"; there are "
                    + String.join(", ", machine.interfaces()));
        }
        Ip6Prefix prefix = c.prefix() == null ? ownPrefix(asked, machine) : c.prefix();
        Optional<Machine.OnLink> link = machine.onLink().stream()
                .filter(l -> l.prefix().contains(prefix) || prefix.contains(l.prefix()))
                .findFirst();
        DoorMode mode =
                switch (c.mode()) {
                    case ADDRESS -> DoorMode.ADDRESS;
                    case ANYIP -> DoorMode.ANYIP;
                    case AUTO -> link.isPresent() ? DoorMode.ADDRESS : DoorMode.ANYIP;
                };
        if (mode == DoorMode.ANYIP && link.isPresent()) {
            throw wrong("[door] mode: \"anyip\" cannot be used for " + prefix + ", which is on the link of "
                    + link.get().interfaceName()
                    + ": its neighbours' addresses would become this host's; use \"address\", or a prefix routed here");
        }
        String carrier = carrier(asked, link.orElse(null), machine);
        return new DoorChoice(mode, new DoorSpace(prefix, c.reserved()), carrier, reason(c, prefix, link.orElse(null)));
    }

    private static String reason(Configuration c, Ip6Prefix prefix, Machine.@Nullable OnLink link) {
        if (c.mode() != ModeChoice.AUTO) {
            return "the configuration says so";
        }
        return link == null
                ? prefix + " is on the link of no interface, so it has to be routed to this host"
                : prefix + " is on the link of " + link.interfaceName() + ", where neighbours ask for each address";
    }

    private static String carrier(@Nullable String asked, Machine.@Nullable OnLink link, Machine machine)
            throws ConfigurationException {
        if (asked != null) {
            return asked;
        }
        String found = link != null ? link.interfaceName() : machine.defaultInterface();
        if (found == null) {
            throw wrong("[door] interface: no interface has an IPv6 default route, so name one of "
                    + String.join(", ", machine.interfaces()));
        }
        return found;
    }

    private static Ip6Prefix ownPrefix(@Nullable String asked, Machine machine) throws ConfigurationException {
        String name = carrier(asked, null, machine);
        Machine.Address address = machine.addresses().stream()
                .filter(a -> a.interfaceName().equals(name) && a.stable())
                .findFirst()
                .orElseThrow(() -> wrong("[door] prefix: \"auto\" takes the prefix of " + name
                        + ", which has no stable global IPv6 address; set prefix, such as \"2001:db8:1:2::/64\""));
        if (address.length() < 64 || address.length() > 96) {
            throw wrong("[door] prefix: \"auto\" takes the prefix of " + address.address() + "/" + address.length()
                    + " on " + name + ", but doors need a length of 64 to 96; set prefix");
        }
        return Ip6Prefix.around(address.address(), address.length());
    }

    private static ConfigurationException wrong(String line) {
        return new ConfigurationException(List.of(line));
    }
}
