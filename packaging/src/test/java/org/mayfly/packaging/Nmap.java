package org.mayfly.packaging;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mayfly.knock.Ip6Address;
import org.mayfly.netlink.testing.Lab.Host;

/** What a scanner makes of an address. */
final class Nmap {
    private static final Pattern PORT = Pattern.compile("(\\d+)/([a-z|]+)/tcp/");

    private Nmap() {}

    /**
     * Scans some ports.
     *
     * @param kind {@code -sS} to connect, {@code -sA} to see what filters
     * @return the state of each port, in nmap's words
     */
    static Map<Integer, String> scan(Host from, String kind, Ip6Address address, String ports) throws Exception {
        String family = address.isIpv4() ? "-4" : "-6";
        String out = from.run(
                "nmap",
                family,
                "-n",
                "-Pn",
                kind,
                "--max-rtt-timeout",
                "500ms",
                "--max-retries",
                "2",
                "-p",
                ports,
                "-oG",
                "-",
                address.toString());
        Map<Integer, String> states = new TreeMap<>();
        Matcher m = PORT.matcher(out);
        while (m.find()) {
            states.put(Integer.valueOf(m.group(1)), m.group(2));
        }
        return states;
    }
}
