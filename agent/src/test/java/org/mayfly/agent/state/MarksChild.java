package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.file.Path;

/** A process to be killed: raises the stamps of a few keys for ever, and says each when it was raised. */
final class MarksChild {
    static final int KEYS = 3;

    private MarksChild() {}

    /** @param args the state directory */
    public static void main(String[] args) {
        try (MarksFile marks = MarksFile.open(Path.of(args[0]), 4096, true)) {
            System.out.println(marks.trusted());
            long last = 0;
            for (int key = 0; key < KEYS; key++) {
                last = Math.max(last, marks.stamp(marks.slot(key)));
            }
            for (long stamp = last + 1; ; stamp++) {
                marks.raise(marks.slot(stamp % KEYS), stamp);
                System.out.println(stamp);
            }
        } catch (IOException e) {
            System.out.println(e.getMessage());
        }
    }
}
