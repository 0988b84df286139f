package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

class ClientKeysetTest {
    private final ServerIdentity server = ServerIdentity.create();

    private static List<Long> ids(ClientKeyset keyset) throws GeneralSecurityException {
        return keyset.keys().stream().map(KnockSender::id).toList();
    }

    @Test
    void goesThroughJson() throws Exception {
        ClientKeyset keyset = ClientKeyset.create(server).rotated();
        JsonObject json = JsonParser.parseString(keyset.toJson().toString()).getAsJsonObject();
        ClientKeyset again = ClientKeyset.fromJson(json, server);
        assertEquals(ids(keyset), ids(again));
        assertEquals(keyset.primarySecret(), again.primarySecret());
        assertEquals(2, again.keys().size());
    }

    @Test
    void rotatesWithoutAGap() throws Exception {
        ClientKeyset first = ClientKeyset.create(server);
        ClientKeyset both = first.rotated();
        assertEquals(1, first.keys().size());
        assertEquals(ids(first).get(0), ids(both).get(1));
        assertNotEquals(first.primarySecret(), both.primarySecret());

        ClientKeyset third = both.rotated();
        assertEquals(2, third.keys().size());
        assertEquals(ids(both).get(0), ids(third).get(1));
        assertFalse(ids(third).contains(ids(first).get(0)), "a key ends with the second rotation");
    }

    @Test
    void renewedItHasNoneOfTheKeysBefore() throws Exception {
        ClientKeyset both = ClientKeyset.create(server).rotated();
        ClientKeyset fresh = both.renewed();
        assertEquals(1, fresh.keys().size());
        assertFalse(ids(both).contains(ids(fresh).get(0)));
        assertEquals(ids(fresh), ids(ClientKeyset.fromJson(fresh.toJson(), server)), "for the same server");
    }

    @Test
    void theClientAndTheServerHaveTheSameKey() throws Exception {
        ClientKeyset atServer = ClientKeyset.create(server).rotated();
        KnockSender client =
                ClientKeyset.ofSecret(atServer.primarySecret(), server).keys().get(0);
        byte[] p = client.write(KnockSender.randomNonce(), new KnockRequest(0, 1, Ip6Address.UNSPECIFIED, ""));
        KnockSender there = atServer.keys().get(0);
        assertEquals(client.id(), there.id());
        assertTrue(there.proves(p, 0));
        assertEquals(client.doorBits(p, 0, 1), there.doorBits(p, 0, 1));
        assertFalse(atServer.keys().get(1).proves(p, 0));
    }

    @Test
    void aDisabledKeyIsNotThere() throws Exception {
        ClientKeyset keyset = ClientKeyset.create(server).rotated();
        JsonObject json = keyset.toJson();
        int primary = json.get("primaryKeyId").getAsBigInteger().intValue();
        for (var key : json.getAsJsonArray("key")) {
            if (key.getAsJsonObject().get("keyId").getAsBigInteger().intValue() != primary) {
                key.getAsJsonObject().addProperty("status", "DISABLED");
            }
        }
        assertEquals(List.of(ids(keyset).get(0)), ids(ClientKeyset.fromJson(json, server)));
    }

    @Test
    void anotherServersKeysetIsRefused() throws Exception {
        JsonObject json = ClientKeyset.create(server).toJson();
        String message = refused(json, ServerIdentity.create());
        assertTrue(message.endsWith(" was made for another server"), message);
    }

    @Test
    void anotherKindOfKeyIsRefused() throws Exception {
        // Tink protobuf of an HkdfPrfKey: 12 params {08 hash, 12 salt}, 1a key value
        String short16 = "12140803" + "1210" + "00".repeat(16) + "1a10" + "11".repeat(16);
        String sha512 = "12140804" + "1210" + "00".repeat(16) + "1a20" + "11".repeat(32);
        for (String hex : List.of(short16, sha512)) {
            JsonObject json = ClientKeyset.create(server).toJson();
            byte[] value = java.util.HexFormat.of().parseHex(hex);
            json.getAsJsonArray("key")
                    .get(0)
                    .getAsJsonObject()
                    .getAsJsonObject("keyData")
                    .addProperty("value", Base64.getEncoder().encodeToString(value));
            String message = refused(json, server);
            assertTrue(message.endsWith(" is not an HKDF-SHA-256 key of 32 bytes"), message);
        }
    }

    @Test
    void damagedJsonIsRefusedInOneLineWithoutTheSecret() throws Exception {
        ClientKeyset keyset = ClientKeyset.create(server);
        String text = keyset.toJson().toString();
        String value = text.replaceAll(".*\"value\":\"([^\"]*)\".*", "$1");
        for (int i = 0; i < text.length(); i++) {
            String damaged = text.substring(0, i) + (text.charAt(i) == '5' ? '6' : '5') + text.substring(i + 1);
            try {
                JsonObject json = JsonParser.parseString(damaged).getAsJsonObject();
                ClientKeyset.fromJson(json, server).keys();
            } catch (GeneralSecurityException e) {
                assertFalse(String.valueOf(e.getMessage()).contains("\n"));
                assertFalse(e.toString().contains(value.substring(40, 60)));
                assertEquals(null, e.getCause());
            } catch (com.google.gson.JsonParseException | IllegalStateException e) {
                // no JSON object any more: the caller's to say
            }
        }
        assertEquals("it is not a Tink keyset in JSON", refused(new JsonObject(), server));
    }

    @Test
    void printsNoSecret() throws Exception {
        assertEquals("ClientKeyset(1 keys, hidden)", ClientKeyset.create(server).toString());
    }

    @Test
    void aSecretOfAnotherLengthIsRefused() {
        assertThrows(GeneralSecurityException.class, () -> ClientKeyset.ofSecret(Secret.random(16), server));
    }

    private static String refused(JsonObject json, ServerIdentity server) {
        return String.valueOf(assertThrows(GeneralSecurityException.class, () -> ClientKeyset.fromJson(json, server))
                .getMessage());
    }
}
