package org.mayfly.agent.gate;

import static org.mayfly.netlink.bpf.Alu.ADD;
import static org.mayfly.netlink.bpf.Alu.AND;
import static org.mayfly.netlink.bpf.Alu.MOV;
import static org.mayfly.netlink.bpf.Jump.JEQ;
import static org.mayfly.netlink.bpf.Jump.JGT;
import static org.mayfly.netlink.bpf.Jump.JNE;
import static org.mayfly.netlink.bpf.Jump.JSET;
import static org.mayfly.netlink.bpf.Register.R0;
import static org.mayfly.netlink.bpf.Register.R1;
import static org.mayfly.netlink.bpf.Register.R5;
import static org.mayfly.netlink.bpf.Register.R6;
import static org.mayfly.netlink.bpf.Register.R7;
import static org.mayfly.netlink.bpf.Register.R8;
import static org.mayfly.netlink.bpf.Register.R9;
import static org.mayfly.netlink.bpf.Size.B;
import static org.mayfly.netlink.bpf.Size.H;
import static org.mayfly.netlink.bpf.Size.W;

import org.mayfly.knock.Packet;
import org.mayfly.netlink.Bytes;
import org.mayfly.netlink.bpf.Assembler;
import org.mayfly.netlink.bpf.BpfMap;
import org.mayfly.netlink.bpf.Instructions;
import org.mayfly.netlink.bpf.Label;
import org.mayfly.netlink.bpf.Register;
import org.mayfly.netlink.route.LinkLayerAddress;

/**
 * The gate on an Ethernet interface. It looks at plain UDP packets for a socket of this host that takes knocks, and passes all
 * else as it is, among that what it does not understand: VLANs, IPv4 options, IPv6 extension headers, fragments. Without pointers that
 * a packet moves, which would need CAP_PERFMON: every header is where it is when there are no options.
 */
final class XdpProgram {
    /** {@code enum xdp_action}. */
    static final int XDP_DROP = 1;

    static final int XDP_PASS = 2;

    /** {@code struct xdp_md}. */
    private static final int MD_DATA = 0;

    private static final int MD_DATA_END = 4;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int ETHERTYPE = 12;
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int IPPROTO_UDP = 17;

    /** Where the network header is. */
    static final int NETWORK = 14;

    /** RFC 791, without options. */
    private static final int IPV4 = 20;

    private static final int IPV4_NO_OPTIONS = 0x45;
    private static final int IPV4_TOTAL_LENGTH = NETWORK + 2;
    private static final int IPV4_FRAGMENT = NETWORK + 6;

    /** "More fragments", and the offset. */
    private static final int IPV4_IS_FRAGMENT = 0x3fff;

    private static final int IPV4_PROTOCOL = NETWORK + 9;
    private static final int IPV4_DESTINATION = NETWORK + 16;

    /** RFC 8200. */
    private static final int IPV6 = 40;

    private static final int IPV6_VERSION = 0x60;
    private static final int IPV6_PAYLOAD_LENGTH = NETWORK + 4;
    private static final int IPV6_NEXT_HEADER = NETWORK + 6;
    private static final int IPV6_DESTINATION = NETWORK + 24;

    /** RFC 768. */
    private static final int UDP = 8;

    private static final int UDP_DESTINATION = 2;
    private static final int UDP_LENGTH = 4;

    /** Below the frame pointer. */
    private static final int INDEX = -Integer.BYTES;

    /** Where all lies, for as long as the program runs. */
    static final Register CONTEXT = R6;

    static final Register FRAME = R9;

    /** {@code AF_INET} or {@code AF_INET6}: the verifier has to know which of the headers has been found to be there. */
    static final Register FAMILY = R8;

    /** Of the frame; until the tag is checked. */
    private static final Register END = R5;

    /** The packet, and later, why it is dropped. */
    private static final Register KNOCK = R7;

    private static final Register WHY = R7;

    /** When the family has been told apart for the last time. */
    private static final Register COUNTERS = R8;

    private final Assembler a = new Assembler();
    private final Label six = new Label("IPv6");
    private final Label check = new Label("check of the tag");
    private final Label length = new Label("wrong length");
    private final Label tag = new Label("wrong tag");
    private final Label suspect = new Label("wrong");
    private final Label pass = new Label("pass");
    private final BpfMap key;
    private final Counters counters;
    private final Destinations destinations;

    private XdpProgram(BpfMap key, Counters counters, Destinations destinations) {
        this.key = key;
        this.counters = counters;
        this.destinations = destinations;
    }

    /**
     * @param destinations of IPv4, of IPv6 or of both
     * @param address of the interface: of 6 bytes
     */
    static Instructions write(BpfMap key, Counters counters, Destinations destinations, LinkLayerAddress address) {
        XdpProgram p = new XdpProgram(key, counters, destinations);
        p.ethernet(address.bytes());
        if (destinations.hasFour()) {
            p.four();
        }
        if (destinations.hasSix()) {
            p.six();
        }
        p.check();
        p.verdict();
        return p.a.assemble();
    }

