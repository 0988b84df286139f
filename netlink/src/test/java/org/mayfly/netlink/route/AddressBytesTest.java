package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** Golden bytes as in {@link RouteBytesTest}: what an address may have besides itself. */
final class AddressBytesTest {
    /** {@code ip -4 addr show} after the address of {@link #everyAttributeIsWrittenAsIpWritesIt}. */
    private static final String SHOWN = "0218010003000000"
            + "08000100 c0000237"
            + "08000200 c0000237"
            + "08000400 c00002ff"
            + "09000300 61303a7800 000000"
            + "08000800 01000000"
            + "08000900 4d000000"
            + "14000600 32000000 64000000 05f91300 06f91300";

    /** {@code ip -6 addr show dev a0}: what the kernel made up when the link went up. */
    private static final String LINK_LOCAL = "0a4080fd03000000"
            + "14000100 fe800000000000009ca93ffffe05e217"
            + "14000600 ffffffff ffffffff e2021300 e2021300"
            + "08000800 80000000"
            + "05000b00 03 000000";

    private static final Address ASKED = Address.of(inet("192.0.2.55"), 24, 3)
            .withBroadcast(inet("192.0.2.255"))
            .withLabel("a0:x")
            .withRoutePriority(77)
            .withLifetime(50, 100);

    @Test
    void everyAttributeIsWrittenAsIpWritesIt() {
        // ip addr add 192.0.2.55/24 broadcast 192.0.2.255 label a0:x metric 77 dev a0 valid_lft 100 preferred_lft 50
        Payload asked = Payload.of("0218000003000000"
                + "08000200 c0000237"
                + "08000400 c00002ff"
                + "09000300 61303a7800 000000"
                + "08000900 4d000000"
                + "08000100 c0000237"
                + "14000600 32000000 64000000 00000000 00000000");
        assertEquals(asked, Payload.written(ASKED::write));
        assertEquals(ASKED, asked.decode(Address::decode));
    }

    @Test
    void everyAttributeIsReadAsTheKernelTellsIt() {
        Address shown = Payload.of(SHOWN).decode(Address::decode);
        assertEquals(ASKED.withFlags(Address.IFA_F_SECONDARY), unstamped(shown));
        assertEquals(0x13f905, shown.created());
        assertEquals(0x13f906, shown.updated());
        assertNull(shown.peer());
        assertEquals(shown, Payload.written(shown::write).decode(Address::decode));

        Address linkLocal = Payload.of(LINK_LOCAL).decode(Address::decode);
        assertEquals(
                Address.of(inet("fe80::9ca9:3fff:fe05:e217"), 64, 3)
                        .withScope(Route.RT_SCOPE_LINK)
                        .withFlags(Address.IFA_F_PERMANENT)
                        .withProtocol(Address.IFAPROT_KERNEL_LL),
                unstamped(linkLocal));
    }

    @Test
    void aLifetimeForEverIsWrittenBackWithItsStamps() {
        Address linkLocal = Payload.of(LINK_LOCAL).decode(Address::decode);
        assertEquals(linkLocal, Payload.written(linkLocal::write).decode(Address::decode));
    }

    @Test
    void theNumberOfAnotherNamespaceIsKept() {
        Address elsewhere = Payload.of(LINK_LOCAL).and("08000a00 00000000").decode(Address::decode);
        assertEquals(0, elsewhere.targetNetnsid());
        assertEquals(elsewhere, Payload.written(elsewhere::write).decode(Address::decode));
    }

    @Test
    void flagsBeyondTheFirstEightArePutIntoAnAttribute() {
        Address wide = ASKED.withFlags(0x8000_0000 | Address.IFA_F_NODAD);
        assertEquals(wide, Payload.written(wide::write).decode(Address::decode));
    }

    @Test
    void aFilterIsWrittenAsIpWritesIt() {
        // ip -4 addr show dev a0
        assertEquals(
                Payload.of("0200000003000000"),
                Payload.written(AddressFilter.ALL.withFamily(Route.AF_INET).withIndex(3)::write));
        assertEquals(
                Payload.of("0000000000000000 08000a00 01000000"),
                Payload.written(AddressFilter.ALL.withTargetNetnsid(1)::write));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(SHOWN).truncate(Address::decode, a -> a.address().equals(ASKED.address()));
        Payload.of(LINK_LOCAL).truncate(Address::decode, a -> a.index() == 3);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN.replace("14000600", "18000600").replace("06f91300", "06f91300 01020304");
        assertEquals(
                Payload.of(SHOWN).decode(Address::decode), Payload.of(longer).decode(Address::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        Address address = Payload.of(SHOWN).and("0900bcba 0102030405 000000").decode(Address::decode);
        assertEquals(List.of(new RawAttribute(0xbabc, Bytes.ofHex("0102030405"))), address.unknown());
        assertEquals(address, Payload.written(address::write).decode(Address::decode));
    }

    /** Without the times at which the kernel did it. */
    static Address unstamped(Address a) {
        AddressDraft d = new AddressDraft(a);
        d.created = 0;
        d.updated = 0;
        return d.address();
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
