package org.mayfly.agent.relay;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flows of a relay, in the order in which they were used. Nothing here takes longer the more there are. */
final class UdpFlows {
    private static final int ROOM = 16;
    private static final float LOAD = 0.75f;

    private final Map<UdpKey, UdpFlow> all = byUse();
    private final Map<Long, Map<UdpKey, UdpFlow>> networks = new HashMap<>();
    private UdpLimits limits;

    UdpFlows(UdpLimits limits) {
        this.limits = limits;
    }

    /** The one that was asked for least lately is the first. */
    private static Map<UdpKey, UdpFlow> byUse() {
        return new LinkedHashMap<>(ROOM, LOAD, true);
    }

    void limits(UdpLimits next) {
        limits = next;
    }

    int size() {
        return all.size();
    }

    /** It counts as used if it is asked for. */
    @Nullable
    UdpFlow get(UdpKey key) {
        return all.get(key);
    }

    /** It is used. */
    void touch(UdpFlow flow) {
        all.get(flow.key);
        Map<UdpKey, UdpFlow> same = networks.get(flow.network);
        if (same != null) {
            same.get(flow.key);
        }
    }

    /** Who has to go before another one of that network may come: the one used least lately. Null if there is room. */
    @Nullable
    UdpFlow inTheWay(long network) {
        Map<UdpKey, UdpFlow> same = networks.get(network);
        if (same != null && same.size() >= limits.ofANetwork()) {
            return first(same);
        }
        return all.size() >= limits.flows() ? eldest() : null;
    }

    void add(UdpFlow flow) {
        all.put(flow.key, flow);
        networks.computeIfAbsent(flow.network, n -> byUse()).put(flow.key, flow);
    }

    void remove(UdpFlow flow) {
        if (!all.remove(flow.key, flow)) {
            return;
        }
        Map<UdpKey, UdpFlow> same = networks.get(flow.network);
        if (same != null && same.remove(flow.key) != null && same.isEmpty()) {
            networks.remove(flow.network);
        }
    }

    /** The one that was used least lately. Null if there is none. */
    @Nullable
    UdpFlow eldest() {
        return all.isEmpty() ? null : first(all);
    }

    private static UdpFlow first(Map<UdpKey, UdpFlow> flows) {
        return flows.values().iterator().next();
    }

    List<UdpFlow> copy() {
        return List.copyOf(all.values());
    }
}
