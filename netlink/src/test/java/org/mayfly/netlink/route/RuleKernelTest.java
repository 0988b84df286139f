package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonArray;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.RawAttribute;
import org.mayfly.netlink.conn.Events;
import org.mayfly.netlink.testing.Lab;

/** Rules on the real kernel: ip does in one namespace what we do in another, and says the same of both. */
final class RuleKernelTest {
    private static final int IPPROTO_TCP = 6;

    private final Lab lab = new Lab();
    private Lab.Host ours;
    private Lab.Host theirs;
    private RouteNetlink route;

    /** What {@code ip rule add} is told, and the same as we say it. */
    private record Example(String ip, Rule rule) {}

    private static List<Example> examples(int family) {
        boolean ipv4 = family == Route.AF_INET;
        String net = ipv4 ? "192.0.2.0" : "2001:db8::";
        String other = ipv4 ? "198.51.100.0" : "2001:db8:1::";
        int length = ipv4 ? 24 : 48;
        return List.of(
                new Example(
                        "from " + net + "/" + length + " to " + other + "/" + length + " tos 0x10 table 100 pref 100",
                        Rule.of(family, 100)
                                .withSource(inet(net), length)
                                .withDestination(inet(other), length)
                                .withTos(0x10)
                                .withTable(100)),
                new Example(
                        "fwmark 0x10/0xff table 1000 pref 101",
                        Rule.of(family, 101).withMark(0x10, 0xff).withTable(1000)),
                new Example(
                        "iif lo oif nowhere lookup main suppress_prefixlength 0 suppress_ifgroup 5 pref 102",
                        Rule.of(family, 102)
                                .withIncoming("lo")
                                .withOutgoing("nowhere")
                                .withTable(Route.RT_TABLE_MAIN)
                                .withSuppressPrefixLength(0)
                                .withSuppressGroup(5)),
                new Example(
                        "uidrange 0-0 ipproto tcp sport 1000-2000 dport 80-81 table 100 protocol 77 pref 103",
                        Rule.of(family, 103)
                                .withUids(0, 0) // all that a user namespace of a test has
                                .withIpProto(IPPROTO_TCP)
                                .withSourcePorts(1000, 2000)
                                .withDestinationPorts(80, 81)
                                .withTable(100)
                                .withProtocol(77)),
                new Example(
                        "ipproto tcp dport 443 table 100 pref 104",
                        Rule.of(family, 104)
                                .withIpProto(IPPROTO_TCP)
                                .withDestinationPorts(443, 443)
                                .withTable(100)),
                new Example("l3mdev pref 105", Rule.of(family, 105).withL3mdev()),
                new Example("goto 200 pref 106", Rule.of(family, 106).withGoto(200)),
                new Example("goto 108 pref 107", Rule.of(family, 107).withGoto(108)),
                new Example("blackhole pref 108", Rule.of(family, 108).withAction(Rule.FR_ACT_BLACKHOLE)),
                new Example("unreachable pref 109", Rule.of(family, 109).withAction(Rule.FR_ACT_UNREACHABLE)),
                new Example("prohibit pref 110", Rule.of(family, 110).withAction(Rule.FR_ACT_PROHIBIT)),
                new Example("nop pref 111", Rule.of(family, 111)),
                new Example(
                        "not from " + other + "/" + length + " table 100 pref 112",
                        Rule.of(family, 112)
                                .withFlags(Rule.FIB_RULE_INVERT)
                                .withSource(inet(other), length)
                                .withTable(100)),
                new Example(
                        "tun_id 99 lookup default pref 113",
                        Rule.of(family, 113).withTunnelId(99).withTable(Route.RT_TABLE_DEFAULT)));
    }

    @BeforeEach
    void open() throws Exception {
        ours = lab.host();
        theirs = lab.host();
        route = ours.call(RouteNetlink::open);
    }

    @AfterEach
    void close() {
        route.close();
        lab.close();
    }

