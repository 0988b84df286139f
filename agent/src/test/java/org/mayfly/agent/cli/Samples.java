package org.mayfly.agent.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.ClientAnswer;
import org.mayfly.agent.admin.EnrolmentAnswer;
import org.mayfly.agent.admin.EventAnswer;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.LeaseAnswer;
import org.mayfly.agent.admin.Peer;
import org.mayfly.agent.admin.PermitAnswer;
import org.mayfly.agent.admin.ReloadAnswer;
import org.mayfly.agent.admin.RevokeAnswer;
import org.mayfly.agent.admin.RuleAnswer;
import org.mayfly.agent.admin.ServiceAnswer;
import org.mayfly.agent.admin.StatusAnswer;

/** An agent with something of everything, as it is at {@link #NOW}. */
final class Samples implements AdminHandler {
    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    static final String URI = "mayfly://laptop@host.example:62201?s=ssh:22/tcp&k=AAAA&c=00000000";

    private final boolean empty;

    /** @param empty whether it has nothing of anything instead */
    Samples(boolean empty) {
        this.empty = empty;
    }

    @Override
    public CompletionStage<JsonElement> handle(AdminRequest request, Peer peer) {
        return CompletableFuture.completedFuture(
                switch (request.command()) {
                    case STATUS -> Json.of(status());
                    case LEASES -> Json.of(empty ? List.of() : leases());
                    case CLIENTS -> Json.of(empty ? List.of() : List.of(client("laptop"), fresh()));
                    case SERVICES -> Json.of(empty ? List.of() : services());
                    case RULES -> Json.of(empty ? List.of() : rules());
                    case MONITOR -> throw new IllegalArgumentException("a stream, see follow");
                    case METRICS -> metrics();
                    case PERMIT -> Json.of(permit(request));
                    case REVOKE, CLIENT_REMOVE -> Json.of(new RevokeAnswer(List.of("0a1b2c3d", "9f00aa11"), 1));
                    case RELOAD ->
                        Json.of(new ReloadAnswer(empty ? List.of() : List.of("service git added", "window is 1m now")));
                    case CLIENT_ADD, CLIENT_ROTATE -> Json.of(new EnrolmentAnswer(request.text("name"), URI));
                    case CLIENT_SHOW -> Json.of(client(request.text("name")));
                });
    }

    /** What happens, from {@link #NOW} on; then, as far as it goes, the agent ends. */
    @Override
    public void follow(AdminRequest request, Peer peer, AdminStream stream) {
        stream.put(EventAnswer.of(NOW, "watching", null, null));
        if (empty) {
            return;
        }
        stream.put(EventAnswer.ofLease(NOW, "pending", leases().get(0), null));
        stream.put(EventAnswer.ofLease(NOW.plusSeconds(1), "active", leases().get(0), null));
        stream.put(EventAnswer.ofLease(NOW.plusSeconds(2), "session", leases().get(1), null));
        stream.put(EventAnswer.ofLease(NOW.plusSeconds(3), "ended", leases().get(1), "session_limit"));
        stream.put(EventAnswer.refused(NOW.plusSeconds(4), "laptop", "rate"));
        stream.put(EventAnswer.of(NOW.plusSeconds(5), "disturbed", "address", null));
        stream.put(EventAnswer.of(NOW.plusSeconds(6), "repaired", null, null));
        stream.put(EventAnswer.of(NOW.plusSeconds(7), "warning", null, "cannot\u001b[31m do"));
        stream.put(EventAnswer.of(NOW.plusSeconds(8), "reload", null, "service git is new"));
    }

    private StatusAnswer status() {
        return new StatusAnswer(
                "0.1.0",
                812,
                NOW.minusSeconds(93_784),
                empty ? null : "address",
                empty ? "eth0 has no global address" : "the prefix is on-link at eth0",
                empty ? null : "2001:db8:1:2::/64",
                empty ? null : "eth0",
                List.of("udp [::]:62201", "udp 0.0.0.0:62201"),
                empty
                        ? new StatusAnswer.Gate("auto", "length", null, null, "give it CAP_BPF\u001b[31m")
                        : new StatusAnswer.Gate("xdp", "xdp", "eth0", "native", null),
                2,
                2,
                new StatusAnswer.Leases(0, 1, 1),
                new StatusAnswer.Doors(2, 1000),
                new StatusAnswer.Knocks(12, new TreeMap<>(Map.of("stamp", 3L, "gate", 340L, "proof", 0L))),
                empty ? NOW.plusSeconds(25) : null,
                empty ? List.of("client file old.json is not a client\u001b[31m; see its log") : List.of());
    }

    private static List<LeaseAnswer> leases() {
        return List.of(
                new LeaseAnswer(
                        "0a1b2c3d",
                        "laptop",
                        "ssh",
                        "2001:db8:1:2:a3f1:77c2:90d4:1be",
                        22,
                        "tcp",
                        "2001:db8:99::5",
                        "active",
                        NOW.minusSeconds(6),
                        NOW.plusSeconds(24),
                        NOW.plusSeconds(43_224),
                        0),
                new LeaseAnswer(
                        "9f00aa11",
                        "phone",
                        "git",
                        null,
                        9418,
                        "tcp",
                        "192.0.2.7",
                        "session",
                        NOW.minusSeconds(90),
                        NOW.minusSeconds(60),
                        NOW.plusSeconds(43_110),
                        12));
    }

    private static ClientAnswer client(String name) {
        return new ClientAnswer(
                name,
                List.of("ssh", "git"),
                "exact",
                List.of("0123456789abcdef", "fedcba9876543210"),
                1,
                64,
                new TreeMap<>(Map.of("rate", 7L, "leases", 2L)),
                NOW.minusSeconds(6),
                NOW.minusSeconds(864_000));
    }

    private static ClientAnswer fresh() {
        return new ClientAnswer("phone", List.of(), "net64", List.of("00000000000000aa"), 0, 3, Map.of(), null, null);
    }

    private static List<ServiceAnswer> services() {
        return List.of(
                new ServiceAnswer("git", "tcp", 9418, "5m", "12h", "permit", "127.0.0.1:9418", true, 1),
                new ServiceAnswer("ssh", "tcp", 22, "30s", "12h", "closed", null, true, 1));
    }

    private static List<RuleAnswer> rules() {
        return List.of(new RuleAnswer("permits", 1234, 98_765), new RuleAnswer("gated ports are closed", 7, 420));
    }

    private JsonObject metrics() {
        JsonObject metrics = new JsonObject();
        if (!empty) {
            metrics.addProperty("mayfly_leases", 2);
            metrics.addProperty("mayfly_knocks_accepted_total", 12);
        }
        return metrics;
    }

    private PermitAnswer permit(AdminRequest request) {
        String source = request.optionalText("source");
        return new PermitAnswer(
                "0a1b2c3d",
                empty ? null : "2001:db8:1:2:a3f1:77c2:90d4:1be",
                22,
                "tcp",
                source == null ? "any" : source,
                NOW.plusSeconds(30));
    }
}
