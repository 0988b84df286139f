package org.mayfly.agent.relay;

import io.netty.channel.IoEventLoop;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Two sockets, joined. They are not Netty's channels: of these each would buffer for itself; after
 * an end that was read, a reset is not told of; and what they splice(2) they cannot tell the end of.
 */
final class DescriptorPipe implements Piped {
    private static final Logger LOG = Logger.getLogger(DescriptorPipe.class.getName());

    /** What follows the end of a handshake at once is in by then, and a packet of it that was lost once (RFC 6298, 2). */
    static final long GRACE_MILLIS = 1500;

    private final IoEventLoop loop;
    private final Parts parts;
    private final Target target;
    private final Client who;
    private final @Nullable InetSocketAddress from;
    private final @Nullable InetSocketAddress door;
    private final Descriptor client;
    private final Direction up;

    /** Being connected to, or connected. */
    private @Nullable Descriptor backend;

    /** There is one from when the target is connected. */
    private @Nullable Direction down;

    private List<InetAddress> addresses = List.of();
    private int tried;
    private boolean spoke;
    private boolean scheduled;
    private boolean over;

    /** What all pipes have in common. */
    record Parts(Bounds bounds, Lookup lookup, Dialing dialing, Direction.Shared shared, Seldom news) {}

    /** Of whom a pipe is, and in which network he is. */
    record Client(Origin origin, long network) {}

    /**
     * @param from where the client connected from, if the target is to be told
     * @param door where to
     */
    DescriptorPipe(
            IoEventLoop loop,
            Parts parts,
            Socket client,
            Target target,
            Client who,
            @Nullable InetSocketAddress from,
            @Nullable InetSocketAddress door,
            @Nullable FirstBytes first) {
        this.loop = loop;
        this.parts = parts;
        this.target = target;
        this.who = who;
        this.from = from;
        this.door = door;
        this.client = new Descriptor(client, this::run);
        this.up = new Direction(this.client, parts.shared(), parts.bounds().toTarget, first);
    }

    @Override
    public Origin origin() {
        return who.origin();
    }

    @Override
    public long network() {
        return who.network();
    }

    void start() {
        if (!parts.bounds().add(this)) {
            over = true;
            client.reset();
            return;
        }
        if (target.proxy() == ProxyHeader.V2 && (from == null || door == null)) {
            reset(); // gone already, and a target that wants the header is not to take what comes for it
            return;
        }
        try {
            client.configure();
            client.watch(loop);
        } catch (IOException | RuntimeException e) {
            reset();
            return;
        }
        InetAddress literal = Lookup.literal(target.host());
        if (literal != null) {
            found(List.of(literal), null);
            return;
        }
        parts.lookup().find(target, (found, failure) -> loop.execute(() -> found(found, failure)));
    }

    private void found(@Nullable List<InetAddress> found, @Nullable IOException failure) {
        if (found == null) {
            failed(String.valueOf(failure));
            return;
        }
        addresses = found;
        connect();
    }

    private void connect() {
        if (over) {
            return;
        }
        try {
            Descriptor next = new Descriptor(Socket.newSocketStream(), this::run);
            backend = next;
            next.configure();
            boolean connected = next.socket.connect(new InetSocketAddress(addresses.get(tried), target.port()));
            next.writable = connected;
            next.watch(loop);
            if (connected) {
                connected(next);
            } else {
                parts.dialing().add(this, loop);
            }
        } catch (IOException | RuntimeException e) {
            unreachable(String.valueOf(e.getMessage()));
        }
    }

    /** The connection attempt has come to nothing; there may be another address. */
    void unreachable(String why) {
        parts.dialing().remove(this);
        if (backend != null) {
            backend.close();
            backend = null;
        }
        tried++;
        if (tried < addresses.size()) {
            loop.execute(this::connect); // not while the loop may hold an event of the number that was closed
        } else {
            failed(why);
        }
    }

    /**
     * The client is reset. Where a knock may come, not before it is in, as a refusal may be quicker than the client; and
     * always after the same time, whatever came in, as nobody is to see how much of it was looked at.
     */
    private void failed(String why) {
        if (!over) {
            LOG.log(Level.FINE, () -> target + " does not take a connection: " + why);
            parts.bounds().failed();
            if (up.isLookedAt()) {
                loop.schedule(this::reset, GRACE_MILLIS, TimeUnit.MILLISECONDS);
                run();
            } else {
                reset();
            }
        }
    }

    private void connected(Descriptor next) {
        parts.dialing().remove(this);
        next.failing = false; // a socket that is not connected yet is one that has hung up: EPOLLHUP
        next.readable = true;
        next.writable = true;
        Direction back = new Direction(next, parts.shared(), parts.bounds().toClient, null);
        back.to(client, null);
        down = back;
        up.to(next, from != null && door != null ? ProxyV2.header(from, door) : null);
        run();
    }

    /** Something may be different: hands on what can be. On the loop. */
    private void run() {
        if (over) {
            return;
        }
        try {
            Descriptor next = backend;
            if (next != null && down == null && next.writable && !isConnecting(next)) {
                return; // and all is done that was to be
            }
            boolean more = up.pump();
            more |= down != null && down.pump();
            if (!spoke && (up.hasSpoken() || down != null && down.hasSpoken())) {
                spoke = true;
                parts.bounds().spoke(this);
            }
            settle(more);
        } catch (IOException | RuntimeException e) {
            reset(); // it has been drained when a read fails
        } catch (Error e) {
            reset(); // as much memory as it has comes free; the loop goes on for the others
            parts.news().tell(() -> "a connection to " + target + " is reset: " + e);
        }
    }

    /** @return false if that was found out just now, and what follows has been done */
    private boolean isConnecting(Descriptor next) {
        next.writable = false;
        try {
            if (!next.socket.finishConnect()) {
                return true;
            }
        } catch (IOException | RuntimeException e) {
            unreachable(String.valueOf(e.getMessage()));
            return false;
        }
        connected(next);
        return false;
    }

    private void settle(boolean more) throws IOException {
        Direction back = down;
        if (back != null && up.isOver() && back.isOver()) {
            finish();
        } else if (more) {
            goOn();
        } else if (client.broken || isLost(client, back)) {
            lost(up);
        } else if (back != null && (back.from.broken || isLost(back.from, up))) {
            lost(back);
        }
    }

    /** Whether a reset has come in, or the kernel was told to end it. */
    private static boolean isLost(Descriptor one, @Nullable Direction to) throws IOException {
        if (!one.failing) {
            return false;
        }
        one.failing = false;
        boolean bothHalvesOver = one.ending && to != null && to.isOver(); // EPOLLHUP
        return one.socket.getSoError() != 0 || !bothHalvesOver;
    }

    /** What came in before goes on, as it would have without this in between. */
    private void lost(Direction one) throws IOException {
        one.pump();
        reset();
    }

    private void goOn() {
        if (!scheduled) {
            scheduled = true;
            loop.execute(() -> {
                scheduled = false;
                run();
            });
        }
    }

    private void finish() {
        end();
        client.close();
        if (backend != null) {
            backend.close();
        }
    }

    @Override
    public void reset() {
        if (over) {
            return;
        }
        end();
        client.reset();
        if (backend != null) {
            backend.reset();
        }
    }

    private void end() {
        over = true;
        parts.bounds().remove(this);
        parts.dialing().remove(this);
        up.release();
        if (down != null) {
            down.release();
        }
    }
}
