package org.mayfly.netlink.nft;

import java.nio.ByteBuffer;
import java.util.List;
import org.mayfly.netlink.AttributeReader;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.MalformedMessageException;

/**
 * Something in nf_tables came, changed, or went. The changes of a batch come together, with its {@link Generation}
 * behind them. Of what went the kernel tells little more than the name and the handle. Source: {@code nf_tables_commit}
 * in {@code net/netfilter/nf_tables_api.c}.
 */
public sealed interface NftEvent {
    /** {@code NFT_MSG_NEWTABLE}; {@code NFT_MSG_DELTABLE} if gone. */
    record TableChanged(Table table, boolean gone) implements NftEvent {}

    /** {@code NFT_MSG_NEWCHAIN}, also when its policy changes; {@code NFT_MSG_DELCHAIN} if gone. */
    record ChainChanged(Chain chain, boolean gone) implements NftEvent {}

    /** {@code NFT_MSG_NEWRULE}; {@code NFT_MSG_DELRULE} if gone. One that is replaced goes, and another one comes. */
    record RuleChanged(Rule rule, boolean gone) implements NftEvent {}

    /** {@code NFT_MSG_NEWSET}; {@code NFT_MSG_DELSET} if gone. */
    record SetChanged(NftSet set, boolean gone) implements NftEvent {}

    /**
     * {@code NFT_MSG_NEWSETELEM}; {@code NFT_MSG_DELSETELEM} if gone. The kernel tells of no element that expires.
     *
     * @param set its name
     */
    record ElementsChanged(NftFamily family, String table, String set, List<SetElement> elements, boolean gone)
            implements NftEvent {
        public ElementsChanged {
            elements = List.copyOf(elements);
        }
    }

    /** {@code NFT_MSG_NEWOBJ}; {@code NFT_MSG_DELOBJ} if gone. */
    record ObjectChanged(NftObject object, boolean gone) implements NftEvent {}

    /**
     * {@code NFT_MSG_NEWGEN}: a batch has happened, and all its changes have been told.
     *
     * @param id what {@link NfTables#generation} gives from now on, until the next batch
     * @param pid the thread that sent it, by its number in the initial pid namespace; 0 if the kernel did not say. To know
     *     one's own, see {@link org.mayfly.netlink.conn.Events#portId}
     * @param process its name; empty if the kernel did not say
     */
    record Generation(int id, int pid, String process) implements NftEvent {
        private static final int NFTA_GEN_ID = 1;
        private static final int NFTA_GEN_PROC_PID = 2;
        private static final int NFTA_GEN_PROC_NAME = 3;

        static Generation decode(ByteBuffer b, int offset, int length) {
            AttributeReader a = NftMessage.attributes(b, offset, length);
            Integer id = null;
            int pid = 0;
            String process = "";
            while (a.next()) {
                switch (a.type()) {
                    case NFTA_GEN_ID -> id = a.be32();
                    case NFTA_GEN_PROC_PID -> pid = a.be32();
                    case NFTA_GEN_PROC_NAME -> process = a.string();
                    default -> {
                        // nothing that the kernel says today
                    }
                }
            }
            if (id == null) {
                throw new MalformedMessageException("a generation without an id", offset);
            }
            return new Generation(id, pid, process);
        }
    }

    /** A message that has no name here, of a flowtable perhaps. */
    record Unknown(int type, Bytes payload) implements NftEvent {}

    /**
     * @param type {@code nlmsg_type}
     * @param offset of the payload
     * @param length of the payload
     * @throws MalformedMessageException if it is none
     */
    static NftEvent read(int type, ByteBuffer b, int offset, int length) {
        return switch (type) {
            case NftMessage.NEWTABLE, NftMessage.DELTABLE ->
                new TableChanged(Table.decode(b, offset, length), type == NftMessage.DELTABLE);
            case NftMessage.NEWCHAIN, NftMessage.DELCHAIN ->
                new ChainChanged(Chain.decode(b, offset, length), type == NftMessage.DELCHAIN);
            case NftMessage.NEWRULE, NftMessage.DELRULE ->
                new RuleChanged(Rule.decode(b, offset, length), type == NftMessage.DELRULE);
            case NftMessage.NEWSET, NftMessage.DELSET ->
                new SetChanged(NftSet.decode(b, offset, length), type == NftMessage.DELSET);
            case NftMessage.NEWSETELEM, NftMessage.DELSETELEM ->
                elements(ElementList.decode(b, offset, length), type == NftMessage.DELSETELEM);
            case NftMessage.NEWOBJ, NftMessage.DELOBJ ->
                new ObjectChanged(NftObject.decode(b, offset, length), type == NftMessage.DELOBJ);
            case NftMessage.NEWGEN -> Generation.decode(b, offset, length);
            default -> {
                byte[] payload = new byte[length];
                b.get(offset, payload);
                yield new Unknown(type, Bytes.of(payload));
            }
        };
    }

    private static NftEvent elements(ElementList list, boolean gone) {
        return new ElementsChanged(list.family(), list.table(), list.set(), list.elements(), gone);
    }
}
