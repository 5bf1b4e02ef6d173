/* SPDX-License-Identifier: Apache-2.0
 * The parts of cast that have files of their own. Results may be set also on failure;
 * the caller frees them.
 */
#pragma once
#include "array/array.h"

/* Bitmap of the rows that are not missing, in any null form, from mem_new; NULL when no
 * row is missing. */
MUST_USE Status missing_bits(Cx *cx, const Array *a, uint64_t **out);
/* Makes the other rows of out missing in its null form. present NULL: none are. */
MUST_USE Status write_null_form(Cx *cx, Array *out, const uint64_t *present);

/* cast_text.c: anything but STR as text. */
MUST_USE Status cast_text(Cx *cx, const Array *a, NullForm null, Array **out);
/* cast_parse.c: text as numbers, bools, times. */
MUST_USE Status cast_parse(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit,
                           Array **out);
