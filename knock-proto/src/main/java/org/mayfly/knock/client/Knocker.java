package org.mayfly.knock.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Knocks for one service of one server, as often as wanted: every knock has its own nonce, and so its own door. */
public final class Knocker {
    private static final long NANOS = 1_000_000_000L;

    /** Knocks go round among so many addresses: some names have dozens. */
    private static final int MAX_TARGETS = 4;

    private final Profile profile;
    private final ServiceOffer service;
    private final KnockOptions options;
    private final Clock clock;
    private final KnockSender sender;
    private final HostLookup host;
    private Instant last = Instant.EPOCH;

    private Knocker(Profile profile, ServiceOffer service, KnockOptions options, Clock clock, HostLookup host)
            throws Failure {
        this.profile = profile;
        this.service = service;
        this.options = options;
        this.clock = clock;
        this.host = host;
        this.sender = sender(profile);
    }

    /** Looks the server's name up; sends nothing yet. */
    public static Knocker of(Profile profile, ServiceOffer service, KnockOptions options, Clock clock) throws Failure {
        if (options.carrier() == Carrier.TCP && profile.enrolment().tcpPort() == 0) {
            throw Failure.usage("\"" + profile.name() + "\" takes no knocks over TCP: leave --tcp out");
        }
        return new Knocker(
                profile,
                service,
                options,
                clock,
                HostLookup.of(profile.enrolment().host()));
    }

    private static KnockSender sender(Profile profile) throws Failure {
        Enrolment e = profile.enrolment();
        try {
            return ClientKeyset.ofSecret(e.clientSecret(), e.server()).keys().get(0);
        } catch (GeneralSecurityException x) {
            throw Failure.failed("the secret of \"" + profile.name() + "\" cannot be used: enroll it again");
        }
    }

    public Profile profile() {
        return profile;
    }

    public ServiceOffer service() {
        return service;
    }

    /** Whether this machine can connect from the source that was asked for. */
    boolean canConnect() {
        return options.source() == null || Addresses.ofThisMachine(options.source()) != null;
    }

    /**
     * Sends one knock, over UDP unless the options say otherwise. Where the server has several addresses and it cannot
     * be sent to one, it is made anew for the next: an address of the server's old prefix may still be known.
     */
    public Knock knock() throws Failure {
        return OneKnock.send(this);
    }

    /** Looks the server's name up again, for the next knock. Returns at once. */
    void lookAgain() {
        host.again();
    }

    /** A knock as it would be sent. Where there is no route at all, it says so by naming no source. */
    public Knock dryRun() throws Failure {
        return draft(ways(false).get(0), false).knock();
    }

    /**
     * The ways to the server, the one to be tried first at the head: UDP to each of its addresses, then TCP if it takes
     * that; at least one.
     */
    List<Way> ways() throws Failure {
        return ways(true);
    }

    private List<Way> ways(boolean routed) throws Failure {
        List<InetAddress> targets = targets(routed);
        return carriers().stream()
                .flatMap(c -> targets.stream().map(t -> new Way(c, new InetSocketAddress(t, port(c)))))
                .toList();
    }

    private List<Carrier> carriers() {
        Carrier forced = options.carrier();
        if (forced != null) {
            return List.of(forced);
        }
        return profile.enrolment().tcpPort() == 0 ? List.of(Carrier.UDP) : List.of(Carrier.UDP, Carrier.TCP);
    }

    private int port(Carrier carrier) {
        return carrier == Carrier.TCP
                ? profile.enrolment().tcpPort()
                : profile.enrolment().port();
    }

    /**
     * Makes a knock that goes this way.
     *
     * @throws Failure if this machine has no route to its door
     */
    Draft draft(Way way) throws Failure {
        return draft(way, true);
    }

