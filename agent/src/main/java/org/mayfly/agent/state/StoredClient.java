package org.mayfly.agent.state;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.knock.crypto.ClientKeyset;

/**
 * A client as its file has it.
 *
 * @param services the first is what it gets when it names none
 * @param nameSource whether its knocks may name another source than the one they come from
 * @param leases live leases at once; null for the common quota
 * @param rate knocks per second; null for the common quota
 */
public record StoredClient(
        String name,
        Instant created,
        List<String> services,
        SourcePolicy source,
        boolean nameSource,
        @Nullable Integer leases,
        @Nullable Integer rate,
        ClientKeyset keyset) {
    public StoredClient {
        services = List.copyOf(services);
    }

    public StoredClient withKeyset(ClientKeyset other) {
        return new StoredClient(name, created, services, source, nameSource, leases, rate, other);
    }

    /**
     * As the core knows it.
     *
     * @param common what counts where the client has no figure of its own
     */
    public Client toClient(Quota common) throws GeneralSecurityException {
        Quota quota = leases == null && rate == null
                ? null
                : new Quota(
                        leases == null ? common.leases() : leases, rate == null ? common.rate() : rate, common.full());
        return new Client(name, services, source, nameSource, quota, keyset.keys());
    }
}
