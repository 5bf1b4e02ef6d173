/* SPDX-License-Identifier: Apache-2.0
 * Moving rows between ranks at the user's or the compiler's wish, and combining
 * scalars: concat, rebalance, gather, scatter, all-reductions, rank numbers, barrier.
 */
#include "base/base.h"

#include "rt/rt_int.h"

#include <math.h>

/* What a function that works alone is told of: the ranks that its program runs on. */
const Comm *rt_world(const Cx *cx)
{
    return cx->world ? cx->world : cx->comm;
}

Status rt_rank(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    out[0].i = rt_world(cx)->rank;
    return OK;
}

Status rt_size(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout;
    out[0].i = rt_world(cx)->size;
    return OK;
}

Status rt_barrier(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout, (void)out;
    return comm_barrier(cx);
}

Status rt_agree(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                Slot *out)
{
    (void)at, (void)nin, (void)in, (void)nout, (void)out;
    return comm_agree(cx);
}

/* -- All-reductions ---------------------------------------------------------------- */

static int64_t combine_int(char op, int64_t a, int64_t b, bool uns)
{
    switch (op) {
    case '*': return (int64_t)((uint64_t)a * (uint64_t)b);
    case '<': return uns ? ((uint64_t)a < (uint64_t)b ? a : b) : idx_min(a, b);
    case '>': return uns ? ((uint64_t)a > (uint64_t)b ? a : b) : idx_max(a, b);
    case '&': return a & b;
    case '|': return a | b;
    case '^': return a ^ b;
    default: return (int64_t)((uint64_t)a + (uint64_t)b);
    }
}

/* Over the ranks' values in rank order: the same bits on every rank. */
static double combine_floats(char op, const Slot *v, int size, int64_t stride)
{
    double acc = v[0].f, c = 0;
    for (int r = 1; r < size; r++) {
        double x = v[r * stride].f;
        if (op == '+') { /* Neumaier's compensated sum */
            double s = acc + x;
            c += fabs(acc) >= fabs(x) ? (acc - s) + x : (x - s) + acc;
            acc = s;
        } else if (op == '*') {
            acc *= x;
        } else if (isnan(acc) || isnan(x)) {
            acc = (double)NAN;
        } else {
            acc = op == '<' ? fmin(acc, x) : fmax(acc, x);
        }
    }
    return isfinite(c) ? acc + c : acc;
}

/* Sums and products of complex numbers, in rank order. */
static void combine_complex(char op, const Slot *v, int size, int64_t stride, Slot *out)
{
    Complex128 acc = {v[0].f, v[0].im};
    for (int r = 1; r < size; r++) {
        Complex128 x = {v[r * stride].f, v[r * stride].im};
        if (op == '+')
            acc = (Complex128){acc.re + x.re, acc.im + x.im};
        else
            acc = (Complex128){acc.re * x.re - acc.im * x.im,
                               acc.re * x.im + acc.im * x.re};
    }
    out->f = acc.re;
    out->im = acc.im;
}

static bool same_value(const Slot *a, const Slot *b, bool floats)
{
    return floats ? a->f == b->f : a->i == b->i;
}

/* The first rank whose value i is the combined one; 0 when none is (NaN). */
static int first_with(const Slot *all, const Slot *got, int64_t i, int64_t nin,
                      int size, bool floats)
{
    for (int r = 0; r < size; r++)
        if (same_value(&all[r * nin + i], got, floats)) return r;
    return 0;
}

Status rt_allreduce(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    const char *ops = attr_text(at, "ops");
    int size = cx->comm->size;
    if (size == 1) {
        memcpy(out, in, (size_t)nin * sizeof *in);
        return OK;
    }
    Slot *all = arena_try(cx->scratch, (size_t)(nin * size), sizeof *all);
    if (!all)
        return fail(cx, E_MEMORY, "no memory to combine %lld values", (long long)nin);
    TRY(comm_allgather(cx, in, (size_t)nin * sizeof *in, all));
    int winner = 0;
    for (int64_t i = 0; i < nout; i++) {
        RtType t = rt_type(at, "rtype", i);
        out[i] = all[i];
        if (ops[i] == 'f') {
            out[i] = all[winner * nin + i];
            continue;
        }
        if (dt_is_complex((DType)t.dt)) {
            combine_complex(ops[i], all + i, size, nin, &out[i]);
            continue;
        }
        if (dt_is_float((DType)t.dt)) {
            out[i].f = combine_floats(ops[i], all + i, size, nin);
            winner = first_with(all, &out[i], i, nin, size, true);
            continue;
        }
        for (int r = 1; r < size; r++) {
            const Slot *s = &all[r * nin + i];
            out[i].i = combine_int(ops[i], out[i].i, s->i, dt_is_unsigned((DType)t.dt));
        }
        winner = first_with(all, &out[i], i, nin, size, false);
    }
    return OK;
}

