/* SPDX-License-Identifier: Apache-2.0
 * NumPy's functions of whole arrays: the kernels of kernel/numpy.h, each rank on its
 * rows. Arguments that every rank needs whole ("whole": 1 in {argpar}) are gathered;
 * counts are added up over the ranks.
 */
#include "base/base.h"

#include "kernel/numpy.h"
#include "rt/rt_int.h"

#include <math.h>

static bool arg_par(Cx *cx, const Attrs *at, idx i)
{
    return cx->comm->size > 1 && i < attr_count(at, "argpar") &&
           attr_int_at(at, "argpar", i) != 0;
}

/* Argument i with the rows of all ranks. Owned. */
static Status whole(Cx *cx, const Attrs *at, idx i, Array *a, Array **out)
{
    if (!arg_par(cx, at, i)) {
        *out = array_ref(a);
        return OK;
    }
    Table one = {.n = a->n, .ncol = 1, .col = &a}, all;
    TRY(allgather_table(cx, &one, &all));
    *out = array_ref(all.col[0]);
    table_clear(&all);
    return OK;
}

/* Argument i, a column or a scalar, as an array. Owned. */
static Status as_array(Cx *cx, const Attrs *at, idx i, const Slot *s, bool *scalar,
                       Array **out)
{
    RtType t = rt_type(at, "atype", i);
    *scalar = t.kind == 1;
    if (!*scalar) {
        *out = array_ref(s->a);
        return OK;
    }
    TRY(array_new(cx, (DType)t.dt, (NullForm)t.null, (Unit)t.unit, 1, false, out));
    memcpy((*out)->data, &s->i, 8);
    return OK;
}

static Status give(Cx *cx, bool scalar, Array *r, Slot *out)
{
    if (!scalar) return rt_out(cx, out, r);
    memcpy(&out->i, r->data, 8);
    out->n = 1;
    array_unref(r);
    return OK;
}

/* -- Search and interpolation ------------------------------------------------------ */
Status rt_searchsorted(Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                       int64_t nout, Slot *out)
{
    (void)nin, (void)nout;
    bool right = attr_int(at, "right", 0) != 0, scalar;
    Array *a, *v, *r = NULL;
    TRY(whole(cx, at, 0, in[0].a, &a));
    Status st = as_array(cx, at, 1, &in[1], &scalar, &v);
    if (st) goto done;
    st = attr_int(at, "digitize", 0) ? np_digitize(cx, a, v, right, &r)
                                     : np_searchsorted(cx, a, v, right, &r);
    array_unref(v);
    if (!st) st = give(cx, scalar, r, out);
done:
    array_unref(a);
    return st;
}

/* x, xp, fp [, left] [, right] */
Status rt_interp(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    bool scalar;
    idx k = 3;
    const double *left = attr_int(at, "left", 0) ? &in[k++].f : NULL;
    const double *right = attr_int(at, "right", 0) ? &in[k].f : NULL;
    Array *x, *xp = NULL, *fp = NULL, *r = NULL;
    TRY(as_array(cx, at, 0, &in[0], &scalar, &x));
    Status st = whole(cx, at, 1, in[1].a, &xp);
    if (!st) st = whole(cx, at, 2, in[2].a, &fp);
    if (!st) st = np_interp(cx, x, xp, fp, left, right, &r);
    array_unref(x);
    array_unref(xp);
    array_unref(fp);
    return st ? st : give(cx, scalar, r, out);
}

Status rt_convolve(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    const char *mode = attr_text(at, "mode");
    Array *a, *v = NULL, *r = NULL;
    TRY(whole(cx, at, 0, in[0].a, &a));
    Status st = whole(cx, at, 1, in[1].a, &v);
    if (!st) st = np_convolve(cx, a, v, mode ? mode[0] : 'f', &r);
    array_unref(a);
    array_unref(v);
    TRY(st);
    out[0].i = r->n;
    return rt_out(cx, &out[1], r);
}

/* -- Bins -------------------------------------------------------------------------- */
static Status sum_bins(Cx *cx, Array *r)
{
    enum { PART = 1 << 20 };
    for (idx i = 0; i < r->n; i += PART) {
        int n = (int)idx_min(PART, r->n - i);
        if (r->dt == DT_F64)
            TRY(comm_sum_f64(cx, (double *)r->data + i, n));
        else
            TRY(comm_sum_i64(cx, (int64_t *)r->data + i, n));
    }
    return OK;
}

static Status bins_out(Cx *cx, const Attrs *at, Array *r, Slot *out)
{
    Status st = arg_par(cx, at, 0) ? sum_bins(cx, r) : OK;
    if (st) {
        array_unref(r);
        return st;
    }
    out[0].i = r->n;
    return rt_out(cx, &out[1], r);
}

/* x, minlength [, weights] */
Status rt_bincount(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nout;
    int64_t bounds[2], least, most;
    if (in[1].i < 0) return fail(cx, E_VALUE, "'minlength' must not be negative");
    np_minmax(in[0].a, &least, &most);
    bounds[0] = -least;
    bounds[1] = most;
    if (arg_par(cx, at, 0)) TRY(comm_max_i64(cx, bounds, 2));
    if (bounds[0] > 0)
        return fail(cx, E_VALUE, "'list' argument must have no negative elements");
    idx n = idx_max(bounds[1] + 1, in[1].i);
    Array *r;
    TRY(np_bincount(cx, in[0].a, nin > 2 ? in[2].a : NULL, n, &r));
    return bins_out(cx, at, r, out);
}

