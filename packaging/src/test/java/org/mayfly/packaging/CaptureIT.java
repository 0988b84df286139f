package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Packet;

/** Somebody on the way sees two knocks of one client, and learns nothing but that they are 96 bytes each. */
final class CaptureIT {
    private static final String CLIENT = "alice-laptop";
    private static final String SERVICE = "backoffice";

    @Test
    void aCaptureTellsNeitherDoorNorClientNorServiceNorServer(@TempDir Path temp) throws Exception {
        Users.others("tcpdump gives up root, and has nobody to become here");
        String configuration = Layout.ROUTED.door() + Layout.service(SERVICE, 8443, "1m", "1h", "closed");
        try (Network net = new Network();
                Mayflyd agent = Mayflyd.start(net.server, temp, configuration)) {
            Knocker alice = agent.enrol(CLIENT, SERVICE);
            Path file = temp.resolve("knocks.pcap");
            List<Ip6Address> doors = new ArrayList<>();
            Process tcpdump = tcpdump(net, file);
            try {
                for (int i = 0; i < 2; i++) {
                    doors.add(alice.open(agent, net.client, SERVICE));
                }
                Until.holds(
                        "tcpdump saw both", Mayflyd.PATIENCE, () -> knocks(file).size() == 2);
            } finally {
                tcpdump.destroy();
                tcpdump.waitFor(10, TimeUnit.SECONDS);
                tcpdump.destroyForcibly();
            }

            byte[] capture = Files.readAllBytes(file);
            for (Ip6Address door : doors) {
                byte[] bytes = door.toBytes();
                assertHides(capture, "door", ByteBuffer.wrap(bytes, 8, 8).slice(), door.toString());
                assertHides(
                        capture, "door", ByteBuffer.wrap(bytes), door.toString().substring(16));
            }
            long id = alice.key.id();
            assertHides(capture, "key id", ByteBuffer.allocate(8).putLong(0, id), String.format("%016x", id));
            assertHides(capture, "key id", ByteBuffer.allocate(8).putLong(0, Long.reverseBytes(id)), "key-id");
            ByteBuffer server = ByteBuffer.wrap(alice.enrolment.server().id());
            assertHides(capture, "server", server, HexFormat.of().formatHex(server.array()));
            assertHides(capture, "client", text(CLIENT), CLIENT.toUpperCase(Locale.ROOT));
            assertHides(capture, "service", text(SERVICE), SERVICE.toUpperCase(Locale.ROOT));
            assertEquals(Set.of(), runs(knocks(file).get(0), runs(knocks(file).get(1), null)), "a run of four bytes");
        }
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static Process tcpdump(Network net, Path file) throws Exception {
        Process tcpdump = net.router.call(() -> new ProcessBuilder(
                        "tcpdump",
                        "-Z",
                        "root",
                        "-n",
                        "-U",
                        "--immediate-mode",
                        "-i",
                        "to-client",
                        "-w",
                        file.toString(),
                        "udp")
                .start());
        try {
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(tcpdump.getErrorStream(), StandardCharsets.UTF_8));
            String line = said.readLine();
            while (line == null || !line.contains("listening on")) {
                if (line == null) {
                    throw new IOException("tcpdump ended with " + tcpdump.waitFor());
                }
                line = said.readLine();
            }
            return tcpdump;
        } catch (IOException e) {
            tcpdump.destroyForcibly();
            throw e;
        }
    }

    private static void assertHides(byte[] capture, String what, ByteBuffer binary, String text) {
        byte[] bytes = new byte[binary.remaining()];
        binary.get(bytes);
        String all = new String(capture, StandardCharsets.ISO_8859_1);
        assertFalse(all.contains(new String(bytes, StandardCharsets.ISO_8859_1)), what + " in binary");
        assertFalse(all.contains(text), what + " as text: " + text);
    }

    /** The last 96 bytes of every record of a pcap file in this machine's byte order. */
    private static List<byte[]> knocks(Path file) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
        List<byte[]> knocks = new ArrayList<>();
        int at = 24; // pcap-savefile(5): the file's header; each record has one of 16
        while (at + 16 <= b.limit() && at + 16 + b.getInt(at + 8) <= b.limit()) {
            int length = b.getInt(at + 8);
            byte[] knock = new byte[Packet.LENGTH];
            b.get(at + 16 + length - Packet.LENGTH, knock);
            knocks.add(knock);
            at += 16 + length;
        }
        return knocks;
    }

    /** The runs of four bytes in it; with others given, those that both have. */
    private static Set<Integer> runs(byte[] packet, @Nullable Set<Integer> others) {
        Set<Integer> runs = new HashSet<>();
        for (int i = 0; i + 4 <= packet.length; i++) {
            int run = ByteBuffer.wrap(packet).getInt(i);
            if (others == null || others.contains(run)) {
                runs.add(run);
            }
        }
        return runs;
    }
}