/* -- Rows -------------------------------------------------------------------------- */
static Status result(Cx *cx, const Attrs *at, Slot *out, Table *res)
{
    out[0].i = res->n;
    Status st = rt_out_table(cx, at, 1, out + 1, res, 0, res->ncol);
    table_clear(res);
    return st;
}

Status rt_rebalance(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nout;
    Table t, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &t));
    idx ndest = attr_count(at, "dests");
    if (!rt_par(cx, at)) {
        TRY(rt_slice_table(cx, &t, 0, t.n, &res));
        return result(cx, at, out, &res);
    }
    int32_t *dests = arena_try(cx->scratch, (size_t)ndest + 1, sizeof *dests);
    if (!dests) return fail(cx, E_MEMORY, "no memory for %lld ranks", (long long)ndest);
    for (idx i = 0; i < ndest; i++) {
        dests[i] = (int32_t)attr_int_at(at, "dests", i);
        if (dests[i] < 0 || dests[i] >= cx->comm->size)
            return fail(cx, E_VALUE, "rebalance(): there is no rank %d of %d", dests[i],
                        cx->comm->size);
    }
    TRY(rebalance_table(cx, &t, ndest ? dests : NULL, ndest, &res));
    return result(cx, at, out, &res);
}

Status rt_gather(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nout;
    Table t, res;
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &t));
    if (!rt_par(cx, at))
        TRY(rt_slice_table(cx, &t, 0, t.n, &res));
    else if (attr_int(at, "all", 1))
        TRY(allgather_table(cx, &t, &res));
    else
        TRY(gather_table(cx, &t, 0, &res));
    return result(cx, at, out, &res);
}

/* Columns of which only the first rank has rows; others may not even have the columns.
 */
static Status root_table(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, Table *t)
{
    bool root = cx->comm->rank == 0;
    *t = (Table){.n = root ? in[0].i : 0, .ncol = nin - 1};
    t->col = arena_try(cx->scratch, (size_t)nin, sizeof *t->col);
    if (!t->col)
        return fail(cx, E_MEMORY, "no memory for %lld columns", (long long)nin);
    for (idx i = 0; i < t->ncol; i++)
        t->col[i] = NULL;
    Status st = OK;
    for (idx i = 0; i < t->ncol && !st; i++) {
        if (root)
            t->col[i] = array_ref(in[1 + i].a);
        else if (in[1 + i].a)
            st = array_new_empty(cx, in[1 + i].a, &t->col[i]);
        else
            st = rt_empty(cx, rt_type(at, "rtype", 1 + i), &t->col[i]);
    }
    return st;
}

/* Collective: the first rank's rows in equal chunks. All ranks know then whether a
 * column came out as floats; rows alone would not tell those that get none. */
static Status scatter_root(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                           Slot *out)
{
    Table t, res = {0};
    size_t n = (size_t)nin - 1, size = (size_t)cx->comm->size;
    Status st = root_table(cx, at, nin, in, &t);
    uint8_t *flag = arena_try(cx->scratch, size + 1, n + 1);
    if (!st && !flag) st = fail(cx, E_MEMORY, "no memory for flags of %zu columns", n);
    Status moved = rebalance_table(cx, &t, NULL, cx->comm->size, &res);
    if (!st) st = moved; /* it has told the others of a failure here */
    for (size_t i = 0; !st && flag && i < n; i++)
        flag[size * n + i] = t.col[i]->promoted != 0;
    if (!st) st = comm_allgather(cx, flag + size * n, n, flag);
    for (size_t i = 0; !st && i < n; i++)
        if (res.col[i]->null == NULL_PROM) res.col[i]->promoted = flag[i];
    for (idx i = 0; t.col && i < t.ncol; i++)
        array_unref(t.col[i]);
    if (!st) return result(cx, at, out, &res);
    table_clear(&res);
    return st;
}

