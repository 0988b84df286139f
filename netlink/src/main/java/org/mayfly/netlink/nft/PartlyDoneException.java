package org.mayfly.netlink.nft;

import java.io.IOException;

/** Something that was done in parts failed behind the first of them. Its cause says why. */
public final class PartlyDoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int done;

    PartlyDoneException(String operation, int done, int of, Exception why) {
        super(operation + ": done with " + done + " of " + of + " elements, then: " + why.getMessage(), why);
        this.done = done;
    }

    /** How many elements, from the first one on, it was done with. */
    public int done() {
        return done;
    }
}
