package org.mayfly.knock.client;

import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;

/**
 * One knock: which way it went and what it opens.
 *
 * @param candidates where the door is, the likeliest first; for an IPv4 permit the server's address alone
 * @param prefixes under how many prefixes they are: as many of the first candidates are the likeliest under each
 * @param source what the request names: who may come in; {@code ::} where the packet's own source counts
 * @param local what the connection has to be bound to; null if the source is not an address of this machine
 * @param way how it went, and where to
 * @param time its time stamp
 */
public record Knock(
        List<Ip6Address> candidates,
        int prefixes,
        Ip6Address source,
        @Nullable InetAddress local,
        Way way,
        Instant time) {
    public Ip6Address door() {
        return candidates.get(0);
    }

    Knock at(Instant newTime) {
        return new Knock(candidates, prefixes, source, local, way, newTime);
    }

    /** What the knock itself is sent from, so that it and the connection have one source; null: the system chooses. */
    @Nullable
    InetAddress sender() {
        InetAddress a = local;
        return a != null && Addresses.family(a) == way.family() ? a : null;
    }
}
