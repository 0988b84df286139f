package org.mayfly.agent.admin;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.concurrent.ThreadLocalRandom;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The socket and its name in the file system. bind(2) makes a name with whatever mode the umask leaves, so the socket is
 * bound in a directory that only we can enter, given its mode and group there, and only then linked to where it belongs.
 *
 * @param inode tells our file from one that somebody put in its place
 * @param owner the uid the agent runs as
 */
record ControlSocket(UnixServerSocketChannel channel, Path path, Object inode, long owner) {
    /** sun_path of unix(7) holds 108 bytes, the last being 0. */
    private static final int LONGEST_PATH = 107;

    private static final int BACKLOG = 64;

    private static final String MODE = "rw-rw----";

    /**
     * @param group who else may connect; null to leave it at the agent's own group
     * @throws IOException with a line for the operator
     */
    static ControlSocket create(Path path, @Nullable String group) throws IOException {
        Path target = path.toAbsolutePath();
        Path directory = target.getParent();
        if (directory == null || target.getFileName() == null) {
            throw new IOException(path + " cannot be a socket; set [paths] socket to a file name");
        }
        Path hidden = directory.resolve(
                String.format(".%08x", ThreadLocalRandom.current().nextInt()));
        Path bound = hidden.resolve("s");
        checkLength(target);
        checkLength(bound);
        try {
            Files.createDirectories(directory);
            clearStale(target);
            Files.createDirectory(
                    hidden, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileSystemException e) {
            String reason = e instanceof AccessDeniedException ? "permission denied" : e.getReason();
            throw new IOException("cannot make the socket " + target + ": " + reason + "; see to " + directory, e);
        }
        try {
            return bind(target, bound, group);
        } finally {
            Files.deleteIfExists(bound);
            Files.deleteIfExists(hidden);
        }
    }

    private static ControlSocket bind(Path target, Path bound, @Nullable String group) throws IOException {
        UnixServerSocketChannel channel = UnixServerSocketChannel.open();
        try {
            channel.socket().bind(new UnixSocketAddress(bound.toString()), BACKLOG);
            Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(MODE));
            if (group != null) {
                giveTo(bound, group);
            }
            long owner = Integer.toUnsignedLong((Integer) Files.getAttribute(bound, "unix:uid"));
            link(target, bound);
            return new ControlSocket(channel, target, identity(target), owner);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static void checkLength(Path path) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new IOException(path + " is too long for a Unix socket, which has at most " + LONGEST_PATH
                    + " bytes; choose a shorter [paths] socket");
        }
    }

    /** Unlike a rename, it never takes the place of a socket that another agent has just put there. */
    private static void link(Path target, Path bound) throws IOException {
        try {
            Files.createLink(target, bound);
        } catch (FileAlreadyExistsException e) {
            throw inUse(target, e);
        }
    }

    private static void clearStale(Path target) throws IOException {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        int type = (Integer) Files.getAttribute(target, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000;
        if (type != 0140000) { // S_IFMT and S_IFSOCK of inode(7)
            throw new IOException(
                    target + " exists and is not a socket; move it away, or choose another [paths] socket");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            // Not blocking, for an agent that hangs does not accept either.
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(target));
        } catch (ConnectException e) {
            Files.deleteIfExists(target);
            return;
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw inUse(target, e);
        }
        throw inUse(target, null);
    }

    private static IOException inUse(Path target, @Nullable Throwable cause) {
        return new IOException(
                "another agent answers on " + target + "; stop it, or give this one its own [paths] socket", cause);
    }

    private static void giveTo(Path bound, String name) throws IOException {
        try {
            GroupPrincipal group =
                    bound.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(name);
            PosixFileAttributeView view = Files.getFileAttributeView(bound, PosixFileAttributeView.class);
            view.setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException("there is no group \"" + name + "\"; make it, or change [admin] group", e);
        }
    }

    private static Object identity(Path path) throws IOException {
        return Files.readAttributes(path, "unix:ino,dev", LinkOption.NOFOLLOW_LINKS);
    }

    /** Closes the socket and takes its name away, if it is still ours. */
    void remove() throws IOException {
        channel.close();
        try {
            if (identity(path).equals(inode)) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // Somebody was quicker.
        }
    }
}
