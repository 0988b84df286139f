package org.mayfly.knock.crypto;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;

/** What a server does with a packet, as {@code docs/protocol.md} numbers it, for one key and without any policy. */
final class Receiver {
    private final GateKey gate;
    private final KnockKey key;
    private final long window;
    private final Set<ByteBuffer> nonces = new HashSet<>();
    private long greatest = -1;

    Receiver(GateKey gate, KnockKey key, long window) {
        this.gate = gate;
        this.key = key;
        this.window = window;
    }

    String verdict(byte[] p, long now) {
        if (p.length != Packet.LENGTH) {
            return "length";
        }
        if (!gate.matches(p, 0)) {
            return "gate";
        }
        ByteBuffer nonce = ByteBuffer.wrap(p.clone(), 0, Packet.NONCE_LENGTH);
        if (nonces.contains(nonce)) {
            return "nonce";
        }
        if (gate.keyId(p, 0) != key.id()) {
            return "key";
        }
        if (!key.proves(p, 0)) {
            return "proof";
        }
        nonces.add(nonce);
        byte[] plain = key.open(p, 0);
        return plain == null ? "proof" : request(plain, now);
    }

    private String request(byte[] plain, long now) {
        if (KnockRequest.version(plain) != KnockRequest.VERSION) {
            return "version";
        }
        KnockRequest request = KnockRequest.parse(plain);
        if (request == null) {
            return "request";
        }
        if (Math.abs(request.timeNanos() - now) > window) {
            return "window";
        }
        if (request.timeNanos() <= greatest) {
            return "stamp";
        }
        greatest = request.timeNanos();
        return "accepted";
    }
}
