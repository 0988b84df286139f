package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.expr.Bitwise;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Ct;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Register;
import org.mayfly.netlink.nft.expr.Verdict;

/**
 * Golden bytes of {@code nft} 1.0.6 and Linux 6.18, little-endian, without the netlink header. Requests: {@code unshare
 * -n strace -e trace=sendmsg -e write=all -s 100000 nft -f FILE}. Answers: {@code unshare -n sh -c 'nft -f FILE; strace
 * -e trace=recvmsg -e read=all -s 100000 nft list ruleset'}.
 */
class NftObjectTest {
    private static final Table TABLE = new Table(NftFamily.INET, "mayfly");

    /** {@code type filter hook input priority filter - 10; policy accept; comment "what this is for"}. */
    private static final Chain GUARD = Chain.filter(TABLE, "guard", new Hook(Hook.INPUT, -10), Chain.POLICY_ACCEPT)
            .withComment("what this is for");

    private static final KeyType KEY =
            KeyType.of(DataType.IPV6_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE);

    /** The third item, {@code NFTNL_UDATA_SET_KEY_TYPEOF}, says "a concatenation" and nothing else; we leave it out. */
    private static final UserData SET_DATA = UserData.EMPTY
            .with(0, KEY.byteOrderBytes())
            .with(3, Bytes.ofHex("00040d0000000100").toArray())
            .with(7, "hello");

    private static final String TABLE_NAME = "0b000100 6d6179666c7900";
    private static final String KEY_22 =
            "20010db8000000000000000000000001 20010db8000000000000000000000002 06000000" + " 00160000";
    private static final String KEY_23 = KEY_22.replace("00160000", "00170000");

    private static final String RULE_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0a00020067756172640000000c00030000000000000000070c0006000000000000000006f80004"
            + "0020000100070001006374000014000200080002000000000008000100000000014c0001000c000100626974776973"
            + "65003c00020008000100000000010800020000000001080003000000000408000600000000000c000400080001000600"
            + "00000c00050008000100000000002c00010008000100636d700020000200080001000000000108000200000000010c00"
            + "030008000100000000002c0001000c000100636f756e746572001c0002000c00010000000000000000000c0002000000"
            + "000000000000300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c0002000800"
            + "0100000000010800070000027900";

    private static final String ELEMENTS_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0700020073320000 a8000300"
            + "4c000100 30000100 2c000100" + KEY_23 + "0c0004000000000000007530 0c0005000000000000004e18"
            + "58000100 30000100 2c000100" + KEY_22 + "0c0004000000000000007530 0c0005000000000000007528"
            + "0900060000036869 00000000";

    private static final String CHAIN_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0a0003006775617264000000 0c00020000000000 00000001 14000400 0800010000000001 08000200fffffff6"
            + "0800050000000001 0b00070066696c7465720000 08000a0000000001 0800060000000005"
            + "17000c00 0011 77686174207468697320697320666f7200 00";

    private static final String SET_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0700020073320000 0c00100000000000 00000003 0800030000000010 080004000020830d 0800050000000028"
            + "1c000d00 000400000000 0308 00040d0000000100 070668656c6c6f00 04000900 0800140000000002";

    static Stream<Arguments> answers() {
        return Stream.of(
                answer(
                        Table::read,
                        "01000002" + TABLE_NAME + "00 0800030000000005 0c00040000000000 00000001"
                                + " 0800020000000000 0a00060000 04646f63000000"),
                answer(Chain::read, CHAIN_ANSWER),
                answer(Rule::read, RULE_ANSWER),
                answer(ElementList::read, ELEMENTS_ANSWER));
    }

    private static Arguments answer(BiFunction<NftFamily, AttributeReader, Object> read, String hex) {
        return Arguments.of(read, Bytes.ofHex(hex));
    }

    @Test
    void tableAsNftWritesIt() {
        MessageWriter w = body();
        TABLE.write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0800020000000000"), written(w));
    }

    @Test
    void tableAsTheKernelAnswers() {
        Table t = (Table) read(
                Table::read,
                Bytes.ofHex("01000002" + TABLE_NAME
                        + "00 0800030000000005 0c00040000000000 00000001 0800020000000000 0a00060000 04646f63000000"));
        assertEquals(new Table(NftFamily.INET, "mayfly", 0, UserData.comment("doc"), 1, List.of()), t);
        assertEquals("doc", t.userData().comment());
    }

