package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.admin.ExitStatus;

class StartExceptionTest {
    private static final String OPEN = "gated ports may be open: shut the gated ports: ";
    private static final String NO_RIGHT = OPEN + "EPERM; run as root, or give the agent CAP_NET_ADMIN";

    private static void assertTold(int lines, Exception failure, String more) {
        StartException told = StartException.of(failure).with(List.of(more));
        assertEquals(ExitStatus.NOT_PERMITTED, told.status());
        assertEquals(lines, told.lines().size(), () -> told.lines().toString());
    }

    @Test
    void openPortsAreToldOfUnlessBothFailForWantOfTheSameRight() {
        Exception noRight = new IOException("install the guard: EPERM");
        Exception noAccess = new AccessDeniedException("/var/lib/mayfly");
        assertTold(1, noRight, NO_RIGHT);
        assertTold(2, noRight, OPEN + "EBUSY");
        assertTold(2, noAccess, NO_RIGHT);
        assertTold(2, noAccess, OPEN + "EBUSY");
    }
}
