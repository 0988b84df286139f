package org.mayfly.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.relay.ProxyHeader;
import org.mayfly.agent.relay.Target;
import org.mayfly.knock.Ip6Prefix;

class ConfigurationTest {
    private static final String ALL = """
            [listen]
            udp = ["[2001:db8::1]:62201", "192.0.2.1:62202"]
            tcp = ["[::]:443"]
            gate = "xdp"
            share = "[::1]:8443"
            share-proxy = "v2"

            [door]
            interface = "eth0"
            prefix = "2001:db8:1:2::/80"
            mode = "anyip"
            reserved = "::ff00/120"
            limit = 7

            [service.ssh]
            port = 22

            [service.dns-over-udp]
            protocol = "udp"
            port = 443
            lease = "1d"
            session = "0s"
            ipv4 = "permit"
            relay = "dns.example:53"
            relay-inside = true
            relay-idle = "30s"

            [service.git]
            port = 9418
            relay = "127.0.0.1:9418"
            relay-proxy = "v2"

            [relay]
            limit = 70

            [knock]
            window = "5m"

            [quota]
            leases = 3
            rate = 4

            [paths]
            clients = "/srv/a \\"quoted\\" \\\\ \\u00e9/clients"
            state = "/srv/state"
            socket = "/srv/socket"

            [kernel]
            table = "other"

            [admin]
            group = "adm"

            [host]
            name = "[2001:db8::5]"
            """;

