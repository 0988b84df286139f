package org.mayfly.agent.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.core.Service;

/** What a reload changed, in words. */
final class Changes {
    private Changes() {}

    static List<String> between(
            Configuration before, Configuration after, DoorChoice doorBefore, DoorChoice doorAfter) {
        List<String> lines = new ArrayList<>();
        if (!doorBefore.doors().equals(doorAfter.doors()) || doorBefore.mode() != doorAfter.mode()) {
            lines.add("doors are in " + doorAfter.doors().prefix() + ", mode " + doorAfter.mode()
                    + "; clients that were enrolled for others need a new URI");
        }
        Map<String, Service> old = byName(before);
        Map<String, Service> now = byName(after);
        now.forEach((name, service) -> {
            Service was = old.get(name);
            if (was == null) {
                lines.add("service " + name + " is new");
            } else if (!was.equals(service)) {
                lines.add("service " + name + " is different");
            }
        });
        old.keySet().stream()
                .filter(name -> !now.containsKey(name))
                .forEach(name -> lines.add("service " + name + " is gone"));
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

    private static Map<String, Service> byName(Configuration c) {
        return c.services().stream().collect(Collectors.toMap(Service::name, Function.identity()));
    }

    private static List<Object> needsRestart(Configuration c) {
        return List.of(
                c.udp(),
                c.tcp(),
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
                next.doorInterface(),
                next.prefix(),
                next.mode(),
                next.reserved(),
                next.doorLimit(),
                next.services(),
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
