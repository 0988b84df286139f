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

    /** Of the daemon: a file that it cannot do without has to be mended, and starting again does not help. */
    public static final int UNUSABLE = 5;

    private ExitStatus() {}
}
