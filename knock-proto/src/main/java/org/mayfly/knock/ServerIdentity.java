package org.mayfly.knock;

import java.util.Arrays;
import java.util.HexFormat;

/** What makes a knock worth something at one server only: its id, in every client's keys, and its gate key. */
public final class ServerIdentity {
    /** Bytes of the id. */
    public static final int ID_LENGTH = 16;

    private final byte[] id;
    private final GateKey gate;

    private ServerIdentity(byte[] id, GateKey gate) {
        this.id = id;
        this.gate = gate;
    }

    /** A new server's: both parts random. */
    public static ServerIdentity create() {
        return new ServerIdentity(Secret.random(ID_LENGTH).copy(), GateKey.of(Secret.random(GateKey.LENGTH)));
    }

    /** @throws IllegalArgumentException if one of them is not 16 bytes */
    public static ServerIdentity of(byte[] id, Secret gateKey) {
        if (id.length != ID_LENGTH) {
            throw new IllegalArgumentException("a server id has " + ID_LENGTH + " bytes, not " + id.length);
        }
        return new ServerIdentity(id.clone(), GateKey.of(gateKey));
    }

    /** 16 bytes; no secret, but nothing to publish either. */
    public byte[] id() {
        return id.clone();
    }

    public GateKey gate() {
        return gate;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerIdentity s && Arrays.equals(id, s.id) && gate.equals(s.gate);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(id);
    }

    @Override
    public String toString() {
        return "ServerIdentity(" + HexFormat.of().formatHex(id) + ")";
    }
}
