package org.mayfly.agent.core;

import java.time.Duration;

/**
 * A service behind the guard.
 *
 * @param name {@code [a-z0-9-]{1,16}}
 * @param lease how long a knock lets new connections through, unless the knock asks for less
 * @param session how long a session may live on after that
 * @param ipv4 what becomes of the port on IPv4
 */
public record Service(String name, Protocol protocol, int port, Duration lease, Duration session, Ipv4Access ipv4) {}
