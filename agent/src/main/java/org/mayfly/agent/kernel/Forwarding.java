package org.mayfly.agent.kernel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.netlink.route.NetConf;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteNetlink;

/**
 * Whether this host sends packets on that are not for it. Where it does, it may do so under its own address (NAT), and then a
 * packet to its own address and port may be the answer to such a one: only connection tracking can tell.
 */
final class Forwarding {
    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv6/conf");

    private final RouteNetlink route;

    /** Since Linux 6.17, {@code ip6_forward()} looks at it besides {@code all.forwarding}; netlink does not tell it. */
    private final boolean forced;

    private Family four = Family.UNKNOWN;
    private Family six = Family.UNKNOWN;

    /** What the guard was put up with. */
    private boolean trackedFour = true;

    private boolean trackedSix = true;

    /**
     * What a family's settings say.
     *
     * @param told whether they are known
     * @param on the interfaces that forward
     */
    private record Family(boolean told, Set<Integer> on) {
        static final Family UNKNOWN = new Family(false, Set.of());

        boolean forwards() {
            return !told || !on.isEmpty();
        }

        Family heard(int index, boolean forwards) {
            Set<Integer> next = new HashSet<>(on);
            boolean changed = forwards ? next.add(index) : next.remove(index);
            return changed ? new Family(told, Set.copyOf(next)) : this;
        }
    }

    /** Looks at {@code force_forwarding} in the network namespace of the calling thread, now and not again. */
    Forwarding(RouteNetlink route) {
        this.route = route;
        this.forced = isForced();
    }

    private static boolean isForced() {
        if (!Files.isDirectory(SETTINGS)) {
            return false; // without IPv6
        }
        try (DirectoryStream<Path> interfaces = Files.newDirectoryStream(SETTINGS)) {
            for (Path one : interfaces) {
                Path setting = one.resolve("force_forwarding");
                if (Files.exists(setting) && !Files.readString(setting).strip().equals("0")) {
                    return true;
                }
            }
            return false;
        } catch (IOException | RuntimeException e) {
            return true; // nobody knows
        }
    }

    /** Asks the kernel, and keeps those ports whose packets are for this host for certain, for a guard that is put up now. */
    List<KnockPort> certain(List<KnockPort> heard) {
        ask();
        trackedFour = four.forwards();
        trackedSix = six.forwards() || forced;
        return heard.stream()
                .filter(p -> p.address().isIpv4() ? !trackedFour : !trackedSix)
                .toList();
    }

    /** Asks the kernel whether the guard is still put up as it has to be. */
    boolean isAsBefore() {
        ask();
        return !differs();
    }

    private void ask() {
        four = asked(Route.AF_INET);
        six = asked(Route.AF_INET6);
    }

    private Family asked(int family) {
        try {
            Family found = new Family(true, Set.of());
            for (NetConf c : route.netConf(family)) {
                found = matters(c) ? found.heard(c.index(), c.forwarding() != 0) : found;
            }
            return found;
        } catch (IOException e) { // without IPv6, for one
            return Family.UNKNOWN;
        }
    }

    /** IPv4 goes by the interface that a packet comes in by, {@code ip6_forward()} by "all". */
    private static boolean matters(NetConf c) {
        return c.forwarding() != NetConf.NOT_TOLD && (c.family() == Route.AF_INET || c.index() == NetConf.ALL);
    }

    /**
     * The kernel tells of a change.
     *
     * @param gone the interface with it
     * @return whether the guard is to be put up anew for it
     */
    boolean changedBy(NetConf c, boolean gone) {
        boolean before = differs();
        if (c.family() == Route.AF_INET && (gone || matters(c))) {
            four = four.heard(c.index(), !gone && c.forwarding() != 0);
        } else if (c.family() == Route.AF_INET6 && matters(c)) {
            six = six.heard(c.index(), !gone && c.forwarding() != 0);
        }
        return differs() && !before;
    }

    private boolean differs() {
        return trackedFour != four.forwards() || trackedSix != (six.forwards() || forced);
    }
}
