package org.mayfly.agent.admin;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client, without its secrets.
 *
 * @param services what it may open, the first being what it gets when it names none
 * @param source {@code exact}, {@code net64} or {@code any}: whom its leases let in
 * @param keys ids of its keys, 16 hex digits each
 * @param leases how many are live
 * @param quota how many may be
 * @param refused how many of its genuine knocks were refused since the agent started, by verdict: {@code leases} is the
 *     quota, {@code rate} knocking too often; verdicts that never were are left out
 * @param lastKnock its last knock that opened something, since the agent started
 */
public record ClientAnswer(
        String name,
        List<String> services,
        String source,
        List<String> keys,
        int leases,
        int quota,
        Map<String, Long> refused,
        @Nullable Instant lastKnock,
        @Nullable Instant created) {}
