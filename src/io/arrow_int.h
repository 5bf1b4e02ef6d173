/* SPDX-License-Identifier: Apache-2.0
 * Shared by arrow_import.c and arrow_stream.c.
 */
#pragma once
#include "io/arrow.h"

/* The dictionary of the batch before, and from what it was made. Buffers are alive as
 * long as dict is, so equal addresses mean equal contents. */
typedef struct DictCache {
    const void *offsets, *text;
    int64_t length, offset;
    Array *dict;
    Array *cats; /* of a category column: those of all batches so far */
} DictCache;

/* As arrow_import; cache may be NULL. */
MUST_USE Status arrow_import_column(Cx *cx, const struct ArrowSchema *schema,
                                    struct ArrowArray *in, const ColSpec *spec,
                                    DictCache *cache, Array **out);
/* A column of this schema without rows. */
MUST_USE Status arrow_empty_column(Cx *cx, const struct ArrowSchema *schema,
                                   const ColSpec *spec, Array **out);
