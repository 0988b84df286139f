package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.testing.Lab;

/** What is done over and over makes no garbage, from the record to the acknowledgement. */
final class GarbageTest {
    private static final int PAIRS = 5_000;

    private static void pairs(RouteNetlink route, Address address) throws Exception {
        for (int i = 0; i < PAIRS; i++) {
            route.add(address);
            route.delete(address);
        }
    }

    @Test
    void ofAnAddressThatComesAndGoes() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Lab lab = new Lab();
                RouteNetlink route = lab.host().call(RouteNetlink::open)) {
            int lo = route.link("lo").orElseThrow().index();
            int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
            Address address = new Address(InetAddress.getByName("2001:db8::42"), 128, flags, 0, lo, 0, 30, 77);
            pairs(route, address);
            long before = threads.getCurrentThreadAllocatedBytes();
            pairs(route, address);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertTrue(allocated < PAIRS, () -> allocated + " bytes in " + 2 * PAIRS + " requests");
        }
    }
}
