package org.mayfly.knock.client;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a server's name. They may change while somebody waits for a door, and a name service may take its
 * time; so the name is looked up again beside the waiting, and the last good answer stands until there is another.
 */
final class HostLookup {
    private final String name;
    private List<InetAddress> addresses;
    private @Nullable CompletableFuture<List<InetAddress>> asked;

    private HostLookup(String name, List<InetAddress> addresses) {
        this.name = name;
        this.addresses = addresses;
    }

    /** Looks it up, and waits for the answer. */
    static HostLookup of(String name) throws Failure {
        return new HostLookup(name, Addresses.resolve(name));
    }

    String name() {
        return name;
    }

    /** The newest answer; in the name service's order. */
    List<InetAddress> addresses() {
        CompletableFuture<List<InetAddress>> f = asked;
        if (f != null && f.isDone()) {
            asked = null;
            addresses = f.isCompletedExceptionally() ? addresses : f.join();
        }
        return addresses;
    }

    /** Asks again, unless it is being asked already. Returns at once. */
    void again() {
        if (asked != null && !asked.isDone()) {
            return;
        }
        addresses(); // takes what came
        CompletableFuture<List<InetAddress>> f = new CompletableFuture<>();
        asked = f;
        Thread t = new Thread(() -> ask(f), "look-up");
        t.setDaemon(true); // a name service that never answers keeps no command from ending
        t.start();
    }

    private void ask(CompletableFuture<List<InetAddress>> answer) {
        try {
            answer.complete(Addresses.resolve(name));
        } catch (Failure | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }
}
