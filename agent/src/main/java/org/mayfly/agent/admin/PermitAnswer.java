package org.mayfly.agent.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A door that was opened by hand; fields as in {@link LeaseAnswer}.
 *
 * @param id of the lease
 */
public record PermitAnswer(
        String id, @Nullable String door, int port, String protocol, String source, Instant expires) {}
