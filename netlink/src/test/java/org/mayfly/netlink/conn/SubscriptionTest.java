package org.mayfly.netlink.conn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/** Overruns, scripted and real, and datagrams that are not what they should be. */
final class SubscriptionTest {
    private static final int RTNLGRP_IPV4_IFADDR = 5;

    /** Awk: a line for {@code ip -batch}, an address for each number but for the last, which deletes the first. */
    private static final String ADDRESSES = "{ n = $1 == 4999 ? 0 : $1;"
            + " printf \"addr %s 10.0.%d.%d/32 dev lo\\n\", $1 == 4999 ? \"del\" : \"add\", n / 250, n % 250 }";

    private final ScriptedTransport script = new ScriptedTransport();
    private final List<String> heard = new ArrayList<>();
    private final EventHandler handler = new EventHandler() {
        @Override
        public void event(int type, ByteBuffer buffer, int offset, int length) {
            heard.add(type + ":" + length);
        }

        @Override
        public void overrun() {
            heard.add("overrun");
        }
    };

    @Test
    void severalMessagesInADatagramAreAllHeard() throws Exception {
        script.datagram("14000000 1400 0000 00000000 00000000 01020304 10000000 1500 0000 00000000 00000000");
        try (Subscription s = new Subscription(script)) {
            assertFalse(s.read(handler));
        }
        assertEquals(List.of("20:4", "21:0"), heard);
    }

    @Test
    void anOverrunIsToldInItsPlace() throws Exception {
        script.datagram("10000000 1400 0000 00000000 00000000");
        script.failure(new NetlinkException("recvmsg", Errno.ENOBUFS));
        script.datagram("10000000 1500 0000 00000000 00000000");
        try (Subscription s = new Subscription(script)) {
            s.read(handler);
        }
        assertEquals(List.of("20:0", "overrun", "21:0"), heard);
    }

    @Test
    void anotherErrorIsNone() {
        script.failure(new NetlinkException("recvmsg", Errno.EBADF));
        try (Subscription s = new Subscription(script)) {
            assertThrows(NetlinkException.class, () -> s.read(handler));
        }
    }

    @Test
    void aMalformedDatagramHurtsNobodyButItself() throws Exception {
        script.datagram("ff000000 1400 0000 00000000 00000000");
        script.datagram("00000000 1400 0000 00000000 00000000");
        script.datagram("1000");
        script.datagram("10000000 1500 0000 00000000 00000000");
        try (Subscription s = new Subscription(script)) {
            for (int i = 0; i < 3; i++) {
                assertThrows(MalformedMessageException.class, () -> s.read(handler));
            }
            s.read(handler);
        }
        assertEquals(List.of("21:0"), heard);
    }

    @Test
    void whatAHandlerThrowsCostsNoOtherEvent() throws Exception {
        script.datagram("10000000 1400 0000 00000000 00000000 10000000 1500 0000 00000000 00000000");
        EventHandler throwing = new EventHandler() {
            @Override
            public void event(int type, ByteBuffer buffer, int offset, int length) {
                handler.event(type, buffer, offset, length);
                throw new IllegalStateException("at " + type);
            }

            @Override
            public void overrun() {
                handler.overrun();
            }
        };
        try (Subscription s = new Subscription(script)) {
            assertEquals(
                    "at 20",
                    assertThrows(IllegalStateException.class, () -> s.read(throwing))
                            .getMessage());
        }
        assertEquals(List.of("20:0", "21:0"), heard);
    }

    @Test
    void aFloodIsReadInPortions() throws Exception {
        for (int i = 0; i < 300; i++) {
            script.datagram("10000000 1400 0000 00000000 00000000");
        }
        try (Subscription s = new Subscription(script)) {
            assertTrue(s.read(handler));
            assertEquals(256, heard.size());
            assertFalse(s.read(handler));
            assertEquals(300, heard.size());
        }
    }

    /** The kernel gives each socket at least 2,304 bytes: some events. Then thousands are lost. */
    @Test
    void afterARealOverrunADumpAndWhatFollowsSayAll() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            int[] groups = {RTNLGRP_IPV4_IFADDR};
            try (Subscription s = host.call(() -> Subscription.open(NetlinkConnection.NETLINK_ROUTE, 2304, groups));
                    RouteNetlink route = host.call(RouteNetlink::open)) {
                host.run("sh", "-c", "seq -f '%.0f' 0 4999 | awk '" + ADDRESSES + "' | ip -batch -");
                while (s.poll(0)) {
                    s.read(handler);
                }
                assertEquals(1, heard.stream().filter("overrun"::equals).count());
                assertTrue(heard.size() < 5000, () -> heard.size() + " events were heard, so that nothing was lost");
                assertEquals(5000, route.addresses().size(), "4,999 less the one deleted, 127.0.0.1 and ::1");
                heard.clear();
                host.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
                assertTrue(s.poll(10_000));
                s.read(handler);
                assertEquals(1, heard.size());
            }
        }
    }
}
