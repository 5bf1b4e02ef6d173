/* SPDX-License-Identifier: Apache-2.0
 * Walking over UTF-8. All of it stays inside s[0..n), whatever the bytes are.
 */
#pragma once
#include "base/base.h"

static inline bool utf8_starts(uint8_t b)
{
    return (b & 0xc0) != 0x80;
}

static inline bool utf8_is_ascii(const uint8_t *s, int64_t n)
{
    uint8_t any = 0;
    for (int64_t i = 0; i < n; i++)
        any |= s[i];
    return any < 0x80;
}

/* Characters of s[0..n). */
static inline idx utf8_count(const uint8_t *s, idx n)
{
    idx count = 0;
    for (idx i = 0; i < n; i++)
        count += utf8_starts(s[i]);
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
