package org.mayfly.packaging;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assertions;

/** The installed {@code mayflyctl monitor --json}, and what it has printed so far. */
final class Monitor implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final List<JsonObject> events = Collections.synchronizedList(new ArrayList<>());

    /** Starts it, and waits until it says that it misses nothing any more. */
    static Monitor start(Mayflyd agent) throws Exception {
        List<String> words = Mayflyd.program("mayflyctl", "--socket", agent.socket(), "monitor", "--json");
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().put("MAYFLY_JAVA_HOME", System.getProperty("java.home"));
        Monitor monitor = new Monitor(builder.start());
        monitor.heard(e -> word(e, "event").equals("watching"));
        return monitor;
    }

    private Monitor(Process process) throws IOException {
        this.process = process;
        process.getOutputStream().close();
        reader = new Thread(this::read, "monitor");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                events.add(JsonParser.parseString(line).getAsJsonObject());
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private List<JsonObject> soFar() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    /** A field of an event; empty if it is null. */
    static String word(JsonObject event, String field) {
        return event.get(field).isJsonNull() ? "" : event.get(field).getAsString();
    }

    /** The first event of the kind, once there is one. */
    JsonObject heard(Predicate<JsonObject> kind) throws Exception {
        List<JsonObject> all = Until.answer("it is told", Mayflyd.PATIENCE, this::soFar, list -> list.stream()
                .anyMatch(kind));
        return all.stream().filter(kind).findFirst().orElseThrow();
    }

    /** The names of the events of a lease up to its end, with the reason of that. */
    List<String> life(String door) throws Exception {
        heard(e -> word(e, "door").equals(door) && word(e, "event").equals("ended"));
        return soFar().stream()
                .filter(e -> word(e, "door").equals(door))
                .map(e -> (word(e, "event") + " " + word(e, "reason")).strip())
                .toList();
    }

    /** Its exit status and what it complained of, once it has ended by itself. */
    Command ended() throws Exception {
        Assertions.assertTrue(process.waitFor(20, TimeUnit.SECONDS), "it ends with the agent");
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Command(process.exitValue(), "", err);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
