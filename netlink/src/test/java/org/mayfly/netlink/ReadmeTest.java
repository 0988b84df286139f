package org.mayfly.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.netlink.nft.Batch;
import org.mayfly.netlink.nft.Chain;
import org.mayfly.netlink.nft.DataType;
import org.mayfly.netlink.nft.Hook;
import org.mayfly.netlink.nft.KeyType;
import org.mayfly.netlink.nft.NfTables;
import org.mayfly.netlink.nft.NftFamily;
import org.mayfly.netlink.nft.NftSet;
import org.mayfly.netlink.nft.Rule;
import org.mayfly.netlink.nft.SetElement;
import org.mayfly.netlink.nft.Table;
import org.mayfly.netlink.nft.expr.Cmp;
import org.mayfly.netlink.nft.expr.Immediate;
import org.mayfly.netlink.nft.expr.Lookup;
import org.mayfly.netlink.nft.expr.Meta;
import org.mayfly.netlink.nft.expr.Payload;
import org.mayfly.netlink.nft.expr.Verdict;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/** The programs of README.md compile and do what it says. */
final class ReadmeTest {
    private static void firstProgram() throws Exception {
        // begin 1
        try (RouteNetlink route = RouteNetlink.open()) {
            Link lo = route.link("lo").orElseThrow();
            InetAddress door = InetAddress.getByName("2001:db8::42");
            int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
            Address address = new Address(door, 128, flags, Address.SCOPE_UNIVERSE, lo.index(), 0, 30, 77);
            route.add(address);
            route.addresses().forEach(System.out::println);
            route.delete(address);
        }
        // end 1
    }

    private static void secondProgram() throws Exception {
        // begin 2
        try (NfTables nft = NfTables.open()) {
            Table table = new Table(NftFamily.INET, "example");
            NftSet ports =
                    NftSet.of(table, "ports", KeyType.of(DataType.INET_SERVICE), NftSet.TIMEOUT, "open for a while");
            Chain input = Chain.filter(table, "input", new Hook(Hook.INPUT, 0), Chain.POLICY_ACCEPT);
            Rule rule = Rule.of(
                    input,
                    "closed, unless it is in the set",
                    List.of(
                            new Meta(Meta.L4PROTO, 1),
                            new Cmp(1, Cmp.EQ, Bytes.ofHex("06")),
                            new Payload(Payload.TRANSPORT_HEADER, 2, 2, 1),
                            new Lookup("ports", 1, true),
                            new Immediate(Verdict.DROP)));
            SetElement ssh = SetElement.of(Bytes.ofHex("0016"), Duration.ofSeconds(30));
            nft.commit(
                    "close all but ssh",
                    new Batch()
                            .add(table)
                            .add(ports)
                            .add(ports, List.of(ssh))
                            .add(input)
                            .add(rule));
            nft.rules(table, "input").forEach(System.out::println);
            nft.commit("open all", new Batch().delete(table));
        }
        // end 2
    }

    @Test
    void theyRunAndLeaveNothing() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            String before = host.run("ip", "-6", "addr");
            host.call(() -> {
                firstProgram();
                secondProgram();
                return 0;
            });
            assertEquals(before, host.run("ip", "-6", "addr"));
            assertEquals("", host.run("nft", "list", "ruleset"));
        }
    }

    /** But for how the lines are broken. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theyAreWhatTheReadmeShows(int number) throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        String source = Files.readString(Path.of("src/test/java/org/mayfly/netlink/ReadmeTest.java"));
        int from = number == 1 ? 0 : readme.indexOf("```java") + 1;
        String shown = between(readme, from, "```java\n", "```");
        assertEquals(bare(between(source, 0, "// begin " + number + "\n", "// end")), bare(shown));
    }

    private static String between(String text, int from, String begin, String end) {
        int start = text.indexOf(begin, from) + begin.length();
        return text.substring(start, text.indexOf(end, start));
    }

    private static String bare(String program) {
        return program.replaceAll("\\s", "");
    }
}
