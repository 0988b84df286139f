/* What netlink costs in C: the yardstick for module netlink.
 *
 * usage: netlink MOST
 *
 * Reads lines "TEST SAMPLES" and answers each with one line: for every sample the nanoseconds of each part of the test,
 * each the mean of one round. Netlink.java makes the same requests, by the same socket options, in the same rounds.
 *
 *   noop       NLMSG_NOOP, acknowledged
 *   address    RTM_NEWADDR and RTM_DELADDR, of one address on lo
 *   element    a batch that adds one element of 40 bytes, with a timeout, to set s of table inet bench; one that deletes it
 *   read       RTM_GETADDR, walking over the messages; their number must be at least 10,000
 *   dump       the same, into an array of structures
 *   elements   as element, 10,000 elements in batches of MOST at most
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MANY 10000
#define PER_MESSAGE 1023 /* elements of 64 bytes: an attribute is 64 KB at most, and has a header of 4 */
#define LO 1
#define LIFETIME 3600
#define SEND (1 << 24)

struct key {
    struct in6_addr source, door;
    uint8_t protocol, pad[3];
    uint16_t port, pad2;
};

struct address {
    unsigned char address[16], family, prefix, scope, protocol;
    uint32_t index, flags, preferred, valid;
};

static char out[1 << 20], in[1 << 16];
static int used, most;
static uint32_t sequence;
static struct key keys[MANY];
static struct address found[MANY + 64];

static void die(const char *what) {
    fprintf(stderr, "netlink: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct nlmsghdr *begin(int type, int flags) {
    struct nlmsghdr *h = (void *)(out + used);
    *h = (struct nlmsghdr){0, type, NLM_F_REQUEST | flags, sequence++, 0};
    used += NLMSG_HDRLEN;
    return h;
}

static void end(struct nlmsghdr *h) { h->nlmsg_len = out + used - (char *)h; }

static void *room(int length) {
    void *at = out + used;
    used += NLA_ALIGN(length);
    return at;
}

static struct nlattr *nest(int type) {
    struct nlattr *a = room(NLA_HDRLEN);
    a->nla_type = type;
    return a;
}

static void end_nest(struct nlattr *a) { a->nla_len = out + used - (char *)a; }

static void attribute(int type, const void *data, int length) {
    struct nlattr *a = room(NLA_HDRLEN);
    a->nla_type = type;
    a->nla_len = NLA_HDRLEN + length;
    char *value = room(length);
    memset(value + length, 0, NLA_ALIGN(length) - length);
    memcpy(value, data, length);
}

static int netlink(int protocol) {
    int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), one = 1, size = SEND;
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (s < 0 || connect(s, (void *)&kernel, sizeof kernel))
        die("socket");
    setsockopt(s, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    setsockopt(s, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof one);
    setsockopt(s, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof one);
    if (setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size))
        setsockopt(s, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return s;
}

static int receive(int s) {
    int n = recv(s, in, sizeof in, 0);
    if (n < 0)
        die("recv");
    return n;
}

/* Sends what was written, and waits for the one acknowledgement of the message with that sequence number. */
static void transact(int s, uint32_t expected) {
    if (send(s, out, used, 0) < 0)
        die("send");
    used = 0;
    receive(s);
    struct nlmsghdr *h = (void *)in;
    if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq != expected)
        errno = EPROTO, die("answer");
    errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
    if (errno)
        die("refused");
}

static void noop(int s) {
    struct nlmsghdr *h = begin(NLMSG_NOOP, NLM_F_ACK);
    end(h);
    transact(s, h->nlmsg_seq);
}

static void address(int s, int type) {
    struct nlmsghdr *h = begin(type, NLM_F_ACK | (type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0));
    struct in6_addr a = {.s6_addr = {0x20, 1, 0xd, 0xb8, 0xc}};
    *(struct ifaddrmsg *)room(sizeof(struct ifaddrmsg)) = (struct ifaddrmsg){AF_INET6, 128, 0, 0, LO};
    attribute(IFA_LOCAL, &a, sizeof a);
    if (type == RTM_NEWADDR) {
        uint32_t flags = IFA_F_NODAD | IFA_F_NOPREFIXROUTE;
        attribute(IFA_FLAGS, &flags, sizeof flags);
    }
    attribute(IFA_ADDRESS, &a, sizeof a);
    if (type == RTM_NEWADDR) {
        struct ifa_cacheinfo lifetime = {0, LIFETIME, 0, 0};
        uint8_t protocol = 77;
        attribute(IFA_CACHEINFO, &lifetime, sizeof lifetime);
        attribute(11 /* IFA_PROTO, newer than some headers */, &protocol, sizeof protocol);
    }
    end(h);
    transact(s, h->nlmsg_seq);
}

static void family(int family, int resource) {
    *(struct nfgenmsg *)room(sizeof(struct nfgenmsg)) = (struct nfgenmsg){family, NFNETLINK_V0, htons(resource)};
}

