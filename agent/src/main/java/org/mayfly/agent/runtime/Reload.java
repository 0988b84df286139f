package org.mayfly.agent.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.config.DoorChoice;
import org.mayfly.agent.config.Machine;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.state.ClientFiles;

/** Reads configuration and clients again. What is wrong with them leaves everything as it was. On the worker. */
final class Reload {
    private static final Logger LOG = Logger.getLogger(RunningAgent.class.getName());

    private final Path file;
    private final InForce inForce;
    private final Agent agent;
    private final AgentLoop loop;
    private final ClientStore clients;
    private final Relays relays;
    private final Monitors monitors;
    private final DoorNews news;

    Reload(
            Path file,
            InForce inForce,
            Agent agent,
            AgentLoop loop,
            ClientStore clients,
            Relays relays,
            Monitors monitors,
            DoorNews news) {
        this.file = file;
        this.inForce = inForce;
        this.agent = agent;
        this.loop = loop;
        this.clients = clients;
        this.relays = relays;
        this.monitors = monitors;
        this.news = news;
    }

    /**
     * Does it, and tells who monitors.
     *
     * @return a line for each thing that is different
     */
    List<String> run() throws ConfigurationException, IOException, KernelException {
        try {
            List<String> changed = readAgain();
            changed.forEach(line -> LOG.info(() -> "reload: " + line));
            loop.await(() -> {
                monitors.reloaded(changed);
                return changed;
            });
            return changed;
        } catch (ConfigurationException | IOException | KernelException | RuntimeException e) {
            String line = failed(e);
            loop.call(() -> {
                monitors.warning(line);
                return line;
            });
            throw e;
        }
    }

    static String failed(Throwable failure) {
        return "reload failed, all stays as it was: "
                + Administration.told(failure).getMessage();
    }

    /** All that can be wrong is found out before anything is in force: what is read, the ports, and what the kernel says. */
    private List<String> readAgain() throws ConfigurationException, IOException, KernelException {
        Configuration next = Configuration.read(file);
        DoorChoice door = loop.await(inForce::door);
        Machine machine = NetlinkMachine.look();
        DoorChoice nextDoor = DoorChoice.choose(next, machine, door);
        OwnAddresses.check(next, machine, nextDoor);
        ClientFiles.Loaded found = clients.read();
        ClientStore.Ready ready = ready(found, next);
        List<String> changed = change(next, nextDoor, ready);
        found.problems().forEach(LOG::warning);
        next.relaying().translating().warning(machine).ifPresent(LOG::warning);
        Descriptors.warning(next).ifPresent(LOG::warning);
        return changed;
    }

    private List<String> change(Configuration next, DoorChoice nextDoor, ClientStore.Ready ready)
            throws IOException, KernelException {
        Before before = loop.await(() -> new Before(inForce.configuration(), inForce.door(), agent.settings()));
        PortChange ports = null;
        List<String> changed;
        try {
            ports = openPorts(next, before.settings);
            changed = loop.await(() -> use(next, nextDoor, ready));
        } catch (IOException | KernelException | RuntimeException | Error e) {
            if (ports != null) {
                ports.undo();
            }
            undo(before, e);
            throw e;
        }
        ports.done();
        return changed;
    }

    /** What was in force. */
    private record Before(Configuration configuration, DoorChoice door, Settings settings) {}

    private static ClientStore.Ready ready(ClientFiles.Loaded found, Configuration next) throws IOException {
        try {
            return ClientStore.ready(found, next.quota());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Listens where the configuration wants a relay: behind the guard, from the first moment on. */
    private PortChange openPorts(Configuration next, Settings settings) throws IOException, KernelException {
        List<GatedPort> opening = relays.opening(next);
        if (!opening.isEmpty()) {
            loop.await(() -> gate(opening, settings));
        }
        return relays.open(next);
    }

    /** Puts back all that may be in force by now, once nobody listens on the new ports any more. */
    private void undo(Before before, Throwable failure) {
        try {
            loop.await(() -> {
                inForce.use(before.configuration, before.door);
                if (!agent.settings().equals(before.settings)) {
                    agent.apply(before.settings);
                }
                return before;
            });
        } catch (IOException | KernelException | RuntimeException e) {
            failure.addSuppressed(e);
            LOG.severe(() -> "a reload failed, and what the guard was cannot be put back: " + e.getMessage());
        }
    }

    private Settings gate(List<GatedPort> more, Settings s) throws KernelException {
        List<GatedPort> all = new ArrayList<>(s.guard().gated());
        more.stream()
                .filter(g -> all.stream().noneMatch(a -> a.protocol() == g.protocol() && a.port() == g.port()))
                .forEach(all::add);
        Guard guard = s.guard().withGated(all);
        agent.apply(new Settings(guard, s.services(), s.window(), s.quota(), s.doorLimit()));
        return s;
    }

    private List<String> use(Configuration next, DoorChoice nextDoor, ClientStore.Ready ready) throws KernelException {
        Configuration running = inForce.configuration();
        Configuration kept = Changes.keepingWhatNeedsRestart(running, next);
        agent.apply(kept.settings(nextDoor));
        List<String> lines = new ArrayList<>(Changes.between(running, next, inForce.door(), nextDoor));
        inForce.use(kept, nextDoor);
        news.problem(nextDoor.warning());
        lines.addAll(clients.use(ready));
        return lines;
    }
}
