package org.mayfly.netlink.nft.expr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.ExtendedAck;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.Vocabulary;

/** The bytes of {@link GoldenExpression} both ways, and what is not as it should be. */
class ExpressionTest {
    private static final int RULE_EXPRESSIONS = 4;
    private static final Bytes PREFIX = Bytes.ofHex("20010db8 00000000");

    static Stream<GoldenExpression> golden() {
        return GoldenExpression.all();
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isWrittenAsNftWritesIt(GoldenExpression g) {
        assertEquals(g.data(), data(g.expression()));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isReadBack(GoldenExpression g) {
        assertEquals(List.of(g.expression()), readAlone(g.expression().name(), g.data()));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isReadAsTheKernelGivesItBack(GoldenExpression g) {
        assertEquals(List.of(g.expression()), readAlone(g.expression().name(), g.dump()));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void numbersAndNamesLongerThanKnownAreReadFromTheirFront(GoldenExpression g) {
        MessageWriter longer = new MessageWriter(1024);
        AttributeReader a = reader(g.data());
        while (a.next()) {
            if ((a.rawType() & MessageWriter.NLA_F_NESTED) != 0) {
                RawAttribute.of(a).write(longer);
            } else {
                longer.attrBytes(
                        a.rawType(), Bytes.ofHex(Bytes.of(a.bytes()) + "ffff").toArray());
            }
        }
        assertEquals(List.of(g.expression()), readAlone(g.expression().name(), written(longer)));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void withAnAttributeNobodyKnowsIsKeptAsBytes(GoldenExpression g) {
        for (String unknown : List.of("0800ff0000000007", "0800140000000007")) {
            Bytes more = Bytes.ofHex(g.data() + unknown);
            Expression kept = new UnknownExpression(g.expression().name(), more);
            assertEquals(List.of(kept), readAlone(kept.name(), more));
            assertEquals(more, data(kept));
        }
    }

    static Stream<GoldenExpression> goldenWithData() {
        return golden().filter(g -> g.data().length() > 0);
    }

    @ParameterizedTest
    @MethodSource("goldenWithData")
    void withAnAttributeTwiceIsKeptAsBytes(GoldenExpression g) {
        Bytes twice = Bytes.ofHex(g.data().toString() + g.data());
        Expression kept = new UnknownExpression(g.expression().name(), twice);
        assertEquals(List.of(kept), readAlone(kept.name(), twice));
    }

    @ParameterizedTest
    @MethodSource("golden")
    void cutShortIsRefusedOrKept(GoldenExpression g) {
        byte[] whole = list(g.expression().name(), g.data()).toArray();
        for (int n = 0; n < whole.length; n++) {
            ByteBuffer cut = ByteBuffer.allocateDirect(n).put(0, whole, 0, n);
            try {
                Expression.readList(new AttributeReader(cut, 0, n)).forEach(Expression::name);
            } catch (MalformedMessageException expected) {
                // says where
            }
        }
    }

    /** Of every attribute that is sent an error can say what it is called. */
    @ParameterizedTest
    @MethodSource("golden")
    void everyAttributeHasAName(GoldenExpression g) {
        MessageWriter w = new MessageWriter(1024);
        Expression.writeList(w.begin(7, 0), RULE_EXPRESSIONS, List.of(g.expression()));
        w.end();
        AttributeNames names = AttributeNames.of("", "UNSPEC 1 2 3 LIST").nest("LIST", Expression.LIST_NAMES);
        Vocabulary vocabulary = type -> new MessageKind("M", 0, names);
        String all = "NFTA_" + g.expression().name().toUpperCase(Locale.ROOT) + "_";
        for (int offset = w.length() - g.data().length(); offset < w.length(); offset += 4) {
            String path = vocabulary.path(w.buffer(), 0, new ExtendedAck(22, "", offset, -1));
            assertTrue(path.startsWith("LIST/NFTA_LIST_ELEM[0]/NFTA_EXPR_DATA/" + all), path);
            assertFalse(Pattern.compile("(^|/)[0-9]+(/|$)").matcher(path).find(), path);
        }
    }

    /** Of everything that can be read there is an example. */
    @Test
    void everyExpressionIsHere() {
        Set<Class<?>> here =
                golden().map(g -> g.expression().getClass()).collect(Collectors.toCollection(HashSet::new));
        here.add(BitwiseBool.class); // nft 1.0.6 does not know it
        here.add(UnknownExpression.class);
        assertEquals(Set.of(Expression.class.getPermittedSubclasses()), here);
    }

    /** By hand: {@code SREG, SREG2, DREG, OP, LEN} of {@code enum nft_bitwise_attributes} in Linux 6.13. */
    @Test
    void twoRegistersTogether() {
        BitwiseBool or = new BitwiseBool(1, 2, 3, BitwiseBool.OR, 4);
        Bytes data =
                Bytes.ofHex("0800010000000001 0800080000000002 0800020000000003 0800060000000004 0800030000000004");
        assertEquals(data, data(or));
        assertEquals(List.of(or), readAlone("bitwise", data));
    }

    /** A map of a batch that is named by its id, or a limit with flags to come: nothing of it may be lost. */
    @Test
    void aKnownAttributeWithAnUnknownMeaningIsKeptAsBytes() {
        for (String[] odd : new String[][] {
            {"lookup", "06000100 73000000 0800020000000001 0800040000000001"},
            {"lookup", "06000100 73000000 0800020000000001 0800050000000002"},
            {"lookup", "06000100 73000000 0800020000000001 0800030000000001 0800050000000001"},
            {"limit", "0c0001000000000000000005 0c0002000000000000000001 0800050000000002"},
            {"dynset", "0800040000000001 0800030000000000 06000100 73000000 0800090000000004"},
            {"immediate", "0800010000000000 0c0002800800010000000001"},
            {"immediate", "0800010000000001 100002800c0002800800010000000001"},
            {"immediate", "0800010000000000 100002800c00028008000100fffffffd"},
            {"bitwise", "0800010000000001 0800020000000001 0800060000000007 0800030000000004 0c0007800800010002000000"},
            {"queue", "0800040000000001"},
            {"exthdr", "0500020004000000 0800030000000001 0800060000000001"},
            {"exthdr", "0800070000000001 0500020002000000 0800030000000002 0800040000000002 0800050000000001"},
        }) {
            Bytes data = Bytes.ofHex(odd[1]);
            assertEquals(List.of(new UnknownExpression(odd[0], data)), readAlone(odd[0], data));
        }
    }

    @Test
    void aSetThatIsChangedWithinAChangeOfASetIsKeptAsBytes() {
        MessageWriter w = new MessageWriter(1024);
        Dynset inner = new Dynset("s", Dynset.ADD, 1);
        new Dynset("s", Dynset.ADD, 1, Register.NONE, Duration.ZERO, List.of(inner), false).writeData(w);
        assertEquals(List.of(new UnknownExpression("dynset", written(w))), readAlone("dynset", written(w)));
    }

    /** {@code ct state established,related}: there {@code nft} leaves out the operation. */
    @Test
    void bitwiseWithoutAnOperationIsMaskAndXor() {
        Bytes data = Bytes.ofHex("080001 0000000001 080002 0000000001 080003 0000000004"
                + " 0c000480 0800010006000000 0c000580 0800010000000000");
        assertEquals(List.of(Bitwise.and(1, Bytes.ofHex("06000000"))), readAlone("bitwise", data));
    }

    @Test
    void aKindNobodyKnowsIsKeptAsBytes() {
        Bytes data = Bytes.ofHex("0800010000000001");
        Expression quota = new UnknownExpression("quota", data);
        assertEquals(List.of(quota), readAlone("quota", data));
        assertEquals("UnknownExpression[name=quota, data=0800010000000001]", quota.toString());
    }

    /** As the kernel dumps what has nothing to say. */
    @Test
    void anExpressionMayHaveNoData() {
        for (Expression e : List.of(Counter.ZERO, new Notrack())) {
            MessageWriter w = new MessageWriter(64);
            int element = w.nest(Expression.NFTA_LIST_ELEM);
            w.attrString(Expression.NFTA_EXPR_NAME, e.name()).endNest(element);
            assertEquals(List.of(e), Expression.readList(reader(written(w))));
        }
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
                () -> readAlone("meta", Bytes.ofHex("05000200 04000000 0800010000000001")));
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
    }

    @Test
    void whatCannotBeWrittenIsRefused() {
        for (Executable e : List.<Executable>of(
                () -> new Bitwise(1, 1, PREFIX, Bytes.EMPTY),
                () -> new Range(1, Range.EQ, PREFIX, Bytes.EMPTY),
                () -> new ImmediateValue(Register.VERDICT, PREFIX),
                () -> new Ct(Ct.STATE, 256, 1),
                () -> new CtSet(Ct.ZONE, -2, 1),
                () -> new LogGroup("", 65536, LogGroup.WHOLE, 0),
                () -> new LogGroup("", 1, LogGroup.WHOLE, -1),
                () -> new Exthdr(Exthdr.IPV6, 256, 0, 1, true, 1),
                () -> new Queue(65536, 1, 0),
                () -> new Reject(Reject.ICMP_UNREACH, 256),
                () -> Value.name("sixteen-letters!"))) {
            assertThrows(IllegalArgumentException.class, e);
        }
    }

    @Test
    void onePortIsARangeOfOne() {
        assertEquals(Redir.toPort(1), new Redir(1, Register.NONE, Redir.PROTO_SPECIFIED));
    }

    @Test
    void valuesHaveTheOrderTheyAreNamedAfter() {
        assertEquals(Bytes.ofHex("01bb"), Value.be16(443));
        assertEquals(Bytes.ofHex("01020304"), Value.be32(0x01020304));
        assertEquals(Bytes.ofHex("000000000000000a"), Value.be64(10));
        assertEquals(Bytes.ofHex("fe"), Value.u8(0xfe));
        assertEquals(Bytes.ofHex("6c6f0000000000000000000000000000"), Value.name("lo"));
        ByteBuffer host = ByteBuffer.allocate(14).order(ByteOrder.nativeOrder());
        host.putShort((short) 0xfffe).putInt(6).putLong(-2);
        assertEquals(
                Bytes.of(host.array()), Bytes.ofHex("" + Value.host16(0xfffe) + Value.host32(6) + Value.host64(-2)));
    }

    private static List<Expression> readAlone(String name, Bytes data) {
        return Expression.readList(reader(list(name, data)));
    }

    private static AttributeReader reader(Bytes b) {
        return new AttributeReader(ByteBuffer.wrap(b.toArray()), 0, b.length());
    }

    private static Bytes list(String name, Bytes data) {
        MessageWriter w = new MessageWriter(1024);
        Expression.write(w, Expression.NFTA_LIST_ELEM, new UnknownExpression(name, data));
        return written(w);
    }

    private static Bytes data(Expression e) {
        MessageWriter w = new MessageWriter(512);
        e.writeData(w);
        return written(w);
    }

    private static Bytes written(MessageWriter w) {
        byte[] b = new byte[w.length()];
        w.buffer().get(0, b);
        return Bytes.of(b);
    }
}
