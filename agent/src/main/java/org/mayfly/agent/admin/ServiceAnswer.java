package org.mayfly.agent.admin;

import org.jspecify.annotations.Nullable;

/**
 * A configured service.
 *
 * @param protocol {@code tcp} or {@code udp}
 * @param lease a duration such as {@code 30s}: how long a knock lets new connections through
 * @param session a duration: how long a session may live on after that
 * @param ipv4 {@code closed}, {@code permit} or {@code open}
 * @param relay where the agent pipes its connections, such as {@code 127.0.0.1:9418}; null if it does not
 * @param gated whether the guard stands before it in the kernel
 * @param leases how many are live
 */
public record ServiceAnswer(
        String name,
        String protocol,
        int port,
        String lease,
        String session,
        String ipv4,
        @Nullable String relay,
        boolean gated,
        int leases) {}
