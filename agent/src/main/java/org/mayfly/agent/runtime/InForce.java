package org.mayfly.agent.runtime;

import org.mayfly.agent.config.Configuration;
import org.mayfly.agent.config.DoorChoice;

/** What the agent goes by at the time: a reload changes it, and so does the machine. On the loop. */
final class InForce {
    private Configuration configuration;
    private DoorChoice door;

    InForce(Configuration configuration, DoorChoice door) {
        this.configuration = configuration;
        this.door = door;
    }

    Configuration configuration() {
        return configuration;
    }

    DoorChoice door() {
        return door;
    }

    void use(Configuration next, DoorChoice nextDoor) {
        configuration = next;
        door = nextDoor;
    }
}
