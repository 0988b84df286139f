package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that nobody but their owner may read, written whole or not at all. */
final class PrivateFile {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private PrivateFile() {}

    /** Makes the directory, mode 0700, with what leads to it. */
    static void directory(Path dir) throws IOException {
        if (!Files.isDirectory(dir)) {
            Path parent = dir.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try {
                Files.createDirectory(
                        dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                throw new IOException(dir + " is not a directory", e);
            }
        }
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(dir);
        if (modes.contains(PosixFilePermission.GROUP_WRITE) || modes.contains(PosixFilePermission.OTHERS_WRITE)) {
            // Who can write there can put another file in the place of ours.
            throw new IOException(dir + ": others than its owner can write in it; run: chmod go-w " + dir);
        }
    }

    /** @throws IOException if others than the owner may do anything with it; says what to run */
    static void check(Path file) throws IOException {
        Set<PosixFilePermission> others = Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
        others.removeAll(PosixFilePermissions.fromString("rwx------"));
        if (!others.isEmpty()) {
            throw new IOException(file + ": others than its owner can use it; run: chmod 600 " + file);
        }
    }

    static String read(Path file) throws IOException {
        check(file);
        return Files.readString(file);
    }

    /** Replaces the file: after a crash or a power cut there is the old content or the new, and the disk has it. */
    static void write(Path file, String content) throws IOException {
        write(file, StandardCharsets.UTF_8.encode(content));
    }

    static void write(Path file, ByteBuffer content) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException(file + " is not in a directory");
        }
        Path temporary = Files.createTempFile(
                directory, "." + file.getFileName(), ".new", PosixFilePermissions.asFileAttribute(OWNER));
        try {
            try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                while (content.hasRemaining()) {
                    out.write(content);
                }
                out.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(file + ": its file system cannot replace a file in one step", e);
        } finally {
            Files.deleteIfExists(temporary);
        }
        force(directory);
    }

    /** Makes the disk know of names that were added to or taken from a directory. */
    static void force(Path directory) throws IOException {
        try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
            d.force(true);
        }
    }
}
