package org.mayfly.netlink.nft;

import static org.mayfly.netlink.nft.Golden.TABLE_NAME;
import static org.mayfly.netlink.nft.Golden.body;
import static org.mayfly.netlink.nft.Golden.written;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.nft.expr.Counter;
import org.mayfly.netlink.nft.expr.Verdict;
import org.mayfly.netlink.testing.Payload;

/**
 * Kinds of sets and maps, and their elements, against {@link Golden} bytes. What {@code nft} sends has been changed in
 * two places: elements of a list are all {@code NFTA_LIST_ELEM} (it numbers them), and {@code
 * NFTA_SET_ELEM_LIST_SET_ID} is left out (the name will do).
 */
final class SetKinds {
    private static final KeyType PORT = KeyType.of(DataType.INET_SERVICE);
    private static final KeyType IPV4 = KeyType.of(DataType.IPV4_ADDR);
    private static final KeyType IPV6 = KeyType.of(DataType.IPV6_ADDR);
    private static final KeyType MARK = KeyType.of(DataType.MARK);
    private static final KeyType PAIR = KeyType.of(DataType.IPV4_ADDR, DataType.INET_SERVICE);
    static final String HEAD = "01000002" + TABLE_NAME + "00";

    /** As {@code nft} writes it; the kernel answers with a length of 16, as we write it. */
    static final KeyType NFT_VERDICT = new KeyType(0xffffff00, 0, 0);

    /**
     * A kind of set.
     *
     * @param set as the kernel tells of it
     * @param id {@code NFTA_SET_ID} in the request
     * @param request to add it, behind the table
     * @param answer behind the table
     * @param put the request to add the elements, behind the names
     * @param got the answers, behind the names
     */
    record Kind(
            NftSet set,
            int id,
            String request,
            String answer,
            List<SetElement> elements,
            String put,
            List<String> got) {
        @Override
        public String toString() {
            return set.name();
        }

        Payload list(int part) {
            byte[] name = (set.name() + "\0").getBytes(StandardCharsets.US_ASCII);
            MessageWriter w = body().attrBytes(ElementList.NFTA_SET_ELEM_LIST_SET, name);
            return Payload.of(HEAD + written(w) + got.get(part));
        }
    }

    private SetKinds() {}

    static Stream<Kind> kinds() {
        return Stream.of(intervals(), ranges(), dynamic(), decisions(), values(), objects(), marks());
    }

    private static NftSet set(
            String name,
            int flags,
            KeyType key,
            @Nullable KeyType data,
            int objectType,
            SetOptions options,
            UserData userData,
            long handle,
            int count) {
        return new NftSet(
                NftFamily.INET,
                "mayfly",
                name,
                flags,
                key,
                data,
                objectType,
                options,
                userData,
                handle,
                count,
                List.of());
    }

    private static UserData order(KeyType key) {
        return UserData.EMPTY.with(0, key.byteOrderBytes());
    }

    /** {@code set iv { type ipv4_addr; flags interval; auto-merge; elements = { 192.0.2.0/24, 198.51.100.1-198.51.100.9 } }}. */
    private static Kind intervals() {
        return new Kind(
                set(
                        "iv",
                        NftSet.INTERVAL,
                        IPV4,
                        null,
                        0,
                        SetOptions.NONE,
                        order(IPV4).with(2, Bytes.ofHex("01000000").toArray()),
                        5,
                        2),
                1,
                "070002006976000008000300000000040800040000000007080005000000000408000a000000000110000d00000402000000"
                        + "020401000000",
                "07000200697600000c001000000000000000000508000300000000040800040000000007080005000000000410000d000004"
                        + "02000000020401000000040009001700130030786666666666666666383235303830653000000800140000000002",
                List.of(
                        SetElement.endOfInterval(Bytes.ofHex("00000000")),
                        SetElement.of(Bytes.ofHex("c0000200")),
                        SetElement.endOfInterval(Bytes.ofHex("c0000300")),
                        SetElement.of(Bytes.ofHex("c6336401")),
                        SetElement.endOfInterval(Bytes.ofHex("c633640a"))),
                "6c0003801800018008000300000000010c0001800800010000000000100001800c00018008000100c0000200180001800800"
                        + "0300000000010c00018008000100c0000300100001800c00018008000100c63364011800018008000300000000010c000180"
                        + "08000100c633640a",
                List.of("6c000300180001000c00010008000100c633640a0800030000000001100001000c00010008000100c6336401"
                        + "180001000c00010008000100c00003000800030000000001100001000c00010008000100c000020018000100"
                        + "0c00010008000100000000000800030000000001"));
    }

