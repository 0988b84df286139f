package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/** Golden bytes as in {@link RouteBytesTest}, of rules. */
final class RuleBytesTest {
    private static final Rule PREFIXES = Rule.of(Route.AF_INET, 100)
            .withSource(inet("192.0.2.0"), 24)
            .withDestination(inet("198.51.100.0"), 25)
            .withTos(0x10)
            .withTable(1000);

    private static final Rule MARK = Rule.of(Route.AF_INET, 102)
            .withFlags(Rule.FIB_RULE_INVERT)
            .withMark(0x10, 0xff)
            .withIncoming("a0")
            .withOutgoing("a1")
            .withTable(Route.RT_TABLE_MAIN)
            .withSuppressPrefixLength(0)
            .withSuppressGroup(5)
            .withProtocol(77);

    private static final Rule PORTS = Rule.of(Route.AF_INET6, 103)
            .withUids(100, 200)
            .withIpProto(6)
            .withSourcePorts(1000, 2000)
            .withDestinationPorts(80, 81)
            .withTunnelId(99)
            .withTable(100);

    /** {@code ip rule show} after {@link #PREFIXES} and {@link #MARK}, {@code ip -6 rule show} after {@link #PORTS}. */
    private static final String SHOWN_PREFIXES = "02191810fc000001 00000000"
            + "08000f00 e8030000"
            + "08000e00 ffffffff"
            + "05001500 00 000000"
            + "08000600 64000000"
            + "08000100 c6336400"
            + "08000200 c0000200";

    private static final String SHOWN_MARK = "02000000fe000001 02000000"
            + "08000f00 fe000000"
            + "08000e00 00000000"
            + "05001500 4d 000000"
            + "07000300 613000 00"
            + "07001100 613100 00"
            + "08000600 66000000"
            + "08000a00 10000000"
            + "08001000 ff000000"
            + "08000d00 05000000";

    private static final String SHOWN_PORTS = "0a00000064000001 00000000"
            + "08000f00 64000000"
            + "08000e00 ffffffff"
            + "05001500 00 000000"
            + "08000600 67000000"
            + "0c000c00 0000000000000063"
            + "0c001400 64000000 c8000000"
            + "08001700 e803 d007"
            + "08001800 5000 5100"
            + "05001600 06 000000";

    @Test
    void rulesAreWrittenAsIpWritesThem() {
        // ip rule add from 192.0.2.0/24 to 198.51.100.0/25 tos 0x10 table 1000 pref 100
        written(
                PREFIXES,
                "0219181000000001 00000000"
                        + "08000200 c0000200 08000100 c6336400 08000f00 e8030000 08000600 64000000");
        // ip rule add not fwmark 0x10/0xff iif a0 oif a1 lookup main suppress_prefixlength 0 suppress_ifgroup 5
        // protocol 77 pref 102
        written(
                MARK,
                "02000000fe000001 02000000"
                        + "08000a00 10000000 08001000 ff000000 07000300 613000 00 07001100 613100 00"
                        + "08000e00 00000000 08000d00 05000000 05001500 4d000000 08000600 66000000");
        // ip -6 rule add uidrange 100-200 ipproto tcp sport 1000-2000 dport 80-81 tun_id 99 table 100 pref 103
        written(
                PORTS,
                "0a00000064000001 00000000"
                        + "0c001400 64000000 c8000000 05001600 06000000 08001700 e803d007 08001800 50005100"
                        + "0c000c00 0000000000000063 08000600 67000000");
        // ip rule add from 192.0.2.9 goto 200 realms 3/4 pref 105
        written(
                Rule.of(Route.AF_INET, 105)
                        .withSource(inet("192.0.2.9"), 32)
                        .withGoto(200)
                        .withFlow(3 << 16 | 4),
                "0200200000000002 00000000 08000200 c0000209 08000400 c8000000 08000b00 04000300 08000600 69000000");
        // ip -6 rule add l3mdev pref 104
        written(
                Rule.of(Route.AF_INET6, 104).withL3mdev(),
                "0a00000000000001 00000000 05001300 01000000 08000600 68000000");
        // ip rule add pref 106 blackhole
        written(
                Rule.of(Route.AF_INET, 106).withAction(Rule.FR_ACT_BLACKHOLE),
                "0200000000000006 00000000 08000600 6a000000");
    }

    private static void written(Rule rule, String bytes) {
        assertEquals(Payload.of(bytes), Payload.written(rule::write));
        assertEquals(rule, Payload.of(bytes).decode(Rule::decode));
    }

    @Test
    void rulesAreReadAsTheKernelTellsThem() {
        assertEquals(PREFIXES, Payload.of(SHOWN_PREFIXES).decode(Rule::decode));
        assertEquals(MARK, Payload.of(SHOWN_MARK).decode(Rule::decode));
        assertEquals(PORTS, Payload.of(SHOWN_PORTS).decode(Rule::decode));
    }

    @Test
    void theRuleOfTheLocalTableHasPriorityZeroAndSaysSoWhenItIsWritten() {
        // ip rule show
        Rule local = Payload.of("02000000ff000001 00000000 08000f00 ff000000 08000e00 ffffffff 05001500 02000000")
                .decode(Rule::decode);
        assertEquals(
                Rule.of(Route.AF_INET, 0).withTable(Route.RT_TABLE_LOCAL).withProtocol(Route.RTPROT_KERNEL), local);
        assertEquals(
                Payload.of("02000000ff000001 00000000 05001500 02000000 08000600 00000000"),
                Payload.written(local::write));
    }

    @Test
    void aRequestSaysNothingOfWhatElseIsThere() {
        Rule rule = MARK.withFlags(Rule.FIB_RULE_INVERT | Rule.FIB_RULE_UNRESOLVED | Rule.FIB_RULE_OIF_DETACHED);
        assertEquals(MARK, rule.forRequest());
        assertEquals(rule, Payload.written(rule::write).decode(Rule::decode));
    }

    @Test
    void numbersAreUnsigned() {
        Rule rule = Rule.of(Route.AF_INET, 0xffff_fff0L)
                .withGoto(0xffff_ffffL)
                .withUids(0, 0xffff_fffeL)
                .withSourcePorts(1, 0xffff)
                .withMark(-1, -1);
        assertEquals(rule, Payload.written(rule::write).decode(Rule::decode));
    }

    @Test
    void cutAnywhereTheyAreRefusedOrShorter() {
        Payload.of(SHOWN_PREFIXES).truncate(Rule::decode, r -> r.tos() == 0x10);
        Payload.of(SHOWN_MARK).truncate(Rule::decode, r -> r.action() == Rule.FR_ACT_TO_TBL);
        Payload.of(SHOWN_PORTS).truncate(Rule::decode, r -> r.table() == 100);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN_PORTS
                .replace("08001700 e803 d007", "0c001700 e803 d007 01020304")
                .replace("0c001400 64000000 c8000000", "10001400 64000000 c8000000 01020304");
        assertEquals(PORTS, Payload.of(longer).decode(Rule::decode));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        // FRA_DPORT_MASK, which ip rule show is told of a rule with one destination port
        Rule rule = Payload.of(SHOWN_PORTS)
                .and("06001d00 ffff 0000 0900bcba 0102030405 000000")
                .decode(Rule::decode);
        assertEquals(
                List.of(new RawAttribute(29, Bytes.ofHex("ffff")), new RawAttribute(0xbabc, Bytes.ofHex("0102030405"))),
                rule.unknown());
        assertEquals(rule, Payload.written(rule::write).decode(Rule::decode));
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
