package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
        List<SetElement> many = new ArrayList<>();
        for (int port = 1; port <= 401; port++) {
            many.add(SetElement.of(Bytes.of(new byte[] {(byte) (port >> 8), (byte) port})));
        }
        MessageWriter w = new MessageWriter(65536);
        new Batch(w).add(SET, many).end();
        List<Integer> types = new ArrayList<>();
        for (int at = 0; at < w.length(); at += w.buffer().getInt(at)) {
            types.add((int) w.buffer().getShort(at + 4));
        }
        assertEquals(List.of(0x10, 0xa0c, 0xa0c, 0xa0c, 0x11), types);
    }

    @Test
    void nothingIsEmpty() {
        assertTrue(new Batch(body()).isEmpty());
        assertTrue(new Batch(body()).add(SET, List.of()).isEmpty());
        assertFalse(new Batch(body()).flush(SET).isEmpty());
    }
}
