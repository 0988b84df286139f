package org.mayfly.netlink.conn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;
import org.opentest4j.AssertionFailedError;

/** One subscription and one connection on one thread: Netty's, in its event loop, and a plain one. ip acts, they hear. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64") // of Netty's library, only that build is among the tests'
final class NettyLoopTest {
    private static final int RTM_NEWADDR = 20;
    private static final int RTM_DELADDR = 21;
    private static final int RTNLGRP_IPV4_IFADDR = 5;
    private static final int PATIENCE = Ear.PATIENCE;

    /** The least the kernel gives: some events. */
    private static final int SMALL = 2304;

    private final Lab lab = new Lab();
    private final MultiThreadIoEventLoopGroup netty = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private Lab.Host host;
    private RouteNetlink route;

    private enum Kind {
        NETTY,
        PLAIN
    }

    /** Where a subscription is read. */
    private interface Loop {
        Thread thread();

        /** Ends it, and waits for that. */
        void end() throws Exception;
    }

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        route = host.call(RouteNetlink::open);
    }

    @AfterEach
    void close() throws Exception {
        shutDown();
        route.close();
        lab.close();
    }

    private Subscription subscribe(int receiveBuffer) throws Exception {
        int[] groups = {RTNLGRP_IPV4_IFADDR};
        return host.call(() -> Subscription.open(NetlinkConnection.NETLINK_ROUTE, receiveBuffer, groups));
    }

    private Loop start(Kind kind, Subscription subscription, Ear ear) throws Exception {
        return switch (kind) {
            case NETTY -> onNetty(subscription, ear);
            case PLAIN -> onThread(subscription, ear);
        };
    }

    /** A quiet period of 0 may end the loop before it has closed what is on it. */
    private void shutDown() throws Exception {
        netty.shutdownGracefully(1, PATIENCE, TimeUnit.MILLISECONDS).sync();
    }

    private Loop onNetty(Subscription subscription, Ear ear) throws Exception {
        IoEventLoop loop = netty.next();
        Thread thread = loop.submit(Thread::currentThread).get();
        IoRegistration registration = NettySubscription.register(loop, subscription, ear, ear.failed::add)
                .sync()
                .getNow();
        return new Loop() {
            @Override
            public Thread thread() {
                return thread;
            }

            @Override
            public void end() throws Exception {
                assertTrue(registration.cancel());
                loop.submit(() -> {}).sync(); // what was asked of the loop before is done then
                assertFalse(registration.isValid());
            }
        };
    }

    private static Loop onThread(Subscription subscription, Ear ear) {
        Thread thread = new Thread(() -> {
            try {
                while (subscription.poll(-1)) {
                    subscription.read(ear);
                }
            } catch (AsynchronousCloseException e) {
                return; // end() does that
            } catch (IOException | RuntimeException e) {
                ear.failed.add(e);
            }
        });
        thread.start();
        return new Loop() {
            @Override
            public Thread thread() {
                return thread;
            }

            @Override
            public void end() throws Exception {
                subscription.close();
                thread.join(PATIENCE);
                assertFalse(thread.isAlive());
            }
        };
    }

    private void ip(String verb, String address) throws Exception {
        host.run("ip", "addr", verb, address + "/32", "dev", "lo");
    }

    @ParameterizedTest
    @EnumSource
    void eventsComeOnItsThreadAndRequestsGoFromIt(Kind kind) throws Exception {
        Address second = address("192.0.2.2");
        Ear ear = new Ear() {
            private boolean asked;

            @Override
            public void event(int type, ByteBuffer buffer, int offset, int length) {
                super.event(type, buffer, offset, length);
                if (asked) {
                    return;
                }
                asked = true;
                try {
                    route.add(second); // while an event is being read
                    NetlinkException e = assertThrows(NetlinkException.class, () -> route.add(second));
                    assertEquals("EEXIST", e.errnoName());
                } catch (IOException | AssertionFailedError e) {
                    failed.add(new IOException(e));
                }
            }
        };
        Subscription subscription = subscribe(Subscription.RECEIVE_BUFFER);
        Loop loop = start(kind, subscription, ear);
        ip("add", "192.0.2.1");
        assertEquals(new Ear.Heard(RTM_NEWADDR, loop.thread()), ear.next());
        assertEquals(new Ear.Heard(RTM_NEWADDR, loop.thread()), ear.next());
        ip("del", "192.0.2.2");
        assertEquals(new Ear.Heard(RTM_DELADDR, loop.thread()), ear.next());
        loop.end();
        assertEquals(List.of(), List.copyOf(ear.failed));
    }

    /** The first event holds the thread up until so much has happened that events are lost. */
    @ParameterizedTest
    @EnumSource
    void anOverrunComesInItsPlaceAndADumpFromThereSaysTheRest(Kind kind) throws Exception {
        CountDownLatch flooded = new CountDownLatch(1);
        BlockingQueue<Integer> dumped = new LinkedBlockingQueue<>();
        Ear ear = new Ear() {
            @Override
            public void event(int type, ByteBuffer buffer, int offset, int length) {
                super.event(type, buffer, offset, length);
                try {
                    assertTrue(flooded.await(PATIENCE, TimeUnit.MILLISECONDS));
                } catch (InterruptedException e) {
                    failed.add(e);
                }
            }

            @Override
            public void overrun() {
                super.overrun();
                try {
                    dumped.add(route.addresses().size());
                } catch (IOException e) {
                    failed.add(e);
                }
            }
        };
        Loop loop = start(kind, subscribe(SMALL), ear);
        ip("add", "192.0.2.1");
        host.run("sh", "-c", "seq -f 'addr add 10.0.1.%.0f/32 dev lo' 1 250 | ip -batch -");
        flooded.countDown();
        ear.until(Ear.OVERRUN);
        assertEquals(253, dumped.poll(PATIENCE, TimeUnit.MILLISECONDS), "251, 127.0.0.1 and ::1");
        ip("del", "192.0.2.1");
        ear.until(RTM_DELADDR);
        loop.end();
        assertEquals(List.of(), List.copyOf(ear.failed));
    }

    @ParameterizedTest
    @EnumSource
    void afterItsEndNothingComesAndNothingIsOpen(Kind kind) throws Exception {
        Ear ear = new Ear();
        Ear other = new Ear();
        Subscription subscription = subscribe(Subscription.RECEIVE_BUFFER);
        Loop loop = start(kind, subscription, ear);
        Loop otherLoop = start(kind, subscribe(Subscription.RECEIVE_BUFFER), other);
        ip("add", "192.0.2.1");
        assertEquals(RTM_NEWADDR, ear.next().type());
        assertEquals(RTM_NEWADDR, other.next().type());
        loop.end();
        ip("del", "192.0.2.1");
        assertEquals(RTM_DELADDR, other.next().type());
        assertNull(ear.heard.poll());
        assertThrows(ClosedChannelException.class, () -> subscription.poll(0));
        otherLoop.end();
        assertEquals(List.of(), List.copyOf(ear.failed));
    }

    @Test
    void aLoopThatShutsDownClosesWhatIsOnIt() throws Exception {
        Subscription subscription = subscribe(Subscription.RECEIVE_BUFFER);
        Ear ear = new Ear();
        onNetty(subscription, ear);
        shutDown();
        assertThrows(ClosedChannelException.class, () -> subscription.poll(0));
        assertEquals(List.of(), List.copyOf(ear.failed));
    }

    /** A handler that throws ends its own subscription, and holds up nobody else on the loop. */
    @Test
    void aHandlerThatThrowsIsTakenOffTheLoop() throws Exception {
        Ear ear = new Ear() {
            @Override
            public void event(int type, ByteBuffer buffer, int offset, int length) {
                throw new IllegalStateException("of the test");
            }
        };
        Subscription subscription = subscribe(Subscription.RECEIVE_BUFFER);
        Ear other = new Ear();
        onNetty(subscription, ear);
        onNetty(subscribe(Subscription.RECEIVE_BUFFER), other);
        ip("add", "192.0.2.1");
        Exception failure = ear.failed.poll(PATIENCE, TimeUnit.MILLISECONDS);
        assertEquals("of the test", failure == null ? "none" : failure.getMessage());
        assertEquals(RTM_NEWADDR, other.next().type());
        netty.next().submit(() -> {}).sync();
        assertThrows(ClosedChannelException.class, () -> subscription.poll(0));
    }

    private Address address(String text) throws Exception {
        InetAddress address = InetAddress.getByName(text);
        int lo = route.link("lo").orElseThrow().index();
        long forever = Address.FOREVER;
        return new Address(address, 32, 0, Address.SCOPE_UNIVERSE, lo, forever, forever, 0);
    }
}
