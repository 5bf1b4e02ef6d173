/* SPDX-License-Identifier: Apache-2.0
 * NumPy arrays of one dimension: creation, elements. An array is a column of an axis
 * that may be written: np.zeros(n) is AXIS, FILL, TOARRAY. Arrays of the same length
 * value share an axis, so that they can be combined row by row.
 */
#include "base/base.h"

#include "front/build.h"

#include "front/front_int.h"

#include <string.h>

/* -- Axes -------------------------------------------------------------------------- */
typedef struct KnownAxis {
    Val *n;
    int64_t i; /* n is this constant */
    Val *rows;
    Region *at;
} KnownAxis;

struct NpState {
    VEC(KnownAxis) axis;
};

static bool encloses(const Region *outer, const Region *r)
{
    for (; r; r = r->owner ? r->owner->parent : NULL)
        if (r == outer) return true;
    return false;
}

static bool same_length(const KnownAxis *k, const Val *n)
{
    if (k->n == n) return true;
    bool both =
        k->n->def && n->def && k->n->def->op == OP_CONST && n->def->op == OP_CONST;
    return both && node_int(k->n->def, "v", 0) == node_int(n->def, "v", 1);
}

/* The axis whose number of rows here is v; NULL when there is none. */
static Axis *rows_axis(Front *f, const Val *v)
{
    if (v->axis) return val_axis(v);
    vec_each (i, &f->fn->axes)
        if (f->fn->axes.at[i]->rows == v) return axis_get(f->fn->axes.at[i]);
    return NULL;
}

/* The axis of n rows: of the LEN of one that is there, or one made before, or a new
 * one. */
static Axis *axis_of(Front *f, Val *n)
{
    Axis *known = n->def && n->def->op == OP_LEN ? rows_axis(f, n->def->arg[0]) : NULL;
    if (known) return known;
    if (!f->np) f->np = ARENA_NEW(f->arena, struct NpState);
    vec_each (i, &f->np->axis) {
        const KnownAxis *k = &f->np->axis.at[i];
        if (same_length(k, n) && encloses(k->at, f->at)) return k->rows->axis;
    }
    Node *an = node_put(f, f->at, OP_AXIS, &n, 1, 1);
    Axis *a = axis_new(f->fn);
    an->res[0].type = type_scalar(DT_I64);
    an->res[0].axis = a;
    a->rows = &an->res[0];
    KnownAxis k = {n, 0, a->rows, f->at};
    vec_push(f->arena, &f->np->axis, k);
    return a;
}

static AVal *as_array(Front *f, Val *col)
{
    Type t = type_with(col->type, TY_ARRAY);
    t.ndim = 1;
    return av_array(f, val_put(f, OP_TOARRAY, &col, 1, t, col->axis));
}

static Val *length(Front *f, AVal *shape, const char *what)
{
    if (shape->kind == A_LIST || shape->kind == A_TUPLE) {
        AVal **item;
        idx n;
        lower_items(f, shape, &item, &n);
        if (n != 1)
            front_unsup(f, UNSUP_API, "%s() of %d dimensions is not supported yet",
                        what, (int)n);
        shape = item[0];
    }
    Val *n = front_val(f, shape);
    if (n->type.kind != TY_SCALAR || !dt_is_int((DType)n->type.dt))
        front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
                   av_type_text(f, shape));
    AVal *neg = lower_compare(f, AST_Lt, shape, av_int(f, 0));
    lower_raise_if(f, neg, E_VALUE, "negative dimensions are not allowed");
    return front_cast(f, n, type_scalar(DT_I64));
}

static bool dtype_arg(Front *f, const Call *c, Type *t)
{
    if (call_none(f, c, "dtype")) return false;
    AVal *d = call_arg(f, c, "dtype");
    if (!dtype_of(f, d, t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, d));
    if (t->dt == DT_STR || t->dt == DT_DATE)
        front_unsup(f, UNSUP_API, "arrays of text or dates are not supported yet");
    return true;
}

static AVal *filled(Front *f, Axis *axis, Val *value)
{
    Val *in[2] = {axis->rows, value};
    Type t = type_with(value->type, TY_COL);
    return as_array(f, val_put(f, OP_FILL, in, 2, t, axis));
}

/* -- zeros, ones, full ------------------------------------------------------------- */
static Val *fill_value(Front *f, const Call *c, const char *name, Type like)
{
    AVal *v = strstr(name, "full") ? call_arg(f, c, "fill_value")
                                   : av_int(f, strstr(name, "ones") ? 1 : 0);
    Val *x = front_val(f, v);
    if (x->type.kind != TY_SCALAR)
        front_unsup(f, UNSUP_API, "filling an array with %s is not supported yet",
                    av_type_text(f, v));
    if (dt_is_time((DType)like.dt) && dt_is_num((DType)x->type.dt))
        return ir_const_int(f->fn, f->at, f->loc, like, node_int(x->def, "v", 0));
    return front_cast(f, x, like);
}

