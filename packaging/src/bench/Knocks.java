import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.HexFormat;
import java.util.List;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.crypto.ClientKeyset;
import org.mayfly.knock.crypto.KnockSender;

/**
 * Knocks to be sent later, in this order and within half a minute: a line "DOOR HEX" for each. Reads the enrolment URI
 * from standard input. {@code java -cp 'target/mayfly/lib/*' Knocks.java COUNT}
 */
final class Knocks {
    private Knocks() {}

    public static void main(String[] args) throws Exception {
        Enrolment enrolment = Enrolment.parse(new BufferedReader(new InputStreamReader(System.in)).readLine());
        KnockSender key = ClientKeyset.ofSecret(enrolment.clientSecret(), enrolment.server())
                .keys()
                .get(0);
        int count = Integer.parseInt(args[0]);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            long stamp = System.currentTimeMillis() * 1_000_000 + i; // each later than the one before
            byte[] packet =
                    key.write(KnockSender.randomNonce(), new KnockRequest(0, stamp, Ip6Address.UNSPECIFIED, ""));
            List<Ip6Address> candidates = enrolment.doors().candidates(key, packet, 0);
            lines.append(candidates.get(0)).append(' ');
            lines.append(HexFormat.of().formatHex(packet)).append('\n');
        }
        System.out.print(lines);
    }
}
