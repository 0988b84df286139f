package org.mayfly.netlink.conntrack;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A flow has come, is not what it was, or is gone.
 *
 * @param flow of one that changed, only what has changed may be said, besides its tuples and id; of one that is gone, not
 *     all that it was like at the end
 */
public record FlowEvent(Flow flow, boolean gone) {
    /** Null for what is not about a flow. */
    static @Nullable FlowEvent read(int type, ByteBuffer b, int offset, int length) {
        return switch (type) {
            case Flow.IPCTNL_MSG_CT_NEW, Flow.IPCTNL_MSG_CT_DELETE ->
                new FlowEvent(Flow.decode(b, offset, length), type == Flow.IPCTNL_MSG_CT_DELETE);
            default -> null;
        };
    }
}
