/* SPDX-License-Identifier: Apache-2.0
 * A batch of a fixed-width column as 64-bit words, the one form in which hashing, key
 * tables and sorting read keys: so that dtypes and null forms are switched over in one
 * place. Folder-private.
 */
#pragma once
#include "array/array.h"

/* Words of rows start .. start + n: integers, times and dates sign- or zero-extended,
 * floats as their bits with -0.0 written as 0.0 (float32: the low 32 bits). A missing
 * row (bitmap, NaN, NaT) has word 0 and miss 1. False: none is missing, miss is not
 * written. Not for STR. */
bool words_read(const Array *a, idx start, idx n, uint64_t *w, uint8_t *miss);
/* The same, read in place where the column is words already: w is where to put them
 * else. */
static inline const uint64_t *words_view(const Array *a, idx start, idx n, uint64_t *w,
                                         uint8_t *miss, bool *any)
{
    bool in_place = (a->dt == DT_I64 || a->dt == DT_U64) && !a->valid;
    *any = !in_place && words_read(a, start, n, w, miss);
    return in_place ? (const uint64_t *)a->data + start : w;
}
/* miss[i] = 1 where the bitmap says missing (any dtype); false: none, miss not written.
 */
bool words_missing_bits(const Array *a, idx start, idx n, uint8_t *miss);

/* Bits that values up to x need. */
static inline int bit_width(uint64_t x)
{
    return x ? 64 - __builtin_clzll(x) : 0;
}
