package org.mayfly.agent.runtime;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.mayfly.agent.core.Clock;
import org.mayfly.agent.core.Verdict;

/**
 * Which refusals get a line in the log: the first of each client and verdict in a minute, so that one who is refused all
 * the time leaves the lines of the others alone, and so many of all clients together. The rest is told in one line. Asked
 * with each knock of a flood, so nothing is allocated for one that is of a client and a verdict as one before.
 */
final class RefusalLines {
    /** Lines of all clients in a minute. */
    static final int OF_ALL = 60;

    private static final class Kind {
        private boolean written;
        private long leftOut;
    }

    private final Clock clock;
    private final Map<String, Map<Verdict, Kind>> clients = new HashMap<>();
    private long over = Long.MIN_VALUE;
    private int written;

    RefusalLines(Clock clock) {
        this.clock = clock;
    }

    boolean admits(Verdict verdict, String client) {
        if (over == Long.MIN_VALUE) {
            over = clock.monotonicNanos() + LineLimit.MINUTE;
        }
        Kind kind = kind(verdict, client);
        if (!kind.written && written < OF_ALL) {
            kind.written = true;
            written++;
            return true;
        }
        kind.leftOut++;
        return false;
    }

    private Kind kind(Verdict verdict, String client) {
        Map<Verdict, Kind> verdicts = clients.get(client);
        if (verdicts == null) {
            verdicts = new EnumMap<>(Verdict.class);
            clients.put(client, verdicts);
        }
        Kind kind = verdicts.get(verdict);
        if (kind == null) {
            kind = new Kind();
            verdicts.put(verdict, kind);
        }
        return kind;
    }

    /** Once the minute is over, what was left out of it, in one line; empty if that is nothing. A new minute may begin. */
    String rest() {
        if (over == Long.MIN_VALUE || clock.monotonicNanos() - over < 0) {
            return "";
        }
        String line = told();
        over = Long.MIN_VALUE;
        written = 0;
        clients.clear();
        return line;
    }

    private String told() {
        String most = "";
        long ofMost = 0;
        long sum = 0;
        for (Map.Entry<String, Map<Verdict, Kind>> client : clients.entrySet()) {
            for (Map.Entry<Verdict, Kind> kind : client.getValue().entrySet()) {
                long count = kind.getValue().leftOut;
                sum += count;
                if (count > ofMost) {
                    ofMost = count;
                    most = client.getKey() + ": " + kind.getKey();
                }
            }
        }
        return sum == 0 ? "" : "within a minute, besides: " + sum + " knocks refused; most are of client " + most;
    }
}
