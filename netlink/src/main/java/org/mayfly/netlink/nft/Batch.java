package org.mayfly.netlink.nft;

import static org.mayfly.netlink.NetlinkFlags.NLM_F_APPEND;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_CREATE;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_EXCL;
import static org.mayfly.netlink.NetlinkFlags.NLM_F_REPLACE;

import java.util.List;
import java.util.function.Consumer;
import org.mayfly.netlink.MessageWriter;

/**
 * Changes that happen together or not at all; {@link NfTables#commit} has the kernel do them.
 *
 * <pre>
 *  NFNL_MSG_BATCH_BEGIN | change | change | … | NFNL_MSG_BATCH_END
 * </pre>
 *
 * <p>A change that does not fit into the writer throws {@link BatchFullException} and leaves the batch as it was. What
 * the socket can send at once is a limit of its own, which the commit checks; {@link NfTables#addElements} goes beyond
 * both. Source: {@code nfnetlink_rcv_batch} in {@code net/netfilter/nfnetlink.c}.
 */
public final class Batch {
    private final BatchWriter out;
    private int sets;

    /**
     * Starts a batch: what the writer held is forgotten.
     *
     * @param generation of the ruleset that the changes were made for; if it is another by now, the commit fails with
     *     {@code ERESTART}. 0 to not ask.
     */
    public Batch(MessageWriter w, int generation) {
        out = new BatchWriter(w, false, generation);
    }

    public Batch(MessageWriter w) {
        this(w, 0);
    }

    /**
     * A batch that makes room for itself.
     *
     * @param generation as in the other constructor
     */
    public Batch(int generation) {
        out = new BatchWriter(new MessageWriter(BatchWriter.FIRST), true, generation);
    }

    /** A batch that makes room for itself. */
    public Batch() {
        this(0);
    }

    /**
     * Starts another batch, for any generation, whether or not this one was committed: what was written is forgotten.
     * Who makes the same change over and over makes no garbage like this.
     */
    public Batch clear() {
        sets = 0;
        out.clear(0);
        return this;
    }

    /** Adds a table; one that is there already is no error. */
    public Batch add(Table table) {
        return change(NftMessage.NEWTABLE, NLM_F_CREATE, table.family(), table::write);
    }

    /** Adds a table; one that is there already fails the batch with {@code EEXIST}. */
    public Batch create(Table table) {
        return change(NftMessage.NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, table.family(), table::write);
    }

    /** Deletes a table with all that is in it; one that is not there fails the batch with {@code ENOENT}. */
    public Batch delete(Table table) {
        return change(NftMessage.DELTABLE, 0, table.family(), w -> w.attrString(Table.NFTA_TABLE_NAME, table.name()));
    }

    /** Deletes all tables of a family but those that others own; with {@link NftFamily#UNSPEC} of all families. */
    public Batch flush(NftFamily family) {
        return change(NftMessage.DELTABLE, 0, family, w -> {});
    }

    /** Deletes all rules of all chains of a table. */
    public Batch flush(Table table) {
        return change(NftMessage.DELRULE, 0, table.family(), w -> w.attrString(Rule.NFTA_RULE_TABLE, table.name()));
    }

    /** Adds a chain; one that is there already, with the same hook, has its policy and counters set. */
    public Batch add(Chain chain) {
        return change(NftMessage.NEWCHAIN, NLM_F_CREATE, chain.family(), chain::write);
    }

    /** Adds a chain; one that is there already fails the batch with {@code EEXIST}. */
    public Batch create(Chain chain) {
        return change(NftMessage.NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, chain.family(), chain::write);
    }

    /** Deletes a chain with its rules; one that something jumps to fails the batch with {@code EBUSY}. */
    public Batch delete(Chain chain) {
        return change(NftMessage.DELCHAIN, 0, chain.family(), w -> w.attrString(Chain.NFTA_CHAIN_TABLE, chain.table())
                .attrString(Chain.NFTA_CHAIN_NAME, chain.name()));
    }

    /** Deletes all rules of a chain. */
    public Batch flush(Chain chain) {
        return change(NftMessage.DELRULE, 0, chain.family(), w -> w.attrString(Rule.NFTA_RULE_TABLE, chain.table())
                .attrString(Rule.NFTA_RULE_CHAIN, chain.name()));
    }

    /** Adds a rule at the end of its chain. */
    public Batch add(Rule rule) {
        return change(NftMessage.NEWRULE, NLM_F_CREATE | NLM_F_APPEND, rule.family(), rule::write);
    }

    /** Adds a rule at the beginning of its chain. */
    public Batch insert(Rule rule) {
        return change(NftMessage.NEWRULE, NLM_F_CREATE, rule.family(), rule::write);
    }

    /** Adds a rule right behind the one of its chain that has that handle. */
    public Batch addAfter(long handle, Rule rule) {
        return position(NLM_F_CREATE | NLM_F_APPEND, handle, rule);
    }

    /** Adds a rule right before the one of its chain that has that handle. */
    public Batch insertBefore(long handle, Rule rule) {
        return position(NLM_F_CREATE, handle, rule);
    }

