package org.mayfly.agent.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Translating;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.relay.Target;
import org.mayfly.knock.DoorSpace;

/** What a reload changed, in words. */
final class Changes {
    private Changes() {}

    static List<String> between(
            Configuration before, Configuration after, DoorChoice doorBefore, DoorChoice doorAfter) {
        List<String> lines = new ArrayList<>();
        if (!doorBefore.doors().equals(doorAfter.doors()) || doorBefore.mode() != doorAfter.mode()) {
            lines.add("doors are in " + doorAfter.doors().prefix() + ", mode " + doorAfter.mode()
                    + enrolledBefore(before, after, doorBefore.doors(), doorAfter.doors()));
        }
        Map<String, Service> old = byName(before);
        Map<String, Service> now = byName(after);
        now.forEach((name, service) -> {
            Service was = old.get(name);
            if (was == null) {
                lines.add("service " + name + " is new");
            } else if (!was.equals(service) || !sameRelay(before, after, name)) {
                lines.add("service " + name + " is different");
            }
        });
        old.keySet().stream()
                .filter(name -> !now.containsKey(name))
                .forEach(name -> lines.add("service " + name + " is gone"));
        share(before, after).ifPresent(lines::add);
        translated(before.relaying().translating(), after.relaying().translating())
                .ifPresent(lines::add);
        if (!Objects.equals(
                before.relaying().translating().dns64(),
                after.relaying().translating().dns64())) {
            lines.add(after.relaying().translating().dns64() == null ? "DNS64 is off" : "DNS64 is different");
        }
        if (before.relaying().limit() != after.relaying().limit()) {
            lines.add("the limit of relayed connections is " + after.relaying().limit());
        }
        if (!before.quota().equals(after.quota()) || before.doorLimit() != after.doorLimit()) {
            lines.add("quotas are different");
        }
        if (!before.window().equals(after.window())) {
            lines.add("the window for time stamps is different");
        }
        if (!needsRestart(before).equals(needsRestart(after))) {
            lines.add("[listen], [paths], [kernel], [admin] and [host] take effect when mayflyd is restarted");
        }
        return lines;
    }

    private static boolean sameRelay(Configuration before, Configuration after, String service) {
        return Objects.equals(
                before.relaying().services().get(service),
                after.relaying().services().get(service));
    }

    private static Optional<String> translated(Translating before, Translating after) {
        if (Objects.equals(before.nat64(), after.nat64())) {
            return Optional.empty();
        }
        Nat64 now = after.nat64();
        return Optional.of(
                now == null
                        ? "IPv4 is behind no prefix any more; what was open is cut"
                        : "IPv4 is behind " + now.prefix() + " for " + now.interfaceName() + "; what was open is cut");
    }

    private static Optional<String> share(Configuration before, Configuration after) {
        Target now = after.relaying().share();
        boolean listens = !before.tcp().isEmpty(); // it does not before a restart, whatever the file says now
        if (!listens || Objects.equals(before.relaying().share(), now)) {
            return Optional.empty();
        }
        return Optional.of(
                now == null ? "TCP knocks share their port with nobody" : "TCP knocks share their port with " + now);
    }

    /** Who has to be enrolled anew: the URI has all of the doors but the bits that follow the server's address. */
    private static String enrolledBefore(Configuration before, Configuration after, DoorSpace old, DoorSpace now) {
        if (old.equals(now)) {
            return "";
        }
        boolean follow = before.prefix() == null
                && after.prefix() == null
                && old.prefix().length() == now.prefix().length()
                && before.reserved().equals(after.reserved());
        return follow
                ? "; clients enrolled without [host] name need a new URI"
                : "; clients that were enrolled for others need a new URI";
    }

    private static Map<String, Service> byName(Configuration c) {
        return c.services().stream().collect(Collectors.toMap(Service::name, Function.identity()));
    }

    private static List<Object> needsRestart(Configuration c) {
        return List.of(
                c.udp(),
                c.tcp(),
                c.gate(),
                c.clients(),
                c.state(),
                c.socket(),
                c.table(),
                c.owner(),
                Objects.toString(c.adminGroup()),
                Objects.toString(c.host()));
    }

    /** What is in force: the new one, but for what a running agent does not change. */
    static Configuration keepingWhatNeedsRestart(Configuration running, Configuration next) {
        return new Configuration(
                running.udp(),
                running.tcp(),
                running.gate(),
                next.doorInterface(),
                next.prefix(),
                next.mode(),
                next.reserved(),
                next.doorLimit(),
                next.services(),
                next.relaying(),
                next.window(),
                next.quota(),
                running.clients(),
                running.state(),
                running.socket(),
                running.table(),
                running.owner(),
                running.adminGroup(),
                running.host(),
                next.warnings(),
                next.places());
    }
}
