package org.mayfly.netlink.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;
import org.mayfly.netlink.sys.Bpf;

/**
 * A program that the kernel has verified and compiled. It lives for as long as it is open or attached to something.
 *
 * <pre>
 *  BPF_PROG_LOAD:      | prog_type u32 | insn_cnt u32 | insns u64 | license u64 | log_level u32 | log_size u32 |
 *                      | log_buf u64 | kern_version u32 | prog_flags u32 | prog_name, 16 bytes |
 *  BPF_PROG_TEST_RUN:  | prog_fd u32 | retval u32 | data_size_in u32 | data_size_out u32 | data_in u64 |
 *                      | data_out u64 | repeat u32 | duration u32 |
 * </pre>
 */
public final class BpfProgram implements AutoCloseable {
    private static final int PROG_LOAD = 5;
    private static final int PROG_TEST_RUN = 10;
    private static final int LOG = 1 << 20;

    private final int fd;
    private boolean closed;

    /** What a program is for: {@code BPF_PROG_TYPE_…}. */
    public enum Type {
        /** Decides how many bytes of a packet a socket takes; 0 drops it. */
        SOCKET_FILTER(1),
        /** Decides what becomes of a packet when it comes in on an interface. Needs CAP_NET_ADMIN too. */
        XDP(6);

        final int number;

        Type(int number) {
            this.number = number;
        }
    }

    /**
     * How a trial went.
     *
     * @param answer of the program
     * @param nanoseconds that it took, on average
     */
    public record Trial(int answer, int nanoseconds) {}

    private BpfProgram(int fd) {
        this.fd = fd;
    }

    /**
     * Has the kernel verify a program.
     *
     * @param name of 15 characters at most: letters, digits, {@code _} and {@code .}
     * @param licence as {@code MODULE_LICENSE} spells it; some helpers want one that is compatible with the GPL
     * @throws NetlinkException with {@code EPERM} without CAP_BPF; with what the verifier said last if it refused
     */
    public static BpfProgram load(Type type, String name, String licence, Instructions program) throws IOException {
        ByteBuffer instructions = program.direct();
        ByteBuffer text = terminated(licence);
        Attributes a = new Attributes()
                .u32(0, type.number)
                .u32(4, program.count())
                .pointer(8, instructions)
                .pointer(16, text)
                .name(48, name);
        try {
            return new BpfProgram(a.call(PROG_LOAD, "BPF_PROG_LOAD"));
        } catch (NetlinkException e) {
            if (e.errno() == Errno.EPERM || e.errno() == Errno.ENOSYS) {
                throw e;
            }
            return explained(a, e);
        }
    }

    /** Once more, with a log: to write one costs more than all the rest. */
    private static BpfProgram explained(Attributes a, NetlinkException first) throws IOException {
        ByteBuffer log = Bpf.direct(LOG);
        a.u32(24, 1).u32(28, LOG).pointer(32, log);
        try {
            return new BpfProgram(a.call(PROG_LOAD, "BPF_PROG_LOAD"));
        } catch (NetlinkException e) {
            throw new NetlinkException(first.operation(), first.errno(), complaint(log), 0);
        }
    }

    /** The last line of the log but for the statistics after it. */
    private static String complaint(ByteBuffer log) {
        int end = 0;
        while (end < log.capacity() && log.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end];
        log.get(0, text);
        return new String(text, StandardCharsets.US_ASCII)
                .lines()
                .filter(line ->
                        !line.isBlank() && !line.startsWith("processed ") && !line.startsWith("verification time"))
                .reduce("", (before, line) -> line)
                .strip();
    }

    private static ByteBuffer terminated(String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        return Bpf.direct(ascii.length + 1).put(0, ascii);
    }

    /**
     * Runs it as if a packet had come in, in the network namespace of the calling thread. An XDP program sees the loopback
     * interface; a socket filter sees the packet without its first 14 bytes, the Ethernet header.
     *
     * @param packet from its Ethernet header on; longer than that, and than the kernel's own least
     * @param times that it runs, at least 1
     */
    public Trial run(byte[] packet, int times) throws IOException {
        ByteBuffer data = Bpf.direct(packet.length).put(0, packet);
        Attributes a = new Attributes()
                .u32(0, fd())
                .u32(8, packet.length)
                .pointer(16, data)
                .u32(32, times);
        a.call(PROG_TEST_RUN, "BPF_PROG_TEST_RUN");
        return new Trial(a.u32(4), a.u32(36));
    }

    /**
     * Makes it the filter of a socket, in place of one that the socket has. The socket keeps it until it is closed.
     *
     * @param socket a descriptor
     */
    public void attach(int socket) throws IOException {
        Bpf.attach(socket, fd());
    }

    int fd() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        return fd;
    }

    /** A second time does nothing. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Bpf.close(fd);
        }
    }
}
