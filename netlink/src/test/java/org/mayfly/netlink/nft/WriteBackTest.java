package org.mayfly.netlink.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mayfly.netlink.testing.Lab;

/** What {@code nft} made is read, deleted and written back by this library; then {@code nft} lists the same as before. */
class WriteBackTest {
    private final Lab lab = new Lab();
    private Lab.Host ns;
    private NfTables nft;

    @BeforeEach
    void open() throws Exception {
        ns = lab.host();
        nft = ns.call(NfTables::open);
    }

    @AfterEach
    void close() {
        if (nft != null) { // nothing was opened where the test was skipped
            nft.close();
        }
        lab.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // tables
                "table inet t { comment \"a table\"; }",
                "table ip t { flags dormant; chain c { type filter hook input priority 0; } }",
                "table ip t { } table ip6 t { } table arp t { } table bridge t { } table netdev t { } table inet t { }",
                // chains
                "table inet t { chain c { type filter hook prerouting priority raw; policy drop; comment \"x\"; } }",
                "table ip t { chain c { type nat hook postrouting priority srcnat; } }",
                "table ip t { chain c { type route hook output priority mangle; policy accept; } }",
                "table arp t { chain c { type filter hook input priority -1; } }",
                "table bridge t { chain c { type filter hook forward priority 7; } }",
                "table netdev t { chain c { type filter hook ingress device \"lo\" priority 0; policy drop; } }",
                "table netdev t { chain c { type filter hook ingress devices = { lo, v } priority 0; } }",
                "table netdev t { chain c { type filter hook egress device \"v\" priority 3; } }",
                "table inet t { chain c { type filter hook ingress device \"lo\" priority 0; } }",
                // sets
                "table inet t { set s { type ipv4_addr; comment \"x\"; elements = { 192.0.2.1, 192.0.2.2 } } }",
                "table inet t { set s { type inet_service; flags constant; elements = { 1, 2, 3 } } }",
                "table inet t { set s { type inet_service; policy memory; size 500; } }",
                "table inet t { set s { typeof ip saddr . tcp dport; elements = { 192.0.2.1 . 80 } } }",
                "table inet t { set s { type ipv4_addr; flags interval; auto-merge;"
                        + " elements = { 192.0.2.0/24, 198.51.100.1-198.51.100.9, 203.0.113.1 } } }",
                "table inet t { set s { type ipv6_addr; flags interval; elements = { ::/0 } } }",
                "table inet t { set s { type ipv4_addr . inet_service; flags interval;"
                        + " elements = { 192.0.2.0/24 . 80-90 comment \"web\", 192.0.2.1 . 1 } } }",
                "table inet t { set s { type ether_addr . ipv6_addr . ifname . mark . inet_proto; flags interval;"
                        + " elements = { 02:00:00:00:00:01 . 2001:db8::/64 . \"lo\" . 0x7 . tcp } } }",
                "table inet t { set s { type ipv4_addr; flags dynamic,timeout; timeout 1h; gc-interval 10s; size 99;"
                        + " counter; elements = { 192.0.2.7 counter packets 3 bytes 180 timeout 2d, 192.0.2.8 } } }",
                "table inet t { set s { type ipv4_addr; counter; limit rate 5/second;"
                        + " elements = { 192.0.2.7 counter packets 3 bytes 180 limit rate 5/second } } }",
                "table inet t { set s { type inet_service; elements = { 1 comment \"one\", * comment \"all\" } } }",
                // maps
                "table inet t { chain d { } map m { type inet_service : verdict; comment \"x\";"
                        + " elements = { 22 : jump d, 23 : goto d, 80 : accept, 81 : drop, 82 : return, * : continue } } }",
                "table inet t { map m { type ipv4_addr : ipv6_addr; elements = { 192.0.2.1 : 2001:db8::1 } } }",
                "table inet t { map m { type ipv4_addr : mark; flags interval; elements = { 192.0.2.0/25 : 7 } } }",
                "table ip t { map m { type inet_service : ipv4_addr . inet_service;"
                        + " elements = { 80 : 192.0.2.1 . 8080 } } }",
                "table ip t { map m { type ipv4_addr . inet_service : interval ipv4_addr; flags interval;"
                        + " elements = { 192.0.2.0/24 . 80 : 198.51.100.1-198.51.100.4 } } }",
                "table inet t { counter a { packets 3 bytes 180; } counter b { }"
                        + " map m { type inet_service : counter; elements = { 80 : \"a\", 81 : \"b\" } } }",
                "table ip t { map m { type ipv4_addr : inet_service; flags timeout;"
                        + " elements = { 192.0.2.1 timeout 1h : 80 } } }",
                // objects
                "table inet t { counter a { comment \"counts\"; packets 3 bytes 180; } quota q { over 10 mbytes used 1 kbytes; }"
                        + " limit l { rate 5/second burst 7 packets; } }",
                "table inet t { ct helper h { type \"ftp\" protocol tcp; } ct timeout x { protocol udp; l3proto ip; policy = { replied : 9 } }"
                        + " ct expectation e { protocol tcp; dport 5432; timeout 1h; size 12; l3proto ip; } synproxy y { mss 1460; wscale 7; } }",
                // rules
                "table inet t { counter a { } chain c { counter name \"a\" accept comment \"named\"; tcp dport { 1, 2 } drop;"
                        + " tcp dport vmap { 4 : drop, 5 : accept }; ip saddr . tcp dport { 192.0.2.1 . 80 } accept; } }",
                "table inet t { chain c { jump { ip saddr 192.0.2.1 drop; }; goto { tcp dport 3 accept; } } }",
                "table ip t { chain c { type nat hook prerouting priority dstnat; dnat to tcp dport map { 80 : 192.0.2.1 } } }",
            })
    void whatIsReadIsWrittenBack(String ruleset) throws Exception {
        ns.run("ip", "link", "add", "v", "type", "veth", "peer", "name", "w");
        ns.run("nft", ruleset.replaceAll("\\} (?=\\}|table|chain|set|map|counter|quota|limit|ct|synproxy)", "}\n"));
        String before = list();
        Snapshot read = Snapshot.read(nft);
        nft.commit("write back", read.write(new Batch().flush(NftFamily.UNSPEC)));
        assertEquals(before, list());
    }

    /** Of a deadline it may be a bit less. */
    private String list() throws Exception {
        return ns.run("nft", "list", "ruleset").replaceAll(" expires [0-9a-z]+", "");
    }

    @Test
    void nothingIsNothing() throws Exception {
        assertEquals(0, Snapshot.read(nft).tables().size());
    }
}
