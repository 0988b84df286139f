package org.mayfly.netlink.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.NamespaceDescriptor;
import org.mayfly.netlink.testing.Lab;

/** Links on the real kernel, judged by ip. */
final class LinkKernelTest {
    private static final LinkLayerAddress ONE = LinkLayerAddress.parse("02:00:00:00:00:01");
    private static final LinkLayerAddress TWO = LinkLayerAddress.parse("02:00:00:00:00:02");

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
    void aPairIsMadeAsAsked() throws Exception {
        LinkSettings peer = LinkSettings.named("v1").mtu(1300).address(TWO);
        route.add(LinkSettings.named("v0")
                .index(42)
                .mtu(1400)
                .address(ONE)
                .group(7)
                .txQueueLength(77)
                .up()
                .kind(Veth.to(peer)));
        JsonObject v0 = shown(host, "v0");
        assertEquals(42, v0.get("ifindex").getAsInt());
        assertEquals(1400, v0.get("mtu").getAsInt());
        assertEquals("02:00:00:00:00:01", v0.get("address").getAsString());
        assertEquals("7", v0.get("group").getAsString());
        assertEquals(77, v0.get("txqlen").getAsInt());
        assertEquals("v1", v0.get("link").getAsString());
        assertEquals("veth", v0.getAsJsonObject("linkinfo").get("info_kind").getAsString());
        assertTrue(flags(v0).contains("UP"));
        JsonObject v1 = shown(host, "v1");
        assertEquals(1300, v1.get("mtu").getAsInt());
        assertEquals("02:00:00:00:00:02", v1.get("address").getAsString());
        assertFalse(flags(v1).contains("UP"));
    }

    @Test
    void theOtherEndMayBeElsewhere() throws Exception {
        Lab.Host other = lab.host();
        try (NamespaceDescriptor there = other.namespace().descriptor()) {
            LinkSettings peer = LinkSettings.named("byfd").namespace(there.fd());
            route.add(LinkSettings.named("a0").kind(Veth.to(peer)));
        }
        LinkSettings peer =
                LinkSettings.named("bypid").namespaceOfProcess(other.namespace().tid());
        route.add(LinkSettings.named("b0").kind(Veth.to(peer)));
        assertEquals("byfd", shown(other, "byfd").get("ifname").getAsString());
        assertEquals("bypid", shown(other, "bypid").get("ifname").getAsString());
        assertTrue(link("a0").linkNetnsId() >= 0);
        assertEquals(shown(other, "byfd").get("ifindex").getAsInt(), link("a0").link());
    }

    @Test
    void aLinkMovesToAnotherNamespace() throws Exception {
        Lab.Host other = lab.host();
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        try (NamespaceDescriptor there = other.namespace().descriptor()) {
            route.set(link("v0"), LinkSettings.NONE.namespace(there.fd()));
        }
        route.set(
                link("v1"),
                LinkSettings.named("w1").namespaceOfProcess(other.namespace().tid()));
        assertEquals("w1", shown(other, "v0").get("link").getAsString());
        assertTrue(route.link("v0").isEmpty());
        assertTrue(route.link("v1").isEmpty());
    }

    @Test
    void whatIsSaidIsChangedAndNothingElse() throws Exception {
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        host.run("ip", "link", "add", "br0", "type", "bridge");
        Link v0 = link("v0");
        JsonObject before = shown(host, "v0");
        route.set(v0, LinkSettings.NONE.mtu(1400));
        before.addProperty("mtu", 1400);
        assertEquals(before, shown(host, "v0"));
        route.set(
                v0,
                LinkSettings.NONE
                        .address(ONE)
                        .alias("an uplink")
                        .txQueueLength(5)
                        .group(9));
        before.addProperty("address", ONE.toString());
        before.addProperty("ifalias", "an uplink");
        before.addProperty("txqlen", 5);
        before.addProperty("group", "9");
        assertEquals(before, shown(host, "v0"));
        route.set(v0, LinkSettings.NONE.alias(""));
        before.remove("ifalias");
        assertEquals(before, shown(host, "v0"));
        route.set(v0, LinkSettings.NONE.master(link("br0").index()));
        assertEquals("br0", shown(host, "v0").get("master").getAsString());
        assertEquals(link("br0").index(), link("v0").master());
        route.set(v0, LinkSettings.NONE.master(0));
        assertFalse(shown(host, "v0").has("master"));
        route.up(v0);
        assertTrue(flags(shown(host, "v0")).contains("UP"));
        route.down(v0);
        assertFalse(flags(shown(host, "v0")).contains("UP"));
        route.set(v0, LinkSettings.named("renamed"));
        assertEquals(v0.index(), shown(host, "renamed").get("ifindex").getAsInt());
    }

