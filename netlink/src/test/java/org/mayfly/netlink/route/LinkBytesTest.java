package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/**
 * Golden bytes of ip (iproute2 6.1) and Linux 6.18, little-endian, without the netlink header. Captured in {@code unshare
 * -n}, the command beside the bytes, with {@code strace -X raw -e trace=sendmsg,sendto,recvmsg -s 1 -e write=all -e
 * read=all}.
 */
final class LinkBytesTest {
    private static final String IFINFOMSG = "00000000 00000000 00000000 00000000";

    /**
     * {@code ip link show dev v0} after {@code ip link add br0 type bridge}, {@code ip link add v0 mtu 1400 address
     * 02:00:00:00:00:01 group 7 txqueuelen 77 master br0 type veth peer name v1 netns PID} and {@code ip link set v0 up
     * alias uplink}. Left out here: IFLA_STATS, IFLA_STATS64, IFLA_MAP and IFLA_AF_SPEC.
     */
    private static final String SHOWN = "00000100 03000000 03100000 00000000"
            + "07000300 76300000"
            + "08000d00 4d000000"
            + "05001000 03000000"
            + "05001100 00000000"
            + "05004300 00000000"
            + "08000400 78050000"
            + "08003200 44000000"
            + "08003300 ffff0000"
            + "08001b00 07000000"
            + "08001e00 01000000"
            + "08003d00 01000000"
            + "08001f00 02000000"
            + "08002800 ffff0000"
            + "08002900 00000100"
            + "08003a00 00000100"
            + "08003f00 00000100"
            + "08004000 00000100"
            + "08003b00 f8ff0700"
            + "08003c00 ffff0000"
            + "08004200 00000000"
            + "08002000 02000000"
            + "08000a00 02000000"
            + "05002100 00000000"
            + "0b001400 75706c696e6b0000"
            + "08002300 01000000"
            + "08002f00 00000000"
            + "08003000 01000000"
            + "06004400 00000000"
            + "06004500 00000000"
            + "05002700 00000000"
            + "0a000100 0200000000010000"
            + "0a000200 ffffffffffff0000"
            + "0c002b00 0500020000000000"
            + "6c011200 09000100 7665746800000000 0b000400 6272696467650000"
            + ("50010500 0500010000000000 0600020020000000 0800030002000000 0500040000000000"
                    + "0500050000000000 0500060000000000 0500070000000000 05001c0000000000 0500080001000000"
                    + "0500090001000000 05001b0001000000 05001e0001000000 05000a0000000000 05000c0000000000"
                    + "0c000d008000020000000001 0c000e008000020000000001 06000f0001800000 0600100000000000"
                    + "0600110001800000 0600120001000000 0500130000000000 0500140000000000 05001d0000000000"
                    + "06001f0000000000 0500200000000000 0500230000000000 0500240000000000 0500210000000000"
                    + "0500270000000000 0500280000000000 05002b0000000000 0c0015000000000000000000"
                    + "0c0016000000000000000000 0c0017000000000000000000 0500190001000000 0800250000020000"
                    + "0800260000000000 0800290000000000 08002a0000000000")
            + "08002500 00000000"
            + "08000500 02000000"
            + "0c000600 6e6f717565756500"
            + "04003e80"
            + "04004180";

    /** {@code ip link add v0 type veth peer name v1}. */
    private static final String ADD_VETH = IFINFOMSG + "07000300 76300000 2c001200 08000100 76657468 20000200 1c000100"
            + IFINFOMSG + "07000300 76310000";

    @Test
    void aPairIsMadeAsIpMakesIt() {
        both(ADD_VETH, LinkSettings.named("v0").kind(Veth.to(LinkSettings.named("v1"))));
        // ip link add w0 type veth peer name w1 netns 30939
        both(
                IFINFOMSG + "07000300 77300000 34001200 08000100 76657468 28000200 24000100" + IFINFOMSG
                        + "08001300 db780000 07000300 77310000",
                LinkSettings.named("w0")
                        .kind(Veth.to(
                                LinkSettings.NONE.namespaceOfProcess(30939).name("w1"))));
        // ip link add name v0 up alias hello mtu 1400 address 02:00:00:00:00:01 group 7 txqueuelen 77
        //   type veth peer name v1 mtu 1300 address 02:00:00:00:00:02
        LinkSettings peer = LinkSettings.NONE
                .mtu(1300)
                .address(LinkLayerAddress.parse("02:00:00:00:00:02"))
                .name("v1");
        both(
                "00000000 00000000 01000000 01000000"
                        + "09001400 68656c6c6f000000"
                        + "08000400 78050000"
                        + "0a000100 0200000000010000"
                        + "08001b00 07000000"
                        + "08000d00 4d000000"
                        + "07000300 76300000"
                        + ("40001200 08000100 76657468 34000200 30000100" + IFINFOMSG
                                + "08000400 14050000 0a000100 0200000000020000 07000300 76310000"),
                LinkSettings.NONE
                        .up()
                        .alias("hello")
                        .mtu(1400)
                        .address(LinkLayerAddress.parse("02:00:00:00:00:01"))
                        .group(7)
                        .txQueueLength(77)
                        .name("v0")
                        .kind(Veth.to(peer)));
    }

