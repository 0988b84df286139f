package org.mayfly.agent.runtime;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminServer;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Machine;
import org.mayfly.agent.config.TableOwner;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Standing;
import org.mayfly.agent.kernel.KernelWatch;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.agent.state.ServerFile;
import org.mayfly.agent.state.StateInUseException;
import org.mayfly.agent.state.StoredLeases;
import org.mayfly.agent.state.StoredMarks;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

/**
 * The start of the agent. The order matters: who the server is, then the guard, then the clients, and only then the
 * sockets. Whatever fails on the way, the ports that the configuration gates are shut afterwards, and nothing listens.
 */
final class Start {
    private static final Logger LOG = Logger.getLogger(RunningAgent.class.getName());
    private static final int KEYS = 4096;

    /** The table, unless the configuration names another. */
    private static final String USUAL_TABLE = "mayfly";

    private final Path file;
    private final Configuration c;
    private final Clock clock = new SystemClock();

    /** What is to be closed again, the last first. */
    private final List<AutoCloseable> open = new ArrayList<>();

    private Start(Path file, Configuration c) {
        this.file = file;
        this.c = c;
    }

    /** Reads the configuration and starts the agent in the network namespace of the calling thread. */
    static RunningAgent start(Path file) throws StartException {
        Configuration c;
        try {
            c = Configuration.read(file);
        } catch (ConfigurationException e) {
            throw new StartException(ExitStatus.USAGE, e.errors()).with(unguarded());
        }
        Start start = new Start(file, c);
        try {
            shutUnlessSomethingStands(c);
            return start.run();
        } catch (Exception | Error e) { // whatever it is, the ports are not to stay open
            RunningAgent.closeAll(start.open);
            throw failed(e, shut(c, e instanceof StateInUseException));
        }
    }

    /**
     * What a configuration that cannot be read gates is not known, so nothing can be shut: what stands goes on standing, and
     * if nothing does, as after a boot, somebody should know.
     *
     * @return a line for that; or nothing
     */
    private static List<String> unguarded() {
        try (NetlinkKernel kernel = NetlinkKernel.open(USUAL_TABLE, false)) {
            kernel.rules(); // tells if the kernel cannot be asked, which stands() takes for no guard
            return kernel.stands()
                    ? List.of()
                    : List.of("no guard stands (nftables table inet " + USUAL_TABLE
                            + "): what it gated is open until mayflyd starts");
        } catch (Exception | Error e) {
            return List.of("whether a guard stands cannot be told, gated ports may be open: " + e.getMessage());
        }
    }

    /**
     * Closes the gated ports, if they are not, before anything else can fail. What stands is replaced in one step when it is
     * known which permits go on, so that who is let in is let in all the time.
     */
    private static void shutUnlessSomethingStands(Configuration c) throws IOException, KernelException {
        try (NetlinkKernel kernel = kernel(c)) {
            if (!kernel.stands()) {
                kernel.install(c.guardWithoutDoors(), Standing.NOTHING);
            }
        }
    }

    /**
     * Closes the gated ports, whatever stands: a guard from before may not know of all of them.
     *
     * @param inUse whether another agent is at work: then the guard that stands is its, and lets its clients in
     * @return what went wrong, in a line; or nothing
     */
    private static List<String> shut(Configuration c, boolean inUse) {
        try (NetlinkKernel kernel = kernel(c)) {
            if (!inUse || !kernel.stands()) {
                kernel.shut(c.guardWithoutDoors(), c.reserved());
            }
            return List.of();
        } catch (Exception | Error e) {
            return List.of("gated ports may be open: " + e.getMessage());
        }
    }

    private static StartException failed(Throwable e, List<String> more) {
        if (e instanceof StartException s) {
            return s.with(more);
        }
        if (e instanceof ConfigurationException wrong) {
            // The file may be right, and an interface or its address late: not the status of a wrong configuration.
            return new StartException(ExitStatus.FAILED, wrong.errors()).with(more);
        }
        if (e instanceof KernelException || e instanceof IOException || e instanceof GeneralSecurityException) {
            return StartException.of((Exception) e).with(more);
        }
        return new StartException(ExitStatus.FAILED, List.of("a defect in the agent: " + e), e).with(more);
    }

    private static NetlinkKernel kernel(Configuration c) throws IOException {
        return NetlinkKernel.open(c.table(), c.owner() == TableOwner.AUTO);
    }

