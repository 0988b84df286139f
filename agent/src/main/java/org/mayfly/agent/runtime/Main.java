package org.mayfly.agent.runtime;

import org.mayfly.agent.cli.MayflydCommand;

/** {@code mayflyd}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(MayflydCommand.execute(new AgentDaemon(), new MachineCheck(), arguments));
    }
}
