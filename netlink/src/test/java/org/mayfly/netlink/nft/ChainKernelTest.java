package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Verdict;
import org.mayfly.netlink.testing.Lab;

/** Chains of every kind, and where rules go in them, judged by {@code nft}. */
class ChainKernelTest {
    private static final Table TABLE = new Table(NftFamily.INET, "t");
    private static final Chain CHAIN = new Chain(NftFamily.INET, "t", "c");

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

    static Stream<Arguments> hooks() {
        return Stream.of(
                hook(NftFamily.INET, Chain.FILTER, new Hook(Hook.PREROUTING, Hook.RAW), "prerouting priority raw"),
                hook(NftFamily.INET, Chain.FILTER, new Hook(Hook.INPUT, Hook.FILTER), "input priority filter"),
                hook(NftFamily.INET, Chain.FILTER, new Hook(Hook.FORWARD, Hook.MANGLE), "forward priority mangle"),
                hook(NftFamily.IPV4, Chain.NAT, new Hook(Hook.PREROUTING, Hook.DSTNAT), "prerouting priority dstnat"),
                hook(NftFamily.IPV6, Chain.NAT, new Hook(Hook.POSTROUTING, Hook.SRCNAT), "postrouting priority srcnat"),
                hook(NftFamily.IPV4, Chain.ROUTE, new Hook(Hook.OUTPUT, -7), "output priority filter - 7"),
                hook(
                        NftFamily.NETDEV,
                        Chain.FILTER,
                        new Hook(Hook.NETDEV_INGRESS, 0, List.of("lo")),
                        "ingress device \"lo\" priority filter"),
                hook(
                        NftFamily.NETDEV,
                        Chain.FILTER,
                        new Hook(Hook.NETDEV_EGRESS, 1, List.of("lo", "v")),
                        "egress devices = { lo, v } priority filter + 1"),
                hook(
                        NftFamily.INET,
                        Chain.FILTER,
                        new Hook(Hook.INGRESS, 0, List.of("v")),
                        "ingress device \"v\" priority filter"));
    }

    private static Arguments hook(NftFamily family, String type, Hook hook, String text) {
        return Arguments.of(family, type, hook, text);
    }

    @ParameterizedTest
    @MethodSource("hooks")
    void everyHook(NftFamily family, String type, Hook hook, String text) throws Exception {
        ns.run("ip", "link", "add", "v", "type", "veth", "peer", "name", "w");
        Table t = new Table(family, "t");
        Chain chain = Chain.base(t, "c", type, hook, Chain.POLICY_DROP).withComment("x");
        if (type.equals(Chain.NAT)) {
            chain = chain.withPolicy(Chain.POLICY_ACCEPT);
        }
        nft.commit("add", new Batch().add(t).add(chain));
        String policy = type.equals(Chain.NAT) ? "accept" : "drop";
        String listed = ns.run("nft", "list", "chains").replaceAll("\\s+", " ");
        String wanted = "chain c { comment \"x\" type " + type + " hook " + text + "; policy " + policy + "; }";
        assertEquals(true, listed.contains(wanted), listed);
        Chain read = nft.chain(t, "c").orElseThrow();
        assertEquals(hook, read.hook());
        assertEquals(chain.policy(), read.policy());
        assertEquals(List.of(), read.unknown());
    }

    /** Since Linux 6.16; {@code nft} 1.0.6 does not know it. */
    @Test
    void devicesByTheBeginningOfTheirNames() throws Exception {
        Table t = new Table(NftFamily.NETDEV, "t");
        Chain c = Chain.filter(t, "c", new Hook(Hook.NETDEV_INGRESS, 0, List.of("lo", "eth*")), Chain.POLICY_ACCEPT);
        try {
            nft.commit("add", new Batch().add(t).add(c));
        } catch (NetlinkException e) {
            assertEquals(Errno.EINVAL, e.errno());
            return;
        }
        assertEquals(c.hook(), nft.chain(t, "c").orElseThrow().hook());
    }

