package org.mayfly.netlink.nft.expr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/**
 * Golden bytes of what {@code nft} 1.0.6 sends, little-endian: {@code unshare -n strace -e trace=sendmsg -e write=all
 * -s 100000 nft -f FILE}; those marked <em>dump</em> are what the kernel answers: {@code … strace -e trace=recvmsg -e
 * read=all nft list ruleset}, less the {@code NLA_F_NESTED} bits it does not set and with those that we set.
 */
class ExpressionTest {
    private static final int RULE_EXPRESSIONS = 4;
    private static final Bytes PREFIX = Bytes.ofHex("20010db8 00000000");

    static Stream<Arguments> golden() {
        return Stream.of(
                // iif lo
                golden(new Meta(Meta.IIF, 1), "080002 0000000004 080001 0000000001"),
                golden(
                        new Cmp(1, Cmp.EQ, Bytes.ofHex("01000000")),
                        "080001 0000000001 080002 0000000000 0c000380 0800010001000000"),
                // counter accept
                golden(Counter.ZERO, ""),
                golden(new Immediate(Verdict.ACCEPT), "080001 0000000000 10000280 0c000280 0800010000000001"),
                // drop
                golden(new Immediate(Verdict.DROP), "080001 0000000000 10000280 0c000280 0800010000000000"),
                // jump other
                golden(
                        new Immediate(Verdict.jump("other")),
                        "080001 0000000000 1c000280 18000280 08000100fffffffd 0a0002006f74686572000000"),
                // ct state established,related
                golden(new Ct(Ct.STATE, 1), "080002 0000000000 080001 0000000001"),
                // ip6 saddr & ffff:ffff:ffff:ffff::
                golden(
                        Bitwise.and(1, Bytes.ofHex("ffffffffffffffff 0000000000000000")),
                        "080001 0000000001 080002 0000000001 080006 0000000000 080003 0000000010"
                                + "18000480 14000100ffffffffffffffff0000000000000000"
                                + "18000580 1400010000000000000000000000000000000000"),
                golden(
                        new Cmp(1, Cmp.NEQ, Bytes.ofHex("00000000")),
                        "080001 0000000001 080002 0000000001 0c000380 0800010000000000"),
                // ip6 daddr 2001:db8::/64
                golden(
                        new Payload(Payload.NETWORK_HEADER, 24, 8, 1),
                        "080001 0000000001 080002 0000000001 080003 0000000018 080004 0000000008"),
                golden(
                        new Cmp(1, Cmp.EQ, PREFIX),
                        "080001 0000000001 080002 0000000000 10000380 0c00010020010db800000000"),
                // ip6 daddr @d
                golden(new Lookup("d", 1, false), "080002 0000000001 06000100 64000000"),
                // ip6 daddr != @d, dump
                golden(new Lookup("d", 1, true), "080002 0000000001 06000100 64000000 080005 0000000001"),
                golden(new Counter(3, 180), "0c0001 0000000000000000b4 0c0002 000000000000000003"));
    }

    private static Arguments golden(Expression e, String data) {
        return Arguments.of(e, Bytes.ofHex(data));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isWrittenAsNftWritesIt(Expression e, Bytes data) {
        MessageWriter w = new MessageWriter(512);
        e.writeData(w);
        assertEquals(data, written(w));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isReadBack(Expression e, Bytes data) {
        assertEquals(List.of(e), readAlone(e.name(), data.toArray()));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void withAnAttributeNobodyKnowsIsKeptAsBytes(Expression e, Bytes data) {
        Bytes more = Bytes.ofHex(data + "0800ff0000000007");
        List<Expression> kept = List.of(new UnknownExpression(e.name(), more));
        assertEquals(kept, readAlone(e.name(), more.toArray()));
        MessageWriter w = new MessageWriter(512);
        kept.get(0).writeData(w);
        assertEquals(more, written(w));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void cutShortIsRefusedOrKept(Expression e, Bytes data) {
        byte[] whole = list(e.name(), data.toArray());
        for (int n = 0; n < whole.length; n++) {
            ByteBuffer cut = ByteBuffer.allocateDirect(n).put(0, whole, 0, n);
            try {
                Expression.readList(new AttributeReader(cut, 0, n)).forEach(Expression::name);
            } catch (MalformedMessageException expected) {
                // says where
            }
        }
    }

    /** {@code ct state established,related}: there {@code nft} leaves out the operation. */
    @Test
    void bitwiseWithoutAnOperationIsMaskAndXor() {
        Bytes data = Bytes.ofHex("080001 0000000001 080002 0000000001 080003 0000000004"
                + " 0c000480 0800010006000000 0c000580 0800010000000000");
        assertEquals(List.of(Bitwise.and(1, Bytes.ofHex("06000000"))), readAlone("bitwise", data.toArray()));
    }

    @Test
    void aKindNobodyKnowsIsKeptAsBytes() {
        Bytes data = Bytes.ofHex("0800010000000001");
        assertEquals(List.of(new UnknownExpression("quota", data)), readAlone("quota", data.toArray()));
    }

    @Test
    void anExpressionNeedsAName() {
        MessageWriter w = new MessageWriter(64);
        w.endNest(w.nest(Expression.NFTA_LIST_ELEM));
        AttributeReader a = new AttributeReader(w.buffer(), 0, w.length());
        assertThrows(MalformedMessageException.class, () -> Expression.readList(a));
    }

    @Test
    void aValueTooShortForItsTypeIsRefused() {
        assertThrows(
                MalformedMessageException.class,
                () -> readAlone("meta", Bytes.ofHex("05000200 04000000").toArray()));
    }

    @Test
    void registersHaveTheNamesADumpGivesThem() {
        assertEquals(
                List.of(1, 2, 3, 17),
                Stream.of(0, 4, 8, 9).map(Register::atWord).toList());
        assertEquals(List.of(9, 13), Stream.of(1, 5).map(Register::atWord).toList());
        assertThrows(IllegalArgumentException.class, () -> Register.atWord(16));
    }

    @Test
    void aVerdictLeadsToAChainOrNot() {
        assertThrows(IllegalArgumentException.class, () -> new Verdict(Verdict.JUMP, null));
        assertThrows(IllegalArgumentException.class, () -> new Verdict(0, "other"));
        assertThrows(IllegalArgumentException.class, () -> new Bitwise(1, 1, PREFIX, Bytes.EMPTY));
    }

    private static List<Expression> readAlone(String name, byte[] data) {
        byte[] list = list(name, data);
        return Expression.readList(new AttributeReader(ByteBuffer.wrap(list), 0, list.length));
    }

    private static byte[] list(String name, byte[] data) {
        MessageWriter w = new MessageWriter(1024);
        Expression.writeList(w, RULE_EXPRESSIONS, List.of(new UnknownExpression(name, Bytes.of(data))));
        byte[] all = written(w).toArray();
        return java.util.Arrays.copyOfRange(all, MessageWriter.ATTRIBUTE_HEADER, all.length);
    }

    private static Bytes written(MessageWriter w) {
        byte[] b = new byte[w.length()];
        w.buffer().get(0, b);
        return Bytes.of(b);
    }
}
