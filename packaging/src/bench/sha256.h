/* SHA-256 (FIPS 180-4) with the names of OpenSSL's, for machines where there is none to compile with. */
#ifndef SHA256_H
#define SHA256_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint32_t h[8];
    uint64_t length;
    unsigned char block[64];
} SHA256_CTX;

static uint32_t sha256_right(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void sha256_block(uint32_t h[8], const unsigned char *p) {
    static const uint32_t k[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (sha256_right(w[i - 15], 7) ^ sha256_right(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (sha256_right(w[i - 2], 17) ^ sha256_right(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(v, h, 32);
    for (int i = 0; i < 64; i++) { /* what shifts is the index: eight rounds, and all is where it was */
#define V(n) v[(n - i) & 7]
        uint32_t one = V(7) + (sha256_right(V(4), 6) ^ sha256_right(V(4), 11) ^ sha256_right(V(4), 25)) +
                       (V(6) ^ (V(4) & (V(5) ^ V(6)))) + k[i] + w[i];
        uint32_t two = (sha256_right(V(0), 2) ^ sha256_right(V(0), 13) ^ sha256_right(V(0), 22)) +
                       ((V(0) & V(1)) | (V(2) & (V(0) | V(1))));
        V(3) += one;
        V(7) = one + two;
#undef V
    }
    for (int i = 0; i < 8; i++)
        h[i] += v[i];
}

static void SHA256_Init(SHA256_CTX *c) {
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(c->h, first, 32);
    c->length = 0;
}

static void SHA256_Update(SHA256_CTX *c, const void *data, size_t n) {
    const unsigned char *p = data;
    while (n > 0) {
        size_t at = c->length % 64, part = 64 - at < n ? 64 - at : n;
        memcpy(c->block + at, p, part);
        c->length += part;
        p += part;
        n -= part;
        if (at + part == 64)
            sha256_block(c->h, c->block);
    }
}

static void SHA256_Final(unsigned char *out, SHA256_CTX *c) {
    unsigned char bits[8];
    for (int i = 0; i < 8; i++)
        bits[i] = c->length * 8 >> (56 - 8 * i);
    SHA256_Update(c, "\x80", 1);
    while (c->length % 64 != 56)
        SHA256_Update(c, "", 1);
    SHA256_Update(c, bits, 8);
    for (int i = 0; i < 32; i++)
        out[i] = c->h[i / 4] >> (24 - 8 * (i % 4));
}
#endif
