package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.nft.NftEvent.ChainChanged;
import org.mayfly.netlink.nft.NftEvent.ElementsChanged;
import org.mayfly.netlink.nft.NftEvent.Generation;
import org.mayfly.netlink.nft.NftEvent.ObjectChanged;
import org.mayfly.netlink.nft.NftEvent.RuleChanged;
import org.mayfly.netlink.nft.NftEvent.SetChanged;
import org.mayfly.netlink.nft.NftEvent.TableChanged;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Value;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Payload;

/** What {@code nft} does is told; and what came of a batch of ours. */
class NftEventsTest {
    private final Lab lab = new Lab();
    private final List<NftEvent> told = new ArrayList<>();
    private Lab.Host ns;
    private Events<NftEvent> events;

    @BeforeEach
    void open() throws Exception {
        ns = lab.host();
        events = ns.call(NftEvents::open);
    }

    @AfterEach
    void close() {
        if (events != null) { // nothing was opened where the test was skipped
            events.close();
        }
        lab.close();
    }

    /** Runs {@code nft} and gives the one event before the generation that ends its batch. */
    private NftEvent after(String command) throws Exception {
        ns.run("nft", command);
        told.clear();
        await();
        assertEquals(2, told.size(), told::toString);
        return told.get(0);
    }

    private void await() throws Exception {
        while (told.isEmpty() || !(told.get(told.size() - 1) instanceof Generation)) {
            assertTrue(events.poll(10_000), told::toString);
            events.read(new Events.Handler<NftEvent>() {
                @Override
                public void event(NftEvent event) {
                    told.add(event);
                }

                @Override
                public void overrun() {
                    throw new AssertionError("an overrun");
                }
            });
        }
    }

    @Test
    void whoSentABatchIsKnownByItsSocket() throws Exception {
        try (NfTables nft = ns.call(NfTables::open);
                NfTables other = ns.call(NfTables::open)) {
            for (NfTables each : List.of(nft, other)) {
                each.commit("make a table", new Batch().add(new Table(NftFamily.INET, "t" + each.portId())));
                assertTrue(events.poll(10_000));
                List<Integer> senders = new ArrayList<>();
                events.read(new Events.Handler<NftEvent>() {
                    @Override
                    public void event(NftEvent event) {
                        senders.add(events.portId());
                    }

                    @Override
                    public void overrun() {
                        throw new AssertionError("an overrun");
                    }
                });
                assertEquals(List.of(each.portId(), each.portId()), senders);
            }
            assertNotEquals(nft.portId(), other.portId());
        }
    }

    @Test
    void whatComesAndGoesIsTold() throws Exception {
        TableChanged t = assertInstanceOf(TableChanged.class, after("add table inet t"));
        assertEquals("t", t.table().name());
        Generation first = assertInstanceOf(Generation.class, told.get(1));
        assertEquals("nft", first.process());
        assertTrue(first.pid() > 0);
        try (NfTables nft = ns.call(NfTables::open)) {
            assertEquals(nft.generation(), first.id());
        }
        ChainChanged c = assertInstanceOf(
                ChainChanged.class, after("add chain inet t c { type filter hook input priority 0; policy drop; }"));
        assertEquals(Chain.POLICY_DROP, c.chain().policy());
        SetChanged s = assertInstanceOf(SetChanged.class, after("add set inet t s { type inet_service; }"));
        assertEquals(KeyType.of(DataType.INET_SERVICE), s.set().key());
        ElementsChanged e = assertInstanceOf(ElementsChanged.class, after("add element inet t s { 80 }"));
        assertEquals(
                new ElementsChanged(NftFamily.INET, "t", "s", List.of(SetElement.of(Bytes.ofHex("0050"))), false), e);
        ObjectChanged o = assertInstanceOf(ObjectChanged.class, after("add counter inet t hits"));
        assertEquals("hits", assertInstanceOf(NamedCounter.class, o.object()).name());
        RuleChanged r = assertInstanceOf(RuleChanged.class, after("add rule inet t c counter"));
        assertEquals(List.of(Counter.ZERO), r.rule().expressions());

        RuleChanged noRule = assertInstanceOf(RuleChanged.class, after("flush chain inet t c"));
        assertEquals(r.rule().handle(), noRule.rule().handle());
        ElementsChanged noElement = assertInstanceOf(ElementsChanged.class, after("delete element inet t s { 80 }"));
        assertEquals(e.elements(), noElement.elements());
        SetChanged noSet = assertInstanceOf(SetChanged.class, after("delete set inet t s"));
        assertEquals(s.set().handle(), noSet.set().handle());
        ObjectChanged noObject = assertInstanceOf(ObjectChanged.class, after("delete counter inet t hits"));
        assertEquals(o.object().handle(), noObject.object().handle());
        ChainChanged noChain = assertInstanceOf(ChainChanged.class, after("delete chain inet t c"));
        assertEquals("c", noChain.chain().name());
        TableChanged noTable = assertInstanceOf(TableChanged.class, after("delete table inet t"));
        assertEquals(t.table().handle(), noTable.table().handle());
        assertEquals(
                List.of(true, true, true, true, true, true),
                List.of(
                        noRule.gone(),
                        noElement.gone(),
                        noSet.gone(),
                        noObject.gone(),
                        noChain.gone(),
                        noTable.gone()));
        assertEquals(
                List.of(false, false, false, false, false, false),
                List.of(t.gone(), c.gone(), s.gone(), e.gone(), o.gone(), r.gone()));
    }

