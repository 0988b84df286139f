package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminServer;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.Version;

@Timeout(60)
class MayflyctlTest {
    private static final ConfigurationCheck NO_CHECK = file -> new ConfigurationCheck.Report(List.of(), List.of(), "");

    @TempDir
    private Path directory;

    private final BlockingQueue<AdminRequest> asked = new LinkedBlockingQueue<>();
    private @Nullable AdminServer server;

    private void serve(AdminHandler handler) throws IOException {
        server = AdminServer.start(directory.resolve("s"), null, (request, peer) -> {
            asked.add(request);
            return handler.handle(request, peer);
        });
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private Told ask(String... arguments) {
        return Told.mayflyctl(directory.resolve("s"), false, NO_CHECK, arguments);
    }

    private Told askAtTerminal(String... arguments) {
        return Told.mayflyctl(directory.resolve("s"), true, NO_CHECK, arguments);
    }

    private static void assertPrints(String text, Told told) {
        assertEquals(new Told(0, text, ""), told);
    }

    private static void assertComplains(int status, String line, Told told) {
        assertEquals(new Told(status, "", line + "\n"), told);
    }

    @Test
    void tellsTheStatusWhenToldNothing() throws Exception {
        serve(new Samples(false));
        String text = """
                mayflyd 0.1.0, pid 812, up 1 d 2 h
                  doors     2001:db8:1:2::/64 on eth0, address (the prefix is on-link at eth0)
                  listen    udp [::]:62201, udp 0.0.0.0:62201
                  services  2
                  clients   2
                  leases    1 open, 1 in session
                  knocks    12 accepted, 343 refused (gate 340, stamp 3)
                """;
        assertPrints(text, ask());
        assertPrints(text, ask("status"));
    }

    @Test
    void warnsInTheStatus() throws Exception {
        serve(new Samples(true));
        assertPrints("""
                mayflyd 0.1.0, pid 812, up 1 d 2 h
                  doors     none: eth0 has no global address
                  listen    udp [::]:62201, udp 0.0.0.0:62201
                  services  2
                  clients   2
                  leases    1 open, 1 in session
                  knocks    12 accepted, 343 refused (gate 340, stamp 3)
                warning: replay marks were lost; every knock is refused until 11:00:25 (in 25 s)
                warning: client file old.json is not a client?[31m; see its log
                """, ask());
    }

    @Test
    void listsLeases() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                ID        CLIENT  SERVICE  DOOR                             PORT      SOURCE          STATE    UNTIL                      SESSIONS
                0a1b2c3d  laptop  ssh      2001:db8:1:2:a3f1:77c2:90d4:1be  22/tcp    2001:db8:99::5  open     11:00:24 (in 24 s)                0
                9f00aa11  phone   git      -                                9418/tcp  192.0.2.7       session  22:58:30 (in 11 h 58 min)        12
                """, ask("leases"));
    }

    @Test
    void listsClientsUnderTwoNames() throws Exception {
        serve(new Samples(false));
        String text = """
                NAME    SERVICES  SOURCE  KEYS  LEASES  LAST KNOCK
                laptop  ssh,git   exact      2       1  10:59:54 (6 s ago)
                phone   -         net64      1       0  -
                """;
        assertPrints(text, ask("clients"));
        assertPrints(text, ask("client", "list"));
    }

    @Test
    void listsServicesRulesAndMetrics() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                NAME  PORT      LEASE  SESSION  IPV4    GATED  LEASES
                git   9418/tcp  5m     12h      permit  yes         1
                ssh   22/tcp    30s    12h      closed  yes         1
                """, ask("services"));
        assertPrints("""
                PACKETS  BYTES  RULE
                   1234  98765  permits
                      7    420  gated ports are closed
                """, ask("rules"));
        assertPrints("""
                mayfly_knocks_accepted_total 12
                mayfly_leases 2
                """, ask("metrics"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"leases", "clients", "services", "rules"})
    void saysNothingWhenThereIsNothing(String command) throws Exception {
        serve(new Samples(true));
        assertPrints("", ask(command));
        assertPrints("[]\n", ask(command, "--json"));
        assertEquals(new Told(0, "", "no " + command + "\n"), askAtTerminal(command));
    }

