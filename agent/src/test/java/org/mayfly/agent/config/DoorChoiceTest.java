package org.mayfly.agent.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.mayfly.agent.core.DoorMode;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;

class DoorChoiceTest {
    private static final String PREFIX = "2001:db8:1:2::/64";

    /** A machine with eth0 and eth1; built up by each test. */
    private final List<Machine.Address> addresses = new ArrayList<>();

    private final List<Machine.OnLink> routes = new ArrayList<>();
    private @Nullable String standard = "eth0";

    private void address(String name, String prefix, boolean stable) {
        address(name, prefix, stable, false);
    }

    private void deprecated(String name, String prefix) {
        address(name, prefix, true, true);
    }

    private void address(String name, String prefix, boolean stable, boolean deprecated) {
        int slash = prefix.indexOf('/');
        addresses.add(new Machine.Address(
                name,
                Ip6Address.parse(prefix.substring(0, slash)),
                Integer.parseInt(prefix.substring(slash + 1)),
                stable,
                deprecated));
    }

    private void route(String name, String prefix) {
        routes.add(new Machine.OnLink(name, Ip6Prefix.parse(prefix)));
    }

    private DoorChoice choose(String... lines) throws ConfigurationException {
        return choose(null, lines);
    }

    private DoorChoice choose(@Nullable DoorChoice before, String... lines) throws ConfigurationException {
        Configuration c = ConfigurationReader.read(Path.of("f"), "[door]\n" + String.join("\n", lines));
        return DoorChoice.choose(c, new Machine(List.of("lo", "eth0", "eth1"), addresses, routes, standard), before);
    }

    private void assertChosen(DoorMode mode, String prefix, String name, DoorChoice choice) {
        assertEquals(mode, choice.mode(), choice.reason());
        assertEquals(Ip6Prefix.parse(prefix), choice.doors().prefix());
        assertEquals(name, choice.interfaceName());
    }

    private void assertRefused(String start, String... lines) {
        List<String> errors =
                assertThrows(ConfigurationException.class, () -> choose(lines)).errors();
        assertEquals(1, errors.size());
        assertTrue(errors.get(0).startsWith(start), errors.get(0));
        assertTrue(errors.get(0).contains("; expected "), errors.get(0));
    }

    @Test
    void aRoutedPrefixIsAnyip() throws ConfigurationException {
        address("eth0", "2001:db8:ffff::1/64", true);
        route("eth0", "2001:db8:ffff::/64");
        DoorChoice choice = choose("prefix = '" + PREFIX + "'");
        assertChosen(DoorMode.ANYIP, PREFIX, "eth0", choice);
        assertEquals(PREFIX + " is on the link of no interface, so it has to be routed to this host", choice.reason());
    }

    @Test
    void aPrefixOnALinkIsAddress() throws ConfigurationException {
        address("eth1", "2001:db8:1:2::1/64", true);
        DoorChoice choice = choose("prefix = '" + PREFIX + "'");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth1", choice);
        assertEquals(PREFIX + " is on the link of eth1, where neighbours ask for each address", choice.reason());
    }

    @Test
    void aRouteAloneTellsOfALink() throws ConfigurationException {
        route("eth1", "2001:db8:1::/48");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth1", choose("prefix = '" + PREFIX + "'"));
        routes.clear();
        route("eth1", "2001:db8:1:2:3::/80");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth1", choose("prefix = '" + PREFIX + "'"));
    }

    @Test
    void whatHasNoNeighboursIsNoLink() throws ConfigurationException {
        address("lo", "2001:db8:1:2::1/64", true); // how a routed prefix is often kept
        address("eth0", "2001:db8:1:2::2/128", true);
        route("lo", PREFIX);
        route("eth1", "2000::/3"); // a tunnel for everything
        assertChosen(DoorMode.ANYIP, PREFIX, "eth0", choose("prefix = '" + PREFIX + "'"));
    }

    @Test
    void anyipOnALinkIsRefused() {
        address("eth0", "2001:db8:1:2::1/64", true);
        assertRefused(
                "f:3:1: [door] mode: \"anyip\" cannot be used for 2001:db8:1:2::/64, which is on the link of eth0",
                "prefix = '" + PREFIX + "'",
                "mode = 'anyip'");
        assertRefused("f:2:1: [door] mode: \"anyip\" cannot be used", "mode = 'anyip'");
    }

    @Test
    void addressIsTakenAtItsWord() throws ConfigurationException {
        DoorChoice choice = choose("prefix = '" + PREFIX + "'", "mode = 'address'", "interface = 'eth1'");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth1", choice);
        assertTrue(choice.reason().startsWith("the configuration says so"));
    }

    @Test
    void aMissingInterfaceIsNamed() {
        assertRefused(
                "f:2:1: [door] interface: there is no interface \"eth9\"; expected one of lo, eth0, eth1",
                "interface = 'eth9'");
    }

    @Test
    void theWrongInterfaceIsRefused() {
        address("eth0", "2001:db8:1:2::1/64", true);
        assertRefused(
                "f:3:1: [door] interface: 2001:db8:1:2::/64 is on the link of eth0",
                "prefix = '" + PREFIX + "'",
                "interface = 'eth1'");
    }

