package org.mayfly.netlink.conntrack;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.NfGenMessage;
import org.mayfly.netlink.Vocabulary;

/** The messages of ctnetlink. Source: {@code enum cntl_msg_types} in {@code linux/netfilter/nfnetlink_conntrack.h}. */
final class ConntrackVocabulary implements Vocabulary {
    static final Vocabulary INSTANCE = new ConntrackVocabulary();

    private static final AttributeNames STATS = AttributeNames.of("CTA_STATS_GLOBAL_", "UNSPEC ENTRIES MAX_ENTRIES");

    private ConntrackVocabulary() {}

    @Override
    public @Nullable MessageKind kind(int type) {
        return switch (type) {
            case Flow.IPCTNL_MSG_CT_NEW -> kind("IPCTNL_MSG_CT_NEW", Flow.NAMES);
            case Flow.IPCTNL_MSG_CT_GET -> kind("IPCTNL_MSG_CT_GET", Flow.NAMES);
            case Flow.IPCTNL_MSG_CT_DELETE -> kind("IPCTNL_MSG_CT_DELETE", Flow.NAMES);
            case Conntrack.IPCTNL_MSG_CT_GET_STATS -> kind("IPCTNL_MSG_CT_GET_STATS", STATS);
            default -> null;
        };
    }

    private static MessageKind kind(String name, AttributeNames attributes) {
        return new MessageKind(name, NfGenMessage.LENGTH, attributes);
    }
}
