package org.mayfly.agent.net;

/** Where received bytes go. Called on the event loop; answers nothing, since nothing is ever sent back. */
@FunctionalInterface
public interface PacketSink {
    /**
     * Takes one packet.
     *
     * @param packet valid until the call returns
     * @param length how long the packet was on the wire, which may be more than {@code packet} holds
     * @param sourceHigh first half of the address it came from; IPv4 in mapped form
     */
    void packet(byte[] packet, int length, long sourceHigh, long sourceLow);
}
