/* Frames that come from a driver, and an XDP program to compare with.
 *
 * usage: xdp drop INTERFACE       drops everything that comes in there, until SIGTERM; says "ready" when it does
 *        xdp gro INTERFACE on|off a veth with GRO polls (NAPI) without an XDP program too
 *        xdp send INTERFACE MAC SOURCE DESTINATION PORT RATE SECONDS LENGTH
 *                                 sends RATE UDP datagrams of LENGTH random bytes a second, or as many as it can if RATE is
 *                                 0; prints how many, and in which time; SIGTERM ends it earlier
 *        xdp cost PROGRAM INTERFACE LENGTH PORT
 *                                 prints what one run of the XDP program with this id costs, in nanoseconds, over a
 *                                 datagram to PORT that came in there; and what it says
 *
 * The frames are made in the kernel: BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES (Documentation/bpf/bpf_prog_run.rst)
 * runs a program over them that answers XDP_TX, as if they had come in by INTERFACE; so they leave by it. A sender in user
 * space makes a tenth as many. A frame that is not due yet is dropped by that program.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUND (1 << 16) /* frames for one call */
#define BATCH 16        /* of them leave at once */
#define REPEAT 1000000

struct frame {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    struct udphdr udp;
    unsigned char payload[1024];
} __attribute__((packed));

static volatile sig_atomic_t over;

static void stop(int signal) { over = signal; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int bpf(int command, union bpf_attr *attributes, const char *what) {
    int result = syscall(SYS_bpf, command, attributes, sizeof *attributes);
    if (result < 0)
        fail(what);
    return result;
}

#define INSN(c, d, s_, o, i) {.code = (c), .dst_reg = BPF_REG_##d, .src_reg = BPF_REG_##s_, .off = (o), .imm = (i)}

static int loaded(struct bpf_insn *code, int count) {
    union bpf_attr a = {
        .prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)code, .insn_cnt = count, .license = (uintptr_t) ""};
    return bpf(BPF_PROG_LOAD, &a, "BPF_PROG_LOAD");
}

/* A program that always says the same. */
static int always(int verdict) {
    struct bpf_insn code[] = {INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdict), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)};
    return loaded(code, 2);
}

/* One that says XDP_TX once in so many nanoseconds, and XDP_DROP meanwhile; when the next is due, and how many there were,
 * is in the map. What has been missed by more than a millisecond is not made up for. */
static int paced(int map, int nanoseconds) {
    struct bpf_insn code[] = {
        INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
        INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
        INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
        {.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map},
        {0},
        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
        INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 15, 0), // to the end: XDP_ABORTED
        INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 0, 0, 0),
        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
        INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 0, 0),
        INSN(BPF_JMP | BPF_JGE | BPF_X, 0, 1, 2, 0),
        INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_DROP),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
        INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, -1000000),
        INSN(BPF_JMP | BPF_JGE | BPF_X, 1, 0, 1, 0),
        INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 0, 0, 0),
        INSN(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, nanoseconds),
        INSN(BPF_STX | BPF_MEM | BPF_DW, 6, 1, 0, 0),
        INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 6, 8, 0),
        INSN(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, 1),
        INSN(BPF_STX | BPF_MEM | BPF_DW, 6, 1, 8, 0),
        INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_TX),
        INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
    };
    return loaded(code, sizeof code / sizeof *code);
}

static int interface(const char *name) {
    int index = if_nametoindex(name);
    if (!index)
        fail(name);
    return index;
}

static int drop(const char *name) {
    union bpf_attr a = {.link_create = {.prog_fd = always(XDP_DROP), .attach_type = BPF_XDP}};
    a.link_create.target_ifindex = interface(name);
    bpf(BPF_LINK_CREATE, &a, "BPF_LINK_CREATE"); // ends with this process
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}

static int gro(const char *name, int yes) {
    struct ethtool_value on = {ETHTOOL_SGRO, yes};
    struct ifreq request = {.ifr_data = (void *)&on};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int s = socket(AF_INET6, SOCK_DGRAM, 0);
    if (s < 0 || ioctl(s, SIOCETHTOOL, &request))
        fail("ETHTOOL_SGRO");
    return 0;
}

static void own_mac(const char *name, unsigned char *mac) {
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int s = socket(AF_INET6, SOCK_DGRAM, 0);
    if (s < 0 || ioctl(s, SIOCGIFHWADDR, &request))
        fail(name);
    memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
    close(s);
}

static uint32_t sum(const void *data, int length, uint32_t before) {
    for (int i = 0; i < length; i++)
        before += ((const unsigned char *)data)[i] << (i & 1 ? 0 : 8);
    return before;
}

