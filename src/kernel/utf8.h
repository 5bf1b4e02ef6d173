/* SPDX-License-Identifier: Apache-2.0
 * Walking over UTF-8. All of it stays inside s[0..n), whatever the bytes are.
 */
#pragma once
#include "base/base.h"

#include <string.h>

static inline bool utf8_starts(uint8_t b)
{
    return (b & 0xc0) != 0x80;
}

/* n bytes, 0 < n <= 8, as a word whose other bytes are 0; no byte beyond is read. */
static inline uint64_t utf8_word(const uint8_t *s, idx n)
{
    uint64_t x;
    uint32_t a, b;
    if (n == 8) {
        memcpy(&x, s, 8);
        return x;
    }
    if (n >= 4) {
        memcpy(&a, s, 4);
        memcpy(&b, s + n - 4, 4);
        return a | (uint64_t)b << 8 * (n - 4);
    }
    return s[0] | (uint64_t)s[n / 2] << 8 * (n / 2) | (uint64_t)s[n - 1] << 8 * (n - 1);
}

static inline bool utf8_is_ascii(const uint8_t *s, int64_t n)
{
    uint64_t any = 0, x;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        memcpy(&x, s + i, 8);
        any |= x;
    }
    if (i < n) any |= utf8_word(s + i, n - i);
    return !(any & 0x8080808080808080u);
}

/* 1 in each byte that goes on with a character. */
static inline uint64_t utf8_tails(uint64_t x)
{
    return x >> 7 & ~(x >> 6) & 0x0101010101010101u;
}

/* Characters of s[0..n). The bytes that go on with one are summed up in bytes, of which
 * none gets more than 255. */
static inline idx utf8_count(const uint8_t *s, idx n)
{
    const uint64_t even = 0x00ff00ff00ff00ffu;
    idx count = n, i = 0;
    while (i < n) {
        uint64_t sums = 0, x;
        idx end = n - i > (idx)254 * 8 ? i + (idx)254 * 8 : n;
        for (; i + 8 <= end; i += 8) {
            memcpy(&x, s + i, 8);
            sums += utf8_tails(x);
        }
        if (i < end) sums += utf8_tails(utf8_word(s + i, end - i));
        i = end;
        sums = (sums & even) + (sums >> 8 & even);
        count -= (idx)(sums * 0x0001000100010001u >> 48);
    }
    return count;
}

/* Byte position of the character that comes `chars` behind the one at byte at; n if
 * none. */
static inline idx utf8_skip(const uint8_t *s, idx n, idx at, idx chars)
{
    if (chars >= n - at) {
        idx left = utf8_count(s + at, n - at);
        if (chars >= left) return n;
    }
    for (idx i = at; i < n; i++) {
        if (!utf8_starts(s[i])) continue;
        if (chars-- == 0) return i;
    }
    return n;
}

/* Decodes the character at s[0..n), n > 0; *len is its bytes. A byte that starts none
 * gives itself with bit 31 set and length 1. */
static inline uint32_t utf8_decode(const uint8_t *s, idx n, idx *len)
{
    uint8_t b = s[0];
    *len = 1;
    if (b < 0x80) return b;
    idx want = b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : b >= 0xc2 ? 2 : 0;
    if (want == 0 || want > n || b > 0xf4) return b | 0x80000000u;
    uint32_t c = b & (0xffu >> (want + 1));
    for (idx i = 1; i < want; i++) {
        if (utf8_starts(s[i])) return b | 0x80000000u;
        c = c << 6 | (s[i] & 0x3f);
    }
    *len = want;
    return c;
}

/* Writes c (as decoded) to out, which has room for 4; returns the bytes. */
static inline idx utf8_encode(uint32_t c, uint8_t *out)
{
    if (c < 0x80 || c >= 0x80000000u) {
        out[0] = (uint8_t)c;
        return 1;
    }
    idx n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (idx i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (uint8_t)(0x80 | (c & 0x3f));
    out[0] = (uint8_t)(c | (0xf00u >> n));
    return n;
}
