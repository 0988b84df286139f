package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mayfly.netlink.route.LinkKernelTest.flags;
import static org.mayfly.netlink.route.LinkKernelTest.shown;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.Vocabulary;
import org.mayfly.netlink.conn.NetlinkConnection;
import org.mayfly.netlink.testing.Lab;

/** Links that ip made: read, filtered by the kernel, and written back. */
final class LinkReadTest {
    private final Lab lab = new Lab();
    private Lab.Host host;
    private RouteNetlink route;

    @BeforeEach
    void open() throws Exception {
        host = lab.host();
        route = host.call(RouteNetlink::open);
    }

    @AfterEach
    void close() {
        route.close();
        lab.close();
    }

    @Test
    void whatIpMadeIsReadAsItSays() throws Exception {
        Lab.Host other = lab.host();
        String there = Integer.toString(other.namespace().tid());
        host.run("ip", "link", "add", "v0", "mtu", "1400", "type", "veth", "peer", "name", "v1", "netns", there);
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "link", "set", "v0", "up", "alias", "x y", "group", "5", "master", "br0");
        for (Link link : route.links()) {
            JsonObject shown = shown(host, link.name());
            assertEquals(shown.get("ifindex").getAsInt(), link.index());
            assertEquals(shown.get("mtu").getAsInt(), link.mtu());
            assertEquals(shown.get("min_mtu").getAsInt(), link.minMtu());
            assertEquals(shown.get("max_mtu").getAsInt(), link.maxMtu());
            assertEquals(shown.get("txqlen").getAsInt(), link.txQueueLength());
            assertEquals(shown.get("address").getAsString(), link.address().toString());
            assertEquals(shown.get("broadcast").getAsString(), link.broadcast().toString());
            assertEquals(flags(shown).contains("UP"), link.isUp());
            assertEquals(flags(shown).contains("LOOPBACK"), link.isLoopback());
            assertEquals(shown.has("ifalias") ? "x y" : "", link.alias());
            assertEquals(shown.has("master") ? link("br0").index() : 0, link.master());
            assertEquals(shown.get("group").getAsString().equals("5") ? 5 : 0, link.group());
            JsonObject info = shown.getAsJsonObject("linkinfo");
            assertEquals(
                    info == null ? "" : info.get("info_kind").getAsString(),
                    link.kind().name());
            assertEquals(link.settings(), route.link(link.index()).orElseThrow().settings()); // its counters go on
        }
        assertTrue(link("v0").linkNetnsId() >= 0);
        assertEquals(-1, link("br0").linkNetnsId());
    }

    @Test
    void whatWasReadIsWrittenBack() throws Exception {
        host.run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "1", "forward_delay", "400");
        host.run(
                "ip",
                "link",
                "add",
                "br1",
                "address",
                "02:00:00:00:00:77",
                "type",
                "bridge",
                "priority",
                "8192",
                "ageing_time",
                "12300");
        host.run("ip", "link", "add", "v0", "mtu", "1400", "type", "veth", "peer", "name", "v1", "mtu", "1300");
        host.run("ip", "link", "set", "v1", "txqueuelen", "5", "group", "6", "master", "br0");
        List<String> names = List.of("br0", "br1", "v0", "v1");
        List<JsonObject> before = new ArrayList<>();
        List<LinkSettings> read = new ArrayList<>();
        for (String name : names) {
            before.add(withoutClock(shown(host, name)));
            Link link = link(name);
            read.add(link.settings().index(link.index()));
        }
        for (String name : List.of("v0", "br1", "br0")) {
            route.delete(link(name));
        }
        route.add(read.get(0));
        route.add(read.get(1));
        route.add(read.get(2).kind(Veth.to(read.get(3).master(0))));
        route.set(link("v1"), LinkSettings.NONE.master(link("br0").index()));
        for (int i = 0; i < names.size(); i++) {
            assertEquals(before.get(i), withoutClock(shown(host, names.get(i))));
        }
    }

    /** When a bridge will look next for addresses to forget: runs once its ageing time has been set. */
    private static JsonObject withoutClock(JsonObject link) {
        JsonObject data = link.getAsJsonObject("linkinfo").getAsJsonObject("info_data");
        if (data != null) {
            data.remove("gc_timer");
        }
        return link;
    }

    @Test
    void theKernelChooses() throws Exception {
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        host.run("ip", "link", "add", "v2", "type", "veth", "peer", "name", "v3");
        host.run("ip", "link", "add", "br0", "type", "bridge");
        host.run("ip", "link", "set", "v3", "master", "br0");
        assertEquals(List.of("br0"), names(LinkFilter.ofKind("bridge")));
        assertEquals(List.of("v3"), names(LinkFilter.portsOf(link("br0"))));
        assertEquals(List.of("v3"), names(new LinkFilter("veth", link("br0").index())));
        assertEquals(6, names(LinkFilter.ALL).size());
        assertEquals(1, toldBy(LinkFilter.ofKind("bridge")));
        assertEquals(List.of(), names(LinkFilter.ofKind("nosuchkind")));
        assertEquals(6, toldBy(LinkFilter.ofKind("nosuchkind"))); // nothing that the kernel could compare with
    }

    private List<String> names(LinkFilter filter) throws Exception {
        return route.links(filter).stream().map(Link::name).toList();
    }

    /** How many the kernel tells, before anything else is looked at. */
    private int toldBy(LinkFilter filter) throws Exception {
        try (NetlinkConnection c =
                host.call(() -> NetlinkConnection.open(NetlinkConnection.NETLINK_ROUTE, Vocabulary.NONE))) {
            MessageWriter w = new MessageWriter(512).begin(Link.RTM_GETLINK, 0);
            filter.write(w);
            w.end();
            return c.dump(w, Link::read).size();
        }
    }

    private Link link(String name) throws Exception {
        return route.link(name).orElseThrow();
    }
}
