package org.mayfly.netlink.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mayfly.netlink.Bytes;

/**
 * What a decoder is given. For a fuzzer it is bytes, for the corpus a line of text:
 *
 * <pre>
 *  0         2          4                          little-endian
 * +---------+----------+-----------
 * | decoder | type     | payload                   route.RouteEvent.read 20 0a400000…
 * +---------+----------+-----------
 * </pre>
 *
 * @param type of the message ({@code nlmsg_type}, or what else the decoder wants to know), 0 to 65535
 */
record Input(Decoder decoder, int type, Bytes payload) {
    private static final int HEADER = 4;

    /** Which decoder stands where the bytes say it, or any: a fuzzer need not know the numbers. */
    static final class Form {
        private final Map<Integer, Decoder> byId = new TreeMap<>();
        private final List<Decoder> inOrder;
        private final Decoders decoders;

        Form(Decoders decoders) {
            this.decoders = decoders;
            this.inOrder = List.copyOf(decoders.all());
            for (Decoder d : inOrder) {
                Decoder other = byId.put(d.id(), d);
                if (other != null) {
                    throw new IllegalStateException(d + " and " + other + " have the same number: rename one");
                }
            }
        }

        Input ofBytes(byte[] bytes) {
            int id = u16(bytes, 0);
            Decoder decoder = byId.getOrDefault(id, inOrder.get(id % inOrder.size()));
            byte[] payload = Arrays.copyOfRange(bytes, Math.min(bytes.length, HEADER), bytes.length);
            return new Input(decoder, u16(bytes, 2), Bytes.of(payload));
        }

        /** Empty if there is no decoder of that name any more. */
        Optional<Input> ofLine(String line) {
            String[] words = line.split(" ", 3);
            return decoders.named(words[0])
                    .map(decoder -> new Input(decoder, Integer.parseInt(words[1]), Bytes.ofHex(words[2])));
        }
    }

    private static int u16(byte[] bytes, int at) {
        return at + 2 > bytes.length ? 0 : bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
    }

    byte[] bytes() {
        return ByteBuffer.allocate(HEADER + payload.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) decoder.id())
                .putShort((short) type)
                .put(payload.toArray())
                .array();
    }

    String line() {
        return decoder.name() + " " + type + " " + payload;
    }

    @Override
    public String toString() {
        return line();
    }
}
