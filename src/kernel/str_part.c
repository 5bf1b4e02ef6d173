/* SPDX-License-Identifier: Apache-2.0
 * Lengths and slices by code points, on text that is UTF-8. A byte that continues a
 * character is never counted, so damaged text gives some answer and no read outside it.
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include "kernel/utf8.h"

/* -- Length ---------------------------------------------------------------------- */

static bool is_ascii(const Array *a)
{
    return utf8_is_ascii(a->bytes + a->off[0], a->off[a->n] - a->off[0]);
}

static void lengths(const Array *a, int64_t *out)
{
    if (is_ascii(a)) {
        for (idx i = 0; i < a->n; i++)
            out[i] = a->off[i + 1] - a->off[i];
        return;
    }
    for (idx i = 0; i < a->n; i++)
        out[i] = utf8_count(a->bytes + a->off[i], a->off[i + 1] - a->off[i]);
}

static Status lengths_of_codes(Cx *cx, const Array *a, int64_t *out)
{
    int64_t *entry;
    TRY(mem_new(cx, a->dict->n, sizeof *entry, false, &entry));
    lengths(a->dict, entry);
    const int32_t *code = a->data;
    for (idx i = 0; i < a->n; i++)
        out[i] = entry[code[i]];
    mem_free(entry);
    return OK;
}

Status str_len(Cx *cx, const Array *a, Array **out)
{
    Array *r;
    *out = NULL;
    ASSERT(a->dt == DT_STR);
    TRY(array_new(cx, DT_I64, NULL_PROM, UNIT_NONE, a->n, false, &r));
    Status st = OK;
    if (a->dict)
        st = lengths_of_codes(cx, a, r->data);
    else
        lengths(a, r->data);
    if (!st) st = array_set_valid(cx, r, a);
    if (st) {
        array_unref(r);
        return st;
    }
    zero_below_nulls(r);
    r->promoted = array_null_count(r) > 0;
    *out = r;
    return OK;
}

/* -- Slice ----------------------------------------------------------------------- */

typedef struct SliceArg {
    idx start, stop; /* as Python's; INT64_MAX: to the end */
} SliceArg;

static idx clamp(idx v, idx n)
{
    return v < 0 ? idx_max(0, v + n) : idx_min(v, n);
}

/* Byte range of a slice of s[0..n). */
static void slice_range(const uint8_t *s, idx n, bool ascii, SliceArg a, idx *from,
                        idx *to)
{
    if (!ascii && (a.start < 0 || a.stop < 0)) {
        idx len = utf8_count(s, n);
        a.start = clamp(a.start, len);
        a.stop = clamp(a.stop, len);
    }
    *from = ascii ? clamp(a.start, n) : utf8_skip(s, n, 0, a.start);
    if (ascii)
        *to = idx_max(*from, clamp(a.stop, n));
    else
        *to = a.stop <= a.start ? *from : utf8_skip(s, n, *from, a.stop - a.start);
}

static Status map_slice(Cx *cx, const Array *a, const void *arg, Array **out)
{
    const SliceArg slice = *(const SliceArg *)arg;
    bool ascii = is_ascii(a);
    TRY(str_new_offsets(cx, a->n, out));
    int64_t *off = (*out)->off;
    for (idx i = 0; i < a->n; i++) {
        idx from, to, n = a->off[i + 1] - a->off[i];
        slice_range(a->bytes + a->off[i], n, ascii, slice, &from, &to);
        off[i + 1] = off[i] + (to - from);
    }
    TRY(str_new_bytes(cx, *out));
    for (idx i = 0; i < a->n; i++) {
        idx from, to, n = a->off[i + 1] - a->off[i];
        const uint8_t *s = a->bytes + a->off[i];
        if (off[i + 1] == off[i]) continue;
        slice_range(s, n, ascii, slice, &from, &to);
        memcpy((*out)->bytes + off[i], s + from, (size_t)(to - from));
    }
    return OK;
}

Status str_slice(Cx *cx, const Array *a, idx start, idx stop, bool has_start,
                 bool has_stop, Array **out)
{
    SliceArg arg = {has_start ? start : 0, has_stop ? stop : INT64_MAX};
    return str_map(cx, a, map_slice, &arg, out);
}
