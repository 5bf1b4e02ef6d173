/* SPDX-License-Identifier: Apache-2.0
 * Bitmaps: counting, copying at any offset, and the byte form.
 */
#include "array/bits.h"
#include <string.h>

#ifdef __SSE2__
/* emmintrin.h would bring _mm_malloc, which banned.h does not let through. */
#    define _MM_MALLOC_H_INCLUDED
#    define __MM_MALLOC_H
#    include <emmintrin.h>
#endif

idx bits_count(const uint64_t *w, idx n)
{
    idx count = 0, whole = n / 64;
    for (idx i = 0; i < whole; i++)
        count += __builtin_popcountll(w[i]);
    if (n % 64) count += __builtin_popcountll(w[whole] & bit_low(n % 64));
    return count;
}

/* Writes the low n bits (1..64) of v at bit offset at. */
static inline void bits_store(uint64_t *dst, idx at, uint64_t v, idx n)
{
    idx k = at >> 6, s = at & 63;
    uint64_t mask = bit_low(n);
    v &= mask;
    dst[k] = (dst[k] & ~(mask << s)) | v << s;
    if (s && n > 64 - s)
        dst[k + 1] = (dst[k + 1] & ~(mask >> (64 - s))) | v >> (64 - s);
}

void bits_fill(uint64_t *dst, idx at, idx n, bool one)
{
    uint64_t v = one ? ~(uint64_t)0 : 0;
    idx head = idx_min(n, (64 - (at & 63)) & 63);
    if (head) bits_store(dst, at, v, head);
    at += head;
    n -= head;
    for (; n >= 64; at += 64, n -= 64)
        dst[at >> 6] = v;
    if (n > 0) bits_store(dst, at, v, n);
}

void bits_copy(uint64_t *dst, idx dst_at, const uint64_t *src, idx src_at, idx n)
{
    idx head = idx_min(n, (64 - (dst_at & 63)) & 63);
    if (head) bits_store(dst, dst_at, bits_word(src, src_at, head), head);
    dst_at += head;
    src_at += head;
    n -= head;
    if ((src_at & 63) == 0 && n >= 64) {
        idx words = n / 64;
        memcpy(dst + (dst_at >> 6), src + (src_at >> 6), (size_t)words * 8);
        dst_at += 64 * words;
        src_at += 64 * words;
        n -= 64 * words;
    }
    for (; n >= 64; dst_at += 64, src_at += 64, n -= 64)
        dst[dst_at >> 6] = bits_word(src, src_at, 64);
    if (n > 0) bits_store(dst, dst_at, bits_word(src, src_at, n), n);
}

void bits_to_bytes(uint8_t *dst, const uint64_t *src, idx src_at, idx n)
{
    for (idx i = 0; i < n; i += 64) {
        idx k = idx_min(64, n - i);
        uint64_t v = bits_word(src, src_at + i, k);
        for (idx j = 0; j < k; j++)
            dst[i + j] = (uint8_t)(v >> j & 1);
    }
}

/* Bit i: byte i of 64 is not 0. */
static inline uint64_t word_from_bytes(const uint8_t *b)
{
    uint64_t out = 0;
#ifdef __SSE2__
    for (int k = 0; k < 64; k += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(b + k));
        int zero = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128()));
        out |= (uint64_t)(~zero & 0xffff) << k;
    }
#else
    for (int k = 0; k < 64; k++)
        out |= (uint64_t)(b[k] != 0) << k;
#endif
    return out;
}

void bits_from_bytes(uint64_t *dst, const uint8_t *src, idx n)
{
    idx whole = n / 64, rest = n % 64;
    for (idx i = 0; i < whole; i++)
        dst[i] = word_from_bytes(src + 64 * i);
    if (rest) {
        uint8_t b[64] = {0};
        memcpy(b, src + 64 * whole, (size_t)rest);
        dst[whole] = word_from_bytes(b);
    }
}
