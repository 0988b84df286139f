package org.mayfly.agent.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** While replay marks cannot be kept no knock is accepted, and the agent does all else. */
final class UnkeptMarksTest {
    private World w;
    private MemoryMarks marks;

    @BeforeEach
    void world() throws Exception {
        marks = new MemoryMarks(true);
        w = new World(DoorMode.ADDRESS, marks, 1);
    }

    @Test
    void everyKnockIsRefusedForAsLongAsThat() throws Exception {
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        marks.keep(false);
        byte[] during = w.packet(w.request("ssh"));
        w.clock.pass(Duration.ofNanos(1000));
        assertEquals(Verdict.NOT_READY, w.send(during, World.HOME));
        w.clock.pass(Duration.ofHours(1));
        w.agent.tick();
        assertEquals(Verdict.NOT_READY, w.knock("ssh"), "no wait is long enough");
        assertEquals(Duration.ZERO, w.agent.refusesFor(), "nobody knows for how long");
        assertEquals(2L, w.agent.verdicts().get(Verdict.NOT_READY));
        marks.keep(true);
        w.clock.pass(Duration.ofSeconds(1));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    @Test
    void anAdministratorOpensDoorsAndLeasesGoOn() throws Exception {
        w.knock("ssh");
        marks.keep(false);
        w.agent.permit("laptop", "git", World.HOME, null);
        assertEquals(2, w.agent.leases().size());
        w.clock.pass(World.LEASE.plusSeconds(1));
        w.agent.tick();
        assertEquals(0, w.agent.leases().size());
        assertThrows(RefusedException.class, () -> w.agent.permit("nobody", "git", World.HOME, null));
    }

    /** The agent started with marks that were not trusted, and they are kept again before the wait is over. */
    @Test
    void theWaitAfterALossGoesOn() throws Exception {
        marks = new MemoryMarks(false);
        marks.keep(false);
        w = new World(DoorMode.ADDRESS, marks, 1);
        w.clock.pass(Duration.ofSeconds(20));
        assertEquals(Verdict.NOT_READY, w.knock("ssh"));
        marks.keep(true);
        w.agent.clients(w.agent.clients());
        assertEquals(Verdict.NOT_READY, w.knock("ssh"));
        assertEquals(Duration.ofSeconds(10).toSeconds(), w.agent.refusesFor().toSeconds() + 1);
        w.clock.pass(Duration.ofSeconds(11));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
    }

    /** They were lost while the agent ran: what it accepted a moment ago must not be accepted again. */
    @Test
    void otherMarksThatAreNotTrustedBeginAWait() throws Exception {
        w.clock.pass(Duration.ofHours(1));
        byte[] accepted = w.packet(w.request("ssh"));
        w.clock.pass(Duration.ofNanos(1000));
        assertEquals(Verdict.ACCEPTED, w.send(accepted, World.HOME));
        marks.forget();
        w.agent.clients(w.agent.clients());
        forgetNonces();
        assertEquals(Verdict.NOT_READY, w.send(accepted, World.HOME));
        forgetNonces();
        w.clock.pass(Duration.ofSeconds(31));
        assertEquals(Verdict.WINDOW, w.send(accepted, World.HOME));
        assertEquals(Verdict.ACCEPTED, w.knock("ssh"));
        assertEquals(
                List.of("laptop"), w.agent.clients().stream().map(Client::name).toList());
    }

    /** More than are remembered. */
    private void forgetNonces() {
        for (int other = 0; other < 20_000; other++) {
            assertEquals(Verdict.NOT_READY, w.knock("ssh"));
        }
    }
}