    @Test
    void printsADoorAlone() throws Exception {
        serve(new Samples(false));
        assertPrints(
                "2001:db8:1:2:a3f1:77c2:90d4:1be\n",
                ask("permit", "laptop", "ssh", "--source", "2001:db8::5", "--lease", "5m"));
        assertEquals(
                "{\"client\":\"laptop\",\"service\":\"ssh\",\"source\":\"2001:db8::5\",\"lease\":\"5m\"}",
                Json.write(asked.take().arguments()));
        ask("permit", "laptop", "ssh");
        assertEquals(
                "{\"client\":\"laptop\",\"service\":\"ssh\"}",
                Json.write(asked.take().arguments()));
    }

    @Test
    void revokesOneOrAllButNotByAccident() throws Exception {
        serve(new Samples(false));
        assertPrints("0a1b2c3d\n9f00aa11\n", ask("revoke", "laptop"));
        assertEquals("{\"target\":\"laptop\"}", Json.write(asked.take().arguments()));
        assertEquals(
                new Told(0, "0a1b2c3d\n9f00aa11\n", "ended 2 leases, cut 1 session\n"),
                askAtTerminal("revoke", "--all"));
        assertEquals("{\"all\":true}", Json.write(asked.take().arguments()));
        String line = "mayflyctl: Name a lease or a client, or say --all: one of these, not both;"
                + " see: mayflyctl revoke --help";
        assertComplains(2, line, ask("revoke"));
        assertComplains(2, line, ask("revoke", "laptop", "--all"));
        assertTrue(asked.isEmpty());
    }

    @Test
    void printsAnEnrolmentUriAlone() throws Exception {
        serve(new Samples(false));
        assertPrints(
                Samples.URI + "\n",
                ask("client", "add", "laptop", "--service", "ssh", "--service", "git", "--source", "net64"));
        assertEquals(
                "{\"name\":\"laptop\",\"services\":[\"ssh\",\"git\"],\"source\":\"net64\"}",
                Json.write(asked.take().arguments()));
        assertPrints(Samples.URI + "\n", ask("client", "rotate", "laptop"));
        assertEquals("{\"name\":\"laptop\"}", Json.write(asked.take().arguments()));
        Told atTerminal = askAtTerminal("client", "add", "laptop");
        assertEquals(Samples.URI + "\n", atTerminal.out());
        assertTrue(atTerminal.err().startsWith("this is a secret"));
    }

    @Test
    void showsAClient() throws Exception {
        serve(new Samples(false));
        assertPrints("""
                name        laptop
                services    ssh, git
                source      exact
                key         0123456789abcdef
                key         fedcba9876543210
                leases      1
                created     2026-11-11 11:00 (10 d ago)
                last knock  10:59:54 (6 s ago)
                """, ask("client", "show", "laptop"));
    }

    @Test
    void removesAClientAndReloadsQuietly() throws Exception {
        serve(new Samples(false));
        assertPrints("", ask("client", "remove", "laptop"));
        assertPrints("service git added\nwindow is 1m now\n", ask("reload"));
    }

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
                "version pid since mode mode_reason prefix interface listen services clients leases knocks"
                        + " refusing_until warnings",
                json("status"));
        assertNames("open session", json("status").getAsJsonObject().get("leases"));
        assertNames("accepted refused", json("status").getAsJsonObject().get("knocks"));
        assertNames(
                "id client service door port protocol source state opened expires session_until sessions",
                json("leases"));
        assertNames("name services source keys leases last_knock created", json("clients"));
        assertNames("name services source keys leases last_knock created", json("client", "list"));
        assertNames("name services source keys leases last_knock created", json("client", "show", "laptop"));
        assertNames("name protocol port lease session ipv4 gated leases", json("services"));
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
            {"monitor"},
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
