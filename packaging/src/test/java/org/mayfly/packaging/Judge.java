package org.mayfly.packaging;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.testing.Lab.Host;

/** What is in the server's kernel, told by tools that are not ours. */
final class Judge {
    private final Host server;
    private final Ip6Prefix prefix;

    Judge(Network network, Layout layout) {
        this.server = network.server;
        this.prefix = layout.prefix();
    }

    private JsonArray table() throws Exception {
        return JsonParser.parseString(server.run("nft", "-j", "list", "table", "inet", "mayfly"))
                .getAsJsonObject()
                .getAsJsonArray("nftables");
    }

    /** The elements of every set that lets somebody in, as nft prints them. */
    List<String> permits() throws Exception {
        List<String> elements = new ArrayList<>();
        for (JsonElement each : table()) {
            JsonObject set = each.getAsJsonObject().getAsJsonObject("set");
            if (set != null && set.get("name").getAsString().startsWith("permits") && set.has("elem")) {
                set.getAsJsonArray("elem").forEach(e -> elements.add(e.toString()));
            }
        }
        return elements;
    }

    boolean permits(Ip6Address source, Ip6Address door) throws Exception {
        return permits().stream().anyMatch(e -> e.contains("\"" + source + "\"") && e.contains("\"" + door + "\""));
    }

    /** The seconds after which a permit ends; -1 for one that is not there. */
    long left(Ip6Address source, Ip6Address door) throws Exception {
        for (String permit : permits()) {
            if (permit.contains("\"" + source + "\"") && permit.contains("\"" + door + "\"")) {
                JsonObject element = JsonParser.parseString(permit).getAsJsonObject();
                return element.getAsJsonObject("elem").get("expires").getAsLong();
            }
        }
        return -1;
    }

    /** Addresses of the door prefix that are up, but for the server's own. */
    List<Ip6Address> doors() throws Exception {
        return List.copyOf(lives().keySet());
    }

    /** The same, with the seconds for which each stays up. */
    Map<Ip6Address, Long> lives() throws Exception {
        Map<Ip6Address, Long> doors = new LinkedHashMap<>();
        for (JsonElement link :
                JsonParser.parseString(server.run("ip", "-j", "-6", "address")).getAsJsonArray()) {
            for (JsonElement a : link.getAsJsonObject().getAsJsonArray("addr_info")) {
                JsonObject info = a.getAsJsonObject();
                if (!info.has("local")) {
                    continue;
                }
                Ip6Address address = Ip6Address.parse(info.get("local").getAsString());
                if (prefix.contains(address) && !address.equals(Network.SERVER)) {
                    doors.put(address, info.get("valid_life_time").getAsLong());
                }
            }
        }
        return doors;
    }

    /** The routes of table local that make a prefix ours. */
    List<String> localRoutes() throws Exception {
        return server.run("ip", "-6", "route", "show", "table", "local")
                .lines()
                .filter(l -> l.contains("/"))
                .filter(l -> l.startsWith("local "))
                .toList();
    }

    /** Nothing is let in and no door is up. */
    boolean shut() throws Exception {
        return permits().isEmpty() && doors().isEmpty();
    }

    /** The comments of the guard's rules. */
    String ruleset() throws Exception {
        return server.run("nft", "list", "table", "inet", "mayfly");
    }
}
