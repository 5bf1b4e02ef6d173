/* SPDX-License-Identifier: Apache-2.0
 * NumPy's functions that order values or ask where they are: sort, argsort,
 * searchsorted, unique, sets of values, positions. Sorting is the sort of frames, so
 * that rows of all ranks are brought into order.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <string.h>

static AVal *subject(const Call *c)
{
    return c->self ? c->self : c->arg[0];
}

/* The array and the axis that a call names: -1 when it has one dimension, or was made
 * so by axis=None. */
static AVal *along(Front *f, Call *c, int *axis)
{
    AVal *kind = call_arg(f, c, "kind");
    const char *how = av_is_none(kind) ? "q" : front_const_str(f, kind, "kind");
    if (!*how || !strchr("qhsmQHSM", *how))
        front_fail(f, E_VALUE,
                   "sort kind must be one of 'quick', 'heap', or 'stable' (got '%s')",
                   how);
    AVal *v = np_arg(f, c, subject(c)), *a = call_arg(f, c, "axis");
    *axis = -1;
    if (av_is_none(a)) return np_flat(f, c, v);
    int k = nd_axis_arg(f, a, np_is_nd(f, v) ? nd_of(f, v).n : 1);
    if (np_is_nd(f, v)) *axis = k;
    return v;
}

AVal *build_np_sort(Front *f, Call *c)
{
    int axis;
    AVal *v = along(f, c, &axis);
    if (axis >= 0) {
        Nd d = nd_of(f, v);
        v = nd_sorted(f, &d, axis, false);
        if (!c->self) return v;
        nd_store(f, &d, v);
        return av_none(f);
    }
    Val *col = np_order_col(f, c, v), *r = np_sorted(f, col, col);
    if (c->self && col->type.dt == DT_STR)
        front_unsup(f, UNSUP_API, "sort() of an array of objects: take np.sort(a)");
    if (!c->self) return np_array_of(f, r);
    np_store(f, c->self, r);
    return av_none(f);
}

AVal *build_np_argsort(Front *f, Call *c)
{
    int axis;
    AVal *v = along(f, c, &axis);
    if (axis >= 0) {
        Nd d = nd_of(f, v);
        return nd_sorted(f, &d, axis, true);
    }
    Val *col = np_order_col(f, c, v);
    return np_array_of(f, np_sorted(f, col, np_rownum(f, val_axis(col))));
}

/* -- Search ------------------------------------------------------------------------ */
/* Times as counts, NaT above all of them, as NumPy sorts it. */
static Val *counts_in_order(Front *f, Val *v, Type t)
{
    v = front_cast(f, v, type_with(t, (TypeKind)v->type.kind));
    Val *last = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), INT64_MAX);
    Val *gone = front_elem_val(f, OP_ISNULL, &v, 1), *n = np_cast(f, v, DT_I64);
    return front_elem_val(f, OP_SELECT, (Val *[]){gone, last, n}, 3);
}

/* Both in one of the types that are searched. */
static void searchable(Front *f, const Call *c, Val **a, Val **v)
{
    Type t;
    DType dt = (DType)(*a)->type.dt;
    bool ok = type_promote((*a)->type, (*v)->type, &t);
    if (dt == DT_STR && (*v)->type.dt == DT_STR) return;
    if (ok && dt_is_time(dt) && t.dt == dt) {
        *a = counts_in_order(f, *a, t);
        *v = counts_in_order(f, *v, t);
        return;
    }
    if (!ok || !dt_is_num((DType)t.dt))
        front_unsup(f, UNSUP_API, "%s() of such values is not supported", c->name);
    dt = dt_is_float((DType)t.dt) ? DT_F64 : t.dt == DT_U64 ? DT_U64 : DT_I64;
    *a = np_cast(f, *a, dt);
    *v = np_cast(f, *v, dt);
}