    /** More than the receive buffer holds: what is lost is told as lost, and what comes later is told again. */
    @Test
    void anOverrunIsTold() throws Exception {
        Table t = new Table(NftFamily.INET, "t");
        NftSet s = NftSet.of(t, "s", KeyType.of(DataType.IPV4_ADDR), 0, "x");
        List<SetElement> many = new ArrayList<>();
        for (int n = 0; n < 150_000; n++) {
            many.add(SetElement.of(Value.be32(n)));
        }
        int[] overruns = {0};
        try (NfTables nft = ns.call(NfTables::open)) {
            nft.commit("make", new Batch().add(t).add(s));
            nft.addElements(s, many);
            boolean more = true;
            while (more) {
                more = events.read(counting(overruns));
            }
            assertTrue(overruns[0] > 0);
            int before = told.size();
            nft.commit("one more", new Batch().add(new Chain(NftFamily.INET, "t", "c")));
            assertTrue(events.poll(10_000));
            events.read(counting(overruns));
            assertInstanceOf(ChainChanged.class, told.get(before));
        }
    }

    private Events.Handler<NftEvent> counting(int[] overruns) {
        return new Events.Handler<NftEvent>() {
            @Override
            public void event(NftEvent event) {
                told.add(event);
            }

            @Override
            public void overrun() {
                overruns[0]++;
            }
        };
    }

    /** {@code NFT_MSG_NEWFLOWTABLE}. */
    @Test
    void whatHasNoNameHereIsKept() {
        Bytes payload = Bytes.ofHex("01000002 06000100 74000000");
        NftEvent e = new Payload(payload).decode((b, offset, length) -> NftEvent.read(0xa16, b, offset, length));
        assertEquals(new NftEvent.Unknown(0xa16, payload), e);
    }

    @Test
    void theBatchSaysWhatCameOfIt() throws Exception {
        Table t = new Table(NftFamily.INET, "t");
        Chain c = new Chain(NftFamily.INET, "t", "c");
        Rule rule = Rule.of(c, "x", List.of(Counter.ZERO));
        try (NfTables nft = ns.call(NfTables::open)) {
            List<NftEvent> came = nft.commitAndTell(
                    "make", new Batch().add(t).add(c).add(rule).add(rule));
            List<Long> handles = came.stream()
                    .filter(RuleChanged.class::isInstance)
                    .map(e -> ((RuleChanged) e).rule().handle())
                    .toList();
            assertEquals(nft.rules(t).stream().map(Rule::handle).toList(), handles);
            assertEquals(2, handles.size());
            await();
            told.removeIf(Generation.class::isInstance);
            came = came.stream().filter(e -> !(e instanceof Generation)).toList();
            assertEquals(told, came);
            Batch bad = new Batch().add(rule).add(new Chain(NftFamily.INET, "nowhere", "c"));
            NetlinkException e = assertThrows(NetlinkException.class, () -> nft.commitAndTell("make", bad));
            assertEquals(Errno.ENOENT, e.errno());
            assertEquals(2, nft.rules(t).size());
            assertEquals(List.of(), nft.commitAndTell("nothing", new Batch()));
        }
    }

    /** {@code nft add table inet mayfly}, as {@code nft monitor} reads it. */
    @Test
    void aGenerationAsTheKernelTellsIt() {
        Payload p = Payload.of("00000002 0800010000000002 08000200000069f6 080003006e667400");
        assertEquals(new Generation(2, 0x69f6, "nft"), p.decode(Generation::decode));
        assertEquals(new Generation(2, 0x69f6, "nft"), p.and("0800ff0000000007").decode(Generation::decode));
        p.truncate(Generation::decode, g -> g.id() == 2);
        assertThrows(
                MalformedMessageException.class, () -> Payload.of("00000002").decode(Generation::decode));
    }
}
