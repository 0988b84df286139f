package org.mayfly.netlink;

import java.io.IOException;

/** The kernel refused a request, or the way to it failed. Expected: what exists already is an {@code EEXIST}. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 2L;

    private final String operation;
    private final int errno;
    private final String kernelMessage;
    private final int offset;
    private final int sequence;
    private final int index;

    /**
     * @param operation what was asked, such as {@code RTM_NEWADDR}, or the system call that failed
     * @param errno the kernel's answer, positive
     * @param kernelMessage the text of the extended acknowledgement; empty if there was none
     * @param offset of the attribute that was wrong, in the request; 0 if the kernel did not say
     * @param sequence {@code nlmsg_seq} of the request; 0 if it was not about one
     * @param index which message of a batch was refused; 0 if it was the batch as a whole, or no batch
     */
    public NetlinkException(String operation, int errno, String kernelMessage, int offset, int sequence, int index) {
        super(operation + ": " + Errno.name(errno) + (kernelMessage.isEmpty() ? "" : ", " + kernelMessage)
                + (offset == 0 ? "" : " (at byte " + offset + " of the request)")
                + (index == 0 ? "" : " (message " + index + " of the batch)"));
        this.operation = operation;
        this.errno = errno;
        this.kernelMessage = kernelMessage;
        this.offset = offset;
        this.sequence = sequence;
        this.index = index;
    }

    /** An error that is not about one request of many. */
    public NetlinkException(String operation, int errno, String kernelMessage, int offset) {
        this(operation, errno, kernelMessage, offset, 0, 0);
    }

    /** A system call failed. */
    public NetlinkException(String call, int errno) {
        this(call, errno, "", 0, 0, 0);
    }

    public String operation() {
        return operation;
    }

    /** Positive, as in errno(3). */
    public int errno() {
        return errno;
    }

    /** {@code EEXIST} and its kind. */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** What the kernel said about it; empty if nothing. */
    public String kernelMessage() {
        return kernelMessage;
    }

    /** Of the attribute that the kernel disliked, counted from the request's header; 0 if it did not say. */
    public int offset() {
        return offset;
    }

    public int sequence() {
        return sequence;
    }

    /**
     * Which message of a batch was refused, counted from its beginning, which is 0 and stands for the batch as a whole.
     * The refusals of further messages are {@link #getSuppressed suppressed} exceptions of the first.
     */
    public int index() {
        return index;
    }
}
