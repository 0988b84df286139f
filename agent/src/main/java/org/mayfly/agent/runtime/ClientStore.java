package org.mayfly.agent.runtime;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.ClientAnswer;
import org.mayfly.agent.admin.EnrolmentAnswer;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.RevokeAnswer;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.state.ClientFiles;
import org.mayfly.agent.state.StoredClient;
import org.mayfly.knock.KnockKey;
import org.mayfly.knock.crypto.ClientKeyset;

/**
 * The clients: their files, written by the worker, and their names in the agent, changed on the loop. A change is on the
 * disk before it is in force.
 */
final class ClientStore {
    private final ClientFiles files;
    private final AgentLoop loop;
    private final Agent agent;
    private final Refusals refusals;
    private final Enrolments enrolments;
    private final Executor worker;

    /** On the loop. */
    private Map<String, StoredClient> stored = Map.of();

    private List<String> problems = List.of();

    /**
     * @param worker one thread, so that two changes cannot cross
     */
    ClientStore(
            ClientFiles files, AgentLoop loop, Agent agent, Refusals refusals, Enrolments enrolments, Executor worker) {
        this.files = files;
        this.loop = loop;
        this.agent = agent;
        this.refusals = refusals;
        this.enrolments = enrolments;
        this.worker = worker;
    }

