package org.mayfly.agent.relay;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The addresses of targets. A literal is one at once; a name is asked for on a thread of its own, for it may take long. */
final class Lookup implements AutoCloseable {
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

    /** Loopback, private, link-local and this host's own; what no connection can go to as well. */
    private static boolean isInside(InetAddress address) {
        return address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress() // of IPv4: RFC 1918
                || address.isMulticastAddress()
                || (address instanceof Inet4Address ? isShared(address.getAddress()) : isUniqueLocal(address))
                || isOwn(address);
    }

    /** fc00::/7, RFC 4193. */
    private static boolean isUniqueLocal(InetAddress address) {
        return (address.getAddress()[0] & 0xfe) == 0xfc;
    }

    /** 100.64.0.0/10, RFC 6598; and "this network", 0.0.0.0/8, which Linux takes for itself in part. */
    private static boolean isShared(byte[] address) {
        return (address[0] & 0xff) == 100 && (address[1] & 0xc0) == 64 || address[0] == 0;
    }

    private static boolean isOwn(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException e) {
            return true; // it cannot be told, so it is refused
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
