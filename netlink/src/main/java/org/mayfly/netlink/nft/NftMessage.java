package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.MessageWriter;
import org.mayfly.netlink.NfGenMessage;

/**
 * The messages of nf_tables, and what each begins with. Source: {@code linux/netfilter/nfnetlink.h}, {@code
 * linux/netfilter/nf_tables.h} ({@code NFT_MSG_*}).
 */
final class NftMessage {
    static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    static final int NFNL_MSG_BATCH_END = 0x11;

    static final int NEWTABLE = 0xa00;
    static final int GETTABLE = 0xa01;
    static final int DELTABLE = 0xa02;
    static final int NEWCHAIN = 0xa03;
    static final int GETCHAIN = 0xa04;
    static final int DELCHAIN = 0xa05;
    static final int NEWRULE = 0xa06;
    static final int GETRULE = 0xa07;
    static final int DELRULE = 0xa08;
    static final int NEWSET = 0xa09;
    static final int GETSET = 0xa0a;
    static final int DELSET = 0xa0b;
    static final int NEWSETELEM = 0xa0c;
    static final int GETSETELEM = 0xa0d;
    static final int DELSETELEM = 0xa0e;
    static final int NEWGEN = 0xa0f;
    static final int GETGEN = 0xa10;

    static final int NEWOBJ = 0xa12;
    static final int GETOBJ = 0xa13;
    static final int DELOBJ = 0xa14;
    static final int GETOBJ_RESET = 0xa15;

    /** {@code NFNL_SUBSYS_NFTABLES}: which subsystem a batch is for. */
    private static final int SUBSYSTEM = 10;

    /** Bytes of {@code struct nfgenmsg}. */
    static final int NFGENMSG = NfGenMessage.LENGTH;

    private NftMessage() {}

    static MessageWriter begin(MessageWriter w, int type, int flags, NftFamily family) {
        return NfGenMessage.begin(w, type, flags, family.number(), 0);
    }

    /** {@code NFNL_MSG_BATCH_BEGIN} or {@code _END}: without a family, and with the subsystem in network order. */
    static MessageWriter beginMark(MessageWriter w, int type) {
        return NfGenMessage.begin(w, type, 0, 0, SUBSYSTEM);
    }

    /**
     * @param at where the payload begins, after the netlink header
     * @param length bytes of it
     */
    static NftFamily family(ByteBuffer message, int at, int length) {
        return NftFamily.of(NfGenMessage.family(message, at, length));
    }

    static AttributeReader attributes(ByteBuffer message, int at, int length) {
        return NfGenMessage.attributes(message, at, length);
    }
}
