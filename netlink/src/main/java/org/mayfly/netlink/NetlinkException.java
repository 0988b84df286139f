package org.mayfly.netlink;

import java.io.IOException;
import java.util.StringJoiner;

/** The kernel refused a request, or the way to it failed. Expected: what exists already is an {@code EEXIST}. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 3L;

    private final String operation;
    private final int errno;
    private final String kernelMessage;
    private final int offset;
    private final String path;
    private final int sequence;
    private final int index;

    /**
     * What the kernel refused.
     *
     * @param operation what was asked, such as {@code RTM_NEWADDR}
     * @param ack what the kernel said
     * @param path of the attribute it said it of; empty if that cannot be told
     * @param sequence {@code nlmsg_seq} of the request
     * @param index which message of a batch was refused; 0 if it was the batch as a whole, or no batch
     */
    public NetlinkException(String operation, ExtendedAck ack, String path, int sequence, int index) {
        super(text(operation, ack.errno(), ack.message()) + details(ack, path, index));
        this.operation = operation;
        this.errno = ack.errno();
        this.kernelMessage = ack.message();
        this.offset = ack.offset();
        this.path = path;
        this.sequence = sequence;
        this.index = index;
    }

    /**
     * @param operation what was asked, such as {@code RTM_NEWADDR}, or the system call that failed
     * @param errno the kernel's answer, positive
     * @param why in words
     * @param sequence {@code nlmsg_seq} of the request; 0 if it was not about one
     */
    public NetlinkException(String operation, int errno, String why, int sequence) {
        super(text(operation, errno, why));
        this.operation = operation;
        this.errno = errno;
        this.kernelMessage = why;
        this.offset = 0;
        this.path = "";
        this.sequence = sequence;
        this.index = 0;
    }

    /** A system call failed. */
    public NetlinkException(String call, int errno) {
        this(call, errno, "", 0);
    }

    private static String text(String operation, int errno, String why) {
        return operation + ": " + Errno.name(errno) + (why.isEmpty() ? "" : ", " + why);
    }

    private static String details(ExtendedAck ack, String path, int index) {
        StringJoiner details = new StringJoiner(", ", " (", ")").setEmptyValue("");
        if (index > 0) {
            details.add("message " + index + " of the batch");
        }
        if (ack.missing() >= 0) {
            details.add((path.isEmpty() ? "attribute " + ack.missing() : path) + " is missing");
        } else if (!path.isEmpty()) {
            details.add("at " + path);
        } else if (ack.offset() > 0) {
            details.add("at byte " + ack.offset() + " of the request");
        }
        return details.toString();
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

    /**
     * The way to the attribute that the kernel disliked or missed: {@code IFLA_LINKINFO/IFLA_INFO_KIND}, in a batch with
     * the message's name before it; a number for what has no name. Empty if the kernel did not say.
     */
    public String path() {
        return path;
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
