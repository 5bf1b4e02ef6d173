/* SPDX-License-Identifier: Apache-2.0
 * Collectives over values. What fits into the seven values of the agreement round is
 * done by it: every rank computes the result from the same records, in rank order, so
 * that floating sums are the same on all ranks and in every run. Longer vectors follow
 * the round in pieces.
 *
 *   up to 7 values   log(p) alpha + 64 p beta
 *   n values         that, and an allreduce (integers) or an allgather (floats) of n
 */
#include "array/buf.h"
#include "comm/comm_int.h"

enum {
    REDUCE_MAX = 1 << 17, /* values of one allreduce */
    GATHER_MAX = 1 << 16, /* bytes of one rank in one allgather step */
};

Status comm_barrier(Cx *cx)
{
    return agree_round(cx, CK_BARRIER, 0, NULL);
}

static int64_t wrapping_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* The part of an integer reduction that the round itself does. */
static void reduce_records(const Comm *c, CommKind kind, int64_t *v, int n)
{
    const AgreeRec *rec = c->own->rec;
    for (int i = 0; i < n; i++) {
        int64_t x = rec[0].v[i];
        for (int r = 1; r < c->size; r++) {
            int64_t y = rec[r].v[i];
            x = kind == CK_SUM_I64 ? wrapping_add(x, y) : idx_max(x, y);
        }
        v[i] = x;
    }
}

static Status reduce_i64(Cx *cx, CommKind kind, int64_t *v, int n)
{
    Comm *c = cx->comm;
    int64_t head[AGREE_VALUES] = {0};
    int nhead = n < AGREE_VALUES ? n : AGREE_VALUES;
    if (nhead > 0) memcpy(head, v, (size_t)nhead * sizeof *v);
    TRY(agree_round(cx, kind, n, head));
    reduce_records(c, kind, v, nhead);
    for (int i = nhead; c->ops && i < n; i += REDUCE_MAX) {
        int k = n - i < REDUCE_MAX ? n - i : REDUCE_MAX;
        void *req = NULL;
        int code = kind == CK_SUM_I64
                       ? c->ops->iallreduce_sum_i64(c->transport, v + i, k, &req)
                       : c->ops->iallreduce_max_i64(c->transport, v + i, k, &req);
        if (code) return comm_failed(cx, code, "a reduction");
        TRY(comm_wait(cx, &req, 1));
    }
    return OK;
}

Status comm_sum_i64(Cx *cx, int64_t *v, int n)
{
    return reduce_i64(cx, CK_SUM_I64, v, n);
}

Status comm_max_i64(Cx *cx, int64_t *v, int n)
{
    return reduce_i64(cx, CK_MAX_I64, v, n);
}

/* The smallest value has the largest complement, without overflow. */
Status comm_min_i64(Cx *cx, int64_t *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i] = ~v[i];
    Status st = reduce_i64(cx, CK_MAX_I64, v, n);
    for (int i = 0; i < n; i++)
        v[i] = ~v[i];
    return st;
}

/* -- Floats ------------------------------------------------------------------------ */

typedef double Reduce(const double *v, int size, size_t stride);

/* Neumaier's sum. */
static double reduce_sum(const double *v, int size, size_t stride)
{
    double sum = v[0], lost = 0;
    for (int r = 1; r < size; r++) {
        double x = v[(size_t)r * stride], t = sum + x;
        bool big = (sum < 0 ? -sum : sum) >= (x < 0 ? -x : x);
        lost += big ? (sum - t) + x : (x - t) + sum;
        sum = t;
    }
    return sum - sum == 0 ? sum + lost : sum; /* infinite: lost would be NaN */
}

static double reduce_max(const double *v, int size, size_t stride)
{
    double best = v[0];
    for (int r = 1; r < size; r++) {
        double x = v[(size_t)r * stride];
        if (x > best || best != best) best = x;
    }
    return best;
}

static double reduce_min(const double *v, int size, size_t stride)
{
    double best = v[0];
    for (int r = 1; r < size; r++) {
        double x = v[(size_t)r * stride];
        if (x < best || best != best) best = x;
    }
    return best;
}

static Status gather_step(Cx *cx, const void *in, size_t n, void *out)
{
    Comm *c = cx->comm;
    void *req = NULL;
    int code = c->ops->iallgather(c->transport, in, n, out, &req);
    if (code) return comm_failed(cx, code, "a gather of values");
    return comm_wait(cx, &req, 1);
}

/* Values that the round had no room for: gathered in steps into all (size * step). */
static Status reduce_rest(Cx *cx, Reduce *reduce, double *v, int n, double *all,
                          int step)
{
    for (int i = 0; i < n; i += step) {
        int k = n - i < step ? n - i : step;
        TRY(gather_step(cx, v + i, (size_t)k * sizeof *v, all));
        for (int j = 0; j < k; j++)
            v[i + j] = reduce(all + j, cx->comm->size, (size_t)k);
    }
    return OK;
}

