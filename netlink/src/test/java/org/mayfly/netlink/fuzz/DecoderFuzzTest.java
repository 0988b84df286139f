package org.mayfly.netlink.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All decoders against bytes that nobody meant. In a build the corpus is replayed, and then changed in some ten thousand
 * ways; {@code packaging/fuzz} goes on from there.
 */
class DecoderFuzzTest {
    private static final int MUTATIONS = 10_000;

    private static final Input.Form FORM = new Input.Form(Decoders.find());
    private static final List<Input> CORPUS = Corpus.read(FORM);
    private static final Trial TRIAL = new Trial();

    static Stream<Arguments> corpus() {
        return CORPUS.stream().map(i -> Arguments.of((Object) i.bytes()));
    }

    /** Which decoder, which type, and what it is to take apart: see {@link Input}. */
    @MethodSource("corpus")
    @FuzzTest
    void bytes(byte[] input) {
        TRIAL.run(FORM.ofBytes(input));
    }

    /** Which message of the corpus, and what is done to it: see {@link Mutation}. */
    @FuzzTest
    void mutations(byte[] program) {
        TRIAL.run(Mutation.of(program, CORPUS));
    }

    @Test
    void randomMutations() {
        long seed = Long.getLong("mayfly.seed", System.nanoTime());
        System.out.println("DecoderFuzzTest: -Dmayfly.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] program = new byte[2 + 4 * (1 + random.nextInt(6))];
            random.nextBytes(program);
            mutations(program);
        }
    }
}