    @Test
    void baseChainAsNftWritesIt() {
        MessageWriter w = body();
        GUARD.write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0a0003006775617264000000 0b00070066696c7465720000"
                        + " 14000480 0800010000000001 08000200fffffff6 0800050000000001"
                        + " 17000c00 0011 77686174207468697320697320666f7200 00"),
                written(w));
    }

    @Test
    void baseChainAsTheKernelAnswers() {
        Chain c = (Chain) read(Chain::read, Bytes.ofHex(CHAIN_ANSWER));
        RawAttribute flags = new RawAttribute(10, Bytes.ofHex("00000001")); // NFT_CHAIN_BASE
        assertEquals(
                new Chain(
                        NftFamily.INET,
                        "mayfly",
                        "guard",
                        "filter",
                        new Hook(Hook.INPUT, -10),
                        Chain.POLICY_ACCEPT,
                        UserData.comment("what this is for"),
                        1,
                        List.of(flags)),
                c);
    }

    @Test
    void chainAsNftWritesIt() {
        MessageWriter w = body();
        new Chain(NftFamily.INET, "mayfly", "other").write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0a0003006f74686572000000"), written(w));
    }

    @Test
    void aHookTiedToADeviceIsKept() {
        String hook = "0800010000000000 0800020000000000 0900030065746830 00000000";
        Chain c = (Chain)
                read(Chain::read, Bytes.ofHex("05000002" + TABLE_NAME + "00 0a0003006775617264000000 20000400" + hook));
        assertNull(c.hook());
        assertEquals(List.of(new RawAttribute(4, Bytes.ofHex(hook))), c.unknown());
        assertEquals(NftFamily.NETDEV, c.family());
    }

    /** {@code iif lo counter accept comment "loopback"}. */
    @Test
    void ruleAsNftWritesIt() {
        MessageWriter w = body();
        Rule.of(
                        GUARD,
                        "loopback",
                        List.of(
                                new Meta(Meta.IIF, Register.REG_1),
                                new Cmp(Register.REG_1, Cmp.EQ, Bytes.ofHex("01000000")),
                                Counter.ZERO,
                                new Immediate(Verdict.ACCEPT)))
                .write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0a0002006775617264000000 98000480"
                        + "24000180 090001006d65746100000000 14000280 0800020000000004 0800010000000001"
                        + "2c000180 08000100636d7000 20000280 0800010000000001 0800020000000000 0c000380 0800010001000000"
                        + "14000180 0c000100636f756e74657200 04000280"
                        + "30000180 0e000100696d6d6564696174650000 00 1c000280 0800010000000000 10000280 0c000280"
                        + "0800010000000001 0f000700 0009 6c6f6f706261636b00 00"),
                written(w));
    }

    @Test
    void ruleAsTheKernelAnswers() {
        Rule r = (Rule) read(Rule::read, Bytes.ofHex(RULE_ANSWER));
        Rule ours = established();
        assertEquals(new Rule(NftFamily.INET, "mayfly", "guard", ours.expressions(), ours.userData(), 7, List.of()), r);
        assertEquals("y", r.comment());
        assertEquals(Counter.ZERO, r.counter());
    }

    /** {@code ct state established,related counter accept comment "y"}. */
    private static Rule established() {
        return Rule.of(
                GUARD,
                "y",
                List.of(
                        new Ct(Ct.STATE, 1),
                        Bitwise.and(1, Bytes.ofHex("06000000")),
                        new Cmp(1, Cmp.NEQ, Bytes.ofHex("00000000")),
                        Counter.ZERO,
                        new Immediate(Verdict.ACCEPT)));
    }

    /** {@code type ipv6_addr . ipv6_addr . inet_proto . inet_service; flags timeout; comment "hello"}. */
    @Test
    void setAsNftWritesIt() {
        MessageWriter w = body();
        new NftSet(NftFamily.INET, "mayfly", "s2", NftSet.TIMEOUT, KEY, SET_DATA, 0, List.of()).write(w, 1);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0700020073320000 0800030000000010 080004000020830d 0800050000000028"
                        + " 08000a0000000001 1c000d00 000400000000 0308 00040d0000000100 070668656c6c6f00"),
                written(w));
    }

    @Test
    void ourUserDataOfASet() {
        NftSet s = NftSet.of(TABLE, "s2", KEY, NftSet.TIMEOUT, "hello");
        assertEquals(new UserData(Bytes.ofHex("000400000000 070668656c6c6f00")), s.userData());
        assertEquals("hello", s.comment());
    }

    @Test
    void setOfASingleTypeAsNftWritesIt() {
        MessageWriter w = body();
        KeyType key = KeyType.of(DataType.IPV6_ADDR);
        UserData order = UserData.EMPTY.with(0, key.byteOrderBytes());
        new NftSet(NftFamily.INET, "mayfly", "d", NftSet.TIMEOUT, key, order, 0, List.of()).write(w, 2);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0600020064000000 0800030000000010 0800040000000008 0800050000000010"
                        + " 08000a0000000002 0a000d00 000402000000 0000"),
                written(w));
    }

    @Test
    void setAsTheKernelAnswers() {
        NftSet s = (NftSet) read(NftSet::read, Bytes.ofHex(SET_ANSWER));
        assertEquals(KEY, s.key());
        assertEquals(SET_DATA, s.userData());
        assertEquals("hello", s.comment());
        assertEquals(3, s.handle());
        assertEquals(NftSet.TIMEOUT, s.flags());
        assertEquals(
                List.of(new RawAttribute(9, Bytes.EMPTY), new RawAttribute(20, Bytes.ofHex("00000002"))), s.unknown());
    }

    @Test
    void elementsAsNftWritesThem() {
        MessageWriter w = body();
        Duration life = Duration.ofSeconds(30);
        new ElementList(
                        NftFamily.INET,
                        "mayfly",
                        "s2",
                        List.of(
                                new SetElement(key(22), life, null, UserData.comment("hi"), List.of()),
                                new SetElement(key(23), life, Duration.ofSeconds(20), UserData.EMPTY, List.of())))
                .write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0700020073320000 9c000380"
                        + " 4c000180 0c0004000000000000007530 30000180 2c000100" + KEY_22 + "0900060000036869 00000000"
                        + " 4c000180 0c0004000000000000007530 0c0005000000000000004e20 30000180 2c000100" + KEY_23),
                written(w));
    }

    @Test
    void elementsAsTheKernelAnswers() {
        ElementList l = (ElementList) read(ElementList::read, Bytes.ofHex(ELEMENTS_ANSWER));
        Duration life = Duration.ofSeconds(30);
        assertEquals(
                List.of(
                        new SetElement(key(23), life, Duration.ofMillis(19_992), UserData.EMPTY, List.of()),
                        new SetElement(key(22), life, Duration.ofMillis(29_992), UserData.comment("hi"), List.of())),
                l.elements());
    }

    private static Bytes key(int port) {
        byte[] from = Bytes.ofHex("20010db8000000000000000000000001").toArray();
        byte[] to = Bytes.ofHex("20010db8000000000000000000000002").toArray();
        return new SetKey().address(from).address(to).protocol(6).port(port).toBytes();
    }

    @ParameterizedTest
    @MethodSource("answers")
    void cutShortIsRefusedOrLess(BiFunction<NftFamily, AttributeReader, Object> read, Bytes whole) {
        for (int n = 0; n < whole.length(); n++) {
            ByteBuffer cut = ByteBuffer.allocateDirect(n).put(0, whole.toArray(), 0, n);
            try {
                assertNotNull(read.apply(NftMessage.family(cut, 0, n), NftMessage.attributes(cut, 0, n)));
            } catch (MalformedMessageException expected) {
                // says where
            }
        }
    }

    @ParameterizedTest
    @MethodSource("answers")
    void longerThanKnownIsReadAllTheSame(BiFunction<NftFamily, AttributeReader, Object> read, Bytes whole) {
        Object more = read(read, Bytes.ofHex(whole + "0800ff0000000007"));
        String kept = "RawAttribute[type=255, value=00000007]";
        // A list of elements is a message, not an object: what is new there has no place to be kept in.
        assertEquals(!(more instanceof ElementList), more.toString().contains(kept), more::toString);
    }

    @Test
    void anElementKeepsWhatIsUnknown() {
        Bytes element = Bytes.ofHex("01000002" + TABLE_NAME
                + "00 0600020064000000 1c000300 18000100 0c000100 0800010000000001 0800ff0000000007");
        ElementList l = (ElementList) read(ElementList::read, element);
        assertEquals(
                List.of(new RawAttribute(255, Bytes.ofHex("00000007"))),
                l.elements().get(0).unknown());
    }

    @Test
    void userDataThatIsNotOursIsKept() {
        for (String hex : List.of("", "00", "0005", "000561", "ff", "0700", "010161")) {
            Bytes b = Bytes.ofHex(hex);
            assertNull(new UserData(b).comment(), hex);
            assertEquals(b, new UserData(b).bytes());
        }
        assertThrows(IllegalArgumentException.class, () -> UserData.comment("x".repeat(128)));
    }

    private static Object read(BiFunction<NftFamily, AttributeReader, Object> read, Bytes message) {
        ByteBuffer b = ByteBuffer.wrap(message.toArray());
        return read.apply(NftMessage.family(b, 0, b.limit()), NftMessage.attributes(b, 0, b.limit()));
    }

    private static MessageWriter body() {
        return new MessageWriter(1024);
    }

    private static Bytes written(MessageWriter w) {
        byte[] b = new byte[w.length()];
        w.buffer().get(0, b);
        return Bytes.of(b);
    }
}
