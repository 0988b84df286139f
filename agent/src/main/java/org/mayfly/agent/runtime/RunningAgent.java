package org.mayfly.agent.runtime;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.mayfly.agent.admin.AdminServer;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.StatusAnswer;
import org.mayfly.agent.admin.Version;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Sockets;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Disturbance;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.Standing;
import org.mayfly.agent.kernel.KernelWatch;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.Transport;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.agent.state.LeaseFile;
import org.mayfly.agent.state.MarksFile;
import org.mayfly.agent.state.ServerFile;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Packet;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

/**
 * Everything wired together. The order of the start matters: who the server is, then the guard, then the clients, and
 * only then the sockets; what fails on the way leaves the guard as it was, and nothing listening.
 */
final class RunningAgent implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(RunningAgent.class.getName());
    private static final int KEYS = 4096;

    private final Path file;
    private final Instant since = Instant.now();
    private final List<AutoCloseable> open = new ArrayList<>();

    /** In force. On the loop. */
    private Configuration configuration;

    private DoorChoice door;

    private final Agent agent;
    private final AgentLoop loop;
    private final Answers answers;
    private final ClientStore clients;
    private final Monitors monitors;

    static RunningAgent start(Path file) throws StartException {
        List<AutoCloseable> open = new ArrayList<>();
        try {
            Configuration c = Configuration.read(file);
            shut(c);
            return new RunningAgent(file, c, DoorChoice.choose(c, NetlinkMachine.look()), open);
        } catch (ConfigurationException e) {
            closeAll(open);
            throw new StartException(ExitStatus.USAGE, e.errors());
        } catch (KernelException | IOException | GeneralSecurityException e) {
            closeAll(open);
            throw StartException.of(e);
        }
    }

    /**
     * Closes the gated ports, if they are not, before anything else can fail: an address that is not there yet at boot, or
     * a file that is damaged, must not leave them open.
     */
    private static void shut(Configuration c) throws IOException, KernelException {
        try (NetlinkKernel kernel = NetlinkKernel.open(c.table(), true)) {
            if (!kernel.stands()) {
                kernel.install(c.guardWithoutDoors(), Standing.NOTHING);
            }
        }
    }

    private RunningAgent(Path file, Configuration c, DoorChoice door, List<AutoCloseable> open)
            throws IOException, GeneralSecurityException, KernelException {
        this.file = file;
        this.configuration = c;
        this.door = door;
        c.warnings().forEach(LOG::warning);
        LOG.info(() -> "doors are in " + door.doors().prefix() + ", mode " + door.mode() + ": " + door.reason());
        ServerFile.Found found = ServerFile.readOrCreate(c.state());
        ServerIdentity server = found.identity();
        MarksFile marks = opened(open, MarksFile.open(c.state(), KEYS, found.isNew()));
        LeaseFile written = opened(open, LeaseFile.open(c.state()));
        NetlinkKernel kernel = opened(open, NetlinkKernel.open(c.table(), true));
        Clock clock = new SystemClock();
        Settings settings = c.settings(door);
        this.monitors = new Monitors(clock);
        Refusals refusals = new Refusals();
        this.agent = new Agent(
                settings,
                kernel,
                server.gate(),
                marks,
                written,
                clock,
                ClientKeyset.create(server).keys().get(0),
                new SecureRandom(),
                new Audience(List.of(new AuditLog(clock), refusals, monitors)));
        Transport transport = Transport.best();
        EventLoopGroup group = transport.loop();
        open.add(() -> group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync());
        this.loop = new AgentLoop(group.next(), agent, clock);
        this.answers = new Answers(agent, kernel, clock);
        ExecutorService worker = Executors.newSingleThreadExecutor(r -> new Thread(r, "mayfly-worker"));
        open.add(worker::shutdownNow);
        this.clients = new ClientStore(
                new ClientFiles(c.clients(), server), loop, agent, refusals, enrolments(server), worker);
        try {
            loadClients();
        } catch (IOException | KernelException e) {
            onLoop(() -> apply(settings)); // it will not run, but what it would gate is shut
            throw e;
        }
        KernelWatch watch = onLoop(() -> watch(kernel));
        open.add(open.indexOf(kernel) + 1, watch); // closed once the loop has ended, which reads from it
        int adopted = onLoop(() -> {
            int count = agent.adopt(written.takeFound());
            agent.apply(settings);
            Warmup.run(kernel);
            return count;
        });
        KernelEvents.start(group.next(), watch, agent::disturbed, loop::arm);
        if (adopted > 0) {
            LOG.info(() -> adopted + " leases from before go on");
        }
        if (!written.note().isEmpty()) {
            LOG.warning(written.note());
        }
        if (!marks.trusted()) {
            LOG.warning(() ->
                    marks.note() + "; every knock is refused for " + c.window().toSeconds() + " s");
        }
        listen(transport, group, open);
        open.add(AdminServer.start(c.socket(), c.adminGroup(), administration()));
        this.open.addAll(open);
    }

    private KernelWatch watch(NetlinkKernel kernel) throws IOException {
        return kernel.watch(agent::isDoor, new KernelWatch.Listener() {
            @Override
            public void disturbed(Disturbance what) {
                agent.disturbed(what);
            }

            @Override
            public void ready(Ip6Address door) {
                agent.ready(door);
            }

            @Override
            public void machineChanged() {
                // the door prefix is chosen anew on reload
            }
        });
    }

    private String apply(Settings settings) throws KernelException {
        agent.apply(settings);
        return "";
    }

    private static <T extends AutoCloseable> T opened(List<AutoCloseable> open, T resource) {
        open.add(resource);
        return resource;
    }

    private Administration administration() {
        return new Administration(loop, agent, answers, clients, monitors, this::status, this::reload);
    }

    private void listen(Transport transport, EventLoopGroup group, List<AutoCloseable> open) throws IOException {
        Listeners listeners = opened(open, new Listeners(transport, group, Packet.LENGTH, loop::packet));
        for (InetSocketAddress address : Listeners.withoutRepeats(configuration.udp())) {
            listeners.udp(address);
        }
        for (InetSocketAddress address : Listeners.withoutRepeats(configuration.tcp())) {
            listeners.tcp(address);
        }
    }

    /** Where clients are told to knock: what the configuration names, else the interface's address. */
    private Enrolments enrolments(ServerIdentity server) throws IOException {
        String host = configuration.host();
        if (host == null) {
            host = DoorChoice.hostAddress(door.interfaceName(), NetlinkMachine.look());
        }
        int udp = configuration.udp().isEmpty() ? 0 : configuration.udp().get(0).getPort();
        int tcp = configuration.tcp().isEmpty() ? 0 : configuration.tcp().get(0).getPort();
        return new Enrolments(server, host, udp == 0 ? tcp : udp, tcp, configuration.prefix() == null);
    }

    private List<String> loadClients() throws IOException, KernelException {
        List<String> changed = waited(clients.load());
        onLoop(clients::problems).forEach(LOG::warning);
        return changed;
    }

    private <T> T onLoop(Callable<T> work) throws IOException, KernelException {
        return waited(loop.call(work));
    }

    private static <T> T waited(CompletableFuture<T> future) throws IOException, KernelException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KernelException kernel) {
                throw kernel;
            }
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            if (e.getCause() instanceof GeneralSecurityException security) {
                throw new IOException(security);
            }
            throw new CompletionException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * Reads configuration and clients again. On the worker. What is wrong leaves everything as it was.
     *
     * @return a line for each thing that is different
     */
    private List<String> reload() throws ConfigurationException, IOException, KernelException {
        Configuration next = Configuration.read(file);
        DoorChoice nextDoor = DoorChoice.choose(next, NetlinkMachine.look());
        List<String> changed = new ArrayList<>(onLoop(() -> {
            agent.apply(next.settings(nextDoor));
            List<String> lines = Changes.between(configuration, next, door, nextDoor);
            configuration = Changes.keepingWhatNeedsRestart(configuration, next);
            door = nextDoor;
            return lines;
        }));
        changed.addAll(loadClients());
        changed.forEach(line -> LOG.info(() -> "reload: " + line));
        onLoop(() -> {
            monitors.reloaded(changed);
            return changed;
        });
        return changed;
    }

    /** For SIGHUP. */
    void reloadAndLog() {
        clients.offLoop(this::reload).whenComplete((changed, failure) -> {
            if (failure != null) {
                String line = "reload failed, all stays as it was: "
                        + Administration.told(failure).getMessage();
                LOG.severe(line);
                loop.call(() -> {
                    monitors.warning(line);
                    return line;
                });
            }
        });
    }

    private StatusAnswer status() {
        List<String> warnings = new ArrayList<>(configuration.warnings());
        warnings.addAll(clients.problems());
        if (!answers.guardStands()) {
            warnings.add("the guard is not in the kernel, gated ports are open; run: mayflyctl reload");
        }
        List<String> listening = new ArrayList<>();
        Listeners.withoutRepeats(configuration.udp()).forEach(a -> listening.add("udp " + Sockets.text(a)));
        Listeners.withoutRepeats(configuration.tcp()).forEach(a -> listening.add("tcp " + Sockets.text(a)));
        return new StatusAnswer(
                Version.text(),
                ProcessHandle.current().pid(),
                since,
                door.mode().toString(),
                door.reason(),
                door.doors().prefix().toString(),
                door.interfaceName(),
                listening,
                configuration.services().size(),
                agent.clients().size(),
                answers.leaseCounts(),
                answers.doors(),
                answers.knocks(),
                answers.refusingUntil(),
                warnings);
    }

    /** The guard stays; leases run on to the kernel's deadlines. */
    @Override
    public void close() {
        closeAll(open);
    }

    private static void closeAll(List<AutoCloseable> open) {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                LOG.warning(() -> "while stopping: " + e);
            }
        }
        open.clear();
    }
}
