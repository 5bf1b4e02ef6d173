/* SPDX-License-Identifier: Apache-2.0
 * Whole-column answers that no compiled loop gives: aggregates through the group-by
 * states (one group that holds every row), nunique by hash, quantiles by a sort, isin,
 * running sums.
 */
#include "base/base.h"

#include "object/object_layout.h"
#include "rt/rt_int.h"

#include <math.h>

/* Row 0 of a column of one row as a slot; text in the call's scratch memory. */
static Status first_slot(Cx *cx, const Attrs *at, Array *a, Slot *out)
{
    RtType t = rt_type(at, "rtype", 0);
    Array *fit;
    TRY(rt_adapt(cx, a, t, &fit));
    rt_row_slot(fit, 0, out);
    Status st = fit->dt == DT_STR ? rt_text_scratch(cx, out) : OK;
    array_unref(fit);
    return st;
}

/* All present texts of a column as one row. */
static Status text_joined(Cx *cx, const Array *a, Array **out)
{
    idx size = 0, at = 0, k;
    for (idx i = 0; i < a->n; i++) {
        if (array_is_null(a, i)) continue;
        array_str(a, i, &k);
        if (__builtin_add_overflow(size, k, &size))
            return fail(cx, E_OVERFLOW, "the joined texts are too long");
    }
    TRY(array_new_str(cx, 1, size, out));
    for (idx i = 0; i < a->n; i++) {
        if (array_is_null(a, i)) continue;
        const uint8_t *s = array_str(a, i, &k);
        if (k) memcpy((*out)->bytes + at, s, (size_t)k);
        at += k;
    }
    (*out)->off[1] = at;
    return OK;
}

/* sum() of text: the rows of all ranks in order. */
static Status text_sum(Cx *cx, const Attrs *at, Array *a, bool par, Slot *out)
{
    Array *mine, *whole = NULL;
    Table all = {0};
    TRY(text_joined(cx, a, &mine));
    if (!par) {
        whole = array_ref(mine);
    } else {
        Table one = {.n = 1, .ncol = 1, .col = &mine};
        Status st = allgather_table(cx, &one, &all);
        if (!st) st = text_joined(cx, all.col[0], &whole);
        table_clear(&all);
        if (st) {
            array_unref(mine);
            return st;
        }
    }
    Status st = first_slot(cx, at, whole, out);
    array_unref(whole);
    array_unref(mine);
    return st;
}

/* The answer over no value at all of column a, as pandas gives it. */
static void empty_answer(AggKind agg, const Array *a, RtType t, Slot *out)
{
    bool nan = agg != AGG_SUM && agg != AGG_PROD && agg != AGG_COUNT &&
               agg != AGG_SIZE && agg != AGG_NUNIQUE && agg != AGG_ANY &&
               agg != AGG_ALL;
    double v = agg == AGG_PROD ? 1 : 0;
    *out = (Slot){.n = !nan};
    if (dt_is_float((DType)t.dt))
        out->f = nan ? (double)NAN : v;
    else if (nan && dt_is_time((DType)t.dt))
        out->i = NAT;
    else
        out->i = agg == AGG_PROD || agg == AGG_ALL;
    if (t.dt == DT_STR) out->n = TEXT_NAN;
    if (t.null == NULL_PROM) out->n = nan ? SLOT_PROMOTED : slot_flags(a, true);
}

static Status one_group(Cx *cx, Array *a, const AggSpec *spec, bool par, bool *any,
                        Table *out)
{
    Array *key;
    Table keys = {0}, vals = {.n = a->n, .ncol = 1, .col = &a}, states = {0}, both,
          got = {0};
    Table fkeys = {0};
    GroupTab *tab = NULL, *merged = NULL;
    idx *row0s = NULL, before = 0, total;
    if (par) TRY(comm_exscan_i64(cx, a->n, &before, &total));
    TRY(array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, a->n, true, &key));
    Table k = {.n = a->n, .ncol = 1, .col = &key};
    Status st = group_init(cx, &k, &vals, spec, 1, false, false, &tab);
    if (!st) st = group_consume(cx, tab, &k, &vals, before, NULL);
    if (!st && par) {
        st = group_partial(cx, tab, &keys, &states);
        if (!st) st = rt_table2(cx, &keys, &states, &both);
        if (!st) st = allgather_table(cx, &both, &got);
        if (!st) st = group_init(cx, &k, &vals, spec, 1, false, false, &merged);
        Table gk = {.n = got.n, .ncol = 1, .col = got.col};
        Table gs = {.n = got.n, .ncol = got.ncol - 1, .col = got.col + 1};
        if (!st) st = group_merge(cx, merged, &gk, &gs);
    }
    if (!st) st = group_final(cx, par ? merged : tab, &fkeys, out, &row0s);
    *any = !st && fkeys.n > 0;
    table_clear(&fkeys);
    table_clear(&keys);
    table_clear(&states);
    table_clear(&got);
    mem_free(row0s);
    group_free(tab);
    group_free(merged);
    array_unref(key);
    return st;
}

