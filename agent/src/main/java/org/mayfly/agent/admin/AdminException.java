package org.mayfly.agent.admin;

/** A request that was refused or failed. The message is one line: what is wrong, and what to do. */
public final class AdminException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /**
     * @param status of {@link ExitStatus}, not 0
     * @param message goes to the user as it is; without secrets
     */
    public AdminException(int status, String message) {
        super(message);
        this.status = status;
    }

    public AdminException(int status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The exit status it deserves. */
    public int status() {
        return status;
    }
}
