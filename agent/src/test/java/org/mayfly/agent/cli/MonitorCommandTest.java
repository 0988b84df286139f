package org.mayfly.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.Peer;

/** {@code mayflyctl monitor}: what it prints, when, and how it ends. */
@Timeout(60)
class MonitorCommandTest extends AskedTest {
    private static final String STOPPED = "mayflyctl: the agent stops; monitor again once it runs\n";

    /** Runs it against an agent that stops when so many lines were printed. */
    private Told watch(int lines, boolean terminal, String... arguments) throws Exception {
        serve(new Samples(false));
        StringWriter err = new StringWriter();
        List<String> out = new ArrayList<>();
        PipedWriter pipe = new PipedWriter();
        BufferedReader reader = new BufferedReader(new PipedReader(pipe));
        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(
                () -> Told.mayflyctl(directory.resolve("s"), terminal, pipe, err, arguments));
        for (int i = 0; i < lines; i++) {
            out.add(reader.readLine() + "\n");
        }
        stop();
        int ended = status.get();
        pipe.close();
        assertNull(reader.readLine());
        return new Told(ended, String.join("", out), err.toString());
    }

    @Test
    void tellsALineAnEventAndSaysWhenTheAgentStops() throws Exception {
        Told told = watch(9, false, "monitor");
        assertEquals(new Told(1, """
                2026-11-21 11:00:00  pending    0a1b2c3d  laptop        ssh       2001:db8:1:2:a3f1:77c2:90d4:1be 22/tcp from 2001:db8:99::5 until 11:00:24
                2026-11-21 11:00:01  active     0a1b2c3d  laptop        ssh       2001:db8:1:2:a3f1:77c2:90d4:1be 22/tcp from 2001:db8:99::5 until 11:00:24
                2026-11-21 11:00:02  session    9f00aa11  phone         git       every IPv4 address 9418/tcp from 192.0.2.7; its sessions until 22:58:30
                2026-11-21 11:00:03  ended      9f00aa11  phone         git       session limit
                2026-11-21 11:00:04  refused    -         laptop        -         rate
                2026-11-21 11:00:05  disturbed  address
                2026-11-21 11:00:06  repaired
                2026-11-21 11:00:07  warning    cannot?[31m do
                2026-11-21 11:00:08  reload     service git is new
                """, STOPPED), told);
    }

    @Test
    void tellsAPersonThatItHasBegun() throws Exception {
        Told told = watch(9, true, "monitor");
        assertEquals("telling what happens from now on; Ctrl-C ends it\n" + STOPPED, told.err());
    }

    @Test
    void writesAnObjectALineWithEveryField() throws Exception {
        Told told = watch(10, true, "monitor", "--json");
        assertEquals(STOPPED, told.err());
        List<String> events = new ArrayList<>();
        for (String line : told.out().lines().toList()) {
            JsonObject event = JsonParser.parseString(line).getAsJsonObject();
            assertEquals(
                    Set.of("time event id client service door port protocol source state expires session_until reason"
                            .concat(" count message")
                            .split(" ")),
                    event.keySet());
            events.add(event.get("event").getAsString());
        }
        assertEquals(
                List.of(
                        "watching",
                        "pending",
                        "active",
                        "session",
                        "ended",
                        "refused",
                        "disturbed",
                        "repaired",
                        "warning",
                        "reload"),
                events);
        JsonObject active =
                JsonParser.parseString(told.out().lines().toList().get(2)).getAsJsonObject();
        assertEquals("2026-11-21T10:00:01Z", active.get("time").getAsString());
        assertEquals("2026-11-21T10:00:24Z", active.get("expires").getAsString());
        assertEquals(22, active.get("port").getAsInt());
        assertTrue(active.get("reason").isJsonNull());
    }

    /** As {@code mayflyctl monitor | head -1}: the next event after the reader has gone ends it, with nothing to say. */
    @Test
    void endsWhenNobodyReadsWhatItPrints() throws Exception {
        serve(new Samples(false));
        PipedWriter pipe = new PipedWriter();
        new PipedReader(pipe).close();
        StringWriter err = new StringWriter();
        assertEquals(0, Told.mayflyctl(directory.resolve("s"), false, pipe, err, "monitor"));
        assertEquals("", err.toString());
    }

    @Test
    void saysWhyItIsRefused() throws Exception {
        serve(new Refusing());
        assertComplains(3, "mayflyctl: not you", ask("monitor"));
    }

    private static final class Refusing implements AdminHandler {
        @Override
        public CompletableFuture<JsonElement> handle(AdminRequest request, Peer peer) {
            throw new IllegalStateException();
        }

        @Override
        public void follow(AdminRequest request, Peer peer, AdminStream stream) {
            throw new AdminException(3, "not you");
        }
    }

    @Test
    void itsHelpSaysWhatIsLeftOut() {
        String help = ask("monitor", "--help").out();
        assertTrue(help.contains("mayflyctl leases"), help);
        assertTrue(help.contains("\"lost\""), help);
        assertFalse(help.contains("@|"), help);
    }
}
