package org.mayfly.knock.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mayfly.knock.Enrolment;

/**
 * The profiles of one user: one file per name, and in it the enrolment URI. The URI is kept as it came, because it has
 * check digits of its own, so that a damaged file is told from a whole one, and because any other client can read it.
 */
public final class Profiles {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final int LONGEST = 65_536;
    private static final String FILE_MODE = "rw-------";
    private static final String DIRECTORY_MODE = "rwx------";

    private final Path directory;

    public Profiles(Path directory) {
        this.directory = directory;
    }

    /** {@code $MAYFLY_HOME}, else {@code $XDG_CONFIG_HOME/mayfly}, else {@code ~/.config/mayfly}. */
    public static Profiles of(Map<String, String> environment) {
        String own = environment.getOrDefault("MAYFLY_HOME", "");
        if (!own.isEmpty()) {
            return new Profiles(Path.of(own));
        }
        String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
        if (!xdg.isEmpty()) {
            return new Profiles(Path.of(xdg, "mayfly"));
        }
        String home = environment.getOrDefault("HOME", "");
        return new Profiles(Path.of(home.isEmpty() ? System.getProperty("user.home", ".") : home, ".config", "mayfly"));
    }

    /** A profile name made from the host of a URI. */
    public static String nameFor(String host) {
        String s = host.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]+", "-").replaceAll("^[.-]+|[.-]+$", "");
        return s.isEmpty() ? "server" : s.substring(0, Math.min(s.length(), 64));
    }

    /** Stores it, whole or not at all, for the user's eyes only. */
    public void save(String name, Enrolment enrolment, boolean force) throws Failure {
        Path file = file(name);
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory, mode(DIRECTORY_MODE));
            }
        } catch (IOException e) {
            throw Failure.ofFile("cannot make the directory " + directory, e);
        }
        checkDirectory();
        if (!force && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw Failure.failed("there is a profile \"" + name + "\" already: use another name, or --force");
        }
        try {
            write(file, (enrolment.toUri() + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw Failure.ofFile("cannot write the profile " + file, e);
        }
    }

    /**
     * @throws Failure if there is none of that name, others can read it, or it is damaged
     */
    public Profile load(String name) throws Failure {
        Path file = file(name);
        try {
            checkDirectory();
            checkMode(file);
            if (Files.size(file) > LONGEST) {
                throw Failure.usage("the profile " + file + " is damaged: it is far too long; enroll again");
            }
            String uri = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
            return new Profile(name, Enrolment.parse(uri));
        } catch (IllegalArgumentException e) {
            throw Failure.usage("the profile " + file + " is damaged: " + e.getMessage()
                    + "; enroll again with: mayfly enroll " + name + " --force");
        } catch (NoSuchFileException e) {
            throw Failure.usage(
                    "there is no profile \"" + name + "\" in " + directory + ": see mayfly profiles, or enroll it");
        } catch (IOException e) {
            throw Failure.ofFile("cannot read the profile " + file, e);
        }
    }

    /** All names, sorted; none where nothing was ever enrolled. */
    public List<String> names() throws Failure {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(f -> String.valueOf(f.getFileName()))
                    .filter(n -> NAME.matcher(n).matches())
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw Failure.ofFile("cannot read the directory " + directory, e);
        }
    }

    private Path file(String name) throws Failure {
        if (!NAME.matcher(name).matches()) {
            throw Failure.usage("a profile name is 1 to 64 of A-Z a-z 0-9 . _ - and starts with a letter or digit");
        }
        return directory.resolve(name);
    }

    /** Who can write in the directory can put another server in the place of ours. */
    private void checkDirectory() throws Failure {
        Set<PosixFilePermission> others = othersMay(directory);
        if (others.contains(PosixFilePermission.GROUP_WRITE) || others.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw Failure.usage(
                    "others can write in " + directory + ", which holds secrets: run chmod 700 " + directory);
        }
    }

    private void checkMode(Path file) throws Failure {
        if (!othersMay(file).isEmpty()) {
            throw Failure.usage("others can use the profile " + file + ", which holds a secret: run chmod 600 " + file);
        }
    }

    /** What group and others may do; nothing where there are no such modes (Windows) or no such file. */
    private Set<PosixFilePermission> othersMay(Path file) throws Failure {
        if (!isPosix()) {
            return Set.of();
        }
        try {
            Set<PosixFilePermission> all = Files.getPosixFilePermissions(file);
            all.removeAll(PosixFilePermissions.fromString("rwx------"));
            return all;
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw Failure.ofFile("cannot read the mode of " + file, e);
        }
    }

    private boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private FileAttribute<?>[] mode(String mode) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }

    private void write(Path file, byte[] content) throws IOException {
        Path part = Files.createTempFile(directory, ".enroll", "", mode(FILE_MODE));
        try {
            try (FileChannel c = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer b = ByteBuffer.wrap(content);
                while (b.hasRemaining()) {
                    c.write(b);
                }
                c.force(true);
            }
            try {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException | FileAlreadyExistsException e) {
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
