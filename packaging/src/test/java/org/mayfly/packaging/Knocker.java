package org.mayfly.packaging;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;
import org.mayfly.netlink.testing.Lab.Host;

/** A client of which the test knows every byte. */
final class Knocker {
    final String uri;
    final Enrolment enrolment;
    final KnockSender key;

    /** @param uri what {@code client add} printed, blanks and all */
    Knocker(String uri) throws GeneralSecurityException {
        this.uri = uri.strip();
        this.enrolment = Enrolment.parse(uri);
        this.key = ClientKeyset.ofSecret(enrolment.clientSecret(), enrolment.server())
                .keys()
                .get(0);
    }

    /** A knock of now for whoever sends it. */
    byte[] packet(String service) {
        return packet(service, Ip6Address.UNSPECIFIED);
    }

    byte[] packet(String service, Ip6Address source) {
        return packet(service, source, Duration.ZERO);
    }

    /** One of a client whose clock is ahead by so much. */
    byte[] packet(String service, Ip6Address source, Duration ahead) {
        Instant now = Instant.now().plus(ahead);
        long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        return key.write(KnockSender.randomNonce(), new KnockRequest(0, nanos, source, service));
    }

    /** The first door it may lead to: the one it does lead to, for nothing is in the way in a test. */
    Ip6Address door(byte[] packet) {
        return enrolment.doors().candidates(key, packet, 0).get(0);
    }

    /** Where knocks go, by IPv6. */
    InetSocketAddress listener() {
        return new InetSocketAddress(Network.SERVER.toInetAddress(), enrolment.port());
    }

    /** Sends bytes from one socket. */
    static void send(Host from, @Nullable InetAddress source, InetSocketAddress to, List<byte[]> packets)
            throws Exception {
        from.call(() -> {
            try (DatagramChannel channel = DatagramChannel.open()) {
                channel.bind(source == null ? null : new InetSocketAddress(source, 0));
                for (byte[] packet : packets) {
                    channel.send(ByteBuffer.wrap(packet), to);
                }
                return packets.size();
            }
        });
    }

    void send(Host from, byte[] packet) throws Exception {
        send(from, null, listener(), List.of(packet));
    }

    /** Knocks from that host, and waits until the agent has dealt with it. */
    Ip6Address open(Mayflyd agent, Host from, String service) throws Exception {
        byte[] packet = packet(service);
        long before = agent.accepted();
        send(from, packet);
        Until.holds("the knock is accepted", Mayflyd.PATIENCE, () -> agent.accepted() == before + 1);
        return door(packet);
    }
}
