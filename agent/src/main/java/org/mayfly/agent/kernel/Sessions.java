package org.mayfly.agent.kernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Permit;
import org.mayfly.agent.core.Protocol;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.diag.DiagSocket;
import org.mayfly.netlink.diag.SocketDiag;

/** The sockets of this host that are connected through a permit. */
final class Sessions implements AutoCloseable {
    private final SocketDiag diag;

    Sessions(SocketDiag diag) {
        this.diag = diag;
    }

    Map<Permit, Integer> count(Collection<Permit> permits) throws IOException {
        Map<Permit, Integer> counts = new HashMap<>();
        each(permits, (permit, socket) -> counts.merge(permit, 1, Integer::sum));
        return counts;
    }

    /** Ends them: each peer is sent a reset. */
    int destroy(Permit permit) throws IOException {
        List<DiagSocket> found = new ArrayList<>();
        each(List.of(permit), (p, socket) -> found.add(socket));
        return destroy(found);
    }

    /**
     * Ends those on doors, at gated ports, that came through no known permit.
     *
     * @param isDoor whether an address of this host may be a door
     * @param known the permits of a door, among others perhaps
     */
    int destroyOthers(
            Collection<GatedPort> gated, Predicate<Ip6Address> isDoor, Function<Ip6Address, List<Permit>> known)
            throws IOException {
        List<DiagSocket> found = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            Set<Integer> ports = gated.stream()
                    .filter(g -> g.protocol() == protocol)
                    .map(GatedPort::port)
                    .collect(Collectors.toSet());
            if (ports.isEmpty()) {
                continue;
            }
            for (DiagSocket s :
                    diag.sockets(DiagSocket.AF_INET6, protocol.number(), SocketDiag.CONNECTED, onlyOne(ports))) {
                Ip6Address remote = Ip6Address.of(s.remote());
                End end = End.of(s);
                boolean stray = ports.contains(s.localPort())
                        && isDoor.test(end.door())
                        && known.apply(end.door()).stream()
                                .noneMatch(p -> End.of(p).equals(end) && isFrom(remote, p));
                if (stray) {
                    found.add(s);
                }
            }
        }
        return destroy(found);
    }

    /** Ends those of TCP on addresses of a prefix. */
    int destroyWithin(Ip6Prefix prefix) throws IOException {
        return destroy(diag.sockets(DiagSocket.AF_INET6, Protocol.TCP.number(), SocketDiag.CONNECTED, 0).stream()
                .filter(s -> prefix.contains(Ip6Address.of(s.local())))
                .toList());
    }

    private int destroy(List<DiagSocket> found) throws IOException {
        int destroyed = 0;
        for (DiagSocket s : found) {
            try {
                diag.destroy(s);
                destroyed++;
            } catch (NetlinkException e) {
                if (e.errno() != Errno.ENOENT) { // it has ended by itself
                    throw e;
                }
            }
        }
        return destroyed;
    }

    /** What a socket must have in common with a permit: its own end. A permit over IPv4 names no address. */
    private record End(int protocol, int port, Ip6Address door) {
        static End of(Permit p) {
            return new End(p.protocol().number(), p.port(), p.door());
        }

        static End of(DiagSocket s) {
            Ip6Address local = Ip6Address.of(s.local());
            return new End(s.protocol(), s.localPort(), local.isIpv4() ? Ip6Address.UNSPECIFIED : local);
        }
    }

    private void each(Collection<Permit> permits, BiConsumer<Permit, DiagSocket> found) throws IOException {
        List<DiagSocket> sockets = sockets(permits);
        if (sockets.isEmpty()) {
            return; // as most of the time, whatever comes to an end
        }
        Map<End, List<Permit>> byEnd = permits.stream().collect(Collectors.groupingBy(End::of));
        for (DiagSocket s : sockets) {
            Ip6Address remote = Ip6Address.of(s.remote());
            for (Permit p : byEnd.getOrDefault(End.of(s), List.of())) {
                if (isFrom(remote, p)) {
                    found.accept(p, s);
                }
            }
        }
    }

    private static boolean isFrom(Ip6Address remote, Permit p) {
        return remote.masked(p.sourceLength()).equals(p.source());
    }

    /** What the kernel can filter by: 0 is any. */
    private static int onlyOne(Collection<Integer> ports) {
        return ports.size() == 1 ? ports.iterator().next() : 0;
    }

    private List<DiagSocket> sockets(Collection<Permit> permits) throws IOException {
        List<DiagSocket> all = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            List<Permit> of =
                    permits.stream().filter(p -> p.protocol() == protocol).toList();
            int port = onlyOne(of.stream().map(Permit::port).distinct().toList());
            if (!of.isEmpty()) { // IPv4 comes to sockets of both families
                all.addAll(diag.sockets(DiagSocket.AF_INET6, protocol.number(), SocketDiag.CONNECTED, port));
            }
            if (of.stream().anyMatch(Permit::isIpv4)) {
                all.addAll(diag.sockets(DiagSocket.AF_INET, protocol.number(), SocketDiag.CONNECTED, port));
            }
        }
        return all;
    }

    @Override
    public void close() {
        diag.close();
    }
}
