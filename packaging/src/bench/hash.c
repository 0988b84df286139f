/* The hashes of a knock in C, for packaging/bench hash.
 *
 * usage: hash NAME MILLISECONDS
 *
 * Prints the nanoseconds that one NAME takes, in each of 21 samples that take MILLISECONDS together: gate, keyid, proof,
 * prepared, door, refusal, head, open. SHA-256 and AES are those of OpenSSL's libcrypto (-lcrypto), which use what the processor
 * has for them, as Java does. "hash check" says "ok" if the hashes are right.
 */
#define OPENSSL_API_COMPAT 0x10101000L /* SHA256_Init: what EVP does around it is not the hash */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "siphash.h"

enum { PACKET = 96, PROOF = 64, KEY_ID = 80, TAG = 88, SAMPLES = 21 };

static unsigned char packet[PACKET], key[32], server_id[16];
static const unsigned char bits[8] = {0, 0, 0, 0, 0, 0, 0, 0xc0};
static unsigned char pads[2][64];
static SHA256_CTX prepared[2];
static uint64_t k0 = 0x0706050403020100, k1 = 0x0f0e0d0c0b0a0908;
static volatile uint64_t sink; /* so that nothing is left out */

static uint64_t big(const unsigned char *p) {
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

static int gate(void) {
    uint64_t tag;
    memcpy(&tag, packet + TAG, 8);
    return (siphash(k0, k1, packet, TAG) ^ tag) == 0;
}

static uint64_t key_id(void) {
    unsigned char masked[17];
    memcpy(masked, packet, 16);
    masked[16] = 1;
    return big(packet + KEY_ID) ^ __builtin_bswap64(siphash(k0, k1, masked, sizeof masked));
}

/* As Java has to do it: both padded keys are hashed for every message. */
static void begin(SHA256_CTX *c) {
    SHA256_Init(c);
    SHA256_Update(c, pads[0], 64);
}

static void end(SHA256_CTX *c, unsigned char *out) {
    SHA256_Final(out, c);
    SHA256_Init(c);
    SHA256_Update(c, pads[1], 64);
    SHA256_Update(c, out, 32);
    SHA256_Final(out, c);
}

static void proved_octets(SHA256_CTX *c) {
    SHA256_Update(c, server_id, 16);
    SHA256_Update(c, packet + KEY_ID, 8);
    SHA256_Update(c, packet, PROOF);
    SHA256_Update(c, bits, 8);
}

static int same(const unsigned char *mac) {
    int difference = 0;
    for (int i = 0; i < 16; i++)
        difference |= mac[i] ^ packet[PROOF + i];
    return difference == 0;
}

static int proof(void) {
    unsigned char mac[32];
    SHA256_CTX c;
    begin(&c);
    proved_octets(&c);
    end(&c, mac);
    return same(mac);
}

/* The padded keys were hashed before: what C can do and java.security.MessageDigest cannot without allocating. */
static int proof_prepared(void) {
    unsigned char mac[32];
    SHA256_CTX c = prepared[0];
    proved_octets(&c);
    SHA256_Final(mac, &c);
    c = prepared[1];
    SHA256_Update(&c, mac, 32);
    SHA256_Final(mac, &c);
    return same(mac);
}

static uint64_t door(void) {
    uint64_t all = 0;
    for (unsigned char salt = 0; salt < 3; salt++) {
        unsigned char mac[32];
        SHA256_CTX c;
        begin(&c);
        SHA256_Update(&c, packet, 16);
        SHA256_Update(&c, &salt, 1);
        end(&c, mac);
        all ^= big(mac + 8);
    }
    return all;
}

static uint64_t refusal(void) {
    return gate() ? key_id() ^ (uint64_t)proof() : 1;
}

static EVP_CIPHER_CTX *cipher(const EVP_CIPHER *which) {
    EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();
    if (!made || !EVP_EncryptInit_ex(made, which, NULL, key, packet))
        exit(1);
    return made;
}

/* The first block of the key stream is the nonce, encrypted. */
static uint64_t head(void) {
    static EVP_CIPHER_CTX *context;
    unsigned char stream[16];
    int length;
    if (!context)
        context = cipher(EVP_aes_256_ecb());
    EVP_EncryptUpdate(context, stream, &length, packet, 16);
    return big(stream) ^ big(packet + 16);
}

/* The proof once more and AES-256-CTR, as Tink's AES-CTR-HMAC does. */
static uint64_t open_request(void) {
    static EVP_CIPHER_CTX *context;
    unsigned char plain[48];
    int length, right = proof();
    if (!context)
        context = cipher(EVP_aes_256_ctr());
    EVP_DecryptInit_ex(context, NULL, NULL, key, packet);
    EVP_DecryptUpdate(context, plain, &length, packet + 16, 48);
    return big(plain) ^ (uint64_t)right;
}
static uint64_t once(int what) {
    switch (what) {
    case 0: return (uint64_t)gate();
    case 1: return key_id();
    case 2: return (uint64_t)proof();
    case 3: return (uint64_t)proof_prepared();
    case 4: return door();
    case 5: return refusal();
    case 6: return head();
    case 7: return open_request();
    default: exit(2);
    }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Each call waits for the packet to be written again, as if it had come in anew. */
static double sample(int what, long rounds) {
    double begun = now();
    uint64_t all = 0;
    for (long i = 0; i < rounds; i++) {
        __asm__ volatile("" ::: "memory");
        all += once(what);
    }
    sink += all;
    return (now() - begun) / rounds;
}

/* Test case 2 of RFC 4231, and appendix A of the SipHash paper. */
static int check(void) {
    unsigned char numbers[16], mac[32];
    static const unsigned char right[8] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e};
    SHA256_CTX c;
    for (int i = 0; i < 16; i++)
        numbers[i] = i;
    if (siphash(k0, k1, numbers, 15) != 0xa129ca6149be45e5)
        return 0;
    memset(pads[0], 0x36, 64);
    memset(pads[1], 0x5c, 64);
    for (int i = 0; i < 4; i++) {
        pads[0][i] ^= "Jefe"[i];
        pads[1][i] ^= "Jefe"[i];
    }
    begin(&c);
    SHA256_Update(&c, "what do ya want for nothing?", 28);
    end(&c, mac);
    return memcmp(mac, right, 8) == 0;
}

static void set_up(void) {
    for (int i = 0; i < PACKET; i++)
        packet[i] = i * 7 + 1;
    for (int i = 0; i < 32; i++)
        key[i] = i;
    for (int i = 0; i < 64; i++) {
        pads[0][i] = (i < 32 ? key[i] : 0) ^ 0x36;
        pads[1][i] = (i < 32 ? key[i] : 0) ^ 0x5c;
    }
    for (int i = 0; i < 2; i++) {
        SHA256_Init(&prepared[i]);
        SHA256_Update(&prepared[i], pads[i], 64);
    }
    uint64_t tag = siphash(k0, k1, packet, TAG);
    memcpy(packet + TAG, &tag, 8);
}

int main(int argc, char **argv) {
    static const char *names[] = {"gate", "keyid", "proof", "prepared", "door", "refusal", "head", "open"};
    int what = -1;
    if (argc == 2 && !strcmp(argv[1], "check")) {
        puts(check() ? "ok" : "wrong");
        return !check();
    }
    for (int i = 0; i < 8; i++)
        if (argc == 3 && !strcmp(argv[1], names[i]))
            what = i;
    if (what < 0) {
        fprintf(stderr, "usage: hash check | hash gate|keyid|proof|prepared|door|refusal|head|open MILLISECONDS\n");
        return 2;
    }
    set_up();
    double each = atof(argv[2]) * 1e6 / (SAMPLES + 4), least = sample(what, 1000);
    for (int i = 0; i < 3; i++) { /* the clock of the processor goes up first */
        double again = sample(what, (long)(each / least) + 1);
        least = again < least ? again : least;
    }
    for (int i = 0; i < SAMPLES; i++)
        printf("%.3f\n", sample(what, (long)(each / least) + 1));
    return 0;
}
