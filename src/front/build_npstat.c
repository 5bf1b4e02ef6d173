/* SPDX-License-Identifier: Apache-2.0
 * NumPy's statistics: quantiles, histograms, counts, weighted means.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <string.h>

/* -- Quantiles --------------------------------------------------------------------- */
static int method_of(Front *f, const char *name)
{
    static const char *const names[] = {
#define QUANTILE_NAME(name) #name,
        QUANTILE_METHODS(QUANTILE_NAME)
#undef QUANTILE_NAME
    };
    for (int i = 0; i < QUANTILE_middle; i++)
        if (!strcmp(names[i], name)) return i;
    front_fail(f, E_VALUE, "'%s' is not a valid method", name);
}

static bool keeps_type(int m)
{
    return m == QUANTILE_lower || m == QUANTILE_higher || m == QUANTILE_nearest ||
           m == QUANTILE_inverted_cdf || m == QUANTILE_closest_observation;
}

static Val *without_nan(Front *f, Val *col)
{
    return np_filter(f, col, front_elem_val(f, OP_NOTNULL, &col, 1));
}

static void only_real(Front *f, const Call *c, DType in, bool bools)
{
    if (in == DT_BOOL && !bools)
        front_fail(
            f, E_TYPE,
            "numpy boolean subtract, the `-` operator, is not supported, use the "
            "bitwise_xor, the `^` operator, or the logical_xor function instead.");
    if (!dt_is_num(in))
        front_unsup(f, UNSUP_API, "%s() of times is not supported", c->name);
}

/* q: a share or a column of shares. */
static AVal *quantiles(Front *f, const Call *c, Val *a, Val *q, int method,
                       bool percent)
{
    DType in = (DType)a->type.dt;
    only_real(f, c, in, false);
    bool nan = !strncmp(call_short(c), "nan", 3);
    if (nan && dt_is_float(in)) a = without_nan(f, a);
    Type t = type_with(type_scalar(DT_F64), (TypeKind)q->type.kind);
    Val *r =
        put_val(f, OP_QUANTILES, (Val *[]){np_cast(f, a, DT_F64), q}, 2, t, q->axis);
    node_set_int(f->fn, r->def, "method", method);
    node_set_int(f->fn, r->def, "percent", percent);
    bool narrow = in == DT_F32 && q->type.kind == TY_SCALAR;
    if (narrow || (keeps_type(method) && !dt_is_float(in))) r = np_cast(f, r, in);
    return np_of(f, r);
}

/* Whether it works along one of several dimensions: then v becomes the result. q: a
 * scalar or an array of shares. */
static bool along(Front *f, Call *c, AVal **v, AVal *q, int method, bool percent)
{
    AVal *a = call_arg(f, c, "axis");
    bool keep = call_bool(f, c, "keepdims");
    *v = np_arg(f, c, *v);
    bool nd = np_is_nd(f, *v);
    if (keep && (!nd || av_is_none(a)))
        front_unsup(f, UNSUP_API,
                    "%s() with keepdims needs an axis of an array of "
                    "several dimensions",
                    c->name);
    if (!av_is_none(a) && !nd) (void)nd_axis_arg(f, a, 1);
    if (!nd || av_is_none(a)) {
        *v = np_flat(f, c, *v);
        return false;
    }
    Nd d = nd_of(f, *v);
    int axis = nd_axis_arg(f, a, d.n);
    DType in = (DType)d.base->type.dt;
    only_real(f, c, in, method == QUANTILE_middle);
    bool nan = !strncmp(call_short(c), "nan", 3), many = q->kind == A_ARRAY;
    AVal *r = nd_quantiles(f, &d, axis, q, (QuantileMethod)method, percent, nan);
    bool narrow = in == DT_F32 && !many;
    Nd out = nd_of(f, r);
    if (narrow || (keeps_type(method) && !dt_is_float(in)))
        out = nd_copy(f, &out, type_scalar(in));
    if (keep) nd_insert(f, &out, axis + many);
    *v = nd_av(f, &out);
    return true;
}

