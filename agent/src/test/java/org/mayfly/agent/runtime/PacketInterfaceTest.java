package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.testing.Lab;
import org.mayfly.netlink.testing.Lab.Host;

/** On real interfaces. */
class PacketInterfaceTest {
    private static @Nullable PacketInterface find(Host host, String ofDoors) throws Exception {
        return host.call(() -> PacketInterface.find(ofDoors));
    }

    @Test
    void isThatOfTheDoorsOrElseOfTheDefaultRoute() throws Exception {
        try (Lab lab = new Lab()) {
            Host host = lab.host();
            Host router = lab.host();
            lab.join(host, "eth0", router, "to-host");
            lab.join(host, "eth1", router, "to-host1");
            assertNull(find(host, "lo"), "nothing arrives there, and there is no default route");
            assertNull(find(host, "gone"));
            host.run("ip", "-6", "route", "add", "default", "via", "fe80::b", "dev", "eth0", "metric", "20");
            host.run("ip", "-6", "route", "add", "default", "via", "fe80::b", "dev", "eth1", "metric", "10");
            for (String doors : new String[] {"lo", "gone", "eth1"}) {
                PacketInterface found = find(host, doors);
                assertNotNull(found);
                assertEquals("eth1", found.name(), doors);
            }
            PacketInterface first = find(host, "eth0");
            assertNotNull(first);
            assertEquals("eth0", first.name());
            assertEquals(first, find(host, "eth0"));
        }
    }

    /** Somewhere to put the doors' addresses. */
    @Test
    void isNoDummy() throws Exception {
        try (Lab lab = new Lab()) {
            Host host = lab.host();
            lab.join(host, "eth0", lab.host(), "to-host");
            try {
                host.run("ip", "link", "add", "doors", "type", "dummy");
            } catch (AssertionError e) {
                String why = "this kernel has no dummy interfaces: " + e.getMessage();
                System.err.println("SKIPPED: " + why);
                Assumptions.abort(why);
            }
            host.run("ip", "link", "set", "doors", "up");
            host.run("ip", "-6", "route", "add", "default", "via", "fe80::b", "dev", "eth0");
            PacketInterface found = find(host, "doors");
            assertNotNull(found);
            assertEquals("eth0", found.name());
        }
    }

    @Test
    void isThatOfTheDefaultRouteOfIpv4WhereIpv6HasNone() throws Exception {
        try (Lab lab = new Lab()) {
            Host host = lab.host();
            Host router = lab.host();
            lab.join(host, "eth0", router, "to-host");
            lab.join(host, "eth1", router, "to-host1");
            host.address("192.0.2.1/24", "eth0");
            host.run("ip", "route", "add", "default", "via", "192.0.2.2");
            PacketInterface four = find(host, "lo");
            assertNotNull(four);
            assertEquals("eth0", four.name());
            host.run("ip", "-6", "route", "add", "default", "via", "fe80::b", "dev", "eth1");
            PacketInterface six = find(host, "lo");
            assertNotNull(six);
            assertEquals("eth1", six.name());
        }
    }

    @Test
    void isAnotherOneWhenItWasMadeAnewOrHasAnotherAddress() throws Exception {
        try (Lab lab = new Lab()) {
            Host host = lab.host();
            Host router = lab.host();
            lab.join(host, "eth0", router, "to-host");
            PacketInterface first = find(host, "eth0");
            host.run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:77");
            PacketInterface other = find(host, "eth0");
            assertNotNull(other);
            assertNotEquals(first, other);
            assertEquals("02:00:00:00:00:77", other.address().toString());
            host.run("ip", "link", "del", "eth0");
            lab.join(host, "eth0", router, "to-host");
            assertNotEquals(other, find(host, "eth0"));
        }
    }
}
