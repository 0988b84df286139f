/* A TCP service that takes every connection and ends it.
 *
 * usage: sink FIRST [LAST]
 *
 * Listens on every address, IPv4 too, and on every port from FIRST to LAST. It says "ready" when it does.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int listener(int port) {
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int s = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (s < 0 || bind(s, (void *)&here, sizeof here) || listen(s, 1024)) {
        perror("sink");
        exit(1);
    }
    return s;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: sink FIRST [LAST]\n");
        return 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int poll = epoll_create1(0), first = atoi(argv[1]), last = argc > 2 ? atoi(argv[2]) : first;
    for (int port = first; port <= last; port++) {
        int s = listener(port);
        struct epoll_event e = {EPOLLIN, {.fd = s}};
        epoll_ctl(poll, EPOLL_CTL_ADD, s, &e);
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event ready[64];
        int n = epoll_wait(poll, ready, 64, -1);
        for (int i = 0; i < n; i++)
            for (int c; (c = accept(ready[i].data.fd, NULL, NULL)) >= 0;)
                close(c);
    }
}
