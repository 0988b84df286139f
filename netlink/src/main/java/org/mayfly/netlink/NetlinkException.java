package org.mayfly.netlink;

import java.io.IOException;

/** The kernel refused a request, or the way to it failed. */
public final class NetlinkException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;
    private final int offset;

    /**
     * @param operation what was asked, such as {@code RTM_NEWADDR}
     * @param errno the kernel's answer, positive
     * @param kernelMessage the text of the extended acknowledgement; empty if there was none
     * @param offset of the attribute that was wrong, in the request; 0 if the kernel did not say
     */
    public NetlinkException(String operation, int errno, String kernelMessage, int offset) {
        super(operation + ": " + Errno.name(errno) + (kernelMessage.isEmpty() ? "" : ", " + kernelMessage)
                + (offset == 0 ? "" : " (at byte " + offset + " of the request)"));
        this.errno = errno;
        this.offset = offset;
    }

    /** Positive, as in errno(3). */
    public int errno() {
        return errno;
    }

    public int offset() {
        return offset;
    }
}
