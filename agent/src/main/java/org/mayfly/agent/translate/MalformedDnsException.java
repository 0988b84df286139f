package org.mayfly.agent.translate;

import java.io.Serial;

/** Bytes that are no message of RFC 1035. */
final class MalformedDnsException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    /** Without a stack trace: anybody can cause one with a packet. */
    MalformedDnsException(String message) {
        super(message, null, false, false);
    }
}
