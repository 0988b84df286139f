package org.mayfly.agent.runtime;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.admin.Version;
import org.mayfly.agent.cli.Daemon;

/** The life of the process: start, wait for signals, stop. */
final class AgentDaemon implements Daemon {
    private static final Logger LOG = Logger.getLogger(AgentDaemon.class.getName());

    @Override
    public int run(Path configuration) {
        Logging.install();
        CountDownLatch stop = new CountDownLatch(1);
        Signals.on("TERM", stop::countDown);
        Signals.on("INT", stop::countDown);
        try (RunningAgent agent = Start.start(configuration)) {
            Signals.on("HUP", agent::reloadAndLog);
            LOG.info(() -> "mayflyd " + Version.text() + " is ready");
            stop.await();
            LOG.info("stopping; the guard stays, and leases end by the kernel's deadlines");
            return ExitStatus.DONE;
        } catch (StartException e) {
            e.lines().forEach(line -> LOG.log(Level.SEVERE, line, e.getCause()));
            return e.status();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        } catch (RuntimeException | Error e) {
            LOG.log(Level.SEVERE, "a defect in the agent", e);
            return ExitStatus.FAILED;
        }
    }
}
