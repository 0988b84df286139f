package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.Value;
import org.mayfly.netlink.nft.expr.Verdict;
import org.mayfly.netlink.testing.Lab;

/** Sets, maps and named counters that we make, judged by {@code nft}. The other way round: {@link WriteBackTest}. */
class SetKernelTest {
    private static final Table TABLE = new Table(NftFamily.INET, "t");
    private static final Chain CHAIN = new Chain(NftFamily.INET, "t", "c");
    private static final KeyType PORT = KeyType.of(DataType.INET_SERVICE);
    private static final KeyType IPV4 = KeyType.of(DataType.IPV4_ADDR);

    private final Lab lab = new Lab();
    private Lab.Host ns;
    private NfTables nft;

    @BeforeEach
    void open() throws Exception {
        ns = lab.host();
        nft = ns.call(NfTables::open);
    }

    @AfterEach
    void close() {
        if (nft != null) { // nothing was opened where the test was skipped
            nft.close();
        }
        lab.close();
    }

    private static Bytes ipv4(int last) {
        return Bytes.of(new byte[] {(byte) 192, 0, 2, (byte) last});
    }

    /** Makes it, has it judged by {@code nft}, reads it. */
    private void madeAndRead(String listed, NftSet set, List<SetElement> elements) throws Exception {
        Batch batch = new Batch().add(TABLE).add(CHAIN).add(new NamedCounter(TABLE, "hits"));
        nft.commit("make", batch.add(set).add(set, elements));
        String all = ns.run("nft", "list", "table", "inet", "t").replaceAll("\\s+", " ");
        assertTrue(all.contains(listed), all);
        NftSet read = nft.set(TABLE, set.name()).orElseThrow();
        assertEquals(set.key(), read.key());
        assertEquals(set.data(), read.data());
        assertEquals(set.objectType(), read.objectType());
        assertEquals(set.options(), read.options());
        assertEquals(set.flags() | read.flags() & NftSet.EXPR, read.flags());
        assertEquals("x", read.comment());
        assertEquals(List.of(), read.unknown());
        List<SetElement> found = nft.elements(TABLE, set.name());
        assertEquals(elements.size(), found.size(), found::toString);
        elements.forEach(e -> assertTrue(found.contains(e), () -> e + " in " + found));
    }

    @Test
    void intervals() throws Exception {
        madeAndRead(
                "set s { type ipv4_addr flags interval comment \"x\" elements = { 192.0.2.4/30 } }",
                NftSet.of(TABLE, "s", IPV4, NftSet.INTERVAL, "x"),
                List.of(SetElement.of(ipv4(4)), SetElement.endOfInterval(ipv4(8))));
    }

    @Test
    void intervalsOfAConcatenation() throws Exception {
        DataType[] fields = {DataType.IPV4_ADDR, DataType.INET_SERVICE};
        NftSet s = NftSet.of(TABLE, "s", KeyType.of(fields), NftSet.INTERVAL | NftSet.CONCAT, "x")
                .withOptions(SetOptions.NONE.withFields(fields));
        Bytes first = Bytes.ofHex(ipv4(0) + "00500000");
        Bytes last = Bytes.ofHex(ipv4(255) + "005a0000");
        madeAndRead(
                "set s { type ipv4_addr . inet_service flags interval comment \"x\""
                        + " elements = { 192.0.2.0/24 . 80-90 comment \"web\" } }",
                s,
                List.of(SetElement.range(first, last).withComment("web")));
        SetElement web = nft.element(s, SetElement.range(first, last)).orElseThrow();
        assertEquals("web", web.userData().comment());
    }

    @Test
    void withAllOptions() throws Exception {
        SetOptions o = SetOptions.NONE
                .withSize(99)
                .withTimeout(Duration.ofHours(1))
                .withGcInterval(Duration.ofSeconds(10))
                .withExpressions(List.of(Counter.ZERO));
        SetElement counted =
                SetElement.of(ipv4(1)).withTimeout(null).withComment("c").withExpressions(List.of(new Counter(3, 180)));
        NftSet s =
                NftSet.of(TABLE, "s", IPV4, NftSet.TIMEOUT | NftSet.EVAL, "x").withOptions(o);
        nft.commit("make", new Batch().add(TABLE).add(s).add(s, List.of(counted)));
        String listed = ns.run("nft", "list", "set", "inet", "t", "s").replaceAll("\\s+", " ");
        assertTrue(listed.contains("size 99 flags dynamic,timeout counter timeout 1h gc-interval 10s"), listed);
        assertTrue(listed.contains("192.0.2.1 counter packets 3 bytes 180 expires "), listed);
        assertEquals(o, nft.set(TABLE, "s").orElseThrow().options());
        SetElement read = nft.elements(TABLE, "s").get(0);
        assertEquals(counted.expressions(), read.expressions());
        assertNull(read.timeout()); // as long as the set says
        assertTrue(Duration.ofMinutes(59).compareTo(read.expiration()) < 0);
    }