    /** Does something that may block, on the worker. */
    <T> CompletableFuture<T> offLoop(Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        worker.execute(() -> {
            try {
                done.complete(work.call());
            } catch (Exception | Error e) { // or who asked would wait for ever
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    /** Reads all files; what is wrong with one does not keep the others out. Off the loop. */
    ClientFiles.Loaded read() throws IOException {
        try {
            return files.load();
        } catch (IOException e) {
            throw new IOException("the clients' files cannot be read: " + e, e);
        }
    }

    /** Clients whose keys are made, which can fail; to put them in force cannot. */
    record Ready(Map<String, StoredClient> stored, List<Client> clients, List<String> problems) {}

    /**
     * On any thread.
     *
     * @param common for clients that have no quota of their own
     */
    static Ready ready(ClientFiles.Loaded loaded, Quota common) throws GeneralSecurityException {
        Map<String, StoredClient> byName = new LinkedHashMap<>();
        loaded.clients().forEach(c -> byName.put(c.name(), c));
        return new Ready(byName, clients(byName, common), loaded.problems());
    }

    private static List<Client> clients(Map<String, StoredClient> stored, Quota common)
            throws GeneralSecurityException {
        List<Client> clients = new ArrayList<>();
        for (StoredClient s : stored.values()) {
            clients.add(s.toClient(common));
        }
        return clients;
    }

    /**
     * On the loop: puts in force what was read.
     *
     * @return a line for each thing that is different
     */
    List<String> use(Ready ready) {
        problems = ready.problems;
        return replace(ready.stored, ready.clients);
    }

    /** On the loop: puts other clients in force, and ends the leases of those who are gone. */
    private List<String> replace(Map<String, StoredClient> next, List<Client> clients) {
        List<String> changed = new ArrayList<>();
        List<Lease> orphans = new ArrayList<>();
        for (String name : stored.keySet()) {
            if (!next.containsKey(name)) {
                orphans.addAll(agent.leasesOf(name));
                refusals.forget(name);
                changed.add("client " + name + " is gone");
            }
        }
        next.keySet().stream().filter(n -> !stored.containsKey(n)).forEach(n -> changed.add("client " + n + " is new"));
        agent.clients(clients); // first: whatever becomes of their leases, who is gone gets in no more
        stored = Map.copyOf(next);
        clients.forEach(c -> c.keys().forEach(this::prepare));
        try {
            Administration.revoke(agent, orphans);
        } catch (KernelException e) { // all else is in force, and that is tried again
            changed.add("a lease of a client that is gone is not ended yet: " + e.getMessage());
        }
        return changed;
    }

    /** A key a turn, so that knocks are heard in between however many there are. */
    private void prepare(KnockKey key) {
        loop.call(() -> {
            key.prepare();
            return key;
        });
    }

    /** What was wrong with client files when they were read last. On the loop. */
    List<String> problems() {
        return problems;
    }

    CompletableFuture<EnrolmentAnswer> add(String name, List<String> services, @Nullable String source) {
        SourcePolicy policy = source == null ? SourcePolicy.EXACT : policy(source);
        return loop.call(() -> services.isEmpty()
                        ? agent.settings().services().keySet().stream().sorted().toList()
                        : services)
                .thenCompose(names -> offLoop(() -> {
                    StoredClient made = files.create(name, names, policy);
                    String uri = uri(made); // before it is kept: a client that cannot be enrolled is not made
                    files.save(made);
                    return new Made(made, uri);
                }))
                .thenCompose(this::inForce);
    }

    private record Made(StoredClient client, String uri) {
        @Override
        public String toString() {
            return "Made(" + client.name() + ", hidden)";
        }
    }

    private CompletableFuture<EnrolmentAnswer> inForce(Made made) {
        return loop.call(() -> {
            Map<String, StoredClient> next = new LinkedHashMap<>(stored);
            next.put(made.client.name(), made.client);
            replace(next, clients(next, agent.settings().quota()));
            return new EnrolmentAnswer(made.client.name(), made.uri);
        });
    }

    private String uri(StoredClient client) throws Exception {
        return loop.call(() -> enrolments.uri(client, agent.settings())).get();
    }

    /**
     * All of it on the worker: no other change comes between reading the keys and putting the new ones in force, which
     * would bring one back that was revoked.
     *
     * @param revoke whether all keys before end at once, and with them the leases that they opened
     */
    CompletableFuture<EnrolmentAnswer> rotate(String name, boolean revoke) {
        return offLoop(() -> {
            StoredClient before = loop.call(() -> find(name)).get();
            ClientKeyset keys = before.keyset();
            StoredClient made = before.withKeyset(revoke ? keys.renewed() : keys.rotated());
            String uri = uri(made);
            files.replace(made);
            return inForce(new Made(made, uri)).get();
        });
    }

    CompletableFuture<RevokeAnswer> remove(String name) {
        return loop.call(() -> find(name))
                .thenCompose(found -> offLoop(() -> {
                    files.remove(found.name());
                    return found.name();
                }))
                .thenCompose(gone -> loop.call(() -> {
                    Map<String, StoredClient> next = new LinkedHashMap<>(stored);
                    next.remove(gone);
                    List<Lease> leases = agent.leasesOf(gone);
                    refusals.forget(gone);
                    agent.clients(agent.clients().stream()
                            .filter(c -> !c.name().equals(gone))
                            .toList());
                    stored = Map.copyOf(next);
                    return Administration.revoke(agent, leases);
                }));
    }

    private StoredClient find(String name) {
        StoredClient found = stored.get(name);
        if (found == null) {
            throw new AdminException(ExitStatus.FAILED, "no client \"" + name + "\"; see: mayflyctl clients");
        }
        return found;
    }

    List<ClientAnswer> all() {
        List<ClientAnswer> answers = new ArrayList<>();
        for (Client c : agent.clients()) {
            answers.add(answer(c));
        }
        answers.sort(Comparator.comparing(ClientAnswer::name));
        return answers;
    }

    ClientAnswer show(String name) {
        find(name);
        return agent.clients().stream()
                .filter(c -> c.name().equals(name))
                .map(this::answer)
                .findFirst()
                .orElseThrow();
    }

    private ClientAnswer answer(Client c) {
        long last = agent.lastKnock(c.name());
        Quota own = c.quota();
        return new ClientAnswer(
                c.name(),
                c.services(),
                c.source().toString(),
                c.keys().stream()
                        .map(KnockKey::id)
                        .map(id -> String.format("%016x", id))
                        .toList(),
                agent.leasesOf(c.name()).size(),
                (own == null ? agent.settings().quota() : own).leases(),
                refusals.of(c.name()),
                last == 0 ? null : Instant.ofEpochSecond(0, last),
                find(c.name()).created());
    }

    private static SourcePolicy policy(String text) {
        for (SourcePolicy p : SourcePolicy.values()) {
            if (p.toString().equals(text.toLowerCase(Locale.ROOT))) {
                return p;
            }
        }
        throw new AdminException(ExitStatus.USAGE, "source has to be exact, net64 or any, not \"" + text + "\"");
    }
}
