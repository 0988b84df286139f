package org.mayfly.agent.relay;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The connections to shared ports, and which of them makes room: the newest always gets in, as it may be a knock. Where many
 * are silent it is the oldest of those; else the oldest of the network that has the most, so that whoever floods displaces
 * himself. Nothing here takes notably longer the more there are. On the pipes' loop.
 */
final class Strangers {
    /** One in so many may be silent before it is the silent that go: else one newcomer would displace the other. */
    private static final int SHARE = 8;

    private final Set<Piped> silent = new LinkedHashSet<>();
    private final Map<Long, Network> networks = new HashMap<>();

    /** By how many connections they have; of those that have as many, in the order in which they came to have them. */
    private final TreeMap<Integer, Set<Network>> sizes = new TreeMap<>();

    /** A /64 of IPv6 or an address of IPv4. */
    private static final class Network {
        final Set<Piped> members = new LinkedHashSet<>();
    }

    void add(Piped one) {
        silent.add(one);
        Network network = networks.computeIfAbsent(one.network(), n -> new Network());
        unlist(network);
        network.members.add(one);
        list(network);
    }

    /** Something has passed, either way. */
    void spoke(Piped one) {
        silent.remove(one);
    }

    void remove(Piped one) {
        silent.remove(one);
        Network network = networks.get(one.network());
        if (network == null || !network.members.contains(one)) {
            return;
        }
        unlist(network);
        network.members.remove(one);
        if (network.members.isEmpty()) {
            networks.remove(one.network());
        }
        list(network);
    }

    /**
     * @param limit how many there may be
     * @return who goes, if there is one
     */
    @Nullable
    Piped victim(int limit) {
        if (silent.size() > limit / SHARE) {
            return silent.iterator().next();
        }
        return sizes.isEmpty()
                ? null
                : sizes.lastEntry()
                        .getValue()
                        .iterator()
                        .next()
                        .members
                        .iterator()
                        .next();
    }

    private void list(Network network) {
        int size = network.members.size();
        if (size > 0) {
            sizes.computeIfAbsent(size, s -> new LinkedHashSet<>()).add(network);
        }
    }

    private void unlist(Network network) {
        int size = network.members.size();
        Set<Network> same = sizes.get(size);
        if (same != null && same.remove(network) && same.isEmpty()) {
            sizes.remove(size);
        }
    }
}