/* Several axes are one behind the others. */
static void merge_axes(Front *f, Call *c)
{
    AVal *in[2] = {call_arg(f, c, "a"), call_arg(f, c, "axis")};
    if (in[1]->kind != A_TUPLE) return;
    if (call_bool(f, c, "keepdims"))
        front_unsup(f, UNSUP_API, "%s() along several axes with keepdims", c->name);
    AVal *lines = library_call(f, "np._lines_of", in, 2);
    for (idx i = 0; i < c->sig->n; i++) {
        if (!strcmp(c->sig->p[i].name, "a")) c->arg[i] = lines;
        if (!strcmp(c->sig->p[i].name, "axis")) c->arg[i] = av_int(f, -1);
    }
}

AVal *build_np_quantile(Front *f, Call *c)
{
    merge_axes(f, c);
    bool percent = strstr(c->name, "percentile") != NULL;
    AVal *q = call_arg(f, c, "q");
    int m = method_of(f, call_str(f, c, "method"));
    bool many = np_is_column(q) || q->kind == A_LIST || q->kind == A_TUPLE;
    Val *share = np_cast(f, many ? np_col(f, c, q) : front_val(f, q), DT_F64);
    if (percent) {
        AVal *v = np_op2(f, OP_DIV, np_of(f, share), av_float(f, 100));
        share = many ? front_col(f, v) : front_val(f, v);
    }
    AVal *a = call_arg(f, c, "a");
    if (along(f, c, &a, np_of(f, share), m, percent)) return a;
    return quantiles(f, c, np_col(f, c, a), share, m, percent);
}

AVal *build_np_median(Front *f, Call *c)
{
    merge_axes(f, c);
    Val *half = ir_const_float(f->fn, f->at, f->loc, type_scalar(DT_F64), 0.5);
    AVal *v = call_arg(f, c, "a");
    if (along(f, c, &v, av_scalar(f, half), QUANTILE_middle, false)) return v;
    Val *a = np_col(f, c, v);
    if (a->type.dt == DT_BOOL) a = np_cast(f, a, DT_F64);
    return quantiles(f, c, a, half, QUANTILE_middle, false);
}

/* -- Bins -------------------------------------------------------------------------- */
static Val *bins_node(Front *f, Op op, Val *const *arg, idx narg, bool weighted)
{
    Node *n = put_node(f, op, arg, narg, 2);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], type_col(weighted ? DT_F64 : DT_I64), axis);
    return &n->res[1];
}

/* Weights beside the rows of x. */
static Val *weights_of(Front *f, const Call *c, const Val *x, AVal *w, const char *text)
{
    AVal *n = np_len(f, np_col(f, c, w)), *m = np_len(f, x);
    lower_raise_if(f, np_op2(f, OP_NE, n, m), E_VALUE, text);
    Val *col = np_cast(f, np_col(f, c, w), DT_F64);
    if (same_axis(col->axis, x->axis)) return col;
    Val *in[3] = {val_axis(x)->rows, val_axis(col)->rows, col};
    return put_val(f, OP_ALIGN, in, 3, col->type, x->axis);
}

AVal *build_np_bincount(Front *f, Call *c)
{
    Val *x = np_col(f, c, call_arg(f, c, "x"));
    AVal *w = call_arg(f, c, "weights");
    DType dt = (DType)x->type.dt;
    if (dt_is_float(dt) || dt_is_time(dt))
        front_fail(
            f, E_TYPE,
            "Cannot cast array data from dtype('%s') to dtype('int64') according "
            "to the rule 'safe'",
            dtype_info[dt].text);
    bool weighted = w->kind != A_NONE;
    Val *in[3] = {np_cast(f, x, DT_I64),
                  np_cast(f, front_val(f, call_arg(f, c, "minlength")), DT_I64)};
    if (weighted)
        in[2] = weights_of(f, c, in[0], w,
                           "The weights and list don't have the same length.");
    Val *r = bins_node(f, OP_BINCOUNT, in, weighted ? 3 : 2, weighted);
    return np_array_of(f, r);
}

