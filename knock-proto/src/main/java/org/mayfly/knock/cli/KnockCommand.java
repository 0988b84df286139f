package org.mayfly.knock.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.client.DoorWait;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Knock;
import org.mayfly.knock.client.Knocker;
import org.mayfly.knock.client.Profile;
import org.mayfly.knock.client.Profiles;
import org.mayfly.knock.client.Trial;
import org.mayfly.knock.client.Way;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "knock", description = "Send one knock and print the address of the door it opens.")
final class KnockCommand implements Callable<Integer> {
    private static final Duration KNOCK_AGAIN = Duration.ofSeconds(2);

    private final Streams streams;

    @Parameters(index = "0", paramLabel = "NAME", description = "The profile.")
    String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SERVICE",
            description = "A service, or its port (the first).")
    @Nullable
    String service;

    @Option(names = "--wait", paramLabel = "DUR", description = "Wait until the door answers, but no longer than this.")
    @Nullable
    Duration wait;

    @Mixin
    KnockFlags flags = new KnockFlags();

    @Option(names = "--dry-run", description = "Send nothing; print what it would be like.")
    boolean dryRun;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    KnockCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        Profile profile = Profiles.of(streams.environment()).load(name);
        ServiceOffer wanted = service == null ? profile.firstService() : profile.service(service);
        if (wait != null && dryRun) {
            throw Failure.usage("--wait and --dry-run exclude each other");
        }
        Knocker knocker = Knocker.of(profile, wanted, flags.options(), Clock.systemUTC());
        Duration limit = wait;
        if (limit != null) {
            return knockAndWait(knocker, limit);
        }
        Knock k = dryRun ? knocker.dryRun() : knocker.knock();
        streams.print(
                json ? document(knocker, k, k.door()).toString() : k.door().toString());
        return 0;
    }

    private int knockAndWait(Knocker knocker, Duration limit) throws Failure {
        DoorWait.Outcome outcome = DoorWait.await(knocker, limit, KNOCK_AGAIN);
        Knock k = outcome.knock();
        Ip6Address door = k.door();
        if (outcome instanceof DoorWait.Reached r) {
            door = r.door();
            try {
                r.channel().close();
            } catch (IOException e) {
                // the door has answered, and that was the question
            }
        }
        boolean reached = outcome instanceof DoorWait.Reached;
        if (json) {
            JsonObject o = document(knocker, k, door);
            o.addProperty("reachable", reached);
            o.addProperty("waited_ms", outcome.waited().toMillis());
            o.add("tried", tried(outcome.trials()));
            streams.print(o.toString());
        } else if (reached) {
            streams.print(door.toString());
        }
        if (outcome instanceof DoorWait.Unanswered u) {
            throw Failure.failed(u.report());
        }
        return 0;
    }

    private JsonObject document(Knocker knocker, Knock k, Ip6Address door) {
        JsonObject o = new JsonObject();
        o.addProperty("door", door.toString());
        JsonArray candidates = new JsonArray();
        k.candidates().forEach(c -> candidates.add(c.toString()));
        o.add("candidates", candidates);
        o.addProperty("service", knocker.service().name());
        o.addProperty("port", knocker.service().port());
        o.addProperty("protocol", knocker.service().protocol());
        o.addProperty("source", k.source().toString());
        add(o, k.way());
        if (dryRun) {
            o.add("sent", JsonNull.INSTANCE);
        } else {
            o.addProperty("sent", k.time().toString());
        }
        return o;
    }

    private static JsonArray tried(List<Trial> trials) {
        JsonArray all = new JsonArray();
        for (Trial t : trials) {
            JsonObject o = new JsonObject();
            add(o, t.way());
            o.addProperty("result", t.result());
            all.add(o);
        }
        return all;
    }

    private static void add(JsonObject o, Way way) {
        o.addProperty("server", way.address());
        o.addProperty("carrier", way.carrier().toString());
        o.addProperty("family", way.family() == StandardProtocolFamily.INET ? "ipv4" : "ipv6");
    }
}