    /** A frame to another address is a bridge's to pass on, or a group's. */
    private void ethernet(Bytes address) {
        a.alu64(MOV, CONTEXT, R1).load(W, FRAME, R1, MD_DATA).load(W, END, R1, MD_DATA_END);
        reaches(FRAME, NETWORK + IPV4 + UDP);
        a.load(W, R0, FRAME, 0).jump32(JNE, R0, word(address, 0), pass);
        a.load(H, R0, FRAME, 4).jump(JNE, R0, half(address, 4), pass);
        a.load(H, R0, FRAME, ETHERTYPE);
        if (!destinations.hasFour()) {
            a.jump(JNE, R0, swapped(ETH_P_IPV6), pass); // what cannot be reached is refused by the verifier
        } else if (!destinations.hasSix()) {
            a.jump(JNE, R0, swapped(ETH_P_IP), pass);
        } else {
            a.jump(JEQ, R0, swapped(ETH_P_IPV6), six).jump(JNE, R0, swapped(ETH_P_IP), pass);
        }
    }

    private void four() {
        expect(NETWORK, 0xff, IPV4_NO_OPTIONS);
        expect(IPV4_PROTOCOL, 0xff, IPPROTO_UDP);
        a.load(H, R0, FRAME, IPV4_FRAGMENT).jump(JSET, R0, swapped(IPV4_IS_FRAGMENT), pass);
        int udp = NETWORK + IPV4;
        destinations.writeFour(a, IPV4_DESTINATION, udp + UDP_DESTINATION, pass);
        number(R0, IPV4_TOTAL_LENGTH);
        number(R1, udp + UDP_LENGTH);
        a.alu64(ADD, R1, IPV4).jump(JNE, R0, R1, pass).alu64(MOV, FAMILY, AF_INET);
        a.jump(JNE, R0, IPV4 + UDP + Packet.LENGTH, length);
        a.alu64(MOV, KNOCK, FRAME).alu64(ADD, KNOCK, udp + UDP);
        reaches(KNOCK, Packet.LENGTH);
        a.jump(check);
    }

    private void six() {
        a.place(six);
        int udp = NETWORK + IPV6;
        reaches(FRAME, udp + UDP);
        expect(NETWORK, 0xf0, IPV6_VERSION);
        expect(IPV6_NEXT_HEADER, 0xff, IPPROTO_UDP);
        destinations.writeSix(a, IPV6_DESTINATION, udp + UDP_DESTINATION, pass);
        number(R0, IPV6_PAYLOAD_LENGTH);
        number(R1, udp + UDP_LENGTH);
        a.jump(JNE, R0, R1, pass).alu64(MOV, FAMILY, AF_INET6).jump(JNE, R0, UDP + Packet.LENGTH, length);
        a.alu64(MOV, KNOCK, FRAME).alu64(ADD, KNOCK, udp + UDP);
        reaches(KNOCK, Packet.LENGTH);
    }

    private void check() {
        a.place(check);
        TagCheck.write(a, KNOCK, 0, key);
        a.jump(JNE, R0, 0, tag);
        counters.find(a, INDEX);
        a.jump(JEQ, R0, 0, pass);
        Counters.count(a, R0, Counters.XDP + Counters.PASSED);
        a.place(pass).alu64(MOV, R0, XDP_PASS).exit();
    }

    private void verdict() {
        Label four = new Label("IPv4 drop");
        Label drop = new Label("drop");
        Label wrongTag = new Label("count a wrong tag");
        a.place(tag).alu64(MOV, WHY, Counters.TAG).jump(suspect);
        a.place(length).alu64(MOV, WHY, Counters.LENGTH);
        a.place(suspect);
        counters.find(a, INDEX);
        a.jump(JEQ, R0, 0, pass).jump(JEQ, FAMILY, AF_INET, four).alu64(MOV, COUNTERS, R0);
        RouteLookup lookup = new RouteLookup(a, COUNTERS, Counters.SCRATCH, pass);
        lookup.six(drop);
        a.jump(drop).place(four).alu64(MOV, COUNTERS, R0);
        lookup.four(drop);
        a.place(drop).jump(JEQ, WHY, Counters.TAG, wrongTag);
        Counters.count(a, COUNTERS, Counters.XDP + Counters.LENGTH);
        a.alu64(MOV, R0, XDP_DROP).exit();
        a.place(wrongTag);
        Counters.count(a, COUNTERS, Counters.XDP + Counters.TAG);
        a.alu64(MOV, R0, XDP_DROP).exit();
    }

    /** Passes a frame that does not go on for so many bytes. */
    private void reaches(Register from, int bytes) {
        a.alu64(MOV, R0, from).alu64(ADD, R0, bytes).jump(JGT, R0, END, pass);
    }

    private void expect(int at, int mask, int value) {
        a.load(B, R0, FRAME, at).alu64(AND, R0, mask).jump(JNE, R0, value, pass);
    }

    private void number(Register to, int at) {
        a.load(H, to, FRAME, at).bigEndian(to, Short.SIZE);
    }

    /** What a number of two bytes in the packet is when it is loaded as it lies there. */
    static int swapped(int number) {
        return Short.toUnsignedInt(Short.reverseBytes((short) number));
    }

    /** What four bytes are when they are loaded as they lie there. */
    static int word(Bytes b, int at) {
        return half(b, at) | half(b, at + Short.BYTES) << Short.SIZE;
    }

    private static int half(Bytes b, int at) {
        return b.get(at) | b.get(at + 1) << Byte.SIZE;
    }
}
