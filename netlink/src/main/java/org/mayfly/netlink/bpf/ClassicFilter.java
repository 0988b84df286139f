package org.mayfly.netlink.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.sys.Bpf;

/**
 * Filters of classic BPF, which need no capability ({@code Documentation/networking/filter.rst}).
 *
 * <pre>
 *  struct sock_filter:  | code u16 | jt u8 | jf u8 | k u32 |
 * </pre>
 */
public final class ClassicFilter {
    private static final short LD_W_LEN = 0x80;
    private static final short JMP_JEQ_K = 0x15;
    private static final short RET_K = 0x06;

    private ClassicFilter() {}

    /**
     * Has a socket take packets of one length alone, in place of a filter that it has.
     *
     * @param socket a descriptor
     * @param bytes of the packet as the socket's protocol has it: for UDP, with its header of 8 bytes
     */
    public static void onlyOfLength(int socket, int bytes) throws IOException {
        ByteBuffer b = Bpf.direct(4 * Long.BYTES);
        put(b, LD_W_LEN, 0, 0, 0);
        put(b, JMP_JEQ_K, 0, 1, bytes);
        put(b, RET_K, 0, 0, -1); // all of it
        put(b, RET_K, 0, 0, 0);
        Bpf.filter(socket, b);
    }

    private static void put(ByteBuffer b, short code, int jt, int jf, int k) {
        b.putShort(code).put((byte) jt).put((byte) jf).putInt(k);
    }
}
