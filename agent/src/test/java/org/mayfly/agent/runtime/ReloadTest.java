package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Packet;
import org.mayfly.netlink.testing.Lab;

/** A reload that fails, at each step: the agent's own parts and real sockets, and a kernel in memory. */
final class ReloadTest {
    private static final int PORT = 9418;
    private static final Ip6Address LOOPBACK = Ip6Address.parse("::1");
    private static final GatedPort GIT = new GatedPort(Protocol.TCP, PORT, Ipv4Access.CLOSED);

    private static final String BEFORE = """
            [door]
            interface = "eth0"
            prefix = "2001:db8:d::/64"

            [service.ssh]
            port = 22
            """;

    private static final String AFTER = BEFORE + """
            [service.git]
            port = 9418
            relay = "127.0.0.1:9999"
            """;

    @TempDir
    Path temp = Path.of("");

    private final Lab lab = new Lab();
    private final Transport transport = Transport.best();
    private final EventLoopGroup group = transport.loop();
    private Lab.Host host;
    private TestAgent agent;
    private InForce inForce;
    private Relays relays;
    private Reload reload;
    private Path file;

    @BeforeEach
    void build() throws Exception {
        host = lab.host();
        lab.join(host, "eth0", lab.host(), "eth0");
        host.address("2001:db8:1::5/64", "eth0");
        agent = new TestAgent(group, temp.resolve("state"), new Quota(10, 10, Quota.Full.REFUSE));
        file = Files.writeString(temp.resolve("mayflyd.toml"), BEFORE);
        Configuration c = Configuration.read(file);
        DoorChoice door = DoorChoice.choose(c, host.call(NetlinkMachine::look));
        inForce = new InForce(c, door);
        Monitors monitors = new Monitors(agent.clock);
        ClientStore clients = new ClientStore(
                new ClientFiles(temp.resolve("clients"), agent.server),
                agent.loop,
                agent.agent,
                new Refusals(),
                new Enrolments(agent.server, () -> "server.example", 62201, 0, () -> true),
                Runnable::run);
        relays = new Relays(
                transport,
                group,
                new Listeners(transport, group, Packet.LENGTH, agent.loop),
                List.of(),
                agent.loop,
                agent.agent::admits,
                a -> false);
        agent.loop.await(() -> {
            agent.agent.apply(c.settings(door));
            return c;
        });
        reload = new Reload(
                file, inForce, agent.agent, agent.loop, clients, relays, monitors, new DoorNews(monitors, agent.clock));
    }

    @AfterEach
    void tearDown() throws Exception {
        if (relays != null) {
            relays.close();
        }
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        if (agent != null) {
            agent.close();
        }
        lab.close();
    }

    private boolean listens() throws Exception {
        return host.call(() -> {
            try (Socket s = new Socket(LOOPBACK.toInetAddress(), PORT)) {
                return s.isConnected();
            } catch (ConnectException e) {
                return false;
            }
        });
    }

    private void assertNothingIsDifferent(Settings before) throws Exception {
        assertEquals(before, agent.agent.settings());
        assertEquals(before.guard(), agent.agent.guard());
        assertEquals(1, inForce.configuration().services().size());
        assertFalse(listens());
    }

    @Test
    void aGuardThatTheKernelRefusesLeavesNoPortClosedForIt() throws Exception {
        Settings before = agent.agent.settings();
        AtomicInteger installs = new AtomicInteger();
        Files.writeString(file, AFTER);
        agent.kernel.failOn(call -> call.equals("install") && installs.incrementAndGet() == 2);
        KernelException e = assertThrows(KernelException.class, () -> host.call(reload::run));
        assertTrue(String.valueOf(e.getMessage()).contains("the test asked"), e::toString);
        assertEquals(3, installs.get(), "the new port is closed, all is put up, which fails, and the port is let go");
        assertNothingIsDifferent(before);
        host.call(reload::run);
        assertTrue(agent.agent.guard().gated().contains(GIT));
        assertTrue(listens());
    }

    @Test
    void aDefectBehindTheGuardLeavesNoSettingsWithoutListeners() throws Exception {
        Settings before = agent.agent.settings();
        Files.writeString(file, AFTER);
        AtomicInteger installs = new AtomicInteger();
        agent.kernel.failOn(call -> {
            if (call.equals("install") && installs.incrementAndGet() == 2) {
                throw new IllegalStateException("a defect");
            }
            return false;
        });
        assertThrows(RuntimeException.class, () -> host.call(reload::run));
        assertNothingIsDifferent(before);
    }

    @Test
    void aPortThatSomebodyHasLeavesTheGuardAsItWas() throws Exception {
        Settings before = agent.agent.settings();
        Files.writeString(file, AFTER);
        try (ServerSocket taken = host.call(() -> new ServerSocket(PORT))) {
            assertTrue(taken.isBound());
            assertThrows(IOException.class, () -> host.call(reload::run));
        }
        assertNothingIsDifferent(before);
    }
}
