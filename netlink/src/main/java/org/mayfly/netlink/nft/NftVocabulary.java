package org.mayfly.netlink.nft;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.Vocabulary;

/** The messages of nf_tables. Source: {@code enum nf_tables_msg_types} in {@code linux/netfilter/nf_tables.h}. */
final class NftVocabulary implements Vocabulary {
    static final Vocabulary INSTANCE = new NftVocabulary();

    private static final AttributeNames BATCH = AttributeNames.of("NFNL_BATCH_", "UNSPEC GENID");
    private static final AttributeNames GENERATION = AttributeNames.of("NFTA_GEN_", "UNSPEC ID PROC_PID PROC_NAME");

    private NftVocabulary() {}

    @Override
    public @Nullable MessageKind kind(int type) {
        return switch (type) {
            case NftMessage.NFNL_MSG_BATCH_BEGIN -> kind("NFNL_MSG_BATCH_BEGIN", BATCH);
            case NftMessage.NFNL_MSG_BATCH_END -> kind("NFNL_MSG_BATCH_END", BATCH);
            case NftMessage.NEWTABLE -> kind("NFT_MSG_NEWTABLE", Table.NAMES);
            case NftMessage.GETTABLE -> kind("NFT_MSG_GETTABLE", Table.NAMES);
            case NftMessage.DELTABLE -> kind("NFT_MSG_DELTABLE", Table.NAMES);
            case NftMessage.NEWCHAIN -> kind("NFT_MSG_NEWCHAIN", Chain.NAMES);
            case NftMessage.GETCHAIN -> kind("NFT_MSG_GETCHAIN", Chain.NAMES);
            case NftMessage.DELCHAIN -> kind("NFT_MSG_DELCHAIN", Chain.NAMES);
            case NftMessage.NEWRULE -> kind("NFT_MSG_NEWRULE", Rule.NAMES);
            case NftMessage.GETRULE -> kind("NFT_MSG_GETRULE", Rule.NAMES);
            case NftMessage.DELRULE -> kind("NFT_MSG_DELRULE", Rule.NAMES);
            case NftMessage.NEWSET -> kind("NFT_MSG_NEWSET", NftSet.NAMES);
            case NftMessage.GETSET -> kind("NFT_MSG_GETSET", NftSet.NAMES);
            case NftMessage.DELSET -> kind("NFT_MSG_DELSET", NftSet.NAMES);
            case NftMessage.NEWSETELEM -> kind("NFT_MSG_NEWSETELEM", ElementList.NAMES);
            case NftMessage.GETSETELEM -> kind("NFT_MSG_GETSETELEM", ElementList.NAMES);
            case NftMessage.DELSETELEM -> kind("NFT_MSG_DELSETELEM", ElementList.NAMES);
            case NftMessage.NEWOBJ -> kind("NFT_MSG_NEWOBJ", NftObject.NAMES);
            case NftMessage.GETOBJ -> kind("NFT_MSG_GETOBJ", NftObject.NAMES);
            case NftMessage.DELOBJ -> kind("NFT_MSG_DELOBJ", NftObject.NAMES);
            case NftMessage.GETOBJ_RESET -> kind("NFT_MSG_GETOBJ_RESET", NftObject.NAMES);
            case NftMessage.GETGEN -> kind("NFT_MSG_GETGEN", GENERATION);
            default -> null;
        };
    }

    private static MessageKind kind(String name, AttributeNames attributes) {
        return new MessageKind(name, NftMessage.NFGENMSG, attributes);
    }
}
