package org.mayfly.knock.cli;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.ServiceOffer;
import org.mayfly.knock.client.DoorWait;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.Knocker;
import org.mayfly.knock.client.Pipe;
import org.mayfly.knock.client.Profile;
import org.mayfly.knock.client.Profiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "connect",
        description = "Knock, wait for the door, and put the connection on standard input and output."
                + " In ssh_config: ProxyCommand mayfly connect %%h %%p")
final class ConnectCommand implements Callable<Integer> {
    private static final Duration KNOCK_AGAIN = Duration.ofSeconds(1);

    private final Streams streams;

    @Parameters(index = "0", paramLabel = "NAME", description = "The profile.")
    String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "SERVICE|PORT",
            description = "A service, or its port (the first).")
    @Nullable
    String service;

    @Option(names = "--wait", paramLabel = "DUR", description = "How long to wait for the door (5s).")
    Duration wait = Duration.ofSeconds(5);

    @Mixin
    KnockFlags flags = new KnockFlags();

    ConnectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws Failure {
        Profile profile = Profiles.of(streams.environment()).load(name);
        ServiceOffer wanted = service == null ? profile.firstService() : profile.service(service);
        Knocker knocker = Knocker.of(profile, wanted, flags.options(), Clock.systemUTC());
        DoorWait.Outcome outcome = DoorWait.await(knocker, wait, KNOCK_AGAIN);
        if (outcome instanceof DoorWait.Unanswered u) {
            throw Failure.failed(u.report());
        }
        if (outcome instanceof DoorWait.Reached r) {
            Pipe.run(r.channel(), streams.in(), streams.out());
        }
        return 0;
    }
}
