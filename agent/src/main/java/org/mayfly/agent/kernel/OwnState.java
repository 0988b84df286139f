package org.mayfly.agent.kernel;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Guard;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.nft.NftEvent;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteEvent;

/** Knows which of the kernel's events are about something of ours that ought to be there. */
final class OwnState implements KernelWatch.Ours {
    private final String table;
    private final int protocol;
    private final Predicate<Ip6Address> isDoor;
    /** Null until the first one is installed. */
    private @Nullable Guard guard;

    /** Of the interface that carries doors: what was told of it last. */
    private int index;

    private boolean up = true;
    private String name = "";

    OwnState(String table, int protocol, Predicate<Ip6Address> isDoor) {
        this.table = table;
        this.protocol = protocol;
        this.isDoor = isDoor;
    }

    /** Another guard was installed. */
    void guard(Guard next, int interfaceIndex) {
        guard = next;
        index = interfaceIndex;
        name = next.doorInterface();
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
        return event instanceof RouteEvent.LinkChanged l && changed(l.link(), l.gone()) ? Disturbance.INTERFACE : null;
    }

    private @Nullable DoorMode mode() {
        return guard == null ? null : guard.mode();
    }

    private boolean isNeeded(Address address) {
        return mode() == DoorMode.ADDRESS
                && address.protocol() == protocol
                && isDoor.test(Ip6Address.of(address.address()));
    }

    private boolean isNeeded(Route route) {
        DoorSpace doors = guard == null ? null : guard.doors();
        return mode() == DoorMode.ANYIP
                && doors != null
                && route.protocol() == protocol
                && route.type() == Route.RTN_LOCAL
                && route.length() == doors.prefix().length()
                && doors.prefix().address().toInetAddress().equals(route.destination());
    }

    /** An interface tells of itself for many reasons; up, down, gone, here again and renamed are those that matter. */
    private boolean changed(Link link, boolean gone) {
        boolean carries = link.index() == index || link.name().equals(name);
        if (!carries || mode() != DoorMode.ADDRESS) {
            return false;
        }
        boolean same = link.index() == index && link.isUp() == up && link.name().equals(name) && !gone;
        index = link.index();
        name = link.name();
        up = link.isUp() && !gone;
        return !same;
    }
}
