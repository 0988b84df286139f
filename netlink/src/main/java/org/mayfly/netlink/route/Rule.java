package org.mayfly.netlink.route;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.RawAttribute;

/**
 * A rule that says which packets look into which table of routes, as {@code ip rule} shows it.
 *
 * <pre>
 *  struct fib_rule_hdr:  | family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | res u16 | action u8 | flags u32 |
 * </pre>
 *
 * <p>Begin with {@link #of} and add what is wanted with the methods named {@code with…}.
 *
 * <p>Source: {@code linux/fib_rules.h}, {@code net/core/fib_rules.c}, ip-rule(8).
 *
 * @param family {@link Route#AF_INET} or {@link Route#AF_INET6}
 * @param priority which rule is asked first: 0 is that of the local table, 32766 that of the main one
 * @param action {@code FR_ACT_*}
 * @param table to look into, for {@link #FR_ACT_TO_TBL}; 0 if {@code l3mdev} chooses it
 * @param flags {@code FIB_RULE_*}
 * @param source prefix of packets that it is for; null for all
 * @param destination prefix of packets that it is for; null for all
 * @param tos type of service; 0 for all
 * @param mark of the firewall, of which {@code markMask} says which bits count; none if that is 0
 * @param incoming name of the interface; empty for all
 * @param outgoing name of the interface that a socket is bound to; empty for all
 * @param target priority of the rule to go on with, for {@link #FR_ACT_GOTO}
 * @param flow {@code FRA_FLOW}: the realms, that of the source in the upper 16 bits; IPv4
 * @param tunnelId {@code FRA_TUN_ID}; 0 for all
 * @param suppressPrefixLength routes found are not taken if their prefix is this long or shorter; -1 takes all
 * @param suppressGroup routes found are not taken if their interface is of this group; -1 takes all
 * @param l3mdev whether it is for packets of a VRF, whose table is looked into
 * @param uids of who owns the socket, as the user namespace of this process numbers them; null for all
 * @param protocol {@code RTPROT_*}: who put the rule there
 * @param ipProto 6 for TCP, 17 for UDP; 0 for all
 * @param sourcePorts null for all
 * @param destinationPorts null for all
 * @param unknown attributes that have no name here, as they came
 */
