package org.mayfly.agent.runtime;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.Translating;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.translate.Dns64Settings;

/** Whether this process may have as many descriptors as its configuration may take. */
final class Descriptors {
    /** Two sockets, and while it is busy a pipe of two ends for either way (splice(2)). */
    private static final long OF_A_CONNECTION = 6;

    private static final long OF_A_FLOW = 2;

    /** The client's, if it came by TCP, and those of six tries within what a query waits: translate/Exchange. */
    private static final long OF_A_QUERY = 7;

    /** Connections that have not knocked, files, what the virtual machine has. */
    private static final long OTHER = 1024 + 512;

    private Descriptors() {}

    /** What an operator should do, in a line; or nothing. */
    static Optional<String> warning(Configuration c) {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? warning(c, system.getMaxFileDescriptorCount())
                : Optional.empty();
    }

    /** @param most getrlimit(2), RLIMIT_NOFILE */
    static Optional<String> warning(Configuration c, long most) {
        long needed = needed(c);
        return needed <= most
                ? Optional.empty()
                : Optional.of("[relay] limit = " + c.relaying().limit() + " may take " + needed
                        + " descriptors, and there are " + most
                        + ": lower it, or raise LimitNOFILE= of the unit; without one, connections are reset");
    }

    private static long needed(Configuration c) {
        long limit = c.relaying().limit();
        Translating translating = c.relaying().translating();
        boolean relays = false;
        long services = 0;
        for (Service s : c.services()) {
            boolean relayed = c.relaying().services().containsKey(s.name());
            relays |= relayed && s.protocol() == Protocol.TCP;
            services += relayed && s.protocol() == Protocol.UDP ? 1 : 0;
        }
        boolean shared = c.relaying().share() != null && !c.tcp().isEmpty();
        long bounds = (shared ? 1L : 0) + (relays ? 1 : 0) + (translating.nat64() != null ? 1 : 0);
        long needed = bounds * OF_A_CONNECTION * limit + services * OF_A_FLOW * limit;
        Dns64Settings dns64 = translating.dns64();
        needed += dns64 == null ? 0 : OF_A_QUERY * dns64.limit();
        return needed == 0 ? 0 : needed + OTHER;
    }
}
