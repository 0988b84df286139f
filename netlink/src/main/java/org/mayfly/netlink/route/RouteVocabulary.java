package org.mayfly.netlink.route;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.Vocabulary;

/** The messages of rtnetlink. Source: {@code linux/rtnetlink.h}. */
final class RouteVocabulary implements Vocabulary {
    static final Vocabulary INSTANCE = new RouteVocabulary();

    private RouteVocabulary() {}

    @Override
    public @Nullable MessageKind kind(int type) {
        return switch (type) {
            case Link.RTM_NEWLINK -> link("RTM_NEWLINK");
            case Link.RTM_DELLINK -> link("RTM_DELLINK");
            case Link.RTM_GETLINK -> link("RTM_GETLINK");
            case Neighbour.RTM_NEWNEIGH -> neighbour("RTM_NEWNEIGH");
            case Neighbour.RTM_DELNEIGH -> neighbour("RTM_DELNEIGH");
            case Neighbour.RTM_GETNEIGH -> neighbour("RTM_GETNEIGH");
            case Address.RTM_NEWADDR -> address("RTM_NEWADDR");
            case Address.RTM_DELADDR -> address("RTM_DELADDR");
            case Address.RTM_GETADDR -> address("RTM_GETADDR");
            case Membership.RTM_GETMULTICAST -> address("RTM_GETMULTICAST");
            case Membership.RTM_GETANYCAST -> address("RTM_GETANYCAST");
            case Route.RTM_NEWROUTE -> route("RTM_NEWROUTE");
            case Route.RTM_DELROUTE -> route("RTM_DELROUTE");
            case Route.RTM_GETROUTE -> route("RTM_GETROUTE");
            case Rule.RTM_NEWRULE -> rule("RTM_NEWRULE");
            case Rule.RTM_DELRULE -> rule("RTM_DELRULE");
            case Rule.RTM_GETRULE -> rule("RTM_GETRULE");
            case Prefix.RTM_NEWPREFIX -> new MessageKind("RTM_NEWPREFIX", Prefix.HEADER, Prefix.NAMES);
            case NetConf.RTM_NEWNETCONF -> settings("RTM_NEWNETCONF");
            case NetConf.RTM_DELNETCONF -> settings("RTM_DELNETCONF");
            case NetConf.RTM_GETNETCONF -> settings("RTM_GETNETCONF");
            default -> null;
        };
    }

    private static MessageKind link(String name) {
        return new MessageKind(name, Link.HEADER, Link.NAMES);
    }

    private static MessageKind neighbour(String name) {
        return new MessageKind(name, Neighbour.HEADER, Neighbour.NAMES);
    }

    private static MessageKind address(String name) {
        return new MessageKind(name, Address.HEADER, Address.NAMES);
    }

    private static MessageKind route(String name) {
        return new MessageKind(name, Route.HEADER, Route.NAMES);
    }

    private static MessageKind settings(String name) {
        return new MessageKind(name, NetConf.HEADER, NetConf.NAMES);
    }

    private static MessageKind rule(String name) {
        return new MessageKind(name, Rule.HEADER, Rule.NAMES);
    }
}
