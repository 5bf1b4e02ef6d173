/* SPDX-License-Identifier: Apache-2.0
 * What kernels share among themselves.
 */
#pragma once
#include "array/array.h"

/* BUG unless a column of dt can say "missing" in this form. */
void check_null_form(DType dt, NullForm null); /* take.c */
/* NULL_NAN and NULL_NAT: writes NaN or NaT to rows at .. at + n (n <= 64) of out whose bit
 * in present is 0. */
void write_missing(Array *out, idx at, uint64_t present, idx n); /* take.c */

/* BOOL column of n uninitialised rows without missing ones. */
static inline Status bool_new(Cx *cx, idx n, Array **out)
{
    return array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, n, false, out);
}
