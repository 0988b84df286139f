package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoopGroup;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.MemoryMarks;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

/** The agent has a defect: it is told once, and the loop lives and does not spin. */
@Timeout(60)
final class AgentLoopTest {
    private static final Duration LEASE = Duration.ofSeconds(1);

    private final EventLoopGroup group = Transport.best().loop();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    /** When the kernel was asked for sessions, which is what a tick does. */
    private final List<Long> looks = new ArrayList<>();

    private final CountDownLatch afterwards = new CountDownLatch(1);

    @BeforeEach
    void listen() {
        Logging.install(new PrintStream(log, true, StandardCharsets.UTF_8), false);
    }

    @AfterEach
    void stop() throws Exception {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    /** A kernel with a defect in it, which goes away with the fourth look. */
    private KernelPort defective(KernelPort kernel) {
        return (KernelPort) Proxy.newProxyInstance(
                KernelPort.class.getClassLoader(), new Class<?>[] {KernelPort.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("sessions")) {
                        looks.add(System.nanoTime());
                        if (looks.size() < 4) {
                            throw new IllegalStateException("defect");
                        }
                        afterwards.countDown();
                    }
                    try {
                        return method.invoke(kernel, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aTickThatFailsIsTriedAgainAfterASecond() throws Exception {
        SystemClock clock = new SystemClock();
        ServerIdentity server = ServerIdentity.create();
        ClientKeyset keys = ClientKeyset.create(server);
        Service service = new Service("ssh", Protocol.TCP, 22, LEASE, LEASE, Ipv4Access.CLOSED);
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8::/64"), DoorSpace.DEFAULT_RESERVED);
        Settings settings = new Settings(
                new Guard(List.of(new DoorPrefix(DoorMode.ANYIP, doors, "")), List.of()),
                Map.of("ssh", service),
                LEASE,
                new Quota(10, 10, Quota.Full.REFUSE),
                10);
        Agent agent = new Agent(
                settings,
                defective(new InMemoryKernel(clock)),
                server.gate(),
                new MemoryMarks(true),
                new MemoryLeases(),
                clock,
                keys.keys().get(0),
                new Random(1),
                new AuditLog(clock, AuditLog.logger()));
        AgentLoop loop = new AgentLoop(group.next(), agent, clock);
        loop.await(() -> {
            agent.apply(settings);
            agent.clients(List.of(new Client("alice", List.of("ssh"), SourcePolicy.EXACT, true, null, keys.keys())));
            return agent.permit("alice", "ssh", null, null);
        });

        assertTrue(afterwards.await(20, TimeUnit.SECONDS), () -> looks + " " + log);

        assertEquals("fine", loop.await(() -> "fine"));
        for (int i = 1; i < looks.size(); i++) {
            long nanos = looks.get(i) - looks.get(i - 1);
            assertTrue(nanos >= 900_000_000L, () -> looks.toString());
        }
        assertEquals(
                1, log.toString(StandardCharsets.UTF_8).split("a defect in the agent", -1).length - 1, log::toString);
    }
}
