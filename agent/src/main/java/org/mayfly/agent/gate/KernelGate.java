package org.mayfly.agent.gate;

import java.io.IOException;
import java.util.Set;
import org.mayfly.knock.GateKey;
import org.mayfly.netlink.route.LinkLayerAddress;

/** The gate in the kernel. One thread uses it. */
public final class KernelGate implements AutoCloseable {
    private KernelGate() {}

    /**
     * Has the kernel drop what is not a datagram of 96 bytes before it is put into the socket's buffer. Needs no
     * capability. Takes the place of a filter that the socket has.
     *
     * @param fd of a UDP socket
     */
    public static void lengthFilter(int fd) throws IOException {
        throw new UnsupportedOperationException("" + fd);
    }

    /**
     * Brings the gate into the kernel; nothing goes through it yet.
     *
     * @param udpPorts where knocks arrive
     * @throws IOException with one line that says why and what to do: without CAP_BPF, in a user namespace, or on a kernel
     *     that has no place for it
     */
    public static KernelGate load(GateKey key, Set<Integer> udpPorts) throws IOException {
        throw new UnsupportedOperationException("" + key + udpPorts);
    }

    /** Has a socket take only what has the right length and the right tag. Takes the place of its length filter. */
    public void attach(int fd) throws IOException {
        throw new UnsupportedOperationException("" + fd);
    }

    /**
     * Puts the gate before an interface, in the network namespace of the calling thread; in the driver, else behind it.
     * What is neither a plain UDP packet for this host nor to a knock port passes. To be called again when the interface
     * was made anew or has another address; the last call counts.
     *
     * @param ifindex of the interface
     * @param address of the interface: frames to others are not looked at
     * @throws IOException with one line: if there is an XDP program already, which is left alone, or without CAP_BPF and
     *     CAP_NET_ADMIN
     */
    public void attachXdp(int ifindex, LinkLayerAddress address) throws IOException {
        throw new UnsupportedOperationException("" + ifindex + address);
    }

    /** Takes it off the interface. Without one, does nothing. */
    public void detachXdp() {
        throw new UnsupportedOperationException();
    }

    /** As the kernel says. */
    public XdpState xdp() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** From now on packets are checked with another key, at all sockets and on the interface. */
    public void key(GateKey key) throws IOException {
        throw new UnsupportedOperationException("" + key);
    }

    /** What was passed and dropped until now. */
    public Counts counts() throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Takes it off the interface. A socket keeps its filter for as long as it is open. A second time does nothing. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