    @Test
    void whatWeAddIsWhatIpAddsAndWhatWeDeleteIsGone() throws Exception {
        for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
            JsonArray before = shown(ours, family);
            for (Example e : examples(family)) {
                ip(theirs, family, "add", e.ip);
                route.add(e.rule);
            }
            assertEquals(shown(theirs, family), shown(ours, family));
            assertEquals(
                    before.size() + examples(family).size(), shown(ours, family).size());
            try (RouteNetlink other = theirs.call(RouteNetlink::open)) {
                assertEquals(other.rules(family), route.rules(family));
            }
            for (Example e : examples(family)) {
                route.delete(e.rule);
            }
            assertEquals(before, shown(ours, family));
        }
    }

    @Test
    void whatIpAddedIsReadAndWrittenBackAndIpSaysTheSame() throws Exception {
        for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
            for (Example e : examples(family)) {
                ip(ours, family, "add", e.ip);
            }
            if (family == Route.AF_INET) {
                ip(ours, family, "add", "from 192.0.2.9 realms 3/4 table 100 pref 120");
            }
            JsonArray before = shown(ours, family);
            List<Rule> read = route.rules(family); // those of the kernel's own tables too
            assertEquals(before.size(), read.size());
            for (Rule rule : read) {
                route.delete(rule);
            }
            assertEquals(0, shown(ours, family).size());
            for (Rule rule : read) {
                route.add(rule);
            }
            assertEquals(before, shown(ours, family));
            assertEquals(read, route.rules(family));
        }
    }

    @Test
    void aRuleThatIsThereAndOneThatIsNot() throws Exception {
        Rule rule = Rule.of(Route.AF_INET6, 100).withMark(1, -1).withTable(100);
        route.add(rule);
        assertEquals(
                Errno.EEXIST,
                assertThrows(NetlinkException.class, () -> route.add(rule)).errno());
        route.delete(rule);
        assertEquals(
                Errno.ENOENT,
                assertThrows(NetlinkException.class, () -> route.delete(rule)).errno());
    }

    @Test
    void whatTheKernelDislikesIsNamed() {
        NetlinkException back = assertThrows(
                NetlinkException.class,
                () -> route.add(Rule.of(Route.AF_INET, 100).withGoto(50)));
        assertEquals("RTM_NEWRULE: EINVAL, Backward goto not supported", back.getMessage());
        RawAttribute narrow = new RawAttribute(13, Bytes.ofHex("0500")); // FRA_SUPPRESS_IFGROUP, which has 32 bits
        Rule asked = Rule.of(Route.AF_INET, 100).withTable(100).withUnknown(List.of(narrow));
        assertEquals(
                "FRA_SUPPRESS_IFGROUP",
                assertThrows(NetlinkException.class, () -> route.add(asked)).path());
    }

    @Test
    void theKernelTellsOfRulesThatComeAndGo() throws Exception {
        try (Events<RouteEvent> events = ours.call(RouteEvents::open)) {
            Heard heard = new Heard(events);
            for (int family : List.of(Route.AF_INET, Route.AF_INET6)) {
                Rule rule = Rule.of(family, 100).withMark(0x10, 0xff).withTable(1000);
                ip(ours, family, "add", "fwmark 0x10/0xff table 1000 pref 100");
                heard.await(new RouteEvent.RuleChanged(rule, false)::equals);
                ip(ours, family, "del", "pref 100");
                heard.await(new RouteEvent.RuleChanged(rule, true)::equals);
            }
        }
    }

    private static void ip(Lab.Host host, int family, String verb, String rule) throws Exception {
        String flag = family == Route.AF_INET ? "-4" : "-6";
        List<String> command = new ArrayList<>(List.of("ip", flag, "rule", verb));
        command.addAll(Arrays.asList(rule.split(" ")));
        host.run(command.toArray(String[]::new));
    }

    private static JsonArray shown(Lab.Host host, int family) throws Exception {
        return IpJson.of(host, family == Route.AF_INET ? "-4" : "-6", "rule", "show");
    }

    private static InetAddress inet(String literal) {
        return RouteBytesTest.inet(literal);
    }
}