static AVal *search(Front *f, const Call *c, Val *a, AVal *v, bool right, bool digitize)
{
    bool list = v->kind == A_LIST || v->kind == A_TUPLE;
    bool many = np_is_column(v) || list, text = a->type.dt == DT_STR;
    if (text && !many) v = av_list(f, &v, 1);
    Val *x = many || text ? np_order_col(f, c, v) : front_val(f, v);
    searchable(f, c, &a, &x);
    Type t = type_with(type_scalar(DT_I64), (TypeKind)x->type.kind);
    Val *r = put_val(f, OP_SEARCHSORTED, (Val *[]){a, x}, 2, t, x->axis);
    node_set_int(f->fn, r->def, "right", right);
    node_set_int(f->fn, r->def, "digitize", digitize);
    AVal *at = np_of(f, r);
    return text && !many ? lower_subscript(f, at, av_int(f, 0)) : at;
}

AVal *build_np_searchsorted(Front *f, Call *c)
{
    bool right = !strcmp(call_str(f, c, "side"), "right");
    Val *a = np_order_col(f, c, subject(c));
    AVal *sorter = call_arg(f, c, "sorter");
    if (sorter->kind != A_NONE)
        a = front_col(f, lower_subscript(f, np_of(f, a), sorter));
    AVal *v = call_arg(f, c, "v");
    if (!np_is_nd(f, v)) return search(f, c, a, v, right, false);
    return np_unflat(f, search(f, c, a, np_flat(f, c, v), right, false), v);
}

AVal *build_np_digitize(Front *f, Call *c)
{
    Val *bins = np_col(f, c, call_arg(f, c, "bins"));
    AVal *x = call_arg(f, c, "x");
    if (np_is_nd(f, x))
        return np_unflat(
            f, search(f, c, bins, np_flat(f, c, x), call_bool(f, c, "right"), true), x);
    return search(f, c, bins, x, call_bool(f, c, "right"), true);
}

/* -- Distinct values --------------------------------------------------------------- */
AVal *build_np_unique(Front *f, Call *c)
{
    AVal *axis = call_arg(f, c, "axis"), *ar = np_arg(f, c, c->arg[0]);
    if (!av_is_none(axis) && !np_is_nd(f, ar)) (void)nd_axis_arg(f, axis, 1);
    if (!av_is_none(axis) && np_is_nd(f, ar)) {
        AVal *in[5] = {ar, axis, call_arg(f, c, "return_index"),
                       call_arg(f, c, "return_inverse"),
                       call_arg(f, c, "return_counts")};
        return library_call(f, "np._unique_rows", in, 5);
    }
    bool index = call_bool(f, c, "return_index");
    bool inverse = call_bool(f, c, "return_inverse");
    bool counts = call_bool(f, c, "return_counts");
    AVal *all = ar;
    Val *col = np_order_col(f, c, np_flat(f, c, all)), *count, *first = NULL;
    Val *v = np_distinct(f, col, &count, index ? &first : NULL);
    AVal *out[4];
    idx n = 0;
    out[n++] = np_array_of(f, v);
    if (index) out[n++] = np_array_of(f, first);
    if (inverse)
        out[n++] = np_unflat(f, search(f, c, v, np_of(f, col), false, false), all);
    if (counts) out[n++] = np_array_of(f, count);
    return n == 1 ? out[0] : av_tuple(f, out, n);
}

/* Where rows of col are among the values: NaN is equal to nothing. */
static Val *among(Front *f, Val *col, Val *values)
{
    Type t;
    if (!type_promote(col->type, values->type, &t))
        front_fail(f, E_TYPE, "these arrays hold values that can't be compared");
    bool real = dt_is_float((DType)t.dt);
    if (real) t = type_with(type_scalar(DT_F64), TY_COL);
    col = front_cast(f, col, type_with(t, TY_COL));
    values = front_cast(f, values, type_with(t, TY_COL));
    Val *m =
        put_val(f, OP_ISIN, (Val *[]){col, values}, 2, type_col(DT_BOOL), col->axis);
    if (!real && t.dt != DT_STR) return m;
    Val *here = front_elem_val(f, OP_NOTNULL, &col, 1);
    return front_elem_val(f, OP_BITAND, (Val *[]){m, here}, 2);
}

