package org.mayfly.agent.runtime;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.core.Clock;

/**
 * Where the log goes: one line an event, on standard error, whoever writes it (Netty finds java.util.logging itself).
 * Who tells of what comes from outside limits itself, for he knows what he leaves out; that nothing fills the disk
 * whatever it is, is seen to here.
 */
final class Logging {
    /** Warnings of one logger in a minute; as many errors besides, for what is worse is not to be lost among them. */
    static final int WARNINGS = 60;

    private Logging() {}

    /** Makes this the only log of the process. */
    static void install() {
        // A stream of its own, for System.err may have been given another character set.
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        install(err, isJournal(System.getenv("JOURNAL_STREAM"), Path.of("/proc/self/fd/2")));
    }

    static void install(PrintStream err, boolean journal) {
        install(err, journal, new SystemClock());
    }

    static void install(PrintStream err, boolean journal, Clock clock) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(new Lines(err, new LineFormat(journal), clock));
    }

    /** Tells how many lines were left out in minutes that are over. To be called now and then. */
    static void tellLeftOut() {
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            if (handler instanceof Lines lines) {
                lines.tellLeftOut();
            }
        }
    }

    /**
     * Does something of which a log tells nobody, though its lines are made and written. It tells nobody of what comes
     * later, either.
     *
     * @param log one that is for this only
     */
    static <E extends Exception> void unheard(Logger log, Deed<E> deed) throws E, IOException {
        try (PrintStream nowhere = new PrintStream(new FileOutputStream("/dev/null"), true, StandardCharsets.UTF_8)) {
            Handler lines = new Lines(nowhere, new LineFormat(false), new SystemClock());
            log.setUseParentHandlers(false);
            log.addHandler(lines);
            try {
                deed.run();
            } finally {
                log.removeHandler(lines);
            }
        }
    }

    @FunctionalInterface
    interface Deed<E extends Exception> {
        void run() throws E, IOException;
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
        private final Clock clock;

        /** By name of the logger; names are constants of the code. */
        private final Map<String, LineLimit> warnings = new HashMap<>();

        private final Map<String, LineLimit> errors = new HashMap<>();

        Lines(PrintStream out, LineFormat format, Clock clock) {
            this.out = out;
            this.clock = clock;
            setFormatter(format);
        }

        @Override
        public synchronized void publish(LogRecord event) {
            if (isLoggable(event) && admits(event)) {
                write(event);
            }
        }

        private boolean admits(LogRecord event) {
            int level = event.getLevel().intValue();
            if (level < Level.WARNING.intValue()) {
                return true;
            }
            return (level < Level.SEVERE.intValue() ? warnings : errors)
                    .computeIfAbsent(String.valueOf(event.getLoggerName()), logger -> new LineLimit(clock, WARNINGS))
                    .admits();
        }

        private void write(LogRecord event) {
            out.print(getFormatter().format(event));
            out.flush();
        }

        synchronized void tellLeftOut() {
            tellLeftOut(errors, Level.SEVERE, "errors");
            tellLeftOut(warnings, Level.WARNING, "warnings");
        }

        private void tellLeftOut(Map<String, LineLimit> limits, Level level, String what) {
            limits.forEach((logger, limit) -> {
                long more = limit.takeLeftOut();
                if (more > 0) {
                    write(new LogRecord(level, more + " more " + what + " of " + logger + " were left out"));
                }
            });
        }

        @Override
        public synchronized void flush() {
            out.flush();
        }

        @Override
        public void close() {
            // Standard error stays open for whoever comes after.
        }
    }
}
