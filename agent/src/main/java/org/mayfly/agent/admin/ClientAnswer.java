package org.mayfly.agent.admin;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client, without its secrets.
 *
 * @param services what it may open, the first being what it gets when it names none
 * @param source {@code exact}, {@code net64} or {@code any}: whom its leases let in
 * @param keys ids of its keys, 16 hex digits each
 * @param leases how many are live
 * @param lastKnock its last knock that opened something, since the agent started
 */
public record ClientAnswer(
        String name,
        List<String> services,
        String source,
        List<String> keys,
        int leases,
        @Nullable Instant lastKnock,
        @Nullable Instant created) {}
