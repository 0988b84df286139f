package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.testing.Payload;

/**
 * What ip (iproute2 6.1) sends for a tunnel, captured as in {@link LinkBytesTest} on a kernel that has no such driver,
 * and what one that has it tells.
 */
final class SitBytesTest {
    private static final String IFINFOMSG = "00000000 00000000 00000000 00000000";
    private static final Inet4Address LOCAL = inet4("192.0.2.2");
    private static final Inet4Address REMOTE = inet4("192.0.2.1");

    /**
     * {@code ip link add name s1 mtu 1400 type sit remote 192.0.2.1 local 192.0.2.2 ttl inherit tos 0x10 nopmtudisc encap
     * fou encap-sport 5555 encap-dport 6666 mode any isatap fwmark 7}.
     */
    private static final String EVERYTHING = IFINFOMSG
            + "08000400 78050000"
            + "07000300 73310000"
            + "78001200 07000100 73697400 6c000200"
            + "05000900 00000000"
            + "08000200 c0000202"
            + "08000300 c0000201"
            + "05000a00 00000000"
            + "05000500 10000000"
            + "05000400 00000000"
            + "08000100 00000000"
            + "08001400 07000000"
            + "06000f00 01000000"
            + "06001000 00000000"
            + "06001100 15b30000"
            + "06001200 1a0a0000"
            + "06000800 01000000";

    /**
     * What a kernel with the driver told (IFLA_INFO_DATA, from the tests of the Rust crate netlink-packet-route), and
     * 6rd in the order of ipip6_fill_info.
     */
    private static final String SHOWN = "08000100 00000000"
            + "08000200 c0a87ab7"
            + "08000300 0afffe02"
            + "05000400 40000000"
            + "05000500 00000000"
            + "05000a00 01000000"
            + "05000900 29000000"
            + "06000800 00000000"
            + "08001400 00000000"
            + "14000b00 20020000000000000000000000000000"
            + "08000c00 00000000"
            + "06000d00 10000000"
            + "06000e00 00000000"
            + "06000f00 00000000"
            + "06001100 000a0000"
            + "06001200 000c0000"
            + "06001000 00000000";

    @Test
    void aTunnelIsMadeAsIpMakesIt() {
        // ip link add name s0 type sit remote 192.0.2.1 local 192.0.2.2 ttl 64; ip says 0, any protocol
        Sit plain = new Sit(LOCAL, REMOTE, 0, 64, 0, true, 0, 0, 0, Sit.Encapsulation.NONE, null, List.of());
        both(
                IFINFOMSG + "07000300 73300000 78001200 07000100 73697400 6c000200"
                        + "05000900 00000000 08000200 c0000202 08000300 c0000201 05000a00 01000000 05000500 00000000"
                        + "05000400 40000000 08000100 00000000 08001400 00000000 06000f00 00000000 06001000 00000000"
                        + "06001100 00000000 06001200 00000000 06000800 00000000",
                LinkSettings.named("s0").kind(plain));
        Sit.Encapsulation fou = new Sit.Encapsulation(Sit.Encapsulation.TUNNEL_ENCAP_FOU, 0, 5555, 6666);
        Sit everything = new Sit(LOCAL, REMOTE, 0, 0, 0x10, false, 0, Sit.SIT_ISATAP, 7, fou, null, List.of());
        both(EVERYTHING, LinkSettings.NONE.mtu(1400).name("s1").kind(everything));
        // ip link add name s0 type sit mode ip6ip encap gue encap-csum encap-remcsum
        Sit.Encapsulation gue = new Sit.Encapsulation(Sit.Encapsulation.TUNNEL_ENCAP_GUE, 5, 0, 0);
        Sit open = new Sit(null, null, 0, 0, 0, true, Sit.IPPROTO_IPV6, 0, 0, gue, null, List.of());
        both(
                IFINFOMSG + "07000300 73300000 68001200 07000100 73697400 5c000200"
                        + "05000900 29000000 05000a00 01000000 05000500 00000000 05000400 00000000 08000100 00000000"
                        + "08001400 00000000 06000f00 02000000 06001000 05000000 06001100 00000000 06001200 00000000"
                        + "06000800 00000000",
                LinkSettings.named("s0").kind(open));
    }

