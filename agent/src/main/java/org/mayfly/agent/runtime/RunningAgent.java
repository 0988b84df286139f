package org.mayfly.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Logger;
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
import org.mayfly.agent.kernel.KernelWatch;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.relay.Target;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.knock.Ip6Address;

/** The agent while it runs: what is in force, read again, told, and stopped. */
final class RunningAgent implements AutoCloseable, KernelWatch.Listener {
    private static final Logger LOG = Logger.getLogger(RunningAgent.class.getName());

    private final Instant since = Instant.now();
    private final List<AutoCloseable> open;

    private final InForce inForce;

    private final DoorNews news;

    private final MachineChanges changes;
    private final Agent agent;
    private final AgentLoop loop;
    private final Answers answers;
    private final ClientStore clients;
    private final Monitors monitors;
    private final Upkeep upkeep;
    private final JunkGate gate;
    private final Relays relays;
    private final Reload reload;

    /**
     * @param open what is closed at the end, the last first
     */
    RunningAgent(
            Path file,
            InForce inForce,
            Agent agent,
            AgentLoop loop,
            Answers answers,
            ClientStore clients,
            Monitors monitors,
            Upkeep upkeep,
            JunkGate gate,
            Relays relays,
            Clock clock,
            List<AutoCloseable> open) {
        this.inForce = inForce;
        this.agent = agent;
        this.loop = loop;
        this.answers = answers;
        this.clients = clients;
        this.monitors = monitors;
        this.upkeep = upkeep;
        this.gate = gate;
        this.relays = relays;
        this.news = new DoorNews(monitors, clock);
        news.problem(inForce.door().warning());
        this.reload = new Reload(file, inForce, agent, loop, clients, relays, monitors, news);
        this.open = open;
        this.changes = new MachineChanges(loop, clock, this::followAndTell);
    }

    @Override
    public void disturbed(Disturbance what) {
        agent.disturbed(what);
    }

    @Override
    public void ready(Ip6Address door) {
        agent.ready(door);
    }

    /** On the loop: interfaces, addresses or routes are others than before. */
    @Override
    public void machineChanged() {
        changes.happened();
    }

    /** On the loop: takes new doors from where they go on this machine now, and tries again where that fails. */
    private void followAndTell() {
        clients.offLoop(this::follow).whenComplete((moved, failure) -> {
            if (failure != null) {
                String line = "doors could not be moved: "
                        + Administration.told(failure).getMessage() + "; it is tried again every second";
                loop.call(() -> {
                    news.problem(line);
                    changes.happened();
                    return line;
                });
            }
        });
        clients.offLoop(this::followWithGate); // after the doors, and by itself: they do not wait for it
    }

    /**
     * Puts the gate into the kernel, as far as it goes. Off the loop.
     *
     * @param sockets descriptors of those that take knocks
     */
    void refuseJunk(List<Integer> sockets) throws IOException, KernelException {
        loop.await(() -> {
            gate.sockets(sockets);
            return gate;
        });
        AgentLoop.await(clients.offLoop(this::followWithGate));
    }

    /** On the worker: has the gate be where packets come in by now. Where it cannot be, it says so, and no more happens. */
    private Optional<InterfaceGate.Placed> followWithGate() throws IOException, KernelException {
        Optional<InterfaceGate> gateThere = loop.await(gate::onInterface);
        String ofDoors = loop.await(inForce::door).interfaceName();
        Optional<InterfaceGate.Placed> now = gateThere.map(g -> g.follow(ofDoors));
        return loop.await(() -> {
            now.ifPresent(gate::placed);
            return now;
        });
    }

    /**
     * On the worker.
     *
     * @return whether doors are somewhere else now
     */
    private boolean follow() throws IOException, KernelException {
        Configuration c = loop.await(inForce::configuration);
        DoorChoice before = loop.await(inForce::door);
        try {
            DoorChoice now = DoorChoice.choose(c, NetlinkMachine.look(), before);
            return loop.await(() -> use(c, now));
        } catch (ConfigurationException e) {
            String why = "doors stay in " + before.doors().prefix() + ": "
                    + e.errors().get(0);
            return loop.await(() -> {
                news.problem(why);
                return false;
            });
        }
    }

    private boolean use(Configuration c, DoorChoice now) throws KernelException {
        boolean moved = !now.isSamePlace(inForce.door());
        if (moved) {
            agent.apply(c.settings(now));
            news.moved(
                    "doors are in " + now.doors().prefix() + " from now on, mode " + now.mode() + ": " + now.reason());
        }
        inForce.use(c, now);
        news.problem(now.warning());
        return moved;
    }

    /** What it does for administrators. */
    Administration administration() {
        return new Administration(
                loop,
                agent,
                answers,
                clients,
                monitors,
                this::status,
                () -> answers.services(inForce.configuration().relaying()),
                this::reload);
    }

    /** Puts the clients of the files in force. At the start. */
    void loadClients() throws IOException, KernelException {
        ClientFiles.Loaded found = clients.read();
        loop.await(() -> clients.use(ClientStore.ready(found, agent.settings().quota())));
        found.problems().forEach(LOG::warning);
    }

    /** Reads configuration and clients again. On the worker. */
    private List<String> reload() throws ConfigurationException, IOException, KernelException {
        List<String> changed = reload.run();
        upkeep.look();
        return changed;
    }

    /** For SIGHUP; who runs {@code mayflyctl reload} is told by that. */
    void reloadAndLog() {
        clients.offLoop(this::reload).whenComplete((changed, failure) -> {
            if (failure != null) {
                LOG.severe(Reload.failed(failure));
            }
        });
    }

    private StatusAnswer status() {
        Configuration configuration = inForce.configuration();
        DoorChoice door = inForce.door();
        List<String> warnings = new ArrayList<>(configuration.warnings());
        Descriptors.warning(configuration).ifPresent(warnings::add);
        warnings.addAll(clients.problems());
        warnings.addAll(upkeep.problems());
        warnings.addAll(relays.problems());
        if (!news.problem().isEmpty()) {
            warnings.add(news.problem());
        }
        String guard = answers.guardProblem();
        if (!guard.isEmpty()) {
            warnings.add(guard);
        }
        List<String> listening = new ArrayList<>();
        Listeners.withoutRepeats(configuration.udp()).forEach(a -> listening.add("udp " + Sockets.text(a)));
        Target share = configuration.relaying().share();
        String shared = share == null ? "" : " (share → " + share + ")";
        Listeners.withoutRepeats(configuration.tcp()).forEach(a -> listening.add("tcp " + Sockets.text(a) + shared));
        listening.addAll(configuration.relaying().translating().listening());
        return new StatusAnswer(
                Version.text(),
                ProcessHandle.current().pid(),
                since,
                door.mode().toString(),
                door.reason(),
                door.doors().prefix().toString(),
                door.interfaceName(),
                listening,
                gate.answer(),
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

    static void closeAll(List<AutoCloseable> open) {
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
