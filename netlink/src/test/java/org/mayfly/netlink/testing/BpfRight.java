package org.mayfly.netlink.testing;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Whether a test may load eBPF: only with CAP_BPF in the first user namespace, which nobody gets by {@code unshare -U}. */
public final class BpfRight {
    private static final int CAP_BPF = 39;

    /** {@code /proc/self/uid_map} of the first user namespace: all users, as they are (user_namespaces(7)). */
    private static final String EVERYBODY = "0 0 4294967295";

    private BpfRight() {}

    /** Skips the test where it may not, and says so. */
    public static void needed() throws IOException {
        if (!isThere()) {
            String why = "no eBPF here; run as root, outside of user namespaces";
            System.err.println("SKIPPED: " + why);
            Assumptions.abort(why);
        }
    }

    private static boolean isThere() throws IOException {
        String map = Files.readString(Path.of("/proc/self/uid_map")).strip().replaceAll("\\s+", " ");
        String effective = Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> line.replaceAll(".*\\s", ""))
                .findFirst()
                .orElseThrow();
        return map.equals(EVERYBODY) && new BigInteger(effective, 16).testBit(CAP_BPF);
    }
}
