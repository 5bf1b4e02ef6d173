/* SPDX-License-Identifier: Apache-2.0
 * Short runs of bytes, without a call and without reading outside them.
 */
#pragma once
#include "base/base.h"

#include <string.h>

static inline uint64_t bytes_load8(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t bytes_load4(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Both halves of up to 16 bytes are compared at once: they overlap where there are
 * fewer. */
static inline bool bytes_eq(const uint8_t *a, const uint8_t *b, size_t n)
{
    if (n > 16) return memcmp(a, b, n) == 0;
    if (n >= 8)
        return ((bytes_load8(a) ^ bytes_load8(b)) |
                (bytes_load8(a + n - 8) ^ bytes_load8(b + n - 8))) == 0;
    if (n >= 4)
        return ((bytes_load4(a) ^ bytes_load4(b)) |
                (bytes_load4(a + n - 4) ^ bytes_load4(b + n - 4))) == 0;
    if (n == 0) return true;
    return a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1];
}
