package org.mayfly.agent.admin;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;

/** The envelope of an answer. */
final class AdminAnswer {
    private static final int LONGEST_ERROR = 1000;

    private AdminAnswer() {}

    static String ok(JsonElement result) {
        JsonObject envelope = new JsonObject();
        envelope.addProperty("ok", true);
        envelope.add("result", result);
        return Json.write(envelope);
    }

    /** One of a stream. */
    static String more(JsonElement result) {
        JsonObject envelope = new JsonObject();
        envelope.addProperty("ok", true);
        envelope.addProperty("more", true);
        envelope.add("result", result);
        return Json.write(envelope);
    }

    static String refusal(AdminException refused) {
        JsonObject envelope = new JsonObject();
        envelope.addProperty("ok", false);
        envelope.addProperty("status", refused.status());
        envelope.addProperty("error", oneLine(String.valueOf(refused.getMessage())));
        return Json.write(envelope);
    }

    private static String oneLine(String message) {
        String line = message.strip().replaceAll("[\\s;]*\\R\\s*", "; ");
        return line.length() <= LONGEST_ERROR ? line : line.substring(0, LONGEST_ERROR) + "…";
    }

    /**
     * What a line from the agent says.
     *
     * @throws AdminException if it says that the request was refused, or is not an answer
     */
    static JsonElement open(String line) {
        JsonObject envelope;
        try {
            envelope = Json.parse(line, JsonObject.class);
        } catch (JsonParseException e) {
            throw notAnAnswer(e);
        }
        if (new JsonPrimitive(true).equals(envelope.get("ok"))) {
            JsonElement result = envelope.get("result");
            return result == null ? JsonNull.INSTANCE : result;
        }
        if (envelope.get("status") instanceof JsonPrimitive status
                && envelope.get("error") instanceof JsonPrimitive error) {
            throw new AdminException(statusOf(status), error.getAsString());
        }
        throw notAnAnswer(new JsonParseException("neither ok nor an error"));
    }

    private static int statusOf(JsonPrimitive status) {
        return switch (status.getAsString()) {
            case "2" -> ExitStatus.USAGE;
            case "3" -> ExitStatus.NOT_PERMITTED;
            default -> ExitStatus.FAILED;
        };
    }

    private static AdminException notAnAnswer(JsonParseException cause) {
        return new AdminException(
                ExitStatus.FAILED,
                "what answers on the socket does not speak as mayflyd does; is --socket right?",
                cause);
    }
}
