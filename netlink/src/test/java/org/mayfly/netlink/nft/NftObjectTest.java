package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.nft.Golden.TABLE;
import static org.mayfly.netlink.nft.Golden.TABLE_NAME;
import static org.mayfly.netlink.nft.Golden.body;
import static org.mayfly.netlink.nft.Golden.written;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.Bytes;
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
import org.mayfly.netlink.testing.Payload;

/** Tables, chains and rules against {@link Golden} bytes; and what all objects have in common. */
class NftObjectTest {
    /** {@code type filter hook input priority filter - 10; policy accept; comment "what this is for"}. */
    private static final Chain GUARD = Chain.filter(TABLE, "guard", new Hook(Hook.INPUT, -10), Chain.POLICY_ACCEPT)
            .withComment("what this is for");

    private static final String RULE_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0a00020067756172640000000c00030000000000000000070c0006000000000000000006f80004"
            + "0020000100070001006374000014000200080002000000000008000100000000014c0001000c000100626974776973"
            + "65003c00020008000100000000010800020000000001080003000000000408000600000000000c000400080001000600"
            + "00000c00050008000100000000002c00010008000100636d700020000200080001000000000108000200000000010c00"
            + "030008000100000000002c0001000c000100636f756e746572001c0002000c00010000000000000000000c0002000000"
            + "000000000000300001000e000100696d6d6564696174650000001c0002000800010000000000100002000c0002000800"
            + "0100000000010800070000027900";

    private static final String CHAIN_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0a0003006775617264000000 0c00020000000000 00000001 14000400 0800010000000001 08000200fffffff6"
            + "0800050000000001 0b00070066696c7465720000 08000a0000000001 0800060000000005"
            + "17000c00 0011 77686174207468697320697320666f7200 00";

    /** {@code flags owner}, to the process that asked for it, which cannot be seen in a listing of {@code nft}. */
    private static final String OWNED_ANSWER =
            "01000002" + TABLE_NAME + "00 0800030000000000 0c00040000000000 00000001 0800020000000002 0800070000005032";

    /** {@code type filter hook ingress device "lo" priority 0; policy drop}. */
    private static final String DEVICE_ANSWER = "05000002"
            + TABLE_NAME
            + "00 0600030067000000 0c00020000000000 00000001 28000400 0800010000000000 0800020000000000"
            + "0c000400 070001006c6f0000 070003006c6f0000 0800050000000000 0b00070066696c7465720000"
            + "08000a0000000001 0800060000000000";

    /** {@code type filter hook ingress devices = { lo, v } priority 5}. */
    private static final String DEVICES_ANSWER = "05000002"
            + TABLE_NAME
            + "00 0600030068000000 0c00020000000000 00000002 28000400 0800010000000000 0800020000000005"
            + "14000400 0600010076000000 070001006c6f0000 0800050000000001 0b00070066696c7465720000"
            + "08000a0000000001 0800060000000000";

    /** {@code counter hits { packets 5 bytes 300; comment "named" }}. */
    private static final String COUNTER_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0900020068697473 00000000 0800030000000001 0c0006000000000000000003 0800050000000001"
            + "1c000400 0c000100000000000000012c 0c0002000000000000000005 0c000800 00066e616d656400";

    /** {@code quota big { over 10 mbytes used 2 kbytes; }}. */
    private static final String QUOTA_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0800020062696700 0800030000000002 0c0006000000000000000004 0800050000000000"
            + "24000400 0c0001000000000000a00000 0c0004000000000000000800 0800020000000001";

    private static final NamedCounter HITS =
            new NamedCounter(NftFamily.INET, "mayfly", "hits", 5, 300, UserData.comment("named"), 3, List.of());

    static Stream<Arguments> answers() {
        return Stream.of(
                answer(
                        Table::decode,
                        "01000002" + TABLE_NAME + "00 0800030000000005 0c00040000000000 00000001"
                                + " 0800020000000000 0a00060000 04646f63000000"),
                answer(Chain::decode, CHAIN_ANSWER),
                answer(Rule::decode, RULE_ANSWER),
                answer(Table::decode, OWNED_ANSWER),
                answer(Chain::decode, DEVICE_ANSWER),
                answer(Chain::decode, DEVICES_ANSWER),
                answer(NftObject::decode, COUNTER_ANSWER),
                answer(NftObject::decode, QUOTA_ANSWER),
                answer(ElementList::decode, SetTest.ELEMENTS_ANSWER));
    }

    private static Arguments answer(Payload.Decoder<Object> decoder, String hex) {
        return Arguments.of(decoder, Payload.of(hex));
    }

    @Test
    void tableAsNftWritesIt() {
        MessageWriter w = body();
        TABLE.write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0800020000000000"), written(w));
    }

    @Test
    void tableAsTheKernelAnswers() {
        Table t = Payload.of("01000002" + TABLE_NAME
                        + "00 0800030000000005 0c00040000000000 00000001 0800020000000000 0a00060000 04646f63000000")
                .decode(Table::decode);
        assertEquals(new Table(NftFamily.INET, "mayfly", 0, UserData.comment("doc"), 1, 0, List.of()), t);
        assertEquals("doc", t.userData().comment());
    }

