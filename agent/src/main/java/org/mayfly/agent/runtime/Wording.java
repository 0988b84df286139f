package org.mayfly.agent.runtime;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.LeaseAnswer;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Permit;

/** Leases in the words of the admin protocol. */
record Wording(Clock clock) {

    /** @param sessions how many each permit has, where that was asked */
    LeaseAnswer lease(Lease lease, Map<Permit, Integer> sessions) {
        Permit p = lease.permit();
        return new LeaseAnswer(
                lease.id(),
                lease.client(),
                lease.service().name(),
                door(p),
                p.port(),
                p.protocol().toString(),
                source(p),
                lease.state().toString(),
                wall(lease.opened()),
                wall(lease.windowEnd()),
                wall(lease.sessionEnd()),
                lease.permits().stream()
                        .mapToInt(permit -> sessions.getOrDefault(permit, 0))
                        .sum());
    }

    static @Nullable String door(Permit p) {
        return p.isIpv4() ? null : p.door().toString();
    }

    static String source(Permit p) {
        return switch (p.sourceLength()) {
            case 128 -> p.source().toString();
            case 0 -> "any";
            default -> p.source() + "/" + p.sourceLength();
        };
    }

    Instant now() {
        return instant(clock.wallNanos());
    }

    /** Leases keep the monotonic clock; people want to know what that is on the wall. */
    Instant wall(long monotonic) {
        return instant(clock.wallNanos() + (monotonic - clock.monotonicNanos()));
    }

    private static Instant instant(long nanos) {
        return Instant.ofEpochSecond(nanos / 1_000_000_000L, nanos % 1_000_000_000L);
    }
}
