package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;

final class DescriptorsTest {
    private static final String SHARE = "[listen]\ntcp = ['[::]:443']\nshare = '127.0.0.1:8443'\n";
    private static final String GIT = "[service.git]\nport = 9418\nrelay = '127.0.0.1:9418'\n";
    private static final String DNS = "[service.dns]\nport = 53\nprotocol = 'udp'\nrelay = '127.0.0.1:54'\n";
    private static final long OTHER = 1536;

    @TempDir
    private Path temp;

    /** What is warned of with one descriptor less than so many, and not with them. */
    private void needs(long descriptors, String toml) throws IOException, ConfigurationException {
        Configuration c = Configuration.read(Files.writeString(temp.resolve("mayflyd.toml"), toml));
        assertEquals(Optional.empty(), Descriptors.warning(c, descriptors));
        String warning = Descriptors.warning(c, descriptors - 1).orElse("");
        assertTrue(warning.contains(" " + descriptors + " descriptors, and there are " + (descriptors - 1)), warning);
    }

    @Test
    void areCountedForWhatIsPiped() throws IOException, ConfigurationException {
        needs(60_000 + OTHER, SHARE);
        needs(120_000 + OTHER, SHARE + GIT);
        needs(600 + OTHER, GIT + "[relay]\nlimit = 100");
        needs(200 + OTHER, DNS + "[relay]\nlimit = 100");
        needs(800 + OTHER, DNS + GIT + "[relay]\nlimit = 100");
    }

    /** A client's connection, and a socket for each of six tries. */
    @Test
    void areCountedForQueries() throws IOException, ConfigurationException {
        needs(7 * 500 + OTHER, "[relay.dns64]\nupstream = ['192.0.2.53:53']");
        needs(7 * 10 + OTHER, "[relay.dns64]\nupstream = ['192.0.2.53:53']\nlimit = 10");
    }

    @Test
    void doNotMatterWithoutRelays() throws IOException, ConfigurationException {
        Configuration c =
                Configuration.read(Files.writeString(temp.resolve("mayflyd.toml"), "[relay]\nlimit = 1000000"));
        assertEquals(Optional.empty(), Descriptors.warning(c, 10));
    }
}
