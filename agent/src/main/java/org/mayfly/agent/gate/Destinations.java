package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Jump.JNE;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Size.H;
import static org.mayfly.netlink.bpf.Size.W;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import org.mayfly.agent.core.KnockPort;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.Label;

/** Where knocks are heard: what is for elsewhere passes. */
final class Destinations {
    private final List<KnockPort> four;
    private final List<KnockPort> six;

    /** @param sockets those that take knocks by UDP */
    Destinations(Collection<InetSocketAddress> sockets) {
        List<KnockPort> heard = KnockPort.heard(sockets.stream()
                .map(s -> new KnockPort(Ip6Address.of(s.getAddress()), s.getPort()))
                .toList());
        this.four = heard.stream().filter(p -> p.address().isIpv4()).toList();
        this.six = heard.stream().filter(p -> !p.address().isIpv4()).toList();
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
    private static void write(List<KnockPort> sockets, Assembler a, int address, int port, Label others) {
        Label ours = new Label("for a socket that takes knocks");
        for (KnockPort s : sockets) {
            Label next = new Label("the next socket");
            a.load(H, R0, XdpProgram.FRAME, port).jump(JNE, R0, XdpProgram.swapped(s.port()), next);
            if (!s.isAnyAddress()) {
                Bytes octets = Bytes.of(s.octets());
                for (int i = 0; i < octets.length(); i += Integer.BYTES) {
                    a.load(W, R0, XdpProgram.FRAME, address + i).jump32(JNE, R0, XdpProgram.word(octets, i), next);
                }
            }
            a.jump(ours).place(next);
        }
        a.jump(others).place(ours);
    }
}
