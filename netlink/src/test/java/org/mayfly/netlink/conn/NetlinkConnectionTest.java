package org.mayfly.netlink.conn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.conn.ScriptedTransport.done;
import static org.mayfly.netlink.conn.ScriptedTransport.error;
import static org.mayfly.netlink.conn.ScriptedTransport.message;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.Vocabulary;

/** What a kernel would have to be made to do: a script does it. The first request has sequence number 1. */
final class NetlinkConnectionTest {
    private static final int TYPE = 20;
    private static final int MULTI = 0x2;
    private static final int INTERRUPTED = 0x12;

    private final ScriptedTransport script = new ScriptedTransport();
    private final NetlinkConnection connection = connection();
    private final MessageWriter w = new MessageWriter(256);

    private NetlinkConnection connection() {
        AttributeNames names =
                AttributeNames.of("A_", "UNSPEC ONE").nest("ONE", AttributeNames.of("B_", "UNSPEC - TWO"));
        try {
            return new NetlinkConnection(script, type -> type == TYPE ? new MessageKind("OP", 4, names) : null);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private MessageWriter one() {
        w.reset().begin(TYPE, 0).u32(7).end();
        return w;
    }

    private void request() throws Exception {
        connection.request(one());
    }

    private List<Integer> dump() throws Exception {
        return connection.dump(one(), (type, b, offset, length) -> b.getInt(offset));
    }

    private static byte[] part(int flags, int sequence, int value) {
        return message(TYPE, flags, sequence, "%02x000000".formatted(value));
    }

    private NetlinkException refused() {
        return assertThrows(NetlinkException.class, this::request);
    }

    @Test
    void aRequestAsksForAnAcknowledgementAndCounts() throws Exception {
        script.datagram(error(1, 0)).datagram(error(2, 0));
        request();
        request();
        assertArrayEquals(message(TYPE, 0x5, 1, "07000000"), script.sent(0));
        assertArrayEquals(message(TYPE, 0x5, 2, "07000000"), script.sent(1));
    }

    /** {@code ip -6 addr add} of an address that exists already, with NETLINK_EXT_ACK and NETLINK_CAP_ACK. */
    @Test
    void aRefusalSaysAllThatTheKernelSaid() {
        String text = "697076363a206164647265737320616c72656164792061737369676e6564 00";
        script.datagram(message(
                2,
                0x300,
                1,
                "efffffff 5c000000 1400 0506 01000000 00000000 2300 0100" + text + "00 0800 0200 18000000"));
        NetlinkException e = refused();
        assertEquals("OP: EEXIST, ipv6: address already assigned (at byte 24 of the request)", e.getMessage());
        assertEquals("OP", e.operation());
        assertEquals(Errno.EEXIST, e.errno());
        assertEquals("EEXIST", e.errnoName());
        assertEquals("ipv6: address already assigned", e.kernelMessage());
        assertEquals(24, e.offset());
        assertEquals(1, e.sequence());
    }

    @Test
    void aRefusalMayRepeatTheRequestOrSayNothing() {
        script.datagram(message(2, 0x200, 1, "ffffffff 14000000 1400 0500 01000000 00000000 07000000 0600 0100 6100"));
        assertEquals("OP: EPERM, a", refused().getMessage());
        script.datagram(message(2, 0, 2, "ffffffff"));
        assertEquals("OP: EPERM", refused().getMessage());
        script.datagram(message(2, 0x300, 3, "eaffffff 10000000 1400 0500 03000000 00000000 0800 0500 02000000"));
        assertEquals("OP: EINVAL (2 is missing)", refused().getMessage());
    }

    /** An attribute is inside of another: 20 is where the first one's header is in a message with 4 bytes before it. */
    @Test
    void aRefusalSaysWhichAttributeItIsAbout() {
        w.reset().begin(TYPE, 0).u32(7);
        int outer = w.nest(1);
        w.attrU32(2, 5).attrU32(3, 6).endNest(outer);
        w.end();
        for (String[] expected : new String[][] {
            {"14", "A_ONE"}, {"18", "A_ONE/B_TWO"}, {"1c", "A_ONE/B_TWO"}, {"20", "A_ONE/3"}, {"10", ""}, {"ff", ""}
        }) {
            int sequence = script.sent() + 1;
            script.datagram(message(
                    2,
                    0x300,
                    sequence,
                    "eaffffff 24000000 1400 0500 01000000 00000000 0800 0200 " + expected[0] + "000000"));
            NetlinkException e = assertThrows(NetlinkException.class, () -> connection.request(w));
            assertEquals(expected[1], e.path(), expected[0]);
        }
    }

    @Test
    void aRefusalThatIsCutShortIsMalformed() {
        script.datagram(message(2, 0x200, 1, "ffffffff ff000000 1400 0500 01000000 00000000"));
        assertThrows(MalformedMessageException.class, this::request);
        script.datagram(message(2, 0, 2, "ffff"));
        assertThrows(MalformedMessageException.class, this::request);
    }

    @Test
    void theRestOfWhatWasGivenUpIsSkipped() throws Exception {
        script.nothing();
        assertEquals("OP: ETIMEDOUT, no answer in 10 s", refused().getMessage());
        script.datagram(error(1, Errno.EPERM)).nothing().datagram(part(MULTI, 1, 1), error(2, 0));
        request();
    }

    /** Where the kernel has lost something, it says nothing more until the socket is empty. */
    @Test
    void afterALossTheSocketIsEmptiedBeforeTheNextRequest() throws Exception {
        script.failure(new NetlinkException("recvmsg", Errno.ENOBUFS));
        assertThrows(NetlinkException.class, this::request);
        script.datagram(error(1, 0)).failure(new NetlinkException("recvmsg", Errno.ENOBUFS));
        script.datagram(error(1, 0)).nothing().datagram(error(2, 0));
        request();
        assertEquals(2, script.sent());
    }

    @Test
    void aRefusalIsFoundBehindALoss() {
        script.failure(new NetlinkException("recvmsg", Errno.ENOBUFS)).datagram(error(3, Errno.ENOENT));
        NetlinkException e = assertThrows(NetlinkException.class, () -> connection.batch("OP", batch()));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals(2, e.index());
        assertEquals(Errno.ENOBUFS, ((NetlinkException) e.getSuppressed()[0]).errno());
    }

    @Test
    void anAnswerToWhatWasNeverAskedIsAnError() {
        script.datagram(error(99, 0));
        NetlinkException e = refused();
        assertEquals(Errno.EPROTO, e.errno());
        script.nothing().datagram(error(2, 0));
        assertDoesNotThrow(this::request, "and the next is not hurt by it");
    }

    @Test
    void aLostAnswerIsNoSuccess() {
        script.failure(new NetlinkException("recvmsg", Errno.ENOBUFS));
        NetlinkException e = refused();
        assertEquals(Errno.ENOBUFS, e.errno());
        assertEquals("OP: ENOBUFS, the answer was lost (recvmsg: ENOBUFS)", e.getMessage());
    }

    @Test
    void aMessageThatClaimsNothingOrTooMuchEndsTheReading() {
        for (String length : List.of("00000000", "0f000000", "25000000", "ffffffff", "ffffff7f")) {
            byte[] bad = error(1, 0);
            byte[] claim = HexFormat.of().parseHex(length);
            System.arraycopy(claim, 0, bad, 0, 4);
            if (script.sent() > 0) {
                script.nothing(); // what the one before may have left
            }
            script.datagram(bad);
            assertThrows(MalformedMessageException.class, this::request, length);
        }
    }

    @Test
    void aDumpArrivesInAsManyPiecesAsTheKernelLikes() throws Exception {
        script.datagram(part(MULTI, 1, 1), part(MULTI, 1, 2))
                .datagram(part(MULTI, 1, 3))
                .datagram(done(0, 1));
        assertEquals(List.of(1, 2, 3), dump());
        assertArrayEquals(message(TYPE, 0x301, 1, "07000000"), script.sent(0));
        script.datagram(message(3, MULTI, 2, ""));
        assertEquals(List.of(), dump(), "some dumps end without a word");
    }

    @Test
    void anInterruptedDumpBeginsAgain() throws Exception {
        script.datagram(part(MULTI, 1, 1)).datagram(part(INTERRUPTED, 1, 2)).datagram(done(0, 1));
        script.datagram(part(MULTI, 2, 3), done(0x10, 2));
        script.datagram(part(MULTI, 3, 4), done(0, 3));
        assertEquals(List.of(4), dump());
        assertEquals(3, script.sent());
    }

    @Test
    void aDumpThatIsAlwaysInterruptedIsGivenUp() {
        for (int i = 1; i <= 5; i++) {
            script.datagram(part(INTERRUPTED, i, i), done(0x10, i));
        }
        NetlinkException e = assertThrows(NetlinkException.class, this::dump);
        assertEquals("OP: EINTR, interrupted by changes 5 times", e.getMessage());
        assertEquals(5, script.sent());
    }

    @Test
    void aDumpMayFailAtItsEnd() {
        // As of strict checking: the error is in NLMSG_DONE, and attributes follow it at once.
        script.datagram(message(3, 0x202, 1, "eaffffff 0600 0100 6100"));
        assertEquals(
                "OP: EINVAL, a",
                assertThrows(NetlinkException.class, this::dump).getMessage());
        script.datagram(part(MULTI, 2, 1)).datagram(error(2, Errno.EPERM));
        assertEquals(
                "OP: EPERM", assertThrows(NetlinkException.class, this::dump).getMessage());
    }

    @Test
    void aDecoderThatFailsDoesNotLeaveTheRestBehind() throws Exception {
        script.datagram(part(MULTI, 1, 1), part(MULTI, 1, 2)).datagram(part(MULTI, 1, 3), done(0, 1));
        script.datagram(part(MULTI, 2, 4), done(0, 2));
        assertThrows(MalformedMessageException.class, () -> connection.dump(one(), NetlinkConnectionTest::fail));
        assertEquals(List.of(4), dump());
    }

    private static Integer fail(int type, ByteBuffer b, int offset, int length) {
        throw new MalformedMessageException("on purpose", offset);
    }

    @Test
    void aQueryGathersWhatComesBeforeTheAcknowledgement() throws Exception {
        script.datagram(part(0, 1, 9)).datagram(error(1, 0));
        assertEquals(List.of(9), connection.query(one(), (t, b, offset, l) -> b.getInt(offset)));
    }

    @Test
    void aBatchIsBelievedByItsLastChange() throws Exception {
        script.datagram(error(4, 0));
        connection.batch("OP", batch());
        byte[] sent = script.sent(0);
        assertEquals(5 * 16, sent.length);
        for (int i = 0; i < 5; i++) {
            assertEquals(i + 1, sent[16 * i + 8], "sequence number");
            assertEquals(i == 3 ? 4 : 0, sent[16 * i + 6], "NLM_F_ACK");
        }
    }

    @Test
    void aBatchWithErrorsSaysWhichMessagesAndAll() {
        script.datagram(error(3, Errno.ENOENT)).datagram(error(4, Errno.EEXIST));
        NetlinkException e = assertThrows(NetlinkException.class, () -> connection.batch("OP", batch()));
        assertEquals("OP: ENOENT (message 2 of the batch, at message type 2563)", e.getMessage());
        assertEquals("message type 2563", e.path());
        assertEquals(2, e.index());
        assertEquals(3, ((NetlinkException) e.getSuppressed()[0]).index());
    }

    /** [good, bad, good]: the last change is acknowledged although nothing has happened. */
    @Test
    void anAcknowledgementBehindAnErrorIsNone() {
        script.datagram(error(3, Errno.ENOENT), error(4, 0));
        NetlinkException e = assertThrows(NetlinkException.class, () -> connection.batch("OP", batch()));
        assertEquals(Errno.ENOENT, e.errno());
    }

    @Test
    void anErrorOfTheBatchAsAWholeIsTheLastWord() throws Exception {
        script.datagram(error(1, Errno.ERESTART)).datagram(error(4, 0));
        NetlinkException e = assertThrows(NetlinkException.class, () -> connection.batch("OP", batch()));
        assertEquals("OP: ERESTART", e.getMessage());
        assertEquals(0, e.index());
        script.datagram(error(6, 0));
        request();
    }

    private MessageWriter batch() {
        w.reset();
        for (int type : new int[] {0x10, 0xa00, 0xa03, 0xa06, 0x11}) {
            w.begin(type, 0).end();
        }
        return w;
    }

    @Test
    void whatIsTooLongIsNotSent() {
        MessageWriter big = new MessageWriter(1024);
        big.begin(TYPE, 0).zeros(ScriptedTransport.SEND_LIMIT).end();
        NetlinkException e = assertThrows(NetlinkException.class, () -> connection.request(big));
        assertEquals("OP: EMSGSIZE, 528 bytes are more than the 512 that this socket sends at once", e.getMessage());
        assertEquals(0, script.sent());
    }

    @Test
    void whatIsNotOneMessageIsNotSent() {
        w.reset();
        assertThrows(IllegalArgumentException.class, () -> connection.request(w));
        w.begin(TYPE, 0);
        assertThrows(IllegalArgumentException.class, () -> connection.request(w));
        w.end();
        w.begin(TYPE, 0).end();
        assertThrows(IllegalArgumentException.class, () -> connection.request(w));
        w.reset().begin(0x10, 0).end();
        assertThrows(IllegalArgumentException.class, () -> connection.batch("OP", w));
        assertEquals(0, script.sent());
    }

    @Test
    void aRepeatedRequestAllocatesNothing() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        MessageWriter noop = new MessageWriter(64);
        try (NetlinkConnection kernel = NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, Vocabulary.NONE)) {
            requests(kernel, noop, 20_000);
            long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
            requests(kernel, noop, 10_000);
            long allocated =
                    threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            assertTrue(allocated < 10_000, () -> allocated + " bytes in 10,000 requests");
        }
    }

    /** {@code NLMSG_NOOP} with {@code NLM_F_ACK}: the whole way there and back, and nothing is done. */
    private static void requests(NetlinkConnection kernel, MessageWriter noop, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            noop.reset().begin(1, 0).attrU32(1, i).end();
            kernel.request(noop);
        }
    }
}
