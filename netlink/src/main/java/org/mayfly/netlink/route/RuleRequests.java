package org.mayfly.netlink.route;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;

import java.io.IOException;
import java.util.List;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.conn.NetlinkConnection;

/** How the verbs for rules are asked. */
final class RuleRequests {
    private final NetlinkConnection connection;
    private final MessageWriter w = new MessageWriter(512);

    RuleRequests(NetlinkConnection connection) {
        this.connection = connection;
    }

    void add(Rule rule) throws IOException {
        request(Rule.RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
    }

    void delete(Rule rule) throws IOException {
        request(Rule.RTM_DELRULE, 0, rule);
    }

    private void request(int type, int flags, Rule rule) throws IOException {
        w.reset().begin(type, flags);
        rule.forRequest().write(w);
        w.end();
        connection.request(w);
    }

    List<Rule> list(int family) throws IOException {
        w.reset().begin(Rule.RTM_GETRULE, 0).u8(family).zeros(Rule.HEADER - 1).end();
        return connection.dump(w, Rule::read);
    }
}
