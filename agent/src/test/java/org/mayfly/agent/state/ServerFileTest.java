package org.mayfly.agent.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerFileTest {
    @TempDir
    Path directory = Path.of("");

    private Path file() {
        return directory.resolve("state/server.json");
    }

    private ServerFile.Found read() throws IOException {
        return ServerFile.readOrCreate(directory.resolve("state"));
    }

    @Test
    void isMadeOnce() throws IOException {
        ServerFile.Found made = read();
        ServerFile.Found found = read();
        assertTrue(made.isNew());
        assertFalse(found.isNew());
        assertEquals(made.identity(), found.identity());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("state"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{}", "{\"id\":null,\"gate_key\":null}", "{\"id\":\"xy\"}"})
    void isNeverReplaced(String damaged) throws IOException {
        read();
        Files.writeString(file(), damaged);
        IOException e = assertThrows(IOException.class, this::read);
        assertTrue(String.valueOf(e.getMessage()).startsWith(file() + " is damaged"), e::getMessage);
        assertEquals(damaged, Files.readString(file()));
    }

    @Test
    void isNeverReplacedWhenCutShort() throws IOException {
        String gate = HexFormat.of().formatHex(read().identity().gate().secret().copy());
        byte[] whole = Files.readAllBytes(file());
        for (int length = 0; length < whole.length - 2; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            Files.write(file(), cut);
            IOException e = assertThrows(IOException.class, this::read);
            assertFalse(String.valueOf(e.getMessage()).contains(gate.substring(0, 8)), e::getMessage);
            assertArrayEquals(cut, Files.readAllBytes(file()));
        }
    }

    @Test
    void isForItsOwnerOnly() throws IOException {
        read();
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        IOException e = assertThrows(IOException.class, this::read);
        assertTrue(String.valueOf(e.getMessage()).contains("chmod 600"), e::getMessage);
    }

    @Test
    void isNotPutInThePlaceOfADanglingLink() throws IOException {
        read();
        Files.delete(file());
        Files.createSymbolicLink(file(), directory.resolve("not-mounted"));
        assertThrows(IOException.class, this::read);
        assertTrue(Files.exists(file(), LinkOption.NOFOLLOW_LINKS));
        assertFalse(Files.exists(directory.resolve("not-mounted")));
    }
}
