package org.mayfly.agent.gate;

/** Where the gate is on the interface. */
public enum XdpState {
    /** It is not, or the interface is gone. */
    OFF,
    /** In the driver, before the kernel makes anything of a packet. */
    NATIVE,
    /** Behind the driver, which has no place for it: each packet has cost a socket buffer by then. */
    GENERIC
}
