/* How long from a knock to the first TCP connection through its door.
 *
 * usage: probe KNOCKHOST KNOCKPORT SERVICEPORT LIST [GAP_MS [RETRY_MS [WAIT_MS [TIMES]]]]
 *
 * LIST has a line for each run: "DOOR[,PORT] HEX", the address to connect to and the datagram to send first; a HEX of
 * "-" means that the rest of the line is a command to run instead. WAIT_MS (0) after the knock a connection is started,
 * and another every RETRY_MS (0.5), until one succeeds; its moment, less the moment just before the knock, is the
 * figure. Prints one JSON object, and adds a line for each run to the file TIMES: the figure, or "failed".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GIVE_UP_MS 2000.0
#define MOST 25000
#define LONGEST 1024 /* bytes of a datagram */

static double retry_ms = 0.5, wait_ms;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static struct addrinfo *resolve(const char *host, const char *port, int type) {
    struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_NUMERICHOST}, *found;
    if (getaddrinfo(host, port, &hints, &found)) {
        fprintf(stderr, "probe: %s is not an address\n", host);
        exit(2);
    }
    return found;
}

static int start(struct addrinfo *to) {
    int s = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct linger reset = {1, 0};
    setsockopt(s, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    connect(s, to->ai_addr, to->ai_addrlen);
    return s;
}

/* Milliseconds from begun to the first connection, or -1. */
static double first_connection(struct addrinfo *to, double begun) {
    static int open[MOST];
    int count = 0, poll = epoll_create1(0);
    double next = begun + wait_ms, result = -1;
    while (result < 0 && now() - begun < GIVE_UP_MS) {
        if (now() >= next && count < MOST) {
            int s = start(to);
            struct epoll_event e = {EPOLLOUT, {.fd = s}};
            epoll_ctl(poll, EPOLL_CTL_ADD, s, &e);
            open[count++] = s;
            next += retry_ms;
        }
        double wait = next - now();
        struct timespec t = {0, wait > 0 ? (long)(wait * 1e6) : 0};
        struct epoll_event ready[16];
        int n = epoll_pwait2(poll, ready, 16, &t, NULL);
        for (int i = 0; i < n; i++) {
            int error = 0;
            socklen_t size = sizeof error;
            getsockopt(ready[i].data.fd, SOL_SOCKET, SO_ERROR, &error, &size);
            if (!error && !(ready[i].events & (EPOLLERR | EPOLLHUP))) {
                result = now() - begun;
                break;
            }
            epoll_ctl(poll, EPOLL_CTL_DEL, ready[i].data.fd, NULL);
        }
    }
    while (count)
        close(open[--count]);
    close(poll);
    return result;
}

static int unhex(const char *hex, unsigned char *out, int most) {
    int n = 0;
    unsigned byte;
    while (n < most && sscanf(hex + 2 * n, "%2x", &byte) == 1)
        out[n++] = byte;
    return n;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: probe KNOCKHOST KNOCKPORT SERVICEPORT LIST [GAP_MS [RETRY_MS [WAIT_MS [TIMES]]]]\n");
        return 2;
    }
    struct addrinfo *knock = resolve(argv[1], argv[2], SOCK_DGRAM);
    FILE *list = fopen(argv[4], "r");
    if (!list) {
        perror(argv[4]);
        return 2;
    }
    int gap = argc > 5 ? atoi(argv[5]) : 20, ok = 0, failed = 0;
    if (argc > 6)
        retry_ms = atof(argv[6]);
    if (argc > 7)
        wait_ms = atof(argv[7]);
    FILE *each = argc > 8 ? fopen(argv[8], "a") : NULL;
    int sender = socket(knock->ai_family, SOCK_DGRAM, 0);
    if (connect(sender, knock->ai_addr, knock->ai_addrlen)) {
        perror(argv[1]);
        return 2;
    }
    static double times[100000];
    char line[4096], door[64], hex[2 * LONGEST + 1];
    int command_at;
    while (fgets(line, sizeof line, list) && ok < 100000) {
        if (sscanf(line, "%63s %2048s %n", door, hex, &command_at) < 2)
            continue;
        char *port = strchr(door, ',');
        if (port)
            *port++ = 0;
        struct addrinfo *to = resolve(door, port ? port : argv[3], SOCK_STREAM);
        unsigned char packet[LONGEST];
        pid_t child = 0;
        double begun = now();
        if (strcmp(hex, "-")) {
            int length = unhex(hex, packet, sizeof packet);
            send(sender, packet, length, 0);
        } else if (!(child = vfork())) {
            execl("/bin/sh", "sh", "-c", line + command_at, (char *)NULL);
            _exit(127);
        }
        double t = first_connection(to, begun);
        if (child)
            waitpid(child, NULL, 0);
        if (t >= 0)
            times[ok++] = t;
        else
            failed++;
        if (each)
            t >= 0 ? fprintf(each, "%.4f\n", t) : fprintf(each, "failed\n");
        freeaddrinfo(to);
        usleep(gap * 1000);
    }
    qsort(times, ok, sizeof *times, ascending);
    printf("{\"ok\":%d,\"failed\":%d", ok, failed);
    if (ok)
        printf(",\"min_ms\":%.3f,\"median_ms\":%.3f,\"p95_ms\":%.3f,\"max_ms\":%.3f", times[0], times[ok / 2],
               times[(int)(0.95 * (ok - 1) + 0.5)], times[ok - 1]);
    printf("}\n");
    return failed != 0;
}
