package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.nft.expr.Bitwise;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Expression;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.UnknownExpression;
import org.mayfly.netlink.nft.expr.Verdict;
import org.mayfly.netlink.testing.Lab;

/** Ours against the kernel, judged by {@code nft}; and the other way round. */
class NfTablesKernelTest {
    private static final Table TABLE = new Table(NftFamily.INET, "t");
    private static final Chain CHAIN = Chain.filter(TABLE, "c", new Hook(Hook.INPUT, -10), Chain.POLICY_ACCEPT)
            .withComment("first of all");
    private static final NftSet PORTS = NftSet.of(
            TABLE,
            "s",
            KeyType.of(DataType.IPV4_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE),
            NftSet.TIMEOUT,
            "who . how . where");

    private final MessageWriter w = new MessageWriter(1 << 22);
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

    @Test
    void whatWeMakeReadsLikeWhatNftMakes() throws Exception {
        Rule masked = Rule.of(
                CHAIN,
                "by the /64",
                List.of(
                        new Meta(Meta.NFPROTO, 1),
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("0a")),
                        new Payload(Payload.NETWORK_HEADER, 24, 16, 1),
                        Bitwise.and(1, Bytes.ofHex("ffffffffffffffff0000000000000000")),
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("20010db8000100020000000000000000")),
                        new Counter(3, 180),
                        new Immediate(Verdict.jump("other"))));
        Rule asked = Rule.of(
                CHAIN,
                "who is in it",
                List.of(
                        new Meta(Meta.NFPROTO, 1),
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("02")),
                        new Payload(Payload.NETWORK_HEADER, 12, 4, 1),
                        new Meta(Meta.L4PROTO, 9),
                        new Payload(Payload.TRANSPORT_HEADER, 2, 2, 10),
                        new Lookup("s", 1, true),
                        new Immediate(Verdict.DROP)));
        nft.commit(
                "test",
                new Batch(w)
                        .add(TABLE.withComment("ours"))
                        .add(PORTS)
                        .add(PORTS, List.of(SetElement.of(key(22))))
                        .add(CHAIN)
                        .add(new Chain(NftFamily.INET, TABLE.name(), "other"))
                        .add(masked)
                        .add(asked));
        assertEquals("""
                table inet t {
                	comment "ours"
                	set s {
                		type ipv4_addr . inet_proto . inet_service
                		flags timeout
                		comment "who . how . where"
                		elements = { 192.0.2.1 . tcp . 22 }
                	}

                	chain c {
                		comment "first of all"
                		type filter hook input priority filter - 10; policy accept;
                		ip6 daddr 2001:db8:1:2::/64 counter packets 3 bytes 180 jump other comment "by the /64"
                		ip saddr . meta l4proto . th dport != @s drop comment "who is in it"
                	}

                	chain other {
                	}
                }
                """, ns.run("nft", "list", "table", "inet", "t"));
        assertEquals(List.of(masked.expressions(), asked.expressions()), expressions("t", "c"));
    }

    @Test
    void whatNftMakesIsReadAndCanBeWrittenAgain() throws Exception {
        ns.run("nft", """
                table inet t {
                  comment "theirs"
                  set s { type ipv4_addr . inet_proto . inet_service; flags timeout; comment "x"
                    elements = { 192.0.2.1 . tcp . 22 timeout 1h comment "me", 192.0.2.1 . tcp . 23 } }
                  chain c { type filter hook input priority filter - 10; policy drop;
                    iif lo accept comment "a"
                    ct state established,related counter accept comment "b"
                    quota over 25 mbytes log prefix "odd " drop comment "c"
                    ip saddr . meta l4proto . th dport @s accept
                    ip6 daddr & ::ffff:ffff:ffff:ffff == ::1:2:3:4 tcp dport 443 accept
                  }
                }""");
        Table t = nft.tables(NftFamily.INET).get(0);
        assertEquals("theirs", t.userData().comment());
        Chain c = nft.chains(NftFamily.INET).get(0);
        assertEquals(new Hook(Hook.INPUT, -10), c.hook());
        assertEquals(Chain.POLICY_DROP, c.policy());
        NftSet s = nft.sets(TABLE).get(0);
        assertEquals(PORTS.key(), s.key());
        assertEquals("x", s.comment());
        List<SetElement> elements = nft.elements(TABLE, "s");
        assertEquals(2, elements.size());
        SetElement mine = elements.stream()
                .filter(e -> e.key().equals(key(22)))
                .findFirst()
                .orElseThrow();
        assertEquals("me", mine.userData().comment());
        assertEquals(Duration.ofHours(1), mine.timeout());
        Duration left = mine.expiration();
        assertNotNull(left);
        assertTrue(left.compareTo(Duration.ofMinutes(59)) > 0);

        List<Rule> rules = nft.rules(TABLE, "c");
        assertEquals("a", rules.get(0).comment());
        assertEquals(Counter.ZERO, rules.get(1).counter());
        assertInstanceOf(UnknownExpression.class, rules.get(2).expressions().get(0));
        String before = ns.run("nft", "-s", "list", "chain", "inet", "t", "c");
        Batch again = new Batch(w).flush(c);
        rules.forEach(again::add);
        nft.commit("test", again);
        assertEquals(before, ns.run("nft", "-s", "list", "chain", "inet", "t", "c"));
    }

    @Test
    void aBatchHappensWholeOrNotAtAll() throws Exception {
        Batch bad = new Batch(w)
                .add(TABLE)
                .add(new NftSet(NftFamily.INET, "nowhere", "s", 0, PORTS.key(), UserData.EMPTY, 0, List.of()))
                .add(CHAIN);
        NetlinkException e = assertTimeout(
                Duration.ofSeconds(5), () -> assertThrows(NetlinkException.class, () -> nft.commit("test", bad)));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("", ns.run("nft", "list", "ruleset"));
        nft.commit("the connection still works", new Batch(w).add(TABLE));
        assertEquals("table inet t {\n}\n", ns.run("nft", "list", "ruleset"));
    }

    @Test
    void aBatchForAnotherGenerationIsRefusedAtOnce() throws Exception {
        int generation = nft.generation();
        ns.run("nft", "add", "table", "inet", "x");
        Batch stale = new Batch(w, generation).add(TABLE);
        NetlinkException e = assertTimeout(
                Duration.ofSeconds(5), () -> assertThrows(NetlinkException.class, () -> nft.commit("test", stale)));
        assertEquals(Errno.ERESTART, e.errno());
        nft.commit("test", new Batch(w, nft.generation()).add(TABLE));
        assertEquals(2, nft.tables(NftFamily.UNSPEC).size());
    }

    @Test
    void anEmptyBatchIsDone() throws Exception {
        nft.commit("test", new Batch(w));
    }

    @Test
    void elementsComeAndGo() throws Exception {
        nft.commit("test", new Batch(w).add(TABLE).add(PORTS));
        nft.commit("test", new Batch(w).add(PORTS, List.of(SetElement.of(key(22), Duration.ofMillis(30)))));
        while (!nft.elements(TABLE, "s").isEmpty()) {
            Thread.onSpinWait(); // an element that expires sends no event
        }
        List<SetElement> hour = List.of(SetElement.of(key(22), Duration.ofHours(1)));
        SetElement half =
                new SetElement(key(23), Duration.ofHours(1), Duration.ofMinutes(30), UserData.EMPTY, List.of());
        nft.commit("test", new Batch(w).add(PORTS, hour).add(PORTS, List.of(half)));
        String listed = ns.run("nft", "list", "set", "inet", "t", "s");
        assertTrue(
                Pattern.compile("tcp \\. 23 timeout 1h expires (30m|29m59s)")
                        .matcher(listed)
                        .find(),
                listed);
        nft.commit("anew", new Batch(w).delete(PORTS, List.of(half)).add(PORTS, List.of(half)));
        nft.commit("test", new Batch(w).delete(PORTS, hour));
        NetlinkException e =
                assertThrows(NetlinkException.class, () -> nft.commit("test", new Batch(w).delete(PORTS, hour)));
        assertEquals(Errno.ENOENT, e.errno());
        nft.commit("test", new Batch(w).flush(PORTS));
        assertEquals(List.of(), nft.elements(TABLE, "s"));
    }

    @Test
    void whatIsDeletedIsGone() throws Exception {
        nft.commit("test", new Batch(w).add(TABLE).add(PORTS).add(CHAIN));
        nft.commit("test", new Batch(w).add(Rule.of(CHAIN, "x", List.of(new Immediate(Verdict.RETURN)))));
        Rule rule = nft.rules(TABLE, "c").get(0);
        nft.commit("test", new Batch(w).delete(rule).delete(PORTS).delete(CHAIN));
        assertEquals("table inet t {\n}\n", ns.run("nft", "list", "ruleset"));
        nft.commit("test", new Batch(w).delete(TABLE));
        assertEquals("", ns.run("nft", "list", "ruleset"));
    }

    @Test
    void manyElementsInOneBatch() throws Exception {
        List<SetElement> many = new ArrayList<>();
        for (int port = 1; port <= 20_000; port++) {
            many.add(SetElement.of(key(port), Duration.ofHours(1)));
        }
        nft.commit("1.3 MB", new Batch(w).add(TABLE).add(PORTS).add(PORTS, many));
        assertEquals(20_000, nft.elements(TABLE, "s").size());
    }

    @Test
    void whatIsNotThereIsSaid() {
        NetlinkException e = assertThrows(NetlinkException.class, () -> nft.elements(TABLE, "s"));
        assertEquals(Errno.ENOENT, e.errno());
        assertTrue(String.valueOf(e.getMessage()).startsWith("NFT_MSG_GETSETELEM: ENOENT"), e.getMessage());
    }

    private List<List<Expression>> expressions(String table, String chain) throws Exception {
        return nft.rules(new Table(NftFamily.INET, table), chain).stream()
                .map(Rule::expressions)
                .toList();
    }

    private static Bytes key(int port) {
        return new SetKey()
                .address(Bytes.ofHex("c0000201").toArray())
                .protocol(6)
                .port(port)
                .toBytes();
    }
}
