package org.mayfly.agent.runtime;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.logging.Logger;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.AdminHandler;
import org.mayfly.agent.admin.AdminRequest;
import org.mayfly.agent.admin.AdminStream;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Json;
import org.mayfly.agent.admin.Peer;
import org.mayfly.agent.admin.ReloadAnswer;
import org.mayfly.agent.admin.RevokeAnswer;
import org.mayfly.agent.admin.ServiceAnswer;
import org.mayfly.agent.admin.StatusAnswer;
import org.mayfly.agent.config.ConfigurationException;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.RefusedException;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Address;

/** What administrators ask for: on the agent's loop, but for what touches the disk. */
final class Administration implements AdminHandler {
    private static final Logger LOG = AuditLog.logger();

    private final AgentLoop loop;
    private final Agent agent;
    private final Answers answers;
    private final ClientStore clients;
    private final Monitors monitors;
    private final Supplier<StatusAnswer> status;
    private final Callable<List<ServiceAnswer>> services;
    private final Callable<List<String>> reload;

    /**
     * @param status on the loop
     * @param services likewise
     * @param reload off the loop: reads everything again, and gives a line for each thing that is different
     */
    Administration(
            AgentLoop loop,
            Agent agent,
            Answers answers,
            ClientStore clients,
            Monitors monitors,
            Supplier<StatusAnswer> status,
            Callable<List<ServiceAnswer>> services,
            Callable<List<String>> reload) {
        this.loop = loop;
        this.agent = agent;
        this.answers = answers;
        this.clients = clients;
        this.monitors = monitors;
        this.status = status;
        this.services = services;
        this.reload = reload;
    }

    @Override
    public CompletionStage<JsonElement> handle(AdminRequest request, Peer peer) {
        if (request.command().writing()) {
            LOG.info(() -> request.command() + " by " + peer);
        }
        CompletableFuture<?> answer =
                switch (request.command()) {
                    case STATUS -> loop.call(status::get);
                    case LEASES -> loop.call(answers::leases);
                    case SERVICES -> loop.call(services);
                    case RULES -> loop.call(answers::rules);
                    case MONITOR -> throw new IllegalArgumentException("a stream, see follow");
                    case METRICS -> loop.call(answers::metrics);
                    case PERMIT -> loop.call(() -> permit(request));
                    case REVOKE -> loop.call(() -> revoke(request));
                    case RELOAD -> clients.offLoop(() -> new ReloadAnswer(reload.call()));
                    case CLIENTS -> loop.call(clients::all);
                    case CLIENT_SHOW -> loop.call(() -> clients.show(request.text("name")));
                    case CLIENT_ADD ->
                        clients.add(request.text("name"), request.texts("services"), request.optionalText("source"));
                    case CLIENT_ROTATE -> clients.rotate(request.text("name"), request.flag("revoke"));
                    case CLIENT_REMOVE -> clients.remove(request.text("name"));
                };
        return answer.handle((result, failure) -> {
            if (failure != null) {
                throw told(failure);
            }
            return Json.of(result);
        });
    }

    @Override
    public void follow(AdminRequest request, Peer peer, AdminStream stream) {
        loop.call(() -> {
            monitors.add(stream);
            return stream;
        });
    }

    /** What the user is told of a failure; a defect of ours stays one. */
    static RuntimeException told(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof AdminException e) {
            return e;
        }
        if (cause instanceof ConfigurationException) {
            return new AdminException(ExitStatus.USAGE, String.valueOf(cause.getMessage()), cause);
        }
        if (cause instanceof RefusedException || cause instanceof KernelException || cause instanceof IOException) {
            return new AdminException(ExitStatus.FAILED, String.valueOf(cause.getMessage()), cause);
        }
        return new CompletionException(cause);
    }

    private Object permit(AdminRequest request) throws RefusedException, KernelException {
        String source = request.optionalText("source");
        String lease = request.optionalText("lease");
        try {
            return answers.permit(agent.permit(
                    request.text("client"),
                    request.text("service"),
                    source == null ? null : Ip6Address.parse(source),
                    lease == null ? null : Durations.parse(lease)));
        } catch (IllegalArgumentException e) {
            throw new AdminException(ExitStatus.USAGE, String.valueOf(e.getMessage()), e);
        }
    }

    private RevokeAnswer revoke(AdminRequest request) throws RefusedException, KernelException {
        String target = request.optionalText("target");
        if (request.flag("all") == (target != null)) {
            throw new AdminException(ExitStatus.USAGE, "revoke needs a lease, a client, or --all");
        }
        return revoke(agent, target == null ? new ArrayList<>(agent.leases()) : agent.named(target));
    }

    /**
     * Ends leases, and says which.
     *
     * @throws KernelException if one could not be ended; all the others were
     */
    static RevokeAnswer revoke(Agent agent, List<Lease> leases) throws KernelException {
        int cut = 0;
        KernelException failure = null;
        for (Lease lease : leases) {
            try {
                cut += agent.revoke(lease);
            } catch (KernelException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
        return new RevokeAnswer(leases.stream().map(Lease::id).toList(), cut);
    }
}
