package org.mayfly.agent.admin;

/** The exit statuses of the commands, which are also the statuses of refusals on the admin socket. */
public final class ExitStatus {
    public static final int DONE = 0;

    /** It failed; one line says what, and what to do. */
    public static final int FAILED = 1;

    /** Wrong usage, or a wrong configuration. */
    public static final int USAGE = 2;

    public static final int NOT_PERMITTED = 3;

    public static final int NO_AGENT = 4;

    private ExitStatus() {}
}
