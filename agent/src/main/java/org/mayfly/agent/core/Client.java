package org.mayfly.agent.core;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.KnockKey;

/**
 * Somebody who may knock.
 *
 * @param name {@code [a-z0-9][a-z0-9._-]{0,31}}
 * @param services the names of the services it may open, the first being what it gets when it names none
 * @param mayNameSource whether a knock may open for another address than the one it came from
 * @param quota its own, or null for the common one
 * @param keys any of them may sign its knocks
 */
public record Client(
        String name,
        List<String> services,
        SourcePolicy source,
        boolean mayNameSource,
        @Nullable Quota quota,
        List<? extends KnockKey> keys) {
    public Client {
        services = List.copyOf(services);
        keys = List.copyOf(keys);
    }
}
