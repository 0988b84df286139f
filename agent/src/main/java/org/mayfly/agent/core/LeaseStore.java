package org.mayfly.agent.core;

import java.io.IOException;
import java.util.function.ObjIntConsumer;

/**
 * Where leases are written down for the next start. What is not there is closed then, so that losing something closes
 * doors early, and opens none.
 */
public interface LeaseStore {
    /** The slot of what is not written down. */
    int NONE = -1;

    /**
     * Writes a lease down, or what has changed about it. When it returns, a {@code kill -9} does not lose it.
     *
     * @param slot what this gave for the lease before, {@link #NONE} the first time
     * @return the lease's slot
     * @throws IOException if there is no room, for one
     */
    int put(int slot, LeaseRecord lease) throws IOException;

    /**
     * Tells what is written down, each with its slot, one after the other, those first that were cut off: there may be a
     * million. Nothing is to be written
     * meanwhile.
     *
     * @throws IOException if the rest cannot be read
     */
    void read(ObjIntConsumer<LeaseRecord> each) throws IOException;

    /** Forgets a lease that is over; nothing for {@link #NONE}. */
    void remove(int slot) throws IOException;
}
