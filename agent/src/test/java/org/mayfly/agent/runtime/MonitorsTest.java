package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.admin.AdminClient;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminServer;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.EventAnswer;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.Peer;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.FakeClock;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.MemoryMarks;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/** What those who monitor are told of an agent, over a real socket. */
@Timeout(60)
class MonitorsTest {
    private static final Ip6Address HOME = Ip6Address.parse("2001:db8:c::7");
    private static final Ip6Address IPV4 = Ip6Address.parse("::ffff:192.0.2.7");
    /** After so much more the kernel lets nobody in, whatever its clock. */
    private static final Duration EDGE = Duration.ofSeconds(1);

    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration SESSION = Duration.ofMinutes(10);

    @TempDir
    private Path directory;

    private final FakeClock clock = new FakeClock();
    private final InMemoryKernel kernel = new InMemoryKernel(clock);
    private final Monitors monitors = new Monitors(clock);
    private final Refusals refusals = new Refusals();
    private final BlockingQueue<EventAnswer> told = new LinkedBlockingQueue<>();
    private @Nullable AdminServer server;
    private Agent agent;
    private KnockSender key;

    @BeforeEach
    void start() throws Exception {
        ServerIdentity identity = ServerIdentity.create();
        key = ClientKeyset.create(identity).keys().get(0);
        Settings settings = settings("2001:db8:d::/64");
        agent = new Agent(
                settings,
                kernel,
                identity.gate(),
                new MemoryMarks(true),
                new MemoryLeases(),
                clock,
                ClientKeyset.create(identity).keys().get(0),
                new Random(1),
                new Audience(List.of(new AuditLog(clock, AuditLog.logger()), refusals, monitors)));
        agent.apply(settings);
        agent.clients(List.of(new Client("laptop", List.of("ssh"), SourcePolicy.EXACT, true, null, List.of(key))));
    }

