/* SPDX-License-Identifier: Apache-2.0
 * Rows by position. Three shapes of values: fixed width and dictionary codes (one
 * gather by width), and plain text (lengths, then bytes). Positions of -1 are found
 * once for the whole column: without any, the gather has no test at all. With some, 64
 * rows at a time make one validity word and values that are chosen without a branch.
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <math.h>
#include <string.h>

static bool any_negative(const idx *pos, idx n)
{
    idx all = 0;
    for (idx i = 0; i < n; i++)
        all |= pos[i];
    return all < 0;
}

/* -- Values ---------------------------------------------------------------------- */

#define GATHER(T)                                                                      \
    static void gather_##T(const void *src, const idx *pos, idx n, void *dst)          \
    {                                                                                  \
        const T *s = src;                                                              \
        T *d = dst;                                                                    \
        for (idx i = 0; i < n; i++)                                                    \
            d[i] = s[pos[i]];                                                          \
    }                                                                                  \
    /* Zero where pos is -1; src has at least one row. */                              \
    static void gather_some_##T(const void *src, const idx *pos, idx n, void *dst)     \
    {                                                                                  \
        const T *s = src;                                                              \
        T *d = dst;                                                                    \
        for (idx i = 0; i < n; i++) {                                                  \
            T v = s[pos[i] < 0 ? 0 : pos[i]];                                          \
            d[i] = pos[i] < 0 ? 0 : v;                                                 \
        }                                                                              \
    }
GATHER(uint8_t)
GATHER(uint16_t)
GATHER(uint32_t)
GATHER(uint64_t)
#undef GATHER

static void gather_pairs(const void *src, const idx *pos, idx n, void *dst)
{
    const Complex128 *s = src;
    Complex128 *d = dst;
    for (idx i = 0; i < n; i++)
        d[i] = s[pos[i]];
}

static void gather_some_pairs(const void *src, const idx *pos, idx n, void *dst)
{
    const Complex128 *s = src;
    Complex128 *d = dst;
    for (idx i = 0; i < n; i++)
        d[i] = pos[i] < 0 ? (Complex128){0, 0} : s[pos[i]];
}

typedef void Gather(const void *src, const idx *pos, idx n, void *dst);

static void gather(const Array *a, size_t width, const idx *pos, idx n, bool some,
                   void *dst)
{
    static Gather *const by_width[2][17] = {
        {[1] = gather_uint8_t,
         [2] = gather_uint16_t,
         [4] = gather_uint32_t,
         [8] = gather_uint64_t,
         [16] = gather_pairs     },
        {[1] = gather_some_uint8_t,
         [2] = gather_some_uint16_t,
         [4] = gather_some_uint32_t,
         [8] = gather_some_uint64_t,
         [16] = gather_some_pairs},
    };
    if (some && a->n == 0)
        memset(dst, 0, (size_t)n * width);
    else
        by_width[some][width](a->data, pos, n, dst);
}

/* -- Missing rows ---------------------------------------------------------------- */

/* Validity word of rows [0, n), n <= 64: bit of a at pos, 0 where pos is -1. */
static uint64_t take_word(const uint64_t *valid, const idx *pos, idx n)
{
    uint64_t w = 0;
    for (idx i = 0; i < n; i++) {
        uint64_t have = pos[i] >= 0;
        if (valid && have) have = bit_get(valid, pos[i]);
        w |= have << i;
    }
    return w;
}

static Status take_valid(Cx *cx, const Array *a, const idx *pos, idx n, Array *out)
{
    TRY(array_add_valid(cx, out, false));
    for (idx i = 0; i < n; i += 64)
        out->valid[i / 64] = take_word(a->valid, pos + i, idx_min(64, n - i));
    return OK;
}

