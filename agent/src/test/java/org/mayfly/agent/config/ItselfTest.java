package org.mayfly.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

/** What would lead to the agent itself, by an address that only the machine knows to be its own. */
class ItselfTest {
    private static final Set<Ip6Address> OWN = Set.of(Ip6Address.parse("2001:db8:1::5"), Ip6Address.parse("192.0.2.1"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                [listen]\\ntcp=['[::]:443']\\nshare='192.0.2.1:443' | [listen] share: 192.0.2.1:443 is this host's, and where knocks are taken
                [listen]\\ntcp=['[::]:443']\\nshare='[2001:db8:1::5]:443' | [listen] share: [2001:db8:1::5]:443 is this host's, and where knocks are taken
                [listen]\\ntcp=['0.0.0.0:443']\\nshare='192.0.2.1:443' | [listen] share: 192.0.2.1:443 is this host's, and where knocks are taken
                [listen]\\ntcp=['0.0.0.0:443']\\nshare='[2001:db8:1::5]:443' | ''
                [listen]\\ntcp=['[::]:443']\\nshare='192.0.2.1:8443' | ''
                [listen]\\ntcp=['[::]:443']\\nshare='192.0.2.2:443' | ''
                [listen]\\ntcp=['[2001:db8:1::6]:443']\\nshare='[2001:db8:1::5]:443' | ''
                [service.a]\\nport=1\\nrelay='[2001:db8:1::5]:1' | [service.a] relay: [2001:db8:1::5]:1 is this host's, and what service "a" listens on for its relay
                [service.a]\\nport=1\\nrelay='[2001:db8:d::7]:1' | [service.a] relay: [2001:db8:d::7]:1 is this host's, and what service "a" listens on for its relay
                [service.a]\\nport=1\\nrelay='192.0.2.1:1' | ''
                [service.a]\\nport=1\\nipv4='permit'\\nrelay='192.0.2.1:1' | [service.a] relay: 192.0.2.1:1 is this host's, and what service "a" listens on for its relay
                [service.a]\\nport=1\\nprotocol='udp'\\nrelay='192.0.2.1:62201' | [service.a] relay: 192.0.2.1:62201 is this host's, and where knocks are taken
                [service.a]\\nport=1\\nrelay='[2001:db8:2::5]:1' | ''
                """)
    void isFoundOnTheMachine(String toml, String complaint) throws ConfigurationException {
        Configuration c = ConfigurationReader.read(Path.of("f"), toml.replace("\\n", "\n"));
        Machine machine = new Machine(List.of("lo", "eth0"), List.of(), List.of(), "eth0");
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8:d::/64"), DoorSpace.DEFAULT_RESERVED);
        DoorChoice door = new DoorChoice(DoorMode.ANYIP, doors, "eth0", "", "");
        if (complaint.isEmpty()) {
            c.check(machine, door, OWN::contains);
            return;
        }
        ConfigurationException e =
                assertThrows(ConfigurationException.class, () -> c.check(machine, door, OWN::contains));
        assertEquals(List.of(complaint + "; expected where the daemon listens"), e.errors());
    }
}
