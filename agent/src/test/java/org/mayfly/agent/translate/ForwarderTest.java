package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.knock.Ip6Address;

/** What is answered to what, by the sections of RFC 6147. */
final class ForwarderTest {
    private static final DnsRecordType A = DnsRecordType.A;
    private static final DnsRecordType AAAA = DnsRecordType.AAAA;
    private static final DnsRecordType CNAME = DnsRecordType.CNAME;
    private static final DnsResponseCode OK = DnsResponseCode.NOERROR;

    private final Script script = new Script();
    private final Dns64Tally tally = new Dns64Tally();
    private Forwarder forwarder = new Forwarder(Dns.settings(Dns.PREFIX, false), script, tally);
    private final List<byte[]> replies = new ArrayList<>();

    private DnsMessage ask(String name, DnsRecordType type) throws Exception {
        return ask(Dns.query(name, type), false);
    }

    private DnsMessage ask(DnsMessage query, boolean stream) throws Exception {
        DnsMessage answer = DnsMessage.read(raw(query.write(), stream));
        assertEquals(query.id(), answer.id());
        assertEquals(query.question(), answer.question());
        assertTrue(answer.has(DnsHeader.QR));
        return answer;
    }

    private byte[] raw(byte[] query, boolean stream) {
        replies.clear();
        forwarder.take(query, Dns.SOURCE, stream, replies::add);
        assertEquals(1, replies.size());
        assertEquals(0, tally.waiting.get());
        return replies.get(0);
    }

    private void v4(String name) {
        script.answers(name, AAAA, OK, List.of(), Dns.soa("example", 120));
        script.answers(name, A, OK, List.of(Dns.address(name, 300, "192.0.2.33")));
    }

    /** This host asks an address of its own from that address. */
    @Test
    void thisHostMayAskWhereverItIsListenedTo() {
        Dns64Settings s = Dns.settings(Dns.PREFIX, false);
        InetSocketAddress own =
                new InetSocketAddress(Ip6Address.parse("2001:db8:1:1::1").toInetAddress(), 53);
        InetSocketAddress own4 =
                new InetSocketAddress(Ip6Address.parse("198.51.100.1").toInetAddress(), 53);
        Dns64Settings listening = new Dns64Settings(
                s.format(), s.inside(), List.of(own, own4), s.upstream(), s.exclude(), s.from(), s.limit());
        for (String host : List.of("::1", "127.0.0.1", "2001:db8:1:1::1", "198.51.100.1")) {
            assertTrue(listening.admits(Ip6Address.parse(host)), host);
        }
        for (String host : List.of("2001:db8:1:1::2", "198.51.100.2")) {
            assertFalse(listening.admits(Ip6Address.parse(host)), host);
        }
    }

    @Test
    void aQueryHasNoAnswerAndFewOtherRecords() throws Exception {
        v4("v4.example");
        DnsRecord a = Dns.address("v4.example", 9, "192.0.2.1");
        DnsMessage q = Dns.query("v4.example", AAAA);
        int formerr = DnsResponseCode.FORMERR.intValue();
        for (DnsMessage bad : List.of(
                new DnsMessage(q.id(), q.flags(), q.question(), List.of(a), List.of(), List.of()),
                new DnsMessage(q.id(), q.flags(), q.question(), List.of(), List.of(a), List.of()),
                new DnsMessage(q.id(), q.flags(), q.question(), List.of(), List.of(), List.of(a, a, a, a, a)))) {
            assertEquals(formerr, DnsHeader.rcode(raw(bad.write(), true)));
        }
        DnsMessage few = new DnsMessage(q.id(), q.flags(), q.question(), List.of(), List.of(), List.of(a, a, a, a));
        assertEquals(0, DnsHeader.rcode(raw(few.write(), true)));
        assertEquals(3, tally.counts().malformed());
    }

