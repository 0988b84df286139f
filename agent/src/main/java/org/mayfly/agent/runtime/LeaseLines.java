package org.mayfly.agent.runtime;

import java.util.HashMap;
import java.util.Map;
import org.mayfly.agent.core.Clock;

/**
 * Which leases get a line in the log: the first few of each client in a minute, so that one who opens thousands leaves
 * the lines of the others alone, and so many of all clients together. The rest is told in one line.
 */
final class LeaseLines {
    /** Lines of one client in a minute: five leases with their ends. */
    static final int OF_A_CLIENT = 10;

    /** Lines of all clients in a minute. */
    static final int OF_ALL = 60;

    private static final class Client {
        private int written;
        private long leftOut;
    }

    private final Clock clock;
    private final Map<String, Client> clients = new HashMap<>();
    private long over = Long.MIN_VALUE;
    private int written;
    private long opened;
    private long ended;

    LeaseLines(Clock clock) {
        this.clock = clock;
    }

    boolean admitsOpened(String client) {
        boolean admitted = admits(client);
        opened += admitted ? 0 : 1;
        return admitted;
    }

    boolean admitsEnded(String client) {
        boolean admitted = admits(client);
        ended += admitted ? 0 : 1;
        return admitted;
    }

    private boolean admits(String name) {
        if (over == Long.MIN_VALUE) {
            over = clock.monotonicNanos() + LineLimit.MINUTE;
        }
        Client client = clients.computeIfAbsent(name, n -> new Client());
        if (client.written < OF_A_CLIENT && written < OF_ALL) {
            client.written++;
            written++;
            return true;
        }
        client.leftOut++;
        return false;
    }

    /** Once the minute is over, what was left out of it, in one line; empty if that is nothing. A new minute may begin. */
    String rest() {
        if (over == Long.MIN_VALUE || clock.monotonicNanos() - over < 0) {
            return "";
        }
        String line = opened + ended == 0 ? "" : told();
        over = Long.MIN_VALUE;
        written = 0;
        opened = 0;
        ended = 0;
        clients.clear();
        return line;
    }

    private String told() {
        String most = "";
        long count = 0;
        for (Map.Entry<String, Client> c : clients.entrySet()) {
            if (c.getValue().leftOut > count) {
                most = c.getKey();
                count = c.getValue().leftOut;
            }
        }
        return "within a minute, besides: " + opened + " leases opened, " + ended + " ended; most are of client "
                + most;
    }
}