    /** {@code set cc { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.0/24 . 80-90 comment "web" } }}. */
    private static Kind ranges() {
        return new Kind(
                set(
                        "cc",
                        NftSet.INTERVAL | NftSet.CONCAT,
                        PAIR,
                        null,
                        0,
                        SetOptions.NONE.withFields(DataType.IPV4_ADDR, DataType.INET_SERVICE),
                        order(PAIR).with(3, Bytes.ofHex("00040d0000000100").toArray()),
                        6,
                        1),
                2,
                "0700020063630000080003000000008408000400000001cd080005000000000808000a0000000002200009801c0002800c00"
                        + "018008000100000000040c000180080001000000000214000d00000400000000030800040d0000000100",
                "07000200636300000c0010000000000000000006080003000000008408000400000001cd080005000000000814000d000004"
                        + "00000000030800040d0000000100200009001c0002000c00010008000100000000040c000100080001000000000217001300"
                        + "30786666666666666666383235303831613000000800140000000001",
                List.of(SetElement.range(Bytes.ofHex("c000020000500000"), Bytes.ofHex("c00002ff005a0000"))
                        .withComment("web")),
                "3400038030000180100001800c000100c00002000050000010000a800c000100c00002ff005a00000a000600000477656200"
                        + "0000",
                List.of("3400030030000100100001000c000100c00002000050000010000a000c000100c00002ff005a00000a000600"
                        + "0004776562000000"));
    }

    /** {@code set dyn { type ipv4_addr; size 128; timeout 1m; gc-interval 10s; flags dynamic,timeout; counter; elements = { 192.0.2.7 counter packets 3 bytes 180 timeout 2m expires 90s } }}. */
    private static Kind dynamic() {
        return new Kind(
                set(
                        "dyn",
                        NftSet.TIMEOUT | NftSet.EVAL,
                        IPV4,
                        null,
                        0,
                        SetOptions.NONE
                                .withSize(128)
                                .withTimeout(Duration.ofMinutes(1))
                                .withGcInterval(Duration.ofSeconds(10))
                                .withExpressions(List.of(Counter.ZERO)),
                        order(IPV4),
                        7,
                        1),
                3,
                "0800020064796e0008000300000000300800040000000007080005000000000408000a00000000030c000980080001000000"
                        + "00800c000b00000000000000ea6008000c00000027100a000d000004020000000000140011800c000100636f756e74657200"
                        + "04000280",
                "0800020064796e000c00100000000000000000070800030000000030080004000000000708000500000000040c000b000000"
                        + "00000000ea6008000c00000027100a000d0000040200000000000c0009000800010000000080170013003078666666666666"
                        + "66663832353037663430000008001400000000012c0011000c000100636f756e746572001c0002000c000100000000000000"
                        + "00000c0002000000000000000000",
                List.of(new SetElement(
                        Bytes.ofHex("c0000207"),
                        null,
                        0,
                        null,
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(90),
                        List.of(new Counter(3, 180)),
                        UserData.EMPTY,
                        List.of())),
                "58000380540001800c000400000000000001d4c00c0005000000000000015f900c00018008000100c00002072c0007800c00"
                        + "0100636f756e746572001c0002800c00010000000000000000b40c0002000000000000000003",
                List.of("58000300540001000c00010008000100c00002072c0007000c000100636f756e746572001c0002000c000100"
                        + "00000000000000b40c00020000000000000000030c000400000000000001d4c00c0005000000000000015f84"));
    }

    /** {@code map vm { type inet_service : verdict; elements = { 22 : jump other, 80 : accept, * : drop } }}. */
    private static Kind decisions() {
        return new Kind(
                set(
                        "vm",
                        NftSet.MAP,
                        PORT,
                        NFT_VERDICT,
                        0,
                        SetOptions.NONE,
                        order(PORT).with(1, new byte[4]).with(6, new byte[4]),
                        9,
                        2),
                5,
                "07000200766d00000800030000000008080004000000000d080005000000000208000600ffffff0008000700000000000800"
                        + "0a000000000516000d000004020000000104000000000604000000000000",
                "07000200766d00000c00100000000000000000090800030000000008080004000000000d080005000000000208000600ffff"
                        + "ff00080007000000001016000d00000402000000010400000000060400000000000004000900170013003078666666666666"
                        + "6666383235303766343000000800140000000002",
                List.of(
                        SetElement.of(Bytes.ofHex("0016"), new MapData.Decision(Verdict.jump("other"))),
                        SetElement.of(Bytes.ofHex("0050"), new MapData.Decision(Verdict.ACCEPT)),
                        SetElement.catchAll().with(new MapData.Decision(Verdict.DROP))),
                "6c0003802c0001800c00018006000100001600001c0002801800028008000100fffffffd0a0002006f746865720000002000"
                        + "01800c0001800600010000500000100002800c00028008000100000000011c0001800800030000000002100002800c000280"
                        + "0800010000000000",
                List.of(
                        "500003002c0001000c00010006000100001600001c0002001800020008000100fffffffd0a0002006f746865720000002000"
                                + "01000c0001000600010000500000100002000c0002000800010000000001",
                        "200003001c000100100002000c00020008000100000000000800030000000002"));
    }

