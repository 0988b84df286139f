package org.mayfly.agent.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a marks file: lines of 64 bytes, each of 8 words of 8 bytes in the machine's order.
 *
 * <pre>
 *  word    0         1         2         3         4         5        6, 7
 *  head    magic     form      boot id   boot id   state     used     0
 *  line 0  0         stamp a   check a   stamp b   check b   0        0       the floor
 *  line i  key id    stamp a   check a   stamp b   check b   0        0       the key of slot i - 1
 * </pre>
 *
 * <p>The process can be killed between any two stores, and no store of one word is ever half done. So every change of
 * meaning is the store of one word: a stamp goes to the copy that was not written last, whose check word is 0 while that
 * lasts, and counts when its check word is there. At most one copy of a line is unfinished; one that is neither
 * unfinished nor fitting was damaged.
 */
final class MarksTable {
    /** Word 0 of every marks file. */
    static final long MAGIC = 0x4d4159464c594d4bL; // "MAYFLYMK"

    private static final int VERSION = 1;
    private static final int LINE = 64;
    private static final VarHandle WORDS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final int FORM = 1;
    private static final int BOOT = 2;
    private static final int STATE = 4;
    private static final int USED = 5;

    private static final int ID = 0;
    private static final int COPY_A = 1;
    private static final int COPY_B = 3;

    /** What the file is good for. The words are arbitrary, and far from each other and from 0. */
    enum State {
        /** Stamps may be missing, and no floor makes up for that yet. */
        UNSETTLED(0x6c0f3a91d27e54b8L),
        /** Complete, as long as the machine does not go down. */
        OPEN(0xb1d84e267a05f39cL),
        /** Complete, and on the disk. */
        CLEAN(0x27e5960bc83f1ad4L);

        private final long word;

        State(long word) {
            this.word = word;
        }
    }

    private final ByteBuffer bytes;

