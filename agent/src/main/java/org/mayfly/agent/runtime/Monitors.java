package org.mayfly.agent.runtime;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.EventAnswer;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Verdict;

/**
 * Those who run {@code mayflyctl monitor}. They are told of doors, as {@code mayflyctl leases} tells of them. On the
 * loop, which never waits for them; while there are none, an event costs nothing.
 */
final class Monitors implements AgentListener {
    private final Wording wording;
    private final List<AdminStream> streams = new ArrayList<>();

    /** What is not repaired yet. A flush takes a thousand addresses away; once is enough to know. */
    private final Set<Disturbance> disturbed = EnumSet.noneOf(Disturbance.class);

    Monitors(Clock clock) {
        this.wording = new Wording(clock);
    }

    /** Tells that one of all that happens from now on. */
    void add(AdminStream stream) {
        streams.removeIf(other -> !other.isOpen());
        if (stream.put(EventAnswer.of(wording.now(), "watching", null, null))) {
            streams.add(stream);
        }
    }

    @Override
    public void opened(Lease lease) {
        lease(lease.state().toString(), lease, null);
    }

    @Override
    public void renewed(Lease lease) {
        lease("renewed", lease, null);
    }

    @Override
    public void changed(Lease lease) {
        lease(lease.state().toString(), lease, null);
    }

    @Override
    public void moved(Lease lease) {
        lease("moved", lease, null);
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        lease("ended", lease, why.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void refused(Verdict verdict, String client) {
        if (!streams.isEmpty()) {
            tell(EventAnswer.refused(wording.now(), client, verdict.toString()));
        }
    }

    @Override
    public void disturbed(Disturbance what) {
        if (disturbed.add(what)) {
            tell("disturbed", what.toString(), null);
        }
    }

    @Override
    public void repaired() {
        if (!disturbed.isEmpty()) {
            disturbed.clear();
            tell("repaired", null, null);
        }
    }

    @Override
    public void warning(String message) {
        tell("warning", null, message);
    }

    /** @param changed a line for each thing that is different */
    void reloaded(List<String> changed) {
        tell("reload", null, changed.isEmpty() ? "nothing has changed" : String.join("; ", changed));
    }

    private void lease(String event, Lease lease, @Nullable String reason) {
        if (!streams.isEmpty()) {
            tell(EventAnswer.ofLease(wording.now(), event, wording.lease(lease, Map.of()), reason));
        }
    }

    private void tell(String event, @Nullable String reason, @Nullable String message) {
        if (!streams.isEmpty()) {
            tell(EventAnswer.of(wording.now(), event, reason, message));
        }
    }

    private void tell(EventAnswer event) {
        streams.removeIf(stream -> !stream.put(event));
    }
}
