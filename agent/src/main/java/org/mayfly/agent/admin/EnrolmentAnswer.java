package org.mayfly.agent.admin;

/**
 * What a client is enrolled with.
 *
 * @param uri a secret: for the one who asked, and for no log
 */
public record EnrolmentAnswer(String name, String uri) {
    @Override
    public String toString() {
        return "EnrolmentAnswer(" + name + ", hidden)";
    }
}
