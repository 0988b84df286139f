package org.mayfly.agent.kernel;

import java.io.IOException;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.route.LinkLayerAddress;
import org.mayfly.netlink.route.NeighbourSolicitation;
import org.mayfly.netlink.route.RouteEvent;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.sys.Icmp6Socket;

/**
 * Tells the neighbours of a new door where it is, before they ask. A client that connects as soon as it has knocked is
 * ahead of its door: the router asks for the door when nobody has it yet, keeps the client's packet, and asks again after a
 * second (RFC 4861, 7.2.2). A solicitation that comes from the door ends the wait at once, and spares whoever connects
 * later the asking. An advertisement that nobody asked for does the former only, and an echo request the latter.
 *
 * <p>The caller's thread; nothing here waits.
 */
final class Neighbours implements AutoCloseable {
    /** Chosen here: a grant is not to cost more where a link has a crowd of them. */
    private static final int MOST_ROUTERS = 8;

    private final RouteNetlink route;
    private final @Nullable Icmp6Socket socket;
    private final String why;

    /** What is known of links, by the index of our interface. */
    private final Map<Integer, Vicinity> known = new HashMap<>();

    private Neighbours(RouteNetlink route, @Nullable Icmp6Socket socket, String why) {
        this.route = route;
        this.socket = socket;
        this.why = why;
    }

    /**
     * Opens a socket in the network namespace of the calling thread. Without the right to that, doors open all the same:
     * see {@link #isPossible}.
     *
     * @param route is asked who is on a link; stays the caller's to close
     */
    static Neighbours open(RouteNetlink route) {
        try {
            return new Neighbours(route, Icmp6Socket.open(), "");
        } catch (IOException e) {
            String why = "no raw ICMPv6 socket (" + e.getMessage()
                    + "), so a client that connects as soon as it has knocked may wait a second; run as root, or give the"
                    + " agent CAP_NET_RAW";
            return new Neighbours(route, null, why);
        }
    }

    /** Whether anybody can be told; if not, {@link #announce} does nothing. */
    boolean isPossible() {
        return socket != null;
    }

    /** Why not, what that costs, and what to do, in one line; empty if it is possible. */
    String why() {
        return why;
    }

    /**
     * Tells the routers of the link, and the client if it is on the link itself, where a door is: a packet to each.
     *
     * @param door an address that is up and has its local route
     * @param index of the interface that it is on
     * @param client for whom the door is; {@link Ip6Address#UNSPECIFIED} if that is not one address
     * @throws IOException if somebody could not be told, who then has to ask; the others were
     */
    void announce(Ip6Address door, int index, Ip6Address client) throws IOException {
        if (socket == null) {
            return;
        }
        Vicinity link = vicinity(index);
        if (link.ourselves().equals(LinkLayerAddress.NONE)) {
            return;
        }
        Set<InetAddress> told = new LinkedHashSet<>();
        link.routers().stream().limit(MOST_ROUTERS).forEach(told::add);
        if (link.isOnLink(client)) {
            told.add(client.toInetAddress());
        }
        InetAddress source = door.toInetAddress();
        IOException failure = null;
        for (InetAddress neighbour : told) {
            try {
                byte[] message = new NeighbourSolicitation(neighbour, link.ourselves()).toBytes();
                socket.send(message, source, neighbour, index);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Asks who is on a link now, and not when the first door there is waiting for it. */
    void learn(int index) {
        if (socket != null && index != 0) {
            try {
                vicinity(index);
            } catch (IOException e) {
                // it is asked again when it is needed, and somebody is told then
            }
        }
    }

    private Vicinity vicinity(int index) throws IOException {
        Vicinity link = known.get(index);
        if (link == null) {
            link = Vicinity.read(route, index);
            known.put(index, link);
        }
        return link;
    }

    /** All that is known of links is asked for again when it is needed, with dumps of routes and neighbours. */
    void forget() {
        known.clear();
    }

    /**
     * Forgets what an event makes wrong: a link that has changed, a route to a router or prefix that was not known. The
     * local route of a door is not one of those. What is gone is left: to tell it in vain costs a packet.
     */
    void heard(RouteEvent event) {
        if (event instanceof RouteEvent.LinkChanged change) {
            known.remove(change.link().index());
        } else if (event instanceof RouteEvent.RouteChanged change && !change.gone()) {
            known.values().removeIf(link -> link.isNews(change.route()));
        }
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.close();
        }
    }
}
