package org.mayfly.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Scanner;
import java.util.Set;

/** Files that nobody but their owner may read, written whole or not at all. */
final class PrivateFile {
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    /** More than any file of ours that is read whole. */
    private static final long LONGEST = 1 << 20;

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

    /**
     * Asks before a file is opened: opening a FIFO waits for somebody who writes, and what a link leads to may be another's.
     *
     * @throws IOException if it is no plain file, is not ours, or others than its owner may do anything with it; says what
     *     to do
     */
    static void check(Path file) throws IOException {
        PosixFileAttributes a = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!a.isRegularFile()) {
            String kind =
                    a.isSymbolicLink() ? "a symbolic link" : a.isDirectory() ? "a directory" : "a device or a FIFO";
            throw new IOException(file + ": it is " + kind + ", and should be a plain file; move it away");
        }
        if (!isOurs(file)) {
            throw new IOException(file + ": it belongs to " + a.owner().getName() + ", who could change it; run: chown "
                    + System.getProperty("user.name") + " " + file);
        }
        Set<PosixFilePermission> others = a.permissions();
        others.removeAll(PosixFilePermissions.fromString("rwx------"));
        if (!others.isEmpty()) {
            throw new IOException(file + ": others than its owner can use it; run: chmod 600 " + file);
        }
    }

    /** Of whom this process runs as, or of root. */
    private static boolean isOurs(Path file) throws IOException {
        int owner = (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner == 0 || owner == effectiveUser();
    }

    /** {@code proc_pid_status(5)}: real, effective, saved and file system user id. */
    private static int effectiveUser() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("Uid:")) {
                Scanner ids = new Scanner(line).skip("Uid:");
                ids.nextInt();
                return ids.nextInt();
            }
        }
        throw new IOException("/proc/self/status does not say who this process is");
    }

    static String read(Path file) throws IOException {
        check(file);
        if (Files.size(file) > LONGEST) {
            throw new IOException(file + ": it is far too long; put back a copy, or move it away");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": it is not text; put back a copy, or move it away", e);
        }
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