    @Test
    void sixRdIsMadeAsIpMakesIt() {
        Inet6Address prefix = inet6("2001:db8::");
        // ip link add name s0 type sit remote any local 192.0.2.2 ttl 64 dev lo 6rd-prefix 2001:db8::/32
        Sit onLo = new Sit(LOCAL, null, 1, 64, 0, true, 0, 0, 0, Sit.Encapsulation.NONE, null, List.of());
        String upToTos = "05000900 00000000 08000200 c0000202 05000a00 01000000 05000500 ";
        String upToFlags = "06000f00 00000000 06001000 00000000 06001100 00000000 06001200 00000000 06000800 00000000";
        both(
                IFINFOMSG + "07000300 73300000 8c001200 07000100 73697400 80000200" + upToTos
                        + "00000000 05000400 40000000 08000100 01000000 08001400 00000000" + upToFlags
                        + "14000b00 20010db8000000000000000000000000 06000d00 20000000",
                LinkSettings.named("s0").kind(onLo.with(new Sit.SixRd(prefix, 32, null, 0))));
        // ip link add name s0 type sit local 192.0.2.2 ttl 64 tos 0x10
        //   6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8
        Sit relayed = new Sit(LOCAL, null, 0, 64, 0x10, true, 0, 0, 0, Sit.Encapsulation.NONE, null, List.of());
        both(
                IFINFOMSG + "07000300 73300000 9c001200 07000100 73697400 90000200" + upToTos
                        + "10000000 05000400 40000000 08000100 00000000 08001400 00000000" + upToFlags
                        + "14000b00 20010db8000000000000000000000000 06000d00 20000000"
                        + "08000c00 0a000000 06000e00 08000000",
                LinkSettings.named("s0").kind(relayed.with(new Sit.SixRd(prefix, 32, inet4("10.0.0.0"), 8))));
    }

    @Test
    void withoutDataItIsWhatTheKernelTakesForGranted() {
        // ip link add name s0 type sit
        Payload bare = Payload.of(IFINFOMSG + "07000300 73300000 0c001200 07000100 73697400");
        Sit sit = Sit.between(null, null);
        assertEquals(LinkSettings.named("s0").kind(sit), bare.decode(LinkSettings::decode));
        assertEquals(List.of(64, Sit.IPPROTO_IPV6), List.of(sit.ttl(), sit.protocol()));
        // ip link add name s0 type sit external: IFLA_IPTUN_PROTO and IFLA_IPTUN_COLLECT_METADATA
        Payload external = Payload.of("05000900 00000000 04001300");
        assertEquals(
                List.of(new RawAttribute(0x13, Bytes.EMPTY)), read(external).unknown());
    }

    @Test
    void aTunnelIsReadAsTheKernelTellsIt() {
        Sit.Encapsulation ports = new Sit.Encapsulation(0, 0, 10, 12);
        Sit told = Sit.between(inet4("192.168.122.183"), inet4("10.255.254.2"))
                .with(ports)
                .with(new Sit.SixRd(inet6("2002::"), 16, null, 0));
        assertEquals(told, read(Payload.of(SHOWN)));
        assertEquals(told, read(Payload.written(told::write)));
    }

    @Test
    void cutAnywhereItIsRefusedOrShorter() {
        Payload.of(SHOWN).truncate((b, o, l) -> Sit.read(new AttributeReader(b, o, l)), s -> s.ttl() == 64);
        Payload.of(EVERYTHING).truncate(LinkSettings::decode, s -> s.index() == 0);
    }

    @Test
    void whatIsLongerThanWeKnowIsReadFromItsFront() {
        String longer = SHOWN.replace("06000d00 10000000", "08000d00 1000ffff").replace("05000400 400", "06000400 40f");
        assertEquals(read(Payload.of(SHOWN)), read(Payload.of(longer)));
    }

    @Test
    void whatIsUnknownIsKeptAndWrittenBack() {
        Sit sit = read(Payload.of(SHOWN).and("0900bc3a 0102030405 000000"));
        assertEquals(List.of(new RawAttribute(0x3abc, Bytes.ofHex("0102030405"))), sit.unknown());
        assertEquals(sit, read(Payload.written(sit::write)));
    }

    @Test
    void addressesOfAnotherLengthAreRefused() {
        for (String hex :
                List.of("14000200 20010db8000000000000000000000042", "05000300 00000000", "08000b00 0a000000")) {
            assertThrows(MalformedMessageException.class, () -> read(Payload.of(hex)), hex);
        }
    }

    private static Sit read(Payload data) {
        return data.decode((b, o, l) -> Sit.read(new AttributeReader(b, o, l)));
    }

    private static void both(String hex, LinkSettings settings) {
        assertEquals(Payload.of(hex), Payload.written(settings::write));
        assertEquals(settings, Payload.of(hex).decode(LinkSettings::decode));
    }

    private static Inet4Address inet4(String literal) {
        return (Inet4Address) inet(literal);
    }

    private static Inet6Address inet6(String literal) {
        return (Inet6Address) inet(literal);
    }

    private static InetAddress inet(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
