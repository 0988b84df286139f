package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;

/** The client of shell and OpenSSL, an implementation that shares nothing with ours, against vectors and receiver. */
class ShellClientTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Path SCRIPT = Path.of("../packaging/src/shell/mayfly-knock");
    static final List<ServiceOffer> SSH = List.of(new ServiceOffer("ssh", 22, "tcp"));

    @TempDir
    Path directory;

    record Result(int status, String out, String err) {}

    @BeforeAll
    static void needsOpenSsl3() throws Exception {
        Result r = run("", Map.of(), List.of("sh", "-c", "openssl mac -help && gzip --version"));
        if (r.status != 0 && "required".equals(System.getProperty("mayfly.kernel"))) {
            fail("OpenSSL 3 and gzip are needed");
        } else if (r.status != 0) {
            abort("NOT TESTED: the shell client, since there is no OpenSSL 3 or no gzip");
        }
    }

    static Result run(String input, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("mayfly", ".out");
        Path err = Files.createTempFile("mayfly", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process = builder.redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // it ended without reading: its status says why
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static boolean exists(String shell) {
        return Stream.of("/bin/", "/usr/bin/").anyMatch(dir -> Files.isExecutable(Path.of(dir + shell)));
    }

    /** Every vector that the script can make, with one door prefix each, in whatever sh is; two of them elsewhere. */
    @TestFactory
    Stream<DynamicTest> makesTheVectors() {
        List<JsonObject> vectors =
                JsonParser.parseString(Vectors.shipped()).getAsJsonObject().getAsJsonArray("packets").asList().stream()
                        .map(JsonElement::getAsJsonObject)
                        .filter(v -> v.get("source").getAsString().equals("::"))
                        .toList();
        Stream<DynamicTest> common = vectors.stream().map(v -> vector(v, List.of("sh")));
        List<List<String>> shells = List.of(List.of("dash"), List.of("busybox", "sh"), List.of("bash", "--posix"));
        Stream<DynamicTest> others = shells.stream()
                .filter(shell -> exists(shell.get(0)))
                .flatMap(shell -> vectors.stream().skip(vectors.size() - 2).map(v -> vector(v, shell)));
        return Stream.concat(common, others);
    }

    private DynamicTest vector(JsonObject v, List<String> shell) {
        return DynamicTest.dynamicTest(shell + " " + v.get("name").getAsString(), () -> {
            var doors = v.getAsJsonArray("doors");
            JsonObject space = doors.get(doors.size() - 1).getAsJsonObject();
            String uri = new Enrolment(
                            "laptop",
                            "2001:db8::1",
                            62201,
                            0,
                            SSH,
                            Secret.of(hex(v, "secret")),
                            server(v),
                            space(space))
                    .toUri();
            Path packet = directory.resolve("packet");
            Result r = run(
                    uri,
                    Map.of("MAYFLY_NONCE", text(v, "nonce"), "MAYFLY_TIME", text(v, "time")),
                    command(shell, "-a", "-l", text(v, "lease"), "-o", packet.toString(), text(v, "service")));
            assertEquals("", r.err);
            assertEquals(text(v, "packet"), HEX.formatHex(Files.readAllBytes(packet)));
            List<Ip6Address> expected = space.getAsJsonArray("candidates").asList().stream()
                    .map(e -> Ip6Address.parse(e.getAsString()))
                    .toList();
            assertEquals(expected, r.out.lines().map(Ip6Address::parse).toList());
        });
    }

    static List<String> command(List<String> shell, String... arguments) {
        Stream<String> script = Stream.concat(Stream.of(SCRIPT.toString()), Arrays.stream(arguments));
        return Stream.concat(shell.stream(), script).toList();
    }

    private static ServerIdentity server(JsonObject v) {
        return ServerIdentity.of(hex(v, "server_id"), Secret.of(hex(v, "gate_key")));
    }

    private static DoorSpace space(JsonObject d) {
        return new DoorSpace(Ip6Prefix.parse(text(d, "prefix")), Ip6Prefix.parse(text(d, "reserved")));
    }

    static String text(JsonObject v, String name) {
        return v.get(name).getAsString();
    }

    private static byte[] hex(JsonObject v, String name) {
        return HEX.parseHex(text(v, name));
    }

    /** Over a real socket, at the time that it is, with a nonce of its own; and odd prefix lengths. */
    @ParameterizedTest
    @CsvSource({
        "::1, 2001:db8::/64",
        "::1, 2001:db8:0:0:8000::/65",
        "::1, 2001:db8:ffff:f:ffff:ff00::/89",
        "127.0.0.1, 2001:db8::/96"
    })
    void isAcceptedHere(String host, String prefix) throws Exception {
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED);
        ServerIdentity server = ServerIdentity.create();
        Secret secret = Secret.random(32);
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(host), 0))) {
            socket.setSoTimeout(20_000);
            String uri = new Enrolment("laptop", host, socket.getLocalPort(), 0, SSH, secret, server, doors).toUri();
            Result r = run(uri + "\n", Map.of(), command(List.of("sh"), "ssh"));
            assertEquals("", r.err);
            DatagramPacket datagram = new DatagramPacket(new byte[2_000], 2_000);
            socket.receive(datagram);
            byte[] p = Arrays.copyOf(datagram.getData(), datagram.getLength());

            KnockSender key = ClientKeyset.ofSecret(secret, server).keys().get(0);
            Receiver receiver = new Receiver(server.gate(), key, Vectors.WINDOW);
            assertEquals("accepted", receiver.verdict(p, System.currentTimeMillis() * 1_000_000));
            String expected = host.contains(".")
                    ? host
                    : doors.candidates(key, p, 0).get(0).toString();
            assertEquals(Ip6Address.parse(expected), Ip6Address.parse(r.out.strip()));
        }
    }

    @Test
    void refusesWhatIsNoUriInOneLine() throws Exception {
        String uri = uri(ServerIdentity.create(), Secret.random(32));
        for (String bad : List.of(
                "",
                "x",
                uri.substring(0, uri.length() - 1),
                uri.replace("laptop", "lapdog"),
                checked(uri, "&x=1"),
                checked(uri, "&f="),
                checked(uri, "&f=0"),
                checked(uri, "&f=65"),
                checked(uri, "&f=64&f"))) {
            Result r = run(
                    bad,
                    Map.of(),
                    command(List.of("sh"), "-o", directory.resolve("p").toString()));
            assertEquals(2, r.status, r.err);
            assertEquals(1, r.err.lines().count(), r.err);
            assertEquals("", r.out);
        }
        for (List<String> bad :
                List.of(List.of("SSH"), List.of("a-name-that-is-long"), List.of("-l", "1h"), List.of("-x"))) {
            Result r = run(uri, Map.of(), command(List.of("sh"), bad.toArray(String[]::new)));
            assertEquals(2, r.status, r.err);
            assertTrue(r.err.lines().anyMatch(line -> line.startsWith("mayfly-knock: ")), r.err);
            assertEquals("", r.out);
        }
    }

    /** The URI with one field more, and right check digits. */
    private static String checked(String uri, String field) {
        String body = uri.substring(0, uri.lastIndexOf("&c=")) + field;
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.UTF_8));
        return body + String.format("&c=%08x", crc.getValue());
    }

    private static String uri(ServerIdentity server, Secret secret) {
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8::/64"), DoorSpace.DEFAULT_RESERVED);
        return new Enrolment("laptop", "2001:db8::1", 62201, 0, SSH, secret, server, doors).toUri();
    }

    /** An {@code openssl} in front of the real one writes down what it is called with. */
    @Test
    void keepsTheSecretOutOfArgv() throws Exception {
        ServerIdentity server = ServerIdentity.create();
        Secret secret = Secret.random(32);
        Path log = directory.resolve("log");
        Path wrapper = directory.resolve("openssl");
        String real =
                run("", Map.of(), List.of("sh", "-c", "command -v openssl")).out.strip();
        Files.writeString(wrapper, "#!/bin/sh\necho \"$@\" >>" + log + "\nexec " + real + " \"$@\"\n");
        Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwx------"));
        String path = directory + ":" + System.getenv("PATH");
        Result r = run(
                uri(server, secret),
                Map.of("PATH", path),
                command(List.of("sh"), "-o", directory.resolve("p").toString()));
        assertEquals(0, r.status, r.err);
        Reference keys =
                new Reference(server.id(), server.gate().secret().copy(), secret.copy(), new byte[16], new byte[48]);
        String calls = Files.readString(log);
        assertTrue(calls.contains(HEX.formatHex(keys.sealKey)), "the wrapper was not used");
        for (byte[] hidden : List.of(keys.secret, keys.proofKey, keys.doorKey)) {
            assertFalse(calls.contains(HEX.formatHex(hidden)));
        }
    }

    /** The commands in {@code docs/protocol.md} print what stands below them, which is a vector; its URI can be read. */
    @Test
    void theSpecificationIsRight() throws Exception {
        String text = Files.readString(Path.of("../docs/protocol.md"));
        String commands = between(text, "\n```sh\n", "\n```\n");
        String printed = between(text, "It prints:\n\n```\n", "```\n");
        Result r = run(commands, Map.of(), List.of("sh"));
        assertEquals("", r.err);
        assertEquals(printed, r.out);
        List<String> lines = printed.lines().toList();
        assertTrue(Vectors.shipped().contains(String.join("", lines.subList(0, 3))));
        assertTrue(Vectors.shipped().contains(Ip6Address.parse(lines.get(3)).toString()));
        List<Enrolment> enrolments = text.lines()
                .filter(line -> line.startsWith("mayfly://laptop@"))
                .map(Enrolment::parse)
                .toList();
        assertEquals(List.of(0, 64), enrolments.stream().map(Enrolment::follow).toList());
        Enrolment enrolment = enrolments.get(0);
        assertTrue(commands.contains(HEX.formatHex(enrolment.clientSecret().copy())));
    }

    private static String between(String text, String before, String after) {
        int from = text.indexOf(before) + before.length();
        return text.substring(from, text.indexOf(after, from));
    }
}
