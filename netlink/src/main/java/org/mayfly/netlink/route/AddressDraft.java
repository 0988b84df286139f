package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.RawAttribute;

/** An {@link Address} while it is read or changed. */
final class AddressDraft {
    /** {@code IFA_LOCAL}, which IPv6 gives only where there is a peer. */
    @Nullable
    InetAddress local;

    /** {@code IFA_ADDRESS}: the peer if there is one, else the address itself. */
    @Nullable
    InetAddress other;

    @Nullable
    InetAddress broadcast;

    int prefixLength;
    int flags;
    int scope;
    int index;
    long preferred = Address.FOREVER;
    long valid = Address.FOREVER;
    int protocol;
    String label = "";
    int routePriority;
    long created;
    long updated;
    int targetNetnsid = -1;
    List<RawAttribute> unknown = new ArrayList<>();

    AddressDraft() {}

    AddressDraft(Address a) {
        local = a.address();
        other = a.peer();
        broadcast = a.broadcast();
        prefixLength = a.prefixLength();
        flags = a.flags();
        scope = a.scope();
        index = a.index();
        preferred = a.preferredSeconds();
        valid = a.validSeconds();
        protocol = a.protocol();
        label = a.label();
        routePriority = a.routePriority();
        created = a.created();
        updated = a.updated();
        targetNetnsid = a.targetNetnsid();
        unknown.addAll(a.unknown());
    }

    Address address() {
        InetAddress own = Objects.requireNonNull(local == null ? other : local);
        return new Address(
                own,
                prefixLength,
                flags,
                scope,
                index,
                preferred,
                valid,
                protocol,
                own.equals(other) ? null : other,
                broadcast,
                label,
                routePriority,
                created,
                updated,
                targetNetnsid,
                unknown);
    }
}
