package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.RawAttribute;

/** A {@link Rule} while it is read or changed. */
final class RuleDraft {
    int family;
    long priority;
    int action = Rule.FR_ACT_NOP;
    int table;
    int flags;

    @Nullable
    InetAddress source;

    int sourceLength;

    @Nullable
    InetAddress destination;

    int destinationLength;
    int tos;
    int mark;
    int markMask;
    String incoming = "";
    String outgoing = "";
    long target;
    int flow;
    long tunnelId;
    int suppressPrefixLength = -1;
    int suppressGroup = -1;
    boolean l3mdev;

    Rule.@Nullable Range uids;

    int protocol;
    int ipProto;

    Rule.@Nullable Range sourcePorts;

    Rule.@Nullable Range destinationPorts;

    List<RawAttribute> unknown = new ArrayList<>();

    RuleDraft(int family, long priority) {
        this.family = family;
        this.priority = priority;
    }

    RuleDraft(Rule r) {
        family = r.family();
        priority = r.priority();
        action = r.action();
        table = r.table();
        flags = r.flags();
        source = r.source();
        sourceLength = r.sourceLength();
        destination = r.destination();
        destinationLength = r.destinationLength();
        tos = r.tos();
        mark = r.mark();
        markMask = r.markMask();
        incoming = r.incoming();
        outgoing = r.outgoing();
        target = r.target();
        flow = r.flow();
        tunnelId = r.tunnelId();
        suppressPrefixLength = r.suppressPrefixLength();
        suppressGroup = r.suppressGroup();
        l3mdev = r.l3mdev();
        uids = r.uids();
        protocol = r.protocol();
        ipProto = r.ipProto();
        sourcePorts = r.sourcePorts();
        destinationPorts = r.destinationPorts();
        unknown.addAll(r.unknown());
    }

    Rule rule() {
        return new Rule(this);
    }
}
