package org.mayfly.knock;

/**
 * A service a client may ask for, as its enrolment names it.
 *
 * @param name {@code [a-z0-9-]{1,16}}
 * @param port 1 to 65535
 * @param protocol {@code tcp} or {@code udp}
 */
public record ServiceOffer(String name, int port, String protocol) {
    /** @throws IllegalArgumentException one line that says which part is wrong */
    public ServiceOffer {
        if (!KnockRequest.isServiceName(name)) {
            throw new IllegalArgumentException(
                    "\"" + name + "\" is not a service name: 1 to 16 of the characters a-z, 0-9 and -");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("service " + name + ": a port is 1 to 65535, not " + port);
        }
        if (!protocol.equals("tcp") && !protocol.equals("udp")) {
            throw new IllegalArgumentException(
                    "service " + name + ": the protocol is tcp or udp, not \"" + protocol + "\"");
        }
    }

    /** {@code ssh:22/tcp}. */
    @Override
    public String toString() {
        return name + ":" + port + "/" + protocol;
    }
}
