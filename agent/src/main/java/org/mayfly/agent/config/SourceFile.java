package org.mayfly.agent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/** Reads the file, if it is one to be relied on. */
final class SourceFile {
    /** No configuration is that long. */
    private static final int LONGEST = 1 << 20;

    private SourceFile() {}

    static String read(Path path) throws ConfigurationException {
        try {
            if (Files.isDirectory(path)) {
                throw wrong(path, "it is a directory; expected a TOML file");
            }
            checkMode(path);
            byte[] bytes;
            try (InputStream in = Files.newInputStream(path)) {
                bytes = in.readNBytes(LONGEST + 1);
            }
            if (bytes.length > LONGEST) {
                throw wrong(path, "it is longer than 1 MiB; expected a configuration");
            }
            return decode(path, bytes);
        } catch (NoSuchFileException e) {
            throw wrong(path, "there is no such file; write one, or name another with --config");
        } catch (AccessDeniedException e) {
            throw wrong(path, "it cannot be read: permission denied; run this as root or as the agent's user");
        } catch (IOException e) {
            throw wrong(path, "it cannot be read: " + e.getMessage() + "; expected a TOML file");
        }
    }

    /** Who can write the file decides who gets in. */
    private static void checkMode(Path path) throws IOException, ConfigurationException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
        if (Files.isRegularFile(path)
                && (mode.contains(PosixFilePermission.GROUP_WRITE)
                        || mode.contains(PosixFilePermission.OTHERS_WRITE))) {
            throw wrong(path, "others than its owner can write it; run: chmod go-w " + path);
        }
    }

    static String decode(Path path, byte[] bytes) throws ConfigurationException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer chars = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(ByteBuffer.wrap(bytes), chars, true);
        String text = chars.flip().toString();
        if (result.isError()) {
            int line = (int) text.chars().filter(c -> c == '\n').count() + 1;
            int column = text.length() - text.lastIndexOf('\n');
            throw new ConfigurationException(
                    List.of(Complaints.at(path, line, column) + ": the bytes here are no characters; expected UTF-8"));
        }
        return text;
    }

    private static ConfigurationException wrong(Path path, String text) {
        return new ConfigurationException(List.of(Complaints.printable(path + ": " + text)));
    }
}
