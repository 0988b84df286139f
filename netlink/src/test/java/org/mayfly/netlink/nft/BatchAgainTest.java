package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.testing.Lab;

/** One batch for many changes, one after another. */
final class BatchAgainTest {
    private static final int PAIRS = 10_000;
    private static final Table TABLE = new Table(NftFamily.INET, "t");
    private static final NftSet SET = NftSet.of(TABLE, "s", KeyType.of(DataType.INET_SERVICE), NftSet.TIMEOUT, "ports");
    private static final List<SetElement> PORT = List.of(SetElement.of(Bytes.ofHex("01bb"), Duration.ofHours(1)));

    private static ByteBuffer written(MessageWriter w) {
        return w.buffer().duplicate().position(0).limit(w.length());
    }

    @Test
    void aClearedBatchIsLikeANewOne() {
        MessageWriter used = new MessageWriter(1024);
        Batch batch = new Batch(used, 7).add(TABLE).add(SET);
        batch.end();
        batch.clear().add(SET).end();
        MessageWriter fresh = new MessageWriter(1024);
        new Batch(fresh).add(SET).end();
        assertEquals(written(fresh), written(used));
        assertTrue(batch.clear().isEmpty());
    }

    @Test
    void anElementThatComesAndGoesMakesNoGarbage() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Lab lab = new Lab();
                NfTables nft = lab.host().call(NfTables::open)) {
            Batch batch = new Batch(new MessageWriter(4096));
            nft.commit("set up", batch.add(TABLE).add(SET));
            pairs(nft, batch);
            long before = threads.getCurrentThreadAllocatedBytes();
            pairs(nft, batch);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < PAIRS, () -> allocated + " bytes in " + 2 * PAIRS + " batches");
            assertEquals(List.of(), nft.elements(TABLE, SET.name()));
        }
    }

    private static void pairs(NfTables nft, Batch batch) throws Exception {
        for (int i = 0; i < PAIRS; i++) {
            nft.commit("add", batch.clear().add(SET, PORT));
            nft.commit("delete", batch.clear().delete(SET, PORT));
        }
    }
}
