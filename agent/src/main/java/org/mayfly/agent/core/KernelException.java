package org.mayfly.agent.core;

/** The kernel refused, and nothing of what was asked has happened. The message says what, and what to do. */
public final class KernelException extends Exception {
    private static final long serialVersionUID = 1L;

    public KernelException(String message) {
        super(message);
    }

    public KernelException(String message, Throwable cause) {
        super(message, cause);
    }
}
