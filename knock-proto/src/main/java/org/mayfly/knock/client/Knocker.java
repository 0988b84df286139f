package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
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
public final class Knocker implements Closeable {
    private static final long NANOS = 1_000_000_000L;

    /** How long a server may take to accept a connection that carries a knock. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The same where there is another address to try: the time that a second SYN has to be sent and answered in. */
    private static final Duration PATIENCE_WITH_ONE_OF_SEVERAL = Duration.ofMillis(1500);

    /** Knocks go round among so many addresses: some names have dozens. */
    private static final int MAX_TARGETS = 4;

    private final Profile profile;
    private final ServiceOffer service;
    private final KnockOptions options;
    private final Clock clock;
    private final KnockSender sender;
    private final Carrier carrier;
    private final HostLookup host;
    private int turn;

    private Knocker(Profile profile, ServiceOffer service, KnockOptions options, Clock clock, HostLookup host)
            throws Failure {
        this.profile = profile;
        this.service = service;
        this.options = options;
        this.clock = clock;
        this.host = host;
        this.sender = sender(profile);
        this.carrier = options.tcp() ? new Carrier.Tcp() : new Carrier.Udp();
    }

    /** Looks the server's name up; sends nothing yet. */
    public static Knocker of(Profile profile, ServiceOffer service, KnockOptions options, Clock clock) throws Failure {
        if (options.tcp() && profile.enrolment().tcpPort() == 0) {
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

    /** {@code udp} or {@code tcp}. */
    public String carrier() {
        return carrier.name();
    }

    /** Whether this machine can connect from the source that was asked for. */
    boolean canConnect() {
        return options.source() == null || Addresses.ofThisMachine(options.source()) != null;
    }

    /**
     * Sends a knock. Where the server has several addresses, each knock goes to the next one, and one that cannot be
     * sent is made anew for the next one at once: an address of the server's old prefix may still be known.
     */
    public Knock knock() throws Failure {
        return knock(System.nanoTime() + PATIENCE.multipliedBy(MAX_TARGETS).toNanos());
    }

    /**
     * The same for somebody who waits.
     *
     * @param end until when he does, as System.nanoTime counts: a server that has not accepted a connection by then is
     *     given up, and no other is tried
     */
    Knock knock(long end) throws Failure {
        for (int others = targets(true).size() - 1; ; others--) {
            byte[] nonce = nonce();
            Knock k = plan(nonce, true);
            turn++;
            try {
                send(k, nonce, patience(others > 0, end - System.nanoTime()));
                return k;
            } catch (Failure e) {
                if (others <= 0 || e.status() == Failure.DENIED || System.nanoTime() - end >= 0) {
                    throw e;
                }
            }
        }
    }

    /** At least a millisecond: none at all would be for ever. */
    private static Duration patience(boolean oneOfSeveral, long left) {
        long most = (oneOfSeveral ? PATIENCE_WITH_ONE_OF_SEVERAL : PATIENCE).toNanos();
        return Duration.ofNanos(Math.max(1_000_000, Math.min(most, left)));
    }

    /** Looks the server's name up again, for the next knock. Returns at once. */
    void lookAgain() {
        host.again();
    }

    /** A knock as it would be sent. Where there is no route at all, it says so by naming no source. */
    public Knock dryRun() throws Failure {
        return plan(nonce(), false);
    }

    /** What came back against the last knock, or null. */
    @Nullable
    String objection() {
        return carrier.objection();
    }

    @Override
    public void close() {
        try {
            carrier.close();
        } catch (IOException e) {
            // everything it had to say was said when it was sent
        }
    }

    private Knock plan(byte[] nonce, boolean routed) throws Failure {
        boolean v4 = options.ipv4Permit();
        List<InetAddress> targets = targets(routed);
        InetAddress server = targets.get(turn % targets.size());
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
        return new Knock(
                doors,
                v4 ? 1 : spaces.size(),
                named != null ? named : request(local, server),
                local,
                new InetSocketAddress(server, port()),
                clock.instant());
    }

    /** A private IPv4 address means nothing to a server behind the NAT's other side: there the packet's own counts. */
    private static Ip6Address request(@Nullable InetAddress local, InetAddress server) {
        boolean v4 = local != null && Addresses.family(local) == StandardProtocolFamily.INET;
        return local == null || v4 && Addresses.behindNat(local, server)
                ? Ip6Address.UNSPECIFIED
                : Ip6Address.of(local);
    }

    private int port() {
        return options.tcp()
                ? profile.enrolment().tcpPort()
                : profile.enrolment().port();
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

    /** The server's addresses for knocks, at least one: of the permit's family if there is a route, else of the other. */
    private List<InetAddress> targets(boolean routed) throws Failure {
        StandardProtocolFamily first =
                options.ipv4Permit() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        StandardProtocolFamily forced = options.family();
        List<StandardProtocolFamily> order = forced != null ? List.of(forced) : List.of(first, Addresses.other(first));
        for (StandardProtocolFamily f : order) {
            List<InetAddress> there = host.addresses().stream()
                    .filter(a -> Addresses.family(a) == f && (!routed || Addresses.sourceTowards(a) != null))
                    .limit(MAX_TARGETS)
                    .toList();
            if (!there.isEmpty()) {
                return there;
            }
        }
        throw Failure.failed("this machine has no route to " + host.name()
                + (forced == null ? "" : " over " + (forced == StandardProtocolFamily.INET ? "IPv4" : "IPv6"))
                + ": check the network");
    }

    private void send(Knock k, byte[] nonce, Duration patience) throws Failure {
        Instant t = k.time();
        long nanos = t.getEpochSecond() * NANOS + t.getNano();
        byte[] packet =
                sender.write(nonce, new KnockRequest(options.leaseSeconds(), nanos, k.source(), service.name()));
        InetAddress local = k.local();
        boolean same = local != null
                && Addresses.family(local) == Addresses.family(k.server().getAddress());
        try {
            carrier.send(packet, same ? local : null, k.server(), patience);
        } catch (IOException e) {
            String what = "cannot send the knock to " + text(k.server()) + " over " + carrier.name() + ": "
                    + Failure.reason(e);
            throw Carrier.isLocalRefusal(e) ? Failure.denied(what) : Failure.failed(what);
        }
    }

    /** {@code 192.0.2.1:62201} or {@code [2001:db8::1]:62201}. */
    public static String text(InetSocketAddress a) {
        Ip6Address address = Ip6Address.of(a.getAddress());
        return (address.isIpv4() ? address.toString() : "[" + address + "]") + ":" + a.getPort();
    }
}
