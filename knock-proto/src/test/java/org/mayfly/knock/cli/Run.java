package org.mayfly.knock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Profiles;

/**
 * One run of the command, and what every run has to keep to: nothing of the secrets in what it prints, and with a
 * failure one line on standard error.
 */
record Run(int status, String out, String err) {
    static final String PROFILE = "lab";

    /** A user with one profile, {@link #PROFILE}. */
    record User(Path home, Enrolment enrolment) {
        static User of(Path home, Enrolment enrolment) throws Failure {
            new Profiles(home).save(PROFILE, enrolment, true);
            return new User(home, enrolment);
        }

        Run run(String... args) {
            return run(InputStream.nullInputStream(), args);
        }

        Run runWith(String input, String... args) {
            return run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), args);
        }

        private Run run(InputStream in, String... args) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
            int status = Mayfly.run(new Streams(in, out, errors, Map.of("MAYFLY_HOME", home.toString())), args);
            Run r = new Run(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
            r.hides(enrolment.clientSecret().copy());
            r.hides(enrolment.server().gate().secret().copy());
            return r;
        }
    }

    private void hides(byte[] secret) {
        String all = (out + err).toLowerCase(Locale.ROOT);
        for (String text : List.of(
                Base64.getUrlEncoder().withoutPadding().encodeToString(secret),
                Base64.getEncoder().withoutPadding().encodeToString(secret),
                HexFormat.of().formatHex(secret))) {
            // the first half is enough of it to be too much
            assertFalse(all.contains(text.substring(0, text.length() / 2).toLowerCase(Locale.ROOT)), all);
        }
    }

    /** Succeeded, and had nothing to complain about. */
    Run ok() {
        assertEquals("", err);
        assertEquals(0, status);
        return this;
    }

    /** Failed as told; gives the one line. */
    String failed(int expected) {
        assertEquals(1, err.lines().count(), err);
        assertFalse(err.contains("\tat ") || err.contains("Exception"), err);
        assertEquals(expected, status, err);
        return err.strip();
    }

    String line() {
        assertEquals(1, out.lines().count(), out);
        return out.strip();
    }

    JsonObject json() {
        return JsonParser.parseString(line()).getAsJsonObject();
    }
}
