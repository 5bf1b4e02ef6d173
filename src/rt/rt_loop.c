/* SPDX-License-Identifier: Apache-2.0
 * Parallel loops over rows: this rank's part of the iterations, and copies of arrays
 * with rows of the neighbours.
 */
#include "base/base.h"

#include "rt/rt_int.h"

/* Iterations below 0 would read rows from the end, which belong to another rank. Those
 * beyond the last row are the last rank's: it raises IndexError when it reads there. */
Status rt_chunk(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)nout;
    int64_t row = 0, total = in[0].i, start = in[1].i, stop = in[2].i;
    bool last = cx->comm->rank == cx->comm->size - 1;
    TRY(comm_exscan_i64(cx, in[0].i, &row, &total));
    if (start < 0 && start < stop)
        return fail(cx, E_INDEX,
                    "a prange over the rows of a distributed array begins at %lld",
                    (long long)start);
    int64_t end = last ? INT64_MAX : row + in[0].i;
    out[0].i = idx_max(start, row) - row;
    out[1].i = idx_min(stop, end) - row;
    out[2].i = row;
    return OK;
}

/* What a rank tells the others: its number of rows, its first and its last ones. */
typedef struct Edges {
    idx before, behind;   /* rows wanted */
    size_t width, record; /* bytes of an element and of what a rank tells */
    uint8_t *all;         /* size records */
} Edges;

static idx edge_rows(const Edges *e, int r)
{
    int64_t n;
    memcpy(&n, e->all + (size_t)r * e->record, sizeof n);
    return n;
}

static const uint8_t *edge_first(const Edges *e, int r)
{
    return e->all + (size_t)r * e->record + sizeof(int64_t);
}

/* The last rows stand at the end of their place. */
static const uint8_t *edge_last(const Edges *e, int r, idx k)
{
    const uint8_t *end = e->all + (size_t)(r + 1) * e->record;
    return end - (size_t)k * e->width;
}

static Status edges_gather(Cx *cx, const Array *a, Edges *e)
{
    size_t w = e->width;
    int p = cx->comm->size;
    e->record = sizeof(int64_t) + (size_t)(e->before + e->behind) * w;
    e->record = (e->record + 7) & ~(size_t)7;
    uint8_t *mine = arena_try(cx->scratch, e->record, 1);
    e->all = arena_try(cx->scratch, e->record, (size_t)p);
    if (!mine || !e->all)
        (void)fail(cx, E_MEMORY, "no memory for the edges of %d ranks", p);
    if (mine) {
        int64_t n = a->n;
        size_t first = (size_t)idx_min(n, e->behind) * w,
               last = (size_t)idx_min(n, e->before) * w;
        const uint8_t *data = a->data;
        memcpy(mine, &n, sizeof n);
        if (first) memcpy(mine + sizeof n, data, first);
        if (last) memcpy(mine + e->record - last, data + (size_t)n * w - last, last);
    }
    return comm_allgather(cx, mine, e->record, e->all); /* begins with an agreement */
}

/* The `before` rows in front of this rank's, from the nearest rank on; rank 0's come
 * from the end. */
static void put_before(Cx *cx, const Edges *e, uint8_t *to)
{
    idx left = e->before;
    int p = cx->comm->size, r = cx->comm->rank;
    for (int k = 1; k <= p && left; k++) {
        int q = (r - k + p) % p;
        idx take = idx_min(idx_min(edge_rows(e, q), e->before), left);
        left -= take;
        if (take)
            memcpy(to + (size_t)left * e->width, edge_last(e, q, take),
                   (size_t)take * e->width);
    }
}

/* Rows behind this rank's; their number. */
static idx put_behind(Cx *cx, const Edges *e, uint8_t *to)
{
    idx done = 0;
    for (int q = cx->comm->rank + 1; q < cx->comm->size && done < e->behind; q++) {
        idx take = idx_min(edge_rows(e, q), e->behind - done);
        if (take && to)
            memcpy(to + (size_t)done * e->width, edge_first(e, q),
                   (size_t)take * e->width);
        done += take;
    }
    return done;
}

/* Collective with {par}. */
Status rt_halo(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    const Array *a = in[0].a;
    Edges e = {.before = attr_int(at, "before", 0),
               .behind = attr_int(at, "behind", 0),
               .width = dtype_info[a->dt].bytes};
    TRY(edges_gather(cx, a, &e));
    idx total = 0, more = put_behind(cx, &e, NULL);
    for (int r = 0; r < cx->comm->size; r++)
        total += edge_rows(&e, r);
    if (total && total < e.before)
        return fail(cx, E_INDEX,
                    "index %lld is out of bounds for axis 0 with size %lld",
                    (long long)-e.before, (long long)total);
    Array *h;
    TRY(array_new(cx, (DType)a->dt, (NullForm)a->null, (Unit)a->unit,
                  e.before + a->n + more, total == 0, &h));
    uint8_t *to = h->data;
    if (total) put_before(cx, &e, to);
    to += (size_t)e.before * e.width;
    if (a->n) memcpy(to, a->data, (size_t)a->n * e.width);
    (void)put_behind(cx, &e, to + (size_t)a->n * e.width);
    return rt_out(cx, &out[0], h);
}
