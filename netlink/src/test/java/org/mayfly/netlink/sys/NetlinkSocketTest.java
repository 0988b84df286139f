package org.mayfly.netlink.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.testing.Lab;

/** What the socket promises on its own, on a real one. */
final class NetlinkSocketTest {
    private static final int NETLINK_ROUTE = 0;
    private static final int RTNLGRP_IPV4_IFADDR = 5;

    /** {@code __NR_poll} of x86_64. */
    private static final int POLL = 7;

    @Test
    void whatSomebodyElseSendsDoesNotArrive() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (NetlinkSocket ours = host.call(() -> NetlinkSocket.open(NETLINK_ROUTE));
                    NetlinkSocket theirs = host.call(() -> NetlinkSocket.open(NETLINK_ROUTE))) {
                ByteBuffer address = direct(12);
                address.putShort(0, (short) 16).putInt(4, ours.portId());
                assertEquals(0, Libc.CALLS.connect(theirs.fd(), Libc.address(address), 12));
                ByteBuffer forged = direct(20);
                forged.putInt(0, 20).putShort(4, (short) 2).putInt(8, 1);
                // We are connected to port 0, so the kernel does not let others in (netlink_getsockbyportid()).
                IOException e = assertThrows(IOException.class, () -> theirs.send(forged, 20));
                assertEquals("send: ECONNREFUSED", e.getMessage());
                assertFalse(ours.receive(direct(64), 0));
            }
        }
    }

    /** Whoever has CAP_NET_ADMIN may send to a group, where being connected to port 0 keeps nobody out. */
    @Test
    void whatSomebodyElseSendsToAGroupIsDropped() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (NetlinkSocket ours = host.call(() -> NetlinkSocket.open(NETLINK_ROUTE));
                    NetlinkSocket theirs = host.call(() -> NetlinkSocket.open(NETLINK_ROUTE))) {
                ours.join(RTNLGRP_IPV4_IFADDR);
                ByteBuffer group = direct(12);
                group.putShort(0, (short) 16).putInt(8, 1 << RTNLGRP_IPV4_IFADDR - 1);
                assertEquals(0, Libc.CALLS.connect(theirs.fd(), Libc.address(group), 12));
                ByteBuffer forged = direct(20);
                forged.putInt(0, 20).putShort(4, (short) 20); // RTM_NEWADDR, and no request: the kernel leaves it alone
                theirs.send(forged, 20);
                assertTrue(ours.poll(0), "it has arrived");
                assertFalse(ours.receive(direct(64), 0));
                host.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
                ByteBuffer in = direct(512);
                assertTrue(ours.receive(in, 0));
                assertTrue(in.getInt(0) > 20);
            }
        }
    }

    @Test
    void aGroupsDatagramThatDoesNotFitIsAnErrorToo() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            try (NetlinkSocket socket = host.call(() -> NetlinkSocket.open(NETLINK_ROUTE))) {
                socket.join(RTNLGRP_IPV4_IFADDR);
                host.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo");
                NetlinkException e = assertThrows(NetlinkException.class, () -> socket.receive(direct(20), 0));
                assertEquals(Errno.EMSGSIZE, e.errno());
                assertFalse(socket.receive(direct(20), 0));
            }
        }
    }

    @Test
    void aDatagramThatDoesNotFitIsAnError() throws Exception {
        try (NetlinkSocket socket = NetlinkSocket.open(NETLINK_ROUTE)) {
            ByteBuffer noop = direct(16);
            noop.putInt(0, 16).putShort(4, (short) 1).putShort(6, (short) 5); // NLM_F_REQUEST | NLM_F_ACK
            socket.send(noop, 16);
            NetlinkException e = assertThrows(NetlinkException.class, () -> socket.receive(direct(20), 0));
            assertEquals(Errno.EMSGSIZE, e.errno());
            socket.send(noop, 16);
            ByteBuffer in = direct(64);
            assertTrue(socket.receive(in, 0));
            assertEquals(36, in.limit());
        }
    }

    @Test
    void waitingEnds() throws Exception {
        try (NetlinkSocket socket = NetlinkSocket.open(NETLINK_ROUTE)) {
            assertFalse(socket.poll(1));
            assertThrows(NetlinkException.class, () -> socket.join(9999));
        }
    }

    /** Whether it waits in receive or in poll, and for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoWaitsIsWokenByTheClose(boolean receive) throws Exception {
        NetlinkSocket socket = NetlinkSocket.open(NETLINK_ROUTE);
        CompletableFuture<Integer> tid = new CompletableFuture<>();
        CompletableFuture<Exception> end = new CompletableFuture<>();
        Thread waits = new Thread(() -> {
            tid.complete(Libc.CALLS.gettid());
            try {
                boolean got = receive ? socket.receive(direct(64), -1) : socket.poll(-1);
                end.completeExceptionally(new AssertionError("it came back with " + got));
            } catch (Exception e) {
                end.complete(e);
            }
        });
        waits.start();
        untilItSleeps(tid.get());
        Path ours = Path.of("/proc/self/fd/" + socket.fd());
        Path link = Files.readSymbolicLink(ours);
        socket.close();
        assertEquals(
                AsynchronousCloseException.class, end.get(10, TimeUnit.SECONDS).getClass());
        waits.join(10_000);
        assertFalse(Files.exists(ours) && Files.readSymbolicLink(ours).equals(link), "its descriptor is open");
        socket.close();
        assertThrows(ClosedChannelException.class, () -> socket.receive(direct(64), 0));
        assertThrows(ClosedChannelException.class, () -> socket.send(direct(64), 16));
        assertThrows(ClosedChannelException.class, socket::portId);
        assertThrows(ClosedChannelException.class, socket::sendLimit);
        assertThrows(ClosedChannelException.class, () -> socket.join(1));
    }

    /** proc(5): the number of the system call in which the thread waits. */
    private static void untilItSleeps(int tid) throws IOException {
        long end = System.nanoTime() + 10_000_000_000L;
        String call;
        do {
            call = Files.readString(Path.of("/proc/self/task/" + tid + "/syscall"));
            assertTrue(System.nanoTime() < end, "it does not wait");
        } while (!call.startsWith(POLL + " "));
    }

    @Test
    void aNamespaceCanBeEnteredByItsPath() throws Exception {
        try (Lab lab = new Lab()) {
            NetNamespace first = lab.host().namespace();
            Path self = Path.of("/proc/thread-self/ns/net");
            assertNotEquals(Files.readSymbolicLink(self), first.call(() -> Files.readSymbolicLink(self)));
            try (NetNamespace again = NetNamespace.of(Path.of(first.path()))) {
                assertEquals(
                        first.call(() -> Files.readSymbolicLink(self)), again.call(() -> Files.readSymbolicLink(self)));
            }
        }
        IOException e = assertThrows(IOException.class, () -> NetNamespace.of(Path.of("/nowhere")));
        assertEquals("open /nowhere: ENOENT", e.getMessage());
    }

    @Test
    void whatIsThrownInANamespaceComesThrough() throws Exception {
        try (Lab lab = new Lab()) {
            AtomicInteger ran = new AtomicInteger();
            NetNamespace namespace = lab.host().namespace();
            assertThrows(ArithmeticException.class, () -> namespace.call(() -> 1 / ran.getAndAdd(0)));
            assertThrows(
                    AssertionError.class,
                    () -> namespace.call(() -> {
                        throw new AssertionError();
                    }));
        }
    }

    @Test
    void whoIsInANamespaceMayCallIntoIt() throws Exception {
        try (Lab lab = new Lab()) {
            NetNamespace namespace = lab.host().namespace();
            assertEquals(7, namespace.call(() -> namespace.call(() -> 7)));
        }
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
