/* Frames that come from a driver, and an XDP program to compare with.
 *
 * usage: xdp drop INTERFACE       drops everything that comes in there, until SIGTERM; says "ready" when it does
 *        xdp gro INTERFACE        turns GRO on: a veth then polls (NAPI) without an XDP program too
 *        xdp send INTERFACE MAC SOURCE DESTINATION PORT LENGTH SECONDS
 *                                 sends UDP datagrams of LENGTH random bytes, as fast as it can; prints how many, and in
 *                                 which time
 *        xdp cost PROGRAM LENGTH PORT   prints what one run of the XDP program with this id costs, in nanoseconds
 *
 * The frames are made in the kernel: BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES (Documentation/bpf/bpf_prog_run.rst)
 * runs a program over them that answers XDP_TX, as if they had come in by INTERFACE; so they leave by it. A sender in user
 * space makes a tenth as many.
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
#define REPEAT 1000000

struct frame {
    struct ether_header ethernet;
    struct ip6_hdr ip;
    struct udphdr udp;
    unsigned char payload[1024];
} __attribute__((packed));

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

/* A program that always says the same. */
static int program(int verdict) {
    struct bpf_insn code[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = verdict},
        {.code = BPF_JMP | BPF_EXIT},
    };
    union bpf_attr a = {
        .prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)code, .insn_cnt = 2, .license = (uintptr_t) ""};
    return bpf(BPF_PROG_LOAD, &a, "BPF_PROG_LOAD");
}

static int interface(const char *name) {
    int index = if_nametoindex(name);
    if (!index)
        fail(name);
    return index;
}

static int drop(const char *name) {
    union bpf_attr a = {.link_create = {.prog_fd = program(XDP_DROP), .attach_type = BPF_XDP}};
    a.link_create.target_ifindex = interface(name);
    bpf(BPF_LINK_CREATE, &a, "BPF_LINK_CREATE"); // ends with this process
    puts("ready");
    fflush(stdout);
    pause();
    return 0;
}

static int gro(const char *name) {
    struct ethtool_value on = {ETHTOOL_SGRO, 1};
    struct ifreq request = {.ifr_data = (void *)&on};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    int s = socket(AF_INET6, SOCK_DGRAM, 0);
    if (s < 0 || ioctl(s, SIOCETHTOOL, &request))
        fail("ETHTOOL_SGRO");
    return 0;
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
    struct ifreq own = {0};
    unsigned char *to = f.ethernet.ether_dhost;
    strncpy(own.ifr_name, v[2], IFNAMSIZ - 1);
    int s = socket(AF_INET6, SOCK_DGRAM, 0);
    if (s < 0 || ioctl(s, SIOCGIFHWADDR, &own) ||
        sscanf(v[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2, to + 3, to + 4, to + 5) != 6)
        fail("MAC");
    memcpy(f.ethernet.ether_shost, own.ifr_hwaddr.sa_data, ETH_ALEN);
    int length = datagram(&f, v[4], v[5], atoi(v[6]), atoi(v[7]));
    struct xdp_md context = {.data_end = length, .ingress_ifindex = interface(v[2])};
    union bpf_attr a = {.test = {
                            .prog_fd = program(XDP_TX),
                            .data_in = (uintptr_t)&f,
                            .data_size_in = length,
                            .ctx_in = (uintptr_t)&context,
                            .ctx_size_in = sizeof context,
                            .repeat = ROUND,
                            .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                        }};
    double begun = now(), end = begun + atof(v[8]);
    long sent = 0;
    for (; now() < end; sent += ROUND)
        bpf(BPF_PROG_TEST_RUN, &a, "BPF_F_TEST_XDP_LIVE_FRAMES");
    printf("%ld %.3f\n", sent, now() - begun);
    return 0;
}

static int cost(char **v) {
    struct frame f = {0};
    int length = datagram(&f, "2001:db8:2::2", "2001:db8:3::2", atoi(v[4]), atoi(v[3]));
    union bpf_attr id = {.prog_id = atoi(v[2])};
    int fd = *v[2] == '-' ? program(XDP_DROP) : bpf(BPF_PROG_GET_FD_BY_ID, &id, "BPF_PROG_GET_FD_BY_ID");
    union bpf_attr a = {
        .test = {.prog_fd = fd, .data_in = (uintptr_t)&f, .data_size_in = length, .repeat = REPEAT}};
    bpf(BPF_PROG_TEST_RUN, &a, "BPF_PROG_TEST_RUN");
    printf("%u %u\n", a.test.duration, a.test.retval);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "drop"))
        return drop(argv[2]);
    if (argc == 3 && !strcmp(argv[1], "gro"))
        return gro(argv[2]);
    if (argc == 9 && !strcmp(argv[1], "send"))
        return flood(argv);
    if (argc == 5 && !strcmp(argv[1], "cost"))
        return cost(argv);
    fprintf(stderr, "usage: xdp drop INTERFACE | gro INTERFACE |\n"
                    "           send INTERFACE MAC SOURCE DESTINATION PORT LENGTH SECONDS | cost PROGRAM LENGTH PORT\n");
    return 2;
}
