package org.mayfly.packaging;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assertions;

/** Waiting for what nobody tells us of: a question asked again and again, with a deadline. */
final class Until {
    private static final long PAUSE = 20;

    private Until() {}

    /** The first answer that will do; fails the test with the last one that did not. */
    static <T> T answer(String what, Duration patience, Callable<T> question, Predicate<T> good) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            T answer = question.call();
            if (good.test(answer)) {
                return answer;
            }
            if (System.nanoTime() > deadline) {
                return Assertions.fail("not within " + patience + ": " + what + "; last seen: " + answer);
            }
            Thread.sleep(PAUSE);
        }
    }

    static void holds(String what, Duration patience, Callable<Boolean> question) throws Exception {
        answer(what, patience, question, b -> b);
    }
}
