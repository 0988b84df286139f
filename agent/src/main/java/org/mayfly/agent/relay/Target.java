package org.mayfly.agent.relay;

/**
 * Where connections are handed on to.
 *
 * @param host a literal address, IPv6 without brackets, or a name that is looked up for every connection
 * @param port 1 to 65535
 * @param proxy what the target is told of the client
 * @param inside whether a name may stand for a loopback, private or link-local address; a literal needs no permission, as
 *     the configuration names it
 */
public record Target(String host, int port, ProxyHeader proxy, boolean inside) {
    /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}, {@code example.org:80}. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
