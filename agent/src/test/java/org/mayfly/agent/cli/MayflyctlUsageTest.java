package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.Version;

/** Options, complaints, and what {@code --json} promises. */
@Timeout(60)
class MayflyctlUsageTest extends AskedTest {
    @Test
    void takesGlobalOptionsBeforeAndAfterTheCommand() throws Exception {
        serve(new Samples(false));
        String socket = directory.resolve("s").toString();
        Told before = ask("--json", "leases");
        assertTrue(before.out().startsWith("[{\"id\":"), before::toString);
        assertEquals(before, ask("leases", "--json"));
        Path nowhere = directory.resolve("nowhere");
        assertEquals(4, Told.mayflyctl(nowhere, false, NO_CHECK, "leases").status());
        assertEquals(
                before, Told.mayflyctl(directory.resolve("s"), false, NO_CHECK, "leases", "--json"), "given before");
        Told after = Told.run(
                new Mayflyctl(Surroundings.real(), NO_CHECK).commandLine(),
                "client",
                "list",
                "--socket",
                socket,
                "--json");
        assertEquals(ask("clients", "--json"), after);
        assertTrue(ask("--json").out().startsWith("{\"version\":"));
    }

    @Test
    void namesEveryFieldThatIsPromised() throws Exception {
        serve(new Samples(false));
        assertNames(
                "version pid since mode mode_reason prefix interface listen gate services clients leases doors knocks"
                        + " refusing_until warnings",
                json("status"));
        assertNames("pending active session", json("status").getAsJsonObject().get("leases"));
        assertNames(
                "asked in_force interface xdp reason",
                json("status").getAsJsonObject().get("gate"));
        assertNames("taken limit", json("status").getAsJsonObject().get("doors"));
        assertNames("accepted refused", json("status").getAsJsonObject().get("knocks"));
        assertNames(
                "id client service door port protocol source state opened expires session_until sessions",
                json("leases"));
        assertNames("name services source keys leases quota refused last_knock created", json("clients"));
        assertNames("name services source keys leases quota refused last_knock created", json("client", "list"));
        assertNames(
                "name services source keys leases quota refused last_knock created", json("client", "show", "laptop"));
        assertNames("name protocol port lease session ipv4 relay gated leases", json("services"));
        assertNames("comment packets bytes", json("rules"));
        assertNames("mayfly_leases mayfly_knocks_accepted_total", json("metrics"));
        assertNames("id door port protocol source expires", json("permit", "laptop", "ssh"));
        assertNames("revoked sessions_cut", json("revoke", "--all"));
        assertNames("revoked sessions_cut", json("client", "remove", "laptop"));
        assertNames("name uri", json("client", "add", "laptop"));
        assertNames("name uri", json("client", "rotate", "laptop"));
        assertNames("changed", json("reload"));
        assertNames("version", json("version"));
        assertNames("file ok errors warnings", json("check", "/x.toml"));
    }

    private JsonElement json(String... arguments) {
        String[] all = new String[arguments.length + 1];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--json";
        Told told = ask(all);
        assertEquals(0, told.status(), told::toString);
        assertEquals(told.out().indexOf('\n'), told.out().length() - 1, "one line");
        return JsonParser.parseString(told.out());
    }

    private static void assertNames(String names, JsonElement json) {
        JsonElement one = json instanceof JsonArray array ? array.get(0) : json;
        assertEquals(Set.of(names.split(" ")), ((JsonObject) one).keySet());
    }

    @Test
    void writesTimesInUtc() throws Exception {
        serve(new Samples(false));
        JsonObject lease = json("leases").getAsJsonArray().get(0).getAsJsonObject();
        assertEquals("2026-11-21T10:00:24Z", lease.get("expires").getAsString());
    }

    @Test
    void passesOnWhatTheAgentRefuses() throws Exception {
        serve((request, peer) ->
                CompletableFuture.failedFuture(new AdminException(2, "no service \"shh\"; see: mayflyctl services")));
        assertComplains(
                2, "mayflyctl: no service \"shh\"; see: mayflyctl services", ask("permit", "laptop", "shh", "--json"));
    }

    @Test
    void complainsOfAnAnswerOfAnotherShape() throws Exception {
        serve((request, peer) -> CompletableFuture.completedFuture(Json.of(List.of("x"))));
        assertComplains(
                1,
                "mayflyctl: the agent's answer is of another shape; it is of another version: restart it",
                ask("leases"));
    }

    @Test
    void complainsInOneLineOfWrongUsage() {
        Told unknown = ask("leazes");
        assertEquals(2, unknown.status());
        assertEquals(1, unknown.err().lines().count(), unknown::toString);
        assertTrue(unknown.err().startsWith("mayflyctl: Unmatched argument"), unknown::toString);
        for (String[] wrong : new String[][] {
            {"--jsn"},
            {"leases", "x"},
            {"client"},
            {"client", "add"},
            {"permit", "a"},
            {"--socket"},
            {"monitor", "x"},
            {"client", "add", "a", "--source", "me"}
        }) {
            Told told = ask(wrong);
            assertEquals(2, told.status(), told::toString);
            assertEquals("", told.out());
            assertEquals(1, told.err().lines().count(), told::toString);
            assertTrue(told.err().startsWith("mayflyctl: ") && told.err().contains("--help"), told::toString);
        }
    }

    @Test
    void namesTheSourcesThereAre() {
        assertComplains(
                2,
                "mayflyctl: Invalid value for option '--source': 'me' is none of exact, net64 and any;"
                        + " see: mayflyctl client add --help",
                ask("client", "add", "laptop", "--source", "me"));
        assertTrue(ask("client", "add", "--help").out().contains("exact, net64, any"));
    }

    @Test
    void helpsEverywhere() {
        assertTrue(ask("--help").out().contains("permit"));
        assertTrue(ask("client", "add", "--help").out().contains("--service"));
        assertTrue(ask("leases", "-h").out().contains("--socket"));
        assertFalse(ask("--help").out().contains("doctor"));
    }

    @Test
    void knowsItsVersionWithoutAnAgent() {
        assertPrints("mayflyctl " + Version.text() + "\n", ask("version"));
        assertTrue(Version.text().matches("[0-9]+\\.[0-9]+\\.[0-9]+.*"), Version::text);
    }

    @Test
    void checksWithoutAnAgent() {
        ConfigurationCheck wrong =
                file -> new ConfigurationCheck.Report(List.of(file + ":3:1: no"), List.of("no services"), "");
        assertEquals(
                new Told(2, "", "/x.toml:3:1: no\nwarning: no services\n"),
                Told.mayflyctl(directory, false, wrong, "check", "/x.toml"));
        assertEquals(
                new Told(
                        2,
                        "{\"file\":\"/x.toml\",\"ok\":false,\"errors\":[\"/x.toml:3:1: no\"],\"warnings\":[\"no"
                                + " services\"]}\n",
                        ""),
                Told.mayflyctl(directory, false, wrong, "check", "/x.toml", "--json"));
        assertPrints("", ask("check", "/x.toml"));
        assertEquals(new Told(0, "", "/x.toml is in order\n"), askAtTerminal("check", "/x.toml"));
    }
}
