package org.mayfly.agent.gate;

import static org.mayfly.agent.gate.XdpProgram.AF_INET;
import static org.mayfly.agent.gate.XdpProgram.AF_INET6;
import static org.mayfly.agent.gate.XdpProgram.CONTEXT;
import static org.mayfly.agent.gate.XdpProgram.FRAME;
import static org.mayfly.agent.gate.XdpProgram.NETWORK;
import static org.mayfly.netlink.bpf.Alu.ADD;
import static org.mayfly.netlink.bpf.Alu.MOV;
import static org.mayfly.netlink.bpf.Helper.FIB_LOOKUP;
import static org.mayfly.netlink.bpf.Jump.JEQ;
import static org.mayfly.netlink.bpf.Jump.JNE;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R2;
import static org.mayfly.netlink.bpf.Register.R3;
import static org.mayfly.netlink.bpf.Register.R4;
import static org.mayfly.netlink.bpf.Size.B;
import static org.mayfly.netlink.bpf.Size.DW;
import static org.mayfly.netlink.bpf.Size.H;
import static org.mayfly.netlink.bpf.Size.W;

import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.Label;
import org.mayfly.netlink.bpf.Register;
import org.mayfly.netlink.bpf.Size;

/**
 * Asks whether this host would forward a packet: on a router, what is wrong at our gate may be right at somebody else's.
 *
 * <pre>
 *  struct bpf_fib_lookup:  | family u8 | l4_protocol u8 | sport be16 | dport be16 | tot_len u16 | ifindex u32 |
 *                          | tos u8, or flowinfo be32 | src, 16 bytes | dst, 16 bytes | 16 more that are filled in |
 * </pre>
 */
final class RouteLookup {
    /** {@code struct bpf_fib_lookup}. */
    static final int LENGTH = 64;

    private static final int FAMILY = 0;
    private static final int L4_PROTOCOL = 1;
    private static final int PORTS = 2;
    private static final int TOT_LEN = 6;
    private static final int IFINDEX = 8;
    private static final int FLOWINFO = 12;
    private static final int SOURCE = 16;

    private static final int IPPROTO_UDP = 17;

    /** {@code BPF_FIB_LKUP_RET_NOT_FWDED}: local, a group's, or there is no way to it. */
    private static final int NOT_FWDED = 4;

    /** {@code BPF_FIB_LKUP_RET_FWD_DISABLED}: the interface is no router's. */
    private static final int FWD_DISABLED = 5;

    /** {@code struct xdp_md}. */
    private static final int MD_INGRESS_IFINDEX = 12;

    /** {@code LOOPBACK_IFINDEX}. */
    private static final int LOOPBACK = 1;

    private final Assembler a;
    private final Register scratch;
    private final int at;
    private final Label forwarded;

    /**
     * Uses registers 0 to 5.
     *
     * @param scratch 7 or 8: {@link #LENGTH} bytes are there that this may change; not on the stack, where each eight would
     *     have to wait for those before, as long as the program has no CAP_PERFMON ({@code insn_aux_data.nospec_result})
     * @param at how far from there
     * @param forwarded where to go on if it would be, or if that cannot be told
     */
    RouteLookup(Assembler a, Register scratch, int at, Label forwarded) {
        this.a = a;
        this.scratch = scratch;
        this.at = at;
        this.forwarded = forwarded;
    }

    /**
     * Where this host forwards IPv4 at all, nothing of it is ours for certain: a packet for its address may be the answer to
     * one that it sent on under its own address (NAT), and the gate comes before conntrack, which knows. So addresses and
     * ports, of which the look-up would make a route, need not be right.
     */
    void four(Label ours) {
        put(B, FAMILY, AF_INET);
        put(H, TOT_LEN, 0);
        fromHere();
        a.jump(JEQ, R0, FWD_DISABLED, ours).jump(forwarded);
    }

    /**
     * An IPv6 router forwards what comes in on any interface, even on one whose own setting is not to: {@code ip6_forward()}
     * looks at "all". A lookup that begins at loopback, which is never set apart from "all", tells. It does not follow rules
     * for the interface; so where there are routes, what is not forwarded by the one has to be local by the other too.
     */
    void six(Label ours) {
        put(B, FAMILY, AF_INET6);
        put(W, FLOWINFO, 0);
        for (int i = 0; i < 32; i += Long.BYTES) {
            copy(DW, SOURCE + i, NETWORK + 8 + i);
        }
        rest(NETWORK + 40);
        put(W, IFINDEX, LOOPBACK);
        call();
        a.jump(JEQ, R0, FWD_DISABLED, ours).jump(JNE, R0, NOT_FWDED, forwarded);
        fromHere();
        a.jump(JEQ, R0, FWD_DISABLED, ours).jump(JNE, R0, NOT_FWDED, forwarded);
    }

    private void rest(int udp) {
        put(B, L4_PROTOCOL, IPPROTO_UDP);
        copy(H, PORTS, udp);
        copy(H, PORTS + 2, udp + 2);
        put(H, TOT_LEN, 0);
    }

    private void put(Size size, int to, int value) {
        a.store(size, scratch, at + to, value);
    }

    private void copy(Size size, int to, int from) {
        a.load(size, R0, FRAME, from).store(size, scratch, at + to, R0);
    }

    private void fromHere() {
        a.load(W, R0, CONTEXT, MD_INGRESS_IFINDEX).store(W, scratch, at + IFINDEX, R0);
        call();
    }

    private void call() {
        a.alu64(MOV, R1, CONTEXT).alu64(MOV, R2, scratch).alu64(ADD, R2, at);
        a.alu64(MOV, R3, LENGTH).alu64(MOV, R4, 0).call(FIB_LOOKUP);
    }
}
