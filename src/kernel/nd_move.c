/* SPDX-License-Identifier: Apache-2.0
 * Moving elements of views: contiguous copies, selection by masks, running sums.
 */
#include "kernel/nd.h"

#include <string.h>

static NullForm nd_null(int dt)
{
    if (dt_is_float((DType)dt)) return NULL_NAN;
    return dt_is_time((DType)dt) ? NULL_NAT : NULL_NONE;
}

/* -- Copies ------------------------------------------------------------------------ */
static void copy_run(uint8_t *to, const uint8_t *p, idx stride, idx n, idx w)
{
    if (stride == w) {
        memcpy(to, p, (size_t)(n * w));
        return;
    }
    for (idx i = 0; i < n; i++)
        memcpy(to + i * w, p + i * stride, (size_t)w);
}

/* Copies the dimensions from k on; returns the place behind. */
static uint8_t *gather(const NdView *v, int k, const uint8_t *p, uint8_t *to)
{
    idx w = dtype_info[v->dt].bytes;
    if (k == v->nd) {
        memcpy(to, p, (size_t)w);
        return to + w;
    }
    if (k + 1 == v->nd) {
        copy_run(to, p, v->stride[k] * w, v->len[k], w);
        return to + v->len[k] * w;
    }
    for (idx i = 0; i < v->len[k]; i++)
        to = gather(v, k + 1, p + i * v->stride[k] * w, to);
    return to;
}

void nd_gather(const NdView *v, void *out)
{
    if (nd_count(v)) (void)gather(v, 0, v->at, out);
}

/* The way back: contiguous values to the dimensions from k on. */
static const uint8_t *spread(const NdView *v, int k, uint8_t *p, const uint8_t *from)
{
    idx w = dtype_info[v->dt].bytes;
    if (k == v->nd) {
        memcpy(p, from, (size_t)w);
        return from + w;
    }
    for (idx i = 0; i < v->len[k]; i++)
        from = spread(v, k + 1, p + i * v->stride[k] * w, from);
    return from;
}

void nd_put_rows(const NdView *v, const int64_t *row, idx n, const void *val,
                 bool repeat)
{
    idx step = v->stride[0] * (idx)dtype_info[v->dt].bytes;
    const uint8_t *from = val;
    for (idx i = 0; i < n; i++) {
        const uint8_t *end = spread(v, 1, v->at + row[i] * step, from);
        if (!repeat) from = end;
    }
}

/* -- Masks ------------------------------------------------------------------------- */
typedef struct Select {
    const NdView *mask, *v, *val;
    NdView rest; /* what one true value of the mask selects */
    uint8_t *to;
    idx next, step; /* of place: the value to take */
} Select;

static idx count_from(const NdView *m, int k, const uint8_t *p)
{
    idx n = 0;
    if (k == m->nd) return *p != 0;
    if (k + 1 == m->nd) {
        for (idx i = 0; i < m->len[k]; i++)
            n += p[i * m->stride[k]] != 0;
        return n;
    }
    for (idx i = 0; i < m->len[k]; i++)
        n += count_from(m, k + 1, p + i * m->stride[k]);
    return n;
}

idx nd_mask_count(const NdView *mask)
{
    return nd_count(mask) ? count_from(mask, 0, mask->at) : 0;
}

static NdView rest_of(const NdView *v, int from)
{
    NdView r = *v;
    r.nd = v->nd - from;
    for (int k = 0; k < r.nd; k++) {
        r.len[k] = v->len[from + k];
        r.stride[k] = v->stride[from + k];
    }
    return r;
}

static Status same_lengths(Cx *cx, const NdView *mask, const NdView *v)
{
    for (int k = 0; k < mask->nd; k++)
        if (mask->len[k] != v->len[k])
            return fail(cx, E_INDEX,
                        "boolean index did not match indexed array along axis %d; "
                        "size of axis is %lld but size of corresponding boolean axis "
                        "is %lld",
                        k, (long long)v->len[k], (long long)mask->len[k]);
    return OK;
}

static void take_true(Select *s, int k, const uint8_t *m, const uint8_t *p)
{
    idx w = dtype_info[s->v->dt].bytes;
    if (k == s->mask->nd) {
        if (*m) s->to = gather(&s->rest, 0, p, s->to);
        return;
    }
    for (idx i = 0; i < s->mask->len[k]; i++)
        take_true(s, k + 1, m + i * s->mask->stride[k], p + i * s->v->stride[k] * w);
}

Status nd_compress(Cx *cx, const NdView *mask, const NdView *v, idx *rows, Array **out)
{
    TRY(same_lengths(cx, mask, v));
    Select s = {.mask = mask, .v = v, .rest = rest_of(v, mask->nd)};
    *rows = nd_mask_count(mask);
    idx each = nd_count(&s.rest);
    TRY(array_new(cx, (DType)v->dt, nd_null(v->dt), (Unit)v->unit, *rows * each, false,
                  out));
    s.to = (*out)->data;
    if (*rows && each) take_true(&s, 0, mask->at, v->at);
    return OK;
}

/* One element of the values after the other, in C order. */
static const uint8_t *value_at(const Select *s, idx i)
{
    const NdView *x = s->val;
    const uint8_t *p = x->at;
    for (int k = x->nd - 1; k >= 0; k--) {
        idx d = x->len[k] ? i % x->len[k] : 0;
        i = x->len[k] ? i / x->len[k] : 0;
        p += d * x->stride[k] * dtype_info[x->dt].bytes;
    }
    return p;
}