    @Test
    void aBridgeIsMadeAsIpMakesIt() {
        // ip link add br0 type bridge
        both(
                IFINFOMSG + "08000300 62723000 10001200 0a000100 627269646765 0000",
                LinkSettings.named("br0").kind(Bridge.DEFAULTS));
        // ip link add br1 type bridge stp_state 1 forward_delay 400: IFLA_BR_STP_STATE, IFLA_BR_FORWARD_DELAY
        Bridge bridge = Bridge.DEFAULTS.with(5, Bytes.ofHex("01000000")).with(1, Bytes.ofHex("90010000"));
        both(
                IFINFOMSG + "08000300 62723100 24001200 0a000100 627269646765 0000"
                        + "14000200 08000500 01000000 08000100 90010000",
                LinkSettings.named("br1").kind(bridge));
    }

    @Test
    void aLinkIsChangedAsIpChangesIt() {
        changes(LinkSettings.NONE.up(), "01000000 01000000"); // ip link set v9 up
        changes(LinkSettings.NONE.down(), "00000000 01000000"); // ip link set v9 down
        changes(LinkSettings.named("v9"), "00000000 00000000 07000300 76390000"); // ip link set v0 name v9
        changes(LinkSettings.NONE.mtu(1400), "00000000 00000000 08000400 78050000"); // ip link set v9 mtu 1400
        changes( // ip link set v9 address 02:00:00:00:00:09
                LinkSettings.NONE.address(LinkLayerAddress.parse("02:00:00:00:00:09")),
                "00000000 00000000 0a000100 0200000000090000");
        changes(LinkSettings.NONE.master(6), "00000000 00000000 08000a00 06000000"); // ip link set v9 master br0
        changes(LinkSettings.NONE.master(0), "00000000 00000000 08000a00 00000000"); // ip link set v9 nomaster
        changes(LinkSettings.NONE.alias("uplink"), "00000000 00000000 0a001400 75706c696e6b 0000"); // … alias uplink
        changes(LinkSettings.NONE.txQueueLength(500), "00000000 00000000 08000d00 f4010000"); // … txqueuelen 500
        changes(LinkSettings.NONE.group(7), "00000000 00000000 08001b00 07000000"); // ip link set v9 group 7
        changes(LinkSettings.NONE.namespaceOfProcess(30939), "00000000 00000000 08001300 db780000"); // … netns 30939
        changes(LinkSettings.NONE.namespace(4), "00000000 00000000 08001c00 04000000"); // … netns /proc/self/ns/net
        // ip link del w0
        assertEquals(Payload.of("00000000 05000000 00000000 00000000"), Payload.written(w -> Link.writeIndex(w, 5)));
    }

    private static void changes(LinkSettings settings, String flagsAndMore) {
        Payload sent = Payload.of("00000000 03000000" + flagsAndMore);
        assertEquals(sent, Payload.written(w -> settings.write(w, 3)));
        assertEquals(settings.index(3), sent.decode(LinkSettings::decode));
    }

    private static void both(String hex, LinkSettings settings) {
        assertEquals(Payload.of(hex), Payload.written(settings::write));
        assertEquals(settings, Payload.of(hex).decode(LinkSettings::decode));
    }

    @Test
    void theLastWordCounts() {
        LinkSettings s = LinkSettings.NONE.mtu(1400).up().mtu(1300).down();
        assertEquals(LinkSettings.NONE.mtu(1300).down(), s);
        assertEquals(0x1002, LinkSettings.NONE.flags(0x1000, 0x1000).flags(2, 3).flags());
        assertEquals(0x1003, LinkSettings.NONE.flags(0x1000, 0x1000).flags(2, 3).change());
    }

    @Test
    void aLinkIsReadAsTheKernelTellsIt() {
        Link link = Payload.of(SHOWN).decode(Link::decode);
        assertEquals(0, link.family());
        assertEquals(3, link.index());
        assertEquals("v0", link.name());
        assertEquals(1, link.type()); // ARPHRD_ETHER
        assertTrue(link.isUp());
        assertFalse(link.isLoopback());
        assertEquals(3, link.operstate()); // IF_OPER_LOWERLAYERDOWN
        assertFalse(link.carrier());
        assertEquals(List.of(1400, 68, 65535), List.of(link.mtu(), link.minMtu(), link.maxMtu()));
        assertEquals(77, link.txQueueLength());
        assertEquals(7, link.group());
        assertEquals("uplink", link.alias());
        assertEquals("02:00:00:00:00:01", link.address().toString());
        assertEquals("ff:ff:ff:ff:ff:ff", link.broadcast().toString());
        assertEquals(2, link.master());
        assertEquals(2, link.link());
        assertEquals(0, link.linkNetnsId());
        assertEquals(new Veth(null, List.of()), link.kind());
        assertEquals( // IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA
                List.of(4, 5),
                link.info().unknown().stream().map(RawAttribute::type).toList());
        assertTrue(link.unknown().contains(new RawAttribute(6, Bytes.ofHex("6e6f717565756500")))); // IFLA_QDISC
        assertTrue(link.unknown().contains(new RawAttribute(62 | 0x8000, Bytes.EMPTY))); // IFLA_PROP_LIST
        assertEquals(24, link.unknown().size());
    }

