package org.mayfly.agent.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened. Fields of a lease are as in {@link LeaseAnswer}; what an event has no use for is null.
 *
 * <table>
 * <caption>Events</caption>
 * <tr><td>{@code watching}</td><td>always the first: from here on nothing is missed</td></tr>
 * <tr><td>{@code pending}, {@code active}, {@code session}</td><td>a lease came to that state</td></tr>
 * <tr><td>{@code renewed}</td><td>the window of a lease started anew</td></tr>
 * <tr><td>{@code moved}</td><td>the door prefix was changed: a lease has this door now, beside those it had</td></tr>
 * <tr><td>{@code ended}</td><td>a lease is over</td></tr>
 * <tr><td>{@code refused}</td><td>a genuine knock was; what is not genuine is only counted</td></tr>
 * <tr><td>{@code disturbed}</td><td>somebody did something to what is ours in the kernel; told once for each kind until
 *     {@code repaired}</td></tr>
 * <tr><td>{@code repaired}</td><td>all that is ours is there again</td></tr>
 * <tr><td>{@code reload}</td><td>configuration and clients were read again</td></tr>
 * <tr><td>{@code warning}</td><td>an operator should see to it</td></tr>
 * <tr><td>{@code lost}</td><td>events were left out here, for they were not read fast enough</td></tr>
 * </table>
 *
 * @param reason why it ended: "expired", "session_limit", "revoked", "replaced" and the like; the verdict on a knock;
 *     or what was disturbed
 * @param count how many events were lost
 * @param message one line for people
 */
public record EventAnswer(
        Instant time,
        String event,
        @Nullable String id,
        @Nullable String client,
        @Nullable String service,
        @Nullable String door,
        @Nullable Integer port,
        @Nullable String protocol,
        @Nullable String source,
        @Nullable String state,
        @Nullable Instant expires,
        @Nullable Instant sessionUntil,
        @Nullable String reason,
        @Nullable Long count,
        @Nullable String message) {

    /** What became of a lease, as the lease is now. */
    public static EventAnswer ofLease(Instant time, String event, LeaseAnswer lease, @Nullable String reason) {
        return new EventAnswer(
                time,
                event,
                lease.id(),
                lease.client(),
                lease.service(),
                lease.door(),
                lease.port(),
                lease.protocol(),
                lease.source(),
                lease.state(),
                lease.expires(),
                lease.sessionUntil(),
                reason,
                null,
                null);
    }

    /** A knock of a client that opened nothing. */
    public static EventAnswer refused(Instant time, String client, String verdict) {
        return bare(time, "refused", client, verdict, null, null);
    }

    /** What has to do with no lease and no client. */
    public static EventAnswer of(Instant time, String event, @Nullable String reason, @Nullable String message) {
        return bare(time, event, null, reason, null, message);
    }

    /** @param time of the last of them */
    static EventAnswer lost(Instant time, long count) {
        return bare(time, "lost", null, null, count, null);
    }

    private static EventAnswer bare(
            Instant time,
            String event,
            @Nullable String client,
            @Nullable String reason,
            @Nullable Long count,
            @Nullable String message) {
        return new EventAnswer(
                time, event, null, client, null, null, null, null, null, null, null, null, reason, count, message);
    }
}