/* Distinct present values over all ranks. */
static Status nunique(Cx *cx, Array *a, bool par, int64_t *out)
{
    Table t = {.n = a->n, .ncol = 1, .col = &a}, kept = {0}, got = {0};
    Array *mask, *present = NULL;
    uint64_t *hash = NULL;
    TRY(drop_duplicates_mask(cx, &t, 'f', &mask));
    Status st = is_null(cx, a, true, &present);
    if (!st) {
        uint8_t *m = mask->data;
        const uint8_t *p = present->data;
        for (idx i = 0; i < a->n; i++)
            m[i] &= p[i];
        st = filter(cx, &t, mask, &kept);
    }
    array_unref(present);
    array_unref(mask);
    *out = kept.n;
    if (!st && par) {
        st = mem_new(cx, kept.n, sizeof *hash, false, &hash);
        if (!st) st = hash_rows(cx, &kept, hash);
        if (!st) st = shuffle_hash(cx, &kept, hash, &got);
        mask = NULL;
        if (!st) st = drop_duplicates_mask(cx, &got, 'f', &mask);
        *out = 0;
        for (idx i = 0; !st && i < got.n; i++)
            *out += ((const uint8_t *)mask->data)[i];
        array_unref(mask);
        table_clear(&got);
        mem_free(hash);
        if (!st) st = comm_sum_i64(cx, out, 1);
    }
    table_clear(&kept);
    return st;
}

/* -- Quantiles --------------------------------------------------------------------- */

/* A column as float64, missing rows as NaN; times as their ticks, as pandas has them
 * between. */
static Status as_floats(Cx *cx, const Array *a, Array **out)
{
    if (!dt_is_time(a->dt)) return cast(cx, a, DT_F64, NULL_NAN, UNIT_NONE, out);
    TRY(array_new(cx, DT_F64, NULL_NAN, UNIT_NONE, a->n, false, out));
    const int64_t *v = a->data;
    double *f = (*out)->data;
    for (idx i = 0; i < a->n; i++)
        f[i] = array_is_null(a, i) ? (double)NAN : (double)v[i];
    return OK;
}

/* Present values, sorted over all ranks, as float64. */
static Status sorted_floats(Cx *cx, Array *a, bool par, Array **out)
{
    Array *f = NULL, *present = NULL;
    Table kept = {0}, sorted = {0};
    bool asc = true;
    TRY(as_floats(cx, a, &f));
    Table t = {.n = f->n, .ncol = 1, .col = &f};
    Status st = is_null(cx, f, true, &present);
    if (!st) st = filter(cx, &t, present, &kept);
    if (!st && par) {
        st = sort_table(cx, &kept, 1, &asc, false, &sorted);
    } else if (!st) {
        idx *perm = NULL;
        st = sort_perm(cx, &kept, &asc, false, &perm);
        if (!st) st = rt_take_table(cx, &kept, perm, kept.n, &sorted);
        mem_free(perm);
    }
    if (!st) *out = array_ref(sorted.col[0]);
    table_clear(&sorted);
    table_clear(&kept);
    array_unref(present);
    array_unref(f);
    return st;
}

/* Linear interpolation between the order statistics around q, as NumPy's default. */
static Status quantile_of(Cx *cx, Array *a, double q, bool par, double *out)
{
    Array *s = NULL;
    TRY(sorted_floats(cx, a, par, &s));
    idx *starts = NULL;
    Status st = rt_starts(cx, par, s->n, &starts);
    if (!st) {
        int size = par ? cx->comm->size : 1, r = par ? cx->comm->rank : 0;
        idx total = starts[size];
        double at = q * (double)(total - 1), v[2] = {0, 0};
        idx lo = (idx)floor(at), hi = idx_min(lo + 1, total - 1);
        const double *x = s->data;
        if (total && lo >= starts[r] && lo < starts[r + 1]) v[0] = x[lo - starts[r]];
        if (total && hi >= starts[r] && hi < starts[r + 1]) v[1] = x[hi - starts[r]];
        if (par) st = comm_sum_f64(cx, v, 2);
        double w = at - (double)lo;
        *out = total ? (v[0] == v[1] ? v[0] : v[0] + (v[1] - v[0]) * w) : (double)NAN;
    }
    array_unref(s);
    return st;
}

/* Times have medians of whole ticks, cut. */
static Status median(Cx *cx, Array *a, bool par, Slot *out)
{
    double v;
    TRY(quantile_of(cx, a, 0.5, par, &v));
    *out = (Slot){.n = 1};
    if (dt_is_time(a->dt))
        out->i = isnan(v) ? NAT : (int64_t)v;
    else
        out->f = v;
    return OK;
}

Status rt_quantile(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    double q = attr_float(at, "q", 0.5);
    if (!(q >= 0 && q <= 1))
        return fail(cx, E_VALUE, "percentiles should all be in the interval [0, 1]");
    return quantile_of(cx, in[0].a, q, rt_par(cx, at), &out[0].f);
}

