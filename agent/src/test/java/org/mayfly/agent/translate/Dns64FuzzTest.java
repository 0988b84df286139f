package org.mayfly.agent.translate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever comes, from clients and from resolvers, there is one answer at most and never an exception. */
final class Dns64FuzzTest {
    private static final int ROUNDS = 100_000;
    private static final long SEED = 6147;

    private static final List<byte[]> QUERIES = List.of(
            Dns.query("v4.example", DnsRecordType.AAAA).write(),
            Dns.edns(Dns.query("a.old.example", DnsRecordType.AAAA), DnsHeader.CD, true)
                    .write(),
            Dns.query("ipv4only.arpa", DnsRecordType.AAAA).write(),
            Dns.query("1.2.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.4.6.0.0.8.b.d.0.1.0.0.2.ip6.arpa", DnsRecordType.PTR)
                    .write());

    private static final List<byte[]> ANSWERS = List.of(
            answer(Dns.alias("v4.example", DnsRecordType.CNAME, "w.example"), Dns.address("w.example", 9, "192.0.2.1")),
            answer(Dns.mapped("v4.example", "192.0.2.1"), Dns.address("v4.example", 9, "2001:db8::1")),
            answer(Dns.signature("v4.example", DnsRecordType.AAAA), Dns.soa("example", 8)),
            answer());

    private final Random random = new Random(SEED);

    private static byte[] answer(DnsRecord... records) {
        return Dns.response(
                        Dns.question("v4.example", DnsRecordType.AAAA),
                        DnsResponseCode.NOERROR,
                        List.of(records),
                        Dns.soa("example", 120))
                .write();
    }

    @Test
    void nothingMakesItFail() {
        Forwarder forwarder = new Forwarder(
                Dns.settings(Dns.PREFIX, false),
                (query, question, whole, then) -> then.accept(random.nextInt(8) == 0 ? null : response()),
                new Dns64Tally());
        for (int round = 0; round < ROUNDS; round++) {
            byte[] query = mutated(QUERIES.get(random.nextInt(QUERIES.size())));
            int[] answers = {0};
            try {
                forwarder.take(query, Dns.SOURCE, random.nextBoolean(), a -> answers[0]++);
            } catch (RuntimeException e) {
                throw new AssertionError(
                        "round " + round + ": " + HexFormat.of().formatHex(query), e);
            }
            assertTrue(answers[0] <= 1);
        }
    }

    /** At least a header: a resolver's answer with less is not taken for one. */
    private byte[] response() {
        byte[] answer = mutated(ANSWERS.get(random.nextInt(ANSWERS.size())));
        return answer.length < DnsHeader.BYTES ? Arrays.copyOf(answer, DnsHeader.BYTES) : answer;
    }

    private byte[] mutated(byte[] from) {
        byte[] bytes = from.clone();
        int changes = random.nextInt(4);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
                default -> bytes[at] = (byte) (0xc0 | random.nextInt(2));
            }
        }
        return bytes;
    }
}
