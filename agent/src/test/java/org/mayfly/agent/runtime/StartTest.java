package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.netlink.testing.Lab;

/** What a start that is refused leaves in the kernel. */
final class StartTest {
    private static final String CONFIGURATION = """
            [door]
            interface = "eth0"
            prefix = "2001:db8:d::/64"

            [paths]
            state = "TEMP/state"
            clients = "TEMP/clients"
            socket = "TEMP/socket"

            [service.ssh]
            port = 22

            [relay.nat64]
            prefix = "2001:db8:1::/96"
            interface = "eth0"
            """;

    @TempDir
    Path temp = Path.of("");

    @Test
    void aTranslationPrefixOfNeighboursIsNotTakenAndPortsAreShut() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "eth0");
            host.address("2001:db8:1::5/64", "eth0");
            Path file = Files.writeString(temp.resolve("mayflyd.toml"), CONFIGURATION.replace("TEMP", temp.toString()));
            StartException e = assertThrows(StartException.class, () -> host.call(() -> Start.start(file)));
            assertEquals(1, e.lines().size(), () -> e.lines().toString());
            assertTrue(e.lines().get(0).contains("is on the link of eth0"), () -> e.lines()
                    .toString());
            String routes = host.run("ip", "-6", "route", "show", "table", "local");
            assertFalse(routes.contains("2001:db8:1::/96"), routes);
            String table = host.run("nft", "list", "table", "inet", "mayfly");
            assertTrue(table.contains("22"), table);
            assertFalse(table.contains("tproxy"), table);
        }
    }
}
