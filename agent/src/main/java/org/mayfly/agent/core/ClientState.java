package org.mayfly.agent.core;

import java.util.LinkedHashSet;
import java.util.Set;

/** A client while the agent runs: what it may, and what it has used. Outlives a reload. */
final class ClientState {
    private static final long SECOND = 1_000_000_000L;

    private Client client;
    private Quota quota;
    private final Set<Lease> leases = new LinkedHashSet<>();
    private long tokens;
    private long refilled;
    private long lastKnock;

    ClientState(Client client, Quota common, long now) {
        this.client = client;
        this.quota = client.quota() != null ? client.quota() : common;
        this.tokens = full();
        this.refilled = now;
    }

    void replace(Client with, Quota common) {
        client = with;
        quota = with.quota() != null ? with.quota() : common;
        tokens = Math.min(tokens, full());
    }

    /**
     * A token bucket in nanoseconds of waiting: a knock costs a second's {@code rate}th part, and a whole second's
     * worth is the most that can be saved up.
     */
    boolean mayKnock(long now) {
        tokens = Math.min(full(), tokens + Math.min(SECOND, now - refilled) * quota.rate());
        refilled = now;
        if (tokens < SECOND) {
            return false;
        }
        tokens -= SECOND;
        return true;
    }

    private long full() {
        return SECOND * quota.rate();
    }

    boolean mayLease() {
        return leases.size() < quota.leases();
    }

    /** Whether a lease that is not used makes room for another one. */
    boolean replaces() {
        return quota.full() == Quota.Full.REPLACE;
    }

    void knocked(long wallNanos) {
        lastKnock = wallNanos;
    }

    /** Wall clock of the last knock that opened something; 0 for never. */
    long lastKnock() {
        return lastKnock;
    }

    Set<Lease> leases() {
        return leases;
    }

    Client client() {
        return client;
    }

    String name() {
        return client.name();
    }
}
