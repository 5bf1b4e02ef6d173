/* SPDX-License-Identifier: Apache-2.0
 * Bitmaps in 64-bit words, LSB first: bit i of a bitmap is bit i % 64 of word i / 64.
 * The copying functions take bit offsets on both sides and leave other bits of dst
 * alone.
 */
#pragma once
#include "base/base.h"

/* Words of a bitmap for n rows. */
static inline idx bit_words(idx n)
{
    return (n + 63) / 64;
}
static inline bool bit_get(const uint64_t *w, idx i)
{
    return (w[i >> 6] >> (i & 63)) & 1;
}
static inline void bit_set(uint64_t *w, idx i)
{
    w[i >> 6] |= (uint64_t)1 << (i & 63);
}
static inline void bit_clear(uint64_t *w, idx i)
{
    w[i >> 6] &= ~((uint64_t)1 << (i & 63));
}
static inline void bit_put(uint64_t *w, idx i, bool v)
{
    w[i >> 6] = (w[i >> 6] & ~((uint64_t)1 << (i & 63))) | (uint64_t)v << (i & 63);
}
/* The low n bits set, n in 0..64. */
static inline uint64_t bit_low(idx n)
{
    return n >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1;
}

/* The 64 bits from bit offset at on; reads only words that hold bits below at + n. */
static inline uint64_t bits_word(const uint64_t *w, idx at, idx n)
{
    idx k = at >> 6, s = at & 63;
    uint64_t v = w[k] >> s;
    if (s && n > 64 - s) v |= w[k + 1] << (64 - s);
    return v & bit_low(n);
}

idx bits_count(const uint64_t *w, idx n); /* ones among the first n bits */
void bits_fill(uint64_t *dst, idx at, idx n, bool one); /* bits at .. at + n */
void bits_copy(uint64_t *dst, idx dst_at, const uint64_t *src, idx src_at, idx n);
/* Byte i of dst: bit src_at + i, as 0 or 1. */
void bits_to_bytes(uint8_t *dst, const uint64_t *src, idx src_at, idx n);
/* All words of dst for n bits: bit i = byte i of src is not 0; the tail is zero. */
void bits_from_bytes(uint64_t *dst, const uint8_t *src, idx n);
