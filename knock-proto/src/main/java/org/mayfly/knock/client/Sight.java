package org.mayfly.knock.client;

import java.io.IOException;

/** What became of an attempt to connect, the more telling the later in this list. */
enum Sight {
    NO_ANSWER("no answer"),
    UNREACHABLE("unreachable"),
    REFUSED("refused");

    private final String text;

    Sight(String text) {
        this.text = text;
    }

    static Sight of(IOException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("refused")) {
            return REFUSED;
        }
        return text.contains("timed out") ? NO_ANSWER : UNREACHABLE;
    }

    @Override
    public String toString() {
        return text;
    }
}
