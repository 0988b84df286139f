package org.mayfly.agent.core;

import java.util.Locale;

/** A transport protocol that a service can speak. */
public enum Protocol {
    TCP(6),
    UDP(17);

    private final int number;

    Protocol(int number) {
        this.number = number;
    }

    /** Its number in the IP header ({@code IPPROTO_*}). */
    public int number() {
        return number;
    }

    /** {@code tcp}, {@code udp}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