/* The lower and upper end of n even bins: given, or of the values. */
static void ends(Front *f, Val *x, AVal *range, AVal **lo, AVal **hi)
{
    AVal **item;
    idx n;
    if (range->kind != A_NONE) {
        if (!lower_items(f, range, &item, &n) || n != 2)
            front_fail(f, E_TYPE, "range must be a pair of numbers");
        *lo = np_op2(f, OP_MUL, item[0], av_float(f, 1));
        *hi = np_op2(f, OP_MUL, item[1], av_float(f, 1));
        lower_raise_if(f, np_op2(f, OP_GT, *lo, *hi), E_VALUE,
                       "max must be larger than min in range parameter.");
        return;
    }
    /* Of no values: 0 to 1. */
    AVal *some = np_op2(f, OP_GT, np_len(f, x), av_int(f, 0));
    Val *real = np_cast(f, x, DT_F64);
    AVal *a = reduce_col(f, real, AGG_MIN, 0, true, 0);
    AVal *b = reduce_col(f, real, AGG_MAX, 0, true, 0);
    AVal *nan = np_reduced(f, front_elem_val(f, OP_ISNULL, &real, 1), AGG_ANY);
    lower_raise_if(f, nan, E_VALUE, "autodetected range of [nan, nan] is not finite");
    *lo = np_choose(f, some, a, av_float(f, 0));
    *hi = np_choose(f, some, b, av_float(f, 1));
}

static AVal *even_edges(Front *f, Val *x, AVal *bins, AVal *range)
{
    AVal *lo, *hi, *half = av_float(f, 0.5);
    lower_raise_if(f, np_op2(f, OP_LT, bins, av_int(f, 1)), E_VALUE,
                   "`bins` must be positive, when an integer");
    ends(f, x, range, &lo, &hi);
    AVal *flat = np_op2(f, OP_EQ, lo, hi);
    AVal *a = np_choose(f, flat, np_op2(f, OP_SUB, lo, half), lo);
    AVal *b = np_choose(f, flat, np_op2(f, OP_ADD, hi, half), hi);
    AVal *n = lower_binop(f, AST_Add, bins, av_int(f, 1));
    AVal *edges = np_call(f, "linspace", (AVal *[]){a, b, n}, 3);
    if (x->type.dt != DT_F32) return edges;
    return np_array_of(f, np_cast(f, front_col(f, edges), DT_F32));
}

static Val *difference(Front *f, Val *col)
{
    Val *a = np_part(f, col, av_int(f, 1), NULL);
    Val *b = np_part(f, col, NULL, av_int(f, -1));
    return front_elem_val(f, OP_SUB, (Val *[]){a, b}, 2);
}

AVal *build_np_histogram(Front *f, Call *c)
{
    Val *x = np_col(f, c, np_flat(f, c, call_arg(f, c, "a")));
    AVal *bins = call_arg(f, c, "bins"), *w = call_arg(f, c, "weights");
    if (bins->kind == A_CONST && bins->ck == AC_STR) {
        AVal *in[4] = {call_arg(f, c, "a"), bins, call_arg(f, c, "range"), w};
        bins = library_call(f, "np._bins_by_rule", in, 4);
        if (bins->kind != A_SCALAR && bins->kind != A_CONST) return bins; /* raised */
    }
    bool even = !(np_is_column(bins) || bins->kind == A_LIST || bins->kind == A_TUPLE);
    bool weighted = w->kind != A_NONE;
    AVal *edges =
        even ? even_edges(f, x, bins, call_arg(f, c, "range")) : np_arg(f, c, bins);
    if (!strcmp(call_short(c), "histogram_bin_edges")) return edges;
    Val *in[3] = {np_cast(f, x, DT_F64), np_cast(f, front_col(f, edges), DT_F64)};
    if (weighted)
        in[2] = weights_of(f, c, in[0], w, "weights should have the same shape as a.");
    Val *r = bins_node(f, OP_HISTOGRAM, in, weighted ? 3 : 2, weighted);
    node_set_int(f->fn, r->def, "even", even);
    AVal *counts = np_array_of(f, r);
    AVal *density = call_arg(f, c, "density");
    if (density->kind != A_NONE && front_const_bool(f, density, "density")) {
        AVal *total = np_reduced(f, np_cast(f, r, DT_F64), AGG_SUM);
        AVal *width = np_array_of(f, difference(f, in[1]));
        counts = np_op2(f, OP_DIV, np_op2(f, OP_DIV, counts, width), total);
    }
    return av_tuple(f, (AVal *[]){counts, edges}, 2);
}