    /** 5.1.1 */
    @Test
    void anAaaaRecordIsPassedOnAndAIsNotAskedFor() throws Exception {
        DnsMessage answer = Dns.response(
                Dns.question("both.example", AAAA), OK, List.of(Dns.address("both.example", 300, "2001:db8::7")));
        script.answers(answer);
        assertArrayEquals(
                DnsHeader.withId(answer.write(), 0x1234),
                raw(Dns.query("both.example", AAAA).write(), false));
        assertEquals(List.of("both.example. AAAA"), script.asked);
        assertEquals(0, tally.counts().synthesised());
    }

    /** 5.1.7: the shorter life of the A record and of the SOA record. */
    @ParameterizedTest
    @CsvSource({"300, 120, 120", "60, 120, 60", "4000, -1, 600", "599, -1, 599"})
    void anARecordBecomesAnAaaaRecord(long ttl, long soa, long lives) throws Exception {
        DnsRecord[] authority = soa < 0 ? new DnsRecord[0] : new DnsRecord[] {Dns.soa("example", soa)};
        script.answers("v4.example", AAAA, OK, List.of(), authority);
        script.answers("v4.example", A, OK, List.of(Dns.address("v4.example", ttl, "192.0.2.33")));
        DnsMessage answer = ask("v4.example", AAAA);
        assertEquals(List.of("v4.example. AAAA 2001:db8:64::c000:221"), Dns.texts(answer.answer()));
        assertEquals(lives, answer.answer().get(0).ttl());
        assertEquals(0, answer.rcode());
        assertFalse(answer.has(DnsHeader.AD), "what was made up here is not authentic");
        assertEquals(1, tally.counts().synthesised());
    }

    /** 5.1.2 */
    @Test
    void aNameThatIsNotThereIsNotAskedForAgain() throws Exception {
        script.answers("no.example", AAAA, DnsResponseCode.NXDOMAIN, List.of(), Dns.soa("example", 120));
        assertEquals(
                DnsResponseCode.NXDOMAIN.intValue(), ask("no.example", AAAA).rcode());
        assertEquals(List.of("no.example. AAAA"), script.asked);
    }

    /** 5.1.2: there are servers that know no AAAA. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void anyOtherErrorIsLikeAnEmptyAnswer(int code) throws Exception {
        v4("odd.example");
        script.answers("odd.example", AAAA, DnsResponseCode.valueOf(code), List.of());
        assertEquals(1, ask("odd.example", AAAA).answer().size());
    }

    /** 5.1.3 */
    @Test
    void noAnswerIsLikeAnEmptyAnswer() throws Exception {
        script.answers("slow.example", A, OK, List.of(Dns.address("slow.example", 300, "192.0.2.33")));
        assertEquals(1, ask("slow.example", AAAA).answer().size());
    }

    @Test
    void noAnswerAtAllIsAFailure() throws Exception {
        assertEquals(
                DnsResponseCode.SERVFAIL.intValue(), ask("dead.example", AAAA).rcode());
        assertEquals(List.of("dead.example. AAAA", "dead.example. A"), script.asked);
        assertEquals(
                DnsResponseCode.SERVFAIL.intValue(),
                ask("dead.example", DnsRecordType.MX).rcode());
    }

    /** 5.1.6: what is said of A is the answer. */
    @Test
    void anEmptyAnswerForAIsTheAnswer() throws Exception {
        script.answers("none.example", AAAA, OK, List.of(), Dns.soa("example", 120));
        script.answers("none.example", A, OK, List.of(), Dns.soa("example", 121));
        DnsMessage answer = ask("none.example", AAAA);
        assertEquals(List.of(), answer.answer());
        assertEquals(121, answer.authority().get(0).ttl());
        script.answers("none.example", A, DnsResponseCode.SERVFAIL, List.of());
        assertEquals(
                DnsResponseCode.SERVFAIL.intValue(), ask("none.example", AAAA).rcode());
        assertEquals(0, tally.counts().synthesised());
    }

    /** 5.1.4 */
    @Test
    void onlyExcludedAddressesAreNone() throws Exception {
        v4("mapped.example");
        script.answers("mapped.example", AAAA, OK, List.of(Dns.mapped("mapped.example", "192.0.2.1")));
        assertEquals(
                List.of("mapped.example. AAAA 2001:db8:64::c000:221"),
                Dns.texts(ask("mapped.example", AAAA).answer()));
    }

