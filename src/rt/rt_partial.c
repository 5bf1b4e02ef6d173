/* SPDX-License-Identifier: Apache-2.0
 * Reductions into arrays over ranks (pass/dist_partial.c). Each rank adds up an array
 * of its own, of all rows. Then each part of it goes to one rank, the one that has
 * these rows or one of equal parts, which adds them in rank order; where every rank has
 * all rows, the sums go back to all. Memory: the array once more per rank; messages: of
 * array/p to every rank.
 */
#include "base/base.h"

#include "rt/rt_int.h"

#include "kernel/kernel.h"

/* Rows of this array on each rank, as positions where they start; the elements of one
 * row. Collective with {apar}; otherwise all rows are here. */
typedef struct Rows {
    idx *start, width;
    int n; /* entries of start less one */
} Rows;

static Status rows_of(Cx *cx, const Attrs *at, const Array *a, idx rows, Rows *r)
{
    bool par = cx->comm->size > 1 && attr_int(at, "apar", 0);
    int64_t width = rows ? a->n / rows : 0;
    TRY(rt_starts(cx, par, rows, &r->start));
    if (par) TRY(comm_max_i64(cx, &width, 1));
    r->width = width;
    r->n = par ? cx->comm->size : 1;
    return OK;
}

Status rt_partial(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout;
    const Array *of = in[1].a;
    Array *a;
    Rows r;
    TRY(rows_of(cx, at, of, in[0].i, &r));
    idx n = r.n == 1 ? of->n : r.start[r.n] * r.width;
    TRY(array_new(cx, (DType)of->dt, (NullForm)of->null, (Unit)of->unit, n, false, &a));
    partial_fill(a, attr_text(at, "how")[0]);
    return rt_out(cx, &out[0], a);
}

/* The elements from first on are this rank's to add: those of all ranks. Collective. */
static Status parts_of(Cx *cx, Array *partial, const idx *start, idx width,
                       Table *parts)
{
    int size = cx->comm->size;
    idx *first = arena_try(cx->scratch, (size_t)size, sizeof(idx));
    idx *count = arena_try(cx->scratch, (size_t)size, sizeof(idx));
    if (!first || !count) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    for (int i = 0; i < size; i++) {
        first[i] = start[i] * width;
        count[i] = (start[i + 1] - start[i]) * width;
    }
    Table t = {.n = partial->n, .ncol = 1, .col = &partial};
    RowPlan plan = {.first = first, .count = count};
    return move_rows(cx, &t, &plan, parts);
}

/* The array's rows are on the ranks: each adds the parts of its own. */
static Status add_own(Cx *cx, char how, Array *a, Array *partial, const Rows *r)
{
    Table parts;
    TRY(parts_of(cx, partial, r->start, r->width, &parts));
    partial_add((DType)a->dt, how, a->data, parts.col[0]->data, a->n, cx->comm->size);
    table_clear(&parts);
    return OK;
}

/* Every rank has all rows: the sums of equal parts are gathered. */
static Status add_all(Cx *cx, char how, Array *a, Array *partial)
{
    int size = cx->comm->size, rank = cx->comm->rank;
    idx *start = arena_try(cx->scratch, (size_t)size + 1, sizeof(idx));
    if (!start) return fail(cx, E_MEMORY, "no memory for %d ranks", size);
    for (int i = 0; i <= size; i++)
        start[i] = i == size ? a->n : block_start(a->n, size, i);
    Table parts, all;
    Array *sum;
    TRY(parts_of(cx, partial, start, 1, &parts));
    idx n = start[rank + 1] - start[rank];
    Status st = array_slice(cx, a, start[rank], n, &sum);
    if (!st) st = array_own(cx, &sum);
    if (!st) partial_add((DType)a->dt, how, sum->data, parts.col[0]->data, n, size);
    table_clear(&parts);
    TRY(st);
    Table t = {.n = n, .ncol = 1, .col = &sum};
    st = allgather_table(cx, &t, &all);
    array_unref(sum);
    TRY(st);
    if (a->n) memcpy(a->data, all.col[0]->data, (size_t)a->n * dtype_info[a->dt].bytes);
    table_clear(&all);
    return OK;
}

/* Collective with {divided} or {apar}. Where the loop was not divided, every rank has
 * all of the sums. */
Status rt_combine(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nin, (void)nout, (void)out;
    char how = attr_text(at, "how")[0];
    Array *a = in[0].a, *partial = in[2].a;
    bool divided = cx->comm->size > 1 && attr_int(at, "divided", 0);
    Rows r;
    TRY(rows_of(cx, at, a, in[1].i, &r));
    if (divided && r.n > 1) return add_own(cx, how, a, partial, &r);
    if (divided) return add_all(cx, how, a, partial);
    size_t skip = r.n > 1 ? (size_t)(r.start[cx->comm->rank] * r.width) : 0;
    const uint8_t *from = (const uint8_t *)partial->data;
    partial_add((DType)a->dt, how, a->data, from + skip * dtype_info[a->dt].bytes, a->n,
                1);
    return OK;
}
