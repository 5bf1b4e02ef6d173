/* SPDX-License-Identifier: Apache-2.0
 * Growing columns of unknown length, amortised doubling. For string results of compiled
 * loops, concat reductions and readers.
 */
#pragma once
#include "array/array.h"

typedef struct Builder Builder;

MUST_USE Status builder_new(Cx *cx, DType dt, NullForm null, Unit unit, Builder **out);
MUST_USE Status builder_add_bytes(Cx *cx, Builder *b,
                                  const void *value); /* fixed width */
MUST_USE Status builder_add_str(Cx *cx, Builder *b, const uint8_t *s, idx n);
MUST_USE Status builder_add_null(Cx *cx, Builder *b);
MUST_USE Status builder_add_array(Cx *cx, Builder *b, const Array *a);
/* STR: the text of row i so far, valid until the next add. Row must be present. */
const uint8_t *builder_str(const Builder *b, idx i, idx *len);
MUST_USE Status builder_finish(Cx *cx, Builder *b, Array **out); /* frees the builder */
void builder_free(Builder *b);
