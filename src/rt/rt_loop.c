/* SPDX-License-Identifier: Apache-2.0
 * Parallel loops over rows: this rank's part of the iterations, and windows on arrays
 * with rows of the neighbours.
 *
 * Only iterations near this rank's edges read rows of other ranks. They run on a
 * window, a small array that holds the rows around an edge; all between runs on the
 * array itself, so that a halo costs what its rows do and not what the array has:
 *
 *   array    |  0 .. lo  |        lo .. n - hi        |  n - hi .. n  |
 *   window   b  0 .. lo  h                            b  n - hi .. n  h
 *   piece         0                   1                       2
 *
 * b rows before and h behind an edge: what this array is read at; lo and hi: the most
 * of all arrays of the loop. With no more than lo + hi rows all are in the window, and
 * piece 0 is all there is.
 */
#include "base/base.h"

#include "rt/rt_int.h"

/* Collective with {par}. */
Status rt_extent(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)at, (void)nin, (void)nout;
    int64_t row = 0, total = in[0].i;
    TRY(comm_exscan_i64(cx, in[0].i, &row, &total));
    out[0].i = row;
    out[1].i = total;
    return OK;
}

/* The numbers start:stop that rows base .. base + n have, counted from base. The first
 * rank also has those before, the last one those behind all rows: they raise IndexError
 * where they are used. */
static void part_of_range(const Cx *cx, int64_t base, int64_t n, int64_t start,
                          int64_t stop, Slot *out)
{
    bool first = cx->comm->rank == 0, last = cx->comm->rank == cx->comm->size - 1;
    out[0].i = first ? start - base : idx_max(start, base) - base;
    out[1].i = last ? stop - base : idx_min(stop, base + n) - base;
}

/* Iterations below 0 would read rows from the end, which belong to other ranks. */
Status rt_chunk(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)nout;
    int64_t n = in[0].i, row = in[1].i, start = in[2].i, stop = in[3].i;
    if (start < 0 && start < stop)
        return fail(cx, E_UNSUP,
                    "a prange over distributed rows begins at %lld, and also reads "
                    "rows beside its own, or leaves an order of its iterations; begin "
                    "at 0, or take the rows from the end in a loop of their own",
                    (long long)start);
    part_of_range(cx, row, n, start, stop, out);
    return OK;
}

Status rt_wrap(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)at, (void)nin, (void)nout;
    bool below = in[0].i == 0;
    int64_t row = in[2].i, total = in[3].i, start = in[4].i, stop = in[5].i;
    int64_t base = below ? row - total : row;
    if (below)
        stop = idx_min(stop, 0);
    else
        start = idx_max(start, 0);
    part_of_range(cx, base, in[1].i, start, stop, out);
    out[2].i = base;
    return OK;
}

static uint8_t *put_rows(uint8_t *to, const EdgeRows *a, idx from, idx n)
{
    size_t bytes = (size_t)n * a->width;
    if (bytes) memcpy(to, a->data + (size_t)from * a->width, bytes);
    return to + bytes;
}

/* How many rows a window has: all, or those at the edges twice lo + hi. */
typedef struct Window {
    idx n, lo, hi, before, behind;
    bool whole;
} Window;

static Window window_of(const Attrs *at, idx n)
{
    Window w = {.n = n, .lo = attr_int(at, "lo", 0), .hi = attr_int(at, "hi", 0)};
    w.whole = n <= w.lo + w.hi;
    return w;
}

/* Rows of the part of a window that piece 0 reads. */
static idx window_head(const Window *w)
{
    return w->before + (w->whole ? w->n : w->lo);
}

static void window_fill(Cx *cx, const Edges *e, int i, const Window *w, Array *to)
{
    const EdgeRows *a = &e->array[i];
    uint8_t *p = to->data;
    if (!a->width) return;
    p += (size_t)w->before * a->width;
    edges_put_before(e, cx->comm->rank, i, p);
    if (w->whole) {
        p = put_rows(p, a, 0, w->n);
    } else {
        idx tail = w->n - w->hi - w->before;
        p = put_rows(p, a, 0, w->lo + a->behind);
        p = put_rows(p, a, tail, w->n - tail);
    }
    edges_put_behind(e, cx->comm->rank, i, p);
}

static EdgeRows edge_rows(const Attrs *at, idx i, const Array *a, idx n)
{
    size_t width = dtype_info[a->dt].bytes;
    bool nd = attr_int_at(at, "dims", i) != 0;
    return (EdgeRows){.data = a->data,
                      .width = !nd ? width
                               : n ? (size_t)(a->n / n) * width
                                   : 0,
                      .known = !nd,
                      .before = attr_int_at(at, "before", i),
                      .behind = attr_int_at(at, "behind", i)};
}

enum { HALO_IN = 1, HALO_OUT = 3 };

static Status put_window(Cx *cx, const Attrs *at, const Edges *e, int i, const Array *a,
                         Slot *out)
{
    const EdgeRows *x = &e->array[i];
    Window w = window_of(at, e->n);
    w.before = x->nbefore;
    w.behind = x->nbehind;
    idx rows = w.before + e->n + w.behind;
    if (!w.whole) rows = w.before + w.lo + x->behind + w.before + w.hi + w.behind;
    idx items = (idx)(x->width / dtype_info[a->dt].bytes);
    Array *to;
    TRY(array_new(cx, (DType)a->dt, (NullForm)a->null, (Unit)a->unit, rows * items,
                  false, &to));
    window_fill(cx, e, i, &w, to);
    out[1].i = w.before;
    out[2].i = rows;
    return rt_out(cx, &out[0], to);
}

/* Collective with {par}. Row i of a head of the window is row i - before of this rank.
 */
