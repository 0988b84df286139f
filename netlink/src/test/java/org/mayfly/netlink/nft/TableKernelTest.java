package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** Tables that have an owner, what the kernel knows of them, and batches that are only checked. */
class TableKernelTest {
    private static final Table OWNED = new Table(NftFamily.INET, "mine").withFlags(Table.OWNER);
    private static final Table KEPT = OWNED.withFlags(Table.OWNER | Table.PERSIST);

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
    void nobodyElseChangesAnOwnedTable() throws Exception {
        nft.commit("own a table", new Batch().add(OWNED));
        Table read = nft.table(NftFamily.INET, "mine").orElseThrow();
        assertEquals(Table.OWNER, read.flags());
        assertNotEquals(0, read.owner());
        for (String change : List.of("add chain inet mine c", "delete table inet mine")) {
            AssertionError refused = assertThrows(AssertionError.class, () -> ns.run("nft", change));
            assertTrue(String.valueOf(refused.getMessage()).contains("Operation not permitted"), refused::getMessage);
        }
        ns.run("nft", "flush", "ruleset");
        assertEquals(Optional.of(read), nft.table(NftFamily.INET, "mine"));
        nft.commit("its owner does", new Batch().add(new Chain(NftFamily.INET, "mine", "c")));
        assertTrue(nft.chain(OWNED, "c").isPresent());
    }

    @Test
    void anOwnedTableGoesWithItsOwner() throws Exception {
        nft.commit("own a table", new Batch().add(OWNED));
        nft.close();
        assertEquals("", ns.run("nft", "list", "ruleset"));
    }

    @Test
    void aPersistentOneStaysAndIsTakenOver() throws Exception {
        Assumptions.assumeTrue(nft.supportsTableFlags(Table.OWNER | Table.PERSIST), "Linux 6.9");
        nft.commit("own a table", new Batch().add(KEPT));
        nft.close();
        try (NfTables next = ns.call(NfTables::open)) {
            Table orphan = next.table(NftFamily.INET, "mine").orElseThrow();
            assertEquals(Table.PERSIST, orphan.flags() & Table.PERSIST);
            assertEquals(0, orphan.owner());
            next.commit("take it over", new Batch().add(KEPT));
            Table mine = next.table(NftFamily.INET, "mine").orElseThrow();
            assertEquals(KEPT.flags(), mine.flags());
            assertNotEquals(0, mine.owner());
            assertThrows(AssertionError.class, () -> ns.run("nft", "delete", "table", "inet", "mine"));
        }
    }

    @Test
    void whatTheKernelKnowsIsProbedAndNothingIsLeft() throws Exception {
        int generation = nft.generation();
        assertTrue(nft.supportsTableFlags(Table.DORMANT));
        assertTrue(nft.supportsTableFlags(Table.OWNER));
        assertFalse(nft.supportsTableFlags(0x4000_0000));
        assertEquals(generation, nft.generation());
        assertEquals(List.of(), nft.tables(NftFamily.UNSPEC));
    }

    @Test
    void aBatchThatIsCheckedDoesNothing() throws Exception {
        Batch good = new Batch().add(KEPT.withFlags(0));
        nft.check("would it", good);
        assertEquals(List.of(), nft.tables(NftFamily.UNSPEC));
        nft.commit("it would", good);
        assertEquals(1, nft.tables(NftFamily.UNSPEC).size());
        Batch bad = new Batch().add(new Chain(NftFamily.INET, "nowhere", "c"));
        NetlinkException e = assertThrows(NetlinkException.class, () -> nft.check("would it", bad));
        assertEquals(Errno.ENOENT, e.errno());
    }

    @Test
    void whatIsThereIsCreatedOnlyOnce() throws Exception {
        Table t = new Table(NftFamily.INET, "t").withComment("x");
        Chain c = new Chain(NftFamily.INET, "t", "c");
        NftSet s = NftSet.of(t, "s", KeyType.of(DataType.INET_SERVICE), 0, "x");
        NamedCounter n = new NamedCounter(t, "n");
        nft.commit("create", new Batch().create(t).create(c).create(s).create(n));
        nft.commit("add again", new Batch().add(t).add(c).add(s).add(n));
        for (Batch again :
                List.of(new Batch().create(t), new Batch().create(c), new Batch().create(s), new Batch().create(n))) {
            NetlinkException e = assertThrows(NetlinkException.class, () -> nft.commit("create again", again));
            assertEquals(Errno.EEXIST, e.errno());
        }
        assertEquals(Optional.empty(), nft.table(NftFamily.INET, "u"));
        assertEquals(Optional.empty(), nft.table(NftFamily.IPV4, "t"));
        assertEquals(Optional.empty(), nft.chain(t, "d"));
        assertEquals(Optional.empty(), nft.set(t, "d"));
    }

    @Test
    void theRulesetOfAFamilyIsFlushed() throws Exception {
        Table four = new Table(NftFamily.IPV4, "t");
        Table six = new Table(NftFamily.IPV6, "t");
        nft.commit("add", new Batch().add(four).add(six));
        nft.commit("flush", new Batch().flush(NftFamily.IPV4));
        assertEquals("table ip6 t {\n}\n", ns.run("nft", "list", "ruleset"));
        nft.commit("flush", new Batch().flush(NftFamily.UNSPEC));
        assertEquals("", ns.run("nft", "list", "ruleset"));
    }
}
