package org.mayfly.agent.admin;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/** Answers as JSON: {@code lower_case_names}, nulls written out, times in RFC 3339 UTC to the millisecond. */
public final class Json {
    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .registerTypeAdapter(Instant.class, new Rfc3339().nullSafe())
            .setStrictness(Strictness.STRICT)
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private Json() {}

    /** One of the answer records, or a list or map of them, as the handler returns it. */
    public static JsonElement of(Object answer) {
        return GSON.toJsonTree(answer);
    }

    /**
     * Reads an answer back.
     *
     * @throws JsonParseException if it is of another shape
     */
    public static <T> T read(JsonElement json, Class<T> type) {
        return GSON.fromJson(json, type);
    }

    /**
     * Reads text, strictly.
     *
     * @throws JsonParseException if it is not one JSON document of that shape
     */
    static <T> T parse(String text, Class<T> type) {
        T value = GSON.fromJson(text, type);
        if (value == null) {
            throw new JsonParseException("nothing there");
        }
        return value;
    }

    /** On one line. */
    public static String write(JsonElement json) {
        return GSON.toJson(json);
    }

    private static final class Rfc3339 extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter out, Instant value) throws IOException {
            out.value(value.truncatedTo(ChronoUnit.MILLIS).toString());
        }

        @Override
        public Instant read(JsonReader in) throws IOException {
            String text = in.nextString();
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new JsonParseException("\"" + text + "\" is not a time in RFC 3339 UTC", e);
            }
        }
    }
}
