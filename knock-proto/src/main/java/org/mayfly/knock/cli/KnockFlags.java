package org.mayfly.knock.cli;

import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.knock.Durations;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.KnockRequest;
import org.mayfly.knock.client.Carrier;
import org.mayfly.knock.client.Failure;
import org.mayfly.knock.client.KnockOptions;
import picocli.CommandLine.Option;

/** The options of every command that knocks. */
final class KnockFlags {
    @Option(names = "--tcp", description = "Knock over TCP only.")
    boolean tcp;

    @Option(names = "--udp", description = "Knock over UDP only.")
    boolean udp;

    @Option(names = "-4", description = "Use IPv4: knock over it, and ask for IPv4 unless --source is IPv6.")
    boolean ipv4;

    @Option(names = "-6", description = "Knock over IPv6 only.")
    boolean ipv6;

    @Option(names = "--source", paramLabel = "ADDR", description = "The address the connection will come from.")
    @Nullable
    Ip6Address source;

    @Option(names = "--lease", paramLabel = "DUR", description = "How long the door shall stand, such as 30s or 5m.")
    @Nullable
    Duration lease;

    KnockOptions options() throws Failure {
        if (tcp && udp) {
            throw Failure.usage("--tcp and --udp exclude each other");
        }
        if (ipv4 && ipv6) {
            throw Failure.usage("-4 and -6 exclude each other");
        }
        if (source != null && source.isUnspecified()) {
            throw Failure.usage("--source :: is no address to come from: leave --source out");
        }
        long seconds = lease == null ? 0 : lease.toSeconds();
        if (lease != null && (seconds < 1 || seconds > KnockRequest.MAX_LEASE_SECONDS)) {
            throw Failure.usage("--lease is 1s to " + KnockRequest.MAX_LEASE_SECONDS + "s");
        }
        StandardProtocolFamily family = ipv4 ? StandardProtocolFamily.INET : ipv6 ? StandardProtocolFamily.INET6 : null;
        Carrier carrier = tcp ? Carrier.TCP : udp ? Carrier.UDP : null;
        return new KnockOptions(family, carrier, source, seconds);
    }

    /** The same again, for the command line of another one of us. */
    List<String> words() {
        List<String> w = new ArrayList<>();
        if (tcp) {
            w.add("--tcp");
        }
        if (udp) {
            w.add("--udp");
        }
        if (ipv4) {
            w.add("-4");
        }
        if (ipv6) {
            w.add("-6");
        }
        if (source != null) {
            w.add("--source=" + source);
        }
        if (lease != null) {
            w.add("--lease=" + Durations.format(lease));
        }
        return w;
    }
}
