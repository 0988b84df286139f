package org.mayfly.agent.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.Agent;
import org.mayfly.agent.core.Client;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.FakeClock;
import org.mayfly.agent.core.GatedPort;
import org.mayfly.agent.core.Guard;
import org.mayfly.agent.core.Ipv4Access;
import org.mayfly.agent.core.MemoryLeases;
import org.mayfly.agent.core.MemoryMarks;
import org.mayfly.agent.core.Protocol;
import org.mayfly.agent.core.Quota;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.core.SourcePolicy;
import org.mayfly.agent.core.Verdict;
import org.mayfly.agent.kernel.InMemoryKernel;
import org.mayfly.knock.DoorSpace;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.crypto.ClientKeyset;

/** Whatever somebody does, there are a few lines a minute, and what they leave out is counted. */
class AuditLogTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Ip6Address HOME = Ip6Address.parse("2001:db8:c::7");

    private final FakeClock clock = new FakeClock();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final AuditLog audit = new AuditLog(clock, AuditLog.logger());
    private Agent agent;

    @BeforeEach
    void start() throws Exception {
        Logging.install(new PrintStream(out, true, StandardCharsets.UTF_8), true, clock);
        ServerIdentity identity = ServerIdentity.create();
        DoorSpace doors = new DoorSpace(Ip6Prefix.parse("2001:db8:d::/64"), DoorSpace.DEFAULT_RESERVED);
        Service ssh = new Service("ssh", Protocol.TCP, 22, MINUTE, MINUTE, Ipv4Access.CLOSED);
        Settings settings = new Settings(
                new Guard(
                        List.of(new DoorPrefix(DoorMode.ANYIP, doors, "eth0")),
                        List.of(new GatedPort(Protocol.TCP, 22, Ipv4Access.CLOSED))),
                Map.of("ssh", ssh),
                MINUTE,
                new Quota(2, 100, Quota.Full.REPLACE),
                100_000);
        agent = new Agent(
                settings,
                new InMemoryKernel(clock),
                identity.gate(),
                new MemoryMarks(true),
                new MemoryLeases(),
                clock,
                ClientKeyset.create(identity).keys().get(0),
                new Random(1),
                audit);
        agent.apply(settings);
        agent.clients(List.of(client("mallory", identity), client("alice", identity)));
    }

    private static Client client(String name, ServerIdentity identity) throws Exception {
        return new Client(
                name,
                List.of("ssh"),
                SourcePolicy.EXACT,
                true,
                new Quota(50_000, 100_000, Quota.Full.REFUSE),
                ClientKeyset.create(identity).keys());
    }

    private void open(String client, int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            agent.permit(client, "ssh", new Ip6Address(HOME.high() + i, HOME.low()), null);
        }
    }

    private List<String> lines() {
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        out.reset();
        return lines;
    }

    @Test
    void everyLeaseHasALineWhileTheyAreFew() throws Exception {
        open("alice", 4);
        agent.revoke(List.copyOf(agent.leases()).get(0));
        List<String> lines = lines();
        assertEquals(5, lines.size());
        assertTrue(
                lines.get(0).contains("open: client alice, service ssh, from 2001:db8:c:1::7, for 60 s"),
                lines::toString);
        assertTrue(lines.get(4).endsWith("ended: revoked"));
        clock.pass(MINUTE);
        audit.tellRest();
        assertEquals(List.of(), lines());
    }

    @Test
    void oneWhoOpensThousandsHasAFewAndLeavesTheOthersTheirs() throws Exception {
        open("mallory", 10_000);
        assertEquals(LeaseLines.OF_A_CLIENT, lines().size());
        open("alice", 3);
        assertEquals(3, lines().size());
        audit.tellRest();
        assertEquals(List.of(), lines(), "the minute goes on");
        clock.pass(MINUTE);
        audit.tellRest();
        assertEquals(
                List.of("<6>within a minute, besides: 9990 leases opened, 0 ended; most are of client mallory"),
                lines());
        audit.tellRest();
        assertEquals(List.of(), lines());
    }

    /** The rest is told with the next event, too, and not counted as the next minute's. */
    @Test
    void theRestComesBeforeTheNextLine() throws Exception {
        open("mallory", 12);
        lines();
        clock.pass(MINUTE);
        open("alice", 1);
        List<String> lines = lines();
        assertEquals("<6>within a minute, besides: 2 leases opened, 0 ended; most are of client mallory", lines.get(0));
        assertTrue(lines.get(1).contains("client alice"), lines::toString);
        assertEquals(2, lines.size());
    }

    @Test
    void allClientsTogetherHaveALimit() throws Exception {
        LeaseLines leases = new LeaseLines(clock);
        int admitted = 0;
        for (int i = 0; i < 4000; i++) {
            admitted += leases.admitsOpened("client" + i) ? 1 : 0;
        }
        for (int i = 0; i < 100; i++) {
            admitted += leases.admitsEnded("client7") ? 1 : 0;
        }
        assertEquals(LeaseLines.OF_ALL, admitted);
        clock.pass(MINUTE);
        assertEquals(
                "within a minute, besides: 3940 leases opened, 100 ended; most are of client client7", leases.rest());
        assertTrue(leases.admitsOpened("client1"));
    }

    @Test
    void refusalsHaveALineAMinuteForEachClientAndVerdict() {
        for (int i = 0; i < 50_000; i++) {
            audit.refused(Verdict.RATE, "mallory");
            audit.refused(Verdict.SERVICE, "mallory");
        }
        audit.refused(Verdict.RATE, "mallory");
        audit.refused(Verdict.RATE, "alice");
        assertEquals(
                List.of(
                        "<4>knock of client mallory refused: rate",
                        "<4>knock of client mallory refused: service",
                        "<4>knock of client alice refused: rate"),
                lines());
        audit.tellRest();
        assertEquals(List.of(), lines(), "the minute goes on");
        clock.pass(MINUTE);
        audit.refused(Verdict.RATE, "mallory");
        assertEquals(
                List.of(
                        "<4>within a minute, besides: 99999 knocks refused; most are of client mallory: rate",
                        "<4>knock of client mallory refused: rate"),
                lines());
        clock.pass(MINUTE);
        audit.tellRest();
        assertEquals(List.of(), lines());
    }

    @Test
    void refusalsOfAllClientsTogetherHaveALimit() {
        for (int i = 0; i < 4000; i++) {
            audit.refused(Verdict.WINDOW, "client" + i);
        }
        audit.refused(Verdict.WINDOW, "client3999");
        assertEquals(RefusalLines.OF_ALL, lines().size());
        clock.pass(MINUTE);
        audit.tellRest();
        assertEquals(
                List.of("<4>within a minute, besides: 3941 knocks refused; most are of client client3999: window"),
                lines());
    }

    @Test
    void warningsThatBeginAlikeAreOfAKind() {
        for (int i = 0; i < 1000; i++) {
            audit.warning("cannot take the door of lease " + i + " down, trying again: EBUSY");
        }
        assertEquals(5, lines().size());
        audit.warning("somebody changed our nftables table; putting it back");
        assertEquals(List.of("<4>somebody changed our nftables table; putting it back"), lines());
        clock.pass(MINUTE);
        audit.tellRest();
        assertEquals(
                List.of("<4>since the last line of this kind 995 more warnings: cannot take the door of …"), lines());
    }

    /** A lease has another name each time. */
    @Test
    void warningsWithANameNearTheirBeginningAreOfAKindToo() {
        for (int i = 0; i < 1000; i++) {
            String id = HexFormat.of().toHexDigits(0xaaaaaaaa + i);
            audit.warning("lease " + id + " gets no door in the new prefix, a knock will: EBUSY");
            audit.warning("cannot revoke lease " + id + ", trying again: EBUSY");
        }
        assertEquals(10, lines().size());
    }

    /** Whatever somebody finds to be warned of, it does not fill the memory. */
    @Test
    void kindsOfWarningsHaveALimit() {
        for (int i = 0; i < 10_000; i++) {
            String word = String.valueOf(
                    new char[] {(char) ('a' + i / 676), (char) ('a' + i / 26 % 26), (char) ('a' + i % 26)});
            audit.warning(word + " is wrong");
        }
        int lines = lines().size();
        assertTrue(lines < 300, () -> lines + " lines");
    }
}