static void mark(int type) {
    struct nlmsghdr *h = begin(type, 0);
    family(AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    end(h);
}

static void element(const struct key *key) {
    uint64_t timeout = htobe64(LIFETIME * 1000ull);
    struct nlattr *one = nest(NFTA_LIST_ELEM | NLA_F_NESTED);
    attribute(NFTA_SET_ELEM_TIMEOUT, &timeout, sizeof timeout);
    struct nlattr *k = nest(NFTA_SET_ELEM_KEY | NLA_F_NESTED);
    attribute(NFTA_DATA_VALUE, key, sizeof *key);
    end_nest(k);
    end_nest(one);
}

static struct nlmsghdr *message(int type, const struct key *key, int count) {
    struct nlmsghdr *h = begin(NFNL_SUBSYS_NFTABLES << 8 | type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
    family(NFPROTO_INET, 0);
    attribute(NFTA_SET_ELEM_LIST_TABLE, "bench", sizeof "bench");
    attribute(NFTA_SET_ELEM_LIST_SET, "s", sizeof "s");
    struct nlattr *list = nest(NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
    for (int i = 0; i < count; i++)
        element(key + i);
    end_nest(list);
    end(h);
    return h;
}

static void batch(int s, int type, const struct key *key, int count) {
    struct nlmsghdr *last = NULL;
    mark(NFNL_MSG_BATCH_BEGIN);
    for (int i = 0; i < count; i += PER_MESSAGE)
        last = message(type, key + i, count - i < PER_MESSAGE ? count - i : PER_MESSAGE);
    last->nlmsg_flags |= NLM_F_ACK;
    mark(NFNL_MSG_BATCH_END);
    transact(s, last->nlmsg_seq);
}

static void batches(int s, int type) {
    for (int i = 0; i < MANY; i += most)
        batch(s, type, keys + i, MANY - i < most ? MANY - i : most);
}

static void parse(struct nlmsghdr *h, struct address *a) {
    struct ifaddrmsg *m = NLMSG_DATA(h);
    int left = IFA_PAYLOAD(h);
    *a = (struct address){{0}, m->ifa_family, m->ifa_prefixlen, m->ifa_scope, 0, m->ifa_index, m->ifa_flags, -1, -1};
    for (struct rtattr *r = IFA_RTA(m); RTA_OK(r, left); r = RTA_NEXT(r, left)) {
        size_t length = RTA_PAYLOAD(r);
        if ((r->rta_type == IFA_ADDRESS || r->rta_type == IFA_LOCAL) && length <= sizeof a->address) {
            memcpy(a->address, RTA_DATA(r), length);
        } else if (r->rta_type == IFA_FLAGS && length >= sizeof a->flags) {
            memcpy(&a->flags, RTA_DATA(r), sizeof a->flags);
        } else if (r->rta_type == 11 && length >= 1) {
            a->protocol = *(uint8_t *)RTA_DATA(r);
        } else if (r->rta_type == IFA_CACHEINFO && length >= sizeof(struct ifa_cacheinfo)) {
            struct ifa_cacheinfo *c = RTA_DATA(r);
            a->preferred = c->ifa_prefered;
            a->valid = c->ifa_valid;
        }
    }
}

static void dump(int s, int parsed) {
    struct nlmsghdr *h = begin(RTM_GETADDR, NLM_F_DUMP);
    uint32_t expected = h->nlmsg_seq;
    unsigned count = 0;
    memset(room(sizeof(struct ifaddrmsg)), 0, sizeof(struct ifaddrmsg));
    end(h);
    if (send(s, out, used, 0) < 0)
        die("send");
    used = 0;
    for (;;) {
        unsigned left = receive(s);
        for (h = (void *)in; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
            if (h->nlmsg_seq != expected || h->nlmsg_type == NLMSG_ERROR || count == sizeof found / sizeof *found)
                errno = EPROTO, die("dump");
            if (h->nlmsg_type == NLMSG_DONE) {
                if (count < MANY)
                    errno = ENODATA, die("dump");
                return;
            }
            if (parsed)
                parse(h, found + count);
            count++;
        }
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

/* MEAN(COUNT, STATEMENT): prints how long the statement takes, the mean of so many; i counts them. */
#define MEAN(count, statement)                           \
    do {                                                 \
        double start = now();                            \
        for (int i = 0; i < (count); i++)                \
            statement;                                   \
        printf("%.1f ", (now() - start) / (count));      \
    } while (0)

int main(int argc, char **argv) {
    int route = netlink(NETLINK_ROUTE), nft = netlink(NETLINK_NETFILTER), samples;
    char test[16];
    if (argc != 2 || (most = atoi(argv[1])) <= 0)
        return 2;
    for (int i = 0; i < MANY; i++) {
        keys[i] = (struct key){.protocol = IPPROTO_TCP, .port = htons(443)};
        keys[i].source = (struct in6_addr){.s6_addr = {0x20, 1, 0xd, 0xb8, [14] = i >> 8, i}};
        keys[i].door = (struct in6_addr){.s6_addr = {0x20, 1, 0xd, 0xb8, 0xd, [14] = i >> 8, i}};
    }
    while (scanf("%15s %d", test, &samples) == 2) {
        while (samples-- > 0) {
            if (!strcmp(test, "noop")) {
                MEAN(200, noop(route));
            } else if (!strcmp(test, "address")) {
                MEAN(10, (address(route, RTM_NEWADDR), address(route, RTM_DELADDR)));
            } else if (!strcmp(test, "element")) {
                MEAN(50, batch(nft, NFT_MSG_NEWSETELEM, keys + i, 1));
                MEAN(50, batch(nft, NFT_MSG_DELSETELEM, keys + i, 1));
            } else if (!strcmp(test, "read") || !strcmp(test, "dump")) {
                MEAN(1, dump(route, *test == 'd'));
            } else if (!strcmp(test, "elements")) {
                MEAN(1, batches(nft, NFT_MSG_NEWSETELEM));
                MEAN(1, batches(nft, NFT_MSG_DELSETELEM));
            }
        }
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