/* x, edges [, weights] */
Status rt_histogram(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nout;
    Array *edges, *r = NULL;
    TRY(whole(cx, at, 1, in[1].a, &edges));
    Status st = np_histogram(cx, in[0].a, nin > 2 ? in[2].a : NULL, edges,
                             attr_int(at, "even", 0) != 0, &r);
    array_unref(edges);
    return st ? st : bins_out(cx, at, r, out);
}

/* -- Quantiles --------------------------------------------------------------------- */

/* The values at pos[0 .. n) of the sorted whole; they are only on some rank each. */
static Status picked(Cx *cx, const Array *sorted, const idx *pos, idx n, double *v)
{
    idx *starts;
    TRY(rt_starts(cx, true, sorted->n, &starts));
    int r = cx->comm->rank;
    const double *x = sorted->data;
    for (idx i = 0; i < n; i++) {
        bool mine = pos[i] >= starts[r] && pos[i] < starts[r + 1];
        v[i] = mine ? x[pos[i] - starts[r]] : 0;
    }
    return comm_sum_f64(cx, v, (int)n);
}

static Status statistics(Cx *cx, bool par, Array *a, const idx *pos, idx n, double *v)
{
    Array *own;
    if (!par) {
        TRY(array_slice(cx, a, 0, a->n, &own));
        Status st = array_own(cx, &own);
        if (!st) st = np_order_statistics(cx, own->data, own->n, pos, n, v);
        array_unref(own);
        return st;
    }
    Table one = {.n = a->n, .ncol = 1, .col = &a}, sorted;
    bool asc = true;
    TRY(sort_table(cx, &one, 1, &asc, false, &sorted));
    Status st = picked(cx, sorted.col[0], pos, n, v);
    table_clear(&sorted);
    return st;
}

/* Quantiles q[0 .. nq) of all values of a. */
static Status quantiles(Cx *cx, const Attrs *at, Array *a, const Array *q, Array *out)
{
    QuantileMethod m = (QuantileMethod)attr_int(at, "method", QUANTILE_linear);
    bool par = arg_par(cx, at, 0);
    int64_t n[2] = {a->n, 0};
    const double *x = a->data, *share = q->data;
    double *to = out->data, *v, *w;
    idx *pos;
    for (idx i = 0; i < a->n; i++)
        n[1] += isnan(x[i]);
    if (par) TRY(comm_sum_i64(cx, n, 2));
    for (idx i = 0; i < q->n; i++)
        to[i] = (double)NAN;
    if (n[0] == 0 && m != QUANTILE_middle && q->n)
        return fail(cx, E_INDEX, "index -1 is out of bounds for axis 0 with size 0");
    if (n[0] == 0 || n[1]) return OK;
    TRY(mem_new(cx, 2 * q->n, sizeof *pos, false, &pos));
    Status st = mem_new(cx, 3 * q->n, sizeof *v, false, &v);
    w = st ? NULL : v + 2 * q->n;
    for (idx i = 0; !st && i < q->n; i++)
        (void)np_quantile_place(m, share[i], n[0], &pos[2 * i], &pos[2 * i + 1], &w[i]);
    if (!st) st = statistics(cx, par, a, pos, 2 * q->n, v);
    for (idx i = 0; !st && i < q->n; i++)
        to[i] = np_quantile_between(m, v[2 * i], v[2 * i + 1], w[i]);
    mem_free(pos);
    if (w) mem_free(v);
    return st;
}

Status rt_check_shares(Cx *cx, const Attrs *at, const Array *q)
{
    const double *share = q->data;
    bool percent = attr_int(at, "percent", 0) != 0;
    for (idx i = 0; i < q->n; i++)
        if (!(share[i] >= 0 && share[i] <= 1))
            return fail(cx, E_VALUE,
                        percent ? "Percentiles must be in the range [0, 100]"
                                : "Quantiles must be in the range [0, 1]");
    return OK;
}

/* a, q -> quantiles on q's axis, or a scalar. Every rank makes all and keeps its part.
 */
Status rt_quantiles(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                    Slot *out)
{
    (void)nin, (void)nout;
    bool scalar;
    Array *mine, *q, *r = NULL, *part = NULL;
    TRY(as_array(cx, at, 1, &in[1], &scalar, &mine));
    Status st = whole(cx, at, 1, mine, &q);
    idx *starts = NULL;
    if (st) {
        array_unref(mine);
        return st;
    }
    st = rt_check_shares(cx, at, q);
    if (!st) st = array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, q->n, false, &r);
    if (!st) st = quantiles(cx, at, in[0].a, q, r);
    bool par = arg_par(cx, at, 1);
    if (!st) st = rt_starts(cx, par, mine->n, &starts);
    if (!st) st = array_slice(cx, r, par ? starts[cx->comm->rank] : 0, mine->n, &part);
    array_unref(r);
    array_unref(q);
    array_unref(mine);
    return st ? st : give(cx, scalar, part, out);
}