Status rt_halo(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nout;
    idx n = in[0].i;
    int count = (int)(nin - HALO_IN);
    Edges e;
    EdgeRows *rows = arena_try(cx->scratch, (size_t)count, sizeof *rows);
    if (!rows) return fail(cx, E_MEMORY, "no memory for the edges of %d arrays", count);
    for (int i = 0; i < count; i++)
        rows[i] = edge_rows(at, i, in[HALO_IN + i].a, n);
    TRY(comm_edges(cx, n, rows, count, &e));
    for (int i = 0; i < count; i++)
        TRY(put_window(cx, at, &e, i, in[HALO_IN + i].a, out + (idx)HALO_OUT * i));
    return OK;
}

enum { PIECE_IN = 5, PIECE_OUT = 2, ARRAY_IN = 4, ARRAY_OUT = 4 };

/* Where piece k reads one array. */
static Status piece_array(Cx *cx, int64_t k, const Window *w, idx row, const Slot *in,
                          Slot *out)
{
    Array *a = in[0].a, *window = in[1].a;
    idx shift = k == 0 ? w->before : 0, rows = k == 1 ? w->n : in[3].i;
    if (k == 2) shift = window_head(w) + w->behind - (w->n - w->hi - w->before);
    out[1].i = shift;
    out[2].i = rows;
    out[3].i = row - shift;
    return rt_out(cx, &out[0], array_ref(k == 1 ? a : window));
}

Status rt_piece(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nout;
    int64_t k = in[0].i, row = in[2].i, first = in[3].i, last = in[4].i;
    Window w = window_of(at, in[1].i);
    idx from = first, to = last;
    if (k == 0 && !w.whole) to = idx_min(last, w.lo);
    if (k == 1) {
        from = idx_max(first, w.lo);
        to = w.whole ? from : idx_min(last, w.n - w.hi);
    }
    if (k == 2) {
        from = idx_max(first, w.n - w.hi);
        to = w.whole ? from : last;
    }
    out[0].i = from;
    out[1].i = to;
    for (int64_t i = 0; PIECE_IN + ARRAY_IN * i < nin; i++) {
        const Slot *of = in + PIECE_IN + ARRAY_IN * i;
        w.before = of[2].i;
        w.behind = attr_int_at(at, "behind", i);
        TRY(piece_array(cx, k, &w, row, of, out + PIECE_OUT + ARRAY_OUT * i));
    }
    return OK;
}

/* -- Rows by their numbers --------------------------------------------------------- */

/* Bytes of a row of an array of several dimensions: a rank without rows learns them. */
static Status row_width(Cx *cx, const Attrs *at, const Array *a, idx n, size_t *width)
{
    int64_t items = n ? a->n / n : 0;
    if (attr_int(at, "nd", 0))
        TRY(comm_max_i64(cx, &items, 1));
    else
        items = 1;
    *width = (size_t)items * dtype_info[a->dt].bytes;
    return OK;
}

/* Which rows: all of a small array, else those of the indices. One that there is not is
 * any: the loop checks when it comes to it. */
static Status needed_numbers(Cx *cx, Array *index, idx total, bool whole, Array **out)
{
    RtType t = {.kind = 2, .dt = DT_I64, .null = NULL_NONE, .unit = UNIT_NONE};
    Array *wide;
    *out = NULL;
    if (whole) return rt_numbers(cx, 0, 1, total, out);
    TRY(rt_adapt(cx, index, t, &wide));
    Status st = array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, wide->n, false, out);
    const int64_t *from = wide->data;
    for (idx i = 0; !st && i < wide->n; i++)
        ((int64_t *)(*out)->data)[i] =
            from[i] < -total || from[i] >= total ? 0 : from[i];
    array_unref(wide);
    return st;
}

/* The rows with these numbers, as far as there are any rows. Collective. */
static Status needed_rows(Cx *cx, const Attrs *at, const Slot *in, size_t width,
                          const Array *number, idx total, Slot *out)
{
    Array *a = in[1].a;
    Table t = {.n = a->n, .ncol = 1, .col = &a}, got = {0};
    if (total == 0) return rt_out(cx, out, array_ref(a));
    idx n = number ? number->n : 0;
    Status st = fetch_rows(cx, &t, in[0].i, (idx)(width / dtype_info[a->dt].bytes),
                           number ? number->data : NULL, n, &got);
    if (!st) st = rt_out_table(cx, at, 0, out, &got, 0, 1);
    table_clear(&got);
    return st;
}

/* Collective with {par}. An array is small when all of it is no more than a rank's
 * share of the rows that are asked for. */
Status rt_needed(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    Array *number = NULL;
    int64_t count[2] = {in[0].i, in[2].a->n};
    size_t width;
    TRY(comm_sum_i64(cx, count, 2));
    TRY(row_width(cx, at, in[1].a, in[0].i, &width));
    bool whole = count[0] <= count[1] / cx->comm->size;
    Status made = needed_numbers(cx, in[2].a, count[0], whole, &number);
    Status st = needed_rows(cx, at, in, width, number, count[0], &out[0]);
    array_unref(number);
    out[1].i = whole;
    out[2].i = count[0];
    return made ? made : st;
}

/* Collective with {par}; otherwise all rows are here. */
Status rt_whole(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)nin, (void)nout;
    Array *a = in[1].a;
    if (!rt_par(cx, at)) return rt_out(cx, out, array_ref(a));
    Table t = {.n = a->n, .ncol = 1, .col = &a}, all;
    TRY(allgather_table(cx, &t, &all));
    Status st = rt_out_table(cx, at, 0, out, &all, 0, 1);
    table_clear(&all);
    return st;
}
