package org.mayfly.knock.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** Knocks for one service of one server, as often as wanted: every knock has its own nonce, and so its own door. */
public final class Knocker implements Closeable {
    private static final long NANOS = 1_000_000_000L;

    private final Profile profile;
    private final ServiceOffer service;
    private final KnockOptions options;
    private final Clock clock;
    private final KnockSender sender;
    private final Carrier carrier;
    private final List<InetAddress> servers;

    private Knocker(Profile profile, ServiceOffer service, KnockOptions options, Clock clock, List<InetAddress> servers)
            throws Failure {
        this.profile = profile;
        this.service = service;
        this.options = options;
        this.clock = clock;
        this.servers = servers;
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
                Addresses.resolve(profile.enrolment().host()));
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

    /** Sends a knock. */
    public Knock knock() throws Failure {
        byte[] nonce = nonce();
        Knock k = plan(nonce, true);
        send(k, nonce);
        return k;
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
        InetAddress server = server(v4, routed);
        List<Ip6Address> doors = v4 ? List.of(ipv4Server()) : doors(nonce);
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

    private List<Ip6Address> doors(byte[] nonce) {
        return profile.enrolment().doors().candidates(sender, nonce, 0);
    }

    /** A nonce that leads to a door: of those that do not there are hardly any. */
    private byte[] nonce() {
        byte[] nonce;
        do {
            nonce = KnockSender.randomNonce();
        } while (doors(nonce).isEmpty());
        return nonce;
    }

    private Ip6Address ipv4Server() throws Failure {
        for (InetAddress a : servers) {
            if (Addresses.family(a) == StandardProtocolFamily.INET) {
                return Ip6Address.of(a);
            }
        }
        throw Failure.failed(profile.enrolment().host() + " has no IPv4 address: leave IPv4 out");
    }

    /** The server's address for the knock: of the permit's family if there is a route, else of the other. */
    private InetAddress server(boolean v4, boolean routed) throws Failure {
        StandardProtocolFamily first = v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        StandardProtocolFamily forced = options.family();
        List<StandardProtocolFamily> order = forced != null ? List.of(forced) : List.of(first, Addresses.other(first));
        for (StandardProtocolFamily f : order) {
            for (InetAddress a : servers) {
                if (Addresses.family(a) == f && (!routed || Addresses.sourceTowards(a) != null)) {
                    return a;
                }
            }
        }
        throw Failure.failed(
                "this machine has no route to " + profile.enrolment().host()
                        + (forced == null ? "" : " over " + (forced == StandardProtocolFamily.INET ? "IPv4" : "IPv6"))
                        + ": check the network");
    }

    private void send(Knock k, byte[] nonce) throws Failure {
        Instant t = k.time();
        long nanos = t.getEpochSecond() * NANOS + t.getNano();
        byte[] packet =
                sender.write(nonce, new KnockRequest(options.leaseSeconds(), nanos, k.source(), service.name()));
        InetAddress local = k.local();
        boolean same = local != null
                && Addresses.family(local) == Addresses.family(k.server().getAddress());
        try {
            carrier.send(packet, same ? local : null, k.server());
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
