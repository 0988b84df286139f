package org.mayfly.knock.client;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What ends a command: one line that says what went wrong and what to do, and the exit status it gives. */
public final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    /** It did not work. */
    public static final int FAILED = 1;
    /** It was asked for wrongly, or the profile is wrong. */
    public static final int USAGE = 2;
    /** The system does not permit it. */
    public static final int DENIED = 3;

    private final int status;

    private Failure(int status, String message) {
        super(message);
        this.status = status;
    }

    public static Failure failed(String message) {
        return new Failure(FAILED, message);
    }

    public static Failure usage(String message) {
        return new Failure(USAGE, message);
    }

    public static Failure denied(String message) {
        return new Failure(DENIED, message);
    }

    /** A file that could not be used: {@code what} comes first, the system's reason after it. */
    public static Failure ofFile(String what, IOException e) {
        if (e instanceof AccessDeniedException) {
            return denied(what + ": permission denied");
        }
        return failed(what + ": " + reason(e));
    }

    public int status() {
        return status;
    }

    /** The reason without class names and without the path, which the caller has already said. */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory";
        }
        String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
        return text == null || text.isBlank() ? e.getClass().getSimpleName() : text;
    }
}
