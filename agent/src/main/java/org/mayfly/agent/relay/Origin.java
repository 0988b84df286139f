package org.mayfly.agent.relay;

/** Who a connection is of, as each has bounds of its own: nobody is kept out by the number of others. */
enum Origin {
    /** Of anybody, to a shared port. */
    STRANGER,

    /** Of one whom the agent has admitted to a service. */
    ADMITTED,

    /** Of a network that NAT64 serves. */
    TRANSLATED
}
