package org.mayfly.knock.crypto;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;

/** Makes {@code vectors.json}. */
final class Vectors {
    static final String RESOURCE = "/org/mayfly/knock/vectors.json";
    static final long TIME = 1_795_250_096_123_456_789L;
    static final long WINDOW = 30_000_000_000L;

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] SERVER = HEX.parseHex("000102030405060708090a0b0c0d0e0f");
    private static final byte[] GATE = HEX.parseHex("101112131415161718191a1b1c1d1e1f");
    private static final byte[] SECRET =
            HEX.parseHex("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f");
    private static final byte[] SERVER_2 = some("server 2", 16);
    private static final byte[] SECRET_2 = some("secret 2", 32);
    private static final DoorSpace ROUTED = space("2001:db8:1:2::/64", "::/124");
    private static final DoorSpace NARROW = space("2001:db8:1:2:3:4::/96", "::/124");
    private static final List<DoorSpace> DOORS = List.of(ROUTED, space("2001:db8:1:2:3::/80", "::/124"), NARROW);

    private Vectors() {}

    /** The file as it is shipped. */
    static String shipped() {
        try (InputStream in = Vectors.class.getResourceAsStream(RESOURCE)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file as it has to be. */
    static String generate() {
        JsonObject o = new JsonObject();
        o.addProperty(
                "comment",
                "Test vectors of the Mayfly knock, version 1; docs/protocol.md explains them. Octets are hexadecimal, times"
                        + " are Unix nanoseconds in decimal. A packet under 'refused' meets a server that knows the"
                        + " secret, whose clock says 'now', whose window is 'window' nanoseconds and that has accepted"
                        + " the packets in 'before', in that order.");
        JsonArray packets = new JsonArray();
        packets(packets);
        o.add("packets", packets);
        JsonArray refused = new JsonArray();
        Refusals.addTo(refused);
        o.add("refused", refused);
        o.add("follow", FollowVectors.all());
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(o) + "\n";
    }

    private static void packets(JsonArray to) {
        KnockRequest ssh = new KnockRequest(0, TIME, Ip6Address.UNSPECIFIED, "ssh");
        add(to, "smallest request", plain(nonce("a"), new KnockRequest(0, TIME, Ip6Address.UNSPECIFIED, "")), DOORS);
        add(to, "a service", plain(nonce("b"), ssh), DOORS);
        add(to, "an IPv6 source and a lease", plain(nonce("c"), request(3600, "2001:db8:9::17", "web")), DOORS);
        add(to, "an IPv4 source", plain(nonce("d"), request(30, "192.0.2.17", "ssh")), DOORS);
        add(to, "longest name and lease", plain(nonce("e"), request(0xffff_ffffL, "::1", "abcdefghij-01289")), DOORS);
        add(to, "nonce of zeros", plain(new byte[16], ssh), DOORS);
        byte[] ones = HEX.parseHex("ff".repeat(16)); // the counter of CTR wraps from the first block to the second
        add(
                to,
                "nonce of ones, latest time",
                plain(ones, new KnockRequest(1, Long.MAX_VALUE, Ip6Address.UNSPECIFIED, "z")),
                DOORS);
        byte[] n = nonce("f");
        add(to, "the same client secret at another server", of(SERVER_2, GATE, SECRET, n, ssh.encode()), DOORS);
        add(to, "another client at the first server", of(SERVER, GATE, SECRET_2, n, ssh.encode()), DOORS);
        byte[] gate2 = HEX.parseHex("ff".repeat(16));
        add(to, "another gate key", of(SERVER, gate2, SECRET, n, ssh.encode()), DOORS);
        // The nonces of these were found by search.
        add(to, "salt 0 gives a reserved address", plain(counter(253_451_996), ssh), List.of(ROUTED, NARROW));
        add(to, "salt 0 gives a reserved anycast address", plain(counter(68_302_790), ssh), List.of(ROUTED, NARROW));
        DoorSpace wide = space("2001:db8:1:2:3:4::/96", "::/104");
        add(to, "salts 0 and 1 give reserved addresses", plain(counter(21_764), ssh), List.of(NARROW, wide));
    }

    private static DoorSpace space(String prefix, String reserved) {
        return new DoorSpace(Ip6Prefix.parse(prefix), Ip6Prefix.parse(reserved));
    }

    private static KnockRequest request(long lease, String source, String service) {
        return new KnockRequest(lease, TIME + lease, Ip6Address.parse(source), service);
    }

    private static void add(JsonArray to, String name, Reference r, List<DoorSpace> doors) {
        JsonObject o = new JsonObject();
        o.addProperty("name", name);
        KnockRequest request = KnockRequest.parse(r.plain);
        if (request == null) {
            throw new AssertionError(name);
        }
        o.addProperty("lease", request.leaseSeconds());
        o.addProperty("time", Long.toString(request.timeNanos()));
        o.addProperty(
                "source",
                request.source().isIpv4()
                        ? "::ffff:" + request.source()
                        : request.source().toString());
        o.addProperty("service", request.service());
        r.toJson(doors).entrySet().forEach(e -> o.add(e.getKey(), e.getValue()));
        to.add(o);
    }

    private static Reference plain(byte[] nonce, KnockRequest request) {
        return of(SERVER, GATE, SECRET, nonce, request.encode());
    }

    private static Reference of(byte[] server, byte[] gate, byte[] secret, byte[] nonce, byte[] plain) {
        return new Reference(server, gate, secret, nonce, plain);
    }

    private static byte[] nonce(String name) {
        return some("nonce " + name, 16);
    }

    private static byte[] counter(long value) {
        return ByteBuffer.allocate(16).putLong(8, value).array();
    }

    /** Bytes that look like nothing, always the same. */
    private static byte[] some(String name, int length) {
        try {
            byte[] all = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.US_ASCII));
            return Arrays.copyOf(all, length);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Packets that get nowhere, and why. */
    private static final class Refusals {
        private static final KnockRequest SSH = new KnockRequest(0, TIME, Ip6Address.UNSPECIFIED, "ssh");
        private static final Reference GOOD = plain(nonce("r"), SSH);

        static void addTo(JsonArray to) {
            for (int length : new int[] {0, 1, 48, 80, 88, 95, 97, 128, 192}) {
                refuse(to, "length", length + " bytes", Arrays.copyOf(GOOD.packet, length), TIME);
            }
            refuse(to, "gate", "zeros", new byte[96], TIME);
            refuse(to, "gate", "the last bit of the tag", flipped(95 * 8), TIME);
            refuse(to, "gate", "a bit of the nonce", flipped(0), TIME);
            refuse(to, "gate", "a bit of the sealed request", flipped(40 * 8), TIME);
            refuse(
                    to,
                    "gate",
                    "made for another gate key",
                    of(SERVER, some("gate 2", 16), SECRET, GOOD.nonce, GOOD.plain).packet,
                    TIME);
            refuse(to, "nonce", "the same packet again", GOOD.packet, TIME, GOOD.packet);
            refuse(
                    to,
                    "key",
                    "of a client that is not there",
                    of(SERVER, GATE, SECRET_2, GOOD.nonce, GOOD.plain).packet,
                    TIME);
            refuse(
                    to,
                    "key",
                    "made for another server id",
                    of(SERVER_2, GATE, SECRET, GOOD.nonce, GOOD.plain).packet,
                    TIME);
            refuse(to, "proof", "a bit of the sealed request, tag made anew", retagged(p -> flip(p, 40 * 8)), TIME);
            refuse(to, "proof", "a bit of the proof, tag made anew", retagged(p -> flip(p, 79 * 8)), TIME);
            refuse(to, "proof", "made for another server id, under this one's key id", Refusals.crossed(), TIME);
            refuse(to, "version", "version 0", plainWith(0, 0), TIME);
            refuse(to, "version", "version 2", plainWith(0, 2), TIME);
            refuse(to, "version", "version 255", plainWith(0, 255), TIME);
            refuse(to, "request", "a flag", plainWith(1, 1), TIME);
            refuse(to, "request", "a reserved bit", plainWith(3, 1), TIME);
            refuse(to, "request", "a time beyond 2^63", plainWith(8, 0x80), TIME);
            refuse(to, "request", "a service in upper case", plainWith(32, 'S'), TIME);
            refuse(to, "request", "a service with a gap", plainWith(33, 0), TIME);
            refuse(to, "window", "1 ns too old", GOOD.packet, TIME + WINDOW + 1);
            refuse(to, "window", "1 ns too far ahead", GOOD.packet, TIME - WINDOW - 1);
            Reference same = plain(nonce("s"), SSH);
            refuse(to, "stamp", "another packet with the same time", same.packet, TIME, GOOD.packet);
            KnockRequest earlier = new KnockRequest(0, TIME - 1, Ip6Address.UNSPECIFIED, "ssh");
            refuse(to, "stamp", "one that is 1 ns older", plain(nonce("t"), earlier).packet, TIME, GOOD.packet);
        }

        private static byte[] flip(byte[] p, int bit) {
            byte[] q = p.clone();
            q[bit / 8] ^= (byte) (0x80 >> bit % 8);
            return q;
        }

        private static byte[] flipped(int bit) {
            return flip(GOOD.packet, bit);
        }

        private static byte[] retagged(UnaryOperator<byte[]> change) {
            return Reference.tagged(GATE, Arrays.copyOf(change.apply(GOOD.packet), Packet.TAG_OFFSET));
        }

        /** What a server that shares gate key and client secret with this one could make of a knock it received. */
        private static byte[] crossed() {
            byte[] other = of(SERVER_2, GATE, SECRET, GOOD.nonce, GOOD.plain).packet;
            System.arraycopy(GOOD.packet, Packet.KEY_ID_OFFSET, other, Packet.KEY_ID_OFFSET, Packet.KEY_ID_LENGTH);
            return Reference.tagged(GATE, Arrays.copyOf(other, Packet.TAG_OFFSET));
        }

        private static byte[] plainWith(int at, int value) {
            byte[] plain = GOOD.plain.clone();
            plain[at] = (byte) value;
            return of(SERVER, GATE, SECRET, GOOD.nonce, plain).packet;
        }

        private static void refuse(
                JsonArray to, String reason, String name, byte[] packet, long now, byte[]... before) {
            JsonObject o = new JsonObject();
            o.addProperty("reason", reason);
            o.addProperty("name", name);
            GOOD.keysToJson().entrySet().forEach(e -> o.add(e.getKey(), e.getValue()));
            o.addProperty("now", Long.toString(now));
            o.addProperty("window", Long.toString(WINDOW));
            JsonArray earlier = new JsonArray();
            Arrays.stream(before).forEach(p -> earlier.add(HEX.formatHex(p)));
            o.add("before", earlier);
            o.addProperty("packet", HEX.formatHex(packet));
            to.add(o);
        }
    }
}
