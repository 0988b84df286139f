package org.mayfly.agent.gate;

/**
 * What one program of the gate did since it was loaded, in packets.
 *
 * @param passed had the right length and the right tag
 * @param length were dropped since they had the wrong length
 * @param tag were dropped since they had the wrong tag
 */
public record Tally(long passed, long length, long tag) {
    /** Nothing yet. */
    public static final Tally NONE = new Tally(0, 0, 0);
}
