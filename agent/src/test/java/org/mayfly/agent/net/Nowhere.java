package org.mayfly.agent.net;

/** Counts packets and keeps none: allocates nothing. */
final class Nowhere implements PacketSink {
    private volatile long packets;

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void packet(byte[] block, int offset, int length, long sourceHigh, long sourceLow) {
        packets++;
    }

    @Override
    public void burstOver() {}

    long packets() {
        return packets;
    }
}
