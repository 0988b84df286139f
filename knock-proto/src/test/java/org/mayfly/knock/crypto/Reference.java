package org.mayfly.knock.crypto;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.SipHash;

/**
 * The specification once more, step by step with the platform's own primitives, to be held against the code that is
 * shipped. Every step's value is kept.
 */
final class Reference {
    private static final HexFormat HEX = HexFormat.of();

    final byte[] serverId;
    final byte[] gateKey;
    final byte[] secret;
    final byte[] sealKey;
    final byte[] proofKey;
    final byte[] doorKey;
    final byte[] keyId;
    final byte[] nonce;
    final byte[] plain;
    final byte[] sealed;
    final byte[] mask;
    final byte[] associated;
    final byte[] proof;
    final byte[] packet;

    Reference(byte[] serverId, byte[] gateKey, byte[] secret, byte[] nonce, byte[] plain) {
        this.serverId = serverId;
        this.gateKey = gateKey;
        this.secret = secret;
        this.nonce = nonce;
        this.plain = plain;
        byte[] pseudoRandomKey = hmac(serverId, secret); // RFC 5869, 2.2
        sealKey = expand(pseudoRandomKey, "mayfly 1 seal");
        proofKey = expand(pseudoRandomKey, "mayfly 1 proof");
        doorKey = expand(pseudoRandomKey, "mayfly 1 door");
        keyId = Arrays.copyOf(expand(pseudoRandomKey, "mayfly 1 id"), 8);
        sealed = aesCtr(sealKey, nonce, plain);
        mask = sipHash(gateKey, join(nonce, new byte[] {1}));
        associated = join(serverId, xor(keyId, mask));
        byte[] bits = ByteBuffer.allocate(8).putLong(associated.length * 8L).array();
        proof = Arrays.copyOf(hmac(proofKey, join(associated, nonce, sealed, bits)), 16);
        packet = tagged(gateKey, join(nonce, sealed, proof, xor(keyId, mask)));
    }

    /** 88 bytes and the tag that makes them pass the gate. */
    static byte[] tagged(byte[] gateKey, byte[] body) {
        return join(body, sipHash(gateKey, body));
    }

    private static byte[] expand(byte[] pseudoRandomKey, String label) { // RFC 5869, 2.3: one block
        return hmac(pseudoRandomKey, join(label.getBytes(StandardCharsets.US_ASCII), new byte[] {1}));
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HMAC"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] aesCtr(byte[] key, byte[] iv, byte[] plain) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher.doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] sipHash(byte[] key, byte[] message) {
        ByteBuffer k = ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN);
        long hash = SipHash.hash(k.getLong(0), k.getLong(8), message, 0, message.length);
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(hash)
                .array();
    }

    private static byte[] xor(byte[] a, byte[] b) {
        byte[] c = a.clone();
        for (int i = 0; i < c.length; i++) {
            c[i] ^= b[i];
        }
        return c;
    }

    static byte[] join(byte[]... parts) {
        ByteBuffer b =
                ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
        Arrays.stream(parts).forEach(b::put);
        return b.array();
    }

    byte[] doorMac(int salt) {
        return hmac(doorKey, join(nonce, new byte[] {(byte) salt}));
    }

    JsonObject keysToJson() {
        JsonObject o = new JsonObject();
        o.addProperty("server_id", HEX.formatHex(serverId));
        o.addProperty("gate_key", HEX.formatHex(gateKey));
        o.addProperty("secret", HEX.formatHex(secret));
        return o;
    }

    /** Everything, in the order in which it is made. */
    JsonObject toJson(List<DoorSpace> doorSpaces) {
        JsonObject o = keysToJson();
        o.addProperty("seal_key", HEX.formatHex(sealKey));
        o.addProperty("proof_key", HEX.formatHex(proofKey));
        o.addProperty("door_key", HEX.formatHex(doorKey));
        o.addProperty("key_id", HEX.formatHex(keyId));
        o.addProperty("nonce", HEX.formatHex(nonce));
        o.addProperty("plain", HEX.formatHex(plain));
        o.addProperty("sealed", HEX.formatHex(sealed));
        o.addProperty("mask", HEX.formatHex(mask));
        o.addProperty("masked_key_id", HEX.formatHex(xor(keyId, mask)));
        o.addProperty("associated_data", HEX.formatHex(associated));
        o.addProperty("proof", HEX.formatHex(proof));
        o.addProperty("gate_tag", HEX.formatHex(packet, 88, 96));
        o.addProperty("packet", HEX.formatHex(packet));
        JsonArray macs = new JsonArray();
        for (int salt = 0; salt < 3; salt++) {
            macs.add(HEX.formatHex(doorMac(salt)));
        }
        o.add("door_macs", macs);
        JsonArray doors = new JsonArray();
        doorSpaces.forEach(space -> doors.add(doorsToJson(space)));
        o.add("doors", doors);
        return o;
    }

    private JsonObject doorsToJson(DoorSpace doors) {
        Ip6Prefix prefix = doors.prefix();
        JsonArray candidates = new JsonArray();
        JsonArray skipped = new JsonArray();
        for (int salt = 0; salt < 3; salt++) {
            byte[] address = prefix.address().toBytes();
            byte[] mac = doorMac(salt);
            for (int bit = prefix.length(); bit < 128; bit++) {
                address[bit / 8] |= (byte) (mac[bit / 8] & 0x80 >> bit % 8);
            }
            Ip6Address door = Ip6Address.of(address);
            (doors.usable(door) ? candidates : skipped).add(door.toString());
        }
        JsonObject o = new JsonObject();
        o.addProperty("prefix", prefix.toString());
        o.addProperty("reserved", doors.reserved().toString());
        o.add("candidates", candidates);
        o.add("skipped", skipped);
        return o;
    }
}
