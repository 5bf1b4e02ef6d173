/* SPDX-License-Identifier: Apache-2.0
 * From states to pandas' values: dtypes as pandas' group-by gives them (sum of int32 is
 * int64, but of Int32 Int32; mean of float32 is float32), missing where too few values
 * were there.
 */
#include "kernel/group_int.h"
#include "kernel/scratch.h"
#include <math.h>

/* Type of a result column. */
typedef struct ResType {
    DType dt;
    NullForm null;
    Unit unit;
} ResType;

/* A result: i for integers and times, f for floats. */
typedef struct Value {
    bool missing;
    int64_t i;
    double f;
} Value;

/* "Int64" and such: results are of nullable dtypes too. */
static bool is_nullable_number(const Array *a)
{
    return a->null == NULL_MASK && dt_is_num(a->dt);
}

static ResType sum_type(const GroupTab *g, const Array *a)
{
    ASSERT(a);
    ResType t = {a->dt, (NullForm)a->null, (Unit)a->unit};
    if (dt_is_float(a->dt) || a->dt == DT_TD) return t;
    bool keep = a->null == NULL_MASK && a->dt != DT_BOOL && g->nkey > 0;
    if (!keep) t.dt = dt_is_unsigned(a->dt) ? DT_U64 : DT_I64;
    return t;
}

static ResType mean_type(const Array *a, bool spread)
{
    ASSERT(a);
    ResType t = {a->dt, (NullForm)a->null, (Unit)a->unit};
    if (a->dt == DT_TS && spread) t.dt = DT_TD;
    if (dt_is_time(a->dt) || a->dt == DT_F32) return t;
    return (ResType){DT_F64, a->null == NULL_MASK ? NULL_MASK : NULL_NAN, UNIT_NONE};
}

static ResType result_type(const GroupTab *g, const AggSpec *s)
{
    const Array *a = s->col >= 0 ? g->proto[s->col] : NULL;
    NullForm flag_null = a && is_nullable_number(a) ? NULL_MASK : NULL_NONE;
    switch (s->kind) {
    case AGG_SUM:
    case AGG_PROD: return sum_type(g, a);
    case AGG_MEAN:
    case AGG_MEDIAN: return mean_type(a, false);
    case AGG_VAR:
    case AGG_STD: return mean_type(a, true);
    case AGG_COUNT: return (ResType){DT_I64, flag_null, UNIT_NONE};
    case AGG_SIZE:
    case AGG_NUNIQUE: return (ResType){DT_I64, NULL_NONE, UNIT_NONE};
    case AGG_ANY:
    case AGG_ALL: return (ResType){DT_BOOL, flag_null, UNIT_NONE};
    default:
        ASSERT(a);
        return (ResType){(DType)a->dt, (NullForm)a->null, (Unit)a->unit};
    }
}

/* -- Values -------------------------------------------------------------------- */

static int64_t state_int(const GroupTab *g, const uint8_t *s, int32_t acc, int word)
{
    int64_t v = 0;
    if (acc >= 0) memcpy(&v, s + g->acc[acc].off + (size_t)8 * (size_t)word, 8);
    return v;
}

static double state_float(const GroupTab *g, const uint8_t *s, int32_t acc, int word)
{
    double v;
    memcpy(&v, s + g->acc[acc].off + (size_t)8 * (size_t)word, 8);
    return v;
}

/* A sum and what rounding lost; the loss is not a number once the sum is infinite. */
static double full_sum(const GroupTab *g, const uint8_t *s, int32_t acc)
{
    double sum = state_float(g, s, acc, 0), lost = state_float(g, s, acc, 1);
    return isfinite(sum) && isfinite(lost) ? sum + lost : sum;
}

static Value of_float(double f, bool missing)
{
    /* times are cut to whole units; the range is checked, for the cast's sake */
    bool fits = f > -9.2e18 && f < 9.2e18;
    return (Value){.missing = missing, .f = f, .i = fits && !missing ? (int64_t)f : 0};
}

static Value of_int(int64_t i, bool missing)
{
    return (Value){.missing = missing, .f = (double)i, .i = i};
}

static Value spread(const GroupTab *g, const AggPlan *p, const uint8_t *s)
{
    double n = state_float(g, s, p->main, 0), m2 = state_float(g, s, p->main, 2);
    double left = n - p->spec.ddof;
    double var = left > 0 ? m2 / left : 0;
    return of_float(p->spec.kind == AGG_STD ? sqrt(var) : var, left <= 0);
}