    @Test
    void thePolicyIsChangedAndCounts() throws Exception {
        Chain c = Chain.filter(TABLE, "c", new Hook(Hook.INPUT, 0), Chain.POLICY_ACCEPT);
        nft.commit("add", new Batch().add(TABLE).add(c));
        nft.commit("change", new Batch().add(c.withPolicy(Chain.POLICY_DROP)));
        assertEquals(Chain.POLICY_DROP, nft.chain(TABLE, "c").orElseThrow().policy());
        nft.commit("count", new Batch().add(c.withCounters(new Counter(3, 180))));
        assertEquals(new Counter(3, 180), nft.chain(TABLE, "c").orElseThrow().counters());
    }

    @Test
    void aChainThatIsJumpedToStays() throws Exception {
        Chain d = new Chain(NftFamily.INET, "t", "d");
        Rule jump = Rule.of(CHAIN, "x", List.of(new Immediate(Verdict.jump("d"))));
        nft.commit("add", new Batch().add(TABLE).add(CHAIN).add(d).add(jump));
        NetlinkException e = assertThrows(NetlinkException.class, () -> nft.commit("x", new Batch().delete(d)));
        assertEquals(Errno.EBUSY, e.errno());
    }

    @Test
    void rulesGoWhereTheyAreToGo() throws Exception {
        nft.commit("add", new Batch().add(TABLE).add(CHAIN).add(rule("2")).insert(rule("1")));
        assertEquals("12", comments());
        long two = handle("2");
        nft.commit(
                "place",
                new Batch()
                        .insertBefore(two, rule("b"))
                        .addAfter(two, rule("a"))
                        .add(rule("3")));
        assertEquals("1b2a3", comments());
        Rule b = nft.rule(TABLE, "c", handle("b")).orElseThrow();
        assertEquals("b", b.comment());
        Rule accept = b.withExpressions(List.of(new Counter(1, 2), new Immediate(Verdict.ACCEPT)));
        nft.commit("replace", new Batch().replace(accept));
        assertEquals("1b2a3", comments());
        assertEquals(
                accept.expressions(),
                nft.rule(TABLE, "c", handle("b")).orElseThrow().expressions());
        assertEquals(Optional.empty(), nft.rule(TABLE, "c", 4711));
        nft.commit("delete", new Batch().delete(nft.rule(TABLE, "c", two).orElseThrow()));
        assertEquals("1ba3", comments());
        NetlinkException e =
                assertThrows(NetlinkException.class, () -> nft.commit("x", new Batch().insertBefore(two, rule("x"))));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("NFT_MSG_NEWRULE/NFTA_RULE_POSITION", e.path());
    }

    @Test
    void rulesAreFlushedByChainAndByTable() throws Exception {
        Chain d = new Chain(NftFamily.INET, "t", "d");
        Batch batch = new Batch().add(TABLE).add(CHAIN).add(d).add(rule("1"));
        batch.add(Rule.of(d, "2", List.of(new Immediate(Verdict.ACCEPT))));
        nft.commit("add", batch);
        assertEquals(2, nft.rules(TABLE).size());
        nft.commit("flush", new Batch().flush(d));
        assertEquals("1", comments());
        nft.commit("flush", new Batch().flush(TABLE));
        assertEquals(List.of(), nft.rules(TABLE));
        Table other = new Table(NftFamily.INET, "other");
        nft.commit("add", new Batch().add(other).add(new Chain(NftFamily.INET, "other", "c")));
        assertEquals(3, nft.chains(NftFamily.INET).size());
        assertEquals(2, nft.chains(TABLE).size());
    }

    private static Rule rule(String comment) {
        return Rule.of(CHAIN, comment, List.of(Counter.ZERO));
    }

    private long handle(String comment) throws Exception {
        return nft.rules(TABLE, "c").stream()
                .filter(r -> comment.equals(r.comment()))
                .findFirst()
                .orElseThrow()
                .handle();
    }

    /** In the order that {@code nft} lists them, which is ours too. */
    private String comments() throws Exception {
        StringBuilder ours = new StringBuilder();
        nft.rules(TABLE).forEach(r -> ours.append(r.comment()));
        String theirs = ns.run("nft", "list", "chain", "inet", "t", "c").replaceAll("(?s)comment \"(.)\"|.", "$1");
        assertEquals(theirs, ours.toString());
        return theirs;
    }
}
