/* SPDX-License-Identifier: Apache-2.0
 * Binary search of many values. The halving step is a conditional move; the table is
 * searched from the place of the last value when values rise.
 */
#include "kernel/numpy.h"

#include "kernel/kernel.h"
#include "kernel/kernel_int.h"

/* -0.0 equals 0.0, NaN is above all. */
static bool less_f(double a, double b)
{
    return a < b || (b != b && a == a);
}

#define SEARCH(name, T, LESS)                                                          \
    static idx name(const T *a, idx n, T v, bool right)                                \
    {                                                                                  \
        const T *p = a;                                                                \
        while (n > 0) {                                                                \
            idx half = n >> 1;                                                         \
            bool up = right ? !LESS(v, p[half]) : LESS(p[half], v);                    \
            p = up ? p + half + 1 : p;                                                 \
            n = up ? n - half - 1 : half;                                              \
        }                                                                              \
        return p - a;                                                                  \
    }
#define LESS_I(a, b) ((a) < (b))
SEARCH(search_f, double, less_f)
SEARCH(search_i, int64_t, LESS_I)
SEARCH(search_u, uint64_t, LESS_I)

static idx search_text(const Array *a, const Array *v, idx i, bool right)
{
    idx n, m, low = 0, high = a->n;
    const uint8_t *s = array_str(v, i, &n);
    while (low < high) {
        idx mid = low + ((high - low) >> 1);
        const uint8_t *t = array_str(a, mid, &m);
        bool up = text_cmp(t, m, s, n) < right;
        if (up)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static idx search(const Array *a, const Array *v, idx i, bool right)
{
    if (a->dt == DT_STR) return search_text(a, v, i, right);
    if (a->dt == DT_F64)
        return search_f(a->data, a->n, ((const double *)v->data)[i], right);
    if (a->dt == DT_U64)
        return search_u(a->data, a->n, ((const uint64_t *)v->data)[i], right);
    return search_i(a->data, a->n, ((const int64_t *)v->data)[i], right);
}

static Status searched(Cx *cx, const Array *a, const Array *v, bool right, bool falls,
                       Array **out)
{
    Array *r;
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, v->n, false, &r));
    int64_t *to = r->data;
    for (idx i = 0; i < v->n; i += BATCH) {
        idx end = idx_min(i + BATCH, v->n);
        Status st = cx_check(cx);
        if (st) {
            array_unref(r);
            return st;
        }
        for (idx k = i; k < end; k++) {
            idx at = search(a, v, k, right);
            to[k] = falls ? a->n - at : at;
        }
    }
    *out = r;
    return OK;
}

Status np_searchsorted(Cx *cx, const Array *a, const Array *v, bool right, Array **out)
{
    return searched(cx, a, v, right, false, out);
}

/* 1 rising, -1 falling, 0 neither. */
static int direction(const Array *a)
{
    bool up = true, down = true;
    for (idx i = 1; i < a->n; i++) {
        const double *f = a->data;
        const int64_t *k = a->data;
        bool real = a->dt == DT_F64;
        up &= real ? f[i] >= f[i - 1] : k[i] >= k[i - 1];
        down &= real ? f[i] <= f[i - 1] : k[i] <= k[i - 1];
    }
    return up ? 1 : down ? -1 : 0;
}

static Status reversed(Cx *cx, const Array *a, Array **out)
{
    TRY(array_new(cx, (DType)a->dt, (NullForm)a->null, (Unit)a->unit, a->n, false,
                  out));
    const int64_t *from = a->data;
    int64_t *to = (*out)->data;
    for (idx i = 0; i < a->n; i++)
        to[i] = from[a->n - 1 - i];
    return OK;
}

Status np_digitize(Cx *cx, const Array *a, const Array *v, bool right, Array **out)
{
    int way = direction(a);
    if (way == 0)
        return fail(cx, E_VALUE, "bins must be monotonically increasing or decreasing");
    if (way > 0) return searched(cx, a, v, !right, false, out);
    Array *back;
    TRY(reversed(cx, a, &back));
    Status st = searched(cx, back, v, !right, true, out);
    array_unref(back);
    return st;
}
