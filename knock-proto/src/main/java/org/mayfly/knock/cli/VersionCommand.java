package org.mayfly.knock.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.client.Failure;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Print the version of this program and of the protocol.")
final class VersionCommand implements Callable<Integer> {
    /** Maven puts this into every jar it makes. */
    private static final String PROPERTIES = "/META-INF/maven/org.mayfly/mayfly-knock-proto/pom.properties";

    private final Streams streams;

    VersionCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        streams.print("mayfly " + version() + ", protocol " + KnockRequest.VERSION);
        return 0;
    }

    private static String version() throws Failure {
        try (InputStream in = VersionCommand.class.getResourceAsStream(PROPERTIES)) {
            Properties p = new Properties();
            if (in != null) {
                p.load(in);
            }
            return p.getProperty("version", "(not built into a jar)");
        } catch (IOException e) {
            throw Failure.failed("cannot read the version from this program's own jar: " + Failure.reason(e));
        }
    }
}
