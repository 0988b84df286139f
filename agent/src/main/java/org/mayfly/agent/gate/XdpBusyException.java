package org.mayfly.agent.gate;

import java.io.IOException;

/** Another XDP program is on the interface. */
public final class XdpBusyException extends IOException {
    private static final long serialVersionUID = 1;

    XdpBusyException(String message, Throwable cause) {
        super(message, cause);
    }
}
