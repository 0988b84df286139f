import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.GateKey;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.Packet;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Knocks to be sent later, in this order and within the window of the server. Reads enrolment URIs from standard input,
 * one a line, and takes the clients in turn. {@code java -cp 'target/mayfly/lib/*' Knocks.java COUNT} prints a line
 * "DOOR HEX" for each; with {@code KIND FILE} behind it they go to the file, 96 bytes each:
 *
 * <ul>
 *   <li>{@code genuine}
 *   <li>{@code wrong}: the right gate tag, a key id that the server knows, and a wrong proof
 *   <li>{@code unknown}: the right gate tag, and a key id that the server does not know
 * </ul>
 */
final class Knocks {
    private Knocks() {}

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[0]);
        List<Enrolment> enrolments = new BufferedReader(new InputStreamReader(System.in))
                .lines()
                .map(Enrolment::parse)
                .toList();
        if (args.length == 1) {
            print(enrolments.get(0), count);
        } else {
            byte[] all = new byte[count * Packet.LENGTH];
            IntStream.range(0, enrolments.size())
                    .parallel()
                    .forEach(i -> write(enrolments.get(i), args[1], all, i, enrolments.size()));
            Files.write(Path.of(args[2]), all);
        }
    }

    private static void print(Enrolment enrolment, int count) throws Exception {
        KnockSender key = key(enrolment);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            byte[] packet = genuine(key, KnockSender.randomNonce(), i);
            List<Ip6Address> candidates = enrolment.doors().candidates(key, packet, 0);
            lines.append(candidates.get(0)).append(' ');
            lines.append(HexFormat.of().formatHex(packet)).append('\n');
        }
        System.out.print(lines);
    }

    /** Every {@code step}th packet, from {@code first} on. */
    private static void write(Enrolment enrolment, String kind, byte[] all, int first, int step) {
        Random random = new Random(); // these keep no secret
        GateKey gate = enrolment.server().gate();
        KnockSender key = key(enrolment);
        byte[] nonce = new byte[Packet.NONCE_LENGTH];
        for (int i = first; i < all.length / Packet.LENGTH; i += step) {
            random.nextBytes(nonce);
            byte[] packet = genuine(key, nonce, i);
            if (!"genuine".equals(kind)) {
                packet[Packet.PROOF_OFFSET + i % Packet.PROOF_LENGTH] ^= 1;
                gate.putKeyId(packet, 0, "unknown".equals(kind) ? random.nextLong() : key.id());
                gate.putTag(packet, 0);
            }
            System.arraycopy(packet, 0, all, i * Packet.LENGTH, Packet.LENGTH);
        }
    }

    private static byte[] genuine(KnockSender key, byte[] nonce, int i) {
        long stamp = System.currentTimeMillis() * 1_000_000 + i; // each later than the one before
        return key.write(nonce, new KnockRequest(0, stamp, Ip6Address.UNSPECIFIED, ""));
    }

    private static KnockSender key(Enrolment enrolment) {
        try {
            return ClientKeyset.ofSecret(enrolment.clientSecret(), enrolment.server())
                    .keys()
                    .get(0);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