public record Rule(
        int family,
        long priority,
        int action,
        int table,
        int flags,
        @Nullable InetAddress source,
        int sourceLength,
        @Nullable InetAddress destination,
        int destinationLength,
        int tos,
        int mark,
        int markMask,
        String incoming,
        String outgoing,
        long target,
        int flow,
        long tunnelId,
        int suppressPrefixLength,
        int suppressGroup,
        boolean l3mdev,
        @Nullable Range uids,
        int protocol,
        int ipProto,
        @Nullable Range sourcePorts,
        @Nullable Range destinationPorts,
        List<RawAttribute> unknown) {
    public static final int FR_ACT_TO_TBL = 1;
    public static final int FR_ACT_GOTO = 2;
    public static final int FR_ACT_NOP = 3;
    public static final int FR_ACT_BLACKHOLE = 6;
    public static final int FR_ACT_UNREACHABLE = 7;
    public static final int FR_ACT_PROHIBIT = 8;

    /** It cannot be deleted. */
    public static final int FIB_RULE_PERMANENT = 0x01;
    /** It is for what does not match: {@code ip rule add not …}. */
    public static final int FIB_RULE_INVERT = 0x02;
    /** The rule that it goes to is not there. */
    public static final int FIB_RULE_UNRESOLVED = 0x04;
    /** The incoming interface is not there. */
    public static final int FIB_RULE_IIF_DETACHED = 0x08;
    /** The outgoing interface is not there. */
    public static final int FIB_RULE_OIF_DETACHED = 0x10;

    public static final int FIB_RULE_FIND_SADDR = 0x10000;

    static final int RTM_NEWRULE = 32;
    static final int RTM_DELRULE = 33;
    static final int RTM_GETRULE = 34;

    static final int HEADER = 12;

    static final AttributeNames NAMES = AttributeNames.of(
            "FRA_",
            "UNSPEC DST SRC IIFNAME GOTO UNUSED2 PRIORITY UNUSED3 UNUSED4 UNUSED5 FWMARK FLOW TUN_ID SUPPRESS_IFGROUP"
                    + " SUPPRESS_PREFIXLEN TABLE FWMASK OIFNAME PAD L3MDEV UID_RANGE PROTOCOL IP_PROTO SPORT_RANGE"
                    + " DPORT_RANGE DSCP FLOWLABEL FLOWLABEL_MASK SPORT_MASK DPORT_MASK DSCP_MASK");

    private static final int STATE = FIB_RULE_UNRESOLVED | FIB_RULE_IIF_DETACHED | FIB_RULE_OIF_DETACHED;

    /** From one number to another, both included. */
    public record Range(long first, long last) {}

    public Rule {
        unknown = List.copyOf(unknown);
    }

    Rule(RuleDraft d) {
        this(
                d.family,
                d.priority,
                d.action,
                d.table,
                d.flags,
                d.source,
                d.sourceLength,
                d.destination,
                d.destinationLength,
                d.tos,
                d.mark,
                d.markMask,
                d.incoming,
                d.outgoing,
                d.target,
                d.flow,
                d.tunnelId,
                d.suppressPrefixLength,
                d.suppressGroup,
                d.l3mdev,
                d.uids,
                d.protocol,
                d.ipProto,
                d.sourcePorts,
                d.destinationPorts,
                d.unknown);
    }

    /** A rule for all packets that does nothing, yet. */
    public static Rule of(int family, long priority) {
        return new RuleDraft(family, priority).rule();
    }

    /** Looks into a table: {@link #FR_ACT_TO_TBL}. */
    public Rule withTable(int table) {
        return edit(d -> {
            d.action = FR_ACT_TO_TBL;
            d.table = table;
        });
    }

    /** Looks into the table of the VRF that the packet is of. */
    public Rule withL3mdev() {
        return edit(d -> {
            d.action = FR_ACT_TO_TBL;
            d.table = 0;
            d.l3mdev = true;
        });
    }

    /** Goes on with the rule of that priority: {@link #FR_ACT_GOTO}. */
    public Rule withGoto(long target) {
        return edit(d -> {
            d.action = FR_ACT_GOTO;
            d.target = target;
        });
    }

    /** {@link #FR_ACT_BLACKHOLE} and its kind. */
    public Rule withAction(int action) {
        return edit(d -> d.action = action);
    }

    public Rule withFlags(int flags) {
        return edit(d -> d.flags = flags);
    }

    public Rule withSource(InetAddress prefix, int length) {
        return edit(d -> {
            d.source = prefix;
            d.sourceLength = length;
        });
    }

    public Rule withDestination(InetAddress prefix, int length) {
        return edit(d -> {
            d.destination = prefix;
            d.destinationLength = length;
        });
    }

    public Rule withTos(int tos) {
        return edit(d -> d.tos = tos);
    }

    public Rule withMark(int mark, int mask) {
        return edit(d -> {
            d.mark = mark;
            d.markMask = mask;
        });
    }

    public Rule withIncoming(String name) {
        return edit(d -> d.incoming = name);
    }

    public Rule withOutgoing(String name) {
        return edit(d -> d.outgoing = name);
    }

    public Rule withFlow(int flow) {
        return edit(d -> d.flow = flow);
    }

    public Rule withTunnelId(long tunnelId) {
        return edit(d -> d.tunnelId = tunnelId);
    }

    public Rule withSuppressPrefixLength(int length) {
        return edit(d -> d.suppressPrefixLength = length);
    }

    public Rule withSuppressGroup(int group) {
        return edit(d -> d.suppressGroup = group);
    }

    public Rule withUids(long first, long last) {
        return edit(d -> d.uids = new Range(first, last));
    }

    public Rule withProtocol(int protocol) {
        return edit(d -> d.protocol = protocol);
    }

    public Rule withIpProto(int ipProto) {
        return edit(d -> d.ipProto = ipProto);
    }

    public Rule withSourcePorts(int first, int last) {
        return edit(d -> d.sourcePorts = new Range(first, last));
    }

    public Rule withDestinationPorts(int first, int last) {
        return edit(d -> d.destinationPorts = new Range(first, last));
    }

    /** Attributes that this library has no name for, to be written behind the others. */
    public Rule withUnknown(List<RawAttribute> attributes) {
        return edit(d -> d.unknown = attributes);
    }

    private Rule edit(Consumer<RuleDraft> change) {
        RuleDraft d = new RuleDraft(this);
        change.accept(d);
        return d.rule();
    }

    /** What to ask of the kernel for this rule to be there: without what depends on what else is there. */
    Rule forRequest() {
        return withFlags(flags & ~STATE);
    }

    void write(MessageWriter w) {
        RuleCodec.write(this, w);
    }

    static @Nullable Rule read(int messageType, ByteBuffer b, int offset, int length) {
        return messageType == RTM_NEWRULE ? decode(b, offset, length) : null;
    }

    static Rule decode(ByteBuffer b, int offset, int length) {
        return RuleCodec.decode(b, offset, length);
    }
}
