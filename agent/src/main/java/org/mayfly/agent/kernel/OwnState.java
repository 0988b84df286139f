package org.mayfly.agent.kernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.nft.NftEvent;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteEvent;

/** Knows which of the kernel's events are about something of ours that ought to be there. */
final class OwnState implements KernelWatch.Ours {
    private static final int ONE_ADDRESS = 128;

    private final String table;
    private final int protocol;
    private final Predicate<Ip6Address> isDoor;
    private final Forwarding forwarding;
    /** Null until the first one is installed. */
    private @Nullable Guard guard;

    /** The interfaces that carry doors: what was told of each last. */
    private final List<Carrier> carriers = new ArrayList<>();

    private static final class Carrier {
        private int index;
        private String name;
        private boolean up = true;

        Carrier(int index, String name) {
            this.index = index;
            this.name = name;
        }
    }

    OwnState(String table, int protocol, Predicate<Ip6Address> isDoor, Forwarding forwarding) {
        this.table = table;
        this.protocol = protocol;
        this.isDoor = isDoor;
        this.forwarding = forwarding;
    }

    /** Another guard was installed. */
    void guard(Guard next, DoorAddresses addresses) throws IOException {
        guard = next;
        Map<String, Integer> now = new LinkedHashMap<>();
        for (DoorPrefix p : next.doors()) {
            if (p.mode() == DoorMode.ADDRESS) {
                now.put(p.interfaceName(), addresses.carrier(p.interfaceName()));
            }
        }
        carriers.removeIf(c -> !now.containsValue(c.index));
        now.forEach((name, index) -> {
            if (carriers.stream().noneMatch(c -> c.index == index)) {
                carriers.add(new Carrier(index, name));
            }
        });
    }

    @Override
    public @Nullable Ip6Address readyBy(RouteEvent event) {
        if (event instanceof RouteEvent.RouteChanged r && !r.gone()) {
            Route route = r.route();
            boolean one = route.type() == Route.RTN_LOCAL && route.length() == ONE_ADDRESS;
            if (one && route.destination() != null && route.destination().getAddress().length == 16) {
                Ip6Address door = Ip6Address.of(route.destination());
                return needsAddress(door) ? door : null;
            }
        }
        return null;
    }

    @Override
    public boolean isOfTheMachine(RouteEvent event) {
        if (event instanceof RouteEvent.AddressChanged a) {
            return a.address().protocol() != protocol;
        }
        if (event instanceof RouteEvent.RouteChanged r) {
            return r.route().table() == Route.RT_TABLE_MAIN; // not the local ones, of which each door has one
        }
        return event instanceof RouteEvent.LinkChanged;
    }

    private boolean needsAddress(Ip6Address door) {
        return guard != null && guard.needsAddress(door) && isDoor.test(door);
    }

    @Override
    public boolean isTable(NftEvent event) {
        if (event instanceof NftEvent.TableChanged t) {
            return is(t.table().family(), t.table().name());
        }
        if (event instanceof NftEvent.ChainChanged c) {
            return is(c.chain().family(), c.chain().table());
        }
        if (event instanceof NftEvent.RuleChanged r) {
            return is(r.rule().family(), r.rule().table());
        }
        if (event instanceof NftEvent.SetChanged s) {
            return is(s.set().family(), s.set().table());
        }
        return event instanceof NftEvent.ElementsChanged e && is(e.family(), e.table());
    }

    private boolean is(NftFamily family, String name) {
        return family == NftFamily.INET && table.equals(name);
    }

    @Override
    public @Nullable Disturbance by(RouteEvent event) {
        if (event instanceof RouteEvent.AddressChanged a) {
            return a.gone() && isNeeded(a.address()) ? Disturbance.ADDRESS : null;
        }
        if (event instanceof RouteEvent.RouteChanged r) {
            return r.gone() && isNeeded(r.route()) ? Disturbance.ROUTE : null;
        }
        if (event instanceof RouteEvent.NetConfChanged c) {
            return forwarding.changedBy(c.settings(), c.gone()) ? Disturbance.FORWARDING : null;
        }
        return event instanceof RouteEvent.LinkChanged l && changed(l.link(), l.gone()) ? Disturbance.INTERFACE : null;
    }

    private boolean isNeeded(Address address) {
        return address.protocol() == protocol && needsAddress(Ip6Address.of(address.address()));
    }

    private boolean isNeeded(Route route) {
        return guard != null
                && route.protocol() == protocol
                && route.type() == Route.RTN_LOCAL
                && guard.routed().stream().anyMatch(p -> isRouteOf(p, route));
    }

    private static boolean isRouteOf(Ip6Prefix prefix, Route route) {
        return route.length() == prefix.length()
                && prefix.address().toInetAddress().equals(route.destination());
    }

    /** An interface tells of itself for many reasons; up, down, gone, here again and renamed are those that matter. */
    private boolean changed(Link link, boolean gone) {
        boolean changed = false;
        for (Carrier c : carriers) {
            if (link.index() == c.index || link.name().equals(c.name)) {
                boolean up = link.isUp() && !gone;
                changed |= link.index() != c.index || up != c.up || !link.name().equals(c.name) || gone;
                c.index = link.index();
                c.name = link.name();
                c.up = up;
            }
        }
        return changed;
    }
}
