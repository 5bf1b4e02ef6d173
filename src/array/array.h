/* SPDX-License-Identifier: Apache-2.0
 * A column: type, length, validity and buffers in Arrow layout.
 *
 *   fixed width   data[i] of dtype_info[dt].bytes, BOOL one byte a value
 *   STR plain     off[0..n] (int64), bytes[off[i] .. off[i+1])
 *   STR dict      code[i] (int32) into dict, a plain STR array without nulls, whose
 *                 entries are distinct unless dict_dups; kernels take both layouts
 *   CAT           code[i] (int32) into cats, a column of distinct categories without
 *                 nulls of any other dtype: text, numbers, times. Their order is part
 *                 of the type for pandas: codes compare as categories do. All ranks
 *                 have the same categories, so that only codes ever move
 *   validity      bit i of valid (LSB first), 1 = present; NULL pointer = no nulls.
 *                 Bits are relative to the array: offset 0, slices copy or shift them.
 *                 Bits beyond n in the last 64-bit word are zero.
 *
 * Which null form applies is the type's (null): NULL_NAN and NULL_NAT columns never
 * have a bitmap, NULL_MASK and NULL_PROM ones may. Values below a null are zero (codes
 * too), so that loops may read them.
 *
 * Arrays are shared by reference and then read-only; array_own gives one that may be
 * written. Functions borrow their arguments and return owned results.
 * Compiled code reads n, data, valid, off, bytes, dict, promoted: their offsets are
 * fixed by the static asserts in array.c and known to codegen through array_layout.h.
 */
#pragma once
#include "array/bits.h"
#include "array/buf.h"
#include "base/dtype.h"

typedef struct Array {
    idx n;              /* rows on this rank */
    void *data;         /* values; STR dict: int32 codes; STR plain: NULL */
    uint64_t *valid;    /* validity words or NULL */
    int64_t *off;       /* STR plain: n + 1 offsets */
    uint8_t *bytes;     /* STR plain: the text */
    struct Array *dict; /* STR dict: the entries (plain STR, no nulls) */
    int32_t promoted; /* NULL_PROM: 1 when a null arose anywhere (uniform over ranks) */
    uint8_t dt, null, unit, dict_dups; /* DType, NullForm, Unit */
    /* -- below: not read by compiled code -- */
    idx null_count; /* -1: not counted */
    _Atomic int64_t refs;
    Buf *data_buf, *valid_buf, *off_buf, *bytes_buf;
    int8_t ordered; /* dict: entries are sorted (1), or category order (2); CAT: 2 when
                     * the categories are ordered, for pandas, else 0 */
    struct Array *cats; /* CAT: the categories */
    const char *tz; /* TS with a time zone: its name (interned), else NULL. DATE: "None"
                     * of what came in, whose missing rows are None; NULL: they are
                     * NaT, as those that .dt.date and sums make */
} Array;

static inline bool array_is_dict(const Array *a)
{
    return a->dict != NULL;
}
/* Whether row i is present by the bitmap alone (not NaN, not NaT). */
static inline bool array_bit(const Array *a, idx i)
{
    return !a->valid || bit_get(a->valid, i);
}

/* A fixed-width array of n uninitialised values (zero = true: zeroed). No bitmap. */
MUST_USE Status array_new(Cx *cx, DType dt, NullForm null, Unit unit, idx n, bool zero,
                          Array **out);
/* A plain STR array of n rows and nbytes of text, offsets[0] = 0; both to be filled. */
MUST_USE Status array_new_str(Cx *cx, idx n, idx nbytes, Array **out);
/* The same in two steps, when the text's size follows from the offsets: n + 1 offsets
 * to be filled (off[0] is 0), then the bytes, off[n] of them. */
MUST_USE Status str_new_offsets(Cx *cx, idx n, Array **out);
MUST_USE Status str_new_bytes(Cx *cx, Array *a);
/* A dictionary STR array of n codes to be filled, over dict (a reference is taken).
 * When dict is empty and n is not, an entry "" takes its place, which the codes of
 * nulls (0) may read. */
MUST_USE Status array_new_dict(Cx *cx, idx n, Array *dict, Array **out);
/* An array like proto (dtype, null form, unit, tz; layout plain) with 0 rows. */
MUST_USE Status array_new_empty(Cx *cx, const Array *proto, Array **out);
/* Adds a bitmap of ours, all ones (fill = true) or all zero, unless there is one. */
MUST_USE Status array_add_valid(Cx *cx, Array *a, bool fill);
/* Gives a, which has none, the bitmap of from (same n; shared). For MASK and PROM
 * forms. */
MUST_USE Status array_set_valid(Cx *cx, Array *a, const Array *from);

Array *array_ref(Array *a);
void array_unref(Array *a);
bool array_is_sole(const Array *a); /* nobody else has it or its memory */
/* *a itself when it is the only owner of writable buffers, else a copy (plain layout
 * kept). */
MUST_USE Status array_own(Cx *cx, Array **a);
/* Copies what only describes values: null form, unit, promoted, tz, and of dictionaries
 * the order and whether entries repeat; the categories. */
void array_describe(Array *to, const Array *from);
/* The categories of from, when it has any, become those of to. */
void array_set_cats(Array *to, const Array *from);
/* The name of a time zone as arrays hold it: one pointer per name, never freed. */
MUST_USE Status array_tz(Cx *cx, const char *name, size_t n, const char **out);
/* Rows [start, start + n) sharing buffers where offsets allow (bitmaps are shifted). */
MUST_USE Status array_slice(Cx *cx, const Array *a, idx start, idx n, Array **out);
idx array_null_count(Array *a); /* by the bitmap; counted once */
/* STR: text of row i (both layouts). Row must be present. */
static inline const uint8_t *array_str(const Array *a, idx i, idx *len)
{
    if (a->dict) {
        i = ((const int32_t *)a->data)[i];
        a = a->dict;
    }
    *len = a->off[i + 1] - a->off[i];
    return a->bytes + a->off[i];
}
/* A dictionary array as plain STR; a plain one is only referenced. */
MUST_USE Status array_str_plain(Cx *cx, Array *a, Array **out);
/* Whether row i is missing, whatever the null form. Slow: for tests and cold paths. */
bool array_is_null(const Array *a, idx i);
size_t array_bytes(const Array *a); /* of its rows; a dictionary counts whole */
/* Checks the invariants above (debug builds, foreign input): E_VALUE names the first.
 */
MUST_USE Status array_check(Cx *cx, const Array *a);
