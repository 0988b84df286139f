package org.mayfly.agent.gate;

import java.io.IOException;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.RouteNetlink;

/** A process to be started with few rights, or to be killed: puts the gate on an interface, and waits. */
final class GateChild {
    private GateChild() {}

    /** @param args the interface */
    public static void main(String[] args) throws IOException {
        try (RouteNetlink route = RouteNetlink.open();
                KernelGate gate = KernelGate.load(Cases.KEY, XdpLab.sockets("::"))) {
            gate.filter();
            System.out.println("loaded");
            Link link = route.link(args[0]).orElseThrow();
            gate.xdp().attach(link.index(), link.address());
            System.out.println(gate.xdp().state());
            System.out.println(System.in.read());
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
