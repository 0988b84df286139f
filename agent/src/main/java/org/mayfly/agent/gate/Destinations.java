package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Jump.JNE;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Size.H;
import static org.mayfly.netlink.bpf.Size.W;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.Label;

/**
 * Where knocks are heard: on the same port of another address somebody else may listen. Without what is on loopback, where
 * no interface brings anything. {@code [::]} hears IPv4 too.
 */
final class Destinations {
    private static final int IPV6_OCTETS = 16;

    private final List<InetSocketAddress> four;
    private final List<InetSocketAddress> six;

    /** @param sockets those that take knocks by UDP */
    Destinations(Collection<InetSocketAddress> sockets) {
        List<InetSocketAddress> outside = sockets.stream()
                .filter(s -> !s.getAddress().isLoopbackAddress())
                .toList();
        this.six = outside.stream().filter(s -> isIpv6(s.getAddress())).toList();
        Stream<InetSocketAddress> both = six.stream().filter(s -> s.getAddress().isAnyLocalAddress());
        Stream<InetSocketAddress> alone = outside.stream().filter(s -> !isIpv6(s.getAddress()));
        this.four = Stream.concat(both, alone).toList();
    }

    private static boolean isIpv6(InetAddress a) {
        return a.getAddress().length == IPV6_OCTETS;
    }

    boolean hasFour() {
        return !four.isEmpty();
    }

    boolean hasSix() {
        return !six.isEmpty();
    }

    /** See {@link #write}. */
    void writeFour(Assembler a, int address, int port, Label others) {
        write(four, a, address, port, others);
    }

    /** See {@link #write}. */
    void writeSix(Assembler a, int address, int port, Label others) {
        write(six, a, address, port, others);
    }

    /**
     * Goes on at {@code others} with what is for none of the sockets, of which there has to be one. Uses register 0.
     *
     * @param address where in the frame its destination is
     * @param port where in the frame that of its destination is
     */
    private static void write(List<InetSocketAddress> sockets, Assembler a, int address, int port, Label others) {
        Label ours = new Label("for a socket that takes knocks");
        for (InetSocketAddress s : sockets) {
            Label next = new Label("the next socket");
            a.load(H, R0, XdpProgram.FRAME, port).jump(JNE, R0, XdpProgram.swapped(s.getPort()), next);
            if (!s.getAddress().isAnyLocalAddress()) {
                Bytes octets = Bytes.of(s.getAddress().getAddress());
                for (int i = 0; i < octets.length(); i += Integer.BYTES) {
                    a.load(W, R0, XdpProgram.FRAME, address + i).jump32(JNE, R0, XdpProgram.word(octets, i), next);
                }
            }
            a.jump(ours).place(next);
        }
        a.jump(others).place(ours);
    }
}
