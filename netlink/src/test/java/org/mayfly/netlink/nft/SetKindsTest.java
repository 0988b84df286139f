package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.nft.Golden.TABLE_NAME;
import static org.mayfly.netlink.nft.Golden.body;
import static org.mayfly.netlink.nft.Golden.written;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.nft.SetKinds.Kind;
import org.mayfly.netlink.testing.Payload;

/** The {@link SetKinds} as {@code nft} writes them, as the kernel answers, cut short, and longer than known. */
class SetKindsTest {
    private static final RawAttribute NEW = new RawAttribute(255, Bytes.ofHex("00000007"));

    static Stream<Kind> kinds() {
        return SetKinds.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSetIsWrittenAsNftWritesIt(Kind k) {
        MessageWriter w = body();
        k.set().write(w, k.id());
        assertEquals(Bytes.ofHex(TABLE_NAME + "00" + k.request()), written(w));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSetIsReadAsTheKernelAnswers(Kind k) {
        NftSet read = Payload.of(SetKinds.HEAD + k.answer()).decode(NftSet::decode);
        assertEquals(SetKinds.NFT_VERDICT.equals(k.set().data()), KeyType.VERDICT.equals(read.data()));
        NftSet s = k.set();
        assertEquals(
                new NftSet(
                        s.family(),
                        s.table(),
                        s.name(),
                        s.flags(),
                        s.key(),
                        SetKinds.NFT_VERDICT.equals(s.data()) ? KeyType.VERDICT : s.data(),
                        s.objectType(),
                        s.options(),
                        s.userData(),
                        s.handle(),
                        s.count(),
                        List.of()),
                read);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void elementsAreWrittenAsNftWritesThem(Kind k) {
        MessageWriter w = body();
        assertEquals(k.elements().size(), ElementList.write(w, k.set(), k.elements(), 0, 0));
        MessageWriter names =
                ElementList.writeNames(body(), k.set().table(), k.set().name());
        assertEquals(Bytes.ofHex(written(names) + k.put()), written(w));
    }

    /** The kernel tells intervals from the last to the first, and how much is left of a deadline. */
    @ParameterizedTest
    @MethodSource("kinds")
    void elementsAreReadAsTheKernelAnswers(Kind k) {
        Set<SetElement> read = new HashSet<>();
        for (int i = 0; i < k.got().size(); i++) {
            ElementList list = k.list(i).decode(ElementList::decode);
            assertEquals(k.set().name(), list.set());
            for (SetElement e : list.elements()) {
                assertTrue(e.expiration() == null || Duration.ofMillis(89_988).equals(e.expiration()), e::toString);
                Duration left = e.expiration() == null ? null : Duration.ofSeconds(90);
                read.add(new SetElement(
                        e.key(),
                        e.keyEnd(),
                        e.flags(),
                        e.data(),
                        e.timeout(),
                        left,
                        e.expressions(),
                        e.userData(),
                        e.unknown()));
            }
        }
        assertEquals(new HashSet<>(k.elements()), read);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void cutShortIsRefusedOrLess(Kind k) {
        Payload.of(SetKinds.HEAD + k.answer())
                .truncate(NftSet::decode, s -> s.name().equals(k.set().name()));
        int all = k.list(0).decode(ElementList::decode).elements().size();
        k.list(0).truncate(ElementList::decode, l -> l.elements().size() <= all);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatIsUnknownIsKeptAndWrittenBack(Kind k) {
        NftSet more =
                Payload.of(SetKinds.HEAD + k.answer()).and("0800ff0000000007").decode(NftSet::decode);
        assertEquals(List.of(NEW), more.unknown());
        MessageWriter w = body();
        more.write(w, 1);
        assertTrue(written(w).toString().endsWith("0800ff0000000007"));
        for (SetElement e : k.elements()) {
            List<RawAttribute> unknown = new ArrayList<>(List.of(NEW));
            SetElement longer = new SetElement(
                    e.key(),
                    e.keyEnd(),
                    e.flags(),
                    e.data(),
                    e.timeout(),
                    e.expiration(),
                    e.expressions(),
                    e.userData(),
                    unknown);
            Payload list = Payload.written(m -> {
                m.bytes(Bytes.ofHex("01000000").toArray());
                ElementList.write(m, k.set(), List.of(longer), 0, 0);
            });
            assertEquals(List.of(longer), list.decode(ElementList::decode).elements());
        }
    }
}
