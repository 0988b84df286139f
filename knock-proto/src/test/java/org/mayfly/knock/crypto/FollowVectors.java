package org.mayfly.knock.crypto;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mayfly.knock.Ip6Address;

/** The vectors for door prefixes that follow the server; made with numbers of 128 bits, as nothing else here is. */
final class FollowVectors {
    private static final String HOME = "2001:db8:1:2::/64";
    private static final String DELEGATED = "2001:db8:1:2a3::/64";
    private static final int MOST = 4;

    private FollowVectors() {}

    static JsonArray all() {
        JsonArray to = new JsonArray();
        add(to, "the server is where it was", HOME, 64, "2001:db8:1:2::53");
        add(to, "the server has moved", HOME, 64, "2001:db8:7:8:9:a:b:c");
        add(to, "two addresses in one prefix", HOME, 64, "2001:db8:7:8::1", "2001:db8:7:8::2");
        add(to, "old and new, knocked at the old", HOME, 64, "2001:db8:1:2::53", "2001:db8:7:8::53");
        add(to, "old and new, knocked at the new", HOME, 64, "2001:db8:7:8::53", "2001:db8:1:2::53");
        add(to, "knocked at over IPv4", HOME, 64, "192.0.2.1", "2001:db8:7:8::53");
        add(to, "IPv4 alone", HOME, 64, "192.0.2.1", "198.51.100.1");
        add(
                to,
                "no address that says anything",
                HOME,
                64,
                "::1",
                "fe80::1",
                "64:ff9b::c000:201",
                "64:ff9b:1::1",
                "ff0e::1");
        add(to, "unique local", "fd00:1:2:3::/64", 64, "fdff:a:b:c::1", "fc00::1");
        add(to, "the ends of global unicast", HOME, 64, "1fff:ffff::1", "2000::1", "3fff:ffff:ffff:ffff::1", "4000::1");
        add(to, "a subnet of a delegated /56", DELEGATED, 56, "2001:db8:7:8ff:1::1", "2001:db8:7:900::1");
        add(to, "a number of bits that ends within an octet", DELEGATED, 53, "2001:db8:7:ffff::1", "2001:db8:7::1");
        add(to, "one bit", "a001:db8:1:2::/64", 1, "2001:db8:7:8::1");
        add(to, "a /96, all of it", "2001:db8:1:2:3:4::/96", 96, "2001:db8:7:8:9:a:b:c");
        add(to, "a /80 under the server's /64", "2001:db8:1:2:3::/80", 64, "2001:db8:7:8:9:a:b:c");
        add(
                to,
                "more prefixes than four",
                HOME,
                64,
                "2001:db8::1",
                "2001:db8:0:1::1",
                "2001:db8:0:1::2",
                "2001:db8:0:2::1",
                "2001:db8:0:3::1",
                "2001:db8:0:4::1");
        add(
                to,
                "as many, and the enrolled one is the fifth",
                HOME,
                64,
                "2001:db8::1",
                "2001:db8:0:1::1",
                "2001:db8:0:2::1",
                "2001:db8:0:3::1",
                "2001:db8:1:2::1");
        return to;
    }

    private static void add(JsonArray to, String name, String prefix, int follow, String... addresses) {
        int slash = prefix.indexOf('/');
        int length = Integer.parseInt(prefix.substring(slash + 1));
        BigInteger own = number(prefix.substring(0, slash));
        Set<String> prefixes = new LinkedHashSet<>();
        JsonArray given = new JsonArray();
        for (String address : addresses) {
            given.add(address);
            BigInteger a = number(address);
            int first = a.shiftRight(120).intValue();
            if (prefixes.size() < MOST && (first >> 5 == 1 || first == 0xfc || first == 0xfd)) {
                BigInteger fixed = own.mod(BigInteger.ONE.shiftLeft(128 - follow));
                prefixes.add(
                        text(a.shiftRight(128 - follow).shiftLeft(128 - follow).add(fixed)) + "/" + length);
            }
        }
        prefixes.add(prefix);
        JsonObject o = new JsonObject();
        o.addProperty("name", name);
        o.addProperty("prefix", prefix);
        o.addProperty("follow", follow);
        o.add("addresses", given);
        JsonArray expected = new JsonArray();
        List.copyOf(prefixes).forEach(expected::add);
        o.add("prefixes", expected);
        to.add(o);
    }

    private static BigInteger number(String address) {
        return new BigInteger(1, Ip6Address.parse(address).toBytes());
    }

    private static String text(BigInteger number) {
        return new Ip6Address(number.shiftRight(64).longValue(), number.longValue()).toString();
    }
}
