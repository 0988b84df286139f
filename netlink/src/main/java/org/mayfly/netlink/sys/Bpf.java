package org.mayfly.netlink.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.mayfly.netlink.Errno;
import org.mayfly.netlink.NetlinkException;

/** bpf(2), and the options of socket(7) that give a socket a filter. Has no state: any thread may call. */
public final class Bpf {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_ATTACH_BPF = 50;

    /** {@code struct sock_filter}: {@code | code u16 | jt u8 | jf u8 | k u32 |}. */
    private static final int SOCK_FILTER = 8;

    /** A signal makes the verifier give up ({@code EAGAIN}). */
    private static final int TRIES = 5;

    private Bpf() {}

    /** {@code __NR_bpf} of {@code asm/unistd_64.h} and {@code asm-generic/unistd.h}; the C library has no call for it. */
    private static int number() throws NetlinkException {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64" -> 321;
            case "aarch64", "riscv64" -> 280;
            default ->
                throw new NetlinkException("bpf", Errno.ENOSYS, "not done for " + System.getProperty("os.arch"), 0);
        };
    }

    /**
     * Calls bpf(2). Descriptors that it gives are closed on exec.
     *
     * @param command {@code enum bpf_cmd} of {@code linux/bpf.h}
     * @param name of the command, for the error
     * @param attributes {@code union bpf_attr}, all of a direct buffer; the kernel writes into it
     * @return 0 or more
     */
    public static int call(int command, String name, ByteBuffer attributes) throws NetlinkException {
        long number = number();
        int errno = 0;
        for (int i = 0; i < TRIES; i++) {
            long result = Libc.CALLS.syscall(number, command, Libc.address(attributes), attributes.capacity());
            if (result >= 0) {
                return (int) result;
            }
            errno = Libc.errno();
            if (errno != Errno.EINTR && errno != Errno.EAGAIN) {
                break;
            }
        }
        throw new NetlinkException("bpf(" + name + ")", errno);
    }

    /**
     * Gives a socket an eBPF program as its filter, in place of one that it has.
     *
     * @param program of type {@code BPF_PROG_TYPE_SOCKET_FILTER}
     */
    public static void attach(int socket, int program) throws NetlinkException {
        ByteBuffer value = direct(Integer.BYTES).putInt(0, program);
        option(socket, SO_ATTACH_BPF, "SO_ATTACH_BPF", value);
    }

    /**
     * Gives a socket a program of classic BPF as its filter, in place of one that it has. Needs no capability.
     *
     * @param instructions each a {@code struct sock_filter}, all of a direct buffer
     */
    public static void filter(int socket, ByteBuffer instructions) throws NetlinkException {
        // struct sock_fprog: | len u16 | pad, 6 bytes | filter u64 |
        ByteBuffer program = direct(16);
        program.putShort(0, (short) (instructions.capacity() / SOCK_FILTER)).putLong(8, Libc.address(instructions));
        option(socket, SO_ATTACH_FILTER, "SO_ATTACH_FILTER", program);
    }

    private static void option(int socket, int option, String name, ByteBuffer value) throws NetlinkException {
        if (Libc.CALLS.setsockopt(socket, SOL_SOCKET, option, Libc.address(value), value.capacity()) < 0) {
            throw new NetlinkException("setsockopt(" + name + ")", Libc.errno());
        }
    }

    /** Memory that the kernel can be told of, in its byte order, zeroed. */
    public static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Where a direct buffer lies. It has to be kept until the kernel has read it. */
    public static long address(ByteBuffer direct) {
        return Libc.address(direct);
    }

    /** Closes what {@link #call} gave. */
    public static void close(int fd) {
        Libc.CALLS.close(fd);
    }
}
