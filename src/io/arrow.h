/* SPDX-License-Identifier: Apache-2.0
 * Columns to and from the Arrow C Data Interface. Zero copy where the layouts agree;
 * else converted once: bit bools to bytes, 32-bit offsets and views to 64-bit offsets,
 * any dictionary index width to int32 codes, bitmap offsets shifted, floats' and
 * timestamps' nulls written as NaN and NaT when the wanted null form says so.
 * Everything that comes from outside is checked (offsets, lengths, codes).
 */
#pragma once
#include "array/table.h"
#include "io/arrow_abi.h"

/* What the compiler expects of a column that is read or passed in. */
typedef struct ColSpec {
    uint8_t dt, null, unit;
    bool keep_dict; /* a dictionary may stay one */
} ColSpec;

/* One column. Takes over *in (released with the last reference to its buffers), also on
 * failure. Integers widen or narrow to spec when every value fits (E_VALUE if not). A
 * null where spec's form is NULL_NONE is E_VALUE. NULL_PROM: bitmap; `promoted` is left
 * 0. */
MUST_USE Status arrow_import(Cx *cx, struct ArrowSchema *schema, struct ArrowArray *in,
                             const ColSpec *spec, Array **out);
/* A stream of structs, ncol columns in the order of spec, batch by batch. spec must
 * live as long as the reader. Takes over the stream, also on failure. Local. */
typedef struct ArrowReader ArrowReader;
MUST_USE Status arrow_reader_open(Cx *cx, struct ArrowArrayStream *in,
                                  const ColSpec *spec, idx ncol, ArrowReader **out);
/* The next batch that has rows; when there is none, a table without rows. */
MUST_USE Status arrow_reader_next(Cx *cx, ArrowReader *r, Table *out);
void arrow_reader_close(ArrowReader *r); /* releases the stream; NULL is nothing */
/* All batches, concatenated. Each is copied to its place and released before the next
 * is asked for; expect: rows in all, -1 when not known. */
MUST_USE Status arrow_import_stream(Cx *cx, struct ArrowArrayStream *in,
                                    const ColSpec *spec, idx ncol, idx expect,
                                    Table *out);
/* Export shares the buffers (bools, 64-bit offsets in place; format "U"; bytes to bits
 * are copied). NaN stays NaN; NaT becomes null. */
MUST_USE Status arrow_export(Cx *cx, Array *a, const char *name,
                             struct ArrowSchema *schema, struct ArrowArray *out);
/* A stream of one struct batch with the given names. Columns are referenced. */
MUST_USE Status arrow_export_stream(Cx *cx, const Table *t, const char *const *name,
                                    struct ArrowArrayStream *out);
