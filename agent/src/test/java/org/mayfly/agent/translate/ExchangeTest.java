package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.agent.net.Transport;

/** Questions to resolvers on loopback, over real sockets, with the native transport and the portable one. */
final class ExchangeTest {
    private static final DnsQuestion QUESTION = Dns.question("v4.example", DnsRecordType.A);
    private static final int PATIENCE_SECONDS = 20;

    private final Dns64Tally tally = new Dns64Tally();
    private final List<AutoCloseable> open = new ArrayList<>();

    static Stream<Transport> transports() {
        return Stream.of(Transport.epoll(), Transport.nio());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    private Upstream resolver(Function<DnsMessage, List<byte[]>> udp) throws Exception {
        return resolver(udp, q -> List.of());
    }

    private Upstream resolver(Function<DnsMessage, List<byte[]>> udp, Function<DnsMessage, List<byte[]>> tcp)
            throws Exception {
        Upstream upstream = new Upstream(udp, tcp);
        open.add(upstream);
        return upstream;
    }

    private static byte[] answer(DnsMessage query, DnsResponseCode code, int flags, String... ipv4) {
        List<DnsRecord> records =
                Stream.of(ipv4).map(a -> Dns.address("v4.example", 60, a)).toList();
        DnsMessage m = Dns.response(query.question(), code, records);
        return DnsHeader.withId(
                m.with(m.flags() | flags, m.question(), m.answer()).write(), query.id());
    }

    private static List<byte[]> good(DnsMessage query) {
        return List.of(answer(query, DnsResponseCode.NOERROR, 0, "192.0.2.1"));
    }

    private Upstreams upstreams(Transport transport, InetSocketAddress... addresses) {
        EventLoopGroup group = transport.loop();
        open.add(() -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        return new Upstreams(transport, group.next(), List.of(addresses), tally);
    }

    private static @Nullable DnsMessage ask(Upstreams upstreams, boolean whole) throws Exception {
        CompletableFuture<@Nullable DnsMessage> got = new CompletableFuture<>();
        byte[] query = Dns.query("v4.example", DnsRecordType.A).write();
        upstreams
                .loop()
                .execute(() -> upstreams.ask(query, QUESTION, whole, answer -> {
                    try {
                        got.complete(answer == null ? null : DnsMessage.read(answer));
                    } catch (MalformedDnsException e) {
                        got.completeExceptionally(e);
                    }
                }));
        return got.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static void assertAddress(@Nullable DnsMessage answer) {
        assertNotNull(answer);
        assertEquals(List.of("v4.example. A 192.0.2.1"), Dns.texts(answer.answer()));
    }

    private static InetSocketAddress nobody() throws Exception {
        try (DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), s.getLocalPort());
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void everyQuestionHasAPortAndAnIdOfItsOwn(Transport transport) throws Exception {
        Upstream resolver = resolver(ExchangeTest::good);
        Upstreams upstreams = upstreams(transport, resolver.address());
        int n = 64;
        for (int i = 0; i < n; i++) {
            assertAddress(ask(upstreams, false));
        }
        assertTrue(resolver.ports.size() > n - 8, () -> resolver.ports.size() + " ports for " + n + " questions");
        assertTrue(resolver.ids.size() > n - 8, () -> resolver.ids.size() + " ids for " + n + " questions");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theNextIsAskedWhereTheFirstIsSilent(Transport transport) throws Exception {
        Upstream silent = resolver(q -> List.of());
        Upstream resolver = resolver(ExchangeTest::good);
        Upstreams upstreams = upstreams(transport, silent.address(), resolver.address());
        assertAddress(ask(upstreams, false));
        assertEquals(1, silent.ways.size());
        assertAddress(ask(upstreams, false));
        assertEquals(1, silent.ways.size(), "who answered is asked first the next time");
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theNextIsAskedAtOnceWhereNobodyListens(Transport transport) throws Exception {
        Upstream resolver = resolver(ExchangeTest::good);
        Upstreams upstreams = upstreams(transport, nobody(), resolver.address());
        long start = System.nanoTime();
        assertAddress(ask(upstreams, false));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < Exchange.RETRY_MILLIS, () -> millis + " ms");
        assertEquals(0, tally.counts().unanswered());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void theNextIsAskedWhereTheFirstFails(Transport transport) throws Exception {
        Upstream failing = resolver(q -> List.of(answer(q, DnsResponseCode.SERVFAIL, 0)));
        Upstream resolver = resolver(ExchangeTest::good);
        assertAddress(ask(upstreams(transport, failing.address(), resolver.address()), false));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whereAllFailTheirWordIsTheAnswer(Transport transport) throws Exception {
        Upstream one = resolver(q -> List.of(answer(q, DnsResponseCode.SERVFAIL, 0)));
        Upstream two = resolver(q -> List.of(answer(q, DnsResponseCode.REFUSED, 0)));
        DnsMessage answer = ask(upstreams(transport, one.address(), two.address()), false);
        assertNotNull(answer);
        assertEquals(DnsResponseCode.SERVFAIL.intValue(), answer.rcode());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whereNobodyIsThereTheWaitIsShort(Transport transport) throws Exception {
        long start = System.nanoTime();
        assertNull(ask(upstreams(transport, nobody(), nobody()), false));
        assertTrue(System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(Exchange.PATIENCE_MILLIS));
        assertEquals(1, tally.counts().unanswered());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void silenceEndsInTime(Transport transport) throws Exception {
        Upstream silent = resolver(q -> List.of());
        long start = System.nanoTime();
        assertNull(ask(upstreams(transport, silent.address()), false));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis >= Exchange.PATIENCE_MILLIS - 100, () -> millis + " ms");
        int times = silent.ways.size();
        assertTrue(times >= 2 && times <= 6, () -> "asked again while there is time: " + times);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatIsNotTheAnswerIsNotTaken(Transport transport) throws Exception {
        Upstream resolver = resolver(q -> List.of(
                DnsHeader.withId(answer(q, DnsResponseCode.NOERROR, 0, "192.0.2.66"), q.id() ^ 1),
                answer(
                        new DnsMessage(
                                q.id(),
                                q.flags(),
                                Dns.question("v4.example", DnsRecordType.AAAA),
                                List.of(),
                                List.of(),
                                List.of()),
                        DnsResponseCode.NOERROR,
                        0,
                        "192.0.2.66"),
                DnsHeader.withId(q.write(), q.id()), // no answer but the query itself
                new byte[] {1, 2, 3},
                answer(q, DnsResponseCode.NOERROR, 0, "192.0.2.1")));
        assertAddress(ask(upstreams(transport, resolver.address()), false));
        assertEquals(4, tally.counts().mismatched());
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatWasCutComesOverTcp(Transport transport) throws Exception {
        Upstream resolver =
                resolver(q -> List.of(answer(q, DnsResponseCode.NOERROR, DnsHeader.TC)), ExchangeTest::good);
        Upstreams upstreams = upstreams(transport, resolver.address());
        DnsMessage cut = ask(upstreams, false);
        assertNotNull(cut);
        assertTrue(cut.has(DnsHeader.TC));
        assertEquals(List.of("UDP"), resolver.ways);
        assertAddress(ask(upstreams, true));
        assertEquals(List.of("UDP", "UDP", "TCP"), resolver.ways);
    }

    @ParameterizedTest
    @MethodSource("transports")
    void whatWasCutWillDoWhereTcpGivesNothing(Transport transport) throws Exception {
        Upstream resolver = resolver(q -> List.of(answer(q, DnsResponseCode.NOERROR, DnsHeader.TC)));
        DnsMessage cut = ask(upstreams(transport, resolver.address()), true);
        assertNotNull(cut);
        assertTrue(cut.has(DnsHeader.TC));
    }
}