static void put_rest(Select *s, int k, uint8_t *p)
{
    idx w = dtype_info[s->v->dt].bytes;
    if (k == s->rest.nd) {
        memcpy(p, value_at(s, s->next), (size_t)w);
        s->next += s->step;
        return;
    }
    for (idx i = 0; i < s->rest.len[k]; i++)
        put_rest(s, k + 1, p + i * s->rest.stride[k] * w);
}

static void put_true(Select *s, int k, const uint8_t *m, uint8_t *p)
{
    idx w = dtype_info[s->v->dt].bytes;
    if (k == s->mask->nd) {
        if (*m) put_rest(s, 0, p);
        return;
    }
    for (idx i = 0; i < s->mask->len[k]; i++)
        put_true(s, k + 1, m + i * s->mask->stride[k], p + i * s->v->stride[k] * w);
}

Status nd_place(Cx *cx, const NdView *v, const NdView *mask, const NdView *val,
                idx next)
{
    TRY(same_lengths(cx, mask, v));
    Select s = {.mask = mask, .v = v, .val = val, .rest = rest_of(v, mask->nd)};
    s.next = next;
    s.step = nd_count(val) == 1 ? 0 : 1;
    if (nd_mask_count(mask) && nd_count(&s.rest)) put_true(&s, 0, mask->at, v->at);
    return OK;
}

/* -- Running sums ------------------------------------------------------------------ */
#define SCAN(T, load)                                                                  \
    for (idx i = 0; i < n; i++) {                                                      \
        const void *q = p + i * step;                                                  \
        T x = (T)(load);                                                               \
        acc = i == 0 ? x : what == 's' ? (T)(acc + x) : (T)(acc * x);                  \
        ((T *)to)[i * apart] = acc;                                                    \
    }

static double scan_float(DType dt, const void *q)
{
    switch (dt) {
    case DT_F32: return (double)*(const float *)q;
    case DT_F64: return *(const double *)q;
    default: return 0;
    }
}

static uint64_t scan_int(DType dt, const void *q)
{
    switch (dt) {
    case DT_I8: return (uint64_t) * (const int8_t *)q;
    case DT_I16: return (uint64_t) * (const int16_t *)q;
    case DT_I32: return (uint64_t) * (const int32_t *)q;
    case DT_BOOL:
    case DT_U8: return *(const uint8_t *)q;
    case DT_U16: return *(const uint16_t *)q;
    case DT_U32: return *(const uint32_t *)q;
    default: return *(const uint64_t *)q;
    }
}

static void scan_run(const NdView *v, const uint8_t *p, idx stride, idx n, char what,
                     Array *out, void *to, idx apart)
{
    DType dt = (DType)v->dt;
    idx step = stride * (idx)dtype_info[dt].bytes;
    if (out->dt == DT_F32) {
        float acc = 0;
        SCAN(float, scan_float(dt, q))
    } else if (out->dt == DT_F64) {
        double acc = 0;
        SCAN(double, dt_is_float(dt) ? scan_float(dt, q) : (double)scan_int(dt, q))
    } else {
        uint64_t acc = 0;
        SCAN(uint64_t, scan_int(dt, q))
    }
}

#define BEGIN(T)                                                                       \
    for (idx j = 0; j < n; j++)                                                        \
    ((T *)to)[j] = what == 's' ? (T)0 : (T)1

void nd_scan_begin(DType dt, char what, idx n, void *to)
{
    if (dt == DT_F32)
        BEGIN(float);
    else if (dt == DT_F64)
        BEGIN(double);
    else
        BEGIN(uint64_t);
}

#define GO_ON(T)                                                                       \
    for (idx i = 0; i < rows; i++)                                                     \
        for (idx j = 0; j < n; j++) {                                                  \
            T x = ((const T *)start)[j], *y = (T *)to + i * n + j;                     \
            *y = what == 's' ? (T)(x + *y) : (T)(x * *y);                              \
        }

void nd_scan_from(DType dt, char what, const void *start, idx n, idx rows, void *to)
{
    if (dt == DT_F32) {
        GO_ON(float)
    } else if (dt == DT_F64) {
        GO_ON(double)
    } else {
        GO_ON(uint64_t)
    }
}

void nd_scan(const NdView *v, int axis, char what, Array *out)
{
    idx apart = 1, at[ND_DIMS] = {0};
    if (nd_count(v) == 0) return;
    for (int k = axis + 1; k < v->nd; k++)
        apart *= v->len[k];
    size_t w = dtype_info[out->dt].bytes;
    for (;;) {
        const uint8_t *p = v->at;
        idx to = 0;
        for (int k = 0; k < v->nd; k++) {
            p += at[k] * v->stride[k] * dtype_info[v->dt].bytes;
            to = to * v->len[k] + at[k];
        }
        scan_run(v, p, v->stride[axis], v->len[axis], what, out,
                 (uint8_t *)out->data + (size_t)to * w, apart);
        int k = v->nd - 1;
        while (k >= 0 && (k == axis || ++at[k] == v->len[k]))
            at[k--] = 0;
        if (k < 0) return;
    }
}
