package org.mayfly.netlink.nft;

/**
 * A change does not fit into what is left of a batch's {@link org.mayfly.netlink.MessageWriter}. The batch is as it was
 * before: what it has can be committed, and the change be put into the next one, if they need not happen together.
 */
public final class BatchFullException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BatchFullException(String change, int length, int capacity) {
        super(change + " does not fit into a batch of " + length + " bytes, whose writer has room for " + capacity
                + ": commit what there is first, or use a larger writer");
    }
}
