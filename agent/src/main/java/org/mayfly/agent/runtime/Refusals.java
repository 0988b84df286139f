package org.mayfly.agent.runtime;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.core.VerdictCounts;

/** How often each client was refused though its knock was genuine, since the agent started. On the loop. */
final class Refusals implements AgentListener {
    private final Map<String, VerdictCounts> counts = new HashMap<>();

    @Override
    public void refused(Verdict verdict, String client) {
        counts.computeIfAbsent(client, name -> new VerdictCounts()).count(verdict);
    }

    /** By verdict; what never was is left out. */
    Map<String, Long> of(String client) {
        Map<String, Long> named = new TreeMap<>();
        VerdictCounts of = counts.get(client);
        if (of != null) {
            of.toMap().forEach((verdict, count) -> {
                if (count > 0) {
                    named.put(verdict.toString(), count);
                }
            });
        }
        return named;
    }

    /** One of that name who comes later is another one. */
    void forget(String client) {
        counts.remove(client);
    }

    @Override
    public void opened(Lease lease) {}

    @Override
    public void changed(Lease lease) {}

    @Override
    public void ended(Lease lease, Lease.End why) {}

    @Override
    public void warning(String message) {}
}
