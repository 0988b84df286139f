package org.mayfly.agent.runtime;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.LeaseAnswer;
import org.mayfly.agent.admin.PermitAnswer;
import org.mayfly.agent.admin.RuleAnswer;
import org.mayfly.agent.admin.ServiceAnswer;
import org.mayfly.agent.admin.StatusAnswer;
import org.mayfly.agent.config.Relaying;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.core.KernelPort;
import org.mayfly.agent.core.Lease;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.gate.Counts;
import org.mayfly.agent.gate.Tally;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.net.TcpCounts;
import org.mayfly.agent.relay.PipeCounts;
import org.mayfly.agent.relay.UdpCounts;
import org.mayfly.agent.translate.Dns64Counts;
import org.mayfly.knock.Durations;

/** The agent's state in the words of the admin protocol. On the loop. */
final class Answers {
    private final Agent agent;
    private final KernelPort kernel;
    private final Clock clock;
    private final Wording wording;
    private final Listeners listeners;
    private final JunkGate gate;
    private final Relays relays;

    Answers(Agent agent, KernelPort kernel, Clock clock, Listeners listeners, JunkGate gate, Relays relays) {
        this.gate = gate;
        this.relays = relays;
        this.listeners = listeners;
        this.agent = agent;
        this.kernel = kernel;
        this.clock = clock;
        this.wording = new Wording(clock);
    }

    List<LeaseAnswer> leases() throws KernelException {
        Map<Permit, Integer> sessions = kernel.sessions(agent.leases().stream()
                .flatMap(lease -> lease.permits().stream())
                .toList());
        return agent.leases().stream()
                .sorted(Comparator.comparingLong(Lease::opened))
                .map(lease -> wording.lease(lease, sessions))
                .toList();
    }

    PermitAnswer permit(Lease lease) {
        Permit p = lease.permit();
        return new PermitAnswer(
                lease.id(),
                Wording.door(p),
                p.port(),
                p.protocol().toString(),
                Wording.source(p),
                wording.wall(lease.windowEnd()));
    }

    /** @param relaying where those of them lead that are relayed */
    List<ServiceAnswer> services(Relaying relaying) {
        List<ServiceAnswer> answers = new ArrayList<>();
        List<GatedPort> gated = guardStands() ? agent.settings().guard().gated() : List.of();
        for (Service s : new TreeMap<>(agent.settings().services()).values()) {
            answers.add(new ServiceAnswer(
                    s.name(),
                    s.protocol().toString(),
                    s.port(),
                    Durations.format(s.lease()),
                    Durations.format(s.session()),
                    s.ipv4().toString(),
                    relaying.services().containsKey(s.name())
                            ? relaying.of(s.name()).target().toString()
                            : null,
                    gated.contains(new GatedPort(s.protocol(), s.port(), s.ipv4())),
                    (int) agent.leases().stream()
                            .filter(l -> l.service().name().equals(s.name()))
                            .count()));
        }
        return answers;
    }

    /** Whether the kernel still has the guard; somebody may have flushed it. */
    boolean guardStands() {
        return kernel.stands();
    }

    /** What is wrong with it, in one line; or nothing. */
    String guardProblem() {
        if (guardStands()) {
            return "";
        }
        boolean there = false;
        try {
            there = !kernel.rules().isEmpty();
        } catch (KernelException e) {
            // there is no table to read
        }
        return (there ? "somebody changed the guard" : "the guard is not in the kernel")
                + ", gated ports may be open; run: mayflyctl reload";
    }

    List<RuleAnswer> rules() throws KernelException {
        return kernel.rules().stream()
                .map(r -> new RuleAnswer(r.comment(), r.packets(), r.bytes()))
                .toList();
    }

    StatusAnswer.Leases leaseCounts() {
        Map<Lease.State, Integer> counts = new EnumMap<>(Lease.State.class);
        agent.leases().forEach(lease -> counts.merge(lease.state(), 1, Integer::sum));
        return new StatusAnswer.Leases(
                counts.getOrDefault(Lease.State.PENDING, 0),
                counts.getOrDefault(Lease.State.ACTIVE, 0),
                counts.getOrDefault(Lease.State.SESSION, 0));
    }

    /** Every lease counts, with a door of its own or not. */
    StatusAnswer.Doors doors() {
        return new StatusAnswer.Doors(agent.leases().size(), agent.settings().doorLimit());
    }

    StatusAnswer.Knocks knocks() {
        Map<String, Long> refused = new TreeMap<>();
        verdicts(gate.counts()).forEach((verdict, count) -> {
            if (verdict != Verdict.ACCEPTED && count > 0) {
                refused.put(verdict.toString(), count);
            }
        });
        return new StatusAnswer.Knocks(agent.verdicts().getOrDefault(Verdict.ACCEPTED, 0L), refused);
    }

