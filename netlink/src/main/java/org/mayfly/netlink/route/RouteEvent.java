package org.mayfly.netlink.route;

import java.nio.ByteBuffer;
import org.mayfly.netlink.Bytes;

/** Something in the kernel's tables came, changed, or went. Source: rtnetlink(7). */
public sealed interface RouteEvent {
    /** {@code RTM_NEWLINK}, also for every change of its state; {@code RTM_DELLINK} if gone. */
    record LinkChanged(Link link, boolean gone) implements RouteEvent {}

    /**
     * What a bridge tells of one of its ports: a link message of family {@link Link#AF_BRIDGE}. That one is gone means that
     * the interface has left the bridge, not that it is no more.
     */
    record BridgePortChanged(Link port, boolean gone) implements RouteEvent {}

    /**
     * {@code RTM_NEWNEIGH}, also for every change of its state; {@code RTM_DELNEIGH} if gone. What a bridge learns (family
     * {@link Link#AF_BRIDGE}) is told as well; of proxy entries nothing is.
     */
    record NeighbourChanged(Neighbour neighbour, boolean gone) implements RouteEvent {}

    /** {@code RTM_NEWADDR}, also when its flags or lifetimes change; {@code RTM_DELADDR} if gone, by expiry too. */
    record AddressChanged(Address address, boolean gone) implements RouteEvent {}

    /** {@code RTM_NEWMULTICAST}, {@code RTM_NEWANYCAST}; {@code RTM_DELMULTICAST}, {@code RTM_DELANYCAST} if gone. */
    record MembershipChanged(Membership membership, boolean gone) implements RouteEvent {}

    /** {@code RTM_NEWROUTE}, {@code RTM_DELROUTE} if gone. */
    record RouteChanged(Route route, boolean gone) implements RouteEvent {}

    /** {@code RTM_NEWRULE}, {@code RTM_DELRULE} if gone. */
    record RuleChanged(Rule rule, boolean gone) implements RouteEvent {}

    /** {@code RTM_NEWPREFIX}: a router has advertised it, perhaps not for the first time. */
    record PrefixChanged(Prefix prefix) implements RouteEvent {}

    /** {@code RTM_NEWNETCONF}: what is set; {@code RTM_DELNETCONF} if the interface is gone. */
    record NetConfChanged(NetConf settings, boolean gone) implements RouteEvent {}

    /** A message that has no name here. */
    record Unknown(int type, Bytes payload) implements RouteEvent {}

    /**
     * @param type {@code nlmsg_type}
     * @param offset of the payload
     * @param length of the payload
     * @throws org.mayfly.netlink.MalformedMessageException if it is none
     */
    static RouteEvent read(int type, ByteBuffer b, int offset, int length) {
        return switch (type) {
            case Link.RTM_NEWLINK, Link.RTM_DELLINK -> ofLink(Link.decode(b, offset, length), type == Link.RTM_DELLINK);
            case Neighbour.RTM_NEWNEIGH, Neighbour.RTM_DELNEIGH ->
                new NeighbourChanged(Neighbour.decode(b, offset, length), type == Neighbour.RTM_DELNEIGH);
            case Address.RTM_NEWADDR, Address.RTM_DELADDR ->
                new AddressChanged(Address.decode(b, offset, length), type == Address.RTM_DELADDR);
            case Membership.RTM_NEWMULTICAST, Membership.RTM_NEWANYCAST ->
                new MembershipChanged(Membership.decode(b, offset, length), false);
            case Membership.RTM_DELMULTICAST, Membership.RTM_DELANYCAST ->
                new MembershipChanged(Membership.decode(b, offset, length), true);
            case Route.RTM_NEWROUTE, Route.RTM_DELROUTE ->
                new RouteChanged(Route.decode(b, offset, length), type == Route.RTM_DELROUTE);
            case Rule.RTM_NEWRULE, Rule.RTM_DELRULE ->
                new RuleChanged(Rule.decode(b, offset, length), type == Rule.RTM_DELRULE);
            case Prefix.RTM_NEWPREFIX -> new PrefixChanged(Prefix.decode(b, offset, length));
            case NetConf.RTM_NEWNETCONF, NetConf.RTM_DELNETCONF ->
                new NetConfChanged(NetConf.decode(b, offset, length), type == NetConf.RTM_DELNETCONF);
            default -> {
                byte[] payload = new byte[length];
                b.get(offset, payload);
                yield new Unknown(type, Bytes.of(payload));
            }
        };
    }

    private static RouteEvent ofLink(Link link, boolean gone) {
        return link.family() == Link.AF_BRIDGE ? new BridgePortChanged(link, gone) : new LinkChanged(link, gone);
    }
}
