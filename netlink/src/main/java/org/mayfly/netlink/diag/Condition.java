package org.mayfly.netlink.diag;

import java.net.Inet4Address;
import java.net.InetAddress;
import org.mayfly.netlink.MessageWriter;

/**
 * A condition of a {@link SocketFilter}, and how the kernel's little machine is told of it.
 *
 * <pre>
 *  struct inet_diag_bc_op:    | code u8 | yes u8 | no u16 |          jumps, in bytes from this operation on
 *  struct inet_diag_hostcond: | family u8 | prefix_len u8 | pad u16 | port s32 | address |
 * </pre>
 *
 * <p>The machine only goes forward, and takes a socket when it arrives exactly at the end. A condition that holds goes
 * on right behind itself ({@code yes} must be its own length), and one that does not hold goes wherever it is told to;
 * where the whole is to fail that is four bytes behind the end. Source: {@code inet_diag_bc_audit}, {@code
 * inet_diag_bc_run} in {@code net/ipv4/inet_diag.c}.
 */
sealed interface Condition
        permits Condition.Any,
                Condition.Prefix,
                Condition.Port,
                Condition.Bound,
                Condition.Interface,
                Condition.Mark,
                Condition.Cgroup,
                Combination {
    int INET_DIAG_BC_JMP = 1;
    int INET_DIAG_BC_S_GE = 2;
    int INET_DIAG_BC_S_LE = 3;
    int INET_DIAG_BC_D_GE = 4;
    int INET_DIAG_BC_D_LE = 5;
    int INET_DIAG_BC_S_COND = 7;
    int INET_DIAG_BC_D_COND = 8;
    int INET_DIAG_BC_DEV_COND = 9;
    int INET_DIAG_BC_MARK_COND = 10;
    int INET_DIAG_BC_CGROUP_COND = 13;

    /** Bytes of {@code struct inet_diag_bc_op}. */
    int OPERATION = 4;

    /** Bytes of {@code struct inet_diag_hostcond} without an address. */
    int HOST = 8;

    /** In {@code inet_diag_hostcond.port}. */
    int ANY_PORT = -1;

    /** Bits: the families of which a socket can be to which this applies. */
    int FOUR = 1;

    int SIX = 2;

    /** Bytes of its operations. */
    int length();

    /**
     * @param failure how far it is from its first byte to where it goes if it does not hold; if it does, it goes on
     *     behind its last
     */
    void write(MessageWriter w, int failure);

    /** {@link #FOUR} and {@link #SIX}. */
    default int families() {
        return FOUR | SIX;
    }

    /** The one port that a socket must have if this is to apply; 0 if there is no such. */
    default int port(boolean local) {
        return 0;
    }

    static MessageWriter operation(MessageWriter w, int code, int yes, int no) {
        return w.u8(code).u8(yes).u16(no);
    }

    /** Applies to all. */
    record Any() implements Condition {
        @Override
        public int length() {
            return 0;
        }

        @Override
        public void write(MessageWriter w, int failure) {}

        @Override
        public String toString() {
            return "";
        }
    }

    /** An address of one end, or its first bits. */
    record Prefix(boolean local, InetAddress address, int bits) implements Condition {
        public Prefix {
            if (bits < 0 || bits > 8 * address.getAddress().length) {
                throw new IllegalArgumentException("a prefix of " + bits + " bits of " + address);
            }
        }

        private boolean isFour() {
            return address instanceof Inet4Address;
        }

        @Override
        public int length() {
            return OPERATION + HOST + (isFour() ? 4 : 16);
        }

        @Override
        public void write(MessageWriter w, int failure) {
            operation(w, local ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, length(), failure)
                    .u8(isFour() ? DiagSocket.AF_INET : DiagSocket.AF_INET6)
                    .u8(bits)
                    .u16(0)
                    .u32(ANY_PORT)
                    .bytes(address.getAddress());
        }

        @Override
        public int families() {
            return isFour() ? FOUR | SIX : SIX;
        }

        @Override
        public String toString() {
            return (local ? "src " : "dst ") + address.getHostAddress() + "/" + bits;
        }
    }

    /** The port of one end; four bytes of no address go with it, as with {@code ss}. */
    record Port(boolean local, int number) implements Condition {
        public Port {
            check(number);
        }

        static void check(int number) {
            if (number < 0 || number > 0xffff) {
                throw new IllegalArgumentException("port " + number);
            }
        }

        @Override
        public int length() {
            return OPERATION + HOST + 4;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            operation(w, local ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, length(), failure)
                    .u8(0)
                    .u8(0)
                    .u16(0)
                    .u32(number)
                    .zeros(4);
        }

        @Override
        public int port(boolean ofLocal) {
            return local == ofLocal ? number : 0;
        }

        @Override
        public String toString() {
            return (local ? "sport = :" : "dport = :") + number;
        }
    }

    /** The least port of one end, or the greatest. It stands where an operation has its {@code no}. */
    record Bound(boolean local, boolean least, int number) implements Condition {
        public Bound {
            Port.check(number);
        }

        @Override
        public int length() {
            return 2 * OPERATION;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            int code = local
                    ? least ? INET_DIAG_BC_S_GE : INET_DIAG_BC_S_LE
                    : least ? INET_DIAG_BC_D_GE : INET_DIAG_BC_D_LE;
            operation(operation(w, code, length(), failure), 0, 0, number);
        }

        @Override
        public String toString() {
            return (local ? "sport " : "dport ") + (least ? ">= :" : "<= :") + number;
        }
    }

    /** The interface a socket is bound to. */
    record Interface(int index) implements Condition {
        @Override
        public int length() {
            return OPERATION + 4;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            operation(w, INET_DIAG_BC_DEV_COND, length(), failure).u32(index);
        }

        @Override
        public String toString() {
            return "dev = " + index;
        }
    }

    /** Bits of a socket's mark. */
    record Mark(int value, int mask) implements Condition {
        @Override
        public int length() {
            return OPERATION + 8;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            operation(w, INET_DIAG_BC_MARK_COND, length(), failure).u32(value).u32(mask);
        }

        @Override
        public String toString() {
            return "fwmark = 0x%x/0x%x".formatted(value, mask);
        }
    }

    /** The cgroup of a socket, by its number. */
    record Cgroup(long id) implements Condition {
        @Override
        public int length() {
            return OPERATION + 8;
        }

        @Override
        public void write(MessageWriter w, int failure) {
            operation(w, INET_DIAG_BC_CGROUP_COND, length(), failure).u64(id);
        }

        @Override
        public String toString() {
            return "cgroup = " + id;
        }
    }
}
