package org.mayfly.agent.core;

/** An administrator asked for something that cannot be. The message says what, where, and what to do. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public RefusedException(String message) {
        super(message);
    }
}