    /** {@code nft} 1.0.6 says nothing of it. */
    @Test
    void smallRatherThanFast() throws Exception {
        madeAndRead(
                "set s { type inet_service flags constant comment \"x\" elements = { 80 } }",
                NftSet.of(TABLE, "s", PORT, NftSet.CONSTANT, "x")
                        .withOptions(SetOptions.NONE.withPolicy(SetOptions.MEMORY)),
                List.of(SetElement.of(Value.be16(80))));
    }

    @Test
    void mapOfValues() throws Exception {
        madeAndRead(
                "map m { type ipv4_addr : mark comment \"x\" elements = { 192.0.2.1 : 0x00000007 } }",
                NftSet.map(TABLE, "m", IPV4, KeyType.of(DataType.MARK), 0, "x"),
                List.of(SetElement.of(ipv4(1), new MapData.Value(Value.host32(7)))));
    }

    @Test
    void mapOfVerdicts() throws Exception {
        madeAndRead(
                "map m { type inet_service : verdict comment \"x\""
                        + " elements = { 22 comment \"ssh\" : jump c, 80 : accept, * : drop } }",
                NftSet.map(TABLE, "m", PORT, KeyType.VERDICT, 0, "x"),
                List.of(
                        SetElement.of(Value.be16(80), new MapData.Decision(Verdict.ACCEPT)),
                        SetElement.of(Value.be16(22), new MapData.Decision(Verdict.jump("c")))
                                .withComment("ssh"),
                        SetElement.catchAll().with(new MapData.Decision(Verdict.DROP))));
    }

    @Test
    void mapOfCounters() throws Exception {
        madeAndRead(
                "map m { type inet_service : counter comment \"x\" elements = { 80 : \"hits\" } }",
                NftSet.objects(TABLE, "m", PORT, NftObject.COUNTER, 0, "x"),
                List.of(SetElement.of(Value.be16(80), new MapData.Named("hits"))));
    }

    /** It has a name of our own here, where {@code nft} has the kernel find one. */
    @Test
    void anAnonymousSetGoesWithItsRule() throws Exception {
        NftSet s = NftSet.of(TABLE, "__ours", PORT, NftSet.ANONYMOUS | NftSet.CONSTANT, "");
        Rule rule = Rule.of(
                CHAIN,
                "r",
                List.of(
                        new Meta(Meta.L4PROTO, 1),
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("06")),
                        new Payload(Payload.TRANSPORT_HEADER, 2, 2, 1),
                        new Lookup("__ours", 1, false),
                        new Immediate(Verdict.ACCEPT)));
        List<SetElement> two = List.of(SetElement.of(Value.be16(80)), SetElement.of(Value.be16(443)));
        nft.commit("make", new Batch().add(TABLE).add(CHAIN).add(s).add(s, two).add(rule));
        String listed = ns.run("nft", "list", "chain", "inet", "t", "c");
        assertTrue(listed.contains("tcp dport { 80, 443 } accept comment \"r\""), listed);
        nft.commit("delete", new Batch().delete(nft.rules(TABLE).get(0)));
        assertEquals(List.of(), nft.sets(TABLE));
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsCalledAsNftCallsIt(DataType type) throws Exception {
        NftSet alone = NftSet.of(TABLE, "s", KeyType.of(type), 0, "x");
        NftSet pair = NftSet.of(TABLE, "p", KeyType.of(type, DataType.MARK), 0, "x");
        nft.commit("make", new Batch().add(TABLE).add(alone).add(pair));
        String name = Map.of("UID", "uid", "GID", "gid")
                .getOrDefault(type.name(), type.name().toLowerCase(Locale.ROOT));
        String listed = ns.run("nft", "list", "sets").replaceAll("\\s+", " ");
        if (type == DataType.INTEGER) { // which has no length of its own in nft
            return;
        }
        assertTrue(listed.contains("set s { type " + name + " comment"), listed);
        assertTrue(listed.contains("set p { type " + name + " . mark comment"), listed);
        ns.run("nft", "add set inet t q { type " + name + "; }");
        KeyType theirs = nft.set(TABLE, "q").orElseThrow().key();
        assertEquals(alone.key().number(), theirs.number());
        assertEquals(alone.key().length(), theirs.length());
        if (theirs.length() > 1) { // of a byte it says nothing
            assertEquals(alone.key().byteOrder(), theirs.byteOrder());
        }
    }

    @Test
    void keysAreReadAsNftWritesThem() throws Exception {
        ns.run(
                "nft",
                "table inet t { set s { type ifname . mark . ether_addr . inet_proto . inet_service\n"
                        + "elements = { \"lo\" . 0x7 . 02:00:00:00:00:01 . tcp . 443 } } }".replace("} }", "}\n}\n"));
        Bytes key = new SetKey()
                .field(Value.name("lo"))
                .field(Value.host32(7))
                .field(Bytes.ofHex("020000000001"))
                .protocol(6)
                .port(443)
                .toBytes();
        assertEquals(List.of(SetElement.of(key)), nft.elements(TABLE, "s"));
    }

