package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Secret;
import org.mayfly.packaging.Session.Met;

/** The installed client and the one in shell, against the installed agent. */
final class ClientIT {
    private static final Path SHELL = Path.of(System.getProperty("mayfly.shell", "src/shell"), "mayfly-knock");

    @TempDir
    private Path temp;

    @Test
    void theShellClientOpensADoor() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h"))) {
            Path uri = Files.writeString(temp.resolve("uri"), agent.done("client", "add", "shell"));

            Command knock = client(net, List.of("sh", SHELL.toString(), "-f", uri.toString(), "ssh"));

            assertEquals(0, knock.status(), knock::toString);
            Ip6Address door = Ip6Address.parse(knock.out().strip());
            Until.holds("it is accepted", Mayflyd.PATIENCE, () -> agent.accepted() == 1);
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            assertEquals(Met.SILENCE, Session.attempt(net.client2, door, 22));
        }
    }

    @Test
    void aKnockToAServerThatIsDownSaysWhatItSaw() throws Exception {
        try (Network net = new Network(22);
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ROUTED.ssh("1m", "1h"))) {
            enroll(net, agent.done("client", "add", "alice"));
            assertEquals(0, agent.stop());

            Command knock = client(net, Mayflyd.program("mayfly", "knock", "lab", "--wait", "2s"));

            assertEquals(1, knock.status(), knock::toString);
            assertEquals("", knock.out());
            assertEquals(1, knock.err().lines().count(), knock::err);
        }
    }

    /** Everything that everybody does with it, while somebody looks at every command line of the machine. */
    @Test
    void aSecretIsInNoOutputNoLogAndNoCommandLine() throws Exception {
        StringBuilder said = new StringBuilder();
        String uri;
        try (Network net = new Network(22);
                CommandLines seen = new CommandLines();
                Mayflyd agent = Mayflyd.start(net.server, temp, Layout.ON_LINK.ssh("1m", "1h"))) {
            uri = agent.done("client", "add", "alice");
            said.append(enroll(net, uri));
            Command json = client(net, Mayflyd.program("mayfly", "knock", "lab", "ssh", "--wait", "10s", "--json"));
            assertEquals(0, json.status(), json::toString);
            JsonObject knock = JsonParser.parseString(json.out()).getAsJsonObject();
            assertTrue(knock.get("reachable").getAsBoolean(), json::out);
            Ip6Address door = Ip6Address.parse(knock.get("door").getAsString());
            assertEquals(Met.IN, Session.attempt(net.client, door, 22));
            said.append(json);
            for (String words : List.of("status", "leases", "--json clients", "rules", "client show alice")) {
                said.append(agent.done((Object[]) words.split(" ", -1)));
            }
            said.append(agent.done("--json", "client", "show", "alice"));
            said.append(client(net, Mayflyd.program("mayfly", "profiles", "--json")));
            said.append(client(net, Mayflyd.program("mayfly", "knock", "lab", "--dry-run")));
            said.append(agent.ctl("client", "add", "alice")); // is there already
            said.append(client(
                    net,
                    Mayflyd.program(
                            "mayfly", "enroll", "lab", "--file", cutShort(uri).toString())));
            assertEquals(0, agent.stop());
            said.append(agent.log());
            assertTrue(seen.all().contains("knock\0lab"), "the witness is awake");
            said.append(seen.all());
        }
        Knocker alice = new Knocker(uri);
        assertHides(said.toString(), alice.enrolment.clientSecret());
        assertHides(said.toString(), alice.enrolment.server().gate().secret());
    }

    private String enroll(Network net, String uri) throws Exception {
        Path file = Files.writeString(temp.resolve("uri"), uri);
        Command enroll = client(
                net,
                List.of(
                        "sh",
                        "-c",
                        "exec \"$0\" enroll lab <\"$1\"",
                        Mayflyd.program("mayfly").get(0),
                        file.toString()));
        assertEquals(0, enroll.status(), enroll::toString);
        return enroll.toString();
    }

    private Path cutShort(String uri) throws IOException {
        return Files.writeString(temp.resolve("cut"), uri.strip().substring(0, uri.indexOf("&p=")));
    }

    private Command client(Network net, List<String> words) throws Exception {
        Map<String, String> environment = Map.of(
                "MAYFLY_JAVA_HOME",
                System.getProperty("java.home"),
                "MAYFLY_HOME",
                temp.resolve("profiles").toString());
        return net.client.call(() -> Command.run(environment, words));
    }

    /** In no alphabet that somebody would write it in, and no half of it. */
    private static void assertHides(String said, Secret secret) {
        byte[] bytes = secret.copy();
        String hex = HexFormat.of().formatHex(bytes);
        List<String> forms = new ArrayList<>(List.of(hex, hex.substring(hex.length() / 2)));
        forms.add(hex.substring(0, hex.length() / 2));
        forms.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
        forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(0, 16));
        forms.add(new String(bytes, StandardCharsets.ISO_8859_1));
        for (String form : forms) {
            assertFalse(said.toLowerCase(Locale.ROOT).contains(form.toLowerCase(Locale.ROOT)), form);
        }
    }
}
