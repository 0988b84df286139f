package org.mayfly.netlink;

/** The kernel (or somebody who claims to be it) sent bytes that are not a netlink message. */
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int offset;

    /**
     * @param what what is wrong
     * @param offset at which byte of the buffer
     */
    public MalformedMessageException(String what, int offset) {
        super(what + " (at byte " + offset + ")");
        this.offset = offset;
    }

    /** At which byte of the buffer. */
    public int offset() {
        return offset;
    }
}
