package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.MemoryMarks;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

final class ClientStoreTest {
    @TempDir
    Path directory = Path.of("");

    private ClientStore store(EventLoopGroup group) throws Exception {
        SystemClock clock = new SystemClock();
        ServerIdentity server = ServerIdentity.create();
        Settings settings = new Settings(
                new Guard(List.of(), List.of()),
                Map.of(),
                Duration.ofSeconds(1),
                new Quota(10, 10, Quota.Full.REFUSE),
                10);
        Agent agent = new Agent(
                settings,
                new InMemoryKernel(clock),
                server.gate(),
                new MemoryMarks(true),
                new MemoryLeases(),
                clock,
                ClientKeyset.create(server).keys().get(0),
                new Random(1),
                new AuditLog(clock, AuditLog.logger()));
        return new ClientStore(
                new ClientFiles(directory.resolve("clients"), server),
                new AgentLoop(group.next(), agent, clock),
                agent,
                new Refusals(),
                new Enrolments(server, () -> "server.example", 62201, 0, () -> true),
                Runnable::run);
    }

    @Test
    void whoeverAskedIsToldOfAnErrorToo() throws Exception {
        EventLoopGroup group = Transport.best().loop();
        try {
            AssertionError defect = new AssertionError("a defect");
            CompletableFuture<String> asked = store(group).offLoop(() -> {
                throw defect;
            });
            ExecutionException told = assertThrows(ExecutionException.class, () -> asked.get(5, TimeUnit.SECONDS));
            assertEquals(defect, told.getCause());
        } finally {
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
