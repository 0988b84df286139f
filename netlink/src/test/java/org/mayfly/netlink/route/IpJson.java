package org.mayfly.netlink.route;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mayfly.netlink.testing.Lab;

/** What {@code ip -j -d …} prints, without what passes with the time. */
final class IpJson {
    private static final List<String> LIFETIMES = List.of("valid_life_time", "preferred_life_time", "expires");
    private static final long FOREVER = 0xffff_ffffL;
    static final long A_WHILE = 50;

    private IpJson() {}

    /** Lifetimes are rounded up to {@link #A_WHILE} seconds, which no test takes. */
    static JsonArray of(Lab.Host host, String... arguments) throws Exception {
        String[] command =
                Stream.concat(Stream.of("ip", "-j", "-d"), Stream.of(arguments)).toArray(String[]::new);
        JsonElement all = JsonParser.parseString(host.run(command));
        steady(all);
        return all.getAsJsonArray();
    }

    /** The same for what was read otherwise. */
    static long steady(long seconds) {
        return (seconds + A_WHILE - 1) / A_WHILE * A_WHILE;
    }

    private static void steady(JsonElement e) {
        if (e.isJsonArray()) {
            e.getAsJsonArray().forEach(IpJson::steady);
        }
        if (e.isJsonObject()) {
            JsonObject o = e.getAsJsonObject();
            for (Map.Entry<String, JsonElement> field : new ArrayList<>(o.entrySet())) {
                steady(field.getValue());
                if (LIFETIMES.contains(field.getKey()) && field.getValue().getAsLong() != FOREVER) {
                    long seconds = field.getValue().getAsLong();
                    o.addProperty(field.getKey(), steady(seconds));
                }
            }
        }
    }
}
