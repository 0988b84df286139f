package org.mayfly.agent.core;

/**
 * A port that is dropped on every address of this host but a live door.
 *
 * @param ipv4 whether that holds on IPv4 too
 */
public record GatedPort(Protocol protocol, int port, Ipv4Access ipv4) {}
