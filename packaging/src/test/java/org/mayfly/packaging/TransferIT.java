package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.packaging.Session.Met;

/**
 * What this is for: ssh through a door, with a transfer that is running when something happens to the agent, the machine
 * or the lease. It goes on, and what arrives is what was sent.
 */
final class TransferIT {
    /** By when the address of a door whose lease is 2 s would be gone, had nobody seen the session on it. */
    private static final Duration NOT_HELD = Duration.ofSeconds(2 + 2 + 2);

    @TempDir
    private Path temp;

    @ParameterizedTest
    @EnumSource
    void acrossTheEndOfItsWindowAndEveryKindOfRestart(Layout layout) throws Exception {
        try (Network net = new Network();
                Sshd sshd = new Sshd(net.server, temp.resolve("sshd"));
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("2s", "1h"))) {
            Judge judge = new Judge(net, layout);
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            long opened = System.nanoTime();
            try (Transfer transfer = new Transfer(sshd, net.client, door, temp.resolve("copy"))) {
                transfer.goesOn("at first");
                Until.holds("its window ends", Mayflyd.PATIENCE, () -> agent.metric("mayfly_leases_session") == 1);
                assertFalse(judge.permits(Network.CLIENT, door));
                while (System.nanoTime() - opened < NOT_HELD.toNanos()) {
                    transfer.goesOn("after its window");
                }

                assertEquals(0, agent.stop(), agent::log);
                transfer.goesOn("while the agent is stopped");
                agent.start();
                transfer.goesOn("after a restart");

                agent.kill9();
                transfer.goesOn("while the agent is away, killed");
                agent.start();
                transfer.goesOn("after kill -9 and a start");
                assertEquals(1, agent.metric("mayfly_leases_session"), "it is still the agent's to end");

                net.server.run("ip", "-6", "address", "flush", "dev", "eth0");
                net.putBackServer();
                transfer.goesOn("after ip address flush, its window long over");
                transfer.finish();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void acrossWhatOthersDoToTheMachine(Layout layout) throws Exception {
        try (Network net = new Network();
                Sshd sshd = new Sshd(net.server, temp.resolve("sshd"));
                Mayflyd agent = Mayflyd.start(net.server, temp, layout.ssh("1m", "1h"))) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Transfer transfer = new Transfer(sshd, net.client, door, temp.resolve("copy"))) {
                transfer.goesOn("at first");

                net.server.run("nft", "flush", "ruleset");
                transfer.goesOn("after nft flush ruleset");

                net.server.run("ip", "-6", "address", "flush", "dev", "eth0");
                net.putBackServer();
                transfer.goesOn("after ip address flush");

                net.server.run("ip", "link", "set", "eth0", "down");
                net.putBackServer();
                transfer.goesOn("after the interface was down");
                transfer.finish();
            }
        }
    }

    /** The provider gives another prefix: that of before is deprecated, and goes away later. */
    @Test
    void acrossARenumbering() throws Exception {
        String automatic = Layout.ON_LINK.ssh("5m", "1h").replaceAll("prefix = .*", "prefix = \"auto\"");
        try (Network net = new Network();
                Sshd sshd = new Sshd(net.server, temp.resolve("sshd"));
                Mayflyd agent = Mayflyd.start(net.server, temp, automatic)) {
            Ip6Address door = agent.enrol("alice").open(agent, net.client, "ssh");
            try (Transfer transfer = new Transfer(sshd, net.client, door, temp.resolve("copy"))) {
                transfer.goesOn("at first");

                Ip6Prefix next = net.renumber();
                transfer.goesOn("in the prefix of before");
                Ip6Address moved = next.with(door);
                Until.answer(
                        "the lease has a door in the new prefix",
                        Mayflyd.PATIENCE,
                        () -> Session.attempt(net.client, moved, 22),
                        Met.IN::equals);
                String permitted = agent.done("permit", "alice", "ssh", "--source", Network.CLIENT);
                assertTrue(next.contains(Ip6Address.parse(permitted.strip())), permitted);
                transfer.goesOn("while new doors are in the new prefix");
                assertEquals(0, agent.stop(), agent::log);
                agent.start();
                transfer.goesOn("after a restart with doors in both");
                transfer.finish();
            }
        }
    }
}