    private static Settings settings(String prefix) {
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse(prefix), DoorSpace.DEFAULT_RESERVED);
        Service ssh = new Service("ssh", Protocol.TCP, 22, LEASE, SESSION, Ipv4Access.PERMIT);
        List<GatedPort> gated = List.of(new GatedPort(Protocol.TCP, 22, Ipv4Access.PERMIT));
        Quota quota = new Quota(2, 100, Quota.Full.REPLACE);
        return new Settings(
                new Guard(List.of(new DoorPrefix(DoorMode.ANYIP, doors, "eth0")), gated),
                Map.of("ssh", ssh),
                LEASE,
                quota,
                1000);
    }

    /** From now on what happens is told. */
    private void watch() throws Exception {
        BlockingQueue<AdminStream> streams = new LinkedBlockingQueue<>();
        Path socket = directory.resolve("s");
        server = AdminServer.start(socket, null, new AdminHandler() {
            @Override
            public CompletionStage<JsonElement> handle(AdminRequest request, Peer peer) {
                throw new IllegalStateException();
            }

            @Override
            public void follow(AdminRequest request, Peer peer, AdminStream stream) {
                streams.add(stream);
            }
        });
        Thread listener = new Thread(() -> {
            try {
                new AdminClient(socket)
                        .follow(
                                AdminCommand.MONITOR,
                                new JsonObject(),
                                event -> told.add(Json.read(event, EventAnswer.class)));
            } catch (AdminException e) {
                // the server was closed
            }
        });
        listener.setDaemon(true);
        listener.start();
        monitors.add(streams.take());
        next("watching");
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private EventAnswer next(String event) throws InterruptedException {
        EventAnswer next = told.take();
        assertEquals(event, next.event(), next::toString);
        return next;
    }

    private void knock(String service, Ip6Address source) {
        byte[] packet = key.write(KnockSender.randomNonce(), new KnockRequest(0, clock.wallNanos(), source, service));
        clock.pass(Duration.ofNanos(1000));
        agent.knock(packet, 0, packet.length, HOME.high(), HOME.low());
    }

    private Lease onlyLease() {
        assertEquals(1, agent.leases().size());
        return agent.leases().iterator().next();
    }

    @Test
    void tellsTheLifeOfALease() throws Exception {
        watch();
        knock("ssh", HOME);
        Lease lease = onlyLease();
        EventAnswer active = next("active");
        assertEquals(lease.id(), active.id());
        assertEquals("laptop", active.client());
        assertEquals("ssh", active.service());
        assertEquals(lease.door().toString(), active.door());
        assertEquals(22, active.port());
        assertEquals("tcp", active.protocol());
        assertEquals(HOME.toString(), active.source());
        assertEquals("active", active.state());
        assertEquals(active.time().plus(LEASE), active.expires());
        kernel.connect(lease.permit());
        clock.pass(LEASE.plus(EDGE));
        agent.tick();
        EventAnswer session = next("session");
        assertEquals(lease.id(), session.id());
        assertEquals("session", session.state());
        assertEquals(active.sessionUntil(), session.sessionUntil());
        clock.pass(SESSION);
        agent.tick();
        EventAnswer ended = next("ended");
        assertEquals(lease.id(), ended.id());
        assertEquals("session_limit", ended.reason());
        assertEquals("closed", ended.state());
    }

    @Test
    void tellsWhyALeaseEnds() throws Exception {
        watch();
        knock("ssh", HOME);
        String first = next("active").id();
        clock.pass(LEASE.plus(EDGE));
        agent.tick();
        EventAnswer expired = next("ended");
        assertEquals(first, expired.id());
        assertEquals("expired", expired.reason());
        knock("ssh", HOME);
        String second = next("active").id();
        knock("ssh", HOME);
        String third = next("active").id();
        knock("ssh", HOME);
        EventAnswer replaced = next("ended");
        assertEquals(second, replaced.id());
        assertEquals("replaced", replaced.reason());
        next("active");
        agent.revoke(agent.named(String.valueOf(third)).get(0));
        assertEquals("revoked", next("ended").reason());
    }

    @Test
    void tellsAWindowThatStartsAnewFromANewLease() throws Exception {
        watch();
        knock("ssh", IPV4);
        EventAnswer active = next("active");
        assertNull(active.door());
        assertEquals(IPV4.toString(), active.source());
        clock.pass(Duration.ofSeconds(7));
        knock("ssh", IPV4);
        EventAnswer renewed = next("renewed");
        assertEquals(active.id(), renewed.id());
        assertEquals("active", renewed.state());
        assertEquals(renewed.time().plus(LEASE), renewed.expires());
        assertEquals(1, agent.leases().size());
    }

    @Test
    void tellsThatALeaseHasADoorInTheNewPrefix() throws Exception {
        watch();
        knock("ssh", HOME);
        EventAnswer active = next("active");
        agent.apply(settings("2001:db8:e::/64"));
        EventAnswer moved = next("moved");
        assertEquals(active.id(), moved.id());
        assertEquals(
                Ip6Prefix.parse("2001:db8:e::/64")
                        .with(Ip6Address.parse(String.valueOf(active.door())))
                        .toString(),
                moved.door());
    }

    @Test
    void tellsARefusalAndCountsItForTheClient() throws Exception {
        knock("git", HOME);
        watch();
        knock("git", HOME);
        EventAnswer refused = next("refused");
        assertEquals("laptop", refused.client());
        assertEquals("service", refused.reason());
        assertEquals(Map.of("service", 2L), refusals.of("laptop"));
        assertEquals(Map.of(), refusals.of("phone"));
        refusals.forget("laptop");
        assertEquals(Map.of(), refusals.of("laptop"));
    }

    /** A flush takes a thousand addresses away at once: it is one event for who watches, and so is its repair. */
    @Test
    void tellsADisturbanceOnceUntilItIsRepaired() throws Exception {
        watch();
        for (int round = 0; round < 2; round++) {
            kernel.flush();
            for (int i = 0; i < 1000; i++) {
                agent.disturbed(Disturbance.TABLE);
            }
            agent.disturbed(Disturbance.OVERRUN);
            assertEquals("table", next("disturbed").reason());
            if (round == 0) {
                assertNotNull(next("warning").message());
            }
            assertEquals("overrun", next("disturbed").reason());
            if (round == 0) {
                next("warning");
            }
            clock.pass(Duration.ofSeconds(2));
            agent.tick();
            next("repaired");
        }
    }

    @Test
    void tellsAReload() throws Exception {
        watch();
        monitors.reloaded(List.of("service git is new", "client phone is gone"));
        assertEquals("service git is new; client phone is gone", next("reload").message());
        monitors.reloaded(List.of());
        assertEquals("nothing has changed", next("reload").message());
    }
}
