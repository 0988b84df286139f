package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.nft.Golden.TABLE;
import static org.mayfly.netlink.nft.Golden.TABLE_NAME;
import static org.mayfly.netlink.nft.Golden.body;
import static org.mayfly.netlink.nft.Golden.written;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;

/** Whole messages, netlink headers included; sequence numbers are filled in when they are sent. */
class BatchTest {
    private static final NftSet SET = NftSet.of(TABLE, "d", KeyType.of(DataType.INET_SERVICE), 0, "x");

    @Test
    void asNftWritesIt() {
        assertEquals(
                Bytes.ofHex("14000000 1000 0100 0000000000000000 0000000a"
                        + "28000000 000a 0104 0000000000000000 01000000" + TABLE_NAME + "00 0800020000000000"
                        + "20000000 020a 0100 0000000000000000 01000000" + TABLE_NAME + "00"
                        + "14000000 1100 0100 0000000000000000 0000000a"),
                written(new Batch(body()).add(TABLE).delete(TABLE).end()));
    }

    @Test
    void theGenerationStandsAtTheBeginning() {
        assertEquals(
                Bytes.ofHex("1c000000 1000 0100 0000000000000000 0000000a 08000100 01020304"
                        + "14000000 1100 0100 0000000000000000 0000000a"),
                written(new Batch(body(), 0x01020304).end()));
    }

    @Test
    void manyElementsAreSpreadOverMessages() {
        Batch batch = new Batch(new MessageWriter(1 << 18)).add(SET, ports(10_000)); // 16 bytes each
        assertEquals(List.of(0x10, 0xa0c, 0xa0c, 0xa0c, 0x11), types(batch.end()));
    }

    private static List<SetElement> ports(int count) {
        List<SetElement> many = new ArrayList<>();
        for (int port = 1; port <= count; port++) {
            many.add(SetElement.of(Bytes.of(new byte[] {(byte) (port >> 8), (byte) port})));
        }
        return many;
    }

    private static List<Integer> types(MessageWriter w) {
        List<Integer> types = new ArrayList<>();
        for (int at = 0; at < w.length(); at += w.buffer().getInt(at)) {
            types.add((int) w.buffer().getShort(at + 4));
        }
        return types;
    }

    @Test
    void aChangeThatDoesNotFitLeavesTheBatchAsItWas() {
        for (int capacity = 20 + 40 + 20; capacity < 20 + 40 + 364 + 20; capacity++) {
            MessageWriter w = new MessageWriter(capacity);
            Batch batch = new Batch(w).add(TABLE);
            int before = w.length();
            BatchFullException full =
                    assertThrows(BatchFullException.class, () -> batch.add(SET, ports(20))); // 364 bytes
            assertTrue(String.valueOf(full.getMessage()).startsWith("NFT_MSG_NEWSETELEM does not fit"));
            assertEquals(before, w.length());
            Chain longest = new Chain(NftFamily.INET, "t".repeat(255), "c".repeat(255));
            assertThrows(BatchFullException.class, () -> batch.add(longest));
            assertEquals(before, w.length());
            assertEquals(List.of(0x10, 0xa00, 0x11), types(batch.end()));
        }
    }

    @Test
    void thereIsRoomForTheEnd() {
        for (int capacity = 100; capacity < 300; capacity++) {
            MessageWriter w = new MessageWriter(capacity);
            Batch batch = new Batch(w);
            assertThrows(BatchFullException.class, () -> {
                while (true) {
                    batch.add(TABLE);
                }
            });
            batch.end();
            assertTrue(w.length() <= capacity && w.length() > capacity - 40);
        }
    }

    @Test
    void anElementTooLongForAnAttributeIsRefused() {
        List<SetElement> one = List.of(SetElement.of(Bytes.of(new byte[0x10000])));
        Batch batch = new Batch(new MessageWriter(1 << 18)).add(TABLE);
        assertThrows(IllegalArgumentException.class, () -> batch.add(SET, one));
        assertEquals(List.of(0x10, 0xa00, 0x11), types(batch.end()));
    }

    @Test
    void nothingIsAddedToWhatWasCommitted() {
        Batch batch = new Batch().add(TABLE);
        batch.end();
        assertThrows(IllegalStateException.class, () -> batch.delete(TABLE));
        assertThrows(IllegalStateException.class, () -> batch.add(SET, ports(1)));
    }

    @Test
    void nothingIsEmpty() {
        assertTrue(new Batch(body()).isEmpty());
        assertTrue(new Batch(body()).add(SET, List.of()).isEmpty());
        assertFalse(new Batch(body()).flush(SET).isEmpty());
    }
}
