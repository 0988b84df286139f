package org.mayfly.agent.net;

import java.net.DatagramSocket;

/** Run by {@link TransportTest} in a JVM of its own: which transport it takes, and that a packet comes by it. */
final class TransportChild {
    private TransportChild() {}

    public static void main(String[] arguments) throws Exception {
        Arrivals arrivals = new Arrivals();
        try (UdpWorld w = new UdpWorld(Transport.best())) {
            System.out.println(w.transport.name());
            w.listen("::1", arrivals);
            DatagramSocket s = w.sender("::1");
            w.send(s, new byte[UdpWorld.LENGTH]);
            System.out.println(arrivals.next().bytes().length + " bytes");
        }
    }
}