static Val *inverted(Front *f, Val *mask)
{
    return front_elem_val(f, OP_INVERT, &mask, 1);
}

AVal *build_np_isin(Front *f, Call *c)
{
    AVal *x = c->arg[0];
    Val *values = np_any_col(f, c, np_flat(f, c, c->arg[1]));
    bool invert = call_bool(f, c, "invert");
    if (x->kind == A_CONST || x->kind == A_SCALAR) {
        AVal *eq = np_op2(f, OP_EQ, np_of(f, values), x);
        AVal *any = np_reduced(f, front_col(f, eq), AGG_ANY);
        return invert ? np_op1(f, OP_INVERT, any) : any;
    }
    x = np_arg(f, c, x);
    Val *m = among(f, np_any_col(f, c, np_flat(f, c, x)), values);
    return np_unflat(f, np_array_of(f, invert ? inverted(f, m) : m), x);
}

static void joint_type(Front *f, const Call *c, Val **a, Val **b)
{
    Type t;
    *a = np_col(f, c, c->arg[0]);
    *b = np_col(f, c, c->arg[1]);
    if (!type_promote((*a)->type, (*b)->type, &t))
        front_fail(f, E_TYPE, "%s(): the arrays have no joint type", c->name);
    *a = front_cast(f, *a, type_with(t, TY_COL));
    *b = front_cast(f, *b, type_with(t, TY_COL));
}

AVal *build_np_sets(Front *f, Call *c)
{
    const char *name = call_short(c);
    Val *a, *b;
    if (!strcmp(name, "setdiff1d")) {
        a = np_col(f, c, c->arg[0]);
        b = np_col(f, c, c->arg[1]);
        if (!call_bool(f, c, "assume_unique")) a = np_distinct(f, a, NULL, NULL);
        return np_array_of(f, np_filter(f, a, inverted(f, among(f, a, b))));
    }
    joint_type(f, c, &a, &b);
    if (!strcmp(name, "union1d"))
        return np_array_of(f,
                           np_distinct(f, np_join(f, (Val *[]){a, b}, 2), NULL, NULL));
    a = np_distinct(f, a, NULL, NULL);
    if (!strcmp(name, "intersect1d"))
        return np_array_of(f, np_filter(f, a, among(f, a, b)));
    b = np_distinct(f, b, NULL, NULL); /* setxor1d */
    Val *two[2] = {np_filter(f, a, inverted(f, among(f, a, b))),
                   np_filter(f, b, inverted(f, among(f, b, a)))};
    Val *v = np_join(f, two, 2);
    return np_array_of(f, np_sorted(f, v, v));
}

/* -- Positions --------------------------------------------------------------------- */
AVal *np_nonzero(Front *f, const Call *c, AVal *a)
{
    Val *col = np_col(f, c, a);
    if (col->type.dt != DT_BOOL)
        col = front_elem_val(f, OP_NE, (Val *[]){col, int_val(f, 0)}, 2);
    return np_array_of(f, np_filter(f, np_rownum(f, val_axis(col)), col));
}

AVal *np_places(Front *f, const Call *c, AVal *a)
{
    AVal *out[DIM_MAX], *v = np_arg(f, c, a);
    AVal *at = np_nonzero(f, c, np_flat(f, c, v));
    if (!np_is_nd(f, v)) return av_tuple(f, &at, 1);
    Nd d = nd_of(f, v);
    for (int k = d.n - 1; k > 0; k--) {
        AVal *n = nd_len(f, &d, k);
        out[k] = np_op2(f, OP_MOD, at, n);
        at = np_op2(f, OP_FLOORDIV, at, n);
    }
    out[0] = at;
    return av_tuple(f, out, d.n);
}

AVal *build_np_nonzero(Front *f, Call *c)
{
    const char *name = call_short(c);
    AVal *v = subject(c);
    if (!strcmp(name, "flatnonzero")) return np_nonzero(f, c, np_flat(f, c, v));
    v = np_places(f, c, v);
    return strcmp(name, "argwhere") != 0 ? v : np_call(f, "column_stack", &v, 1);
}
