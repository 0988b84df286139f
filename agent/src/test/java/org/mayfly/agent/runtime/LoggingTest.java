package org.mayfly.agent.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.agent.core.FakeClock;

class LoggingTest {
    private static final Logger LOG = Logger.getLogger("org.mayfly.test");

    @TempDir
    private Path directory;

    @AfterEach
    void restore() throws IOException {
        LogManager.getLogManager().readConfiguration();
    }

    private static String format(boolean journal, Level level, String message) {
        LogRecord event = new LogRecord(level, message);
        event.setInstant(Instant.parse("2026-11-21T10:00:00.123456Z"));
        return new LineFormat(journal).format(event);
    }

    @Test
    void startsWithTheTimeOrWithThePriority() {
        assertEquals("2026-11-21T10:00:00.123Z listening\n", format(false, Level.INFO, "listening"));
        assertEquals("2026-11-21T10:00:00.123Z warning: odd\n", format(false, Level.WARNING, "odd"));
        assertEquals("2026-11-21T10:00:00.123Z error: bad\n", format(false, Level.SEVERE, "bad"));
        assertEquals("<6>listening\n", format(true, Level.INFO, "listening"));
        assertEquals("<4>odd\n", format(true, Level.WARNING, "odd"));
        assertEquals("<3>bad\n", format(true, Level.SEVERE, "bad"));
        assertEquals("<7>detail\n", format(true, Level.FINE, "detail"));
    }

    @Test
    void staysOnOneLineWhateverIsSaid() {
        assertEquals("<6>a; <0>b?[31m\n", format(true, Level.INFO, "a\r\n <0>b\u001b[31m\n"));
    }

    @Test
    void tellsWhereAFaultIsButOnlyWhatAnErrorSays() {
        LogRecord fault = new LogRecord(Level.SEVERE, "no");
        fault.setThrown(new IllegalStateException("x\ny", new IOException("disk full")));
        String line = new LineFormat(true).format(fault);
        assertTrue(line.startsWith("<3>no: java.lang.IllegalStateException: x; y (org.mayfly.agent.runtime."), line);
        assertTrue(line.endsWith(": java.io.IOException: disk full\n"), line);
        assertEquals(1, line.lines().count());
    }

    @Test
    void isTheOnlyLogOfTheProcess() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Logging.install(new PrintStream(out, true, UTF_8), true);
        LOG.info("one é");
        LOG.fine("not told");
        LOG.log(Level.WARNING, "two {0}", "words");
        assertEquals("<6>one é\n<4>two words\n", out.toString(UTF_8));
    }

    /** Whatever tells of something that comes again and again, Netty among others. */
    @Test
    void oneLoggerWarnsSoOftenAMinute() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FakeClock clock = new FakeClock();
        Logging.install(new PrintStream(out, true, UTF_8), true, clock);
        for (int i = 0; i < 10_000; i++) {
            LOG.warning("again");
        }
        Logger.getLogger("another").warning("not drowned");
        for (int i = 0; i < 100; i++) {
            LOG.info("what is no warning has no limit here");
        }
        assertEquals(Logging.WARNINGS + 1 + 100, out.toString(UTF_8).lines().count());
        out.reset();
        clock.pass(Duration.ofMinutes(1));
        Logging.tellLeftOut();
        Logging.tellLeftOut();
        assertEquals("<4>9940 more warnings of " + LOG.getName() + " were left out\n", out.toString(UTF_8));
    }

    /** What is worse is not lost among warnings, and does not fill the disk either. */
    @Test
    void errorsHaveALimitOfTheirOwn() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        FakeClock clock = new FakeClock();
        Logging.install(new PrintStream(out, true, UTF_8), true, clock);
        for (int i = 0; i < 100; i++) {
            LOG.warning("again");
        }
        out.reset();
        for (int i = 0; i < 100; i++) {
            LOG.severe("this is worse");
        }
        assertEquals(Logging.WARNINGS, out.toString(UTF_8).lines().count());
        out.reset();
        clock.pass(Duration.ofMinutes(1));
        Logging.tellLeftOut();
        assertEquals(
                "<3>40 more errors of " + LOG.getName() + " were left out\n<4>40 more warnings of " + LOG.getName()
                        + " were left out\n",
                out.toString(UTF_8));
    }

    @Test
    void knowsTheJournalByItsDescriptor() throws Exception {
        Path file = Files.createFile(directory.resolve("stream"));
        Map<String, Object> is = Files.readAttributes(file, "unix:dev,ino");
        String name = is.get("dev") + ":" + is.get("ino");
        assertTrue(Logging.isJournal(name, file));
        assertFalse(Logging.isJournal(name + "0", file));
        assertFalse(Logging.isJournal(null, file));
        assertFalse(Logging.isJournal(name, directory.resolve("gone")));
    }
}
