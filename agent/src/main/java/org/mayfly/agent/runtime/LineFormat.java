package org.mayfly.agent.runtime;

import java.time.temporal.ChronoUnit;
import java.util.StringJoiner;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;

/**
 * One line an event. For the journal it starts with the priority of sd-daemon(3), and has no time, which the journal
 * knows; elsewhere it starts with the time and, unless all is well, the level.
 */
final class LineFormat extends Formatter {
    /** Frames of a stack trace that are told: enough to find the place. */
    private static final int FRAMES = 6;

    private static final Pattern BREAK = Pattern.compile("\\s*\\R\\s*");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final char DELETE = '\u007f';
    private static final char NEXT_LINE = '\u0085';
    private static final char LINE_SEPARATOR = '\u2028';
    private static final char PARAGRAPH_SEPARATOR = '\u2029';

    private final boolean journal;

    LineFormat(boolean journal) {
        this.journal = journal;
    }

    @Override
    public String format(LogRecord event) {
        StringBuilder line = new StringBuilder();
        if (journal) {
            line.append('<').append(priority(event.getLevel())).append('>');
        } else {
            line.append(event.getInstant().truncatedTo(ChronoUnit.MILLIS)).append(' ');
            line.append(word(event.getLevel()));
        }
        line.append(oneLine(formatMessage(event)));
        Throwable cause = event.getThrown();
        for (int depth = 0; cause != null && depth < 4; cause = cause.getCause(), depth++) {
            line.append(": ").append(oneLine(cause.toString()));
            if (cause instanceof RuntimeException || cause instanceof Error) {
                line.append(place(cause));
            }
        }
        return line.append('\n').toString();
    }

    /** LOG_ERR, LOG_WARNING, LOG_INFO and LOG_DEBUG of syslog(3). */
    private static int priority(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return 3;
        }
        if (value >= Level.WARNING.intValue()) {
            return 4;
        }
        return value >= Level.CONFIG.intValue() ? 6 : 7;
    }

    private static String word(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "error: ";
        }
        return value >= Level.WARNING.intValue() ? "warning: " : "";
    }

    /** For a fault of ours: without the place nobody could mend it. */
    private static String place(Throwable fault) {
        StringJoiner frames = new StringJoiner(" < ", " (", ")").setEmptyValue("");
        StackTraceElement[] trace = fault.getStackTrace();
        for (int i = 0; i < Math.min(FRAMES, trace.length); i++) {
            frames.add(trace[i].getClassName() + "." + trace[i].getMethodName() + ":" + trace[i].getLineNumber());
        }
        return frames.toString();
    }

    /** Also keeps what a stranger made us log from drawing on a terminal, or from forging a line. */
    private static String oneLine(String text) {
        String one = text.strip();
        if (isPlain(one)) { // as good as always, and expressions cost more than all else of a line
            return one;
        }
        return CONTROL.matcher(BREAK.matcher(one).replaceAll("; ")).replaceAll("?");
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == DELETE || c == NEXT_LINE || c == LINE_SEPARATOR || c == PARAGRAPH_SEPARATOR) {
                return false;
            }
        }
        return true;
    }
}