    private Batch position(int flags, long handle, Rule rule) {
        return change(NftMessage.NEWRULE, flags, rule.family(), w -> {
            rule.write(w);
            w.attrBe64(Rule.NFTA_RULE_POSITION, handle);
        });
    }

    /**
     * Puts a rule into the place of the one that has its handle. On Linux 6.18 the new one keeps that handle; do not
     * rely on it for older kernels.
     */
    public Batch replace(Rule rule) {
        return change(NftMessage.NEWRULE, NLM_F_REPLACE, rule.family(), w -> {
            rule.write(w);
            w.attrBe64(Rule.NFTA_RULE_HANDLE, rule.handle());
        });
    }

    /** Deletes the rule that has the handle of that one. */
    public Batch delete(Rule rule) {
        return change(NftMessage.DELRULE, 0, rule.family(), w -> w.attrString(Rule.NFTA_RULE_TABLE, rule.table())
                .attrString(Rule.NFTA_RULE_CHAIN, rule.chain())
                .attrBe64(Rule.NFTA_RULE_HANDLE, rule.handle()));
    }

    /** Adds a set or a map; one that is there already, and is the same, is no error. */
    public Batch add(NftSet set) {
        int id = ++sets;
        return change(NftMessage.NEWSET, NLM_F_CREATE, set.family(), w -> set.write(w, id));
    }

    /** Adds a set or a map; one that is there already fails the batch with {@code EEXIST}. */
    public Batch create(NftSet set) {
        int id = ++sets;
        return change(NftMessage.NEWSET, NLM_F_CREATE | NLM_F_EXCL, set.family(), w -> set.write(w, id));
    }

    /** Deletes a set with its elements; one that a rule asks fails the batch with {@code EBUSY}. */
    public Batch delete(NftSet set) {
        return change(NftMessage.DELSET, 0, set.family(), w -> w.attrString(NftSet.NFTA_SET_TABLE, set.table())
                .attrString(NftSet.NFTA_SET_NAME, set.name()));
    }

    /**
     * Adds elements. One that is there already is no error; its timeout becomes the new one since Linux 6.12, and
     * before that stays as it was: see {@link #refresh}.
     */
    public Batch add(NftSet set, List<SetElement> elements) {
        return elements(NftMessage.NEWSETELEM, NLM_F_CREATE, set, elements);
    }

    /** Adds elements; one that is there already fails the batch with {@code EEXIST}. */
    public Batch create(NftSet set, List<SetElement> elements) {
        return elements(NftMessage.NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, set, elements);
    }

    /** Deletes elements; one that is not there fails the batch with {@code ENOENT}. */
    public Batch delete(NftSet set, List<SetElement> elements) {
        return elements(NftMessage.DELSETELEM, 0, set, elements);
    }

    /**
     * Has the set hold these elements with these timeouts, on every kernel and whether it had them or not: adds them
     * (or they could not be deleted), deletes them, and adds them anew. At no time does a packet find them missing. In
     * a map, one that is there has to lead to the same as before, or the batch fails with {@code EEXIST}.
     */
    public Batch refresh(NftSet set, List<SetElement> elements) {
        List<SetElement> keys = elements.stream().map(SetElement::keyAlone).toList();
        return add(set, elements).delete(set, keys).add(set, elements);
    }

    /** Deletes all elements. */
    public Batch flush(NftSet set) {
        return change(NftMessage.DELSETELEM, 0, set.family(), w -> ElementList.writeNames(w, set.table(), set.name()));
    }

    /** Adds a named object; one that is there already, and is of the same type, is no error. */
    public Batch add(NftObject object) {
        return change(NftMessage.NEWOBJ, NLM_F_CREATE, object.family(), object::write);
    }

    /** Adds a named object; one that is there already fails the batch with {@code EEXIST}. */
    public Batch create(NftObject object) {
        return change(NftMessage.NEWOBJ, NLM_F_CREATE | NLM_F_EXCL, object.family(), object::write);
    }

    /** Deletes a named object; one that something uses fails the batch with {@code EBUSY}. */
    public Batch delete(NftObject object) {
        return change(NftMessage.DELOBJ, 0, object.family(), w -> w.attrString(NftObject.NFTA_OBJ_TABLE, object.table())
                .attrString(NftObject.NFTA_OBJ_NAME, object.name())
                .attrBe32(NftObject.NFTA_OBJ_TYPE, object.type()));
    }

    private Batch change(int type, int flags, NftFamily family, Consumer<MessageWriter> body) {
        out.change(type, flags, family, body);
        return this;
    }

    private Batch elements(int type, int flags, NftSet set, List<SetElement> elements) {
        out.elements(type, flags, set, elements);
        return this;
    }

    /** Adds or deletes as many as there is room for. See {@link BatchWriter#some}. */
    int some(int type, int flags, NftSet set, List<SetElement> elements, int from) {
        return out.some(type, flags, set, elements, from);
    }

    boolean isEmpty() {
        return out.isEmpty();
    }

    /** All but the end, without which the kernel does nothing of it. */
    MessageWriter open() {
        return out.open();
    }

    /** Ends the batch; nothing can be added any more. */
    MessageWriter end() {
        return out.end();
    }
}
