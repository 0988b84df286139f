package org.mayfly.agent.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.KernelException;
import org.mayfly.agent.state.MarksFile;
import org.mayfly.agent.state.StoredLeases;
import org.mayfly.agent.state.StoredMarks;

/** Looks whether the disk takes what must be written down, and tries again where it did not. */
final class Upkeep {
    private static final Logger LOG = Logger.getLogger(Upkeep.class.getName());
    private static final int SECONDS = 10;
    private static final String AGAIN =
            "; mend that: it is tried again every " + SECONDS + " s, and by: mayflyctl reload";

    private final AgentLoop loop;
    private final Agent agent;
    private final StoredMarks marks;
    private final StoredLeases leases;

    /** Whether the log has it. On the worker. */
    private boolean marksTold;

    private boolean leasesTold;

    Upkeep(AgentLoop loop, Agent agent, StoredMarks marks, StoredLeases leases) {
        this.loop = loop;
        this.agent = agent;
        this.marks = marks;
        this.leases = leases;
    }

    /** Looks now, and from time to time. */
    void every(ScheduledExecutorService worker) {
        worker.scheduleWithFixedDelay(this::look, 0, SECONDS, TimeUnit.SECONDS);
    }

    /** What an operator should know, one line each. On the loop. */
    List<String> problems() {
        List<String> lines = new ArrayList<>();
        if (!marks.kept()) {
            lines.add(marks.problem() + AGAIN);
        }
        if (!leases.problem().isEmpty()) {
            lines.add(leases.problem() + "; they end with the agent" + AGAIN);
        }
        return lines;
    }

    /** On the worker. */
    void look() {
        try {
            tryAgain();
        } catch (IOException | KernelException | RuntimeException e) {
            LOG.log(Level.WARNING, "it could not be looked whether the disk takes what is written", e);
        }
    }

    private void tryAgain() throws IOException, KernelException {
        if (loop.await(marks::kept)) {
            probe();
        } else {
            reopen();
        }
        loop.await(leases::retry);
        tell();
    }

    private void probe() throws IOException, KernelException {
        try {
            marks.probe();
        } catch (IOException e) {
            lost(e);
        }
    }

    private void reopen() throws IOException, KernelException {
        MarksFile next;
        try {
            next = marks.reopen();
        } catch (IOException e) {
            lost(e);
            return;
        }
        loop.await(() -> {
            try {
                marks.use(next);
                agent.clients(agent.clients()); // their keys have other slots now
            } catch (RuntimeException e) {
                marks.lost(String.valueOf(e.getMessage()));
            }
            return next;
        });
    }

    private void lost(Exception e) throws IOException, KernelException {
        loop.await(() -> {
            marks.lost(String.valueOf(e.getMessage()));
            return e;
        });
    }

    private void tell() throws IOException, KernelException {
        String marksProblem = loop.await(marks::problem);
        if (marksTold == marksProblem.isEmpty()) {
            marksTold = !marksTold;
            LOG.log(
                    marksTold ? Level.WARNING : Level.INFO,
                    marksTold ? marksProblem + AGAIN : "replay marks are kept again, and knocks taken");
        }
        String leasesProblem = loop.await(leases::problem);
        if (leasesTold == leasesProblem.isEmpty()) {
            leasesTold = !leasesTold;
            LOG.log(
                    leasesTold ? Level.WARNING : Level.INFO,
                    leasesTold ? leasesProblem + "; they end with the agent" + AGAIN : "leases are written down again");
        }
    }
}