/* min, max, first, last */
static Value chosen(const GroupTab *g, const AggPlan *p, const uint8_t *s, bool none)
{
    if (none) return (Value){.missing = true};
    if (dt_is_float(g->proto[p->spec.col]->dt))
        return of_float(state_float(g, s, p->main, 0), false);
    return of_int(state_int(g, s, p->main, 0), false);
}

/* s: states of the group. */
static Value value_of(const GroupTab *g, const AggPlan *p, const uint8_t *s)
{
    int64_t miss = state_int(g, s, p->miss, 0), n = state_int(g, s, p->rows, 0) - miss;
    bool counted = p->rows >= 0, spoilt = !p->spec.skipna && miss > 0;
    bool few = counted && n < p->spec.min_count;
    switch (p->spec.kind) {
    case AGG_SUM:
    case AGG_PROD:
        if (g->acc[p->main].kind == ACC_SUM_F)
            return of_float(full_sum(g, s, p->main), few || spoilt);
        if (g->acc[p->main].kind == ACC_PROD_F)
            return of_float(state_float(g, s, p->main, 0), few || spoilt);
        return of_int(state_int(g, s, p->main, 0), few || spoilt);
    case AGG_MEAN:
        if (n == 0 || spoilt) return (Value){.missing = true};
        return of_float(full_sum(g, s, p->main) / (double)n, false);
    case AGG_COUNT:
    case AGG_SIZE: return of_int(n, false);
    case AGG_NUNIQUE: return of_int(state_int(g, s, p->main, 0), false);
    case AGG_VAR:
    case AGG_STD:
        if (spoilt) return (Value){.missing = true};
        return spread(g, p, s);
    case AGG_ANY: return of_int(state_int(g, s, p->main, 0) | spoilt, false);
    case AGG_ALL: return of_int(state_int(g, s, p->main, 0), false);
    default: return chosen(g, p, s, n == 0 || spoilt);
    }
}

/* -- Columns ------------------------------------------------------------------- */

static Status put_missing(Cx *cx, Array *a, idx i)
{
    if (dt_is_float(a->dt) && a->null != NULL_MASK) {
        if (a->dt == DT_F32)
            ((float *)a->data)[i] = NAN;
        else
            ((double *)a->data)[i] = (double)NAN;
        return OK;
    }
    if (a->null == NULL_NAT) {
        ((int64_t *)a->data)[i] = NAT;
        return OK;
    }
    if (a->null ==
        NULL_NONE) { /* an int that turns out missing: pandas gives float64 */
        a->null = NULL_PROM;
        a->promoted = 1;
    }
    memset((uint8_t *)a->data + (size_t)i * dtype_info[a->dt].bytes, 0,
           dtype_info[a->dt].bytes);
    TRY(array_add_valid(cx, a, true));
    bit_clear(a->valid, i);
    a->null_count = -1;
    return OK;
}

static Status put(Cx *cx, Array *a, idx i, Value v)
{
    if (UNLIKELY(v.missing)) return put_missing(cx, a, i);
    if (a->dt == DT_F64)
        ((double *)a->data)[i] = v.f;
    else if (a->dt == DT_F32)
        ((float *)a->data)[i] = (float)v.f;
    else
        memcpy((uint8_t *)a->data + (size_t)i * dtype_info[a->dt].bytes, &v.i,
               dtype_info[a->dt].bytes);
    return OK;
}

/* The k-th smallest of n values, which come to stand in v[k] with all smaller ones
 * before. */
static double select_kth(double *v, idx n, idx k)
{
    idx lo = 0, hi = n - 1;
    while (lo < hi) {
        double pivot = v[lo + (hi - lo) / 2];
        idx i = lo, j = hi;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i > j) break;
            double x = v[i];
            v[i++] = v[j];
            v[j--] = x;
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return v[k];
}

static Value median_of(double *v, idx n)
{
    if (n == 0) return (Value){.missing = true};
    double hi = select_kth(v, n, n / 2);
    if (n % 2) return of_float(hi, false);
    double lo = v[0];
    for (idx i = 1; i < n / 2; i++)
        lo = v[i] > lo ? v[i] : lo;
    return of_float((lo + hi) / 2, false);
}

