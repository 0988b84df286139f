package org.mayfly.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of {@code packaging/bench} are compiled when they are run, which is seldom: they fit what is built now. */
final class BenchIT {
    @ParameterizedTest
    @ValueSource(strings = {"Knocks.java", "Leases.java", "Netlink.java"})
    void compiles(String program, @TempDir Path classes) throws Exception {
        String jars;
        try (Stream<Path> lib = Files.list(Command.HOME.resolve("lib"))) {
            jars = lib.filter(f -> f.toString().endsWith(".jar"))
                    .map(Path::toString)
                    .collect(Collectors.joining(":"));
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        String source = Path.of("src/bench").resolve(program).toString();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, said, said, "-proc:none", "-d", classes.toString(), "-cp", jars, source);
        assertEquals(0, status, said.toString(StandardCharsets.UTF_8));
    }
}
