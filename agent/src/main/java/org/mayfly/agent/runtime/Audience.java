package org.mayfly.agent.runtime;

import java.util.List;
import org.mayfly.agent.core.AgentListener;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Verdict;

/** All who hear what the agent decided, in that order. */
record Audience(List<AgentListener> all) implements AgentListener {
    Audience {
        all = List.copyOf(all);
    }

    @Override
    public void opened(Lease lease) {
        all.forEach(one -> one.opened(lease));
    }

    @Override
    public void renewed(Lease lease) {
        all.forEach(one -> one.renewed(lease));
    }

    @Override
    public void changed(Lease lease) {
        all.forEach(one -> one.changed(lease));
    }

    @Override
    public void moved(Lease lease) {
        all.forEach(one -> one.moved(lease));
    }

    @Override
    public void ended(Lease lease, Lease.End why) {
        all.forEach(one -> one.ended(lease, why));
    }

    @Override
    public void refused(Verdict verdict, String client) {
        for (int i = 0; i < all.size(); i++) { // an iterator may allocate, and this comes with each packet of a flood
            all.get(i).refused(verdict, client);
        }
    }

    @Override
    public void disturbed(Disturbance what) {
        all.forEach(one -> one.disturbed(what));
    }

    @Override
    public void repaired() {
        all.forEach(AgentListener::repaired);
    }

    @Override
    public void warning(String message) {
        all.forEach(one -> one.warning(message));
    }
}
