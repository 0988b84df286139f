package org.mayfly.knock.cli;

import static org.mayfly.knock.cli.DoorLab.OURS;
import static org.mayfly.knock.cli.DoorLab.PORT;
import static org.mayfly.knock.cli.DoorLab.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.DoorLab.Service;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;
import org.mayfly.knock.client.FakeServer.Received;

/**
 * The part of {@link DoorLab} that is about a server whose prefix changes. Its name is in a hosts file, which the Java
 * reads in place of asking a name server:
 *
 * <pre>
 *   2001:db8:77:1::/64   the server's new prefix
 *   2001:db8:77:3::/64   its old one: whatever goes there is lost, but for
 *   2001:db8:77:3::99    an address of it that still leads to the server
 *   2001:db8:77:4::/64   unreachable
 * </pre>
 */
final class FollowLab {
    private static final String NAME = "server.test";
    private static final String NEW = "2001:db8:77:1::53";
    private static final String OLD = "2001:db8:77:3::53";
    private static final String OLD_PREFIX = "2001:db8:77:3::/64";
    private static final String NEW_PREFIX = "2001:db8:77:1::/64";
    private static final String OTHER = "2001:db8:77:2::53"; // leads here too, but no door is under it

    private final Path home;
    private final Path hosts;

    private FollowLab(Path home, Path hosts) {
        this.home = home;
        this.hosts = hosts;
    }

    static void run(Path home) throws Exception {
        Mayfly.forgetNames();
        FollowLab lab = new FollowLab(home, Path.of(System.getProperty("jdk.net.hosts.file")));
        lab.theNameLeadsToTheNewPrefix();
        lab.knocksOverIpv4AndComesOverIpv6();
        lab.anIpv4ServerHasTheEnrolledPrefix();
        lab.aLiteralHostIsAnAddressToo();
        lab.goesOnToTheNextAddress();
        lab.goesOnToTheNextAddressOverTcp();
        lab.knocksAtTheFirstThatThereIsAWayTo();
        lab.theServerKnowsBetterThanTheKnock();
        lab.looksTheNameUpAgain();
    }

