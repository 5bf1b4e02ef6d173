/* SPDX-License-Identifier: Apache-2.0
 * Hash of bytes: two lanes of 8 bytes, folded by hash_mix; the length goes into the
 * seed, so that tails padded with zeroes differ from zeroes. Equal on every machine of
 * one byte order (ranks exchange hashes).
 */
#include "base/hash.h"
#include <string.h>

static inline uint64_t load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return v;
}

/* n in 1..8 bytes, without reading outside them. */
static inline uint64_t load_tail(const uint8_t *p, size_t n)
{
    if (n >= 4) {
        uint32_t lo, hi;
        memcpy(&lo, p, 4);
        memcpy(&hi, p + n - 4, 4);
        return (uint64_t)hi << 32 | lo;
    }
    return (uint64_t)p[0] << 16 | (uint64_t)p[n >> 1] << 8 | p[n - 1];
}

uint64_t hash_bytes(const void *ptr, size_t n, uint64_t seed)
{
    const uint8_t *p = ptr;
    const uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xc2b2ae3d27d4eb4fu;
    uint64_t a = seed ^ (uint64_t)n * k0, b = seed + k1;

    while (n > 16) {
        a = (a ^ load8(p)) * k0;
        b = (b ^ load8(p + 8)) * k1;
        a = (a << 29 | a >> 35) ^ b >> 32;
        b = (b << 31 | b >> 33) ^ a >> 32;
        p += 16;
        n -= 16;
    }
    if (n > 8) {
        a = (a ^ load8(p)) * k0;
        p += 8;
        n -= 8;
    }
    if (n) b = (b ^ load_tail(p, n)) * k1;
    return hash_mix(hash_mix(a) + (b ^ b >> 29));
}
