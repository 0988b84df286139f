package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.testing.Lab;

/** More elements than one batch can have. */
class ManyElementsTest {
    private static final Table TABLE = new Table(NftFamily.INET, "t");
    private static final NftSet SET = NftSet.of(TABLE, "s", KeyType.of(DataType.IPV4_ADDR), 0, "x");
    /** Of 16 bytes each: more than a part of 1 MB. */
    private static final int MANY = 70_000;

    private final Lab lab = new Lab();
    private NfTables nft;

    @BeforeEach
    void open() throws Exception {
        nft = lab.host().call(NfTables::open);
        nft.commit("make", new Batch().add(TABLE).add(SET));
    }

    @AfterEach
    void close() {
        if (nft != null) { // nothing was opened where the test was skipped
            nft.close();
        }
        lab.close();
    }

    private static SetElement element(int n) {
        return SetElement.of(Bytes.of(ByteBuffer.allocate(4).putInt(n).array()));
    }

    private static List<SetElement> elements(int from, int count) {
        List<SetElement> many = new ArrayList<>();
        for (int n = from; n < from + count; n++) {
            many.add(element(n));
        }
        return many;
    }

    @Test
    void goInPartsAndComeOutAgain() throws Exception {
        int generation = nft.generation();
        List<SetElement> many = elements(0, MANY);
        nft.addElements(SET, many);
        assertTrue(nft.generation() > generation + 1, "one batch would not have taken parts");
        assertEquals(MANY, nft.elements(TABLE, "s").size());
        assertEquals(many.get(MANY - 1), nft.element(SET, element(MANY - 1)).orElseThrow());
        nft.deleteElements(SET, many);
        assertEquals(List.of(), nft.elements(TABLE, "s"));
        nft.addElements(SET, List.of());
    }

    @Test
    void whatFailsInTheMiddleSaysHowFarItCame() throws Exception {
        List<SetElement> many = new ArrayList<>(elements(0, MANY));
        many.set(MANY - 1, SetElement.of(Bytes.ofHex("01"))); // too short for the set
        PartlyDoneException e = assertThrows(PartlyDoneException.class, () -> nft.addElements(SET, many));
        assertEquals(
                Errno.EINVAL,
                assertInstanceOf(NetlinkException.class, e.getCause()).errno());
        assertTrue(e.done() > 0 && e.done() < MANY);
        assertEquals(e.done(), nft.elements(TABLE, "s").size());
        Collections.reverse(many);
        assertThrows(NetlinkException.class, () -> nft.addElements(SET, many));
        assertEquals(e.done(), nft.elements(TABLE, "s").size());
    }

    /** Between two batches one of them could be without its end. */
    @Test
    void intervalsAreNotSplit() throws Exception {
        NftSet ranges = NftSet.of(TABLE, "r", KeyType.of(DataType.IPV4_ADDR), NftSet.INTERVAL, "x");
        nft.commit("make", new Batch().add(ranges));
        List<SetElement> many = new ArrayList<>();
        for (int n = 0; n < MANY; n += 4) {
            many.add(element(n));
            many.add(SetElement.endOfInterval(element(n + 2).key()));
        }
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> nft.addElements(ranges, twice(many)));
        assertTrue(String.valueOf(e.getMessage()).startsWith("intervals too many for one batch"), e.getMessage());
        assertEquals(List.of(), nft.elements(TABLE, "r"));
        nft.addElements(ranges, many.subList(0, 1000));
        assertEquals(1000, nft.elements(TABLE, "r").size());
    }

    private static List<SetElement> twice(List<SetElement> elements) {
        List<SetElement> all = new ArrayList<>(elements);
        all.addAll(elements);
        return all;
    }

    @Test
    void anElementTooLongLeavesTheBatchAsItWas() throws Exception {
        Batch batch = new Batch();
        List<SetElement> many = new ArrayList<>(elements(0, 5000));
        many.add(SetElement.of(Bytes.of(new byte[70_000])));
        assertThrows(IllegalArgumentException.class, () -> batch.add(SET, many));
        nft.commit("nothing", batch);
        assertEquals(List.of(), nft.elements(TABLE, "s"));
    }

    @Test
    void whatWasCommittedIsNotChecked() throws Exception {
        Batch batch = new Batch().add(new Table(NftFamily.INET, "u"));
        nft.commit("make", batch);
        assertThrows(IllegalStateException.class, () -> nft.check("again", batch));
    }

    @Test
    void thatHaveExpressionsTakeMoreRoom() throws Exception {
        NftSet counted = NftSet.of(TABLE, "c", SET.key(), NftSet.EVAL, "x")
                .withOptions(SetOptions.NONE.withExpressions(List.of(Counter.ZERO)));
        nft.commit("make", new Batch().add(counted));
        List<SetElement> many = new ArrayList<>();
        for (SetElement e : elements(0, 5000)) {
            many.add(e.withExpressions(List.of(new Counter(1, 2))).withComment("x".repeat(1 + many.size() % 120)));
        }
        nft.addElements(counted, many);
        assertEquals(5000, nft.elements(TABLE, "c").size());
    }

    @Test
    void areTooManyForOneBatch() throws Exception {
        Batch batch = new Batch().add(SET, elements(0, MANY));
        List<SetElement> tooMany = Collections.nCopies(1_000_000, element(1)); // 20 MB
        assertThrows(BatchFullException.class, () -> batch.add(SET, tooMany));
        nft.commit("what it had before", batch);
        assertEquals(MANY, nft.elements(TABLE, "s").size());
    }
}
