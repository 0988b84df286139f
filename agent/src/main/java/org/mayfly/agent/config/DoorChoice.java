package org.mayfly.agent.config;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;

/**
 * Where doors go on this machine, and why.
 *
 * @param interfaceName carries the addresses in mode address; in mode anyip, names the way in
 * @param reason one sentence for the log and for {@code status}
 * @param warning what an operator should mend about it, one line; empty if there is nothing
 */
public record DoorChoice(DoorMode mode, DoorSpace doors, String interfaceName, String reason, String warning) {
    /** A route as short as 2000::/3 into a tunnel is a default route by another name: no link is that large. */
    private static final int SHORTEST_LINK = 32;

    /** A single address has no neighbours. DHCPv6 gives such, and the route of the link stands apart. */
    private static final int ONE_ADDRESS = 128;

    /** The choice of a machine that was not there before; see {@link #choose(Configuration, Machine, DoorChoice)}. */
    public static DoorChoice choose(Configuration c, Machine machine) throws ConfigurationException {
        return choose(c, machine, null);
    }

    /**
     * Decides.
     *
     * @param before what was chosen last: where several prefixes would do, that one is kept for as long as it does
     * @throws ConfigurationException if the machine has not what the configuration asks for
     */
    public static DoorChoice choose(Configuration c, Machine machine, @Nullable DoorChoice before)
            throws ConfigurationException {
        String asked = c.doorInterface();
        if (asked != null && !machine.interfaces().contains(asked)) {
            throw c.places()
                    .wrong(
                            "interface",
                            "there is no interface \"" + asked + "\"; expected one of "
                                    + String.join(", ", machine.interfaces()));
        }
        Found found = find(c, machine, before);
        Ip6Prefix prefix = found.prefix;
        Machine.@Nullable OnLink link = link(prefix, c.prefix() == null ? carrier(c, machine) : asked, machine);
        if (link != null && c.mode() == ModeChoice.ANYIP) {
            throw c.places()
                    .wrong(
                            "mode",
                            "\"anyip\" cannot be used for " + prefix + ", which is on the link of "
                                    + link.interfaceName() + ": its neighbours' addresses would become this host's;"
                                    + " expected \"address\", or a prefix that is routed here");
        }
        if (link != null && asked != null && !link.interfaceName().equals(asked)) {
            throw c.places()
                    .wrong(
                            "interface",
                            prefix + " is on the link of " + link.interfaceName()
                                    + ", so nobody would ask for its addresses on " + asked + "; expected \""
                                    + link.interfaceName() + "\"");
        }
        String carrier = link != null ? link.interfaceName() : carrier(c, machine);
        DoorMode mode = link == null && c.mode() != ModeChoice.ADDRESS ? DoorMode.ANYIP : DoorMode.ADDRESS;
        String reason = reason(c, prefix, link);
        return found.deprecated
                ? new DoorChoice(
                        mode, doors(c, prefix), carrier, reason + "; it is deprecated", warning(prefix, carrier))
                : new DoorChoice(mode, doors(c, prefix), carrier, reason, "");
    }

    private record Found(Ip6Prefix prefix, boolean deprecated) {}

    private static Found find(Configuration c, Machine machine, @Nullable DoorChoice before)
            throws ConfigurationException {
        if (c.prefix() != null) {
            return new Found(c.prefix(), false);
        }
        Machine.Address own = ownAddress(c, machine, before);
        return new Found(ownPrefix(c, own, machine), own.deprecated());
    }

    /** Whether doors are no others, whatever the reasons. */
    public boolean isSamePlace(DoorChoice other) {
        return mode == other.mode && doors.equals(other.doors) && interfaceName.equals(other.interfaceName);
    }

    /** What clients can knock at, if nobody says: the interface's stable address, one that all can reach before others. */
    public static @Nullable String hostAddress(String interfaceName, Machine machine) {
        return machine.addresses().stream()
                .filter(a -> a.interfaceName().equals(interfaceName) && a.stable() && Values.isGlobal(a.address()))
                .min(Comparator.comparing(Machine.Address::isUniqueLocal).thenComparing(Machine.Address::deprecated))
                .map(a -> a.address().toString())
                .orElse(null);
    }

