/* SPDX-License-Identifier: Apache-2.0
 * cumsum, cumprod, cummin, cummax. Missing rows stay missing and do not count, unless
 * NaN is a value as any other ('S', 'P'). Sums and
 * products of integers and bools are int64 (unsigned: uint64) and wrap, as in NumPy;
 * floats keep their type and are added one by one in row order. Minimum and maximum
 * keep every type; of text they are rows taken by position, and sums of text join it.
 */
#include "kernel/cast_int.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"

/* -- Loops ------------------------------------------------------------------------- */

/* acc over the rows that are present; the others keep what cast wrote there. */
#define CUMULATE(T, expr)                                                              \
    do {                                                                               \
        T *v = out->data;                                                              \
        for (idx i = 0; i < out->n; i++) {                                             \
            if (present && !bit_get(present, i)) continue;                             \
            T x = v[i];                                                                \
            acc = some ? (T)(expr) : x;                                                \
            some = true;                                                               \
            v[i] = acc;                                                                \
        }                                                                              \
    } while (0)

#define CUM_TYPE(T, U)                                                                 \
    static void cum_##T(Array *out, const uint64_t *present, char what,                \
                        const void *init)                                              \
    {                                                                                  \
        T acc = 0;                                                                     \
        bool some = init != NULL;                                                      \
        if (init) memcpy(&acc, init, sizeof acc);                                      \
        if (what == 's') CUMULATE(T, (U)acc + (U)x);                                   \
        if (what == 'p') CUMULATE(T, (U)acc *(U)x);                                    \
        if (what == 'm') CUMULATE(T, x < acc ? x : acc);                               \
        if (what == 'M') CUMULATE(T, x > acc ? x : acc);                               \
    }
/* U: the type sums are made in, so that signed ones wrap. */
CUM_TYPE(int8_t, uint32_t)
CUM_TYPE(int16_t, uint32_t)
CUM_TYPE(int32_t, uint32_t)
CUM_TYPE(int64_t, uint64_t)
CUM_TYPE(uint8_t, uint32_t)
CUM_TYPE(uint16_t, uint32_t)
CUM_TYPE(uint32_t, uint32_t)
CUM_TYPE(uint64_t, uint64_t)
CUM_TYPE(float, float)
CUM_TYPE(double, double)

typedef void Cum(Array *out, const uint64_t *present, char what, const void *init);

static Cum *const cum_of[DT_COUNT] = {
    [DT_BOOL] = cum_uint8_t, [DT_I8] = cum_int8_t,    [DT_I16] = cum_int16_t,
    [DT_I32] = cum_int32_t,  [DT_I64] = cum_int64_t,  [DT_U8] = cum_uint8_t,
    [DT_U16] = cum_uint16_t, [DT_U32] = cum_uint32_t, [DT_U64] = cum_uint64_t,
    [DT_F32] = cum_float,    [DT_F64] = cum_double,   [DT_DATE] = cum_int32_t,
    [DT_TS] = cum_int64_t,   [DT_TD] = cum_int64_t,
};

/* -- Text -------------------------------------------------------------------------- */

/* Minimum or maximum so far, as rows of all: row 0 is the one before the first if
 * shift. */
static Status cum_rows(Cx *cx, const Array *all, idx shift, char what, Array **out)
{
    idx *pos, best = -1, n = all->n - shift;
    TRY(mem_new(cx, n, sizeof *pos, false, &pos));
    for (idx i = 0; i < all->n; i++) {
        idx at = -1;
        if (array_bit(all, i)) {
            idx k, m = 0;
            const uint8_t *s = array_str(all, i, &k), *t = s;
            if (best >= 0) t = array_str(all, best, &m);
            int c = best < 0 ? 0 : text_cmp(s, k, t, m);
            if (best < 0 || (what == 'm' ? c < 0 : c > 0)) best = i;
            at = best;
        }
        if (i >= shift) pos[i - shift] = at;
    }
    Status st = take(cx, all, pos, n, (NullForm)all->null, out);
    mem_free(pos);
    return st;
}

/* Bytes of the texts so far, init's included, summed over the rows that are present:
 * each row of the result repeats all before it. */
