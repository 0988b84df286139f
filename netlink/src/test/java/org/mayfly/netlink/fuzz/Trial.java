package org.mayfly.netlink.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MalformedMessageException;
import org.mayfly.netlink.RawAttribute;

/**
 * What is asked of every decoder, whatever bytes it is given:
 *
 * <ul>
 *   <li>it ends, with a result or a {@link MalformedMessageException};
 *   <li>nothing that stands before or behind the payload in the buffer makes a difference;
 *   <li>it leaves the buffer as it was;
 *   <li>what it allocates is bounded by the length of what it is given;
 *   <li>the result can be printed, and what can be written is read as the same again ({@link RoundTrips}).
 * </ul>
 */
final class Trial {
    private static final int AROUND = 64;

    /** What a decoder may allocate: something for the exception and its stack, and so much for each byte it is given. */
    private static final long ALLOCATION = 256 << 10;

    private static final long ALLOCATION_PER_BYTE = 256;

    /** Nothing at all, and attributes without end: {@code nla_len} 8, {@code nla_type} 1. */
    private static final List<byte[]> SURROUNDINGS =
            List.of(new byte[8], new byte[] {8, 0, 1, 0, 1, 1, 1, 1}, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What came of it: a value, null included, or the words of a refusal. */
    private record Outcome(@Nullable Object value, @Nullable String refusal) {}

    /**
     * Does all that.
     *
     * @return whether the decoder took it; false if it was refused as malformed
     * @throws AssertionError that says the input as a line of the corpus
     */
    boolean run(Input input) {
        try {
            return check(input);
        } catch (Throwable e) {
            e.setStackTrace(with(input.decoder(), e.getStackTrace()));
            throw new AssertionError("for the corpus: " + input.line(), e);
        }
    }

    /** Its name on top, so that a fuzzer can tell what it found in one decoder from what it found in another. */
    private static StackTraceElement[] with(Decoder decoder, StackTraceElement[] trace) {
        StackTraceElement[] more = new StackTraceElement[trace.length + 1];
        System.arraycopy(trace, 0, more, 1, trace.length);
        more[0] = new StackTraceElement(decoder.name(), "decode", null, -1);
        return more;
    }

    private boolean check(Input input) throws Throwable {
        Outcome first = null;
        long least = Long.MAX_VALUE;
        for (byte[] surroundings : SURROUNDINGS) {
            ByteBuffer b = buffer(input.payload().toArray(), surroundings);
            ByteBuffer before = buffer(input.payload().toArray(), surroundings);
            long allocated = threads.getCurrentThreadAllocatedBytes();
            Outcome outcome = decode(input, b, AROUND);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - allocated);
            Assertions.assertEquals(before, b, "the buffer was changed");
            if (first == null) {
                first = outcome;
            } else if (!first.equals(outcome)) {
                Assertions.assertEquals(first, outcome, "it looked beyond its bytes");
            }
        }
        long most = ALLOCATION + ALLOCATION_PER_BYTE * input.payload().length();
        if (least > most) {
            Assertions.fail(
                    "allocated " + least + " bytes for " + input.payload().length());
        }
        Outcome outcome = Objects.requireNonNull(first);
        Assertions.assertNotNull(outcome.toString());
        if (outcome.value() != null) {
            RoundTrips.check(input, outcome.value());
        }
        return outcome.refusal() == null;
    }

    private static Outcome decode(Input input, ByteBuffer b, int offset) throws Throwable {
        try {
            Object value = input.decoder()
                    .body()
                    .decode(input.type(), b, offset, input.payload().length());
            return new Outcome(value == null ? null : comparable(value), null);
        } catch (MalformedMessageException e) {
            return new Outcome(null, e.getMessage());
        }
    }

    /** What only stands for bytes, and has no {@code equals}, is as good as another. */
    private static Object comparable(Object value) throws NoSuchMethodException {
        if (value instanceof AttributeReader a) {
            return walk(a);
        }
        boolean compares = value.getClass().getMethod("equals", Object.class).getDeclaringClass() != Object.class;
        return compares ? value : value.getClass();
    }

    private static List<RawAttribute> walk(AttributeReader a) {
        List<RawAttribute> found = new ArrayList<>();
        while (a.next()) {
            found.add(RawAttribute.of(a));
        }
        return found;
    }

    private static ByteBuffer buffer(byte[] payload, byte[] surroundings) {
        ByteBuffer b =
                ByteBuffer.allocate(AROUND + payload.length + AROUND + 3 & ~3).order(ByteOrder.nativeOrder());
        while (b.remaining() >= surroundings.length) {
            b.put(surroundings);
        }
        b.clear();
        return b.put(AROUND, payload);
    }
}
