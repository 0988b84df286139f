package org.mayfly.agent.core;

/** Hears what the agent decided: the audit log, and who watches. Called on the agent's thread; does not throw. */
public interface AgentListener {
    /** A lease was granted. */
    void opened(Lease lease);

    /** The window of a lease started anew; whoever does not care hears of it as of a new one. */
    default void renewed(Lease lease) {
        opened(lease);
    }

    /** A lease went on to another state: from pending to active, from active to session. */
    void changed(Lease lease);

    /** A lease has a door in another prefix as well; whoever does not care hears of it as of another change. */
    default void moved(Lease lease) {
        changed(lease);
    }

    void ended(Lease lease, Lease.End why);

    /** A packet that was genuine, refused all the same. What is not genuine is only counted. */
    void refused(Verdict verdict, String client);

    /** Somebody did something to what is ours in the kernel; every time, so it may come often. */
    default void disturbed(Disturbance what) {}

    /** All that is ours is in the kernel again. */
    default void repaired() {}

    /** Something an operator should see: what, and what to do. */
    void warning(String message);
}
