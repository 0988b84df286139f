package org.mayfly.knock.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Profile;
import org.mayfly.knock.client.Profiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "profiles", description = "List the servers this client knows. Prints no secrets.")
final class ProfilesCommand implements Callable<Integer> {
    private static final int COLUMNS = 5;

    private final Streams streams;

    @Option(names = "--json", description = "Print one JSON document.")
    boolean json;

    ProfilesCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        Profiles store = Profiles.of(streams.environment());
        List<Profile> good = new ArrayList<>();
        List<String> bad = new ArrayList<>();
        for (String name : store.names()) {
            try {
                good.add(store.load(name));
            } catch (Failure e) {
                bad.add(String.valueOf(e.getMessage()));
            }
        }
        if (json) {
            streams.print(document(good).toString());
        } else if (!good.isEmpty()) {
            streams.print(table(good));
        }
        if (!bad.isEmpty()) {
            throw Failure.usage(String.join("; ", bad));
        }
        return 0;
    }

    private static JsonArray document(List<Profile> profiles) {
        JsonArray all = new JsonArray();
        for (Profile p : profiles) {
            Enrolment e = p.enrolment();
            JsonObject o = new JsonObject();
            o.addProperty("name", p.name());
            o.addProperty("client", e.client());
            o.addProperty("host", e.host());
            o.addProperty("port", e.port());
            if (e.tcpPort() != 0) {
                o.addProperty("tcp_port", e.tcpPort());
            }
            o.addProperty("prefix", e.doors().prefix().toString());
            if (e.follow() != 0) {
                o.addProperty("follow", e.follow());
            }
            JsonArray services = new JsonArray();
            for (ServiceOffer s : e.services()) {
                JsonObject j = new JsonObject();
                j.addProperty("name", s.name());
                j.addProperty("port", s.port());
                j.addProperty("protocol", s.protocol());
                services.add(j);
            }
            o.add("services", services);
            all.add(o);
        }
        return all;
    }

    private static String table(List<Profile> profiles) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "CLIENT", "SERVER", "DOORS", "SERVICES"));
        for (Profile p : profiles) {
            Enrolment e = p.enrolment();
            rows.add(List.of(
                    p.name(),
                    e.client(),
                    (e.host().indexOf(':') < 0 ? e.host() : "[" + e.host() + "]") + ":" + e.port(),
                    e.doors().prefix().toString(),
                    e.services().stream().map(ServiceOffer::toString).collect(Collectors.joining(" "))));
        }
        int[] widths = new int[COLUMNS];
        for (List<String> row : rows) {
            for (int i = 0; i < COLUMNS; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        return rows.stream().map(r -> line(r, widths)).collect(Collectors.joining("\n"));
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            s.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
        return s.toString().stripTrailing();
    }
}
