package org.mayfly.agent.admin;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What was asked. An argument that is null counts as not given. */
public record AdminRequest(AdminCommand command, JsonObject arguments) {

    /**
     * Reads a line.
     *
     * @throws AdminException with status 2 if it is not a request, or not one that this agent knows
     */
    static AdminRequest parse(String line) {
        JsonObject envelope;
        try {
            envelope = Json.parse(line, JsonObject.class);
        } catch (JsonParseException e) {
            throw wrong("a request is one JSON object on one line, such as {\"command\":\"status\"}");
        }
        if (!(envelope.get("command") instanceof JsonPrimitive word) || !word.isString()) {
            throw wrong("the request has no \"command\"");
        }
        AdminCommand command = AdminCommand.of(word.getAsString());
        if (command == null) {
            throw wrong("this agent has no command \"" + word.getAsString() + "\"; mayflyctl may be newer than it");
        }
        JsonElement arguments = envelope.get("arguments");
        if (arguments == null || arguments.isJsonNull()) {
            return new AdminRequest(command, new JsonObject());
        }
        if (!(arguments instanceof JsonObject object)) {
            throw wrong("\"arguments\" has to be an object");
        }
        for (String name : new TreeSet<>(object.keySet())) {
            if (!command.arguments().contains(name)) {
                throw wrong(command + " has no argument \"" + name + "\"; mayflyctl may be newer than the agent");
            }
        }
        return new AdminRequest(command, object);
    }

    /** The line that asks for it. */
    String toLine() {
        JsonObject envelope = new JsonObject();
        envelope.addProperty("command", command.word());
        envelope.add("arguments", arguments);
        return Json.write(envelope);
    }

    /** @throws AdminException with status 2 if it is missing or not text */
    public String text(String name) {
        String value = optionalText(name);
        if (value == null) {
            throw wrong(command + " needs \"" + name + "\"");
        }
        return value;
    }

    /**
     * @return null if it was not given
     * @throws AdminException with status 2 if it is not text
     */
    public @Nullable String optionalText(String name) {
        JsonElement value = given(name);
        return value == null ? null : asText(name, value);
    }

    /**
     * @return empty if it was not given
     * @throws AdminException with status 2 if it is not an array of texts
     */
    public List<String> texts(String name) {
        JsonElement value = given(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong("\"" + name + "\" has to be an array of texts");
        }
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(asText(name, element)));
        return List.copyOf(texts);
    }

    /**
     * @return false if it was not given
     * @throws AdminException with status 2 if it is not true or false
     */
    public boolean flag(String name) {
        JsonElement value = given(name);
        if (value == null) {
            return false;
        }
        if (!(value instanceof JsonPrimitive primitive) || !primitive.isBoolean()) {
            throw wrong("\"" + name + "\" has to be true or false");
        }
        return primitive.getAsBoolean();
    }

    private @Nullable JsonElement given(String name) {
        if (!command.arguments().contains(name)) {
            throw new IllegalArgumentException(command + " has no argument " + name);
        }
        JsonElement value = arguments.get(name);
        return value == null || value.isJsonNull() ? null : value;
    }

    private static String asText(String name, JsonElement value) {
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            return primitive.getAsString();
        }
        throw wrong("\"" + name + "\" has to be text");
    }

    private static AdminException wrong(String message) {
        return new AdminException(ExitStatus.USAGE, message);
    }
}