    /** @param bytes direct, since it is the address that has to be a multiple of 8 */
    MarksTable(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /** A file's bytes, with these marks. */
    static ByteBuffer make(int capacity, State state, UUID boot, Map<Long, Long> stamps, long floor) {
        MarksTable table = new MarksTable(ByteBuffer.allocateDirect(size(capacity)));
        table.set(0, 0, MAGIC);
        table.set(0, FORM, form(capacity));
        table.write(0, 0, floor);
        table.use(0);
        int line = 1;
        for (Map.Entry<Long, Long> mark : stamps.entrySet()) {
            table.add(line, mark.getKey(), mark.getValue());
            line++;
        }
        table.boot(boot);
        table.state(state);
        return table.bytes;
    }

    static int size(int capacity) {
        return Math.multiplyExact(LINE, capacity + 2);
    }

    /** How many keys there is room for. */
    int capacity() {
        return bytes.capacity() / LINE - 2;
    }

    /** What is wrong with the head, so that nothing in the lines means anything; null if it is right. */
    @Nullable
    String headProblem() {
        if (bytes.capacity() < LINE || get(0, 0) != MAGIC) {
            return "it is not a file of replay marks";
        }
        long form = get(0, FORM);
        if ((int) (form >>> 32) != VERSION) {
            return "it is of version " + Integer.toUnsignedString((int) (form >>> 32)) + ", not " + VERSION;
        }
        if (bytes.capacity() % LINE != 0 || form != form(capacity())) {
            return "it is " + bytes.capacity() + " bytes long, and should have room for " + (int) form + " keys";
        }
        if (state() == null) {
            return "its state is damaged";
        }
        int used = used();
        return used < 0 || used > capacity() ? "its count of keys is damaged" : null;
    }

    /** Takes over the good lines, with the floor in the line 0; returns how many were bad. */
    int read(Map<Long, Long> stamps, long[] floor) {
        int bad = 0;
        OptionalLong lowest = stampOf(0);
        bad += lowest.isEmpty() || get(1, ID) != 0 ? 1 : 0;
        floor[0] = lowest.orElse(Long.MIN_VALUE);
        for (int line = 1; line <= used(); line++) {
            OptionalLong stamp = stampOf(line);
            if (stamp.isEmpty() || stamps.putIfAbsent(id(line), stamp.getAsLong()) != null) {
                bad++;
            }
        }
        return bad;
    }

    /** The stamp of a line, or nothing if the line is damaged. */
    OptionalLong stampOf(int line) {
        boolean a = finished(line, COPY_A);
        boolean b = finished(line, COPY_B);
        if (damaged(line, COPY_A) || damaged(line, COPY_B) || !a && !b) {
            return OptionalLong.empty();
        }
        long stampA = a ? get(line + 1, COPY_A) : Long.MIN_VALUE;
        long stampB = b ? get(line + 1, COPY_B) : Long.MIN_VALUE;
        return OptionalLong.of(Math.max(stampA, stampB));
    }

    /** Whether a line has that stamp, in the copy written last. Allocates nothing. */
    boolean holds(int line, long stamp) {
        return finished(line, COPY_A) && get(line + 1, COPY_A) == stamp
                || finished(line, COPY_B) && get(line + 1, COPY_B) == stamp;
    }

    /** Raises the stamp of a line, in the copy that has the lower one. Allocates nothing. */
    void raise(int line, long stamp) {
        boolean second =
                finished(line, COPY_A) && (!finished(line, COPY_B) || get(line + 1, COPY_B) <= get(line + 1, COPY_A));
        write(line, second ? COPY_B : COPY_A, id(line), stamp);
    }

    /** Fills a line that is not in use and then takes it into use. */
    void add(int line, long id, long stamp) {
        write(line, id, stamp);
        use(line);
    }

    private void write(int line, long id, long stamp) {
        set(line + 1, COPY_B + 1, 0);
        set(line + 1, ID, id);
        write(line, COPY_A, id, stamp);
    }

    private void write(int line, int copy, long id, long stamp) {
        set(line + 1, copy + 1, 0);
        set(line + 1, copy, stamp);
        set(line + 1, copy + 1, seal(line, id, stamp));
    }

    private boolean finished(int line, int copy) {
        return get(line + 1, copy + 1) == seal(line, id(line), get(line + 1, copy));
    }

    private boolean damaged(int line, int copy) {
        return get(line + 1, copy + 1) != 0 && !finished(line, copy);
    }

    private long id(int line) {
        return get(line + 1, ID);
    }

    /** How many keys there are, or -1 if that is damaged. */
    int used() {
        long word = get(0, USED);
        return (int) (word >>> 32) == ~(int) word ? (int) word : -1;
    }

    private void use(int keys) {
        set(0, USED, (long) ~keys << 32 | keys);
    }

    @Nullable
    State state() {
        for (State state : State.values()) {
            if (get(0, STATE) == state.word) {
                return state;
            }
        }
        return null;
    }

    void state(State state) {
        set(0, STATE, state.word);
    }

    UUID boot() {
        return new UUID(get(0, BOOT), get(0, BOOT + 1));
    }

    void boot(UUID boot) {
        set(0, BOOT, boot.getMostSignificantBits());
        set(0, BOOT + 1, boot.getLeastSignificantBits());
    }

    private static long form(int capacity) {
        return (long) VERSION << 32 | capacity;
    }

    /** Never 0. Finds accidents; whoever may write the file can write this too. */
    private static long seal(int line, long id, long stamp) {
        return mix(mix(mix(MAGIC + line) ^ id) ^ stamp) | 1;
    }

    /** The finalizer of SplitMix64. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return b ^ (b >>> 31);
    }

    /** {@code line} counts from the head. */
    private long get(int line, int word) {
        return (long) WORDS.get(bytes, line * LINE + word * Long.BYTES);
    }

    /** In this order for whoever looks later: the compiler must not move one store before another. */
    private void set(int line, int word, long value) {
        WORDS.setRelease(bytes, line * LINE + word * Long.BYTES, value);
    }

    /** Ids of the keys in use, with the line of each. */
    Map<Long, Integer> lines() {
        Map<Long, Integer> lines = new HashMap<>();
        for (int line = 1; line <= used(); line++) {
            lines.put(id(line), line);
        }
        return lines;
    }
}