    /** {@code map am { type ipv4_addr : ipv6_addr; comment "a map"; elements = { 192.0.2.1 : 2001:db8::1 } }}. */
    private static Kind values() {
        return new Kind(
                set(
                        "am",
                        NftSet.MAP,
                        IPV4,
                        IPV6,
                        0,
                        SetOptions.NONE,
                        order(IPV4)
                                .with(1, IPV6.byteOrderBytes())
                                .with(6, new byte[4])
                                .with(7, "a map"),
                        10,
                        1),
                6,
                "07000200616d0000080003000000000808000400000000070800050000000004080006000000000808000700000000100800"
                        + "0a00000000061e000d00000402000000010402000000060400000000070661206d6170000000",
                "07000200616d00000c001000000000000000000a080003000000000808000400000000070800050000000004080006000000"
                        + "000808000700000000101e000d00000402000000010402000000060400000000070661206d61700000000400090017001300"
                        + "30786666666666666666383235303766343000000800140000000001",
                List.of(SetElement.of(
                        Bytes.ofHex("c0000201"), new MapData.Value(Bytes.ofHex("20010db8000000000000000000000001")))),
                "2c000380280001800c00018008000100c0000201180002801400010020010db8000000000000000000000001",
                List.of("2c000300280001000c00010008000100c0000201180002001400010020010db8000000000000000000000001"));
    }

    /** {@code map om { type inet_service : counter; elements = { 80 : "hits" } }}. */
    private static Kind objects() {
        return new Kind(
                set(
                        "om",
                        NftSet.OBJECT,
                        PORT,
                        null,
                        NftObject.COUNTER,
                        SetOptions.NONE,
                        order(PORT).with(6, new byte[4]),
                        11,
                        1),
                7,
                "070002006f6d00000800030000000040080004000000000d080005000000000208000f000000000108000a00000000071000"
                        + "0d00000402000000060400000000",
                "070002006f6d00000c001000000000000000000b0800030000000040080004000000000d080005000000000208000f000000"
                        + "000110000d000004020000000604000000000400090017001300307866666666666666663832353037663430000008001400"
                        + "00000001",
                List.of(SetElement.of(Bytes.ofHex("0050"), new MapData.Named("hits"))),
                "200003801c0001800c0001800600010000500000090009006869747300000000",
                List.of("200003001c0001000c0001000600010000500000090009006869747300000000"));
    }

    /** {@code map im { type ipv4_addr : mark; flags interval; elements = { 192.0.2.0/25 : 7 } }}. */
    private static Kind marks() {
        return new Kind(
                set(
                        "im",
                        NftSet.MAP | NftSet.INTERVAL,
                        IPV4,
                        MARK,
                        0,
                        SetOptions.NONE,
                        order(IPV4).with(1, MARK.byteOrderBytes()).with(6, new byte[4]),
                        12,
                        1),
                8,
                "07000200696d0000080003000000000c08000400000000070800050000000004080006000000001308000700000000040800"
                        + "0a000000000816000d000004020000000104010000000604000000000000",
                "07000200696d00000c001000000000000000000c080003000000000c08000400000000070800050000000004080006000000"
                        + "0013080007000000000416000d00000402000000010401000000060400000000000004000900170013003078666666666666"
                        + "6666383235303830653000000800140000000001",
                List.of(
                        SetElement.endOfInterval(Bytes.ofHex("00000000")),
                        SetElement.of(Bytes.ofHex("c0000200"), new MapData.Value(Bytes.ofHex("07000000"))),
                        SetElement.endOfInterval(Bytes.ofHex("c0000280"))),
                "500003801800018008000300000000010c00018008000100000000001c0001800c00018008000100c00002000c0002800800"
                        + "0100070000001800018008000300000000010c00018008000100c0000280",
                List.of("50000300180001000c00010008000100c000028008000300000000011c0001000c00010008000100c0000200"
                        + "0c0002000800010007000000180001000c00010008000100000000000800030000000001"));
    }
}
