package org.mayfly.packaging;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Assertions;

/**
 * The wall clock of a process, for a test to set: the machine's own is everybody's. {@code wall.c} beside this stands
 * before the C library, from which Java has the time.
 */
final class WallClock {
    private final Path library;
    private final Path file;

    /** Builds it. */
    WallClock(Path directory) throws Exception {
        library = directory.resolve("wall.so");
        file = directory.resolve("wall");
        Path source = directory.resolve("wall.c");
        try (InputStream in = Objects.requireNonNull(WallClock.class.getResourceAsStream("wall.c"))) {
            Files.copy(in, source);
        }
        Command cc = Command.run(
                "cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library.toString(), source.toString());
        Assertions.assertEquals(0, cc.status(), cc::err);
        Files.write(file, new byte[Long.BYTES]);
    }

    /** Variables for the process whose clock it is. */
    Map<String, String> environment() {
        return Map.of("LD_PRELOAD", library.toString(), "WALL", file.toString());
    }

    /** Sets it so far ahead of the machine's. */
    void ahead(Duration by) throws Exception {
        byte[] seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(by.toSeconds())
                .array();
        Files.write(file, seconds, StandardOpenOption.WRITE); // in place: it is mapped
    }
}
