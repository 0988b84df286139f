package org.mayfly.agent.runtime;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.ExitStatus;

/** The agent cannot start. The lines say why, and what to do. */
final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final String NEEDS =
            "; mayflyd needs CAP_NET_ADMIN, and CAP_NET_BIND_SERVICE for a port below 1024: run it as root, or by its"
                    + " systemd unit";

    private final int status;
    private final transient List<String> lines;

    /**
     * @param status of {@link ExitStatus}
     */
    StartException(int status, List<String> lines) {
        this(status, lines, null);
    }

    /** @param defect of ours, whose trace somebody has to see; or null */
    StartException(int status, List<String> lines, @Nullable Throwable defect) {
        super(String.join("; ", lines), defect);
        this.status = status;
        this.lines = List.copyOf(lines);
    }

    /** The same, with more to say; not what went wrong for want of the same right, of which it tells already. */
    StartException with(List<String> more) {
        boolean told = lines.stream().anyMatch(StartException::lacksRight)
                && more.stream().allMatch(StartException::lacksRight);
        if (more.isEmpty() || told) {
            return this;
        }
        List<String> all = new ArrayList<>(lines);
        all.addAll(more);
        return new StartException(status, all, getCause());
    }

    private static boolean lacksRight(String line) {
        return line.contains("CAP_NET_ADMIN") || line.contains("EPERM");
    }

    /** A file of the agent's that somebody has to mend: starting again would not help. */
    static StartException needsMending(IOException failure) {
        StartException told = of(failure);
        return told.status == ExitStatus.NOT_PERMITTED ? told : new StartException(ExitStatus.UNUSABLE, told.lines);
    }

    /** What the operator is told of a failure, and what to do. */
    static StartException of(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException) {
            return new StartException(
                    ExitStatus.NOT_PERMITTED, List.of(message + ": access denied; run mayflyd as the owner of it"));
        }
        if (message.contains("EPERM") || message.contains("Permission denied")) {
            return new StartException(
                    ExitStatus.NOT_PERMITTED, List.of(message.contains("CAP_NET_ADMIN") ? message : message + NEEDS));
        }
        String kind =
                failure instanceof FileSystemException ? failure.getClass().getSimpleName() + ": " : "";
        return new StartException(ExitStatus.FAILED, List.of(kind + message));
    }

    int status() {
        return status;
    }

    List<String> lines() {
        return lines;
    }
}
