package org.mayfly.agent.state;

import java.io.IOException;

/** Another agent works with the same state directory. */
public final class StateInUseException extends IOException {
    private static final long serialVersionUID = 1L;

    StateInUseException(String message) {
        super(message);
    }
}
