/* SPDX-License-Identifier: Apache-2.0
 * 64-bit hashes of scalars and bytes. Bits have owners, so that a shuffle does not
 * make tables cluster: 63..48 choose the rank, 47..40 the partition inside a rank,
 * the low 40 the slot and the tag. Method: multiply-xor mixing as in wyhash/murmur3
 * finalisers (public domain techniques, own code).
 */
#pragma once
#include "base/base.h"

static inline uint64_t hash_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    return x;
}

static inline uint64_t hash_combine(uint64_t a, uint64_t b)
{
    return hash_mix(a * 0x9e3779b97f4a7c15u + b);
}

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);

/* Rank of a hash among size ranks: multiplicative range reduction of the top 32 bits.
 */
static inline int hash_rank(uint64_t h, int size)
{
    return (int)(((h >> 32) * (uint64_t)size) >> 32);
}
