package org.mayfly.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Finding one's way in a request, as an error's offset is to be told. */
final class AttributeNamesTest {
    private static final AttributeNames NAMES = AttributeNames.of("O_", "UNSPEC NAME LIST - INFO")
            .nest(
                    "LIST",
                    AttributeNames.listOf(
                            "ELEM",
                            AttributeNames.of("E_", "UNSPEC KIND DATA")
                                    .choose("DATA", "KIND", Map.of("veth", AttributeNames.of("V_", "UNSPEC PEER")))));

    private final MessageWriter w = new MessageWriter(512);

    /** A request with each kind of attribute; its offsets are those of the comments. */
    private MessageKind request() {
        w.reset().begin(77, 0).u32(0).attrString(1, "x"); // header 0, 16; name 20
        int list = w.nest(2); // 28
        element("veth"); // 32: kind 36, data 48, in it 52
        element("other"); // 60: kind 64, data 76, in it 80
        w.endNest(list);
        w.attrU32(3, 1); // 88
        w.attrU32(9, 1).end(); // 96
        return new MessageKind("M", 4, NAMES);
    }

    private void element(String kind) {
        int element = w.nest(1);
        w.attrString(1, kind);
        int data = w.nest(2);
        w.attrU32(1, 5).endNest(data);
        w.endNest(element);
    }

    private String at(int offset) {
        return request().path(w.buffer(), 0, new ExtendedAck(22, "", offset, -1));
    }

    @Test
    void theWayIsToldByNamesAndWhereThereAreNoneByNumbers() {
        assertEquals("O_NAME", at(20));
        assertEquals("O_NAME", at(24), "its value");
        assertEquals("O_LIST", at(28));
        assertEquals("O_LIST/ELEM[0]", at(32));
        assertEquals("O_LIST/ELEM[1]", at(60));
        assertEquals("O_LIST/ELEM[0]/E_KIND", at(36));
        assertEquals("O_LIST/ELEM[0]/E_DATA/V_PEER", at(52));
        assertEquals("O_LIST/ELEM[1]/E_DATA/1", at(80));
        assertEquals("3", at(88));
        assertEquals("9", at(96));
    }

    @Test
    void whereNoAttributeIsNothingIsTold() {
        assertEquals("", at(0));
        assertEquals("", at(16));
        assertEquals("", at(104));
        assertEquals("", at(Integer.MAX_VALUE));
    }

    @Test
    void whatIsMissingIsToldByWhereItShouldBe() {
        MessageKind kind = request();
        assertEquals("O_INFO", kind.path(w.buffer(), 0, new ExtendedAck(22, "", 0, 4)));
        assertEquals("O_LIST/ELEM[0]/E_DATA/V_PEER", kind.path(w.buffer(), 0, new ExtendedAck(22, "", 48, 1)));
        assertEquals("O_LIST/ELEM[1]/7", kind.path(w.buffer(), 0, new ExtendedAck(22, "", 60, 7)));
    }

    @Test
    void aRequestThatIsGarbageHidesNoError() {
        w.reset().begin(77, 0).u32(0).u16(99).u16(1).end();
        assertEquals("", new MessageKind("M", 4, NAMES).path(w.buffer(), 0, new ExtendedAck(22, "", 20, -1)));
        w.reset().begin(77, 0).end(); // shorter than its own header
        assertEquals("", new MessageKind("M", 4, NAMES).path(w.buffer(), 0, new ExtendedAck(22, "", 20, -1)));
    }

    @Test
    void onlyWhatHasANameCanHoldOthers() {
        assertThrows(IllegalArgumentException.class, () -> NAMES.nest("NOWHERE", AttributeNames.NONE));
    }
}