static Status reduce_f64(Cx *cx, CommKind kind, Reduce *reduce, double *v, int n)
{
    Comm *c = cx->comm;
    int64_t head[AGREE_VALUES] = {0};
    int nhead = n < AGREE_VALUES ? n : AGREE_VALUES, step = n - nhead;
    double *all = NULL;
    if (step > GATHER_MAX / 8) step = GATHER_MAX / 8;
    if (step > 0 && c->ops && !cx->err.code)
        AGREED_LATER(mem_new(cx, (idx)step * c->size, sizeof *all, false, &all));
    if (nhead > 0) memcpy(head, v, (size_t)nhead * sizeof *v);
    Status st = agree_round(cx, kind, n, head);
    if (!st && c->ops) {
        const double *rec = (const double *)(const void *)c->own->rec[0].v;
        for (int i = 0; i < nhead; i++)
            v[i] = reduce(rec + i, c->size, sizeof(AgreeRec) / sizeof(double));
        st = reduce_rest(cx, reduce, v + nhead, n - nhead, all, step);
    }
    mem_free(all);
    return st;
}

Status comm_sum_f64(Cx *cx, double *v, int n)
{
    return reduce_f64(cx, CK_SUM_F64, reduce_sum, v, n);
}

Status comm_max_f64(Cx *cx, double *v, int n)
{
    return reduce_f64(cx, CK_MAX_F64, reduce_max, v, n);
}

Status comm_min_f64(Cx *cx, double *v, int n)
{
    return reduce_f64(cx, CK_MAX_F64, reduce_min, v, n);
}

/* -- The rest ---------------------------------------------------------------------- */

Status comm_exscan_i64(Cx *cx, int64_t v, int64_t *before, int64_t *total)
{
    int64_t head[AGREE_VALUES] = {v}, sum = 0;
    TRY(agree_round(cx, CK_EXSCAN, 0, head));
    for (int r = 0; r < cx->comm->size; r++) {
        if (r == cx->comm->rank && before) *before = sum;
        sum = wrapping_add(sum, cx->comm->own->rec[r].v[0]);
    }
    if (total) *total = sum;
    return OK;
}

/* Larger shares go in steps, each into a buffer from which it is spread. */
static Status gather_large(Cx *cx, const uint8_t *in, size_t n, uint8_t *out,
                           uint8_t *all)
{
    ASSERT(all);
    for (size_t at = 0; at < n; at += GATHER_MAX) {
        size_t k = n - at < GATHER_MAX ? n - at : GATHER_MAX;
        TRY(gather_step(cx, in + at, k, all));
        for (int r = 0; r < cx->comm->size; r++)
            memcpy(out + (size_t)r * n + at, all + (size_t)r * k, k);
    }
    return OK;
}

Status comm_allgather(Cx *cx, const void *in, size_t n, void *out)
{
    Comm *c = cx->comm;
    int64_t head[AGREE_VALUES] = {0};
    uint8_t *all = NULL;
    bool small = n <= sizeof head, large = n > GATHER_MAX && c->ops;
    if (small && n && in && !cx->err.code) memcpy(head, in, n);
    if (large && !cx->err.code)
        AGREED_LATER(mem_new(cx, c->size, GATHER_MAX, false, &all));
    Status st = agree_round(cx, CK_ALLGATHER, (int32_t)(n & INT32_MAX), head);
    if (st || n == 0) {
        /* nothing to do */
    } else if (small) {
        for (int r = 0; r < c->size; r++)
            memcpy((uint8_t *)out + (size_t)r * n, c->own->rec[r].v, n);
    } else if (!c->ops) {
        memcpy(out, in, n);
    } else if (large) {
        st = gather_large(cx, in, n, out, all);
    } else {
        st = gather_step(cx, in, n, out);
    }
    mem_free(all);
    return st;
}

Status comm_bcast(Cx *cx, void *p, size_t n, int root)
{
    Comm *c = cx->comm;
    int64_t head[AGREE_VALUES] = {0};
    bool small = n <= sizeof head;
    if (small && n && c->rank == root && !cx->err.code) memcpy(head, p, n);
    TRY(agree_round(cx, CK_BCAST, (int32_t)(n & INT32_MAX), head));
    if (small) {
        if (n) memcpy(p, c->own->rec[root].v, n);
        return OK;
    }
    for (size_t at = 0; c->ops && at < n; at += PIECE) {
        size_t k = n - at < PIECE ? n - at : PIECE;
        void *req = NULL;
        int code = c->ops->ibcast(c->transport, (uint8_t *)p + at, k, root, &req);
        if (code) return comm_failed(cx, code, "a broadcast");
        TRY(comm_wait(cx, &req, 1));
    }
    return OK;
}
