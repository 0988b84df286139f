package org.mayfly.agent.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.testing.BpfRight;
import org.mayfly.netlink.testing.Lab;

/** What the gate needs, and what is left of it, with a process of its own. */
final class GateProcessTest {
    /** setpriv(1) knows the number of every capability; 39 is CAP_BPF, which an older one does not know by name. */
    private static final String BPF = "+cap_39";

    private final Lab lab = new Lab();
    private Lab.Host host;

    @BeforeEach
    void build() throws Exception {
        BpfRight.needed();
        host = lab.host();
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private Process start(String... capabilities) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--bounding-set=-all," + String.join(",", capabilities)));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--")) // what a later Java wants to be told of native code
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GateChild.class.getName(), "v0"));
        Process child = host.call(
                () -> new ProcessBuilder(command).redirectErrorStream(true).start());
        child.onExit().orTimeout(60, TimeUnit.SECONDS).whenComplete((p, e) -> child.destroyForcibly());
        return child;
    }

    private boolean isThere() throws Exception {
        return host.run("ip", "-d", "link", "show", "v0").contains("xdp");
    }

    /** Neither CAP_PERFMON nor CAP_SYS_ADMIN. */
    @Test
    void twoCapabilitiesAreEnoughAndItGoesWithTheProcess() throws Exception {
        Process child = start(BPF, "+net_admin");
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("loaded", out.readLine());
            assertEquals("NATIVE", out.readLine());
            assertTrue(isThere(), "it is there");
            child.toHandle().destroyForcibly();
        }
        assertEquals(128 + 9, child.waitFor(), "SIGKILL");
        untilItIsGone();
    }

    /** The kernel closes what a process had open after others see that it has ended, if it was asked from elsewhere. */
    private void untilItIsGone() throws Exception {
        long end = System.nanoTime() + 10_000_000_000L;
        while (isThere()) {
            assertTrue(System.nanoTime() < end, "it stays");
        }
    }

    @Test
    void theSocketsGateNeedsOne() throws Exception {
        assertEquals(
                "loaded\nthe gate cannot be on interface: bpf(BPF_PROG_LOAD): EPERM; give mayflyd CAP_BPF, "
                        + "and on an interface CAP_NET_ADMIN too; a user namespace has none; before Linux 5.11 it may be "
                        + "too little RLIMIT_MEMLOCK\n",
                said(start(BPF)).replaceAll("interface \\d+", "interface"));
        assertFalse(isThere());
    }

    @Test
    void withoutItSaysSo() throws Exception {
        assertEquals(
                "the gate cannot be in the kernel: bpf(BPF_MAP_CREATE): EPERM; give mayflyd CAP_BPF, "
                        + "and on an interface CAP_NET_ADMIN too; a user namespace has none; before Linux 5.11 it may be "
                        + "too little RLIMIT_MEMLOCK\n",
                said(start("+net_admin")));
    }

    private static String said(Process child) throws IOException, InterruptedException {
        child.getOutputStream().close();
        String said;
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
            said = out.lines().map(line -> line + "\n").reduce("", String::concat);
        }
        assertEquals(0, child.waitFor(), said);
        return said;
    }
}
