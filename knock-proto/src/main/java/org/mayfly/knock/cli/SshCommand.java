package org.mayfly.knock.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Profile;
import org.mayfly.knock.client.Profiles;
import org.mayfly.knock.client.Ssh;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "ssh", description = "Start your own ssh, through a door. Its exit status is ssh's.")
final class SshCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(index = "0", paramLabel = "[USER@]NAME", description = "The profile.")
    String destination = "";

    @Parameters(index = "1..*", paramLabel = "ARG", description = "Options of ssh, and the command to run there.")
    List<String> arguments = new ArrayList<>();

    @Mixin
    KnockFlags flags = new KnockFlags();

    SshCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        String name = destination.substring(destination.lastIndexOf('@') + 1);
        if (destination.startsWith("-")) {
            throw Failure.usage("\"" + destination + "\" is not a profile: options of ssh come after NAME");
        }
        Profile profile = Profiles.of(streams.environment()).load(name);
        List<String> connect = new ArrayList<>(List.of("connect"));
        flags.options(); // so that a wrong one is reported here, and not by a command within a command
        connect.addAll(flags.words());
        connect.add(name);
        connect.add(profile.sshService().name());
        return Ssh.run(System.getProperty("mayfly.launcher", "mayfly"), connect, destination, name, arguments);
    }
}
