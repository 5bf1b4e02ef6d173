/* SPDX-License-Identifier: Apache-2.0
 * Order along one dimension of an array: each line of elements is sorted by itself.
 * Lines are mostly short, so elements become words that order as they do, and those are
 * brought into order by insertion or a stable merge.
 */
#include "base/base.h"

#include "kernel/nd.h"
#include "kernel/numpy.h"

#include <math.h>
#include <string.h>

enum { RUN = 16 }; /* insertion sort up to here */

typedef struct Item {
    uint64_t key;
    idx at;
} Item;

/* -- Lines ------------------------------------------------------------------------- */
/* Walks the lines along a dimension in C order of the others. */
typedef struct Lines {
    const NdView *v;
    int axis;
    idx n, len, stride; /* lines; elements of each */
    idx at[ND_DIMS];    /* position in the other dimensions */
    idx from;           /* the first element of the line */
} Lines;

static Lines lines_of(const NdView *v, int axis)
{
    Lines l = {.v = v, .axis = axis, .n = 1};
    l.len = v->len[axis];
    l.stride = v->stride[axis];
    for (int k = 0; k < v->nd; k++)
        if (k != axis) l.n *= v->len[k];
    return l;
}

static void line_next(Lines *l)
{
    for (int k = l->v->nd - 1; k >= 0; k--) {
        if (k == l->axis) continue;
        l->from += l->v->stride[k];
        if (++l->at[k] < l->v->len[k]) return;
        l->from -= l->at[k] * l->v->stride[k];
        l->at[k] = 0;
    }
}

/* -- Keys -------------------------------------------------------------------------- */
/* NaN last, zeroes alike. */
static uint64_t key_of_float(double x)
{
    uint64_t bits;
    if (isnan(x)) return UINT64_MAX;
    if (x == 0) x = 0;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | 1ULL << 63;
}

static uint64_t key_of(DType dt, const void *p)
{
    if (dt == DT_F64) return key_of_float(*(const double *)p);
    if (dt == DT_F32) return key_of_float((double)*(const float *)p);
    if (dt == DT_BOOL || dt == DT_U8) return *(const uint8_t *)p;
    if (dt == DT_U16) return *(const uint16_t *)p;
    if (dt == DT_U32) return *(const uint32_t *)p;
    if (dt == DT_U64) return *(const uint64_t *)p;
    int64_t x = dt == DT_I8    ? *(const int8_t *)p
                : dt == DT_I16 ? *(const int16_t *)p
                : dt == DT_I32 ? *(const int32_t *)p
                               : *(const int64_t *)p;
    if (dt_is_time(dt) && x == NAT) return UINT64_MAX;
    return (uint64_t)x ^ 1ULL << 63;
}

static void insertion(Item *e, idx n)
{
    for (idx i = 1; i < n; i++) {
        Item x = e[i];
        idx k = i;
        for (; k > 0 && e[k - 1].key > x.key; k--)
            e[k] = e[k - 1];
        e[k] = x;
    }
}

static void merge(const Item *e, idx lo, idx mid, idx hi, Item *to)
{
    idx a = lo, b = mid;
    for (idx k = lo; k < hi; k++)
        to[k] = a < mid && (b == hi || e[a].key <= e[b].key) ? e[a++] : e[b++];
}

/* Stable; the result is in e or in tmp. */
static Item *sort_items(Item *e, Item *tmp, idx n)
{
    for (idx i = 0; i < n; i += RUN)
        insertion(e + i, idx_min(RUN, n - i));
    for (idx w = RUN; w < n; w *= 2) {
        for (idx lo = 0; lo < n; lo += 2 * w)
            merge(e, lo, idx_min(lo + w, n), idx_min(lo + 2 * w, n), tmp);
        Item *was = e;
        e = tmp;
        tmp = was;
    }
    return e;
}

/* -- Whole arrays ------------------------------------------------------------------ */
Status nd_sort(Cx *cx, const NdView *v, int axis, bool positions, Array *out)
{
    DType dt = (DType)v->dt;
    idx bytes = dtype_info[dt].bytes;
    Lines l = lines_of(v, axis);
    Item *e;
    if (l.n == 0 || l.len == 0) return OK;
    TRY(mem_new(cx, 2 * l.len, sizeof *e, false, &e));
    idx step = 1, line = 0; /* in out, which is contiguous */
    for (int k = axis + 1; k < v->nd; k++)
        step *= v->len[k];
    Status st = OK;
    for (; line < l.n && !st; line++, line_next(&l)) {
        if (line % 1024 == 0) st = cx_check(cx);
        const uint8_t *from = v->at + l.from * bytes;
        for (idx i = 0; i < l.len; i++)
            e[i] = (Item){key_of(dt, from + i * l.stride * bytes), i};
        const Item *s = sort_items(e, e + l.len, l.len);
        idx first = line / step * step * l.len + line % step;
        for (idx i = 0; i < l.len; i++) {
            uint8_t *to =
                (uint8_t *)out->data + (first + i * step) * (positions ? 8 : bytes);
            if (positions)
                memcpy(to, &s[i].at, 8);
            else
                memcpy(to, from + s[i].at * l.stride * bytes, (size_t)bytes);
        }
    }
    mem_free(e);
    return st;
}

typedef struct Shares {
    const double *q;
    idx n;
    QuantileMethod method;
    idx *pos;               /* 2 n */
    double *found, *weight; /* 2 n, n */
} Shares;

/* Quantiles of the n values of x, which is reordered: to to[0], to[step] ... */
static Status of_line(Cx *cx, const Shares *s, double *x, idx n, double *to, idx step)
{
    for (idx i = 0; i < s->n; i++)
        (void)np_quantile_place(s->method, s->q[i], n, &s->pos[2 * i],
                                &s->pos[2 * i + 1], &s->weight[i]);
    TRY(np_order_statistics(cx, x, n, s->pos, 2 * s->n, s->found));
    for (idx i = 0; i < s->n; i++)
        to[i * step] = np_quantile_between(s->method, s->found[2 * i],
                                           s->found[2 * i + 1], s->weight[i]);
    return OK;
}

Status nd_quantile(Cx *cx, const NdView *v, int axis, const double *q, idx nq,
                   QuantileMethod method, bool skip_nan, Array *out)
{
    Lines l = lines_of(v, axis);
    double *x, *to = out->data;
    idx *pos;
    if (l.n && !l.len && !skip_nan && nq && method != QUANTILE_middle)
        return fail(cx, E_INDEX, "index -1 is out of bounds for axis %d with size 0",
                    axis);
    TRY(mem_new(cx, l.len + 3 * nq, sizeof *x, false, &x));
    Status st = mem_new(cx, 2 * nq, sizeof *pos, false, &pos);
    Shares s = {q, nq, method, pos, x + l.len, x + l.len + 2 * nq};
    for (idx line = 0; line < l.n && !st; line++, line_next(&l)) {
        const double *from = (const double *)(const void *)v->at + l.from;
        idx n = 0;
        for (idx i = 0; i < l.len; i++) {
            double y = from[i * l.stride];
            if (!isnan(y)) x[n++] = y;
        }
        if (n == 0 || (n < l.len && !skip_nan)) {
            for (idx i = 0; i < nq; i++)
                to[i * l.n + line] = (double)NAN;
        } else {
            st = of_line(cx, &s, x, n, to + line, l.n);
        }
    }
    mem_free(x);
    if (pos) mem_free(pos);
    return st;
}
