package org.mayfly.agent.runtime;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.mayfly.agent.config.Relaying;
import org.mayfly.agent.net.Listeners;
import org.mayfly.agent.relay.RelayPort;
import org.mayfly.agent.relay.SharedPort;
import org.mayfly.agent.relay.TransparentPort;
import org.mayfly.agent.translate.Dns64;

/** A port that a reload may open, close, or have lead elsewhere. Not on a loop. */
interface Listening {
    /**
     * Listens, again perhaps.
     *
     * @throws IOException with one line: which port, and why not; then it does not
     */
    void listen() throws IOException;

    /** Listens no more, if it did. What came in goes on. */
    void stop();

    /** Whether the agent starts without it, and tries again: what clients and administrators can do without. */
    default boolean mayBeLate() {
        return false;
    }

    /** What comes in from now on goes where that says. */
    default void lead(Relaying next) {}

    /** Where nothing but knocks is taken. */
    record Knocks(Listeners listeners, List<InetSocketAddress> addresses) implements Listening {
        @Override
        public void listen() throws IOException {
            for (InetSocketAddress address : addresses) {
                listeners.tcp(address);
            }
        }

        @Override
        public void stop() {
            listeners.closeTcp();
        }
    }

    /** Where knocks are taken beside what a backend serves. */
    record Shared(SharedPort port, List<InetSocketAddress> addresses) implements Listening {
        @Override
        public void listen() throws IOException {
            for (InetSocketAddress address : addresses) {
                port.bind(address);
            }
        }

        @Override
        public void stop() {
            port.close();
        }

        @Override
        public void lead(Relaying next) {
            if (next.share() != null) {
                port.target(next.share());
            }
        }
    }

    /** Where connections to IPv4 addresses behind IPv6 addresses come in. */
    record Translated(TransparentPort port, InetSocketAddress address) implements Listening {
        @Override
        public void listen() throws IOException {
            port.bind(address);
        }

        @Override
        public void stop() {
            port.close();
        }

        @Override
        public boolean mayBeLate() {
            return true;
        }
    }

    /** Where names are asked for, of those addresses. */
    record Names(Dns64 dns64) implements Listening {
        @Override
        public void listen() throws IOException {
            dns64.bind();
        }

        @Override
        public void stop() {
            dns64.close();
        }

        @Override
        public boolean mayBeLate() {
            return true;
        }
    }

    /** Where a service's connections come in. */
    record Relayed(String service, RelayPort port, boolean ipv4) implements Listening {
        @Override
        public void listen() throws IOException {
            port.bind(ipv4);
        }

        @Override
        public void stop() {
            port.close();
        }

        @Override
        public void lead(Relaying next) {
            port.target(next.of(service).target());
        }
    }
}