    /** 5.1.4 */
    @Test
    void excludedAddressesAreLeftOutWhereThereAreOthers() throws Exception {
        script.answers(
                "partly.example",
                AAAA,
                OK,
                List.of(
                        Dns.alias("partly.example", CNAME, "p.example"),
                        Dns.mapped("p.example", "192.0.2.1"),
                        Dns.address("p.example", 300, "2001:db8::9"),
                        Dns.signature("p.example", AAAA),
                        Dns.signature("partly.example", CNAME)));
        DnsMessage answer = ask("partly.example", AAAA);
        assertEquals(
                List.of("partly.example. CNAME", "p.example. AAAA 2001:db8::9", "partly.example. RRSIG"),
                Dns.texts(answer.answer()));
        assertFalse(answer.has(DnsHeader.AD));
        assertEquals(List.of("partly.example. AAAA"), script.asked);
    }

    /** 5.1.5 */
    @Test
    void aliasesAreKept() throws Exception {
        script.answers("a.old.example", AAAA, OK, List.of(), Dns.soa("example", 120));
        script.answers(
                "a.old.example",
                A,
                OK,
                List.of(
                        Dns.alias("old.example", DnsRecordType.DNAME, "new.example"),
                        Dns.alias("a.old.example", CNAME, "a.new.example"),
                        Dns.alias("a.new.example", CNAME, "v4.example"),
                        Dns.address("v4.example", 50, "192.0.2.1"),
                        Dns.address("v4.example", 50, "192.0.2.2")));
        assertEquals(
                List.of(
                        "old.example. DNAME",
                        "a.old.example. CNAME",
                        "a.new.example. CNAME",
                        "v4.example. AAAA 2001:db8:64::c000:201",
                        "v4.example. AAAA 2001:db8:64::c000:202"),
                Dns.texts(ask("a.old.example", AAAA).answer()));
    }

    /** RFC 6052, 3.1; and what no translator leads to. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:64::/96, false, 198.51.100.9, true",
        "2001:db8:64::/96, false, 10.0.0.1,     false",
        "2001:db8:64::/96, true,  10.0.0.1,     true",
        "2001:db8:64::/96, true,  127.0.0.1,    false",
        "2001:db8:64::/96, true,  169.254.0.9,  false",
        "64:ff9b::/96,     true,  10.0.0.1,     false",
        "64:ff9b::/96,     true,  192.0.2.1,    false",
        "64:ff9b::/96,     false, 9.9.9.9,      true"
    })
    void notEveryAddressIsRepresented(String prefix, boolean inside, String ipv4, boolean made) throws Exception {
        forwarder = new Forwarder(Dns.settings(prefix, inside), script, tally);
        script.answers("v4.example", AAAA, OK, List.of());
        script.answers("v4.example", A, OK, List.of(Dns.address("v4.example", 300, ipv4)));
        DnsMessage answer = ask("v4.example", AAAA);
        assertEquals(made ? 1 : 0, answer.answer().size());
        assertEquals(0, answer.rcode());
    }

    /** 5.5: who validates makes his own. */
    @ParameterizedTest
    @CsvSource({"false, false, true", "true, false, true", "false, true, true", "true, true, false"})
    void whoValidatesByHimselfGetsNothingMadeUp(boolean signatures, boolean cd, boolean made) throws Exception {
        v4("v4.example");
        script.answers(
                "v4.example",
                A,
                OK,
                List.of(Dns.address("v4.example", 300, "192.0.2.33"), Dns.signature("v4.example", A)));
        DnsMessage answer = ask(Dns.edns(Dns.query("v4.example", AAAA), cd ? DnsHeader.CD : 0, signatures), false);
        assertEquals(made ? List.of("v4.example. AAAA 2001:db8:64::c000:221") : List.of(), Dns.texts(answer.answer()));
        for (DnsMessage query : script.queries) {
            assertEquals(cd, query.has(DnsHeader.CD), "the resolver is told what the client wants");
            assertEquals(signatures, query.wantsSignatures());
            assertEquals(4096, query.udpSize());
        }
    }

