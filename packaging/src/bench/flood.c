/* Packets at a set rate, for a set time.
 *
 * usage: flood [-t] [-f FILE [-1]] [-s BITS [-n COUNT]] HOST PORT RATE SECONDS LENGTH
 *
 * Sends RATE datagrams of LENGTH random bytes a second to HOST, or as many as it can if RATE is 0.
 *   -t       they are letters and digits, as fwknop's packets are
 *   -f FILE  they are those of FILE instead, LENGTH bytes each, over and over
 *   -1       each of them once, then it ends
 *   -s BITS  from addresses that share the first BITS bits with our own and are random behind them (IPv6)
 *   -n COUNT from so many of those, in turn, instead of 65,536
 * Prints how many it sent, and in which time; SIGTERM ends it earlier.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DISTINCT 1024
#define LONGEST 1024
#define SOURCES 65536
#define BATCH 64

static volatile sig_atomic_t over;

/* What goes before a datagram that is to leave from another address. */
struct source {
    struct cmsghdr header;
    struct in6_pktinfo info;
} __attribute__((aligned(8)));

static void end(int signal) { over = signal; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static int usage(void) {
    fprintf(stderr, "usage: flood [-t] [-f FILE [-1]] [-s BITS [-n COUNT]] HOST PORT RATE SECONDS LENGTH\n");
    return 2;
}

static void fill(void *to, size_t length) {
    for (size_t done = 0; done < length; done += 256)
        if (getrandom((char *)to + done, length - done < 256 ? length - done : 256, 0) < 0)
            exit(1);
}

static unsigned char *invented(size_t length, int text) {
    static const char letters[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char *junk = malloc(DISTINCT * length);
    fill(junk, DISTINCT * length);
    for (size_t i = 0; text && i < DISTINCT * length; i++)
        junk[i] = letters[junk[i] & 63];
    return junk;
}

static unsigned char *read_from(const char *file, size_t length, long *count) {
    struct stat about;
    int f = open(file, O_RDONLY);
    if (f < 0 || fstat(f, &about) || about.st_size < (off_t)length) {
        fprintf(stderr, "flood: %s has no packets\n", file);
        exit(1);
    }
    *count = about.st_size / length;
    return mmap(NULL, about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, f, 0);
}

static struct source *sources(int s, int bits, int count) {
    struct sockaddr_in6 own;
    socklen_t size = sizeof own;
    int yes = 1;
    if (getsockname(s, (void *)&own, &size) || setsockopt(s, IPPROTO_IPV6, IPV6_FREEBIND, &yes, sizeof yes)) {
        perror("flood: other sources");
        exit(1);
    }
    struct source *all = calloc(count, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i].header = (struct cmsghdr){CMSG_LEN(sizeof all[i].info), IPPROTO_IPV6, IPV6_PKTINFO};
        unsigned char *address = all[i].info.ipi6_addr.s6_addr;
        fill(address, 16);
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            address[bit / 8] = (address[bit / 8] & ~mask) | (own.sin6_addr.s6_addr[bit / 8] & mask);
        }
    }
    return all;
}

int main(int argc, char **argv) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *to;
    const char *file = NULL;
    int option, text = 0, once = 0, bits = 0, many = SOURCES;
    while ((option = getopt(argc, argv, "tf:1s:n:")) != -1) {
        switch (option) {
        case 't': text = 1; break;
        case 'f': file = optarg; break;
        case '1': once = 1; break;
        case 's': bits = atoi(optarg); break;
        case 'n': many = atoi(optarg); break;
        default: return usage();
        }
    }
    argv += optind;
    if (argc - optind != 5 || many < 1 || atoi(argv[4]) < 1 || atoi(argv[4]) > LONGEST || getaddrinfo(argv[0], argv[1], &hints, &to))
        return usage();
    double rate = atof(argv[2]), length = atof(argv[3]);
    size_t size = atoi(argv[4]);
    long count = DISTINCT;
    unsigned char *packets = file ? read_from(file, size, &count) : invented(size, text);
    int s = socket(to->ai_family, SOCK_DGRAM, 0);
    if (s < 0 || connect(s, to->ai_addr, to->ai_addrlen)) {
        perror(argv[0]);
        return 1;
    }
    struct source *from = bits ? sources(s, bits, many) : NULL;
    struct iovec parts[BATCH];
    struct mmsghdr batch[BATCH] = {0};
    for (int i = 0; i < BATCH; i++)
        batch[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1};
    signal(SIGTERM, end);
    long sent = 0, refused = 0;
    double begun = now(), t;
    while ((t = now() - begun) < length && !over && !(once && sent == count)) {
        long due = rate ? (long)(t * rate) - sent : BATCH;
        if (once && due > count - sent)
            due = count - sent;
        while (due > 0 && !over) {
            int n = due < BATCH ? due : BATCH;
            for (int i = 0; i < n; i++) {
                parts[i] = (struct iovec){packets + (sent + i) % count * size, size};
                if (from) {
                    batch[i].msg_hdr.msg_control = from + (sent + i) % many;
                    batch[i].msg_hdr.msg_controllen = CMSG_SPACE(sizeof from->info);
                }
            }
            int done = sendmmsg(s, batch, n, 0);
            if (done < 0 && errno != ECONNREFUSED && errno != ENOBUFS && errno != EHOSTUNREACH && errno != EINTR) {
                perror("flood");
                return 1;
            }
            if (done < 0 && refused++ > 1000)
                break; // nobody there: not in a hurry
            sent += done > 0 ? done : 0;
            due -= done > 0 ? done : 0;
        }
        struct timespec pause = {0, 200000};
        if (rate)
            nanosleep(&pause, NULL);
    }
    printf("%ld %.3f\n", sent, t);
}
