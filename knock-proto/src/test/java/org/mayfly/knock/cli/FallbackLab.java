package org.mayfly.knock.cli;

import static org.mayfly.knock.cli.DoorLab.OURS;
import static org.mayfly.knock.cli.DoorLab.PORT;
import static org.mayfly.knock.cli.DoorLab.check;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.cli.DoorLab.Service;
import org.mayfly.knock.cli.Run.User;
import org.mayfly.knock.client.FakeServer;
import org.mayfly.knock.client.FakeServer.Received;

/** The part of {@link DoorLab} that is about a server that cannot be reached by every way: what is sent to 3::53 is lost. */
final class FallbackLab {
    private static final String NAME = "dual.test";
    private static final String LOST = "2001:db8:77:3::53";
    private static final String IPV4 = "127.0.0.1";
    private static final String PREFIX = "2001:db8:77:1::/64";
    private static final String SILENT_PREFIX = "2001:db8:77:3::/64";

    private final Path home;

    private FallbackLab(Path home) {
        this.home = home;
    }

    static void run(Path home) throws Exception {
        Files.writeString(
                Path.of(System.getProperty("jdk.net.hosts.file")), LOST + " " + NAME + "\n" + IPV4 + " " + NAME + "\n");
        FallbackLab lab = new FallbackLab(home);
        lab.theOtherFamily();
        lab.tcpOverTheOtherFamily();
        lab.aKnockAloneGoesToTheOtherFamilyWhereOneRefuses();
        lab.theDoorOfAnEarlierKnock();
        lab.nothingGetsThrough();
    }

    private void theOtherFamily() throws Exception {
        CompletableFuture<Service> service = new CompletableFuture<>();
        try (FakeServer server =
                new FakeServer(Ip6Address.UNSPECIFIED.toInetAddress(), PREFIX, k -> service.complete(opened()))) {
            JsonObject o = user(server.enrolment(NAME, PREFIX, 0, ssh()))
                    .run("knock", "lab", "--wait", "20s", "--json")
                    .ok()
                    .json();
            check(way(o).equals("udp ipv4"), "which way it went: " + o);
            check(tried(o).startsWith("udp ipv6 sent, udp ipv4 sent"), "IPv6 first: " + o);
            Received r = server.next();
            check(r.request().source().toString().equals(OURS), "the connection is over IPv6 all the same: " + r);
            check(o.get("door").getAsString().equals(r.candidates().get(0).toString()), "the door: " + o);
            check(service.join().next().startsWith("from " + OURS), "through the door");
        } finally {
            service.thenAccept(Service::close);
        }
    }

    private void tcpOverTheOtherFamily() throws Exception {
        CompletableFuture<Service> service = new CompletableFuture<>();
        try (FakeServer server = new FakeServer(
                        Ip6Address.UNSPECIFIED.toInetAddress(), PREFIX, k -> service.complete(opened()));
                DatagramSocket deaf = new DatagramSocket()) {
            Enrolment e = server.enrolment(NAME, PREFIX, 0, ssh());
            JsonObject o = user(FakeServer.at(e, deaf.getLocalPort(), e.tcpPort()))
                    .run("knock", "lab", "--wait", "20s", "--json")
                    .ok()
                    .json();
            check(way(o).equals("tcp ipv4"), "which way it went: " + o);
            check(
                    tried(o).equals("udp ipv6 sent, udp ipv4 sent, tcp ipv6 no answer, tcp ipv4 sent"),
                    "UDP first, IPv6 first: " + o);
            check(
                    o.get("door")
                            .getAsString()
                            .equals(server.next().candidates().get(0).toString()),
                    "the door: " + o);
        } finally {
            service.thenAccept(Service::close);
        }
    }

    private void aKnockAloneGoesToTheOtherFamilyWhereOneRefuses() throws Exception {
        try (FakeServer server = server()) {
            JsonObject o = user(server.enrolment(NAME, PREFIX, 0, ssh()))
                    .run("knock", "lab", "--tcp", "--json")
                    .ok()
                    .json();
            check(way(o).equals("tcp ipv4"), "which way it went: " + o);
            server.next();
        }
    }

    /** The first knock is taken but opens late, when others were sent: its door still counts, and there is no other. */
    private void theDoorOfAnEarlierKnock() throws Exception {
        AtomicInteger knocks = new AtomicInteger();
        CompletableFuture<Ip6Address> door = new CompletableFuture<>();
        try (FakeServer server = new FakeServer(Ip6Address.UNSPECIFIED.toInetAddress(), SILENT_PREFIX, k -> {
                    door.complete(k.candidates().get(0));
                    if (knocks.incrementAndGet() == 3) {
                        putUp(door.join());
                    }
                });
                Service service = new Service()) {
            Run r = user(server.enrolment(NAME, SILENT_PREFIX, 0, ssh()))
                    .run("knock", "lab", "--wait", "30s")
                    .ok();
            check(r.line().equals(door.join().toString()), "the door of the first: " + r);
            check(service.next().endsWith(" to " + r.line()), "through it");
        }
    }

    private void nothingGetsThrough() throws Exception {
        try (FakeServer server = server();
                DatagramSocket deaf = new DatagramSocket()) {
            Enrolment e = server.enrolment(NAME, SILENT_PREFIX, 0, ssh());
            long start = System.nanoTime();
            String err = user(FakeServer.at(e, deaf.getLocalPort(), 0))
                    .run("knock", "lab", "--wait", "1s")
                    .failed(1);
            check(System.nanoTime() - start < 4_000_000_000L, "no longer than the wait");
            check(err.contains("2 knocks") && err.contains("no answer"), err);
            check(
                    err.contains("tried UDP [" + LOST + "]:" + deaf.getLocalPort() + ", UDP 127.0.0.1:"
                            + deaf.getLocalPort() + ";"),
                    err);
        }
    }

    private static FakeServer server() throws Exception {
        return new FakeServer(Ip6Address.UNSPECIFIED.toInetAddress(), PREFIX, k -> {});
    }

    private User user(Enrolment e) throws Exception {
        return User.of(home, e);
    }

    private static ServiceOffer ssh() {
        return new ServiceOffer("ssh", PORT, "tcp");
    }

    private static String way(JsonObject o) {
        return o.get("carrier").getAsString() + " " + o.get("family").getAsString();
    }

    private static String tried(JsonObject o) {
        return o.getAsJsonArray("tried").asList().stream()
                .map(t -> way(t.getAsJsonObject()) + " "
                        + t.getAsJsonObject().get("result").getAsString())
                .collect(Collectors.joining(", "));
    }

    private static Service opened() {
        try {
            return new Service();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void putUp(Ip6Address door) {
        try {
            int status = new ProcessBuilder("ip", "-6", "addr", "add", door + "/128", "dev", "lo", "nodad")
                    .start()
                    .waitFor();
            check(status == 0, "ip addr add " + door);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
