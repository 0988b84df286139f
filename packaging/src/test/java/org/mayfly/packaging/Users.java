package org.mayfly.packaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Who there is to be on this machine. */
final class Users {
    private Users() {}

    /** Whether this is root with other users to become, rather than root of a user namespace that maps one id. */
    static boolean areThere() throws IOException {
        boolean one = Files.readString(Path.of("/proc/self/uid_map")).matches("\\s*\\d+\\s+\\d+\\s+1\\s*");
        return !one && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    /** Skips the rest of the test, loudly, where there is nobody else: it could not run there by any means. */
    static void others(String why) throws IOException {
        if (!areThere()) {
            System.err.println("SKIPPED, for there is no other user in this user namespace: " + why);
            Assumptions.abort(why);
        }
    }
}
