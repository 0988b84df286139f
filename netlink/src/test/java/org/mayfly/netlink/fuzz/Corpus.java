package org.mayfly.netlink.fuzz;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The inputs that are tried in every build: {@code corpus.txt}, one a line, as {@link Input} prints them. They come
 * from real messages, and from what a fuzzer found on its way: together they go wherever it went.
 */
final class Corpus {
    private static final String RESOURCE = "corpus.txt";

    private Corpus() {}

    /** The inputs for the decoders that there are. */
    static List<Input> read(Input.Form form) {
        return lines().stream().map(form::ofLine).flatMap(Optional::stream).toList();
    }

    /** The decoders that it is for. */
    static List<String> names() {
        return lines().stream()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .distinct()
                .toList();
    }

    private static List<String> lines() {
        try (InputStream in = Corpus.class.getResourceAsStream(RESOURCE)) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return text.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * For {@code packaging/fuzz}: {@code unpack DIR} writes the corpus as files for a fuzzer, {@code print DIR} prints
     * such files as lines.
     */
    public static void main(String[] arguments) throws IOException {
        Input.Form form = new Input.Form(Decoders.find());
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "unpack" -> {
                Files.createDirectories(directory);
                int number = 0;
                for (Input input : read(form)) {
                    Files.write(directory.resolve(String.format("%05d", number++)), input.bytes());
                }
            }
            case "print" -> printed(form, directory).forEach(System.out::println);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static Set<String> printed(Input.Form form, Path directory) throws IOException {
        Set<String> lines = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                lines.add(form.ofBytes(Files.readAllBytes(file)).line());
            }
        }
        return lines;
    }
}
