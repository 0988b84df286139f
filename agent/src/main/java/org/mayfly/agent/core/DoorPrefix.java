package org.mayfly.agent.core;

import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;

/**
 * A prefix that doors are taken from.
 *
 * @param mode how a door of it comes to exist
 * @param space the prefix, and the range in it that is left alone
 * @param interfaceName carries the addresses in {@link DoorMode#ADDRESS}
 */
public record DoorPrefix(DoorMode mode, DoorSpace space, String interfaceName) {
    public boolean contains(Ip6Address door) {
        return space.prefix().contains(door);
    }
}
