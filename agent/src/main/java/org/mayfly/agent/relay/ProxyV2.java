package org.mayfly.agent.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The header of the PROXY protocol, version 2 (haproxy, doc/proxy-protocol.txt, section 2.2): signature, version and
 * command, family and transport, length of what follows, both addresses, both ports.
 *
 * <p>Of Netty's codec for it, which reads and writes all of the protocol, these lines would be used.
 */
final class ProxyV2 {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
    private static final int VERSION_2_PROXY = 0x21;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int TCP_OVER_IPV6 = 0x21;
    private static final int IPV4_LENGTH = 12;
    private static final int IPV6_LENGTH = 36;

    private ProxyV2() {}

    /**
     * @param client where the connection came from
     * @param door where it came to
     */
    static ByteBuf header(InetSocketAddress client, InetSocketAddress door) {
        boolean ipv4 = client.getAddress() instanceof Inet4Address && door.getAddress() instanceof Inet4Address;
        int length = ipv4 ? IPV4_LENGTH : IPV6_LENGTH;
        ByteBuf header = Unpooled.directBuffer(SIGNATURE.length + 4 + length);
        header.writeBytes(SIGNATURE);
        header.writeByte(VERSION_2_PROXY);
        header.writeByte(ipv4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6);
        header.writeShort(length);
        header.writeBytes(bytes(client.getAddress(), ipv4));
        header.writeBytes(bytes(door.getAddress(), ipv4));
        header.writeShort(client.getPort());
        header.writeShort(door.getPort());
        return header;
    }

    /** An IPv4 address beside an IPv6 one in its mapped form. */
    private static byte[] bytes(InetAddress address, boolean ipv4) {
        if (ipv4 || address instanceof Inet6Address) {
            return address.getAddress();
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(address.getAddress(), 0, mapped, 12, 4);
        return mapped;
    }
}
