package org.mayfly.agent.relay;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.net.Ipv4Kind;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.Route;
import org.mayfly.netlink.route.RouteLookup;
import org.mayfly.netlink.route.RouteNetlink;

/** The addresses of targets. A literal is one at once; a name is asked for on a thread of its own, for it may take long. */
final class Lookup implements AutoCloseable {
    /** RFC 4193. */
    private static final Ip6Prefix UNIQUE_LOCAL = Ip6Prefix.parse("fc00::/7");

    private static final int THREADS = 4;

    /** Who waits behind so many has waited too long. */
    private static final int WAITING = 1000;

    private static final int SECONDS_KEPT = 30;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS, THREADS, SECONDS_KEPT, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING), r -> {
                Thread thread = new Thread(r, "mayfly-names");
                thread.setDaemon(true); // a look-up cannot be interrupted
                return thread;
            });

    Lookup() {
        threads.allowCoreThreadTimeOut(true);
    }

    /** @return null if it is a name */
    static @Nullable InetAddress literal(String host) {
        try {
            return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)
                    ? InetAddress.getByName(host)
                    : null;
        } catch (UnknownHostException e) {
            return null; // of a zone that is no interface's
        }
    }

    /**
     * @param then told, on one of its threads, the addresses that may be connected to, or why there are none: one of the two
     *     is null
     */
    void find(Target target, BiConsumer<@Nullable List<InetAddress>, @Nullable IOException> then) {
        try {
            threads.execute(() -> {
                try {
                    then.accept(find(target), null);
                } catch (IOException e) {
                    then.accept(null, e);
                }
            });
        } catch (RejectedExecutionException e) {
            then.accept(null, new IOException("too many names are being looked up", e));
        }
    }

    private static List<InetAddress> find(Target target) throws IOException {
        List<InetAddress> found = Stream.of(InetAddress.getAllByName(target.host()))
                .filter(a -> target.inside() || !isInside(a))
                .toList();
        if (found.isEmpty()) {
            throw new IOException(target.host() + " stands for addresses of the inside only");
        }
        return found;
    }

    /**
     * Loopback, private, link-local and this host's own; what no connection can go to as well. IPv4 in its mapped form is
     * IPv4 to a socket, so it is here.
     */
    static boolean isInside(InetAddress address) {
        Ip6Address one = Ip6Address.of(address);
        if (one.isIpv4()) {
            Ipv4Kind kind = Ipv4Kind.of(one);
            return kind == Ipv4Kind.LOCAL || kind == Ipv4Kind.PRIVATE || isOwn(one);
        }
        return address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || UNIQUE_LOCAL.contains(one)
                || isOwn(one);
    }

    /** Whether packets to it arrive here: of whole prefixes, those of doors and of NAT64, no interface shows that. */
    private static boolean isOwn(Ip6Address address) {
        try (RouteNetlink route = RouteNetlink.open()) {
            int type = route.lookup(RouteLookup.to(address.toInetAddress())).type();
            return type != Route.RTN_UNICAST;
        } catch (NetlinkException e) {
            return e.errno() != Errno.ENETUNREACH && e.errno() != Errno.EHOSTUNREACH;
        } catch (IOException e) {
            return true; // it cannot be told, so it is refused
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