    @Test
    void theInterfaceAskedForMayBeOneOfSeveral() throws ConfigurationException {
        address("eth0", "2001:db8:1:2::1/64", true);
        address("eth1", "2001:db8:1:2::2/64", true);
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth1", choose("prefix = '" + PREFIX + "'", "interface = 'eth1'"));
    }

    @Test
    void autoTakesThePrefixOfTheFirstLastingAddress() throws ConfigurationException {
        address("eth1", "2001:db8:9::1/64", true);
        address("eth0", "fd00::1/64", true);
        address("eth0", "2001:db8:7::1/64", false);
        address("eth0", "2001:db8:1:2::1/64", true);
        address("eth0", "2001:db8:8::1/64", true);
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", choose());
        assertChosen(DoorMode.ADDRESS, "2001:db8:9::/64", "eth1", choose("interface = 'eth1'"));
    }

    @Test
    void autoTakesAUniqueLocalAddressOnlyWhenThereIsNoOther() throws ConfigurationException {
        address("eth0", "fd00::1/64", true);
        assertChosen(DoorMode.ADDRESS, "fd00::/64", "eth0", choose());
    }

    @Test
    void autoTakesThePrefixOfTheLinkWhereDhcpGaveASingleAddress() throws ConfigurationException {
        address("eth0", "2001:db8:1:2::77/128", true);
        route("eth1", "2001:db8:1:2::/80");
        route("eth0", PREFIX);
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", choose());
    }

    @Test
    void autoWithoutAnythingToTake() {
        assertRefused("f:1:1: [door] prefix: \"auto\" takes the prefix of eth0, which has no stable global");
        address("eth0", "2001:db8::1/112", true);
        assertRefused("f:1:1: [door] prefix: \"auto\" takes the prefix of 2001:db8::1/112 on eth0");
        standard = null;
        assertRefused("f:2:1: [door] interface: no interface has an IPv6 default route", "interface = 'auto'");
    }

    @Test
    void theReservedRangeHasToFitThePrefixThatWasFound() {
        address("eth0", "2001:db8::1/96", true);
        assertRefused("f:2:1: [door] reserved: the reserved range ::/80 covers all", "reserved = '::/80'");
    }

    @Test
    void theNewPrefixIsTakenOnceTheOldOneIsDeprecated() throws ConfigurationException {
        address("eth0", "2001:db8:1:2::1/64", true);
        DoorChoice before = choose("interface = 'eth0'");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", before);
        addresses.clear();
        address("eth0", "2001:db8:0:9::1/64", true);
        address("eth0", "2001:db8:1:2::1/64", true);
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", chooseAfter(before));
        addresses.clear();
        address("eth0", "2001:db8:0:9::1/64", true);
        deprecated("eth0", "2001:db8:1:2::1/64");
        DoorChoice after = chooseAfter(before);
        assertChosen(DoorMode.ADDRESS, "2001:db8:0:9::/64", "eth0", after);
        assertEquals("", after.warning());
    }

    /** At a start as well as later: who is let in now is let in after a restart. */
    @Test
    void aDeprecatedPrefixWillDoWhileThereIsNoOther() throws ConfigurationException {
        deprecated("eth0", "2001:db8:9::1/64");
        deprecated("eth0", "2001:db8:1:2::1/64");
        address("eth0", "2001:db8:7::1/64", false); // temporary
        DoorChoice choice = choose();
        assertChosen(DoorMode.ADDRESS, "2001:db8:9::/64", "eth0", choice);
        assertTrue(choice.reason().endsWith("; it is deprecated"), choice.reason());
        assertTrue(
                choice.warning().startsWith("doors stay in 2001:db8:9::/64 though it is deprecated"), choice.warning());
        addresses.add(addresses.remove(0));
        assertChosen(DoorMode.ADDRESS, "2001:db8:9::/64", "eth0", choose(choice));
        assertEquals("", choose("prefix = '" + PREFIX + "'").warning(), "the administrator's own choice");
    }

    /** Nobody outside can reach that one, but all can reach a deprecated one while it lasts. */
    @Test
    void aUniqueLocalPrefixIsTakenOnceNoGlobalOneIsLeft() throws ConfigurationException {
        address("eth0", "fd00::1/64", true);
        address("eth0", "2001:db8:1:2::1/64", true);
        DoorChoice before = choose("interface = 'eth0'");
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", before);
        addresses.remove(1);
        deprecated("eth0", "2001:db8:1:2::1/64");
        before = chooseAfter(before);
        assertChosen(DoorMode.ADDRESS, PREFIX, "eth0", before);
        Machine machine = new Machine(List.of("eth0"), addresses, routes, "eth0");
        assertEquals("2001:db8:1:2::1", DoorChoice.hostAddress("eth0", machine));
        addresses.remove(1);
        before = chooseAfter(before);
        assertChosen(DoorMode.ADDRESS, "fd00::/64", "eth0", before);
        addresses.clear();
        deprecated("eth0", "2001:db8:9::1/64");
        assertChosen(DoorMode.ADDRESS, "2001:db8:9::/64", "eth0", chooseAfter(before));
    }

    private DoorChoice chooseAfter(DoorChoice before) throws ConfigurationException {
        return choose(before, "interface = 'eth0'");
    }
}
