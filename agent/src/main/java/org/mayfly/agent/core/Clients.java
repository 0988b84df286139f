package org.mayfly.agent.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.KnockKey;

/** Who there is, by name, and who was. */
final class Clients {
    private final Marks marks;
    private final Clock clock;
    private Map<String, ClientState> byName = Map.of();

    /** Clients that are gone, and have leases that could not be ended yet. */
    private final Map<String, ClientState> departed = new HashMap<>();

    Clients(Marks marks, Clock clock) {
        this.marks = marks;
        this.clock = clock;
    }

    @Nullable
    ClientState find(String name) {
        return byName.get(name);
    }

    List<Client> all() {
        return byName.values().stream().map(ClientState::client).toList();
    }

    /**
     * Replaces them all.
     *
     * @return the keys of those there are now
     */
    KeyTable replace(Collection<Client> all, Quota quota) {
        KeyTable table = new KeyTable();
        Map<String, ClientState> next = new LinkedHashMap<>();
        for (Client client : all) {
            ClientState state = stateOf(client, quota);
            for (KnockKey key : client.keys()) {
                table.add(new KeyTable.Entry(state, key, marks.slot(key.id())));
            }
            next.put(client.name(), state);
        }
        byName.forEach((name, state) -> {
            if (!next.containsKey(name) && !state.leases().isEmpty()) {
                departed.put(name, state);
            }
        });
        departed.values().removeIf(state -> state.leases().isEmpty());
        byName = next;
        return table;
    }

    /** One who comes back while leases of before are not ended has them on the account. */
    private ClientState stateOf(Client client, Quota quota) {
        ClientState gone = departed.remove(client.name());
        ClientState state = byName.getOrDefault(client.name(), gone);
        if (state == null) {
            return new ClientState(client, quota, clock.monotonicNanos());
        }
        state.replace(client, quota);
        return state;
    }
}
