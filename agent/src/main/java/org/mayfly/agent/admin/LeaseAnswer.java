package org.mayfly.agent.admin;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A live lease.
 *
 * @param door the ephemeral address; on IPv4 the host's own, or null for all of them
 * @param protocol {@code tcp} or {@code udp}
 * @param source who is let through: an address, a prefix, or {@code any}
 * @param state {@code "pending"} until the kernel takes packets for the door, then {@code "active"}: new connections are
 *     let through; {@code "session"} when only old ones are
 * @param expires when new connections end, or ended
 * @param sessionUntil when a session that is still up is cut
 * @param sessions how many are up
 */
public record LeaseAnswer(
        String id,
        String client,
        String service,
        @Nullable String door,
        int port,
        String protocol,
        String source,
        String state,
        Instant opened,
        Instant expires,
        Instant sessionUntil,
        int sessions) {}
