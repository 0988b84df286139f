package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What packaging/try does, as a test. */
final class LabIT {
    @Test
    void theMainJobIsObservedStepByStep() throws Exception {
        Command tour = Command.inPrivateNetwork(
                "sh",
                Command.LAB.resolve("demo.sh").toString(),
                Command.HOME.toAbsolutePath().toString());

        assertEquals(0, tour.status(), () -> tour.out() + tour.err());
    }
}
