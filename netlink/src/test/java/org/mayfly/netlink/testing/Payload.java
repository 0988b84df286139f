package org.mayfly.netlink.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.MessageWriter;

/** The payload of a message as a decoder finds it: behind something else, in a buffer in host byte order. */
public record Payload(Bytes bytes) {
    private static final int BEFORE = 16;

    /** Takes apart what begins at an offset of a buffer and has a length. */
    @FunctionalInterface
    public interface Decoder<T> {
        T decode(ByteBuffer b, int offset, int length);
    }

    /** From hexadecimal digits; blanks between bytes are skipped. */
    public static Payload of(String hex) {
        return new Payload(Bytes.ofHex(hex));
    }

    /** What an encoder writes, without the message header. */
    public static Payload written(Consumer<MessageWriter> encoder) {
        MessageWriter w = new MessageWriter(4096);
        w.begin(0, 0);
        encoder.accept(w);
        w.end();
        byte[] payload = new byte[w.length() - MessageWriter.HEADER];
        w.buffer().get(MessageWriter.HEADER, payload);
        return new Payload(Bytes.of(payload));
    }

    /** The same with more behind it. */
    public Payload and(String hex) {
        return Payload.of(bytes + hex);
    }

    public <T> T decode(Decoder<T> decoder) {
        return decode(decoder, bytes.length());
    }

    private <T> T decode(Decoder<T> decoder, int length) {
        ByteBuffer b = ByteBuffer.allocate(BEFORE + length).order(ByteOrder.nativeOrder());
        b.put(BEFORE, bytes.toArray(), 0, length);
        return decoder.decode(b, BEFORE, length);
    }

    /** Cut at every length, it is either refused as malformed or a shorter message that is well-formed. */
    public <T> void truncate(Decoder<T> decoder, Function<T, Boolean> plausible) {
        for (int length = 0; length < bytes.length(); length++) {
            T got;
            try {
                got = decode(decoder, length);
            } catch (MalformedMessageException e) {
                continue;
            }
            int cut = length;
            Assertions.assertTrue(plausible.apply(got), () -> "cut at " + cut + ": " + got);
        }
    }
}