void write_missing(Array *out, idx at, uint64_t present, idx n)
{
    uint64_t gone = ~present & bit_low(n);
    for (; gone; gone &= gone - 1) {
        idx i = at + __builtin_ctzll(gone);
        if (out->null == NULL_NAT)
            ((int64_t *)out->data)[i] = NAT;
        else if (out->dt == DT_F32)
            ((float *)out->data)[i] = NAN;
        else
            ((double *)out->data)[i] = (double)NAN;
    }
}

void check_null_form(DType dt, NullForm null)
{
    if (null == NULL_NONE || (null == NULL_NAN && !dt_is_float(dt)) ||
        (null == NULL_NAT && !dt_is_time(dt)))
        BUG("%s can't hold a missing value in null form %d", dtype_info[dt].text, null);
}

/* Gives out, whose values are there, its missing rows in its null form. */
static Status take_missing(Cx *cx, const Array *a, const idx *pos, idx n, Array *out)
{
    check_null_form(out->dt, out->null);
    if (out->null == NULL_MASK || out->null == NULL_PROM)
        return take_valid(cx, a, pos, n, out);
    for (idx i = 0; i < n; i += 64) {
        idx k = idx_min(64, n - i);
        write_missing(out, i, take_word(a->valid, pos + i, k), k);
    }
    return OK;
}

/* -- Text ------------------------------------------------------------------------ */

static Status take_offsets(Cx *cx, const Array *a, const idx *pos, idx n, int64_t *off)
{
    int64_t at = 0;
    off[0] = 0;
    for (idx i = 0; i < n; i++) {
        int64_t len = pos[i] < 0 ? 0 : a->off[pos[i] + 1] - a->off[pos[i]];
        if (__builtin_add_overflow(at, len, &at))
            return fail(cx, E_OVERFLOW, "a text column of more than 2**63 bytes");
        off[i + 1] = at;
    }
    return OK;
}

static void take_bytes(const Array *a, const idx *pos, idx n, Array *out)
{
    /* Up to here 16 bytes may be read and written at once instead of the exact length.
     */
    int64_t src_safe = a->n ? a->off[a->n] - 16 : 0, dst_safe = out->off[n] - 16;
    for (idx i = 0; i < n; i++) {
        int64_t to = out->off[i], len = out->off[i + 1] - to;
        if (len == 0) continue;
        int64_t from = a->off[pos[i]];
        if (len <= 16 && from <= src_safe && to <= dst_safe)
            memcpy(out->bytes + to, a->bytes + from, 16);
        else
            memcpy(out->bytes + to, a->bytes + from, (size_t)len);
    }
}

static Status take_str(Cx *cx, const Array *a, const idx *pos, idx n, Array **out)
{
    TRY(str_new_offsets(cx, n, out));
    Status st = take_offsets(cx, a, pos, n, (*out)->off);
    if (!st) st = str_new_bytes(cx, *out);
    if (!st) take_bytes(a, pos, n, *out);
    return st;
}

/* -- All ------------------------------------------------------------------------- */

static Status take_values(Cx *cx, const Array *a, const idx *pos, idx n, bool some,
                          Array **out)
{
    if (a->dict) {
        TRY(array_new_dict(cx, n, a->dict, out));
        gather(a, sizeof(int32_t), pos, n, some, (*out)->data);
        return OK;
    }
    if (a->dt == DT_STR) return take_str(cx, a, pos, n, out);
    TRY(array_new(cx, a->dt, a->null, a->unit, n, false, out));
    gather(a, dtype_info[a->dt].bytes, pos, n, some, (*out)->data);
    return OK;
}

Status take(Cx *cx, const Array *a, const idx *pos, idx n, NullForm outnull,
            Array **out)
{
    Array *r = NULL;
    bool some = any_negative(pos, n);
    *out = NULL;
    Status st = take_values(cx, a, pos, n, some, &r);
    if (!st) {
        array_describe(r, a);
        r->null = (uint8_t)outnull;
        if (some || a->valid) st = take_missing(cx, a, pos, n, r);
    }
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}
