package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.netty.channel.EventLoopGroup;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Standing;
import org.mayfly.agent.kernel.NetlinkKernel;
import org.mayfly.agent.net.Transport;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.RouteEvent;
import org.mayfly.netlink.route.RouteEvents;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/** It goes the whole way, and nothing of that is there afterwards. */
class WarmupTest {
    @TempDir
    Path state;

    @ParameterizedTest
    @EnumSource(DoorMode.class)
    void leavesNothingBehind(DoorMode mode) throws Exception {
        List<String> lines = new ArrayList<>();
        Handler ear = hear(lines);
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            host.call(() -> {
                EventLoopGroup group = Transport.best().loop();
                try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", false)) {
                    kernel.install(guard(mode), Standing.NOTHING);
                    List<InetAddress> before = addresses();
                    assertTrue(Warmup.run(kernel, Transport.best(), group, mode, state) > 0);
                    assertEquals(before, addresses());
                    assertTrue(kernel.stands());
                    assertEquals(Map.of(), kernel.permits());
                } finally {
                    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
                }
                return null;
            });
        } finally {
            Logger.getLogger("").removeHandler(ear);
        }
        assertEquals(List.of(), lines);
        try (var files = Files.list(state)) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** Where nothing can be written down, it goes as far as it can, and the agent starts all the same. */
    @Test
    void needsNoDisk() throws Exception {
        Files.createFile(state.resolve("no directory"));
        List<String> lines = new ArrayList<>();
        Handler ear = hear(lines);
        try (Lab lab = new Lab()) {
            lab.host().call(() -> {
                EventLoopGroup group = Transport.best().loop();
                try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", false)) {
                    kernel.install(guard(DoorMode.ANYIP), Standing.NOTHING);
                    Path nowhere = state.resolve("no directory");
                    assertEquals(0, Warmup.run(kernel, Transport.best(), group, DoorMode.ANYIP, nowhere));
                    assertEquals(Map.of(), kernel.permits());
                } finally {
                    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
                }
                return null;
            });
        } finally {
            Logger.getLogger("").removeHandler(ear);
        }
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.get(0).startsWith("the first knocks will take longer, "), lines::toString);
    }

    /** A damaged installation, say: what the agent itself needs is there. */
    @Test
    void aClassThatDoesNotLoadEndsNothing() throws Exception {
        EventLoopGroup broken = (EventLoopGroup) Proxy.newProxyInstance(
                EventLoopGroup.class.getClassLoader(),
                new Class<?>[] {EventLoopGroup.class},
                (p, method, arguments) -> {
                    throw new NoClassDefFoundError("org/mayfly/Missing");
                });
        List<String> lines = new ArrayList<>();
        Handler ear = hear(lines);
        try (Lab lab = new Lab()) {
            lab.host().call(() -> {
                try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", false)) {
                    return Warmup.run(kernel, Transport.best(), broken, DoorMode.ANYIP, state);
                }
            });
        } finally {
            Logger.getLogger("").removeHandler(ear);
        }
        assertEquals(
                List.of("the first knocks will take longer, for they could not be rehearsed: "
                        + "java.lang.NoClassDefFoundError: org/mayfly/Missing"),
                lines);
    }

    /** The agent whose start it is a part of is at work meanwhile: leases from before end. */
    @Test
    void whatTheRealAgentTellsMeanwhileIsHeard() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        List<String> told = new ArrayList<>();
        Handler ear = hear(lines);
        try (Lab lab = new Lab()) {
            lab.host().call(() -> {
                EventLoopGroup group = Transport.best().loop();
                try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", false)) {
                    kernel.install(guard(DoorMode.ANYIP), Standing.NOTHING);
                    Future<?> telling = group.next()
                            .scheduleAtFixedRate(
                                    () -> {
                                        told.add("line " + told.size());
                                        AuditLog.logger().info(told.get(told.size() - 1));
                                    },
                                    0,
                                    20,
                                    TimeUnit.MILLISECONDS);
                    Warmup.run(kernel, Transport.best(), group, DoorMode.ANYIP, state);
                    telling.cancel(false);
                } finally {
                    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
                }
                return null;
            });
        } finally {
            Logger.getLogger("").removeHandler(ear);
        }
        assertTrue(told.size() > 3, told::toString);
        assertEquals(told, lines);
    }

    /** Everybody who listens to addresses hears of each of them. */
    @Test
    void aFewDoorsOnlyAreAddresses() throws Exception {
        try (Lab lab = new Lab()) {
            lab.host().call(() -> {
                EventLoopGroup group = Transport.best().loop();
                try (NetlinkKernel kernel = NetlinkKernel.open("mayfly", false);
                        Events<RouteEvent> events = RouteEvents.open(RouteEvents.RTNLGRP_IPV6_IFADDR)) {
                    kernel.install(guard(DoorMode.ADDRESS), Standing.NOTHING);
                    assertTrue(Warmup.run(kernel, Transport.best(), group, DoorMode.ADDRESS, state) > 1000);
                    assertTrue(count(events) < 100);
                } finally {
                    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
                }
                return null;
            });
        }
    }

    private static Guard guard(DoorMode mode) {
        DoorSpace space = new DoorSpace(Ip6Prefix.parse("2001:db8:2::/64"), DoorSpace.DEFAULT_RESERVED);
        return new Guard(
                List.of(new DoorPrefix(mode, space, "lo")),
                List.of(new GatedPort(Protocol.TCP, 4022, Ipv4Access.CLOSED)));
    }

    private static List<InetAddress> addresses() throws Exception {
        try (RouteNetlink route = RouteNetlink.open()) {
            return route.addresses().stream().map(Address::address).toList();
        }
    }

    private static int count(Events<RouteEvent> events) throws Exception {
        List<RouteEvent> heard = new ArrayList<>();
        while (events.poll(0)) {
            events.read(new Events.Handler<RouteEvent>() {
                @Override
                public void event(RouteEvent event) {
                    heard.add(event);
                }

                @Override
                public void overrun() {
                    fail("events were lost");
                }
            });
        }
        return heard.size();
    }

    /** The kernel ends them by itself. */
    private static Handler hear(List<String> lines) {
        Handler ear = new Handler() {
            @Override
            public void publish(LogRecord event) {
                if (event.getLoggerName()
                        .startsWith("org.mayfly")) { // not what Netty thinks of a machine without hardware
                    lines.add(event.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger.getLogger("").addHandler(ear);
        return ear;
    }
}