    /** 5.3.1 */
    @Test
    void theNameOfAnAddressIsThatOfTheIpv4Address() throws Exception {
        String name = "1.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        script.answers(
                "33.2.0.192.in-addr.arpa",
                DnsRecordType.PTR,
                OK,
                List.of(Dns.alias("33.2.0.192.in-addr.arpa", DnsRecordType.PTR, "v4.example")));
        DnsMessage answer = ask(name, DnsRecordType.PTR);
        assertEquals(List.of(name + ". CNAME", "33.2.0.192.in-addr.arpa. PTR"), Dns.texts(answer.answer()));
        assertEquals(List.of("33.2.0.192.in-addr.arpa. PTR"), script.asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.5.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa", // another prefix
                "2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa", // a nibble is missing
                "g.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
                "1.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.int"
            })
    void otherNamesOfAddressesArePassedOn(String name) throws Exception {
        ask(name, DnsRecordType.PTR);
        assertEquals(List.of(name + ". PTR"), script.asked);
    }

    /** RFC 7050, RFC 8880. */
    @Test
    void theNameThatTellsThePrefixIsKnown() throws Exception {
        for (String prefix : List.of(Dns.PREFIX, "64:ff9b::/96")) {
            forwarder = new Forwarder(Dns.settings(prefix, false), script, tally);
            String first = prefix.substring(0, prefix.indexOf('/'));
            assertEquals(
                    List.of(
                            "ipv4only.arpa. AAAA " + Ip6Address.parse(first + "192.0.0.170"),
                            "ipv4only.arpa. AAAA " + Ip6Address.parse(first + "192.0.0.171")),
                    Dns.texts(ask("ipv4only.arpa", AAAA).answer()));
        }
        assertEquals(
                List.of("ipv4only.arpa. A 192.0.0.170", "ipv4only.arpa. A 192.0.0.171"),
                Dns.texts(ask("ipv4only.arpa", A).answer()));
        assertEquals(List.of(), ask("ipv4only.arpa", DnsRecordType.TXT).answer());
        assertEquals(
                DnsResponseCode.NXDOMAIN.intValue(),
                ask("x.ipv4only.arpa", AAAA).rcode());
        assertEquals(
                List.of("170.0.0.192.in-addr.arpa. PTR"),
                Dns.texts(ask("170.0.0.192.in-addr.arpa", DnsRecordType.PTR).answer()));
        assertEquals(
                2,
                ask("a.a.0.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.b.9.f.f.4.6.0.0.ip6.arpa", DnsRecordType.PTR)
                        .answer()
                        .size());
        assertEquals(List.of(), script.asked, "nobody is asked for it");
        assertTrue(
                ask(Dns.edns(Dns.query("ipv4only.arpa", AAAA), 0, false), false)
                        .opt()
                        .isPresent(),
                "RFC 6891, 6.1.1");
    }

    /** Everything else goes through as it is, also what this program does not understand. */
    @Test
    void otherQuestionsArePassedOnByteForByte() {
        DnsName odd = new DnsName(new byte[] {3, '.', 0, -1, 1, '\\', 0});
        for (int type : new int[] {1, 15, 16, 65, 255, 65280}) {
            DnsQuestion question = new DnsQuestion(odd, type, DnsRecord.INTERNET);
            DnsMessage query = Dns.edns(
                    new DnsMessage(7, DnsHeader.RD | DnsHeader.AD, question, List.of(), List.of(), List.of()), 0, true);
            DnsRecord data = new DnsRecord(odd, type == 255 ? 16 : type, 1, 9, new byte[] {0, 2, 1, 'x', 0});
            byte[] answer = Dns.response(question, OK, List.of(data)).write();
            script.answers(question, answer);
            assertArrayEquals(DnsHeader.withId(answer, 7), raw(query.write(), false));
            assertArrayEquals(
                    query.write(), script.queries.get(script.queries.size() - 1).write());
        }
    }

    @Test
    void otherClassesAndSignedQueriesArePassedOn() {
        DnsRecord tsig = new DnsRecord(DnsName.of("key"), DnsRecordType.TSIG.intValue(), 255, 0, new byte[10]);
        DnsQuestion chaos = new DnsQuestion(DnsName.of("v4.example"), AAAA.intValue(), 3);
        DnsQuestion signed = Dns.question("v4.example", AAAA);
        raw(new DnsMessage(7, 0, chaos, List.of(), List.of(), List.of()).write(), false);
        raw(new DnsMessage(7, 0, signed, List.of(), List.of(), List.of(tsig)).write(), false);
        assertEquals(List.of("v4.example. AAAA", "v4.example. AAAA"), script.asked);
    }

    @Test
    void transfersAreRefused() throws Exception {
        assertEquals(
                DnsResponseCode.REFUSED.intValue(),
                ask("example", DnsRecordType.AXFR).rcode());
        assertEquals(List.of(), script.asked);
    }

    @Test
    void whatIsTooLongForAPacketIsFetchedOverTcp() throws Exception {
        script.answers("many.example", AAAA, OK, List.of(), Dns.soa("example", 120));
        List<DnsRecord> many = IntStream.range(1, 31)
                .mapToObj(i -> Dns.address("many.example", 60, "192.0.2." + i))
                .toList();
        script.answers("many.example", A, OK, many);
        DnsMessage query = Dns.query("many.example", AAAA);
        assertTrue(ask(query, false).has(DnsHeader.TC));
        assertEquals(30, ask(Dns.edns(query, 0, false), false).answer().size());
        assertEquals(30, ask(query, true).answer().size());
    }

    @Test
    void whatIsNoQueryGetsNoAnswer() {
        byte[] response =
                Dns.response(Dns.question("v4.example", A), OK, List.of()).write();
        for (byte[] bad : List.of(new byte[0], new byte[11], response)) {
            assertFalse(forwarder.take(bad, Dns.SOURCE, false, replies::add));
        }
        assertEquals(List.of(), replies);
        assertEquals(3, tally.counts().malformed());
    }

    @Test
    void whatCannotBeReadIsSaidSo() {
        byte[] query = Dns.query("v4.example", AAAA).write();
        byte[] two = query.clone();
        two[5] = 2;
        byte[] longer = Arrays.copyOf(query, query.length + 1);
        byte[] update = query.clone();
        update[2] |= 5 << 3;
        assertBare(DnsResponseCode.FORMERR, raw(two, false));
        assertBare(DnsResponseCode.FORMERR, raw(longer, false));
        assertBare(DnsResponseCode.NOTIMP, raw(update, false));
        assertEquals(List.of(), script.asked);
    }

    private static void assertBare(DnsResponseCode code, byte[] answer) {
        assertEquals(12, answer.length);
        assertEquals(0x1234, DnsHeader.id(answer));
        assertEquals(code.intValue(), DnsHeader.rcode(answer));
    }

    @Test
    void onlySoManyWait() {
        script.held = new ArrayList<>();
        byte[] query = Dns.query("v4.example", AAAA).write();
        for (int i = 0; i < 3; i++) {
            forwarder.take(query, Dns.SOURCE, false, replies::add);
        }
        assertEquals(1, replies.size(), "of 8 that may wait a host has 2");
        assertBare(DnsResponseCode.SERVFAIL, replies.get(0));
        for (int i = 1; i <= 8; i++) {
            forwarder.take(query, Ip6Address.parse("2001:db8:1::1:" + i), false, replies::add);
        }
        assertEquals(8, tally.counts().waiting());
        assertEquals(3, tally.counts().overloaded());
        List<Runnable> held = script.held;
        script.held = null;
        held.forEach(Runnable::run);
        assertEquals(0, tally.counts().waiting());
        assertEquals(11, replies.size());
    }

    @ParameterizedTest
    @CsvSource({
        "::1, true",
        "127.0.0.53, true",
        "2001:db8:1::99, true",
        "192.0.2.77, true",
        "2001:db8:2::1, false",
        "198.51.100.1, false"
    })
    void onlySomeMayAsk(String source, boolean may) {
        assertEquals(may, forwarder.admits(Ip6Address.parse(source)));
        assertEquals(may ? 0 : 1, tally.counts().refused());
    }
}
