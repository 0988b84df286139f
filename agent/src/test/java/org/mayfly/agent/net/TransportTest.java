package org.mayfly.agent.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which transport is taken where something is missing, each in a JVM of its own. */
final class TransportTest {
    private static final List<String> PORTABLE = List.of("nio", "96 bytes");

    @TempDir
    private Path temp;

    @Test
    void theNativeOneWithoutAWord() throws Exception {
        assertEquals(List.of("epoll", "96 bytes"), child("", "io.netty.transport.noNative=false"));
        assertTold();
    }

    @Test
    void withoutNettysLibraryThePortableOne() throws Exception {
        assertEquals(PORTABLE, child("", "io.netty.transport.noNative=true"));
        assertTold("WARNING: packets are read through the JDK, which takes more of the processor: "
                + "Netty's epoll transport does not load: ");
    }

    @Test
    void withoutJnrThePortableOne() throws Exception {
        assertEquals(PORTABLE, child("jnr-ffi", "io.netty.transport.noNative=false"));
        assertTold("WARNING: packets are read through the JDK, which takes more of the processor: "
                + "recvmmsg cannot be called: java.lang.NoClassDefFoundError: jnr/ffi/");
    }

    /** The JVM and other libraries have warnings of their own; Netty has none, though nothing here has a hardware address. */
    private void assertTold(String... beginnings) throws Exception {
        String log = Files.readString(temp.resolve("log"));
        assertFalse(log.contains("hardware address"), log);
        List<String> told = Files.readAllLines(temp.resolve("log")).stream()
                .filter(line -> line.startsWith("WARNING: packets are read"))
                .toList();
        assertEquals(beginnings.length, told.size(), told::toString);
        for (int i = 0; i < beginnings.length; i++) {
            assertTrue(told.get(i).startsWith(beginnings[i]), told.get(i));
        }
    }

    /**
     * @param absent no library of that name
     * @return what it prints
     */
    private List<String> child(String absent, String property) throws Exception {
        String path = Pattern.compile(File.pathSeparator)
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(e -> absent.isEmpty() || !e.contains(absent))
                .collect(Collectors.joining(File.pathSeparator));
        Process child = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.util.logging.SimpleFormatter.format=%4$s: %5$s%n",
                        "-D" + property,
                        "-cp",
                        path,
                        TransportChild.class.getName())
                .redirectError(temp.resolve("log").toFile())
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(child.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, child.exitValue(), Files.readString(temp.resolve("log")));
        return said.lines().toList();
    }
}
