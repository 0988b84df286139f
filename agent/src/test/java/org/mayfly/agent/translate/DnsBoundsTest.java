package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a message may cost. */
final class DnsBoundsTest {
    private static final int MOST = 127;
    private static final int ROUNDS = 1000;

    /** A root and, behind it, so many pointers, each to the one before. */
    private static byte[] bomb(int pointers) {
        ByteBuffer b = ByteBuffer.allocate(2 + 2 * pointers);
        b.putShort((short) 0);
        for (int i = 1; i <= pointers; i++) {
            int before = i == 1 ? 0 : 2 * (i - 1);
            b.putShort((short) (0xc000 | before));
        }
        return b.array();
    }

    private static DnsReader atTheEndOf(byte[] message) throws MalformedDnsException {
        DnsReader in = new DnsReader(message);
        while (in.left() > 2) {
            in.u16();
        }
        return in;
    }

    @Test
    void aNameFollowsAsManyPointersAsItCanHaveLabels() throws MalformedDnsException {
        DnsReader good = atTheEndOf(bomb(MOST));
        assertTrue(good.name().isRoot());
        assertEquals(MOST, good.pointers());

        DnsReader bad = atTheEndOf(bomb(8000));
        assertThrows(MalformedDnsException.class, bad::name);
        assertEquals(MOST + 1, bad.pointers());
    }

    /** 64 KB of labels and pointers, wherever they lead: each name that is read costs no more than that. */
    @Test
    void noMessageCostsMore() {
        Random random = new Random(1035);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = bomb(8000);
            for (int i = 0; i < 50; i++) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            DnsReader in = new DnsReader(message);
            int names = 0;
            try {
                while (in.left() > 0) {
                    names++;
                    in.name();
                }
            } catch (MalformedDnsException e) {
                // as most are
            }
            assertTrue(in.pointers() <= names * (MOST + 1), names + " names, " + in.pointers() + " pointers");
        }
    }

    @Test
    void aLongQueryOnAConnectionIsNotWaitedFor() {
        EmbeddedChannel longest = frames();
        assertTrue(longest.writeInbound(frame(DnsFrames.LONGEST_QUERY)));
        EmbeddedChannel tooLong = frames();
        byte[] beginning = {(byte) 0x10, (byte) 0x01}; // 4097
        assertThrows(TooLongFrameException.class, () -> tooLong.writeInbound(Unpooled.wrappedBuffer(beginning)));
        assertFalse(tooLong.finish());
        assertTrue(longest.finishAndReleaseAll());
    }

    private static EmbeddedChannel frames() {
        EmbeddedChannel channel = new EmbeddedChannel();
        DnsFrames.add(channel.pipeline(), DnsFrames.LONGEST_QUERY);
        return channel;
    }

    private static ByteBuf frame(int length) {
        return Unpooled.buffer().writeShort(length).writeZero(length);
    }
}
