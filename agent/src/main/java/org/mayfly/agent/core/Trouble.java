package org.mayfly.agent.core;

/** Something that may fail again and again, and is told of once until it goes well again. */
final class Trouble {
    private final AgentListener listener;
    private boolean told;

    Trouble(AgentListener listener) {
        this.listener = listener;
    }

    void is(String message) {
        if (!told) {
            told = true;
            listener.warning(message);
        }
    }

    void isOver() {
        told = false;
    }
}