    private RunningAgent run() throws Exception {
        Machine machine = NetlinkMachine.look();
        DoorChoice door = DoorChoice.choose(c, machine);
        OwnAddresses.check(c, machine, door);
        c.relaying().translating().warning(machine).ifPresent(LOG::warning);
        c.warnings().forEach(LOG::warning);
        Descriptors.warning(c).ifPresent(LOG::warning);
        LOG.info(() -> "doors are in " + door.doors().prefix() + ", mode " + door.mode() + ": " + door.reason());
        ServerFile.Found found = server();
        StoredMarks marks = opened(StoredMarks.open(c.state(), KEYS, found.isNew()));
        StoredLeases leases = opened(StoredLeases.open(c.state(), clock));
        NetlinkKernel kernel = opened(kernel(c));
        Monitors monitors = new Monitors(clock);
        Refusals refusals = new Refusals();
        AuditLog audit = new AuditLog(clock, AuditLog.logger());
        Agent agent = new Agent(
                c.settings(door),
                kernel,
                found.identity().gate(),
                marks,
                leases,
                clock,
                ClientKeyset.create(found.identity()).keys().get(0),
                new SecureRandom(),
                new Audience(List.of(audit, refusals, monitors)));
        Transport transport = Transport.best();
        EventLoopGroup group = transport.loop();
        open.add(() -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        AgentLoop loop = new AgentLoop(group.next(), agent, clock);
        ScheduledExecutorService worker =
                Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "mayfly-worker"));
        open.add(worker::shutdownNow);
        InForce inForce = new InForce(c, door);
        ClientStore clients = new ClientStore(
                clientFiles(found.identity()), loop, agent, refusals, enrolments(found, inForce), worker);
        Listeners listeners = new Listeners(transport, group, Packet.LENGTH, loop);
        OwnAddresses own = opened(OwnAddresses.open());
        Relays relays = new Relays(transport, group, listeners, c.tcp(), loop, agent::admits, own);
        JunkGate gate = JunkGate.of(c, found.identity().gate(), clock);
        Upkeep upkeep = new Upkeep(loop, agent, marks, leases);
        RunningAgent running = new RunningAgent(
                file,
                inForce,
                agent,
                loop,
                new Answers(agent, kernel, clock, listeners, gate, relays),
                clients,
                monitors,
                upkeep,
                gate,
                relays,
                clock,
                open);
        running.loadClients();
        KernelWatch watch = loop.await(() -> kernel.watch(agent::isDoor, running));
        open.addAll(open.indexOf(kernel) + 1, List.of(watch, gate)); // closed once the loop has ended, which uses them
        takeOver(loop, agent, c, door);
        KernelEvents.start(group.next(), clock, watch, agent::disturbed, loop::arm);
        tell(marks, leases);
        upkeep.every(worker);
        Lookout.every(
                worker,
                loop,
                List.of(
                        audit::tellRest,
                        new TcpNews(listeners::tcpCounts, clock)::look,
                        new PipeNews(relays::counts, clock)::look));
        Warmup.run(kernel, transport, group, door.mode(), c.state());
        listen(opened(listeners));
        opened(relays).start(c, worker);
        running.refuseJunk(listeners.udpDescriptors());
        open.add(AdminServer.start(c.socket(), c.adminGroup(), running.administration()));
        return running;
    }

    private static void takeOver(AgentLoop loop, Agent agent, Configuration c, DoorChoice door)
            throws IOException, KernelException {
        int adopted = loop.await(() -> {
            int count = agent.adopt();
            agent.apply(c.settings(door));
            return count;
        });
        if (adopted > 0) {
            LOG.info(() -> adopted + " leases from before go on");
        }
    }

    private void tell(StoredMarks marks, StoredLeases leases) {
        if (!leases.note().isEmpty()) {
            LOG.warning(leases.note());
        }
        if (marks.kept() && !marks.trusted()) {
            LOG.warning(() ->
                    marks.note() + "; every knock is refused for " + c.window().toSeconds() + " s");
        }
    }

    /** It says of itself what is wrong with it; systemd is not to start it again and again. */
    private ServerFile.Found server() throws StartException {
        try {
            return ServerFile.readOrCreate(c.state());
        } catch (IOException e) {
            throw StartException.needsMending(e);
        }
    }

    private ClientFiles clientFiles(ServerIdentity server) throws StartException {
        try {
            return new ClientFiles(c.clients(), server);
        } catch (IOException e) {
            throw StartException.needsMending(e);
        }
    }

    private static @Nullable String ownAddress(String interfaceName) {
        try {
            return DoorChoice.hostAddress(interfaceName, NetlinkMachine.look());
        } catch (IOException e) {
            return null;
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        open.add(resource);
        return resource;
    }

    private void listen(Listeners listeners) throws IOException {
        for (InetSocketAddress address : Listeners.withoutRepeats(c.udp())) {
            listeners.udp(address);
        }
        if (!listeners.warning().isEmpty()) {
            LOG.warning(listeners.warning());
        }
    }

    /** Where clients are told to knock: what the configuration names, else the address of the interface with the doors. */
    private Enrolments enrolments(ServerFile.Found server, InForce inForce) {
        String name = c.host();
        Supplier<@Nullable String> host =
                name != null ? () -> name : () -> ownAddress(inForce.door().interfaceName());
        int udp = c.udp().isEmpty() ? 0 : c.udp().get(0).getPort();
        int tcp = c.tcp().isEmpty() ? 0 : c.tcp().get(0).getPort();
        return new Enrolments(
                server.identity(),
                host,
                udp == 0 ? tcp : udp,
                tcp,
                () -> inForce.configuration().prefix() == null);
    }
}
