package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;

class VectorsTest {
    private static final HexFormat HEX = HexFormat.of();

    /** With {@code -Dmayfly.vectors=write} the file is written instead. */
    @Test
    void theFileIsWhatTheReferenceMakes() throws IOException {
        String made = Vectors.generate();
        if ("write".equals(System.getProperty("mayfly.vectors"))) {
            Files.writeString(Path.of("src/main/resources" + Vectors.RESOURCE), made);
        } else {
            assertEquals(made, Vectors.shipped(), "run this test with -Dmayfly.vectors=write");
        }
    }

    @TestFactory
    Stream<DynamicTest> packets() {
        return list("packets").map(v -> DynamicTest.dynamicTest(text(v, "name"), () -> check(v)));
    }

    @Test
    void thereAreEnough() {
        assertTrue(list("packets").count() >= 10);
        assertTrue(list("follow").count() >= 10);
        List<String> reasons =
                list("refused").map(v -> text(v, "reason")).distinct().toList();
        assertEquals(
                List.of("length", "gate", "nonce", "key", "proof", "version", "request", "window", "stamp"), reasons);
    }

    private static void check(JsonObject v) throws Exception {
        ServerIdentity server = server(v);
        KnockSender key = key(v, server);
        KnockRequest request = new KnockRequest(
                v.get("lease").getAsLong(),
                Long.parseLong(text(v, "time")),
                Ip6Address.parse(text(v, "source")),
                text(v, "service"));
        byte[] packet = key.write(hex(v, "nonce"), request);
        assertEquals(text(v, "packet"), HEX.formatHex(packet));
        assertEquals(text(v, "plain"), HEX.formatHex(request.encode()));
        assertEquals(text(v, "key_id"), HEX.toHexDigits(key.id()));

        byte[] block = new byte[200];
        System.arraycopy(packet, 0, block, 7, packet.length);
        assertTrue(server.gate().matches(block, 7));
        assertEquals(key.id(), server.gate().keyId(block, 7));
        assertTrue(key.proves(block, 7));
        byte[] plain = key.open(block, 7);
        assertNotNull(plain);
        assertEquals(request, KnockRequest.parse(plain));
        for (int salt = 0; salt < 3; salt++) {
            String mac = v.getAsJsonArray("door_macs").get(salt).getAsString();
            assertEquals(
                    mac.substring(0, 32),
                    HEX.formatHex(key.doorBits(block, 7, salt).toBytes()));
        }
        for (JsonElement e : v.getAsJsonArray("doors")) {
            JsonObject d = e.getAsJsonObject();
            DoorSpace doors = new DoorSpace(Ip6Prefix.parse(text(d, "prefix")), Ip6Prefix.parse(text(d, "reserved")));
            assertEquals(
                    texts(d, "candidates"),
                    doors.candidates(key, block, 7).stream()
                            .map(Ip6Address::toString)
                            .toList());
        }
    }

    @TestFactory
    Stream<DynamicTest> follow() {
        return list("follow")
                .map(v -> DynamicTest.dynamicTest(
                        text(v, "name"), () -> assertEquals(texts(v, "prefixes"), prefixes(v))));
    }

    private static List<String> prefixes(JsonObject v) {
        Enrolment e = new Enrolment(
                "laptop",
                "server.example",
                62201,
                0,
                List.of(new ServiceOffer("ssh", 22, "tcp")),
                Secret.random(Enrolment.SECRET_LENGTH),
                ServerIdentity.create(),
                new DoorSpace(Ip6Prefix.parse(text(v, "prefix")), DoorSpace.DEFAULT_RESERVED),
                v.get("follow").getAsInt());
        List<Ip6Address> host =
                texts(v, "addresses").stream().map(Ip6Address::parse).toList();
        return e.doorsAt(host).stream().map(d -> d.prefix().toString()).toList();
    }

    private static List<String> texts(JsonObject v, String name) {
        return v.getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> refused() {
        return list("refused")
                .map(v -> DynamicTest.dynamicTest(
                        text(v, "reason") + ": " + text(v, "name"), () -> assertEquals(text(v, "reason"), verdict(v))));
    }

    private static String verdict(JsonObject v) throws Exception {
        ServerIdentity server = server(v);
        Receiver receiver = new Receiver(server.gate(), key(v, server), Long.parseLong(text(v, "window")));
        long now = Long.parseLong(text(v, "now"));
        for (JsonElement before : v.getAsJsonArray("before")) {
            assertEquals("accepted", receiver.verdict(HEX.parseHex(before.getAsString()), now));
        }
        return receiver.verdict(hex(v, "packet"), now);
    }

    private static Stream<JsonObject> list(String name) {
        return JsonParser.parseString(Vectors.shipped()).getAsJsonObject().getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsJsonObject);
    }

    private static ServerIdentity server(JsonObject v) {
        return ServerIdentity.of(hex(v, "server_id"), Secret.of(hex(v, "gate_key")));
    }

    private static KnockSender key(JsonObject v, ServerIdentity server) throws Exception {
        return ClientKeyset.ofSecret(Secret.of(hex(v, "secret")), server).keys().get(0);
    }

    private static String text(JsonObject v, String name) {
        return v.get(name).getAsString();
    }

    private static byte[] hex(JsonObject v, String name) {
        return HEX.parseHex(text(v, name));
    }
}