    @TempDir
    Path directory = Path.of("");

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = directory.resolve("mayflyd.toml");
    }

    private Configuration read(String toml) throws ConfigurationException {
        return ConfigurationReader.read(Path.of("f"), toml);
    }

    private List<String> errors(String toml) {
        return assertThrows(ConfigurationException.class, () -> read(toml), toml)
                .errors();
    }

    @Test
    void aServiceIsWhatStandsInTheQuotes() {
        List<String> errors = errors("[service.\"x.ssh\"]\nport = 22\n");
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.get(0).contains("x.ssh"), errors::toString);
    }

    @Test
    void emptyFileGivesTheDefaults() throws ConfigurationException {
        Configuration c = read("");
        assertEquals(
                List.of("[::]:62201", "0.0.0.0:62201"),
                c.udp().stream().map(Sockets::text).toList());
        assertEquals(
                List.of("IPv6 port 62201", "IPv4 port 62201"),
                c.guardWithoutDoors().knocks().stream().map(KnockPort::toString).toList());
        assertEquals(List.of(), c.tcp());
        assertEquals(GateChoice.AUTO, c.gate());
        assertEquals(ModeChoice.AUTO, c.mode());
        assertEquals(Ip6Prefix.parse("::/124"), c.reserved());
        assertEquals(1000, c.doorLimit());
        assertEquals(Duration.ofSeconds(30), c.window());
        assertEquals(new Quota(64, 10, Quota.Full.REPLACE), c.quota());
        assertEquals(Path.of("/etc/mayfly/clients"), c.clients());
        assertEquals(Path.of("/var/lib/mayfly"), c.state());
        assertEquals(Path.of("/run/mayfly/control.sock"), c.socket());
        assertEquals("mayfly", c.table());
        assertEquals(new Relaying(null, Map.of(), 10_000), c.relaying());
        assertEquals(1, c.warnings().size(), "no services is allowed, and strange");
    }

    @Test
    void readsEverything() throws ConfigurationException {
        Configuration c = read(ALL);
        assertEquals("eth0", c.doorInterface());
        assertEquals(Ip6Prefix.parse("2001:db8:1:2::/80"), c.prefix());
        assertEquals(
                List.of(
                        new Service(
                                "ssh",
                                Protocol.TCP,
                                22,
                                Duration.ofSeconds(30),
                                Duration.ofHours(12),
                                Ipv4Access.CLOSED),
                        new Service(
                                "dns-over-udp",
                                Protocol.UDP,
                                443,
                                Duration.ofDays(1),
                                Duration.ZERO,
                                Ipv4Access.PERMIT),
                        new Service(
                                "git",
                                Protocol.TCP,
                                9418,
                                Duration.ofSeconds(30),
                                Duration.ofHours(12),
                                Ipv4Access.CLOSED)),
                c.services());
        assertEquals(
                new Relaying(
                        new Target("::1", 8443, ProxyHeader.V2, true),
                        Map.of(
                                "dns-over-udp",
                                new Relay(
                                        new Target("dns.example", 53, ProxyHeader.NONE, true), Duration.ofSeconds(30)),
                                "git",
                                new Relay(new Target("127.0.0.1", 9418, ProxyHeader.V2, false), Duration.ofMinutes(5))),
                        70),
                c.relaying());
        assertEquals("2001:db8::5", c.host());
        assertEquals(List.of(), c.warnings());
    }

    @Test
    void effectiveReadsBackAsTheSame() throws ConfigurationException {
        for (String toml :
                List.of("", ALL, "[paths]\nstate = \"/a\\u0007\\tb\"", "[listen]\nudp=[]\ntcp=['1.2.3.4:5']")) {
            Configuration c = read(toml);
            assertEquals(c.effective(), read(c.effective()).effective());
            Configuration again = read(c.effective());
            if (c.services().isEmpty()) {
                assertEquals(1, again.warnings().size());
            }
            assertEquals(c, again, c.effective());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    [listen]\\nupd = []                        | f:2:1: unknown key [listen] upd; expected "udp"
                    [liste]                                    | f:1:1: unknown key liste; expected "listen"
                    [metrics]\\nlisten = 1                     | f:1:1: unknown key metrics; expected a metrics listener in a later version; for now one of
                    [listen]\\nshare = "x"                     | f:2:1: [listen] share: "x" is not a host and port; expected one such as "127.0.0.1:8443"
                    [listen]\\nshare = "::1:80"                | f:2:1: [listen] share: "::1:80" is not a host and port; expected
                    [listen]\\nshare = "a:70000"               | f:2:1: [listen] share: "a:70000": the port is 70000; expected 1 to 65535
                    [listen]\\nshare = "a_b:1"                 | f:2:1: [listen] share: "a_b" cannot be used; expected a host name or an address
                    [listen]\\nshare = "0.0.0.0:1"             | f:2:1: [listen] share: "0.0.0.0:1": nothing can be connected to at 0.0.0.0; expected one such as
                    [listen]\\nshare = "[fe80::1]:1"           | f:2:1: [listen] share: "[fe80::1]:1": nothing can be connected to at fe80::1; expected
                    [listen]\\nshare = 443                     | f:2:1: [listen] share: it is a number; expected text in quotes
                    [listen]\\nshare-proxy = "v2"              | f:2:1: [listen] share-proxy without share; expected share = "127.0.0.1:8443" too
                    [listen]\\nshar = "a:1"                    | f:2:1: unknown key [listen] shar; expected "share"
                    [listen]\\ntcp = ["[::]:443"]\\nshare = "127.0.0.1:443" | f:3:1: [listen] share: 127.0.0.1:443 is where knocks are taken; expected where the daemon listens
                    [listen]\\ntcp = ["0.0.0.0:443"]\\nshare = "localhost:443" | f:3:1: [listen] share: localhost:443 is where knocks are taken; expected
                    [listen]\\ntcp = ["[2001:db8::1]:443"]\\nshare = "[2001:db8::1]:443" | f:3:1: [listen] share: [2001:db8::1]:443 is where knocks are taken; expected
                    [listen]\\ntcp = ["[::]:443"]\\nshare = "[::1]:1"\\n[service.a]\\nport = 1\\nrelay = "[::1]:2" | f:3:1: [listen] share: [::1]:1 is what service "a" listens on for its relay; expected
                    [service.a]\\nport = 1\\nrelay = "x"       | f:3:1: [service.a] relay: "x" is not a host and port; expected one such as
                    [service.a]\\nport = 1\\nrelay = "[::1]:1" | f:3:1: [service.a] relay: [::1]:1 is what service "a" listens on for its relay; expected where the daemon listens
                    [service.a]\\nport = 1\\nrelay = "localhost:1" | f:3:1: [service.a] relay: localhost:1 is what service "a" listens on
                    [service.a]\\nport = 1\\nipv4 = "permit"\\nrelay = "127.0.0.1:1" | f:4:1: [service.a] relay: 127.0.0.1:1 is what service "a" listens on
                    [service.a]\\nport = 1\\nprotocol = "udp"\\nrelay = "127.0.0.1:62201" | f:4:1: [service.a] relay: 127.0.0.1:62201 is where knocks are taken; expected
                    [service.a]\\nport = 1\\nrelay-proxy = "v2" | f:3:1: [service.a] relay-proxy without relay; expected relay = "127.0.0.1:9418" too
                    [service.a]\\nport = 1\\nrelay-inside = true | f:3:1: [service.a] relay-inside without relay; expected
                    [service.a]\\nport = 1\\nrelay = "b:1"\\nrelay-inside = "yes" | f:4:1: [service.a] relay-inside is text; expected true or false
                    [service.a]\\nport = 1\\nrelay = "b:1"\\nrelay-proxy = "v1" | f:4:1: [service.a] relay-proxy: "v1" is not known; expected one of "none", "v2"
                    [service.a]\\nport = 1\\nrelay = "b:1"\\nrelay-idle = "1m" | f:4:1: a TCP connection ends by itself; expected relay-idle with protocol = "udp" only
                    [service.a]\\nport = 1\\nprotocol = "udp"\\nrelay = "b:1"\\nrelay-proxy = "v2" | f:5:1: a datagram cannot have a PROXY header; expected
                    [service.a]\\nport = 1\\nprotocol = "udp"\\nrelay = "b:1"\\nrelay-idle = "0s" | f:5:1: [service.a] relay-idle: "0s" is out of range; expected 1s to 1d
                    [relay]\\nlimit = 0                        | f:2:1: [relay] limit is 0; expected 1 to 1000000
                    [relay]\\nlimits = 0                       | f:2:1: unknown key [relay] limits; expected "limit"
                    [listen]\\nudp = "x"                       | f:2:1: [listen] udp is text; expected a list
                    [listen]\\nudp = ["[::]:1",\\n  "x:1"]     | f:3:3: [listen] udp: "x" is not an IPv6 or IPv4 address; expected
                    [listen]\\nudp = [5]                       | f:2:8: [listen] udp: it is a number; expected text in quotes
                    [listen]\\nudp = ["[::]:0"]                | f:2:8: [listen] udp: "[::]:0": the port is 0; expected 1 to 65535
                    [listen]\\nudp = ["[::]:65536"]            | f:2:8: [listen] udp: "[::]:65536": the port is 65536; expected
                    [listen]\\nudp = ["::1:5"]                 | f:2:8: [listen] udp: "::1:5" is not an address and port; expected
                    [listen]\\nudp = ["[::]:5", "[::]:5"]      | f:2:18: [listen] udp: "[::]:5" is there already; expected each once
                    [listen]\\ngate = "ebpf"                   | f:2:1: [listen] gate: "ebpf" is not known; expected one of "auto", "socket", "xdp", "user"
                    [listen]\\nudp = []                        | f:2:1: there is no listener; expected
                    [door]\\nprefix = "2001:db8::/63"          | f:2:1: [door] prefix: 2001:db8::/63 leaves 65 bits for doors; expected a prefix length of 64 to 96
                    [door]\\nprefix = "2001:db8::/97"          | f:2:1: [door] prefix: 2001:db8::/97 leaves 31 bits
                    [door]\\nprefix = "2001:db8::1/64"         | f:2:1: [door] prefix: 2001:db8::1/64 has bits set beyond its length; did you mean 2001:db8::/64?
                    [door]\\nprefix = "fe80::/64"              | f:2:1: [door] prefix: fe80::/64 has no global addresses; expected
                    [door]\\nprefix = "eth0"                   | f:2:1: [door] prefix: "eth0" is not an IPv6 prefix
                    [door]\\nreserved = "::/64"                | f:2:1: [door] reserved: the reserved range ::/64 covers all
                    [door]\\nreserved = "2001:db8::/124"       | f:2:1: [door] reserved: the reserved range 2001:db8::/124 is relative
                    [door]\\nprefix = "2001:db8::/96"\\nreserved = "::/80" | f:3:1: [door] reserved: the reserved range ::/80 covers all
                    [door]\\nmode = "any"                      | f:2:1: [door] mode: "any" is not known; expected one of "auto", "address", "anyip"
                    [door]\\nlimit = 0                         | f:2:1: [door] limit is 0; expected 1 to 1000000
                    [door]\\nlimit = 1.5                       | f:2:1: [door] limit is a number
                    [door]\\ninterface = "a/b"                 | f:2:1: [door] interface: "a/b" cannot be used; expected the name of an interface
                    [service.ssh]                              | f:1:1: [service.ssh] has no port; expected port = 1 to 65535
                    [service.ssh]\\nport = 70000               | f:2:1: [service.ssh] port is 70000; expected 1 to 65535
                    [service.ssh]\\nport = "22"                | f:2:1: [service.ssh] port is text; expected a whole number
                    [service.SSH]\\nport = 22                  | f:1:1: "SSH" cannot be the name of a service; expected
                    [service]\\nssh = 22                       | f:2:1: [service] ssh is a number; expected a table, [service.ssh]
                    [[service.ssh]]\\nport = 1                 | f:1:1: [service] ssh is a list; expected a table
                    [service.a]\\nport=1\\n[service.b]\\nport=1 | f:4:1: port 1/tcp is that of service "a" too; expected
                    [service.a]\\nprotocol="udp"\\nport=62201  | f:3:1: port 62201/udp is where knocks are taken; expected
                    [service.a]\\nport=1\\nprotocol="icmp"     | f:3:1: [service.a] protocol: "icmp" is not known; expected one of "tcp", "udp"
                    [service.a]\\nport=1\\nlease="30"          | f:3:1: [service.a] lease: "30" is not a duration
                    [service.a]\\nport=1\\nlease=30            | f:3:1: [service.a] lease: it is a number; expected text in quotes
                    [service.a]\\nport=1\\nlease="0s"          | f:3:1: [service.a] lease: "0s" is out of range; expected 1s to 365d
                    [service.a]\\nport=1\\nsession="999999999d" | f:3:1: [service.a] session: "999999999d" is out of range
                    [knock]\\nwindow = "2h"                    | f:2:1: [knock] window: "2h" is out of range; expected 1s to 1h
                    [quota]\\nrate = 0                         | f:2:1: [quota] rate is 0; expected 1 to 1000000
                    [paths]\\nstate = "var"                    | f:2:1: [paths] state: "var" is not an absolute path
                    [paths]\\nstate = "/a\\\\u0000"            | f:2:1: [paths] state: "/a\\u0000" cannot be a path
                    [kernel]\\ntable = "a b"                   | f:2:1: [kernel] table: "a b" cannot be used
                    [admin]\\ngroup = ""                       | f:2:1: [admin] group: "" cannot be used
                    [host]\\nname = "a:5"                      | f:2:1: [host] name: "a:5" is not an IPv6 or IPv4 address
                    [host]\\nname = "1.2.3"                    | f:2:1: [host] name: "1.2.3" is not an IPv6 or IPv4 address
                    host = 1                                   | f:1:1: host is a number; expected a table, [host]
                    a = \\n                                    | f:1:5: it is not TOML: Unexpected end of line, expected
                    [a]\\n[a]                                  | f:2:1: it is not TOML: a previously defined at line 1
                    """)
    void saysWhereAndWhat(String toml, String expected) {
        List<String> errors = errors(toml.replace("\\n", "\n").replace("\\\\", "\\"));
        assertTrue(errors.get(0).startsWith(expected.strip()), () -> errors + "\n instead of " + expected);
        assertEquals(1, errors.size(), errors::toString);
    }

    @Test
    void saysEverythingAtOnceInOrder() {
        List<String> errors = errors("""
                [service.ssh]
                port = 0
                lease = "x"
                [door]
                prefix = "x"
                [listn]
                """);
        assertEquals(
                List.of("f:2:1:", "f:3:1:", "f:5:1:", "f:6:1:"),
                errors.stream().map(e -> e.substring(0, 6)).toList(),
                errors::toString);
    }

    @Test
    void aComplaintIsOneLine() {
        List<String> errors = errors("\"a\\n\\u001b[31m\\u202e\" = 1\n");
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).chars().noneMatch(Character::isISOControl), errors::toString);
        assertTrue(errors.get(0).contains("\\u202e"), errors::toString);
    }

    @Test
    void aSocketHasAShortPath() throws ConfigurationException {
        String longest = "/" + "s".repeat(106);
        assertEquals(
                Path.of(longest), read("[paths]\nsocket = '" + longest + "'").socket());
        assertEquals(
                List.of("f:2:1: [paths] socket: a socket's path cannot have 108 bytes; expected at most 107"),
                errors("[paths]\nsocket = '" + longest + "s'"));
    }

    /** The daemon that speaks only IPv4 has the port of its own name there, and the relay has it on IPv6. */
    @Test
    void aRelayMayLeadToItsOwnPortOnIpv4() throws ConfigurationException {
        Configuration c = read("[service.a]\nport = 9418\nrelay = '127.0.0.1:9418'");
        assertEquals(
                new Relay(new Target("127.0.0.1", 9418, ProxyHeader.NONE, false), Duration.ofMinutes(5)),
                c.relaying().services().get("a"));
        assertEquals(List.of(), c.warnings());
        read(
                "[service.a]\nport = 53\nprotocol = 'udp'\nrelay = '[::1]:54'\n[service.b]\nport = 54\nrelay = '[::1]:53'");
    }

    @Test
    void warnsOfAShareWithoutAListener() throws ConfigurationException {
        String toml = "[service.a]\nport=1\n[listen]\nshare='localhost:8443'";
        assertEquals(
                List.of(
                        "f:4:1: [listen] share: there is no TCP listener, so nothing is shared; add tcp = [\"[::]:443\"]"),
                read(toml).warnings());
        assertEquals(List.of(), read(toml + "\ntcp=['[::]:443']").warnings());
    }

    @Test
    void warnsOfManyAddresses() throws ConfigurationException {
        String toml = "[service.a]\nport=1\n[door]\nlimit=6000\nmode=";
        assertTrue(read(toml + "'address'").warnings().get(0).startsWith("f:4:1: [door] limit: 6000"));
        assertEquals(List.of(), read(toml + "'anyip'").warnings());
    }

    @Test
    void garbageNeverDoesAnythingElse() {
        Random random = new Random(0x6d61_7966_6c79L);
        byte[] all = ALL.getBytes(StandardCharsets.UTF_8);
        String alphabet = "[]{}\"'=.,#\n\\u 0123abc-:/+_x\t\r\0\u00e9";
        for (int run = 0; run < 3000; run++) {
            byte[] bytes;
            if (run % 3 == 0) {
                bytes = new byte[random.nextInt(64)];
                random.nextBytes(bytes);
            } else if (run % 3 == 1) {
                StringBuilder s = new StringBuilder();
                random.ints(random.nextInt(64), 0, alphabet.length()).forEach(i -> s.append(alphabet.charAt(i)));
                bytes = s.toString().getBytes(StandardCharsets.UTF_8);
            } else {
                bytes = all.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) alphabet.charAt(random.nextInt(alphabet.length() - 1));
                }
            }
            checkGarbage(bytes, run);
        }
    }

    private void checkGarbage(byte[] bytes, int run) {
        try {
            ConfigurationReader.read(file, SourceFile.decode(file, bytes));
        } catch (ConfigurationException e) {
            assertFalse(e.errors().isEmpty());
            for (String line : e.errors()) {
                assertTrue(
                        line.matches("\\Q" + file + "\\E:[1-9][0-9]*:[1-9][0-9]*: \\P{Cntrl}+"),
                        () -> "run " + run + ": " + line);
            }
        }
    }

    @Test
    void whatTheParserGivesUpOnIsAComplaint() {
        assertEquals(
                List.of("f:3:1: it is nested too deeply, or has a wrong escape; expected TOML"),
                errors("[listen]\n\nudp = " + "[".repeat(50_000) + "\n[x]\n"));
    }

    @Test
    void readsAFile() throws Exception {
        Files.writeString(file, ALL);
        assertEquals(read(ALL), Configuration.read(file));
    }

    private String error() {
        List<String> errors = assertThrows(ConfigurationException.class, () -> Configuration.read(file))
                .errors();
        assertEquals(1, errors.size());
        return errors.get(0);
    }

    @Test
    void aFileThatCannotBeReliedOn() throws IOException {
        assertTrue(error().startsWith(file + ": there is no such file"));
        Files.createFile(file);
        for (String mode : List.of("rw-rw----", "rw----rw-", "rw-r--rw-")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
            assertEquals(file + ": others than its owner can write it; run: chmod go-w " + file, error());
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Files.write(file, new byte[] {'#', '\n', '#', ' ', (byte) 0xc3, '\n'});
        assertEquals(file + ":2:3: the bytes here are no characters; expected UTF-8", error());
        Files.write(file, new byte[(1 << 20) + 1]);
        assertTrue(error().startsWith(file + ": it is longer than 1 MiB"));
        Files.delete(file);
        Files.createDirectory(file);
        assertTrue(error().startsWith(file + ": it is a directory"));
    }

    @Test
    void theTableMayBeWithoutAnOwner() throws ConfigurationException {
        Configuration c = ConfigurationReader.read(Path.of("f"), "[kernel]\nowner = 'nobody'");
        assertEquals(TableOwner.NOBODY, c.owner());
        assertEquals(
                TableOwner.NOBODY,
                ConfigurationReader.read(Path.of("f"), c.effective()).owner());
        assertEquals(TableOwner.AUTO, ConfigurationReader.read(Path.of("f"), "").owner());
    }

    @Test
    void sessionsMayEndWithTheLease() throws ConfigurationException {
        Configuration c = ConfigurationReader.read(Path.of("f"), "[service.ssh]\nport = 22\nsession = 'cut'");
        assertEquals(Duration.ZERO, c.services().get(0).session());
        assertEquals(
                c.services(),
                ConfigurationReader.read(Path.of("f"), c.effective()).services());
    }
}
