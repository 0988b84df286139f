package org.mayfly.knock.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SshTest {
    @Test
    void goesThroughADoorUnderTheNameOfTheProfile() {
        assertEquals(
                List.of(
                        "ssh",
                        "-o",
                        "ProxyCommand=/usr/bin/mayfly connect home ssh",
                        "-o",
                        "HostKeyAlias=home",
                        "bob@home",
                        "-v",
                        "uptime"),
                Ssh.command(
                        false,
                        "/usr/bin/mayfly",
                        List.of("connect", "home", "ssh"),
                        "bob@home",
                        "home",
                        List.of("-v", "uptime")));
    }

    /** What ssh makes of the option (it turns %% into %) is given to a real shell. */
    @Test
    void aLauncherWithBlanksQuotesAndPercentSignsStaysOneWord() throws Exception {
        String launcher = "/tmp/it's 100% $HOME/mayfly";
        String option = Ssh.command(false, launcher, List.of("connect", "home"), "home", "home", List.of())
                .get(2);
        String command = option.substring("ProxyCommand=".length()).replace("%%", "%");
        Process p = new ProcessBuilder("sh", "-c", "printf '[%s]' " + command).start();
        assertEquals(
                "[" + launcher + "][connect][home]",
                new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    @Test
    void quotesForWindowsWithItsOwnSign() {
        String option = Ssh.command(true, "C:\\Program Files\\mayfly.bat", List.of("connect", "x"), "x", "x", List.of())
                .get(2);
        assertEquals("ProxyCommand=\"C:\\Program Files\\mayfly.bat\" connect x", option);
    }
}
