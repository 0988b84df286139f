package org.mayfly.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Nat64;
import org.mayfly.agent.translate.Dns64Settings;
import org.mayfly.agent.translate.Rfc6052;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

class TranslatingTest {
    private static final Ip6Prefix PREFIX = Ip6Prefix.parse("64:ff9b:1::/96");
    private static final String NAT64 = "[relay.nat64]\nprefix='64:ff9b:1::/96'\ninterface='br-lan'\n";
    private static final String DNS64 = "[relay.dns64]\nupstream=['192.0.2.53:53']\n";

    private static Configuration read(String toml) throws ConfigurationException {
        return ConfigurationReader.read(Path.of("f"), "[service.a]\nport=1\n" + toml);
    }

    private static Translating translating(String toml) throws ConfigurationException {
        return read(toml).relaying().translating();
    }

    @Test
    void isOffUnlessAskedFor() throws ConfigurationException {
        assertEquals(Translating.NOTHING, translating(""));
        assertEquals(Translating.NOTHING, translating("[relay]\nlimit=7"));
    }

    @Test
    void hasDefaults() throws ConfigurationException {
        Translating t = translating(NAT64 + DNS64);
        assertEquals(new Nat64(PREFIX, "br-lan", false, 6464), t.nat64());
        assertEquals(
                new Dns64Settings(
                        new Rfc6052(PREFIX),
                        false,
                        List.of(socket("::1", 53)),
                        List.of(socket("192.0.2.53", 53)),
                        Dns64Settings.EXCLUDED,
                        List.of(),
                        Dns64Settings.LIMIT),
                t.dns64());
        assertEquals(
                Rfc6052.WELL_KNOWN,
                Objects.requireNonNull(translating(DNS64).dns64()).format().prefix(),
                "of a translator that is elsewhere");
        assertNull(translating(DNS64).nat64());
        assertEquals(List.of(), read(NAT64 + DNS64).warnings());
    }

    @Test
    void everythingReadsBackAsItIsWritten() throws ConfigurationException {
        Configuration c = read("""
                [relay.nat64]
                prefix = "2001:db8:64::/96"
                interface = "lan0"
                inside = true
                port = 7000
                [relay.dns64]
                prefix = "2001:db8:122::/48"
                listen = ["[2001:db8:1::1]:53", "192.0.2.1:53"]
                upstream = ["192.0.2.53:53", "[2001:db8::53]:5353"]
                exclude = ["::ffff:0:0/96", "2001:db8:bad::/48"]
                from = ["2001:db8:1::/64", "192.0.2.0/24", "198.51.100.7/32"]
                limit = 9
                """);
        Dns64Settings dns64 = Objects.requireNonNull(c.relaying().translating().dns64());
        assertTrue(dns64.inside());
        assertEquals(
                List.of(
                        Ip6Prefix.parse("2001:db8:1::/64"),
                        new Ip6Prefix(Ip6Address.parse("192.0.2.0"), 96 + 24),
                        new Ip6Prefix(Ip6Address.parse("198.51.100.7"), 128)),
                dns64.from());
        assertEquals(c, ConfigurationReader.read(Path.of("f"), c.effective()), c.effective());
        assertTrue(c.effective().contains("from = [\"2001:db8:1::/64\", \"192.0.2.0/24\", "), c.effective());
        assertEquals(
                new Nat64(Ip6Prefix.parse("2001:db8:64::/96"), "lan0", true, 7000),
                c.relaying().translating().nat64());
        assertNull(c.guardWithoutDoors().nat64(), "what closes ports needs nothing of it");
    }

