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
import org.mayfly.netlink.testing.Lab;

/** Overruns, scripted and real, and datagrams that are not what they should be. */
final class SubscriptionTest {
    private static final int RTNLGRP_IPV4_IFADDR = 5;

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

    /** The kernel gives each socket at least 2,304 bytes; a thousand addresses are more. */
    @Test
    void aRealOverrunIsToldAndWhatFollowsIsHeard() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            int[] groups = {RTNLGRP_IPV4_IFADDR};
            try (Subscription s = host.call(() -> Subscription.open(NetlinkConnection.NETLINK_ROUTE, 2304, groups))) {
                StringBuilder batch = new StringBuilder();
                for (int i = 0; i < 1000; i++) {
                    batch.append("addr add 10.0.").append(i / 250).append('.').append(i % 250);
                    batch.append("/32 dev lo\n");
                }
                host.run("sh", "-c", "echo '" + batch + "' | ip -batch -");
                while (s.poll(0)) {
                    s.read(handler);
                }
                assertEquals(1, heard.stream().filter("overrun"::equals).count());
                heard.clear();
                host.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
                assertTrue(s.poll(10_000));
                s.read(handler);
                assertEquals(1, heard.size());
            }
        }
    }
}
