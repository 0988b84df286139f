package org.mayfly.agent.runtime;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mayfly.agent.admin.AdminException;
import org.mayfly.agent.admin.ExitStatus;
import org.mayfly.agent.core.DoorPrefix;
import org.mayfly.agent.core.Service;
import org.mayfly.agent.core.Settings;
import org.mayfly.agent.state.StoredClient;
import org.mayfly.knock.Enrolment;
import org.mayfly.knock.Ip6Address;
import org.mayfly.knock.Ip6Prefix;
import org.mayfly.knock.ServerIdentity;
import org.mayfly.knock.ServiceOffer;

/**
 * Makes the URI a client is enrolled with.
 *
 * @param host where clients send their knocks at the time; null if nobody has said and the interface has no address for it
 * @param port of the UDP listener
 * @param tcpPort of the TCP listener, or 0
 * @param ownPrefix whether the door prefix is that of the server's own address at the time, and changes with it
 */
record Enrolments(
        ServerIdentity server, Supplier<@Nullable String> host, int port, int tcpPort, BooleanSupplier ownPrefix) {

    /** The URI; it holds the client's newest secret. */
    String uri(StoredClient client, Settings settings) {
        DoorPrefix doors = settings.guard().current();
        if (doors == null) {
            throw new AdminException(
                    ExitStatus.FAILED, "there is no door prefix to enrol a client for; set [door] prefix");
        }
        String at = host.get();
        if (at == null) {
            throw new AdminException(
                    ExitStatus.FAILED,
                    "it is not known where clients should knock; set [host] name, and restart mayflyd");
        }
        List<ServiceOffer> offers = client.services().stream()
                .map(name -> offer(name, settings.services()))
                .toList();
        if (offers.isEmpty()) {
            throw new AdminException(
                    ExitStatus.USAGE, "client " + client.name() + " may open no service; name one with --service");
        }
        return new Enrolment(
                        client.name(),
                        at,
                        port,
                        tcpPort,
                        offers,
                        client.keyset().primarySecret(),
                        server,
                        doors.space(),
                        follow(at, doors.space().prefix()))
                .toUri();
    }

    /**
     * How many bits of the door prefix are those of the host: all, where it is the prefix of our own address and the
     * host is a name, which leads to whatever our address is by then.
     */
    int follow(String at, Ip6Prefix prefix) {
        return ownPrefix.getAsBoolean() && !isAddress(at) ? prefix.length() : 0;
    }

    private static boolean isAddress(String host) {
        try {
            Ip6Address.parse(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static ServiceOffer offer(String name, Map<String, Service> services) {
        Service s = services.get(name);
        if (s == null) {
            throw new AdminException(
                    ExitStatus.USAGE, "no service \"" + name + "\" in the configuration; see: mayflyctl services");
        }
        return new ServiceOffer(name, s.port(), s.protocol().toString());
    }
}