    private static InetSocketAddress socket(String address, int port) {
        return new InetSocketAddress(Ip6Address.parse(address).toInetAddress(), port);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                [relay.nat64]\\ninterface='a'                | f:3:1: [relay.nat64] has no prefix; expected a /96 that is routed here, such as prefix = "64:ff9b:1::/96"
                [relay.nat64]\\nprefix='64:ff9b::/96'        | f:3:1: [relay.nat64] has no interface; expected where those come from
                N prefix='64:ff9b::/64'                      | f:5:1: [relay.nat64] prefix: 64:ff9b::/64 is no /96; expected one such as 64:ff9b:1::/96
                N prefix='2001:db8:0:0:100::/96'             | f:5:1: [relay.nat64] prefix: 2001:db8:0:0:100::/96 cannot hold IPv4 addresses: its bits 64 to 71
                N prefix='fe80::/96'                         | f:5:1: [relay.nat64] prefix: fe80::/96 has no global addresses
                N prefix='::ffff:0:0/96'                     | f:5:1: [relay.nat64] prefix: 0.0.0.0/96 has no global addresses
                N prefix='64:ff9b::/96'\\ninside=true        | f:6:1: [relay.nat64] inside: private addresses must not stand in 64:ff9b::/96 (RFC 6052, 3.1); expected false, or
                N prefix='64:ff9b:1::/96'\\ninside='no'      | f:6:1: [relay.nat64] inside is text; expected true or false
                N prefix='64:ff9b:1::/96'\\nport=1           | f:6:1: [relay.nat64] port: 1 is that of service "a"; expected another port
                N prefix='64:ff9b:1::/96'\\nport=0           | f:6:1: [relay.nat64] port is 0; expected 1 to 65535
                N prefix='64:ff9b:1::/96'\\nport=9\\n[listen]\\ntcp=['[::]:9'] | f:6:1: [relay.nat64] port: 9 is where knocks are taken; expected another
                N prefix='64:ff9b:1::/96'\\ninterfac='b'     | f:6:1: unknown key [relay.nat64] interfac; expected "interface"
                [relay.nat46]                                | f:3:1: unknown key [relay] nat46; expected "nat64"
                [relay]\\nnat64=true                         | f:4:1: [relay] nat64 is true or false; expected a table, [relay.nat64]
                [relay.dns64]                                | f:3:1: [relay.dns64] has no upstream; expected the resolvers to ask, such as upstream = ["192.0.2.53:53"]
                [relay.dns64]\\nupstream=[]                  | f:4:1: [relay.dns64] has no upstream; expected
                [relay.dns64]\\nupstream=['dns.example']     | f:4:11: [relay.dns64] upstream: "dns.example" is not an address and port; expected
                D listen=['[::]:53']                         | f:5:1: [relay.dns64] listen: DNS64 cannot listen on all addresses
                D listen=['192.0.2.53:53']                   | f:5:1: [relay.dns64] listen: DNS64 would ask itself: 192.0.2.53:53
                D from=['192.0.2.0/33']                      | f:5:7: [relay.dns64] from: "192.0.2.0/33" is not an IPv6 prefix such as 2001:db8:1:2::/64; expected a network such as
                D from=['192.0.2.1/24']                      | f:5:7: [relay.dns64] from:
                D from=['lan']                               | f:5:7: [relay.dns64] from: "lan" is not an IPv6 prefix
                D prefix='64:ff9b::/90'                      | f:5:1: [relay.dns64] prefix: 64:ff9b::/90 cannot hold IPv4 addresses: its length must be one of
                D limit=0                                    | f:5:1: [relay.dns64] limit is 0; expected 1 to 100000
                """)
    void saysWhereAndWhat(String toml, String expected) {
        String text = toml.replace("\\n", "\n")
                .replaceFirst("^N ", "[relay.nat64]\ninterface='b'\n")
                .replaceFirst("^D ", DNS64);
        ConfigurationException e = assertThrows(ConfigurationException.class, () -> read(text));
        assertTrue(e.errors().get(0).startsWith(expected.strip()), () -> e.errors() + "\n instead of " + expected);
    }

    @Test
    void whoMayAskIsToBeSaidWhereOthersCan() throws ConfigurationException {
        assertEquals(
                List.of("f:3:1: [relay.dns64] from: nobody but this host may ask; name the networks of those inside"),
                read(DNS64 + "listen=['[2001:db8::1]:53']").warnings());
        assertEquals(
                List.of(),
                read(DNS64 + "listen=['[2001:db8::1]:53']\nfrom=['2001:db8::/64']")
                        .warnings());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                2001:db8:d::/64  | 2001:db8:3::/64 | ''
                2001:db8:d::/64  | 64:ff9b::/32    | f:4:1: [relay.nat64] prefix: 64:ff9b::/32 is on the link of eth0, and its neighbours' addresses would become this host's; expected a prefix of nobody, such as 64:ff9b:1::/96
                2001:db8:d::/64  | 64:ff9b:1::8/125| f:4:1: [relay.nat64] prefix: 64:ff9b:1::8/125 is on the link of eth0, and its neighbours' addresses would become this host's; expected a prefix of nobody, such as 64:ff9b:1::/96
                64:ff9b:1::/64   | 2001:db8:3::/64 | f:4:1: [relay.nat64] prefix: doors are in 64:ff9b:1::/64; expected a prefix beside it
                """)
    void isHeldAgainstTheMachine(String doors, String onLink, String complaint) throws ConfigurationException {
        Machine machine = new Machine(
                List.of("lo", "eth0"), List.of(), List.of(new Machine.OnLink("eth0", Ip6Prefix.parse(onLink))), "eth0");
        DoorChoice door = new DoorChoice(
                DoorMode.ANYIP, new DoorSpace(Ip6Prefix.parse(doors), DoorSpace.DEFAULT_RESERVED), "eth0", "", "");
        Translating t = translating(NAT64);
        assertEquals(
                Optional.of(
                        "[relay.nat64] interface: there is no interface \"br-lan\"; until there is, nobody is led to IPv4"),
                t.warning(machine));
        if (complaint.isEmpty()) {
            t.check(machine, door);
        } else {
            ConfigurationException e = assertThrows(ConfigurationException.class, () -> t.check(machine, door));
            assertEquals(List.of(complaint), e.errors());
        }
        Translating.NOTHING.check(machine, door);
        assertEquals(Optional.empty(), Translating.NOTHING.warning(machine));
    }
}