/* Brings the values of each group together, then selects in each. */
static Status put_medians(Cx *cx, GroupTab *g, const AggPlan *p, const Pairs *pairs,
                          Array *a)
{
    Scratch mem = {0};
    idx *end = NULL;
    double *v = NULL;
    Status st = scratch_new(cx, &mem, g->ngroup + 1, sizeof *end, true, &end);
    if (!st) st = scratch_new(cx, &mem, pairs->n, sizeof *v, false, &v);
    if (!st && pairs->n > 0) {
        const uint32_t *gid = (const uint32_t *)(const void *)pairs->gid_buf->data;
        const double *val = (const double *)(const void *)pairs->val_buf->data;
        for (idx i = 0; i < pairs->n; i++)
            end[gid[i] + 1]++;
        for (idx k = 0; k < g->ngroup; k++)
            end[k + 1] += end[k];
        for (idx i = 0; i < pairs->n; i++)
            v[end[gid[i]]++] = val[i];
    }
    for (idx k = 0, from = 0; k < g->ngroup && !st; k++) {
        const uint8_t *s = g->state + (size_t)k * g->stride;
        bool spoilt = !p->spec.skipna && state_int(g, s, p->miss, 0) > 0;
        Value m = median_of(v + from, end[k] - from);
        m.missing |= spoilt;
        st = put(cx, a, k, m);
        from = end[k];
    }
    scratch_clear(&mem);
    return st;
}

/* -- The common columns, without a switch per group ------------------------------ */

static bool quick_ints(const GroupTab *g, const AggPlan *p, int64_t *to)
{
    const uint8_t *s = g->state;
    uint8_t kind = p->spec.kind;
    if (kind == AGG_COUNT || kind == AGG_SIZE) {
        for (idx i = 0; i < g->ngroup; i++, s += g->stride)
            to[i] = state_int(g, s, p->rows, 0) - state_int(g, s, p->miss, 0);
        return true;
    }
    bool sum = kind == AGG_SUM && g->acc[p->main].kind == ACC_SUM_I && p->rows < 0;
    if (!sum && kind != AGG_NUNIQUE) return false;
    for (idx i = 0; i < g->ngroup; i++, s += g->stride)
        to[i] = state_int(g, s, p->main, 0);
    return true;
}

static bool quick_floats(const GroupTab *g, const AggPlan *p, double *to)
{
    const uint8_t *s = g->state;
    uint8_t kind = p->spec.kind;
    if (kind == AGG_SUM && g->acc[p->main].kind == ACC_SUM_F && p->rows < 0) {
        for (idx i = 0; i < g->ngroup; i++, s += g->stride)
            to[i] = full_sum(g, s, p->main);
        return true;
    }
    if (kind != AGG_MEAN || !p->spec.skipna) return false;
    for (idx i = 0; i < g->ngroup; i++, s += g->stride) { /* of nothing: 0 / 0 is NaN */
        int64_t n = state_int(g, s, p->rows, 0) - state_int(g, s, p->miss, 0);
        to[i] = n ? full_sum(g, s, p->main) / (double)n : (double)NAN;
    }
    return true;
}

static bool quick_column(const GroupTab *g, const AggPlan *p, Array *a)
{
    if (a->dt == DT_I64 || a->dt == DT_U64) return quick_ints(g, p, a->data);
    if (a->dt == DT_F64 && a->null != NULL_MASK) return quick_floats(g, p, a->data);
    return false;
}

static Status final_column(Cx *cx, GroupTab *g, idx k, Array **out)
{
    const AggPlan *p = &g->plan[k];
    ResType t = result_type(g, &p->spec);
    if (t.dt == DT_STR)
        return acc_partial(cx, &g->acc[p->main], 0, g->state, g->stride, g->ngroup,
                           &g->refs, out);
    TRY(array_new(cx, t.dt, t.null, t.unit, g->ngroup, false, out));
    Array *a = *out;
    if (p->spec.col >= 0 && t.null == NULL_PROM)
        a->promoted = g->proto[p->spec.col]->promoted;
    if (p->spec.col >= 0 && (t.dt == DT_TS || t.dt == DT_DATE))
        a->tz = g->proto[p->spec.col]->tz;
    if (t.dt == DT_CAT) array_set_cats(a, g->proto[p->spec.col]);
    if (p->spec.kind == AGG_MEDIAN) return put_medians(cx, g, p, &g->pairs[k], a);
    if (quick_column(g, p, a)) return OK;
    for (idx i = 0; i < g->ngroup; i++) {
        if (i % BATCH == 0) TRY(cx_check(cx));
        TRY(put(cx, a, i, value_of(g, p, g->state + (size_t)i * g->stride)));
    }
    return OK;
}

Status group_values(Cx *cx, GroupTab *g, Table *values)
{
    TRY(table_init(cx, values, g->nagg, g->ngroup));
    for (idx k = 0; k < g->nagg; k++) {
        Status st = final_column(cx, g, k, &values->col[k]);
        if (st) {
            table_clear(values);
            return st;
        }
    }
    return OK;
}
