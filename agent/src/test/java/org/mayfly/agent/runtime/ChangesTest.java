package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;

class ChangesTest {
    private static final String ALL = "; clients that were enrolled for others need a new URI";
    private static final String SOME = "; clients enrolled without [host] name need a new URI";

    @TempDir
    private Path temp;

    /** Who follows the server's address needs no new URI. */
    @ParameterizedTest
    @CsvSource({
        "auto, 2001:db8:1::/64, ANYIP, auto, 2001:db8:2::/64, ANYIP, " + SOME,
        "auto, 2001:db8:1::/64, ANYIP, auto, 2001:db8:2::/80, ANYIP, " + ALL,
        "auto, 2001:db8:1::/64, ADDRESS, 2001:db8:d::/64, 2001:db8:d::/64, ANYIP, " + ALL,
        "2001:db8:d::/64, 2001:db8:d::/64, ANYIP, auto, 2001:db8:1::/64, ADDRESS, " + ALL,
        "2001:db8:d::/64, 2001:db8:d::/64, ANYIP, 2001:db8:d::/64, 2001:db8:d::/64, ADDRESS, ''",
    })
    void sayWhoNeedsANewUri(
            String before, String from, DoorMode modeBefore, String after, String to, DoorMode mode, String who)
            throws IOException, ConfigurationException {
        List<String> lines = Changes.between(
                configuration(before), configuration(after), choice(from, modeBefore), choice(to, mode));
        assertEquals(List.of("doors are in " + to + ", mode " + mode + who), lines);
    }

    @Test
    void sayWhatLeadsElsewhere() throws IOException, ConfigurationException {
        String git = "[service.git]\nport = 9418\n";
        assertEquals(List.of("service git is different"), between(git, git + "relay = '127.0.0.1:9418'\n"));
        assertEquals(
                List.of("service git is different"),
                between(git + "relay = '127.0.0.1:9418'\n", git + "relay = '127.0.0.1:9419'\n"));
        String share = "[listen]\ntcp = ['[::]:443']\n";
        assertEquals(
                List.of("TCP knocks share their port with 127.0.0.1:8443"),
                between(share, share + "share = '127.0.0.1:8443'"));
        assertEquals(
                List.of("TCP knocks share their port with nobody"), between(share + "share = '127.0.0.1:8443'", share));
        assertEquals(
                List.of("[listen], [paths], [kernel], [admin] and [host] take effect when mayflyd is restarted"),
                between("", share + "share = '127.0.0.1:8443'"));
        assertEquals(List.of("the limit of relayed connections is 5"), between("", "[relay]\nlimit = 5"));
    }

    private List<String> between(String before, String after) throws IOException, ConfigurationException {
        DoorChoice door = choice("2001:db8:d::/64", DoorMode.ANYIP);
        return Changes.between(read(before), read(after), door, door);
    }

    private Configuration configuration(String prefix) throws IOException, ConfigurationException {
        return read("[door]\nprefix = \"" + prefix + "\"\n");
    }

    private Configuration read(String toml) throws IOException, ConfigurationException {
        return Configuration.read(Files.writeString(temp.resolve("mayflyd.toml"), toml));
    }

    private static DoorChoice choice(String prefix, DoorMode mode) {
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED);
        return new DoorChoice(mode, doors, "eth0", "", "");
    }
}
