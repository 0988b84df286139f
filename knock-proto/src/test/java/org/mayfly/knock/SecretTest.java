package org.mayfly.knock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SecretTest {
    @Test
    void printsNothing() {
        assertEquals("Secret(hidden)", Secret.random(32).toString());
        GateKey gate = GateKey.of(Secret.random(16));
        assertEquals("GateKey(hidden)", gate.toString());
        byte[] id = new byte[16];
        id[15] = 7;
        assertEquals(
                "ServerIdentity(00000000000000000000000000000007)",
                ServerIdentity.of(id, gate.secret()).toString());
    }

    @Test
    void keepsItsOwnBytes() {
        byte[] bytes = {1, 2, 3};
        Secret secret = Secret.of(bytes);
        bytes[0] = 9;
        secret.copy()[1] = 9;
        assertArrayEquals(new byte[] {1, 2, 3}, secret.copy());
        assertEquals(3, secret.length());
    }

    @Test
    void isEqualByContent() {
        byte[] bytes = new byte[32];
        Secret secret = Secret.of(bytes);
        assertEquals(secret, Secret.of(bytes));
        assertEquals(secret.hashCode(), Secret.of(bytes).hashCode());
        for (int i = 0; i < 32; i++) {
            byte[] other = bytes.clone();
            other[i] = 1;
            assertNotEquals(secret, Secret.of(other));
        }
        assertNotEquals(secret, Secret.of(Arrays.copyOf(bytes, 31)));
        assertNotEquals(Secret.random(16), Secret.random(16));
    }

    @Test
    void aServerIsWhatItIsMadeOf() {
        ServerIdentity server = ServerIdentity.create();
        assertEquals(server, ServerIdentity.of(server.id(), server.gate().secret()));
        assertNotEquals(server, ServerIdentity.create());
        assertNotEquals(server, ServerIdentity.of(server.id(), Secret.random(16)));
        assertThrows(IllegalArgumentException.class, () -> ServerIdentity.of(new byte[15], Secret.random(16)));
        assertThrows(IllegalArgumentException.class, () -> GateKey.of(Secret.random(17)));
    }
}
