package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Alu.ADD;
import static org.mayfly.netlink.bpf.Alu.MOV;
import static org.mayfly.netlink.bpf.Helper.MAP_LOOKUP_ELEM;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R10;
import static org.mayfly.netlink.bpf.Register.R2;
import static org.mayfly.netlink.bpf.Size.DW;
import static org.mayfly.netlink.bpf.Size.W;

import java.io.IOException;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.Register;

/**
 * Numbers that each CPU has for itself, so that two that count at once do not wait for each other; and behind them memory
 * for a program to work in.
 */
final class Counters implements AutoCloseable {
    /** Of the three numbers of a program. */
    static final int SOCKET = 0;

    static final int XDP = 3;

    /** Behind one of those. */
    static final int PASSED = 0;

    static final int LENGTH = 1;
    static final int TAG = 2;

    private static final int NUMBERS = 6;

    /** Where the free memory is, in bytes. */
    static final int SCRATCH = NUMBERS * Long.BYTES;

    private final BpfMap map;

    Counters() throws IOException {
        map = BpfMap.perCpu("mayfly_counts", NUMBERS + RouteLookup.LENGTH / Long.BYTES);
    }

    /**
     * Has register 0 say where they are, or be 0, which it never is, but the verifier does not know. Uses registers 0 to 5.
     *
     * @param stack below the frame pointer: how far are 4 bytes that this may change
     */
    void find(Assembler a, int stack) {
        a.store(W, R10, stack, 0);
        a.loadMap(R1, map).alu64(MOV, R2, R10).alu64(ADD, R2, stack).call(MAP_LOOKUP_ELEM);
    }

    /**
     * Adds one to a counter. Uses register 1.
     *
     * @param place what {@link #find} found
     */
    static void count(Assembler a, Register place, int counter) {
        int at = counter * Long.BYTES;
        a.load(DW, R1, place, at).alu64(ADD, R1, 1).store(DW, place, at, R1);
    }

    Counts counts() throws IOException {
        long[] sums = map.sums();
        return new Counts(tally(sums, SOCKET), tally(sums, XDP));
    }

    private static Tally tally(long[] sums, int program) {
        return new Tally(sums[program + PASSED], sums[program + LENGTH], sums[program + TAG]);
    }

    @Override
    public void close() {
        map.close();
    }
}
