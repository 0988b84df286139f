package org.mayfly.agent.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.agent.kernel.TwoHosts.CLIENT;
import static org.mayfly.agent.kernel.TwoHosts.DOOR;
import static org.mayfly.agent.kernel.TwoHosts.GATED;
import static org.mayfly.agent.kernel.TwoHosts.SERVER;
import static org.mayfly.agent.kernel.TwoHosts.alive;
import static org.mayfly.agent.kernel.TwoHosts.guard;
import static org.mayfly.agent.kernel.TwoHosts.permit;
import static org.mayfly.agent.kernel.TwoHosts.stand;

import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Standing;
import org.mayfly.knock.Ip6Address;

/**
 * While nobody reads, more happens than the kernel keeps for us, and what we ought to hear is among what it throws away. A
 * table without owner; {@code FloodIT} does the like to the whole agent.
 */
final class FloodTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Permit PERMIT = permit(CLIENT, DOOR);
    private static final Standing ONE_DOOR = new Standing(Map.of(PERMIT, MINUTE), Map.of(), Map.of(DOOR, MINUTE));

    /** Several times what fits into a receive buffer of 4 MiB. */
    private static final int ELEMENTS = 200_000;

    private static final int ROUTES = 40_000;

    @TempDir
    private Path temp;

    private final Set<Disturbance> heard = EnumSet.noneOf(Disturbance.class);
    private TwoHosts net;
    private NetlinkKernel kernel;
    private @Nullable KernelWatch watch;

    @BeforeEach
    void build() throws Exception {
        net = new TwoHosts();
        kernel = net.kernel();
        watch = net.server.call(() -> kernel.watch(DOOR::equals, new KernelWatch.Listener() {
            @Override
            public void disturbed(Disturbance what) {
                heard.add(what);
            }

            @Override
            public void ready(Ip6Address door) {}

            @Override
            public void machineChanged() {}
        }));
        stand(kernel, guard(DoorMode.ADDRESS), Standing.NOTHING);
        kernel.open(PERMIT, MINUTE);
        read();
        heard.clear();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (watch != null) {
            watch.close();
        }
        if (net != null) { // the test was skipped
            net.close();
        }
    }

    /** What there is to read. */
    private void read() throws Exception {
        for (KernelWatch.Source source : Objects.requireNonNull(watch).sources()) {
            while (source.poll(0)) {
                source.read();
            }
        }
    }

    @Test
    void aFlushInAFloodOfRulesIsPutBack() throws Exception {
        StringBuilder flood = new StringBuilder("table ip flood {\nset s {\ntype mark; elements = {");
        for (int i = 0; i < ELEMENTS; i++) {
            flood.append(i).append(',');
        }
        Path file = Files.writeString(
                temp.resolve("flood"), flood.append("}\n}\n}\n").toString());
        Socket session = net.connect(CLIENT, DOOR, GATED);
        net.server.run("nft", "-f", file.toString());
        net.server.run("nft", "flush", "ruleset");
        assertPutBack();
        assertTrue(alive(session));
    }

    @Test
    void anAddressGoneInAFloodOfRoutesIsPutBack() throws Exception {
        StringBuilder flood = new StringBuilder();
        for (int i = 0; i < ROUTES; i++) {
            flood.append("route ").append(i % 2 == 0 ? "add" : "del").append(" blackhole 2001:db8:f::1\n");
        }
        flood.append("address del ").append(DOOR).append("/128 dev srv0\n");
        Path file = Files.writeString(temp.resolve("flood"), flood);
        Socket session = net.connect(CLIENT, DOOR, GATED);
        net.server.run("ip", "-6", "-batch", file.toString());
        assertPutBack();
        assertTrue(alive(session));
    }

    private void assertPutBack() throws Exception {
        read();
        assertEquals(EnumSet.of(Disturbance.OVERRUN), heard, "what happened itself was not told");
        stand(kernel, guard(DoorMode.ADDRESS), ONE_DOOR);
        heard.clear();
        read();
        assertFalse(heard.contains(Disturbance.OVERRUN), "and we go on hearing");
        assertTrue(kernel.stands());
        assertTrue(net.silent(CLIENT, SERVER, GATED));
        assertTrue(alive(net.connect(CLIENT, DOOR, GATED)));
    }
}
