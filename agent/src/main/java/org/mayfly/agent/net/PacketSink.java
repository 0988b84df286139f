package org.mayfly.agent.net;

/**
 * Where received bytes go. Called on the event loop; answers nothing, since nothing is ever sent back. What it throws would
 * stop the loop for a second, so it must not.
 */
public interface PacketSink {
    /**
     * Takes one packet: one of a burst.
     *
     * @param block holds it, and others; untouched until {@link #burstOver} returns
     * @param offset where in the block it begins
     * @param length how many bytes are there: more than a packet has if it was longer on the wire, but never all of them
     * @param sourceHigh first half of the address it came from; IPv4 in mapped form
     */
    void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow);

    /** All packets that were read at once have been handed over. */
    void burstOver();
}