    private Draft draft(Way way, boolean routed) throws Failure {
        byte[] nonce = nonce();
        boolean v4 = options.ipv4Permit();
        InetAddress server = way.server().getAddress();
        List<DoorSpace> spaces = spaces(server);
        List<Ip6Address> doors = v4 ? List.of(ipv4Server(server)) : doors(spaces, nonce);
        Ip6Address named = options.source();
        InetAddress local = named != null
                ? Addresses.ofThisMachine(named)
                : Addresses.sourceTowards(doors.get(0).toInetAddress());
        if (named == null && local == null && routed) {
            throw Failure.failed("this machine has no route to " + doors.get(0)
                    + (v4 ? "" : ": it needs IPv6; if the service is open for IPv4, use -4"));
        }
        Ip6Address source = named != null ? named : request(local, server);
        return new Draft(this, nonce, new Knock(doors, v4 ? 1 : spaces.size(), source, local, way, clock.instant()));
    }

    /** The time of a knock that is sent now: later than that of any before. */
    Instant stamp() {
        Instant now = clock.instant();
        last = now.isAfter(last) ? now : last.plusNanos(1);
        return last;
    }

    /** The 96 bytes. */
    byte[] packet(Knock k, byte[] nonce) {
        Instant t = k.time();
        long nanos = t.getEpochSecond() * NANOS + t.getNano();
        return sender.write(nonce, new KnockRequest(options.leaseSeconds(), nanos, k.source(), service.name()));
    }

    /** A private IPv4 address means nothing to a server behind the NAT's other side: there the packet's own counts. */
    private static Ip6Address request(@Nullable InetAddress local, InetAddress server) {
        boolean v4 = local != null && Addresses.family(local) == StandardProtocolFamily.INET;
        return local == null || v4 && Addresses.behindNat(local, server)
                ? Ip6Address.UNSPECIFIED
                : Ip6Address.of(local);
    }

    /** Where doors may be, by the server's addresses: the one that is knocked at comes first. */
    private List<DoorSpace> spaces(InetAddress server) {
        return profile.enrolment()
                .doorsAt(Stream.concat(Stream.of(server), host.addresses().stream())
                        .map(Ip6Address::of)
                        .toList());
    }

    /** The first candidate under each prefix, then the second under each, then the third. */
    private List<Ip6Address> doors(List<DoorSpace> spaces, byte[] nonce) {
        List<List<Ip6Address>> each =
                spaces.stream().map(s -> s.candidates(sender, nonce, 0)).toList();
        List<Ip6Address> doors = new ArrayList<>();
        for (int i = 0; i < each.get(0).size(); i++) { // host parts, and so their number, are the same under all
            for (List<Ip6Address> candidates : each) {
                doors.add(candidates.get(i));
            }
        }
        return doors;
    }

    /** A nonce that leads to a door: of those that do not there are hardly any. */
    private byte[] nonce() {
        byte[] nonce;
        do {
            nonce = KnockSender.randomNonce();
        } while (profile.enrolment().doors().candidates(sender, nonce, 0).isEmpty());
        return nonce;
    }

    private Ip6Address ipv4Server(InetAddress knockedAt) throws Failure {
        return Stream.concat(Stream.of(knockedAt), host.addresses().stream())
                .filter(a -> Addresses.family(a) == StandardProtocolFamily.INET)
                .map(Ip6Address::of)
                .findFirst()
                .orElseThrow(() -> Failure.failed(host.name() + " has no IPv4 address: leave IPv4 out"));
    }

    /** The server's addresses for knocks, at least one: of the permit's family first, and only where there is a route. */
    private List<InetAddress> targets(boolean routed) throws Failure {
        StandardProtocolFamily forced = options.family();
        List<InetAddress> there = host.addresses().stream()
                .filter(a -> forced == null || Addresses.family(a) == forced)
                .filter(a -> !routed || Addresses.sourceTowards(a) != null)
                .toList();
        if (there.isEmpty()) {
            throw Failure.failed("this machine has no route to " + host.name()
                    + (forced == null ? "" : " over " + (forced == StandardProtocolFamily.INET ? "IPv4" : "IPv6"))
                    + ": check the network");
        }
        return Addresses.alternating(
                there, options.ipv4Permit() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6, MAX_TARGETS);
    }
}
