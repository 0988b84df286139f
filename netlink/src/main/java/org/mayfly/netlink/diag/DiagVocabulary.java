package org.mayfly.netlink.diag;

import org.jspecify.annotations.Nullable;
import org.mayfly.netlink.AttributeNames;
import org.mayfly.netlink.MessageKind;
import org.mayfly.netlink.Vocabulary;

/** The messages of sock_diag. Source: {@code linux/sock_diag.h}, {@code linux/inet_diag.h}. */
final class DiagVocabulary implements Vocabulary {
    static final Vocabulary INSTANCE = new DiagVocabulary();

    /** Bytes of {@code struct inet_diag_req_v2}. */
    private static final int REQUEST = 56;

    private static final AttributeNames NAMES =
            AttributeNames.of("INET_DIAG_REQ_", "NONE BYTECODE SK_BPF_STORAGES PROTOCOL");

    private DiagVocabulary() {}

    @Override
    public @Nullable MessageKind kind(int type) {
        return switch (type) {
            case DiagSocket.SOCK_DIAG_BY_FAMILY -> new MessageKind("SOCK_DIAG_BY_FAMILY", REQUEST, NAMES);
            case DiagSocket.SOCK_DESTROY -> new MessageKind("SOCK_DESTROY", REQUEST, NAMES);
            default -> null;
        };
    }
}
