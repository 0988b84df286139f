package org.mayfly.agent.runtime;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Where the log goes: one line an event, on standard error, whoever writes it (Netty finds java.util.logging itself). */
final class Logging {
    private Logging() {}

    /** Makes this the only log of the process. */
    static void install() {
        // A stream of its own, for System.err may have been given another character set.
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        install(err, isJournal(System.getenv("JOURNAL_STREAM"), Path.of("/proc/self/fd/2")));
    }

    static void install(PrintStream err, boolean journal) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(new Lines(err, new LineFormat(journal)));
    }

    /**
     * Whether that descriptor leads to the journal: it has to be the very one that JOURNAL_STREAM names, for the variable
     * is inherited by what has its output elsewhere (systemd.exec(5)).
     *
     * @param named device and inode, such as {@code 8:4711}
     */
    static boolean isJournal(@Nullable String named, Path descriptor) {
        if (named == null) {
            return false;
        }
        try {
            Map<String, Object> file = Files.readAttributes(descriptor, "unix:dev,ino");
            return named.equals(file.get("dev") + ":" + file.get("ino"));
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    private static final class Lines extends Handler {
        private final PrintStream out;

        Lines(PrintStream out, LineFormat format) {
            this.out = out;
            setFormatter(format);
        }

        @Override
        public synchronized void publish(LogRecord event) {
            if (isLoggable(event)) {
                out.print(getFormatter().format(event));
                out.flush();
            }
        }

        @Override
        public void flush() {
            out.flush();
        }

        @Override
        public void close() {
            // Standard error stays open for whoever comes after.
        }
    }
}