    /** The link that shares addresses with the prefix; the preferred one if there are several. */
    private static Machine.@Nullable OnLink link(Ip6Prefix prefix, @Nullable String preferred, Machine machine) {
        List<Machine.OnLink> links = machine.links().stream()
                .filter(l -> l.prefix().length() >= SHORTEST_LINK && l.prefix().length() < ONE_ADDRESS)
                .filter(l -> l.prefix().contains(prefix) || prefix.contains(l.prefix()))
                .sorted(Comparator.comparing(l -> !l.interfaceName().equals(preferred)))
                .toList();
        return links.isEmpty() ? null : links.get(0);
    }

    /** The range that is left alone may be too wide for a prefix that was not known before. */
    private static DoorSpace doors(Configuration c, Ip6Prefix prefix) throws ConfigurationException {
        try {
            return new DoorSpace(prefix, c.reserved());
        } catch (IllegalArgumentException e) {
            throw c.places().wrong("reserved", e.getMessage() + "; expected a range such as ::/124");
        }
    }

    private static String reason(Configuration c, Ip6Prefix prefix, Machine.@Nullable OnLink link) {
        String how = link == null
                ? prefix + " is on the link of no interface, so it has to be routed to this host"
                : prefix + " is on the link of " + link.interfaceName() + ", where neighbours ask for each address";
        return c.mode() == ModeChoice.AUTO ? how : "the configuration says so; " + how;
    }

    private static String warning(Ip6Prefix prefix, String carrier) {
        return "doors stay in " + prefix + " though it is deprecated, since there is no other global one on " + carrier
                + "; see what its router advertises, or set [door] prefix";
    }

    private static String carrier(Configuration c, Machine machine) throws ConfigurationException {
        String found = c.doorInterface() != null ? c.doorInterface() : machine.defaultInterface();
        if (found == null) {
            throw c.places()
                    .wrong(
                            "interface",
                            "no interface has an IPv6 default route; expected one of "
                                    + String.join(", ", machine.interfaces()));
        }
        return found;
    }

    /**
     * The address whose prefix doors are in. A deprecated one is as good as any for who comes in, while it lasts, and a
     * unique local one is no good for who comes from afar.
     */
    private static Machine.Address ownAddress(Configuration c, Machine machine, @Nullable DoorChoice before)
            throws ConfigurationException {
        String name = carrier(c, machine);
        Machine.Address address = machine.addresses().stream()
                .filter(a -> a.interfaceName().equals(name) && a.stable() && Values.isGlobal(a.address()))
                .min(Comparator.comparing(Machine.Address::isUniqueLocal)
                        .thenComparing(Machine.Address::deprecated)
                        .thenComparing(
                                a -> before == null || !before.doors().prefix().contains(a.address())))
                .orElse(null);
        if (address == null) {
            throw c.places()
                    .wrong(
                            "prefix",
                            "\"auto\" takes the prefix of " + name
                                    + ", which has no stable global IPv6 address; expected a prefix such as 2001:db8:1:2::/64");
        }
        return address;
    }

    private static Ip6Prefix ownPrefix(Configuration c, Machine.Address address, Machine machine)
            throws ConfigurationException {
        Ip6Prefix prefix = address.length() < ONE_ADDRESS ? address.prefix() : prefixOfLink(address, machine);
        if (prefix.length() < 64 || prefix.length() > 96) {
            throw c.places()
                    .wrong(
                            "prefix",
                            "\"auto\" takes the prefix of " + address.address() + "/" + prefix.length() + " on "
                                    + address.interfaceName()
                                    + ", but doors need a length of 64 to 96; expected a prefix that is routed here");
        }
        return prefix;
    }

    private static Ip6Prefix prefixOfLink(Machine.Address address, Machine machine) {
        return machine.onLink().stream()
                .filter(l -> l.interfaceName().equals(address.interfaceName()))
                .map(Machine.OnLink::prefix)
                .filter(p -> p.length() >= SHORTEST_LINK && p.length() < ONE_ADDRESS && p.contains(address.address()))
                .max(Comparator.comparingInt(Ip6Prefix::length))
                .orElse(address.prefix());
    }
}
