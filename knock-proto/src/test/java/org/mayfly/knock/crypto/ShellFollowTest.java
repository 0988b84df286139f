package org.mayfly.knock.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.Secret;
import org.mayfly.knock.ServerIdentity;

/** The client of shell and OpenSSL, where the door prefix follows the server. */
class ShellFollowTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void needsOpenSsl3() throws Exception {
        ShellClientTest.needsOpenSsl3();
    }

    /** The script takes the first address of a host that says anything; what prefix that gives is in the vectors. */
    @TestFactory
    Stream<DynamicTest> followsTheServer() {
        return JsonParser.parseString(Vectors.shipped()).getAsJsonObject().getAsJsonArray("follow").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(v -> DynamicTest.dynamicTest(ShellClientTest.text(v, "name"), () -> {
                    List<String> addresses = v.getAsJsonArray("addresses").asList().stream()
                            .map(JsonElement::getAsString)
                            .filter(a -> a.indexOf(':') >= 0)
                            .toList();
                    DoorSpace first = new DoorSpace(
                            Ip6Prefix.parse(v.getAsJsonArray("prefixes").get(0).getAsString()),
                            DoorSpace.DEFAULT_RESERVED);
                    follows(v, "server.example", addresses, first);
                    if (addresses.size() == 1) {
                        follows(v, addresses.get(0), List.of(), first);
                    }
                }));
    }

    private void follows(JsonObject v, String host, List<String> addresses, DoorSpace expected) throws Exception {
        ServerIdentity server = ServerIdentity.create();
        Secret secret = Secret.random(32);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse(ShellClientTest.text(v, "prefix")), DoorSpace.DEFAULT_RESERVED);
        int follow = v.get("follow").getAsInt();
        String uri =
                new Enrolment("laptop", host, 62201, 0, ShellClientTest.SSH, secret, server, doors, follow).toUri();
        Path packet = directory.resolve("packet");
        ShellClientTest.Result r = ShellClientTest.run(
                uri,
                Map.of("PATH", resolving(addresses)),
                ShellClientTest.command(List.of("sh"), "-o", packet.toString()));
        assertEquals("", r.err());
        KnockSender key = ClientKeyset.ofSecret(secret, server).keys().get(0);
        assertEquals(
                expected.candidates(key, Files.readAllBytes(packet), 0).get(0),
                Ip6Address.parse(r.out().strip()));
    }

    /** A search path with a name service that has one answer for all, in the form of getent's. */
    private String resolving(List<String> addresses) throws IOException {
        String lines =
                addresses.stream().map(a -> a + " STREAM\n" + a + " DGRAM\n").collect(Collectors.joining());
        Path getent = directory.resolve("getent");
        Files.writeString(getent, "#!/bin/sh\n[ \"$*\" = 'ahostsv6 server.example' ] && printf '" + lines + "'\n");
        Files.setPosixFilePermissions(getent, PosixFilePermissions.fromString("rwx------"));
        return directory + ":" + System.getenv("PATH");
    }
}
