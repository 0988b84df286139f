package org.mayfly.agent.core;

/** Hears what the agent decided: the audit log. Called on the agent's thread; does not throw. */
public interface AgentListener {
    /** A lease was granted, or its window started anew. */
    void opened(Lease lease);

    /** A lease went on to another state: from pending to active, from active to session. */
    void changed(Lease lease);

    void ended(Lease lease, Lease.End why);

    /** A packet that was genuine, refused all the same. What is not genuine is only counted. */
    void refused(Verdict verdict, String client);

    /** Something an operator should see: what, and what to do. */
    void warning(String message);
}
