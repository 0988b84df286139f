package org.mayfly.agent.relay;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.mayfly.agent.net.Source;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.sys.DatagramBurst;

/**
 * What a flow is known by, besides the service's port.
 *
 * @param source the client's address; IPv4 in mapped form
 * @param sourcePort the client's
 * @param scope the interface that the client is on, if its address is link-local; else 0
 * @param door the address of this host that the client sends to; IPv4 in mapped form
 */
record UdpKey(Ip6Address source, int sourcePort, int scope, Ip6Address door) {
    static UdpKey of(DatagramBurst burst, int index, Ip6Address door) {
        return new UdpKey(
                new Ip6Address(burst.sourceHigh(index), burst.sourceLow(index)),
                burst.sourcePort(index),
                burst.sourceScope(index),
                door);
    }

    /** Whether a datagram is of this client. */
    boolean isFrom(DatagramBurst burst, int index) {
        return burst.sourcePort(index) == sourcePort
                && burst.sourceLow(index) == source.low()
                && burst.sourceHigh(index) == source.high();
    }

    /** The door as a lease has it: there are none on IPv4. */
    Ip6Address leaseDoor() {
        return door.isIpv4() ? Ip6Address.UNSPECIFIED : door;
    }

    long network() {
        return new Source(source.high(), source.low()).network();
    }

    /** This host's end. */
    InetSocketAddress local(int port) {
        return new InetSocketAddress(door.toInetAddress(), port);
    }

    /** The client's end. */
    InetSocketAddress remote() {
        return new InetSocketAddress(scope == 0 ? source.toInetAddress() : onLink(), sourcePort);
    }

    private InetAddress onLink() {
        try {
            return Inet6Address.getByAddress(null, source.toBytes(), scope);
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are always an address", e);
        }
    }
}