static Status joined_size(Cx *cx, const Array *a, idx start, idx *size)
{
    idx sum = start, all = 0;
    for (idx i = 0; i < a->n; i++) {
        idx k = 0;
        if (!array_bit(a, i)) continue;
        array_str(a, i, &k);
        if (__builtin_add_overflow(sum, k, &sum) ||
            __builtin_add_overflow(all, sum, &all))
            return fail(cx, E_OVERFLOW, "the joined texts are too long");
    }
    *size = all;
    return OK;
}

static Status cum_join(Cx *cx, const Array *a, const Array *init, Array **out)
{
    idx size, some = 0, at = 0;
    const uint8_t *last = init ? array_str(init, 0, &some) : NULL;
    TRY(joined_size(cx, a, some, &size));
    TRY(array_new_str(cx, a->n, size, out));
    Array *r = *out;
    for (idx i = 0; i < a->n; i++) {
        idx k = 0;
        if (!array_bit(a, i)) {
            Status st = array_add_valid(cx, r, true);
            if (st) return st;
            bit_clear(r->valid, i);
            r->off[i + 1] = at;
            continue;
        }
        const uint8_t *s = array_str(a, i, &k);
        if (some) memcpy(r->bytes + at, last, (size_t)some);
        if (k) memcpy(r->bytes + at + some, s, (size_t)k);
        last = r->bytes + at;
        some += k;
        at += some;
        r->off[i + 1] = at;
    }
    r->null_count = -1;
    return OK;
}

static Status cum_str(Cx *cx, const Array *a, char what, const Array *init, Array **out)
{
    union {
        const Array *from;
        Array *to;
    } first = {.from = init}, rest = {.from = a}; /* references are all that is taken */
    Array *all;
    if (what == 'p')
        return fail(cx, E_TYPE, "operation 'cumprod' not supported for dtype 'str'");
    if (what == 's') return cum_join(cx, a, init, out);
    if (!init) return cum_rows(cx, a, 0, what, out);
    TRY(concat(cx, (Array *[]){first.to, rest.to}, 2, (NullForm)a->null, &all));
    Status st = cum_rows(cx, all, 1, what, out);
    array_unref(all);
    return st;
}

/* -- All --------------------------------------------------------------------------- */

/* The type of the result: that of sums for integers. */
static DType cum_dtype(const Array *a, char what)
{
    bool widen = what == 's' || what == 'p';
    if (!widen || dt_is_float(a->dt) || !dt_is_num(a->dt)) return a->dt;
    return dt_is_unsigned(a->dt) ? DT_U64 : DT_I64;
}

static Status cum_check(Cx *cx, const Array *a, char what)
{
    bool sum = what == 's' || what == 'p';
    if (a->dt == DT_TD && what == 'p')
        return fail(cx, E_TYPE, "cumprod not supported for Timedelta.");
    if (sum && (a->dt == DT_TS || a->dt == DT_DATE))
        return fail(cx, E_TYPE, "Accumulation %s not supported for %s",
                    what == 's' ? "cumsum" : "cumprod", dtype_info[a->dt].text);
    return OK;
}

/* A copy of a in the result's type, which the loop works on in place. */
static Status cum_copy(Cx *cx, const Array *a, DType dt, Array **out)
{
    if (dt != (DType)a->dt) return cast(cx, a, dt, (NullForm)a->null, UNIT_NONE, out);
    TRY(array_slice(cx, a, 0, a->n, out));
    return array_own(cx, out);
}

Status cumulate(Cx *cx, const Array *a, char what, const Array *init, Array **out)
{
    uint64_t *present = NULL;
    Array *r = NULL;
    bool all = what == 'S' || what == 'P';
    *out = NULL;
    if (!strchr("spmMSP", what)) BUG("cumulate '%c'", what);
    if (all) what = what == 'S' ? 's' : 'p';
    if (init && !all && array_is_null(init, 0)) init = NULL;
    if (a->dt == DT_STR) return cum_str(cx, a, what, init, out);
    TRY(cum_check(cx, a, what));
    DType dt = cum_dtype(a, what);
    if (init && init->dt != (uint8_t)dt)
        BUG("a carry of %s for %s", dtype_info[init->dt].text, dtype_info[dt].text);
    if (!all) TRY(missing_bits(cx, a, &present));
    Status st = cum_copy(cx, a, dt, &r);
    if (!st) cum_of[dt](r, present, what, init ? init->data : NULL);
    mem_free(present);
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}