Status rt_scatter(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                  Slot *out)
{
    (void)nout;
    Table t, res;
    if (rt_par(cx, at) && attr_int(at, "root", 0))
        return scatter_root(cx, at, nin, in, out);
    TRY(rt_table(cx, in + 1, nin - 1, in[0].i, &t));
    bool par = rt_par(cx, at) && attr_int(at, "whole", 1);
    idx start = par ? block_start(t.n, cx->comm->size, cx->comm->rank) : 0;
    idx n = par ? block_count(t.n, cx->comm->size, cx->comm->rank) : t.n;
    TRY(rt_slice_table(cx, &t, start, n, &res));
    return result(cx, at, out, &res);
}

/* -- Concatenation ----------------------------------------------------------------- */
typedef struct Part {
    idx n, first, number; /* local rows, first local row, global number of the first */
    bool slice;           /* a replicated input of which this rank takes its block */
} Part;

static Status plan(Cx *cx, const Attrs *at, const Slot *in, idx k, bool par, Part *part,
                   idx *total)
{
    *total = 0;
    for (idx i = 0; i < k; i++) {
        part[i] = (Part){.n = in[i].i, .number = *total};
        idx all = in[i].i, before = 0;
        if (par && attr_int_at(at, "pars", i)) {
            TRY(comm_exscan_i64(cx, in[i].i, &before, &all));
            part[i].number += before;
        } else if (par) {
            int p = cx->comm->size, r = cx->comm->rank;
            part[i].slice = true;
            part[i].first = block_start(all, p, r);
            part[i].n = block_count(all, p, r);
            part[i].number += part[i].first;
        }
        *total += all;
    }
    return OK;
}

/* One output column from its k inputs, each adapted to the result's type. */
static Status concat_column(Cx *cx, RtType t, const Slot *in, const Part *part, idx k,
                            Array **out)
{
    Array **a = arena_try(cx->scratch, (size_t)k, sizeof *a);
    if (!a)
        return fail(cx, E_MEMORY, "no memory to concatenate %lld columns",
                    (long long)k);
    Status st = OK;
    int32_t promoted = 0;
    for (idx i = 0; i < k && !st; i++) {
        Array *whole = NULL;
        st = rt_adapt(cx, in[i].a, t, &whole);
        if (!st) st = array_slice(cx, whole, part[i].first, part[i].n, &a[i]);
        if (!st) promoted |= whole->promoted;
        array_unref(whole);
    }
    if (!st) st = concat(cx, a, k, (NullForm)t.null, out);
    if (!st) (*out)->promoted = promoted;
    for (idx i = 0; i < k; i++)
        array_unref(a[i]);
    return st;
}

static Status concat_numbers(Cx *cx, const Part *part, idx k, idx n, Array **out)
{
    TRY(array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, n, false, out));
    int64_t *v = (*out)->data;
    for (idx i = 0; i < k; i++)
        for (idx j = 0; j < part[i].n; j++)
            *v++ = part[i].number + j;
    return OK;
}

Status rt_concat(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin;
    bool par = rt_par(cx, at);
    idx k = attr_int(at, "k", 1), ncol = nout - 1, total, n = 0;
    Part *part = arena_try(cx->scratch, (size_t)k, sizeof *part);
    if (!part)
        return fail(cx, E_MEMORY, "no memory to concatenate %lld parts", (long long)k);
    TRY(plan(cx, at, in, k, par, part, &total));
    for (idx i = 0; i < k; i++)
        n += part[i].n;
    Table t, moved, numbered;
    TRY(table_init(cx, &t, ncol, n));
    Status st = OK;
    for (idx j = 0; j < ncol && !st; j++)
        st = concat_column(cx, rt_type(at, "rtype", 1 + j), in + k + j * k, part, k,
                           &t.col[j]);
    if (!st && par && attr_int(at, "order", 0) && k > 1) {
        Array *num = NULL;
        st = concat_numbers(cx, part, k, n, &num);
        if (!st) st = rt_table_add(cx, &t, num, &numbered);
        idx mine = block_count(total, cx->comm->size, cx->comm->rank);
        if (!st) st = restore_order(cx, &numbered, mine, &moved);
        array_unref(num);
        table_clear(&t);
        TRY(st);
        t = moved;
    }
    out[0].i = t.n;
    if (!st) st = rt_out_table(cx, at, 1, out + 1, &t, 0, ncol);
    table_clear(&t);
    return st;
}