/* Returns how long it is. */
static int datagram(struct frame *f, const char *source, const char *destination, int port, int length) {
    int size = sizeof f->udp + length;
    f->ethernet.ether_type = htons(ETHERTYPE_IPV6);
    f->ip.ip6_flow = htonl(6 << 28);
    f->ip.ip6_plen = htons(size);
    f->ip.ip6_nxt = IPPROTO_UDP;
    f->ip.ip6_hlim = 64;
    if (inet_pton(AF_INET6, source, &f->ip.ip6_src) != 1 || inet_pton(AF_INET6, destination, &f->ip.ip6_dst) != 1)
        fail("not an IPv6 address");
    f->udp.uh_sport = htons(40000);
    f->udp.uh_dport = htons(port);
    f->udp.uh_ulen = htons(size);
    if (length > (int)sizeof f->payload || getrandom(f->payload, length, 0) != length)
        fail("getrandom");
    uint32_t s = sum(&f->udp, size, sum(&f->ip.ip6_src, 32, size + IPPROTO_UDP));
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    f->udp.uh_sum = htons(~s & 0xffff ? ~s & 0xffff : 0xffff);
    return sizeof *f - sizeof f->payload + length;
}

static int flood(char **v) {
    struct frame f = {0};
    unsigned char *to = f.ethernet.ether_dhost;
    if (sscanf(v[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2, to + 3, to + 4, to + 5) != 6)
        fail("not a MAC");
    own_mac(v[2], f.ethernet.ether_shost);
    int rate = atoi(v[7]), length = datagram(&f, v[4], v[5], atoi(v[6]), atoi(v[9]));
    union bpf_attr m = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 16, .max_entries = 1};
    int map = bpf(BPF_MAP_CREATE, &m, "BPF_MAP_CREATE");
    struct xdp_md context = {.data_end = length, .ingress_ifindex = interface(v[2])};
    union bpf_attr a = {.test = {
                            .prog_fd = rate ? paced(map, 1000000000 / rate) : always(XDP_TX),
                            .data_in = (uintptr_t)&f,
                            .data_size_in = length,
                            .ctx_in = (uintptr_t)&context,
                            .ctx_size_in = sizeof context,
                            .repeat = ROUND,
                            .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                            .batch_size = rate ? BATCH : 0,
                        }};
    double begun = now(), end = begun + atof(v[8]);
    long sent = 0;
    signal(SIGTERM, stop);
    while (now() < end && !over) {
        if (!syscall(SYS_bpf, BPF_PROG_TEST_RUN, &a, sizeof a))
            sent += ROUND;
        else if (errno != EINTR)
            fail("BPF_F_TEST_XDP_LIVE_FRAMES");
    }
    if (rate) {
        uint32_t zero = 0;
        uint64_t value[2];
        union bpf_attr look = {.map_fd = map, .key = (uintptr_t)&zero, .value = (uintptr_t)value};
        bpf(BPF_MAP_LOOKUP_ELEM, &look, "BPF_MAP_LOOKUP_ELEM");
        sent = value[1];
    }
    printf("%ld %.3f\n", sent, now() - begun);
    return 0;
}

static int cost(char **v) {
    struct frame f = {0};
    own_mac(v[3], f.ethernet.ether_dhost);
    int length = datagram(&f, "2001:db8:2::2", "2001:db8:3::2", atoi(v[5]), atoi(v[4]));
    union bpf_attr id = {.prog_id = atoi(v[2])};
    struct xdp_md context = {.data_end = length, .ingress_ifindex = interface(v[3])};
    union bpf_attr a = {.test = {
                            .prog_fd = bpf(BPF_PROG_GET_FD_BY_ID, &id, "BPF_PROG_GET_FD_BY_ID"),
                            .data_in = (uintptr_t)&f,
                            .data_size_in = length,
                            .ctx_in = (uintptr_t)&context,
                            .ctx_size_in = sizeof context,
                            .repeat = REPEAT,
                        }};
    bpf(BPF_PROG_TEST_RUN, &a, "BPF_PROG_TEST_RUN");
    printf("%u %u\n", a.test.duration, a.test.retval);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "drop"))
        return drop(argv[2]);
    if (argc == 4 && !strcmp(argv[1], "gro"))
        return gro(argv[2], !strcmp(argv[3], "on"));
    if (argc == 10 && !strcmp(argv[1], "send"))
        return flood(argv);
    if (argc == 6 && !strcmp(argv[1], "cost"))
        return cost(argv);
    fprintf(stderr, "usage: xdp drop INTERFACE | gro INTERFACE on|off |\n"
                    "           send INTERFACE MAC SOURCE DESTINATION PORT RATE SECONDS LENGTH | cost PROGRAM INTERFACE LENGTH PORT\n");
    return 2;
}
