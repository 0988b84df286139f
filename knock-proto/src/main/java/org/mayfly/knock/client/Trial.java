package org.mayfly.knock.client;

/**
 * What became of a way to the server.
 *
 * @param result {@code sent}, or why not, or what came back against it
 */
public record Trial(Way way, String result) {
    private static final String SENT = "sent";

    static Trial of(Delivery d) {
        String objection = d.objection();
        return new Trial(d.way(), objection != null ? objection : d.knock() != null ? SENT : "no answer");
    }

    /** Whether a knock went out this way, and nobody objected. */
    boolean isSent() {
        return result.equals(SENT);
    }

    /** {@code UDP 192.0.2.1:62201}, with what is wrong behind it. */
    @Override
    public String toString() {
        return isSent() ? way.toString() : way + " (" + result + ")";
    }
}