AVal *build_np_fill(Front *f, Call *c)
{
    Type t = type_scalar(DT_F64);
    const char *name = call_short(c);
    if (!dtype_arg(f, c, &t) && !strcmp(name, "full"))
        t = front_val(f, call_arg(f, c, "fill_value"))->type;
    Val *n = length(f, call_arg(f, c, "shape"), c->name);
    Val *v = fill_value(f, c, name, type_with(t, TY_SCALAR));
    return filled(f, axis_of(f, n), v);
}

AVal *build_np_like(Front *f, Call *c)
{
    AVal *a = call_arg(f, c, "a");
    if (a->kind != A_ARRAY || a->val->type.ndim != 1)
        front_unsup(f, UNSUP_API, "%s() of %s is not supported yet", c->name,
                    av_type_text(f, a));
    Type t = a->val->type;
    dtype_arg(f, c, &t);
    Val *v = fill_value(f, c, call_short(c), type_with(t, TY_SCALAR));
    return filled(f, val_axis(a->val), v);
}

/* -- arange, linspace -------------------------------------------------------------- */
static AVal *row_numbers(Front *f, Axis *axis, int64_t start, int64_t step)
{
    Val *c = val_put(f, OP_ROWNUM, &axis->rows, 1, type_col(DT_I64), axis);
    node_set_int(f->fn, c->def, "start", start);
    node_set_int(f->fn, c->def, "step", step);
    return as_array(f, c);
}

static bool is_float(Front *f, AVal *v)
{
    Val *x = front_val(f, v);
    if (x->type.kind != TY_SCALAR || !dt_is_num((DType)x->type.dt))
        front_unsup(f, UNSUP_API, "np.arange() of %s is not supported yet",
                    av_type_text(f, v));
    return dt_is_float((DType)x->type.dt);
}

/* ceil((stop - start) / step), at least 0. */
static AVal *steps(Front *f, AVal *start, AVal *stop, AVal *step, bool flt)
{
    AVal *n;
    if (flt) {
        AVal *q = lower_binop(f, AST_Div, lower_binop(f, AST_Sub, stop, start), step);
        n = builtin_call(f, "math.ceil", &q, 1, NULL, NULL, 0);
    } else {
        AVal *back = lower_binop(f, AST_Sub, start, stop);
        AVal *q = lower_binop(f, AST_FloorDiv, back, step);
        n = lower_binop(f, AST_Sub, av_int(f, 0), q);
    }
    AVal *arg[2] = {n, av_int(f, 0)};
    return builtin_call(f, "builtins.max", arg, 2, NULL, NULL, 0);
}

static bool plain_int(const AVal *v)
{
    return v->kind == A_CONST && v->ck == AC_INT && !(v->arg && !v->arg->demanded);
}

/* n, or 0 for a negative one: n itself when it is a length, whose axis is then shared.
 */
static AVal *at_least_zero(Front *f, AVal *n)
{
    if (n->kind == A_SCALAR && n->val->def && n->val->def->op == OP_LEN) return n;
    if (plain_int(n)) return n->i < 0 ? av_int(f, 0) : n;
    AVal *arg[2] = {n, av_int(f, 0)};
    return builtin_call(f, "builtins.max", arg, 2, NULL, NULL, 0);
}

AVal *build_np_arange(Front *f, Call *c)
{
    AVal *start = call_arg(f, c, "start"), *stop = call_arg(f, c, "stop");
    AVal *step = call_arg(f, c, "step");
    if (stop->kind == A_NONE) {
        stop = start;
        start = av_int(f, 0);
    }
    if (step->kind == A_NONE) step = av_int(f, 1);
    bool f0 = is_float(f, start), f1 = is_float(f, stop), f2 = is_float(f, step);
    bool flt = f0 || f1 || f2;
    bool simple = plain_int(start) && start->i == 0 && plain_int(step) && step->i == 1;
    AVal *n =
        simple && !flt ? at_least_zero(f, stop) : steps(f, start, stop, step, flt);
    Val *len = front_cast(f, front_val(f, n), type_scalar(DT_I64));
    Axis *axis = axis_of(f, len);
    AVal *v;
    if (!flt && plain_int(start) && plain_int(step)) {
        v = row_numbers(f, axis, start->i, step->i);
    } else {
        AVal *i = row_numbers(f, axis, 0, 1);
        v = lower_binop(f, AST_Add, lower_binop(f, AST_Mult, i, step), start);
    }
    Type t;
    if (dtype_arg(f, c, &t)) v = as_array(f, front_cast(f, front_col(f, v), t));
    return v;
}