    @Test
    void countersAreReadAndReset() throws Exception {
        NamedCounter hits = new NamedCounter(NftFamily.INET, "t", "hits", 3, 180, UserData.comment("x"), 0, List.of());
        nft.commit("make", new Batch().add(TABLE).add(hits).add(new NamedCounter(TABLE, "others")));
        String listed = ns.run("nft", "list", "counters").replaceAll("\\s+", " ");
        assertTrue(listed.contains("counter hits { comment \"x\" packets 3 bytes 180 }"), listed);
        ns.run("nft", "add quota inet t q { over 10 mbytes }");
        assertEquals(2, nft.objects(TABLE, NftObject.COUNTER).size());
        assertEquals(1, nft.objects(TABLE, NftObject.QUOTA).size());
        assertEquals(3, nft.objects(TABLE, NftObject.ANY).size());
        NamedCounter read = nft.counter(TABLE, "hits").orElseThrow();
        assertEquals("x", read.comment());
        assertEquals(Optional.of(read), nft.resetCounter(TABLE, "hits"));
        assertEquals(0, nft.counter(TABLE, "hits").orElseThrow().packets());
        nft.commit("delete", new Batch().delete(hits));
        assertEquals(Optional.empty(), nft.counter(TABLE, "hits"));
        assertEquals(Optional.empty(), nft.resetCounter(TABLE, "hits"));
    }

    @Test
    void oneElementIsAskedFor() throws Exception {
        NftSet s = NftSet.of(TABLE, "s", PORT, NftSet.TIMEOUT, "x");
        SetElement http = SetElement.of(Value.be16(80)).withComment("web");
        SetElement brief = SetElement.of(Value.be16(81), Duration.ofMillis(1));
        nft.commit("make", new Batch().add(TABLE).add(s).add(s, List.of(http, brief)));
        assertEquals(Optional.of(http), nft.element(s, SetElement.of(Value.be16(80))));
        assertEquals(Optional.empty(), nft.element(s, SetElement.of(Value.be16(82))));
        while (nft.element(s, brief).isPresent()) {
            Thread.onSpinWait(); // an element that expires sends no event
        }
        NftSet nowhere = NftSet.of(TABLE, "nowhere", PORT, 0, "x");
        NftSet noTable = NftSet.of(new Table(NftFamily.INET, "nowhere"), "s", PORT, 0, "x");
        for (NftSet missing : List.of(nowhere, noTable)) {
            NetlinkException e = assertThrows(NetlinkException.class, () -> nft.element(missing, http));
            assertEquals(Errno.ENOENT, e.errno());
        }
    }

    @Test
    void refreshedElementsLiveAnew() throws Exception {
        NftSet s = NftSet.of(TABLE, "s", PORT, NftSet.TIMEOUT, "x");
        List<SetElement> hour =
                List.of(SetElement.of(Value.be16(80), Duration.ofHours(1)), SetElement.of(Value.be16(81)));
        nft.commit("make", new Batch().add(TABLE).add(s).add(s, hour));
        List<SetElement> day = new ArrayList<>();
        for (int port = 80; port < 83; port++) {
            day.add(SetElement.of(Value.be16(port), Duration.ofDays(1)));
        }
        nft.commit("refresh", new Batch().refresh(s, day));
        List<SetElement> found = nft.elements(TABLE, "s");
        assertEquals(3, found.size());
        for (SetElement e : found) {
            assertEquals(Duration.ofDays(1), e.timeout());
            assertTrue(Duration.ofHours(23).compareTo(e.expiration()) < 0);
        }
        nft.commit("for ever", new Batch().refresh(s, List.of(SetElement.of(Value.be16(80)))));
        assertEquals(Optional.of(SetElement.of(Value.be16(80))), nft.element(s, SetElement.of(Value.be16(80))));
    }

    @Test
    void aMapsElementThatLeadsElsewhereIsNotRefreshed() throws Exception {
        NftSet m = NftSet.map(TABLE, "m", PORT, KeyType.of(DataType.MARK), NftSet.TIMEOUT, "x");
        SetElement one = SetElement.of(Value.be16(80), new MapData.Value(Value.host32(1)));
        SetElement other = SetElement.of(Value.be16(80), new MapData.Value(Value.host32(2)));
        nft.commit("make", new Batch().add(TABLE).add(m).add(m, List.of(one)));
        nft.commit("refresh", new Batch().refresh(m, List.of(one.withTimeout(Duration.ofHours(1)))));
        NetlinkException e = assertThrows(
                NetlinkException.class, () -> nft.commit("refresh", new Batch().refresh(m, List.of(other))));
        assertEquals(Errno.EEXIST, e.errno());
        assertEquals(Duration.ofHours(1), nft.element(m, one).orElseThrow().timeout());
        nft.commit("change", new Batch().delete(m, List.of(one)).add(m, List.of(other)));
        assertEquals(Optional.of(other), nft.element(m, one));
    }
}
