/* SPDX-License-Identifier: Apache-2.0
 * What every unit test uses: cmocka with the headers it wants first, a context, seeded
 * random numbers, and columns from literals.
 */
#pragma once
#include "array/array.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef fail
#include <cmocka.h>

/* Repeatable random numbers. */
typedef struct Rng {
    uint64_t s;
} Rng;

static inline uint64_t rng_u64(Rng *r)
{
    uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static inline idx rng_below(Rng *r, idx n)
{
    return (idx)(rng_u64(r) % (uint64_t)n);
}
static inline bool rng_chance(Rng *r, int percent)
{
    return rng_below(r, 100) < percent;
}

#define assert_ok(call)                                                                \
    do {                                                                               \
        Status ok_ = (call);                                                           \
        if (ok_) fail_msg("status %d: %s", ok_, cx->err.text);                         \
    } while (0)

/* A context for a test; unit_end also checks that no buffer is left. */
static inline Cx *unit_begin(void)
{
    Cx *cx = malloc(sizeof *cx);
    if (!cx) abort();
    cx_init(cx, NULL, NULL, NULL);
    return cx;
}
static inline void unit_end(Cx *cx)
{
    cx_clear(cx);
    free(cx);
    assert_int_equal(buf_live_count(), 0);
    assert_int_equal(buf_live_bytes(), 0);
}