AVal *build_np_linspace(Front *f, Call *c)
{
    AVal *start = call_arg(f, c, "start"), *stop = call_arg(f, c, "stop");
    AVal *num = call_arg(f, c, "num");
    bool end = call_bool(f, c, "endpoint");
    Axis *axis = axis_of(f, length(f, num, "np.linspace"));
    AVal *gaps = end ? lower_binop(f, AST_Sub, num, av_int(f, 1)) : num;
    AVal *least[2] = {gaps, av_int(f, 1)};
    gaps = builtin_call(f, "builtins.max", least, 2, NULL, NULL, 0);
    AVal *step = lower_binop(f, AST_Div, lower_binop(f, AST_Sub, stop, start), gaps);
    AVal *i = row_numbers(f, axis, 0, 1);
    AVal *v = lower_binop(f, AST_Add, lower_binop(f, AST_Mult, i, step), start);
    if (!end) return v;
    /* The last point is stop itself. */
    AVal *last =
        lower_compare(f, AST_Eq, i, lower_binop(f, AST_Sub, num, av_int(f, 1)));
    AVal *many = lower_compare(f, AST_Gt, num, av_int(f, 1));
    AVal *at = front_elem(f, OP_BITAND, (AVal *[]){last, many}, 2);
    return front_elem(f, OP_SELECT, (AVal *[]){at, stop, v}, 3);
}

AVal *build_np_array(Front *f, Call *c)
{
    AVal *v = call_arg(f, c, "object"), **item;
    idx n;
    Type t;
    bool typed = dtype_arg(f, c, &t);
    if (v->kind == A_ARRAY || v->kind == A_SERIES) {
        Val *col = front_col(f, v);
        return as_array(f, typed ? front_cast(f, col, t) : col);
    }
    if (!lower_items(f, v, &item, &n) || (n && item[0]->kind >= A_TUPLE))
        front_unsup(f, UNSUP_API, "np.array() of %s is not supported yet",
                    av_type_text(f, v));
    if (n == 0)
        front_unsup(f, UNSUP_API,
                    "np.array() of an empty list has no type here: "
                    "write np.zeros(0, dtype)");
    Val *col = values_column(f, item, n);
    return as_array(f, typed ? front_cast(f, col, t) : col);
}

/* -- Elements ---------------------------------------------------------------------- */
static Val *index_val(Front *f, AVal *a, AVal *key)
{
    Val *i = front_val(f, key);
    if (i->type.kind != TY_SCALAR || !dt_is_int((DType)i->type.dt) ||
        i->type.null != NULL_NONE)
        front_fail(
            f, E_INDEX,
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) "
            "and integer or boolean arrays are valid indices, not %s",
            av_type_text(f, key));
    if (a->val->type.ndim != 1)
        front_unsup(f, UNSUP_API,
                    "elements of arrays of %d dimensions are not supported "
                    "yet",
                    a->val->type.ndim);
    return front_cast(f, i, type_scalar(DT_I64));
}

/* Rows where a mask holds, as a new array. */
static AVal *masked(Front *f, AVal *a, AVal *mask)
{
    Frame *t = table_filter(f, table_of(f, a), table_mask(f, table_of(f, a), mask));
    return as_array(f, t->col.at[0]);
}

AVal *array_get(Front *f, AVal *a, AVal *key)
{
    bool mask =
        (key->kind == A_ARRAY || key->kind == A_SERIES) && key->val->type.dt == DT_BOOL;
    if (mask) return masked(f, a, key);
    if (key->kind != A_CONST && key->kind != A_SCALAR)
        front_unsup(f, UNSUP_API, "indexing an array with %s is not supported yet",
                    av_type_text(f, key));
    Val *in[2] = {a->val, index_val(f, a, key)};
    Type t = type_with(a->val->type, TY_SCALAR);
    return av_scalar(f, val_put(f, OP_AGET, in, 2, t, NULL));
}

void array_set(Front *f, AVal *a, AVal *key, AVal *value)
{
    if (key->kind != A_CONST && key->kind != A_SCALAR)
        front_unsup(f, UNSUP_API, "storing to an array at %s is not supported yet",
                    av_type_text(f, key));
    Val *i = index_val(f, a, key), *v = front_val(f, value);
    Type t = type_with(a->val->type, TY_SCALAR);
    DType from = (DType)v->type.dt, to = (DType)t.dt;
    bool ok = v->type.kind == TY_SCALAR &&
              ((dt_is_num(from) && dt_is_num(to)) || (from == to && to != DT_STR));
    if (!ok)
        front_fail(f, E_TYPE, "%s can't be stored in a %s", av_type_text(f, value),
                   av_type_text(f, a));
    Val *in[3] = {a->val, i, front_cast(f, v, t)};
    node_put(f, f->at, OP_ASET, in, 3, 0);
}

/* -- For other builders ------------------------------------------------------------ */
Axis *np_axis(Front *f, Val *n)
{
    return axis_of(f, n);
}

Val *np_length(Front *f, AVal *shape, const char *what)
{
    return length(f, shape, what);
}

AVal *np_array_of(Front *f, Val *col)
{
    return as_array(f, col);
}

bool np_dtype(Front *f, const Call *c, Type *t)
{
    return dtype_arg(f, c, t);
}
