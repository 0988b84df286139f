/* Both ends of what is relayed.
 *
 * usage: load serve PORT                          the backend: its first byte says what a client wants
 *        load get HOST PORT CONNECTIONS SECONDS   reads as much as it can: bytes, seconds
 *        load short HOST PORT AT-ONCE SECONDS     connections of one byte each way, one after the other: count, seconds
 *        load trip HOST PORT COUNT                a byte there and back, again and again, on one connection: µs, a line each
 *        load hello HOST PORT COUNT               the same with 517 bytes, each on a connection of its own, from its start
 *        load hold HOST PORT COUNT                connections that say nothing; "ready" when all are open
 *
 * HOST is a literal address. What get reads is thrown away in the kernel (MSG_TRUNC, tcp(7)), so that the client takes as
 * little as can be of the processor. 517 bytes are what many clients pad the first flight of TLS to.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HELLO 517
#define BLOCK (256 << 10)
#define MOST 65536 /* descriptors */

enum wish { UNKNOWN, ECHO = 'e', GET = 'g', SHORT = 's' };

static char block[BLOCK];

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void quick(int s) {
    int yes = 1;
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static int poll_fd;
static unsigned char wish_of[MOST];

static void watch(int op, int s, unsigned events) {
    struct epoll_event e = {events, {.fd = s}};
    if (epoll_ctl(poll_fd, op, s, &e))
        die("epoll_ctl");
}

/* Whether the connection goes on. */
static int served(int s) {
    char in[4096];
    if (wish_of[s] == GET) {
        ssize_t n = send(s, block, BLOCK, MSG_NOSIGNAL);
        return n > 0 || errno == EAGAIN;
    }
    ssize_t n = recv(s, in, sizeof in, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    if (wish_of[s] == UNKNOWN)
        wish_of[s] = in[0];
    if (wish_of[s] == GET)
        watch(EPOLL_CTL_MOD, s, EPOLLOUT);
    else
        n = send(s, in, wish_of[s] == SHORT ? 1 : n, MSG_NOSIGNAL);
    return wish_of[s] != SHORT && n > 0;
}

_Noreturn static void serve(int port) {
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (listener < 0 || bind(listener, (void *)&here, sizeof here) || listen(listener, 4096))
        die("serve");
    poll_fd = epoll_create1(0);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[256];
        int n = epoll_wait(poll_fd, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            int s = ready[i].data.fd;
            if (s == listener) {
                while ((s = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0 && s < MOST) {
                    quick(s);
                    wish_of[s] = UNKNOWN;
                    watch(EPOLL_CTL_ADD, s, EPOLLIN);
                }
            } else if (!served(s)) {
                close(s);
            }
        }
    }
}

static struct addrinfo *to;

static int start(int flags) {
    int s = socket(to->ai_family, SOCK_STREAM | flags, 0);
    if (s < 0 || s >= MOST)
        die("socket");
    quick(s);
    if (connect(s, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS)
        die("connect");
    return s;
}

static void get(int connections, double seconds) {
    poll_fd = epoll_create1(0);
    for (int i = 0; i < connections; i++) {
        int s = start(0);
        if (send(s, "g", 1, 0) != 1)
            die("send");
        watch(EPOLL_CTL_ADD, s, EPOLLIN);
    }
    double begun = now(), end = begun + seconds, took;
    unsigned long long all = 0;
    while ((took = now()) < end) {
        struct epoll_event ready[64];
        int n = epoll_wait(poll_fd, ready, 64, 1000);
        for (int i = 0; i < n; i++) {
            ssize_t more = recv(ready[i].data.fd, NULL, 16 << 20, MSG_TRUNC | MSG_DONTWAIT);
            if (more == 0 || (more < 0 && errno != EAGAIN))
                die("a transfer ended");
            all += more > 0 ? more : 0;
        }
    }
    printf("%llu %.6f\n", all, took - begun);
}

static void one_more(void) {
    watch(EPOLL_CTL_ADD, start(SOCK_NONBLOCK), EPOLLOUT);
}

/* Each sends a byte, gets one, waits for the other side's FIN and makes room for the next. */
static void many(int at_once, double seconds) {
    poll_fd = epoll_create1(0);
    for (int i = 0; i < at_once; i++)
        one_more();
    double begun = now(), end = begun + seconds, took;
    unsigned long done = 0, failed = 0;
    while ((took = now()) < end) {
        struct epoll_event ready[256];
        int n = epoll_wait(poll_fd, ready, 256, 1000);
        for (int i = 0; i < n; i++) {
            int s = ready[i].data.fd;
            char in[16];
            if (ready[i].events & EPOLLOUT && !(ready[i].events & (EPOLLERR | EPOLLHUP))) {
                wish_of[s] = 0;
                if (send(s, "s", 1, MSG_NOSIGNAL) == 1) {
                    watch(EPOLL_CTL_MOD, s, EPOLLIN);
                    continue;
                }
            }
            ssize_t m = recv(s, in, sizeof in, 0);
            if (m > 0) {
                wish_of[s] = 1;
                continue;
            }
            if (m < 0 && errno == EAGAIN)
                continue;
            if (m == 0 && wish_of[s])
                done++;
            else
                failed++;
            close(s);
            one_more();
        }
    }
    printf("%lu %.6f %lu\n", done, took - begun, failed);
}

/* Until all of it is back. */
static void there_and_back(int s, int length) {
    char in[HELLO];
    if (send(s, block, length, MSG_NOSIGNAL) != length)
        die("send");
    for (ssize_t n, left = length; left > 0; left -= n)
        if ((n = recv(s, in, left, 0)) <= 0)
            die("recv");
}

static void trip(int count) {
    int s = start(0);
    there_and_back(s, 1);
    for (int i = 0; i < count; i++) {
        double begun = now();
        there_and_back(s, 1);
        printf("%.2f\n", (now() - begun) * 1e6);
    }
}

static void hello(int count) {
    for (int i = 0; i < count; i++) {
        double begun = now();
        int s = start(0);
        there_and_back(s, HELLO);
        printf("%.2f\n", (now() - begun) * 1e6);
        close(s);
    }
}

static void hold(int count) {
    for (int i = 0; i < count; i++)
        start(0);
    puts("ready");
    fflush(stdout);
    pause();
}

int main(int argc, char **argv) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    memset(block, ECHO, sizeof block);
    if (argc == 3 && !strcmp(argv[1], "serve"))
        serve(atoi(argv[2]));
    if (argc < 5) {
        fprintf(stderr, "usage: load serve PORT | load get|short|trip|hello|hold HOST PORT COUNT [SECONDS]\n");
        return 2;
    }
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    if (getaddrinfo(argv[2], argv[3], &hints, &to)) {
        fprintf(stderr, "load: %s is not an address\n", argv[2]);
        return 2;
    }
    int count = atoi(argv[4]);
    double seconds = argc > 5 ? atof(argv[5]) : 1;
    if (!strcmp(argv[1], "get"))
        get(count, seconds);
    else if (!strcmp(argv[1], "short"))
        many(count, seconds);
    else if (!strcmp(argv[1], "trip"))
        trip(count);
    else if (!strcmp(argv[1], "hello"))
        hello(count);
    else if (!strcmp(argv[1], "hold"))
        hold(count);
    return 0;
}
