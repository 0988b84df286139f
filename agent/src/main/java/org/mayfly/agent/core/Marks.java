package org.mayfly.agent.core;

/**
 * For every key the greatest time stamp accepted so far. A stamp that was {@link #raise raised} is never forgotten,
 * whatever happens to the process; and where that cannot be sworn ({@link #trusted}), nothing is accepted for a while.
 */
public interface Marks {
    /**
     * The slot of a key, made if need be.
     *
     * @throws IllegalStateException if there is no room for another key
     */
    int slot(long keyId);

    /** The greatest stamp accepted for the slot, or the floor if that is greater. */
    long stamp(int slot);

    /**
     * Records an accepted stamp. When it returns, and they are {@link #kept} then, a {@code kill -9} does not lose it.
     */
    void raise(int slot, long stamp);

    /** Sets what every slot is at least. */
    void floor(long stamp);

    /**
     * False while stamps cannot be recorded, as on a disk that is read-only. Then nothing is to be accepted: the next start
     * would accept it again.
     */
    boolean kept();

    /** False when stamps may have been lost: the file was missing, damaged, or not closed before a power cut. True once there is a {@link #floor}. */
    boolean trusted();
}
