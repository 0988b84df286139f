package org.mayfly.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;

/** A small disk that only those see who are started inside, and that can be full, or read-only. */
final class Disk implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final Path where;

    /** Keeps the mount namespace, and so the disk, until its input ends. */
    private final Process keeper;

    /** @param where it appears inside; must not be there */
    Disk(Path where) throws IOException {
        this.where = Files.createDirectory(
                where, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        String script = "mount -t tmpfs -o size=1m,mode=700 none \"$0\" && echo ready && exec cat";
        keeper = new ProcessBuilder("unshare", "-m", "--propagation", "private", "sh", "-c", script, where.toString())
                .redirectErrorStream(true)
                .start();
        String said = keeper.inputReader(StandardCharsets.UTF_8).readLine();
        Assertions.assertEquals("ready", said, "no small disk here");
    }

    /** The words before those of a program that is to see it. */
    List<String> inside() {
        return List.of("nsenter", "-m", "-t", Long.toString(keeper.pid()), "--");
    }

    /** What a script prints that is run inside, with the disk as its {@code $0}. */
    String run(String script) throws Exception {
        List<String> words = new ArrayList<>(inside());
        words.addAll(List.of("sh", "-c", script, where.toString()));
        Command done = Command.run(words.toArray(String[]::new));
        Assertions.assertEquals(0, done.status(), done::toString);
        return done.out();
    }

    void fill() throws Exception {
        run("! cat /dev/zero 2>/dev/null >\"$0/fill\"");
    }

    void makeRoom() throws Exception {
        run("rm \"$0/fill\"");
    }

    /** Once nobody has a file open for writing. */
    void readOnly() throws Exception {
        Until.holds("it is read-only", SOON, () -> {
            run("mount -o remount,ro \"$0\"");
            return true;
        });
    }

    void writable() throws Exception {
        run("mount -o remount,rw \"$0\"");
    }

    @Override
    public void close() throws IOException {
        keeper.getOutputStream().close();
        keeper.onExit().join();
    }
}