    /** Those of the agent, and what the kernel refused before it saw it. */
    private Map<Verdict, Long> verdicts(Counts counts) {
        Map<Verdict, Long> all = new EnumMap<>(agent.verdicts());
        for (Tally tally : List.of(counts.socket(), counts.xdp())) {
            all.merge(Verdict.LENGTH, tally.length(), Long::sum);
            all.merge(Verdict.GATE, tally.tag(), Long::sum);
        }
        return all;
    }

    @Nullable
    Instant refusingUntil() {
        long left = agent.refusesFor().toNanos();
        return left == 0 ? null : wording.wall(clock.monotonicNanos() + left);
    }

    Map<String, Number> metrics() {
        Map<String, Number> m = new TreeMap<>();
        Counts counts = gate.counts(); // once: the parts are to be those of the sums
        verdicts(counts).forEach((verdict, count) -> {
            String name = verdict.toString().toLowerCase(Locale.ROOT);
            m.put(
                    verdict == Verdict.ACCEPTED
                            ? "mayfly_knocks_accepted_total"
                            : "mayfly_knocks_refused_" + name + "_total",
                    count);
        });
        agent.disturbances().forEach((what, count) -> m.put("mayfly_disturbances_" + what + "_total", count));
        StatusAnswer.Leases leases = leaseCounts();
        m.put("mayfly_leases_pending", leases.pending());
        m.put("mayfly_leases_active", leases.active());
        m.put("mayfly_leases_session", leases.session());
        m.put("mayfly_doors_limit", doors().limit());
        m.put("mayfly_clients", agent.clients().size());
        gate(m, "socket", counts.socket());
        gate(m, "xdp", counts.xdp());
        tcp(m, listeners.tcpCounts());
        pipes(m, relays.counts());
        flows(m, relays.flows());
        m.put("mayfly_nat64_refused_total", relays.refused());
        relays.names().ifPresent(names -> dns64(m, names));
        dropped(m);
        return m;
    }

    /** What cannot be read is left out, since a counter that goes back to 0 would say that the agent was restarted. */
    private void dropped(Map<String, Number> m) {
        try {
            m.put("mayfly_udp_dropped_total", listeners.dropped());
        } catch (IOException e) {
            // a socket that cannot be read is told of in the log
        }
    }

    private static void gate(Map<String, Number> m, String where, Tally tally) {
        m.put("mayfly_gate_" + where + "_passed_total", tally.passed());
        m.put("mayfly_gate_" + where + "_length_total", tally.length());
        m.put("mayfly_gate_" + where + "_tag_total", tally.tag());
    }

    private static void tcp(Map<String, Number> m, TcpCounts connections) {
        m.put("mayfly_tcp_connections_total", connections.accepted());
        m.put("mayfly_tcp_evicted_total", connections.evicted());
        m.put("mayfly_tcp_late_total", connections.late());
        m.put("mayfly_tcp_accept_failures_total", connections.failures());
        m.put("mayfly_tcp_waiting", connections.waiting());
    }

    private static void dns64(Map<String, Number> m, Dns64Counts names) {
        m.put("mayfly_dns64_waiting", names.waiting());
        m.put("mayfly_dns64_queries_total", names.queries());
        m.put("mayfly_dns64_refused_total", names.refused());
        m.put("mayfly_dns64_malformed_total", names.malformed());
        m.put("mayfly_dns64_overloaded_total", names.overloaded());
        m.put("mayfly_dns64_synthesised_total", names.synthesised());
        m.put("mayfly_dns64_unanswered_total", names.unanswered());
        m.put("mayfly_dns64_mismatched_total", names.mismatched());
    }

    private static void pipes(Map<String, Number> m, PipeCounts pipes) {
        m.put("mayfly_pipe_open", pipes.open());
        m.put("mayfly_pipe_connections_total", pipes.total());
        m.put("mayfly_pipe_evicted_total", pipes.evicted());
        m.put("mayfly_pipe_refused_total", pipes.refused());
        m.put("mayfly_pipe_failed_total", pipes.failed());
        m.put("mayfly_pipe_bytes_to_target_total", pipes.toTarget());
        m.put("mayfly_pipe_bytes_to_client_total", pipes.toClient());
    }

    private static void flows(Map<String, Number> m, UdpCounts flows) {
        m.put("mayfly_flow_open", flows.open());
        m.put("mayfly_flow_flows_total", flows.total());
        m.put("mayfly_flow_evicted_total", flows.evicted());
        m.put("mayfly_flow_refused_total", flows.refused());
        m.put("mayfly_flow_expired_total", flows.expired());
        m.put("mayfly_flow_cut_total", flows.cut());
        m.put("mayfly_flow_failed_total", flows.failed());
        m.put("mayfly_flow_dropped_total", flows.dropped());
        m.put("mayfly_flow_bytes_to_target_total", flows.toTargetBytes());
        m.put("mayfly_flow_bytes_to_client_total", flows.toClientBytes());
    }
}
