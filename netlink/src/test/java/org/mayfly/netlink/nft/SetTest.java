package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.mayfly.netlink.nft.Golden.TABLE;
import static org.mayfly.netlink.nft.Golden.TABLE_NAME;
import static org.mayfly.netlink.nft.Golden.body;
import static org.mayfly.netlink.nft.Golden.written;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** Sets and their elements against {@link Golden} bytes. */
class SetTest {
    private static final KeyType KEY =
            KeyType.of(DataType.IPV6_ADDR, DataType.IPV6_ADDR, DataType.INET_PROTO, DataType.INET_SERVICE);

    /** The third item, {@code NFTNL_UDATA_SET_KEY_TYPEOF}, says "a concatenation" and nothing else; we leave it out. */
    private static final UserData SET_DATA = UserData.EMPTY
            .with(0, KEY.byteOrderBytes())
            .with(3, Bytes.ofHex("00040d0000000100").toArray())
            .with(7, "hello");

    private static final String KEY_22 =
            "20010db8000000000000000000000001 20010db8000000000000000000000002 06000000" + " 00160000";
    private static final String KEY_23 = KEY_22.replace("00160000", "00170000");

    static final String ELEMENTS_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0700020073320000 a8000300"
            + "4c000100 30000100 2c000100" + KEY_23 + "0c0004000000000000007530 0c0005000000000000004e18"
            + "58000100 30000100 2c000100" + KEY_22 + "0c0004000000000000007530 0c0005000000000000007528"
            + "0900060000036869 00000000";

    private static final String SET_ANSWER = "01000002"
            + TABLE_NAME
            + "00 0700020073320000 0c00100000000000 00000003 0800030000000010 080004000020830d 0800050000000028"
            + "1c000d00 000400000000 0308 00040d0000000100 070668656c6c6f00 04000900 0800140000000002";

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
        NftSet s = Payload.of(SET_ANSWER).decode(NftSet::decode);
        assertEquals(KEY, s.key());
        assertEquals(SET_DATA, s.userData());
        assertEquals("hello", s.comment());
        assertEquals(3, s.handle());
        assertEquals(NftSet.TIMEOUT, s.flags());
        assertEquals(2, s.count());
        assertEquals(List.of(), s.unknown());
    }

    @Test
    void elementsAsNftWritesThem() {
        MessageWriter w = body();
        Duration life = Duration.ofSeconds(30);
        ElementList.write(
                w,
                set(),
                List.of(
                        new SetElement(key(22), life, null, UserData.comment("hi"), List.of()),
                        new SetElement(key(23), life, Duration.ofSeconds(20), UserData.EMPTY, List.of())),
                0,
                0);
        assertEquals(
                Bytes.ofHex(TABLE_NAME + "00 0700020073320000 9c000380"
                        + " 4c000180 0c0004000000000000007530 30000180 2c000100" + KEY_22 + "0900060000036869 00000000"
                        + " 4c000180 0c0004000000000000007530 0c0005000000000000004e20 30000180 2c000100" + KEY_23),
                written(w));
    }

    private static NftSet set() {
        return new NftSet(NftFamily.INET, "mayfly", "s2", NftSet.TIMEOUT, KEY, SET_DATA, 0, List.of());
    }

    @Test
    void elementsAsTheKernelAnswers() {
        ElementList l = Payload.of(ELEMENTS_ANSWER).decode(ElementList::decode);
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

    @Test
    void anElementKeepsWhatIsUnknown() {
        Payload element = Payload.of("01000002" + TABLE_NAME
                + "00 0600020064000000 1c000300 18000100 0c000100 0800010000000001 0800ff0000000007");
        ElementList l = element.decode(ElementList::decode);
        assertEquals(
                List.of(new RawAttribute(255, Bytes.ofHex("00000007"))),
                l.elements().get(0).unknown());
    }
}
