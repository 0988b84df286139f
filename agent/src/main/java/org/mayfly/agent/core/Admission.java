package org.mayfly.agent.core;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;

/** Who is let in to what: the policy, and the quotas. */
final class Admission {
    /** What an administrator may ask for. A set element without a timeout would stay for ever. */
    private static final Duration LEAST = Duration.ofSeconds(1);

    static final Duration MOST = Duration.ofDays(365);

    private final Doors doors;
    private final Leases leases;
    private final Clock clock;
    private final RandomGenerator random;
    private Settings settings;

    Admission(Settings settings, Doors doors, Leases leases, Clock clock, RandomGenerator random) {
        this.settings = settings;
        this.doors = doors;
        this.leases = leases;
        this.clock = clock;
        this.random = random;
    }

    Settings settings() {
        return settings;
    }

    void settings(Settings next) {
        settings = next;
    }

    /** Whether what a lease lets in may be let in today: the client, its key, the service and its port are as they were. */
    boolean allows(@Nullable ClientState client, String serviceName, long key, Permit permit) {
        Service service = settings.services().get(serviceName);
        if (client == null || service == null) {
            return false;
        }
        boolean same = service.protocol() == permit.protocol() && service.port() == permit.port();
        if (!same || permit.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
            return false;
        }
        boolean byHand = key == 0;
        return byHand
                || client.client().services().contains(serviceName)
                        && client.client().keys().stream().anyMatch(k -> k.id() == key);
    }

    /**
     * A knock that is genuine and new.
     *
     * @return {@link Verdict#ACCEPTED} if its lease is open, or will be by {@link Openings#openAdmitted}
     */
    Verdict grant(ClientState client, KnockKey key, KnockRequest request, byte[] packet, int offset, Ip6Address from)
            throws KernelException {
        Service service = serviceFor(client.client(), request.service());
        if (service == null) {
            return Verdict.SERVICE;
        }
        Ip6Address source = request.source().isUnspecified() ? from : request.source();
        boolean named = source.equals(from) || client.client().mayNameSource();
        if (!named || !Sources.canConnect(source) || source.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
            return Verdict.SOURCE;
        }
        Permit permit = permitFor(client.client().source(), source, service, key, packet, offset);
        boolean renews =
                permit != null && leases.table().sharing(permit).stream().anyMatch(lease -> lease.holder() == client);
        Verdict quota = renews ? Verdict.ACCEPTED : quota(client);
        if (quota != Verdict.ACCEPTED) {
            return quota;
        }
        if (permit == null) {
            return Verdict.NO_DOOR;
        }
        if (!renews && !madeRoom(client)) {
            return Verdict.LEASES;
        }
        Duration window = windowFor(service, request.leaseSeconds());
        if (permit.isIpv4()) {
            leases.openings().open(client, service, key.id(), permit, window);
            client.knocked(clock.wallNanos());
        } else {
            leases.openings().admit(client, service, key.id(), permit, window);
        }
        return Verdict.ACCEPTED;
    }

    /** More than one lease is replaced where the client may have fewer than it might before. */
    private boolean madeRoom(ClientState client) throws KernelException {
        while (!client.mayLease()) {
            if (!leases.endings().replaceOldest(client, clock.monotonicNanos())) {
                return false;
            }
        }
        return true;
    }

    private Verdict quota(ClientState client) {
        if (!client.mayLease()) {
            return client.replaces() ? Verdict.ACCEPTED : Verdict.LEASES;
        }
        return leases.table().size() >= settings.doorLimit() ? Verdict.DOORS : Verdict.ACCEPTED;
    }

    private @Nullable Service serviceFor(Client client, String asked) {
        if (client.services().isEmpty()) {
            return null;
        }
        String name = asked.isEmpty() ? client.services().get(0) : asked;
        return client.services().contains(name) ? settings.services().get(name) : null;
    }

    private @Nullable Permit permitFor(
            SourcePolicy policy, Ip6Address source, Service service, KnockKey key, byte[] packet, int offset) {
        if (source.isIpv4()) {
            return new Permit(source, 128, Ip6Address.UNSPECIFIED, service.protocol(), service.port());
        }
        Ip6Address door = doors.free(key, packet, offset);
        int length = policy.length();
        return door == null
                ? null
                : new Permit(source.masked(length), length, door, service.protocol(), service.port());
    }

    private static Duration windowFor(Service service, long askedSeconds) {
        Duration most = service.lease();
        Duration asked = Duration.ofSeconds(askedSeconds);
        return asked.isZero() || asked.compareTo(most) > 0 ? most : asked;
    }

    /** See {@link Agent#permit}. */
    Lease permit(ClientState client, String serviceName, @Nullable Ip6Address source, @Nullable Duration window)
            throws RefusedException, KernelException {
        Service service = settings.services().get(serviceName);
        if (service == null) {
            throw new RefusedException("no service \"" + serviceName + "\"; see: mayflyctl services");
        }
        if (source != null && !Sources.canConnect(source)) {
            throw new RefusedException(source + " cannot be the source of a connection");
        }
        if (source != null && source.isIpv4() && service.ipv4() != Ipv4Access.PERMIT) {
            throw new RefusedException("service " + serviceName
                    + " cannot be opened on IPv4; set ipv4 = \"permit\" in [service." + serviceName + "]");
        }
        if (window != null && (window.compareTo(LEAST) < 0 || window.compareTo(MOST) > 0)) {
            throw new RefusedException("a lease lasts 1s to 365d");
        }
        if (!client.mayLease()) {
            throw new RefusedException(
                    "client " + client.name() + " has as many leases as it may; revoke one, or raise its quota");
        }
        if (quota(client) == Verdict.DOORS) {
            throw new RefusedException(
                    "there are as many doors as there may be; revoke a lease, or raise [door] limit");
        }
        byte[] seed = new byte[Packet.LENGTH];
        random.nextBytes(seed);
        KnockKey key = client.client().keys().get(0);
        Permit permit = source == null
                ? permitFor(SourcePolicy.ANY, Ip6Address.UNSPECIFIED, service, key, seed, 0)
                : permitFor(client.client().source(), source, service, key, seed, 0);
        if (permit == null) {
            throw new RefusedException("there is no prefix to take a door from; see: mayflyctl status");
        }
        Duration most = window == null ? service.lease() : window;
        return leases.openings().open(client, service, 0, permit, most);
    }
}