    @Test
    void aPairGoesTogether() throws Exception {
        host.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1");
        Link v0 = link("v0");
        route.delete(v0);
        assertEquals(List.of("lo"), route.links().stream().map(Link::name).toList());
        assertEquals(Errno.ENODEV, errno(() -> route.delete(v0)));
        assertEquals(Errno.ENODEV, errno(() -> route.up(v0)));
    }

    @Test
    void aTunnelIsMadeOrItsDriverIsMissed() throws Exception {
        Sit sit = Sit.between(
                (Inet4Address) InetAddress.getByName("192.0.2.2"), (Inet4Address) InetAddress.getByName("192.0.2.1"));
        try {
            route.add(LinkSettings.named("s0").kind(sit));
        } catch (NetlinkException e) {
            assertEquals("RTM_NEWLINK: EOPNOTSUPP, Unknown device type", e.getMessage());
            return;
        }
        JsonObject info = shown(host, "s0").getAsJsonObject("linkinfo");
        assertEquals("sit", info.get("info_kind").getAsString());
        assertTrue(info.toString().contains("192.0.2.1"), info::toString);
        assertEquals(sit.remote(), ((Sit) link("s0").kind()).remote());
    }

    @Test
    void whatIsRefusedSaysWhy() throws Exception {
        LinkSettings pair = LinkSettings.named("v0").kind(Veth.to(LinkSettings.named("v1")));
        route.add(pair);
        NetlinkException twice = assertThrows(NetlinkException.class, () -> route.add(pair));
        assertEquals(Errno.EEXIST, twice.errno());
        assertEquals("RTM_NEWLINK", twice.operation());
        NetlinkException small =
                assertThrows(NetlinkException.class, () -> route.set(link("v0"), LinkSettings.NONE.mtu(10)));
        assertEquals("RTM_NEWLINK: EINVAL, mtu less than device minimum", small.getMessage());
        NetlinkException odd = assertThrows(
                NetlinkException.class,
                () -> route.set(link("v0"), LinkSettings.NONE.set(Link.IFLA_MTU, Bytes.ofHex("01"))));
        assertEquals("IFLA_MTU", odd.path());
        Bridge narrow = Bridge.DEFAULTS.with(5, Bytes.ofHex("01"));
        NetlinkException deep = assertThrows(
                NetlinkException.class,
                () -> route.add(LinkSettings.named("br0").kind(narrow)));
        assertEquals("IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_BR_STP_STATE", deep.path());
        assertEquals(Errno.EOPNOTSUPP, errno(() -> route.delete(link("lo"))));
        assertTrue(route.link(4711).isEmpty());
    }

    @Test
    void whatTheKernelWouldIgnoreIsRefused() throws Exception {
        LinkSettings remark = LinkSettings.named("v0").alias("lost");
        assertThrows(IllegalArgumentException.class, () -> route.add(remark.kind(Bridge.DEFAULTS)));
        LinkSettings pair = LinkSettings.named("v1").kind(Veth.to(remark));
        assertThrows(IllegalArgumentException.class, () -> route.add(pair));
        host.run("ip", "link", "add", "v0", "alias", "lost", "type", "bridge");
        assertFalse(shown(host, "v0").has("ifalias")); // else there is no reason left
    }

    private Link link(String name) throws Exception {
        return route.link(name).orElseThrow();
    }

    private static int errno(Executable e) {
        return assertThrows(NetlinkException.class, e).errno();
    }

    static JsonObject shown(Lab.Host host, String name) throws Exception {
        return JsonParser.parseString(host.run("ip", "-j", "-d", "link", "show", "dev", name))
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
    }

    static List<String> flags(JsonObject link) {
        return link.getAsJsonArray("flags").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }
}
