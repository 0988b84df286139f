/* Junk read and refused in C: the yardstick for what that costs in user space.
 *
 * usage: refuse PORT [epoll]
 *
 * Reads datagrams, up to 64 in a call, and compares the tag of each with the SipHash-2-4 of what is before it, under a key
 * of its own. Waits in recvmmsg itself; with "epoll" as everything does that has more than one socket: in epoll_wait, and
 * then reads until there is nothing left. In both cases the kernel drops what is not 96 bytes long, and keeps 4 MB. Prints
 * "ready" when it listens, and at SIGTERM how many it has read and how many were right.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "siphash.h"

enum { BATCH = 64, PACKET = 96, TAG = 88, UDP_HEADER = 8 };

static volatile sig_atomic_t over;

static void end(int signal) { over = signal; }

static int listening(int port, int flags) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), /* the UDP header is counted */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET + UDP_HEADER, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, PACKET + UDP_HEADER),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog filter = {sizeof code / sizeof *code, code};
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int s = socket(AF_INET6, SOCK_DGRAM | flags, 0), room = 4 << 20;
    if (s < 0 || setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) ||
        setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) || bind(s, (void *)&here, sizeof here)) {
        perror("refuse");
        exit(1);
    }
    return s;
}

int main(int argc, char **argv) {
    static unsigned char packets[BATCH][PACKET + 1];
    static struct sockaddr_in6 from[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr batch[BATCH] = {0};
    struct sigaction on_end = {.sa_handler = end}; /* a call that waits is ended */
    struct epoll_event ready = {.events = EPOLLIN};
    uint64_t key[2], tag;
    int polls = argc == 3, wait = epoll_create1(0);
    if (argc < 2 || getrandom(key, sizeof key, 0) != sizeof key) {
        fprintf(stderr, "usage: refuse PORT [epoll]\n");
        return 2;
    }
    int s = listening(atoi(argv[1]), polls ? SOCK_NONBLOCK : 0);
    epoll_ctl(wait, EPOLL_CTL_ADD, s, &ready);
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){packets[i], sizeof packets[i]};
        batch[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1, .msg_name = from + i};
    }
    sigaction(SIGTERM, &on_end, NULL);
    puts("ready");
    fflush(stdout);
    long seen = 0, right = 0;
    while (!over) {
        for (int i = 0; i < BATCH; i++)
            batch[i].msg_hdr.msg_namelen = sizeof *from;
        int n = recvmmsg(s, batch, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            memcpy(&tag, packets[i] + TAG, sizeof tag);
            right += batch[i].msg_len == PACKET && (siphash(key[0], key[1], packets[i], TAG) ^ tag) == 0;
        }
        seen += n > 0 ? n : 0;
        if (n < 0 && errno == EAGAIN)
            epoll_wait(wait, &ready, 1, -1);
    }
    printf("%ld %ld\n", seen, right);
    return 0;
}
