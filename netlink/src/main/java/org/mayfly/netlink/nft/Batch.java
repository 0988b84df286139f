package org.mayfly.netlink.nft;

import java.util.List;
import org.mayfly.netlink.MessageWriter;

/**
 * Changes that happen together or not at all. Written straight into a {@link MessageWriter}; {@link NfTables#commit}
 * sends it.
 *
 * <pre>
 *  NFNL_MSG_BATCH_BEGIN | change | change | … | NFNL_MSG_BATCH_END
 * </pre>
 *
 * <p>A batch is limited by the send buffer of the socket. Source: {@code nfnetlink_rcv_batch} in {@code
 * net/netfilter/nfnetlink.c}.
 */
public final class Batch {
    private static final int NFNL_BATCH_GENID = 1;

    /** Elements in one message: 64 KB is the most an attribute can be, and the largest element takes some 250 bytes. */
    private static final int ELEMENTS_PER_MESSAGE = 200;

    private final MessageWriter w;
    private int sets;
    private final int begun;
    private boolean ended;

    /**
     * Starts a batch: what the writer held is forgotten.
     *
     * @param generation of the ruleset that the changes were made for; if it is another by now, the commit fails with
     *     {@code ERESTART}. 0 to not ask.
     */
    public Batch(MessageWriter w, int generation) {
        this.w = w.reset();
        NftMessage.beginMark(w, NftMessage.NFNL_MSG_BATCH_BEGIN);
        if (generation != 0) {
            w.attrBe32(NFNL_BATCH_GENID, generation);
        }
        w.end();
        begun = w.length();
    }

    public Batch(MessageWriter w) {
        this(w, 0);
    }

    /** Adds a table; one that is there already is no error. */
    public Batch add(Table table) {
        table.write(NftMessage.begin(w, NftMessage.NEWTABLE, NftMessage.NLM_F_CREATE, table.family()));
        w.end();
        return this;
    }

    /** Deletes a table with all that is in it; one that is not there fails the batch with {@code ENOENT}. */
    public Batch delete(Table table) {
        NftMessage.begin(w, NftMessage.DELTABLE, 0, table.family())
                .attrString(Table.NFTA_TABLE_NAME, table.name())
                .end();
        return this;
    }

    /** Adds a chain; one that is there already, and is the same, is no error. */
    public Batch add(Chain chain) {
        chain.write(NftMessage.begin(w, NftMessage.NEWCHAIN, NftMessage.NLM_F_CREATE, chain.family()));
        w.end();
        return this;
    }

    /** Deletes a chain, which nothing may jump to. */
    public Batch delete(Chain chain) {
        NftMessage.begin(w, NftMessage.DELCHAIN, 0, chain.family())
                .attrString(Chain.NFTA_CHAIN_TABLE, chain.table())
                .attrString(Chain.NFTA_CHAIN_NAME, chain.name())
                .end();
        return this;
    }

    /** Adds a rule at the end of its chain. */
    public Batch add(Rule rule) {
        int flags = NftMessage.NLM_F_CREATE | NftMessage.NLM_F_APPEND;
        rule.write(NftMessage.begin(w, NftMessage.NEWRULE, flags, rule.family()));
        w.end();
        return this;
    }

    /** Deletes the rule that has the handle of that one. */
    public Batch delete(Rule rule) {
        NftMessage.begin(w, NftMessage.DELRULE, 0, rule.family())
                .attrString(Rule.NFTA_RULE_TABLE, rule.table())
                .attrString(Rule.NFTA_RULE_CHAIN, rule.chain())
                .attrBe64(Rule.NFTA_RULE_HANDLE, rule.handle())
                .end();
        return this;
    }

    /** Deletes all rules of a chain. */
    public Batch flush(Chain chain) {
        NftMessage.begin(w, NftMessage.DELRULE, 0, chain.family())
                .attrString(Rule.NFTA_RULE_TABLE, chain.table())
                .attrString(Rule.NFTA_RULE_CHAIN, chain.name())
                .end();
        return this;
    }

    /** Adds a set; one that is there already, and is the same, is no error. */
    public Batch add(NftSet set) {
        set.write(NftMessage.begin(w, NftMessage.NEWSET, NftMessage.NLM_F_CREATE, set.family()), ++sets);
        w.end();
        return this;
    }

    /** Deletes a set, which no rule may ask. */
    public Batch delete(NftSet set) {
        NftMessage.begin(w, NftMessage.DELSET, 0, set.family())
                .attrString(NftSet.NFTA_SET_TABLE, set.table())
                .attrString(NftSet.NFTA_SET_NAME, set.name())
                .end();
        return this;
    }

    /** Adds elements. On kernels before 6.12 one that is there already keeps its old deadline. */
    public Batch add(NftSet set, List<SetElement> elements) {
        return elements(NftMessage.NEWSETELEM, NftMessage.NLM_F_CREATE, set, elements);
    }

    /** Deletes elements; one that is not there fails the batch with {@code ENOENT}. */
    public Batch delete(NftSet set, List<SetElement> elements) {
        return elements(NftMessage.DELSETELEM, 0, set, elements);
    }

    /** Deletes all elements. */
    public Batch flush(NftSet set) {
        new ElementList(set.family(), set.table(), set.name(), List.of())
                .write(NftMessage.begin(w, NftMessage.DELSETELEM, 0, set.family()));
        w.end();
        return this;
    }

    private Batch elements(int type, int flags, NftSet set, List<SetElement> elements) {
        for (int i = 0; i < elements.size(); i += ELEMENTS_PER_MESSAGE) {
            int end = Math.min(i + ELEMENTS_PER_MESSAGE, elements.size());
            new ElementList(set.family(), set.table(), set.name(), elements.subList(i, end))
                    .write(NftMessage.begin(w, type, flags, set.family()));
            w.end();
        }
        return this;
    }

    boolean isEmpty() {
        return w.length() == begun;
    }

    /** Ends the batch; nothing can be added any more. */
    MessageWriter end() {
        if (!ended) {
            ended = true;
            NftMessage.beginMark(w, NftMessage.NFNL_MSG_BATCH_END).end();
        }
        return w;
    }
}
