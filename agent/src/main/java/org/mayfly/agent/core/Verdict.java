package org.mayfly.agent.core;

import java.util.Locale;

/**
 * What became of a packet. In the order in which the checks are made, the cheap before the dear; each is counted under
 * its own name.
 */
public enum Verdict {
    /** Not 96 bytes. */
    LENGTH,
    /** The gate tag is wrong: noise, or somebody without the gate key. */
    GATE,
    /** The same nonce was proved a moment ago: a replay. */
    NONCE,
    /** The gate tag is right, and so much of what its source sent with a right one was refused that nothing of it is looked at. */
    FLOOD,
    /** No client has a key of that id. */
    KEY,
    /** The proof is wrong. */
    PROOF,
    /** The request is of a version that this agent does not know. */
    VERSION,
    /** The request has reserved bits set, or a service name that cannot be one. */
    REQUEST,
    /** The replay marks were lost, and a whole window has not passed since; or they cannot be kept. */
    NOT_READY,
    /** The time stamp is too far from the clock. */
    WINDOW,
    /** The time stamp is not later than the last one accepted for the key: a replay, or an overtaken knock. */
    STAMP,
    /** The client knocks too often. */
    RATE,
    /** No such service, or not for this client. */
    SERVICE,
    /** The client may not open for that source, or the service cannot be opened for its family. */
    SOURCE,
    /** The client has as many leases as it may. */
    LEASES,
    /** There are as many doors as there may be. */
    DOORS,
    /** No prefix to derive a door from, or all candidates are taken. */
    NO_DOOR,
    /** The kernel refused. */
    KERNEL,
    /** A lease was opened. */
    ACCEPTED;

    /** The name that metrics and logs use. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
