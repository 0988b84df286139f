package org.mayfly.netlink.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.Bpf;

/**
 * A program on an interface, held there by a {@code bpf_link}: until the link is closed, which the end of the process does
 * too, however it ends. It stays when the interface goes down and up; when the interface is deleted, it is on none.
 *
 * <pre>
 *  BPF_LINK_CREATE:         | prog_fd u32 | target_ifindex u32 | attach_type u32 | flags u32 |
 *  BPF_OBJ_GET_INFO_BY_FD:  | bpf_fd u32 | info_len u32 | info u64 |
 *  struct bpf_link_info:    | type u32 | id u32 | prog_id u32 | pad u32 | ifindex u32, for XDP |
 * </pre>
 */
public final class XdpLink implements AutoCloseable {
    private static final int OBJ_GET_INFO_BY_FD = 15;
    private static final int LINK_CREATE = 28;
    private static final int BPF_XDP = 37;
    private static final int INFO = 64;

    private final int fd;
    private boolean closed;

    /** Where on its way in a packet meets the program: {@code XDP_FLAGS_…}. */
    public enum Mode {
        /** In the driver ({@code XDP_FLAGS_DRV_MODE}). */
        NATIVE(1 << 2),
        /** Behind the driver, which need not know of it ({@code XDP_FLAGS_SKB_MODE}). */
        GENERIC(1 << 1);

        final int flag;

        Mode(int flag) {
            this.flag = flag;
        }
    }

    private XdpLink(int fd) {
        this.fd = fd;
    }

    /**
     * Attaches a program, in the network namespace of the calling thread.
     *
     * @throws NetlinkException with {@code EBUSY} or {@code EEXIST} if there is a program, whoever put it there;
     *     {@code EINVAL} if there is no such interface; {@code EPERM} without CAP_NET_ADMIN; with one of many errors if the
     *     driver does not do it, with this program or this MTU
     */
    public static XdpLink attach(BpfProgram program, int ifindex, Mode mode) throws IOException {
        return new XdpLink(new Attributes()
                .u32(0, program.fd())
                .u32(4, ifindex)
                .u32(8, BPF_XDP)
                .u32(12, mode.flag)
                .call(LINK_CREATE, "BPF_LINK_CREATE"));
    }

    /** Of the interface; 0 if that was deleted, or the link was closed. */
    public int ifindex() throws IOException {
        if (closed) {
            return 0;
        }
        ByteBuffer info = Bpf.direct(INFO);
        new Attributes().u32(0, fd).u32(4, INFO).pointer(8, info).call(OBJ_GET_INFO_BY_FD, "BPF_OBJ_GET_INFO_BY_FD");
        return info.getInt(16);
    }

    /** Takes the program off the interface. A second time does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Bpf.close(fd);
        }
    }
}
