package org.mayfly.agent.relay;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.net.Transport;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.UdpDescriptor;

/**
 * The port of a UDP service that the agent serves itself, by handing its datagrams on: one listening socket for all doors,
 * and for each flow, which is what a client sends from one port to one door, a socket on the door that is connected to the
 * client. So answers come from where the client has sent to; and the flow is a session as those of TCP are: sock_diag shows
 * it, the door is held while it is used, and it ends when that socket is destroyed. It ends as well when nothing has come
 * either way for a while.
 *
 * <p>There is no such port without the native transport.
 */
public final class UdpRelayPort implements AutoCloseable {
    /** A mapping of a NAT should last as long: RFC 4787, REQ-5. */
    public static final Duration IDLE = Duration.ofMinutes(5);

    private final Transport transport;
    private final IoEventLoop loop;
    private final int port;
    private final LongSupplier clock;
    private final Lookup lookup = new Lookup();
    private final UdpRelay relay;
    private volatile Target target;

    /**
     * @param main the loop that the admission is asked on
     * @param pipes the loop that everything else is on
     * @param port the service's
     * @param target its {@link Target#proxy} does not count
     * @param idle after which a flow ends
     */
    public UdpRelayPort(
            Transport transport,
            EventLoopGroup main,
            EventLoopGroup pipes,
            int port,
            Target target,
            Duration idle,
            UdpLimits limits,
            Admission admission) {
        this(transport, main, pipes, port, target, idle, limits, admission, System::nanoTime);
    }

    /** @param clock in ns */
    UdpRelayPort(
            Transport transport,
            EventLoopGroup main,
            EventLoopGroup pipes,
            int port,
            Target target,
            Duration idle,
            UdpLimits limits,
            Admission admission,
            LongSupplier clock) {
        this.transport = transport;
        this.loop = (IoEventLoop) pipes.next();
        this.port = port;
        this.target = target;
        this.clock = clock;
        UdpIntake.Question agent = (keys, answer) -> main.execute(() -> {
            BitSet in = admitted(keys, port, admission);
            loop.execute(() -> answer.accept(in));
        });
        this.relay = new UdpRelay(loop, port, resolved(target), idle.toNanos(), limits, agent, clock);
    }

    private static BitSet admitted(List<UdpKey> keys, int port, Admission admission) {
        BitSet in = new BitSet();
        for (int i = 0; i < keys.size(); i++) {
            UdpKey key = keys.get(i);
            in.set(i, admission.admits(key.source(), key.leaseDoor(), Protocol.UDP, port));
        }
        return in;
    }

    private UdpTarget resolved(Target next) {
        return new UdpTarget(next, loop, lookup, clock);
    }

    /**
     * Listens on all IPv6 addresses. Not on a loop. Flows are opened in the network namespace of the pipes' loop.
     *
     * @param ipv4 on all IPv4 addresses as well
     * @throws IOException with one line: which port, and why not; then it listens on none
     */
    public void bind(boolean ipv4) throws IOException {
        if (!transport.isNative()) {
            throw new IOException("cannot relay UDP port " + port
                    + " without Netty's epoll transport, which does not load here: the log says why");
        }
        List<UdpDescriptor> bound = new ArrayList<>();
        try {
            bound.add(listening(false));
            if (ipv4) {
                bound.add(listening(true));
            }
            for (UdpDescriptor d : bound) {
                loop.submit(() -> {
                            relay.intake().listen(d);
                            return d;
                        })
                        .sync();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IOException("interrupted", e);
        } catch (IOException | RuntimeException e) {
            close();
            bound.forEach(UdpDescriptor::close); // what nobody listens to yet
            throw e;
        }
    }

    private UdpDescriptor listening(boolean ipv4) throws IOException {
        try {
            return UdpDescriptor.listening(ipv4, port).receiveBuffer(UdpFlow.RECEIVE_BUFFER);
        } catch (NetlinkException e) {
            String advice = e.errno() == Errno.EADDRINUSE ? "; what has it? see: ss -lunp" : "";
            throw new IOException(
                    "cannot listen on UDP " + (ipv4 ? "0.0.0.0:" : "[::]:") + port + " for the relay to " + target
                            + ": " + e.getMessage() + advice,
                    e);
        }
    }

    /** Where flows go that begin from now on; those that are open stay. From any thread. */
    public void target(Target next) {
        target = next;
        loop.execute(() -> relay.target(resolved(next)));
    }

    /** How long a flow may be idle, from now on. From any thread. */
    public void idle(Duration next) {
        loop.execute(() -> relay.idle(next.toNanos()));
    }

    /** How many flows there may be from now on; those that are open stay until another one begins. From any thread. */
    public void limits(UdpLimits next) {
        loop.execute(() -> relay.limits(next));
    }

    /** From any thread. */
    public UdpCounts counts() {
        return relay.tally.counts();
    }

    /** Stops listening and ends all flows. Not on a loop. */
    @Override
    public void close() {
        try {
            loop.submit(relay::close).awaitUninterruptibly();
        } catch (RejectedExecutionException e) {
            loop.terminationFuture().awaitUninterruptibly(); // which has closed what it watched
        }
        lookup.close();
    }
}
