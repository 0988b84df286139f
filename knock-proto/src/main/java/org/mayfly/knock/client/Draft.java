package org.mayfly.knock.client;

import java.nio.ByteBuffer;

/**
 * A knock that is all but sent: which door it opens is known. Its time is that of its being sealed, for a connection may
 * take long to come about, and a server takes no knock that is older than one it has taken.
 */
final class Draft {
    private final Knocker knocker;
    private final byte[] nonce;
    private final Knock knock;

    Draft(Knocker knocker, byte[] nonce, Knock knock) {
        this.knocker = knocker;
        this.nonce = nonce;
        this.knock = knock;
    }

    /** As it would be if it were sealed when it was drafted. */
    Knock knock() {
        return knock;
    }

    /**
     * Makes the packet, of now.
     *
     * @param packet where it goes
     * @return the knock that it is
     */
    Knock seal(ByteBuffer packet) {
        Knock k = knock.at(knocker.stamp());
        packet.put(knocker.packet(k, nonce));
        return k;
    }
}