    /** As a name service would say it; moved into place, so that nobody reads half of it. */
    private void nameLeadsTo(String... addresses) {
        try {
            Path part = Files.writeString(
                    hosts.resolveSibling("hosts.part"),
                    Stream.of(addresses).map(a -> a + " " + NAME + "\n").collect(Collectors.joining()));
            Files.move(part, hosts, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FakeServer server(Consumer<Received> onKnock) throws Exception {
        return new FakeServer(Ip6Address.UNSPECIFIED.toInetAddress(), NEW_PREFIX, onKnock);
    }

    private User user(FakeServer server, String host) throws Exception {
        Enrolment e = server.enrolment(host, OLD_PREFIX, 64, new ServiceOffer("ssh", PORT, "tcp"));
        return User.of(home, e);
    }

    private void theNameLeadsToTheNewPrefix() throws Exception {
        nameLeadsTo(NEW);
        try (FakeServer server = server(k -> {});
                Service service = new Service()) {
            User u = user(server, NAME);
            String door = u.run("knock", "lab").ok().line();
            check(door.equals(server.next().candidates().get(0).toString()), "the door is not " + door);
            Run r = u.run("knock", "lab", "--wait", "5s").ok();
            check(r.line().equals(server.next().candidates().get(0).toString()), "nor " + r);
            check(service.next().equals("from " + OURS + " to " + r.line()), "the first that is tried is the door");
            var candidates =
                    u.run("knock", "lab", "--dry-run", "--json").ok().json().getAsJsonArray("candidates");
            check(candidates.size() == 6, "three under the new prefix, three under the enrolled: " + candidates);
            check(
                    candidates.get(1).getAsString().startsWith("2001:db8:77:3:"),
                    "the likeliest of each first: " + candidates);
        }
    }

    private void knocksOverIpv4AndComesOverIpv6() throws Exception {
        nameLeadsTo("127.0.0.1", NEW);
        try (FakeServer server = server(k -> {});
                Service service = new Service()) {
            Run r = user(server, NAME)
                    .run("knock", "lab", "-4", "--source", OURS, "--wait", "5s")
                    .ok();
            Received k = server.next();
            check(k.from().getAddress().getHostAddress().equals("127.0.0.1"), "over IPv4: " + k);
            check(r.line().equals(k.candidates().get(0).toString()), "the door is not " + r);
            service.next();
        }
    }

    private void anIpv4ServerHasTheEnrolledPrefix() throws Exception {
        nameLeadsTo("127.0.0.1");
        try (FakeServer server = server(k -> {})) {
            String door = user(server, NAME).run("knock", "lab").ok().line();
            check(door.startsWith("2001:db8:77:3:"), "the door is not " + door);
            server.next();
        }
    }

    private void aLiteralHostIsAnAddressToo() throws Exception {
        nameLeadsTo();
        try (FakeServer server = server(k -> {})) {
            String door = user(server, NEW).run("knock", "lab").ok().line();
            check(door.equals(server.next().candidates().get(0).toString()), "the door is not " + door);
        }
    }

    /** The old address is still there and comes first: the first knock is lost, the second goes to the new one. */
    private void goesOnToTheNextAddress() throws Exception {
        nameLeadsTo(OLD, NEW);
        CompletableFuture<Service> service = new CompletableFuture<>();
        try (FakeServer server = server(k -> service.complete(opened()))) {
            Run r = user(server, NAME).run("knock", "lab", "--wait", "30s").ok();
            FakeServer.Received knock = server.next();
            while (server.waiting() > 0 && !isDoorOf(knock, r)) { // a slow client has knocked once more by then
                knock = server.next();
            }
            check(isDoorOf(knock, r), "the door is not " + r);
        } finally {
            service.thenAccept(Service::close);
        }
    }

    private static boolean isDoorOf(FakeServer.Received knock, Run r) {
        return r.line().equals(knock.candidates().get(0).toString());
    }

    /** Here it shows at once that nobody takes the knock. */
    private void goesOnToTheNextAddressOverTcp() throws Exception {
        nameLeadsTo(OLD, NEW);
        try (FakeServer server = server(k -> {})) {
            String door = user(server, NAME).run("knock", "lab", "--tcp").ok().line();
            check(door.equals(server.next().candidates().get(0).toString()), "the door is not " + door);
        }
    }

    private void knocksAtTheFirstThatThereIsAWayTo() throws Exception {
        nameLeadsTo("2001:db8:77:4::53", "2001:db8:77:3::99", NEW);
        try (FakeServer server = server(k -> {})) {
            Run r = user(server, NAME).run("knock", "lab", "--json").ok();
            check(
                    r.json().get("server").getAsString().startsWith("[2001:db8:77:3::99]:"),
                    "knocked at the first that there is a way to: " + r);
            server.next();
        }
    }

    /** The knock says nothing of the prefix; the doors are under that of another address than the first. */
    private void theServerKnowsBetterThanTheKnock() throws Exception {
        nameLeadsTo("127.0.0.1", "2001:db8:77:3::99", NEW);
        CompletableFuture<Service> service = new CompletableFuture<>();
        try (FakeServer server = server(k -> service.complete(opened()))) {
            Run r = user(server, NAME)
                    .run("knock", "lab", "-4", "--udp", "--source", OURS, "--wait", "30s", "--json")
                    .ok();
            String first = r.json().getAsJsonArray("candidates").get(0).getAsString();
            check(first.startsWith("2001:db8:77:3:"), "expected under the first prefix: " + r);
            String door = r.json().get("door").getAsString();
            // By then all are tried, and in this lab all under the new prefix answer.
            check(server.next().candidates().contains(Ip6Address.parse(door)), "the door is not " + r);
        } finally {
            service.thenAccept(Service::close);
        }
    }

    /** The first knock comes while the name leads elsewhere; by the third, at the latest, it leads to the new prefix. */
    private void looksTheNameUpAgain() throws Exception {
        nameLeadsTo(OTHER);
        AtomicInteger knocks = new AtomicInteger();
        CompletableFuture<Service> service = new CompletableFuture<>();
        try (FakeServer server = server(k -> {
            if (knocks.incrementAndGet() == 1) {
                nameLeadsTo(NEW);
            } else if (knocks.get() == 3) {
                service.complete(opened());
            }
        })) {
            Run r = user(server, NAME).run("knock", "lab", "--wait", "30s").ok();
            server.next();
            server.next();
            check(r.line().equals(server.next().candidates().get(0).toString()), "the door is not " + r);
        } finally {
            service.thenAccept(Service::close);
        }
    }

    private static Service opened() {
        try {
            return new Service();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
