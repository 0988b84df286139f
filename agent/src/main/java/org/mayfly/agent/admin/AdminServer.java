package org.mayfly.agent.admin;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import jnr.enxio.channels.NativeSelectorProvider;
import jnr.unixsocket.Credentials;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Serves the admin socket, on one thread of its own. Nothing that comes in on it can hold up the agent's loop: what is
 * asked has a size and a time, and the number of those who ask is limited.
 */
public final class AdminServer implements AutoCloseable {
    /** Connections at once. */
    static final int CONNECTIONS = 16;

    /** Of those, kept for who may write, so that members of the group cannot lock root out. */
    static final int RESERVED = 4;

    /** Of those, how many may be told of what happens; {@link #RESERVED} of them, too, are kept for who may write. */
    static final int MONITORS = 8;

    /** How long a request may take to come in, its answer to be found, and that to go out. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /** How long nobody is accepted after accept(2) failed, for want of descriptors most likely. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(AdminServer.class.getName());

    private final ControlSocket socket;
    private final AdminHandler handler;
    private final long patience;
    private final Selector selector;
    private final SelectionKey accepting;
    private final Set<AdminConnection> connections = new HashSet<>();
    private final Queue<Runnable> fromElsewhere = new ConcurrentLinkedQueue<>();
    private final AdminConnection.House house = new House();
    private final Thread thread;
    private volatile boolean closing;
    private long pausedUntil;

    private AdminServer(ControlSocket socket, AdminHandler handler, Duration patience) throws IOException {
        this.socket = socket;
        this.handler = handler;
        this.patience = patience.toNanos();
        this.selector = NativeSelectorProvider.getInstance().openSelector();
        socket.channel().configureBlocking(false);
        this.accepting = socket.channel().register(selector, SelectionKey.OP_ACCEPT);
        this.thread = new Thread(this::run, "mayfly-admin");
        thread.setDaemon(true);
    }

    /**
     * Makes the socket, mode 0660, and serves it.
     *
     * @param group who may connect besides the agent's own group; null for nobody
     * @throws IOException with a line for the operator, such as that another agent is there
     */
    public static AdminServer start(Path path, @Nullable String group, AdminHandler handler) throws IOException {
        return start(path, group, handler, PATIENCE);
    }

    static AdminServer start(Path path, @Nullable String group, AdminHandler handler, Duration patience)
            throws IOException {
        ControlSocket socket = ControlSocket.create(path, group);
        try {
            AdminServer server = new AdminServer(socket, handler, patience);
            server.thread.start();
            return server;
        } catch (IOException | RuntimeException e) {
            socket.remove();
            throw e;
        }
    }

    private void run() {
        while (!closing) {
            try {
                turn();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "the admin socket had a fault and goes on", e);
                LockSupport.parkNanos(PAUSE.toNanos()); // Lest it spin on a fault that stays.
            }
        }
        for (AdminConnection connection : new ArrayList<>(connections)) {
            guarded(connection, connection::farewell);
            drop(connection);
        }
        try {
            socket.remove();
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "cannot clean up the admin socket " + socket.path(), e);
        }
    }

    private void turn() throws IOException {
        selector.select(untilNextDeadline());
        Set<SelectionKey> ready = selector.selectedKeys();
        List<SelectionKey> keys = new ArrayList<>(ready);
        ready.clear();
        for (SelectionKey key : keys) {
            if (key.isValid() && key.attachment() instanceof AdminConnection connection) {
                guarded(connection, connection::ready);
            } else if (key.isValid()) {
                accept();
            }
        }
        for (Runnable task = fromElsewhere.poll(); task != null; task = fromElsewhere.poll()) {
            task.run();
        }
        long now = System.nanoTime();
        for (AdminConnection connection : new ArrayDeque<>(connections)) {
            if (connection.deadline() - now <= 0) {
                guarded(connection, connection::late);
            }
        }
        if (accepting.interestOps() == 0 && pausedUntil - now <= 0) {
            accepting.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    /** In milliseconds, at least 1: 0 would be for ever. */
    private long untilNextDeadline() {
        long now = System.nanoTime();
        long next = Duration.ofMinutes(1).toNanos();
        for (AdminConnection connection : connections) {
            next = Math.min(next, connection.deadline() - now);
        }
        if (accepting.interestOps() == 0) {
            next = Math.min(next, pausedUntil - now);
        }
        return Math.max(1, next / 1_000_000 + 1);
    }

    private void accept() throws IOException {
        UnixSocketChannel channel = socket.channel().accept();
        if (channel == null) {
            pause();
            return;
        }
        try {
            channel.configureBlocking(false);
            Peer peer = peer(channel);
            AdminConnection connection = new AdminConnection(
                    channel, channel.register(selector, SelectionKey.OP_READ), peer, handler, patience, house);
            connection.key().attach(connection);
            connections.add(connection);
            int most = peer.writes() ? CONNECTIONS : CONNECTIONS - RESERVED;
            if (connections.size() > most) {
                guarded(connection, connection::turnAway);
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private Peer peer(UnixSocketChannel channel) throws IOException {
        Credentials credentials = channel.getOption(UnixSocketOptions.SO_PEERCRED);
        long uid = Integer.toUnsignedLong(credentials.getUid());
        long gid = Integer.toUnsignedLong(credentials.getGid());
        return new Peer(uid, gid, credentials.getPid(), uid == 0 || uid == socket.owner());
    }

    private void pause() {
        pausedUntil = System.nanoTime() + PAUSE.toNanos();
        accepting.interestOps(0);
    }

    private final class House implements AdminConnection.House {
        @Override
        public void later(AdminConnection connection, AdminConnection.Step step) {
            fromElsewhere.add(() -> guarded(connection, step));
            selector.wakeup();
        }

        @Override
        public boolean mayStream(Peer peer) {
            int most = peer.writes() ? MONITORS : MONITORS - RESERVED;
            return connections.stream().filter(AdminConnection::streaming).count() < most;
        }
    }

    /** A connection that breaks takes nothing with it. */
    private void guarded(AdminConnection connection, AdminConnection.Step step) {
        if (!connections.contains(connection)) {
            return;
        }
        try {
            if (step.run()) {
                return;
            }
        } catch (IOException e) {
            LOG.log(Level.FINE, "an admin connection broke", e);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "an admin connection had a fault and was closed", e);
        }
        drop(connection);
    }

    private void drop(AdminConnection connection) {
        connections.remove(connection);
        try {
            connection.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "cannot close an admin connection", e);
        }
    }

    /** Stops serving and removes the socket. What has been handed to the handler goes on, without an answer. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
