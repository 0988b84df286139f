package org.mayfly.agent.core;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.DoorSpace;

/**
 * What stands in the kernel while the agent lives, whether or not there is a lease.
 *
 * @param mode how doors come to exist
 * @param doors the prefix doors are taken from, and the range in it that is left alone; null where there is none yet,
 *     and then only IPv4 permits can be opened
 * @param doorInterface the interface that carries the addresses in {@link DoorMode#ADDRESS}
 * @param gated the ports that are closed
 */
public record Guard(DoorMode mode, @Nullable DoorSpace doors, String doorInterface, List<GatedPort> gated) {
    public Guard {
        gated = List.copyOf(gated);
    }
}
