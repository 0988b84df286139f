package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.RawAttribute;

/** A {@link Route} while it is read or changed. */
final class RouteDraft {
    int family;

    @Nullable
    InetAddress destination;

    int length;

    @Nullable
    InetAddress source;

    int sourceLength;
    int tos;
    int type;
    int table;
    int protocol;
    int scope;
    int flags;
    int index;

    @Nullable
    InetAddress gateway;

    int priority;

    @Nullable
    InetAddress preferredSource;

    Metrics metrics = Metrics.NONE;
    List<NextHop> nextHops = List.of();
    int nextHopId;
    int preference;
    long expiresSeconds;

    @Nullable
    CacheInfo cacheInfo;

    List<RawAttribute> unknown = new ArrayList<>();

    RouteDraft(int family) {
        this.family = family;
    }

    RouteDraft(Route r) {
        family = r.family();
        destination = r.destination();
        length = r.length();
        source = r.source();
        sourceLength = r.sourceLength();
        tos = r.tos();
        type = r.type();
        table = r.table();
        protocol = r.protocol();
        scope = r.scope();
        flags = r.flags();
        index = r.index();
        gateway = r.gateway();
        priority = r.priority();
        preferredSource = r.preferredSource();
        metrics = r.metrics();
        nextHops = r.nextHops();
        nextHopId = r.nextHopId();
        preference = r.preference();
        expiresSeconds = r.expiresSeconds();
        cacheInfo = r.cacheInfo();
        unknown.addAll(r.unknown());
    }

    RouteDraft destination(@Nullable InetAddress address, int prefixLength) {
        destination = address;
        length = prefixLength;
        return this;
    }

    RouteDraft what(int newType, int newTable, int newProtocol) {
        type = newType;
        table = newTable;
        protocol = newProtocol;
        return this;
    }

    RouteDraft way(int newIndex, @Nullable InetAddress newGateway, int newPriority) {
        index = newIndex;
        gateway = newGateway;
        priority = newPriority;
        return this;
    }

    Route route() {
        return new Route(this);
    }
}
