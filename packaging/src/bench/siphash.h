/* SipHash-2-4 with a tag of 64 bits (Aumasson and Bernstein, 2012), on a little-endian machine. */
#ifndef SIPHASH_H
#define SIPHASH_H
#include <stdint.h>
#include <string.h>

static inline uint64_t siphash_left(uint64_t x, int by) { return x << by | x >> (64 - by); }

static inline void siphash_round(uint64_t v[4]) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = siphash_left(v[1], 13) ^ v[0];
    v[3] = siphash_left(v[3], 16) ^ v[2];
    v[0] = siphash_left(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = siphash_left(v[1], 17) ^ v[2];
    v[3] = siphash_left(v[3], 21) ^ v[0];
    v[2] = siphash_left(v[2], 32);
}

static inline void siphash_word(uint64_t v[4], uint64_t m) {
    v[3] ^= m;
    siphash_round(v);
    siphash_round(v);
    v[0] ^= m;
}

static inline uint64_t siphash(uint64_t k0, uint64_t k1, const unsigned char *b, unsigned length) {
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    uint64_t m, last = (uint64_t)length << 56;
    unsigned i;
    for (i = 0; i + 8 <= length; i += 8) {
        memcpy(&m, b + i, 8);
        siphash_word(v, m);
    }
    for (unsigned shift = 0; i < length; i++, shift += 8)
        last |= (uint64_t)b[i] << shift;
    siphash_word(v, last);
    v[2] ^= 0xff;
    for (i = 0; i < 4; i++)
        siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}
#endif
