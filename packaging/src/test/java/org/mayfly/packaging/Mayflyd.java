package org.mayfly.packaging;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.mayfly.agent.admin.AdminClient;
import org.mayfly.agent.admin.AdminCommand;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.netlink.testing.Lab.Host;

/** The installed agent, a process of its own in a host's namespace, with its files in a directory of the test's. */
final class Mayflyd implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Map<String, String> ENVIRONMENT =
            Map.of("MAYFLY_JAVA_HOME", System.getProperty("java.home"), "JOURNAL_STREAM", "");

    final Path directory;
    /** Variables that the process gets when it is started next. */
    final Map<String, String> environment = new HashMap<>();

    private final Host host;
    private final Path log;
    private List<String> within = List.of();
    private @Nullable Process process;

    /** Nothing is started. */
    Mayflyd(Host host, Path directory, String configuration) throws IOException {
        this.host = host;
        this.directory = directory;
        this.log = directory.resolve("log");
        Files.createDirectory(
                clients(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        configure(configuration);
    }

    /** Starts it, and waits until it answers. */
    static Mayflyd start(Host host, Path directory, String configuration) throws Exception {
        Mayflyd agent = new Mayflyd(host, directory, configuration);
        agent.start();
        return agent;
    }

    Path clients() {
        return directory.resolve("clients");
    }

    Path state() {
        return directory.resolve("state");
    }

    Path socket() {
        return directory.resolve("control.sock");
    }

    Path configuration() {
        return directory.resolve("mayflyd.toml");
    }

    void configure(String configuration) throws IOException {
        Files.writeString(configuration(), """
                %s
                [paths]
                clients = "%s"
                state = "%s"
                socket = "%s"
                """.formatted(configuration, clients(), state(), socket()));
    }

    /** The words that start a program of the installation. */
    static List<String> program(String name, Object... arguments) {
        List<String> words = new ArrayList<>(
                List.of(Command.HOME.resolve("bin").resolve(name).toString()));
        for (Object a : arguments) {
            words.add(a.toString());
        }
        return words;
    }

    void start() throws Exception {
        begin();
        try {
            Until.holds("mayflyd answers", PATIENCE, () -> {
                Assertions.assertTrue(process().isAlive(), () -> "mayflyd ended: " + log());
                return answers();
            });
        } catch (Exception | Error e) {
            close();
            throw e;
        }
    }

    /** Starts it from now on where that disk is. */
    void within(Disk disk) {
        within = disk.inside();
    }

    /** Starts it from now on by that command. */
    void within(List<String> command) {
        within = List.copyOf(command);
    }

    /** Starts it, which has to fail; what it said before it ended. */
    Command failingStart() throws Exception {
        List<String> words = new ArrayList<>(within);
        words.addAll(program("mayflyd", "--config", configuration()));
        return host.call(() -> Command.run(ENVIRONMENT, words));
    }

    private void begin() throws Exception {
        List<String> words = new ArrayList<>(within);
        words.addAll(program("mayflyd", "--config", configuration()));
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("MAYFLY_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("JOURNAL_STREAM");
        builder.environment().putAll(environment);
        process = host.call(builder::start);
        process.getOutputStream().close();
    }

    private boolean answers() {
        try {
            ask(AdminCommand.STATUS);
            return true;
        } catch (AdminException e) {
            return false;
        }
    }

    Process process() {
        if (process == null) {
            throw new IllegalStateException("mayflyd was not started");
        }
        return process;
    }

    /** As systemd stops it; the exit status. */
    int stop() throws InterruptedException {
        process().destroy();
        Assertions.assertTrue(process().waitFor(20, TimeUnit.SECONDS), () -> "SIGTERM does not end it: " + log());
        return process().exitValue();
    }

    /** It does nothing any more. */
    void kill9() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    void hangUp() throws Exception {
        signal("HUP");
    }

    void signal(String name) throws Exception {
        Command.run("kill", "-" + name, Long.toString(process().pid()));
    }

    /** Asks without the cost of a command. */
    JsonElement ask(AdminCommand what) {
        return new AdminClient(socket()).call(what, new JsonObject());
    }

    JsonObject status() {
        return ask(AdminCommand.STATUS).getAsJsonObject();
    }

    /** What was counted under that name; 0 if nothing. */
    long metric(String name) {
        JsonElement count = ask(AdminCommand.METRICS).getAsJsonObject().get(name);
        return count == null ? 0 : count.getAsLong();
    }

    long accepted() {
        return metric("mayfly_knocks_accepted_total");
    }

    /** How many packets there were, whatever became of them. */
    long packets() {
        return ask(AdminCommand.METRICS).getAsJsonObject().entrySet().stream()
                .filter(m -> m.getKey().startsWith("mayfly_knocks_"))
                .mapToLong(m -> m.getValue().getAsLong())
                .sum();
    }

    /** Runs mayflyctl. */
    Command ctl(Object... arguments) throws Exception {
        List<String> words = program("mayflyctl", "--socket", socket());
        words.addAll(program("", arguments).subList(1, arguments.length + 1));
        return Command.run(ENVIRONMENT, words);
    }

    /** Runs mayflyctl, which has to succeed; what it prints. */
    String done(Object... arguments) throws Exception {
        Command command = ctl(arguments);
        Assertions.assertEquals(0, command.status(), command::toString);
        return command.out();
    }

    /** Makes a client, as an administrator does; what it knows then. */
    Knocker enrol(String name, String... services) throws Exception {
        List<Object> words = new ArrayList<>(List.of("client", "add", name));
        for (String service : services) {
            words.addAll(List.of("--service", service));
        }
        return new Knocker(done(words.toArray()));
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Fails unless the log has it, and once, however often it happened. */
    void assertTold(String line) {
        Assertions.assertEquals(1, log().split(line, -1).length - 1, this::log);
    }

    /** Ends the process in any case. */
    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly().onExit().join();
        }
    }
}
