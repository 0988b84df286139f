package org.mayfly.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.mayfly.netlink.route.Address;
import org.mayfly.netlink.route.Link;
import org.mayfly.netlink.route.RouteNetlink;
import org.mayfly.netlink.testing.Lab;

/** The first program of README.md compiles and does what it says. */
final class ReadmeTest {
    private static void firstProgram() throws Exception {
        // begin
        try (RouteNetlink route = RouteNetlink.open()) {
            Link lo = route.link("lo").orElseThrow();
            InetAddress door = InetAddress.getByName("2001:db8::42");
            int flags = Address.IFA_F_NODAD | Address.IFA_F_NOPREFIXROUTE;
            Address address = new Address(door, 128, flags, Address.SCOPE_UNIVERSE, lo.index(), 0, 30, 77);
            route.add(address);
            route.addresses().forEach(System.out::println);
            route.delete(address);
        }
        // end
    }

    @Test
    void itRuns() throws Exception {
        try (Lab lab = new Lab()) {
            Lab.Host host = lab.host();
            String before = host.run("ip", "-6", "addr");
            host.call(() -> {
                firstProgram();
                return 0;
            });
            assertEquals(before, host.run("ip", "-6", "addr"));
        }
    }

    @Test
    void itIsWhatTheReadmeShows() throws Exception {
        List<String> readme = Files.readAllLines(Path.of("README.md"));
        int start = readme.indexOf("```java") + 1;
        List<String> shown = readme.subList(
                start, start + readme.subList(start, readme.size()).indexOf("```"));
        List<String> source = Files.readAllLines(Path.of("src/test/java/org/mayfly/netlink/ReadmeTest.java"));
        List<String> run = source.subList(source.indexOf("        // begin") + 1, source.indexOf("        // end"));
        assertEquals(
                shown.stream().map(String::strip).collect(Collectors.joining("\n")),
                run.stream().map(String::strip).collect(Collectors.joining("\n")));
    }
}