    @Test
    void whatALinkDoesNotSayIsNothing() {
        Link bare = Payload.of("07000100 02000000 00000000 00000000").decode(Link::decode);
        assertEquals(Link.AF_BRIDGE, bare.family());
        assertEquals(-1, bare.linkNetnsId());
        assertEquals(LinkKind.NONE, bare.kind());
        assertEquals(LinkLayerAddress.NONE, bare.address());
        assertEquals("", bare.address().toString());
    }

    @Test
    void oneLikeItIsMadeOfWhatWasRead() {
        LinkSettings like = LinkSettings.named("v0")
                .mtu(1400)
                .txQueueLength(77)
                .address(LinkLayerAddress.parse("02:00:00:00:00:01"))
                .group(7)
                .master(2)
                .up()
                .kind(new Veth(null, List.of()));
        assertEquals(like, Payload.of(SHOWN).decode(Link::decode).settings());
    }

    @Test
    void theFilterIsWhereStrictCheckingWantsIt() {
        assertEquals(Payload.of(IFINFOMSG), Payload.written(LinkFilter.ALL::write));
        // behind IFLA_EXT_MASK in: ip link show type bridge; ip link show master eth0
        assertEquals(
                Payload.of(IFINFOMSG + "10001200 0a000100 627269646765 0000"),
                Payload.written(LinkFilter.ofKind("bridge")::write));
        assertEquals(Payload.of(IFINFOMSG + "08000a00 03000000"), Payload.written(new LinkFilter("", 3)::write));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(SHOWN).truncate(Link::decode, l -> l.index() == 3);
        Payload.of(ADD_VETH)
                .truncate(
                        LinkSettings::decode,
                        s -> s.change() == 0 && s.attributes().size() <= 1);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN.replace("08000a00 02000000", "0c000a00 02000000 ffffffff")
                .replace("08002500 00000000", "0c002500 00000000 ffffffff");
        assertEquals(Payload.of(SHOWN).decode(Link::decode), Payload.of(longer).decode(Link::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        RawAttribute unknown = new RawAttribute(0x3abc, Bytes.ofHex("0102030405"));
        String bytes = "0900bc3a 0102030405 000000";
        Link link = Payload.of(SHOWN).and(bytes).decode(Link::decode);
        assertEquals(unknown, link.unknown().get(24));
        // in the message, in IFLA_LINKINFO, in VETH_INFO_PEER, and beside it
        both(
                IFINFOMSG + bytes + "48001200 08000100 76657468 3c000200 2c000100" + IFINFOMSG
                        + "0b001200 07000100 73697400 0900bc3a 0102030405 000000 0900bc3a 0102030405 000000",
                LinkSettings.NONE
                        .set(0x3abc, unknown.value())
                        .kind(new Veth(
                                LinkSettings.NONE
                                        .set(Link.IFLA_LINKINFO, Bytes.ofHex("07000100736974"))
                                        .set(0x3abc, unknown.value()),
                                List.of(unknown))));
        Payload info = Payload.of("07000100 78797a00 0900bc3a 0102030405 000000");
        LinkInfo other = info.decode((b, o, l) -> LinkInfo.read(new org.mayfly.netlink.AttributeReader(b, o, l)));
        assertEquals(new LinkInfo(new LinkKind.Other("xyz", List.of()), List.of(unknown)), other);
        assertEquals(info, Payload.written(other::write));
    }

    @Test
    void pairsInPairsGoNoDeeper() {
        LinkSettings inner = LinkSettings.named("c").kind(Veth.to(LinkSettings.named("d")));
        LinkSettings outer = LinkSettings.named("a").kind(new Veth(inner, List.of()));
        LinkSettings read = Payload.written(outer::write).decode(LinkSettings::decode);
        Veth pair = (Veth) read.info().kind();
        LinkSettings peer = pair.peer() == null ? LinkSettings.NONE : pair.peer();
        assertEquals(LinkInfo.NONE, peer.info());
        assertEquals(Payload.written(outer::write), Payload.written(read::write));
        assertNull(Payload.of(SHOWN).decode(Link::decode).kind() instanceof Veth v ? v.peer() : peer);
    }
}
