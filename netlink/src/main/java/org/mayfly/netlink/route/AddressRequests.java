package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REPLACE;

import java.io.IOException;
import java.util.List;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/** How the verbs for addresses are asked. */
final class AddressRequests {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(512);

    AddressRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    void add(Address address) throws IOException {
        put(address, NLM_F_CREATE | NLM_F_EXCL);
    }

    void replace(Address address) throws IOException {
        put(address, NLM_F_CREATE | NLM_F_REPLACE);
    }

    private void put(Address address, int flags) throws IOException {
        w.reset().begin(Address.RTM_NEWADDR, flags);
        address.write(w);
        w.end();
        connection.request(w);
    }

    void delete(Address address) throws IOException {
        w.reset().begin(Address.RTM_DELADDR, 0);
        address.writeKey(w);
        w.end();
        connection.request(w);
    }

    List<Address> list(AddressFilter filter) throws IOException {
        return dump(Address.RTM_GETADDR, filter, Address::read);
    }

    List<Membership> multicast(AddressFilter filter) throws IOException {
        return memberships(Membership.RTM_GETMULTICAST, filter);
    }

    List<Membership> anycast(AddressFilter filter) throws IOException {
        return memberships(Membership.RTM_GETANYCAST, filter);
    }

    private List<Membership> memberships(int type, AddressFilter filter) throws IOException {
        return dump(type, filter, (t, b, offset, length) -> Membership.decode(b, offset, length));
    }

    private <T> List<T> dump(int type, AddressFilter filter, NetlinkConnection.Decoder<T> decoder) throws IOException {
        w.reset().begin(type, 0);
        filter.write(w);
        w.end();
        return connection.dump(w, decoder);
    }
}
