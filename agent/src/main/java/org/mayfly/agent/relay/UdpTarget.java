package org.mayfly.agent.relay;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where flows go. A name is looked up for the first flow, and again for one that comes when the answer has become old; flows
 * that come in the meantime wait for the same answer. On the loop.
 */
final class UdpTarget {
    /** How long an answer holds: as a name server would say for a name that may move. */
    private static final long FRESH = TimeUnit.SECONDS.toNanos(60);

    private final Target target;
    private final EventLoop loop;
    private final Lookup lookup;
    private final LongSupplier clock;
    private final @Nullable InetAddress literal;

    private List<InetAddress> found = List.of();
    private long foundAt;
    private final List<UdpFlow> waiting = new ArrayList<>();

    /** What becomes of those that wait. */
    interface Waiting {
        /** @param to is not empty, in the order in which to try them */
        void open(List<UdpFlow> flows, List<InetSocketAddress> to);

        void failed(List<UdpFlow> flows, IOException why);
    }

    UdpTarget(Target target, EventLoop loop, Lookup lookup, LongSupplier clock) {
        this.target = target;
        this.loop = loop;
        this.lookup = lookup;
        this.clock = clock;
        this.literal = Lookup.literal(target.host());
    }

    /** Has flows opened, now or when it is known where they go. */
    void open(List<UdpFlow> flows, Waiting then) {
        if (literal != null) {
            then.open(flows, ends(List.of(literal)));
        } else if (!found.isEmpty() && clock.getAsLong() - foundAt < FRESH) {
            then.open(flows, ends(found));
        } else {
            boolean asked = !waiting.isEmpty();
            waiting.addAll(flows);
            if (!asked) {
                lookup.find(target, (addresses, failure) -> loop.execute(() -> answered(addresses, failure, then)));
            }
        }
    }

    private void answered(@Nullable List<InetAddress> addresses, @Nullable IOException failure, Waiting then) {
        List<UdpFlow> flows = List.copyOf(waiting);
        waiting.clear();
        if (addresses == null) {
            then.failed(flows, failure == null ? new IOException("no address") : failure);
            return;
        }
        found = addresses;
        foundAt = clock.getAsLong();
        then.open(flows, ends(found));
    }

    private List<InetSocketAddress> ends(List<InetAddress> addresses) {
        return addresses.stream()
                .map(a -> new InetSocketAddress(a, target.port()))
                .toList();
    }

    @Override
    public String toString() {
        return target.toString();
    }
}