Status rt_reduce(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                 Slot *out)
{
    (void)nin, (void)nout;
    AggKind agg = (AggKind)attr_int(at, "agg", AGG_SUM);
    bool par = rt_par(cx, at), any = false;
    RtType t = rt_type(at, "rtype", 0);
    if (agg == AGG_NUNIQUE) return nunique(cx, in[0].a, par, &out[0].i);
    if (agg == AGG_MEDIAN) return median(cx, in[0].a, par, &out[0]);
    if (agg == AGG_SUM && in[0].a->dt == DT_STR)
        return text_sum(cx, at, in[0].a, par, &out[0]);
    AggSpec spec = {.kind = (uint8_t)agg,
                    .col = agg == AGG_SIZE ? -1 : 0,
                    .skipna = attr_int(at, "skipna", 1) != 0,
                    .ddof = (int32_t)attr_int(at, "ddof", 1),
                    .min_count = attr_int(at, "min_count", 0)};
    Table res = {0};
    Status st = one_group(cx, in[0].a, &spec, par, &any, &res);
    if (!st && any)
        st = first_slot(cx, at, res.col[0], &out[0]);
    else if (!st)
        empty_answer(agg, in[0].a, t, &out[0]);
    table_clear(&res);
    return st;
}

/* The values that some rank has in its column. Where the values are many more than the
 * rows that ask, the rows' own values go to all ranks first, and only what meets them
 * comes back: a table of orders asks 114,000 times for a line among 3.8 M. Of one
 * dtype, since conversions round differently in the two directions. */
static Status wanted_values(Cx *cx, Array *col, Array *values, Table *kept)
{
    Table ask = {.n = col->n, .ncol = 1, .col = &col}, all,
          have = {.n = values->n, .ncol = 1, .col = &values};
    Array *mask;
    TRY(allgather_table(cx, &ask, &all));
    Status st = isin(cx, values, all.col[0], &mask);
    table_clear(&all);
    TRY(st);
    st = filter(cx, &have, mask, kept);
    array_unref(mask);
    return st;
}

/* Values of all ranks, as far as they matter. */
static Status gather_values(Cx *cx, Array *col, Array *values, Table *all)
{
    enum { FEWER = 4 };
    Table t = {.n = values->n, .ncol = 1, .col = &values}, kept = {0};
    int64_t rows[2] = {col->n, values->n};
    TRY(comm_sum_i64(cx, rows, 2));
    bool pays = col->dt == values->dt && rows[1] / FEWER > rows[0];
    if (pays) {
        TRY(wanted_values(cx, col, values, &kept));
        t = kept;
    }
    Status st = allgather_table(cx, &t, all);
    table_clear(&kept);
    return st;
}

Status rt_isin(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
               Slot *out)
{
    (void)nin, (void)nout;
    Array *values = in[1].a, *res;
    Table all = {0};
    if (cx->comm->size > 1 && attr_int(at, "vpar", 0)) {
        TRY(gather_values(cx, in[0].a, values, &all));
        values = all.col[0];
    }
    Status st = isin(cx, in[0].a, values, &res);
    table_clear(&all);
    return st ? st : rt_out(cx, &out[0], res);
}

/* -- Running sums ------------------------------------------------------------------ */

/* The last value of a column that counts as a column of one row (none: of no row). */
static Status last_value(Cx *cx, const Array *a, bool all, Array **out)
{
    idx i = a->n - 1;
    while (i >= 0 && !all && array_is_null(a, i))
        i--;
    return array_slice(cx, a, i < 0 ? 0 : i, i < 0 ? 0 : 1, out);
}

Status rt_cumulate(Cx *cx, const Attrs *at, int64_t nin, const Slot *in, int64_t nout,
                   Slot *out)
{
    (void)nin, (void)nout;
    const char *text = attr_text(at, "what");
    char what = text ? text[0] : 's';
    Array *a = in[0].a, *run, *last = NULL, *before = NULL, *init = NULL;
    TRY(cumulate(cx, a, what, NULL, &run));
    if (!rt_par(cx, at)) return rt_out(cx, &out[0], run);
    /* What the ranks before this one end in, run together, starts this rank's own run.
     */
    Table one, all = {0};
    int64_t mine;
    idx *starts = NULL;
    Status st = last_value(cx, run, what == 'S' || what == 'P', &last);
    array_unref(run);
    if (!st) {
        one = (Table){.n = last->n, .ncol = 1, .col = &last};
        mine = last->n;
        st = rt_starts(cx, true, mine, &starts);
        if (!st) st = allgather_table(cx, &one, &all);
    }
    idx k = st ? 0 : starts[cx->comm->rank];
    if (!st && k) {
        st = array_slice(cx, all.col[0], 0, k, &before);
        if (!st) st = cumulate(cx, before, what, NULL, &init);
        if (!st) {
            Array *end;
            st = array_slice(cx, init, k - 1, 1, &end);
            array_unref(init);
            init = st ? NULL : end;
        }
    }
    if (!st) st = cumulate(cx, a, what, init, &run);
    array_unref(last);
    array_unref(before);
    array_unref(init);
    table_clear(&all);
    return st ? st : rt_out(cx, &out[0], run);
}
