/* What the netlink work of a grant costs in C: the yardstick for the agent.
 *
 * usage: reference PORT SERVICEPORT PREFIX64 [INTERFACE]
 *
 * For every datagram of 96 bytes it opens PREFIX64 plus the datagram's bytes 8 to 15 for the sender, exactly as the
 * agent does it: an element in set permits (and doors) of table inet mayfly by one batch, then, if INTERFACE is given,
 * the address. It checks nothing: no gate, no proof, no time. Never let it near a real network.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LEASE_SECONDS 30
#define LONGER 4 /* set doors outlives the address, which outlives the permit */

static char buffer[4096];
static int used;

static struct nlmsghdr *begin(int type, int flags) {
    struct nlmsghdr *h = (void *)(buffer + used);
    memset(h, 0, NLMSG_HDRLEN);
    h->nlmsg_type = type;
    h->nlmsg_flags = NLM_F_REQUEST | flags;
    used += NLMSG_HDRLEN;
    return h;
}

static void put(const void *data, int length) {
    memcpy(buffer + used, data, length);
    used += length;
    while (used & 3)
        buffer[used++] = 0;
}

static int nest(int type) {
    struct nlattr a = {0, type};
    put(&a, sizeof a);
    return used - sizeof a;
}

static void end_nest(int at) { ((struct nlattr *)(buffer + at))->nla_len = used - at; }

static void attribute(int type, const void *data, int length) {
    int at = nest(type);
    put(data, length);
    ((struct nlattr *)(buffer + at))->nla_len = NLA_HDRLEN + length;
}

static void end(struct nlmsghdr *h) { h->nlmsg_len = buffer + used - (char *)h; }

static void family(int family, int resource) {
    struct nfgenmsg g = {family, NFNETLINK_V0, htons(resource)};
    put(&g, sizeof g);
}

static void element(const char *set, const void *key, int length, int seconds) {
    struct nlmsghdr *h = begin(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM, NLM_F_CREATE);
    uint64_t timeout = htobe64(seconds * 1000ull);
    family(NFPROTO_INET, 0);
    attribute(NFTA_SET_ELEM_LIST_TABLE, "mayfly", 7);
    attribute(NFTA_SET_ELEM_LIST_SET, set, strlen(set) + 1);
    int list = nest(NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED), one = nest(NFTA_LIST_ELEM | NLA_F_NESTED);
    attribute(NFTA_SET_ELEM_TIMEOUT, &timeout, 8);
    int k = nest(NFTA_SET_ELEM_KEY | NLA_F_NESTED);
    attribute(NFTA_DATA_VALUE, key, length);
    end_nest(k);
    end_nest(one);
    end_nest(list);
    end(h);
}

static void transact(int s) {
    char answer[4096];
    if (send(s, buffer, used, 0) < 0 || recv(s, answer, sizeof answer, 0) < 0) {
        perror("netlink");
        exit(1);
    }
    struct nlmsghdr *h = (void *)answer;
    int error = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
    if (h->nlmsg_type != NLMSG_ERROR || error)
        fprintf(stderr, "reference: the kernel refused: %s\n", strerror(-error));
    used = 0;
}

static int netlink(int protocol) {
    int s = socket(AF_NETLINK, SOCK_RAW, protocol);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (s < 0 || connect(s, (void *)&kernel, sizeof kernel)) {
        perror("netlink");
        exit(1);
    }
    return s;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: reference PORT SERVICEPORT PREFIX64 [INTERFACE]\n");
        return 2;
    }
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(argv[1]))}, from;
    int udp = socket(AF_INET6, SOCK_DGRAM, 0), nft = netlink(NETLINK_NETFILTER), route = netlink(NETLINK_ROUTE);
    if (bind(udp, (void *)&here, sizeof here)) {
        perror("bind");
        return 1;
    }
    struct in6_addr door;
    inet_pton(AF_INET6, argv[3], &door);
    struct { struct in6_addr source, door; uint32_t protocol; uint16_t port, pad; } key = {0};
    key.protocol = htonl(IPPROTO_TCP << 24);
    key.port = htons(atoi(argv[2]));
    for (;;) {
        unsigned char packet[128];
        socklen_t size = sizeof from;
        if (recvfrom(udp, packet, sizeof packet, 0, (void *)&from, &size) != 96)
            continue;
        memcpy(door.s6_addr + 8, packet + 8, 8);
        key.source = from.sin6_addr;
        key.door = door;
        struct nlmsghdr *h = begin(NFNL_MSG_BATCH_BEGIN, 0);
        family(AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
        end(h);
        if (argc > 4)
            element("doors", &door, 16, LEASE_SECONDS + LONGER);
        element("permits", &key, 40, LEASE_SECONDS);
        h = begin(NFNL_MSG_BATCH_END, NLM_F_ACK);
        family(AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
        end(h);
        transact(nft);
        if (argc > 4) {
            struct ifaddrmsg address = {AF_INET6, 128, 0, 0, if_nametoindex(argv[4])};
            struct ifa_cacheinfo lifetime = {0, LEASE_SECONDS + 2, 0, 0};
            uint32_t flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
            uint8_t protocol = 0x4d;
            h = begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
            put(&address, sizeof address);
            attribute(IFA_LOCAL, &door, 16);
            attribute(IFA_FLAGS, &flags, 4);
            attribute(IFA_CACHEINFO, &lifetime, sizeof lifetime);
            attribute(11 /* IFA_PROTO, newer than some headers */, &protocol, 1);
            end(h);
            transact(route);
        }
    }
}
