package org.mayfly.agent.config;

import java.util.Locale;

/** {@code [listen] gate}: how far towards the wire junk is refused. The gate in user space always stays. */
public enum GateChoice {
    /** As the sockets' filter where this process may load one. */
    AUTO,
    /** As the sockets' filter; where that cannot be, an operator is warned. */
    SOCKET,
    /** On the interface, and as the sockets' filter. */
    XDP,
    /** In user space; the kernel looks at the length only. */
    USER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