    @Test
    void ownedTable() {
        Table t = Payload.of(OWNED_ANSWER).decode(Table::decode);
        assertEquals(new Table(NftFamily.INET, "mayfly", Table.OWNER, UserData.EMPTY, 1, 0x5032, List.of()), t);
        MessageWriter w = body();
        t.write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0800020000000002"), written(w));
    }

    @Test
    void chainOfADevice() {
        Chain c = Payload.of(DEVICE_ANSWER).decode(Chain::decode);
        assertEquals(new Hook(Hook.NETDEV_INGRESS, 0, List.of("lo")), c.hook());
        MessageWriter w = body();
        c.write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0600030067000000 0b00070066696c7465720000"
                        + "0800050000000000 1c000480 0800010000000000 0800020000000000 070003006c6f0000"),
                written(w));
    }

    @Test
    void chainOfDevices() {
        Chain c = Payload.of(DEVICES_ANSWER).decode(Chain::decode);
        assertEquals(new Hook(Hook.NETDEV_INGRESS, 5, List.of("v", "lo")), c.hook());
        MessageWriter w = body();
        c.write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0600030068000000 0b00070066696c7465720000 0800050000000001"
                        + "28000480 0800010000000000 0800020000000005 14000480 0600010076000000 070001006c6f0000"),
                written(w));
    }

    @Test
    void namedCounter() {
        assertEquals(HITS, Payload.of(COUNTER_ANSWER).decode(NftObject::decode));
        MessageWriter w = body();
        HITS.write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0900020068697473 00000000 0800030000000001 0c000800 00066e616d656400"
                        + "1c000480 0c000100000000000000012c 0c0002000000000000000005"),
                written(w));
    }

    @Test
    void anObjectOfAnotherTypeIsKeptAsBytes() {
        Bytes data = Bytes.ofHex("0c0001000000000000a00000 0c0004000000000000000800 0800020000000001");
        NftObject big = Payload.of(QUOTA_ANSWER).decode(NftObject::decode);
        assertEquals(
                new OtherObject(NftFamily.INET, "mayfly", "big", NftObject.QUOTA, data, UserData.EMPTY, 4, List.of()),
                big);
        MessageWriter w = body();
        big.write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0800020062696700 0800030000000002 24000480" + data), written(w));
    }

    @Test
    void whatIsUnknownIsWrittenBack() {
        List<RawAttribute> unknown = List.of(new RawAttribute(255, Bytes.ofHex("00000007")));
        Bytes tail = Bytes.ofHex("0800ff0000000007");
        Table t = new Table(NftFamily.INET, "mayfly", 0, UserData.EMPTY, 0, 0, unknown);
        Rule r = new Rule(NftFamily.INET, "mayfly", "c", List.of(), UserData.EMPTY, 0, unknown);
        NamedCounter n = new NamedCounter(NftFamily.INET, "mayfly", "n", 0, 0, UserData.EMPTY, 0, unknown);
        Chain c = Payload.of(CHAIN_ANSWER + tail).decode(Chain::decode);
        Chain h = Payload.of("05000002" + TABLE_NAME + "00 0600030067000000 1c000400 0800010000000000"
                        + "0800020000000000" + tail)
                .decode(Chain::decode);
        List<Consumer<MessageWriter>> writers = List.of(t::write, r::write, n::write, c::write, h::write);
        for (Consumer<MessageWriter> writer : writers) {
            MessageWriter w = body();
            writer.accept(w);
            assertTrue(written(w).toString().endsWith(tail.toString()));
        }
    }

    @Test
    void baseChainAsNftWritesIt() {
        MessageWriter w = body();
        GUARD.write(w);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0a0003006775617264000000 0b00070066696c7465720000"
                        + " 0800050000000001 14000480 0800010000000001 08000200fffffff6"
                        + " 17000c00 0011 77686174207468697320697320666f7200 00"),
                written(w));
    }

    @Test
    void baseChainAsTheKernelAnswers() {
        Chain c = Payload.of(CHAIN_ANSWER).decode(Chain::decode);
        assertEquals(
                new Chain(
                        NftFamily.INET,
                        "mayfly",
                        "guard",
                        "filter",
                        new Hook(Hook.INPUT, -10),
                        Chain.POLICY_ACCEPT,
                        null,
                        0,
                        UserData.comment("what this is for"),
                        1,
                        List.of()),
                c);
    }

    @Test
    void chainAsNftWritesIt() {
        MessageWriter w = body();
        new Chain(NftFamily.INET, "mayfly", "other").write(w);
        assertEquals(Bytes.ofHex(TABLE_NAME + "00 0a0003006f74686572000000"), written(w));
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
        Rule r = Payload.of(RULE_ANSWER).decode(Rule::decode);
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

    @ParameterizedTest
    @MethodSource("answers")
    void cutShortIsRefusedOrLess(Payload.Decoder<Object> decoder, Payload whole) {
        whole.truncate(decoder, less -> less != null);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void longerThanKnownIsReadAllTheSame(Payload.Decoder<Object> decoder, Payload whole) {
        Object more = whole.and("0800ff0000000007").decode(decoder);
        String kept = "RawAttribute[type=255, value=00000007]";
        // A list of elements is a message, not an object: what is new there has no place to be kept in.
        assertEquals(!(more instanceof ElementList), more.toString().contains(kept), more::toString);
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
}
