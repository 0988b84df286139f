/* The gate in C: the yardstick for who reads junk in user space.
 *
 * usage: gate PORT
 *
 * Reads datagrams, up to 64 in a call, and compares the last 8 bytes of those of 96 with the SipHash-2-4 of the others
 * under a key of its own. At SIGTERM it prints how many it has read, and how many were right.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#define BATCH 64
#define LENGTH 96
#define ROTATE(x, b) ((x) << (b) | (x) >> (64 - (b)))

static volatile sig_atomic_t over;

static void end(int signal) { over = signal; }

static void rounds(uint64_t v[4], int n) {
    while (n--) {
        v[0] += v[1], v[2] += v[3];
        v[1] = ROTATE(v[1], 13) ^ v[0], v[3] = ROTATE(v[3], 16) ^ v[2];
        v[0] = ROTATE(v[0], 32);
        v[2] += v[1], v[0] += v[3];
        v[1] = ROTATE(v[1], 17) ^ v[2], v[3] = ROTATE(v[3], 21) ^ v[0];
        v[2] = ROTATE(v[2], 32);
    }
}

/* Of whole words, on a machine whose words are little-endian. */
static uint64_t siphash(const uint64_t key[2], const unsigned char *data, int length) {
    uint64_t m, v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                        key[1] ^ 0x7465646279746573};
    for (int i = 0; i <= length; i += 8) {
        if (i < length)
            memcpy(&m, data + i, 8);
        else
            m = (uint64_t)length << 56;
        v[3] ^= m;
        rounds(v, 2);
        v[0] ^= m;
    }
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

int main(int argc, char **argv) {
    struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(argc > 1 ? atoi(argv[1]) : 0)};
    int s = socket(AF_INET6, SOCK_DGRAM, 0), room = 4 << 20;
    struct sigaction on_end = {.sa_handler = end}; // a call that waits is ended
    uint64_t key[2], tag;
    if (argc != 2 || getrandom(key, sizeof key, 0) != sizeof key) {
        fprintf(stderr, "usage: gate PORT\n");
        return 2;
    }
    sigaction(SIGTERM, &on_end, NULL);
    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (s < 0 || bind(s, (void *)&here, sizeof here)) {
        perror("gate");
        return 1;
    }
    static unsigned char packets[BATCH][LENGTH + 1];
    static struct sockaddr_in6 from[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr batch[BATCH] = {0};
    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){packets[i], sizeof packets[i]};
        batch[i].msg_hdr = (struct msghdr){.msg_iov = parts + i, .msg_iovlen = 1, .msg_name = from + i};
    }
    long seen = 0, right = 0;
    while (!over) {
        for (int i = 0; i < BATCH; i++)
            batch[i].msg_hdr.msg_namelen = sizeof *from;
        int n = recvmmsg(s, batch, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < n; i++) {
            memcpy(&tag, packets[i] + LENGTH - sizeof tag, sizeof tag);
            right += batch[i].msg_len == LENGTH && siphash(key, packets[i], LENGTH - sizeof tag) == tag;
        }
        seen += n > 0 ? n : 0;
    }
    printf("%ld %ld\n", seen, right);
    return 0;
}
