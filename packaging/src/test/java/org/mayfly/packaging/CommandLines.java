package org.mayfly.packaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Somebody who looks at every command line of the machine, again and again, as everybody may. */
final class CommandLines implements AutoCloseable {
    private static final long PAUSE = 10;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Thread looker = new Thread(this::look, "command-lines");

    CommandLines() {
        looker.setDaemon(true);
        looker.start();
    }

    private void look() {
        try {
            while (!Thread.interrupted()) {
                try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
                    processes.forEach(this::look);
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void look(Path process) {
        try {
            seen.add(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            // it has ended
        }
    }

    /** Every one so far; between the words of one there are zeros. */
    String all() {
        return String.join("\n", seen);
    }

    @Override
    public void close() {
        looker.interrupt();
    }
}
