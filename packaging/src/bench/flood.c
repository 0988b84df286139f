/* Junk at a set rate, for a set time.
 *
 * usage: flood HOST PORT RATE SECONDS LENGTH [text]
 *
 * Sends RATE datagrams of LENGTH random bytes a second to HOST; with "text" they are letters and digits, as fwknop's
 * packets are. Prints how many it sent, and in which time; SIGTERM ends it earlier.
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#define DISTINCT 1024
#define LONGEST 1024

static volatile sig_atomic_t over;

static void end(int signal) { over = signal; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    static const char letters[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static unsigned char junk[DISTINCT][LONGEST];
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *to;
    if (argc < 6 || atoi(argv[5]) > LONGEST || getaddrinfo(argv[1], argv[2], &hints, &to)) {
        fprintf(stderr, "usage: flood HOST PORT RATE SECONDS LENGTH [text]\n");
        return 2;
    }
    double rate = atof(argv[3]), length = atof(argv[4]), size = atoi(argv[5]);
    for (int i = 0; i < DISTINCT; i++) {
        for (int done = 0; done < LONGEST; done += 256)
            if (getrandom(junk[i] + done, 256, 0) < 0)
                return 1;
        for (int j = 0; argc > 6 && j < LONGEST; j++)
            junk[i][j] = letters[junk[i][j] & 63];
    }
    int s = socket(to->ai_family, SOCK_DGRAM, 0);
    if (s < 0 || connect(s, to->ai_addr, to->ai_addrlen)) {
        perror(argv[1]);
        return 1;
    }
    signal(SIGTERM, end);
    long due = 0, sent = 0;
    double begun = now(), t;
    while ((t = now() - begun) < length && !over) {
        for (; due < t * rate; due++)
            sent += send(s, junk[due % DISTINCT], size, 0) == size;
        struct timespec pause = {0, 200000};
        nanosleep(&pause, NULL);
    }
    printf("%ld %.3f\n", sent, t);
}
