/* SPDX-License-Identifier: Apache-2.0
 * What kernels share among themselves.
 */
#pragma once
#include "array/array.h"
#include <string.h>

/* BUG unless a column of dt can say "missing" in this form. */
void check_null_form(DType dt, NullForm null); /* take.c */
/* NULL_NAN and NULL_NAT: writes NaN or NaT to rows at .. at + n (n <= 64) of out whose
 * bit in present is 0. */
void write_missing(Array *out, idx at, uint64_t present, idx n); /* take.c */

/* Gives out, a MASK or PROM column without a bitmap, that of a's missing rows, be they
 * by bitmap or NaT; none when no row is missing. */
MUST_USE Status time_valid(Cx *cx, const Array *a, Array *out); /* dt_part.c */
/* Zeroes the values (codes) of missing rows. */
void zero_below_nulls(Array *out); /* dt_part.c */

/* -- str_map.c: functions of one text column, once per entry of dictionaries */
/* Sets out[i] for the rows of plain text a; missing ones may get anything. */
typedef void StrTest(const Array *a, const void *arg, uint8_t *out);
/* BOOL column of a test; missing rows give na. */
MUST_USE Status str_test(Cx *cx, const Array *a, StrTest *test, const void *arg,
                         bool na, Array **out);
/* Plain text without a bitmap from plain text: empty rows below missing ones stay so.
 * *out may be set also on failure. */
typedef Status StrMap(Cx *cx, const Array *a, const void *arg, Array **out);
MUST_USE Status str_map(Cx *cx, const Array *a, StrMap *map, const void *arg,
                        Array **out);
/* Bytes of missing rows (by bitmap) become value. */
void fill_missing_bytes(const Array *a, uint8_t value, uint8_t *out);

/* Three-way comparison of texts by bytes, which is by code points. */
static inline int text_cmp(const uint8_t *s, idx n, const uint8_t *t, idx m)
{
    idx k = idx_min(n, m);
    int c = k ? memcmp(s, t, (size_t)k) : 0;
    return c ? c : (n > m) - (n < m);
}

/* BOOL column of n uninitialised rows without missing ones. */
static inline Status bool_new(Cx *cx, idx n, Array **out)
{
    return array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, n, false, out);
}
