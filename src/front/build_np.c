/* SPDX-License-Identifier: Apache-2.0
 * NumPy arrays: creation. An array of one dimension is a column of an axis that may be
 * written: np.zeros(n) is AXIS, FILL, TOARRAY. Arrays whose first length is the same
 * value share an axis, so that they can be combined row by row.
 */
#include "base/base.h"

#include "front/build.h"

#include "front/nd.h"
#include "front/np.h"

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

idx np_axes(const Front *f)
{
    return f->np ? f->np->axis.n : 0;
}

void np_forget(Front *f, idx n)
{
    if (f->np && f->np->axis.n > n) f->np->axis.n = n;
}

static bool encloses(const Region *outer, const Region *r)
{
    for (; r; r = r->owner ? r->owner->parent : NULL)
        if (r == outer) return true;
    return false;
}

static bool is_zero(const Val *v)
{
    return v->def && v->def->op == OP_CONST && node_int(v->def, "v", 1) == 0;
}

/* n of a number of rows max(0, n), as np.arange(n) has: where np.zeros(n) is made, n is
 * known not to be negative, so that the two have the same rows. */
static const Val *row_count(const Val *n)
{
    const Node *pick = n->def;
    if (!pick || pick->op != OP_SELECT || !is_zero(pick->arg[1])) return n;
    const Node *test = pick->arg[0]->def;
    bool max0 = test && test->op == OP_GT && is_zero(test->arg[0]) &&
                test->arg[1] == pick->arg[2];
    return max0 ? pick->arg[2] : n;
}

static bool same_length(const KnownAxis *k, const Val *v)
{
    const Val *known = row_count(k->n), *n = row_count(v);
    if (known == n) return true;
    bool both =
        known->def && n->def && known->def->op == OP_CONST && n->def->op == OP_CONST;
    return both && node_int(known->def, "v", 0) == node_int(n->def, "v", 1);
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

static Val *length(Front *f, AVal *shape)
{
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
    if (!dtype_of_array(f, d, t))
        front_fail(f, E_TYPE, "data type %s not understood", const_text(f, d));
    if (t->dt == DT_DATE)
        front_unsup(f, UNSUP_API, "arrays of dates are not supported");
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

/* The lengths of a new array, on an axis of the first one. */
static Nd new_shape(Front *f, AVal *shape)
{
    AVal **item = &shape;
    idx n = 1;
    if (shape->kind == A_LIST || shape->kind == A_TUPLE)
        lower_items(f, shape, &item, &n);
    if (n == 0 || n > DIM_MAX)
        front_unsup(f, UNSUP_API, "arrays of %d dimensions", (int)n);
    Nd d = {.n = (int)n};
    for (idx k = 0; k < n; k++)
        d.shape[k] = ix_av(f, length(f, item[k]));
    d.axis = axis_get(axis_of(f, ix_val(f, d.shape[0])));
    d.shape[0] = ix_av(f, d.axis->rows);
    return d;
}

static Val *const_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    (void)f, (void)elem, (void)index;
    return (Val *)data;
}

/* Of n dimensions: zeroes by the system, other values by a loop. */
static AVal *filled_nd(Front *f, const Nd *like, Val *v, bool zero)
{
    Nd d = zero ? nd_new(f, like, v->type) : nd_make(f, like, 0, NULL, const_body, v);
    return nd_av(f, &d);
}

/* The width that a dtype asks for; NULL: that of the data. */
static AVal *asked_width(Front *f, Type t)
{
    return t.of ? av_int(f, t.of) : NULL;
}

/* ones, zeros ... of text: "1" and "". */
static AVal *filled_text(Front *f, const Call *c, const char *name, const Nd *like,
                         AVal *width)
{
    AVal *text = strstr(name, "full")   ? call_arg(f, c, "fill_value")
                 : strstr(name, "ones") ? av_str(f, "1", 1)
                                        : NULL;
    return chars_filled(f, like, text, width || text ? width : av_int(f, 1));
}

AVal *build_np_fill(Front *f, Call *c)
{
    Type t = type_scalar(DT_F64);
    const char *name = call_short(c);
    if (!dtype_arg(f, c, &t) && !strcmp(name, "full"))
        t = front_val(f, call_arg(f, c, "fill_value"))->type;
    Nd d = new_shape(f, call_arg(f, c, "shape"));
    if (t.dt == DT_CHAR || (t.dt == DT_STR && t.unit != UNIT_BYTES))
        return filled_text(f, c, name, &d, t.dt == DT_CHAR ? asked_width(f, t) : NULL);
    Val *v = fill_value(f, c, name, type_with(t, TY_SCALAR));
    bool zero = !strcmp(name, "zeros") || !strcmp(name, "empty");
    return d.n == 1 ? filled(f, d.axis, v) : filled_nd(f, &d, v, zero);
}

AVal *build_np_like(Front *f, Call *c)
{
    AVal *a = call_arg(f, c, "a");
    Nd d = nd_arg(f, a, c->name);
    if (!d.base)
        front_unsup(f, UNSUP_API, "%s() of %s is not supported yet", c->name,
                    av_type_text(f, a));
    Type t = d.base->type;
    bool text = t.dt == DT_CHAR;
    AVal *width = text ? d.shape[--d.n] : NULL;
    for (int k = d.axis ? 1 : 0; k < d.n; k++)
        d.shape[k] = nd_len(f, &d, k); /* a transposed array's is that of all rows */
    bool typed = dtype_arg(f, c, &t);
    const char *name = call_short(c);
    if (t.dt == DT_CHAR)
        return filled_text(f, c, name, &d, typed ? asked_width(f, t) : width);
    if (text) nd_contiguous(f, &d);
    Val *v = fill_value(f, c, name, type_with(t, TY_SCALAR));
    if (d.n == 1 && d.axis) return filled(f, d.axis, v);
    return filled_nd(f, &d, v,
                     !strcmp(name, "zeros_like") || !strcmp(name, "empty_like"));
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
        if (flt) step = builtin_call(f, "builtins.float", &step, 1, NULL, NULL, 0);
        v = lower_binop(f, AST_Add, lower_binop(f, AST_Mult, i, step), start);
    }
    Type t;
    if (dtype_arg(f, c, &t)) v = as_array(f, front_cast(f, front_col(f, v), t));
    return v;
}

static AVal *linspace(Front *f, Call *c, AVal **by)
{
    AVal *start = call_arg(f, c, "start"), *stop = call_arg(f, c, "stop");
    AVal *num = call_arg(f, c, "num");
    bool end = call_bool(f, c, "endpoint");
    Axis *axis = axis_of(f, length(f, num));
    AVal *gaps = end ? lower_binop(f, AST_Sub, num, av_int(f, 1)) : num;
    AVal *least[2] = {gaps, av_int(f, 1)};
    gaps = builtin_call(f, "builtins.max", least, 2, NULL, NULL, 0);
    AVal *step = lower_binop(f, AST_Div, lower_binop(f, AST_Sub, stop, start), gaps);
    *by = step;
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

static bool is_many(const AVal *v)
{
    return v->kind == A_ARRAY || v->kind == A_LIST || v->kind == A_TUPLE ||
           v->kind == A_SERIES;
}

AVal *build_np_linspace(Front *f, Call *c)
{
    AVal *ends[4] = {call_arg(f, c, "start"), call_arg(f, c, "stop"),
                     call_arg(f, c, "num"), call_arg(f, c, "endpoint")};
    AVal *step = NULL, *v, *dtype = call_arg(f, c, "dtype");
    bool end = call_bool(f, c, "endpoint"), many = is_many(ends[0]) || is_many(ends[1]);
    if (many && call_bool(f, c, "retstep"))
        front_unsup(f, UNSUP_API, "%s() between arrays with retstep", c->name);
    v = many ? library_call(f, "np._lines_between", ends, 4) : linspace(f, c, &step);
    if (dtype->kind != A_NONE)
        v = library_call(f, "np._spaced", (AVal *[]){v, dtype}, 2);
    if (!call_bool(f, c, "retstep")) return v;
    AVal *part[3] = {step, call_arg(f, c, "num"), av_bool(f, end)};
    return av_tuple(f, (AVal *[]){v, library_call(f, "np._step", part, 3)}, 2);
}

/* -- Lists ------------------------------------------------------------------------- */
typedef struct Literal {
    int n;
    int64_t len[DIM_MAX];
    bool arrays; /* its leaves are arrays */
    VEC(AVal *) leaf;
} Literal;

static void literal_read(Front *f, Literal *l, AVal *v, int depth)
{
    AVal **item;
    idx n;
    if (box_get(f, v)) v = iter_array(f, v, NULL);
    if (v->kind != A_LIST && v->kind != A_TUPLE && v->kind != A_RANGE) {
        if (l->n >= 0 && depth != l->n)
            front_fail(f, E_VALUE,
                       "setting an array element with a sequence. The requested array "
                       "has an inhomogeneous shape after %d dimensions.",
                       depth < l->n ? depth : l->n);
        l->n = depth;
        l->arrays |= v->kind == A_ARRAY || v->kind == A_SERIES;
        vec_push(f->arena, &l->leaf, v);
        return;
    }
    if (!lower_items(f, v, &item, &n))
        front_unsup(f, UNSUP_API, "np.array() of %s is not supported yet",
                    av_type_text(f, v));
    if (depth == DIM_MAX) front_unsup(f, UNSUP_API, "arrays of so many dimensions");
    if (l->len[depth] >= 0 && l->len[depth] != n)
        front_fail(
            f, E_VALUE,
            "setting an array element with a sequence. The requested array has an "
            "inhomogeneous shape after %d dimensions.",
            depth);
    l->len[depth] = n;
    if (n == 0) l->n = depth + 1;
    for (idx i = 0; i < n; i++)
        literal_read(f, l, item[i], depth + 1);
}

/* The elements d in the shape of the literal. */
static AVal *literal_shape(Front *f, const Literal *l, Nd d)
{
    AVal *dim[DIM_MAX + 1];
    for (int k = 0; k < l->n; k++)
        dim[k] = av_int(f, l->len[k]);
    for (int k = 1; k < d.n; k++)
        dim[l->n + k - 1] = d.shape[k];
    return nd_reshape(f, &d, dim, l->n + d.n - 1);
}

/* A new array whose elements are stored one by one. */
static AVal *literal_array(Front *f, const Literal *l, const Type *elem)
{
    Type t = elem ? *elem : type_scalar(DT_F64), both;
    Nd d = {.n = 1};
    for (idx i = 0; i < l->leaf.n && !elem; i++) {
        Type e = type_with(front_val(f, l->leaf.at[i])->type, TY_COL);
        if (i && !type_promote(t, e, &both))
            front_unsup(f, UNSUP_API, "an array of values of several types");
        t = i ? both : e;
    }
    if (t.dt == DT_CHAR || (t.dt == DT_STR && t.unit != UNIT_BYTES)) {
        AVal *width = t.dt == DT_CHAR ? asked_width(f, t) : NULL;
        AVal *a = chars_literal(f, l->leaf.at, l->leaf.n, width);
        return l->n == 1 ? a : literal_shape(f, l, nd_of(f, a));
    }
    d.shape[0] = av_int(f, l->leaf.n);
    d = nd_new(f, &d, t);
    for (idx i = 0; i < l->leaf.n; i++) {
        Val *at = int_val(f, i);
        Val *v = front_val(f, l->leaf.at[i]);
        nd_set(f, &d, &at, 1, nd_cast_store(f, v, type_with(t, TY_SCALAR), true));
    }
    return l->n == 1 ? nd_av(f, &d) : literal_shape(f, l, d);
}

static AVal *literal_stack(Front *f, const Literal *l, const Type *elem)
{
    AVal **v = ARENA_NEW_N(f->arena, l->leaf.n, AVal *);
    for (idx i = 0; i < l->leaf.n; i++) {
        Nd d = nd_arg(f, l->leaf.at[i], "np.array");
        nd_insert(f, &d, 0);
        v[i] = nd_av(f, &d);
    }
    AVal *a = nd_concat(f, v, l->leaf.n, 0);
    Nd d = nd_of(f, a);
    if (elem) d = nd_copy(f, &d, *elem);
    return l->n == 1 ? nd_av(f, &d) : literal_shape(f, l, d);
}

AVal *nd_from_items(Front *f, AVal *v, const Type *elem)
{
    Literal l = {.n = -1};
    for (int k = 0; k < DIM_MAX; k++)
        l.len[k] = -1;
    literal_read(f, &l, v, 0);
    return l.arrays ? literal_stack(f, &l, elem) : literal_array(f, &l, elem);
}

/* An array of anything but text; t: the elements' type if it is given. */
static AVal *array_of(Front *f, AVal *v, const Type *t, bool copies)
{
    AVal **item;
    idx n;
    if (v->kind == A_CONST || v->kind == A_SCALAR)
        return t ? av_scalar(f, front_cast(f, front_val(f, v), *t)) : v;
    if (v->kind == A_ARRAY) {
        if (!copies && (!t || t->dt == v->val->type.dt)) return v;
        Nd d = nd_of(f, v);
        if (nd_is_plain(v) && !t) return as_array(f, front_col(f, v));
        d = nd_copy(f, &d, t ? *t : v->val->type);
        return nd_av(f, &d);
    }
    if (v->kind == A_SERIES || v->kind == A_INDEX) {
        Val *col = front_col(f, v);
        return as_array(f, t ? front_cast(f, col, *t) : col);
    }
    if (box_get(f, v) || v->kind == A_VIEW || (v->kind == A_RANGE && iter_is_run(f, v)))
        return iter_array(f, v, t);
    if (!lower_items(f, v, &item, &n))
        front_unsup(f, UNSUP_API, "np.array() of %s is not supported yet",
                    av_type_text(f, v));
    if (!t) return nd_from_items(f, v, NULL);
    Type elem = type_with(*t, TY_SCALAR);
    return nd_from_items(f, v, &elem);
}

AVal *build_np_array(Front *f, Call *c)
{
    AVal *v = call_arg(f, c, "object");
    Type t;
    bool object = dtype_is_object(call_arg(f, c, "dtype"));
    if (object) {
        AVal *a = np_call(f, "array", &v, 1);
        if (chars_is(a)) return chars_plain(f, a);
    }
    bool typed = dtype_arg(f, c, &t);
    bool copies = !strcmp(call_short(c), "array") && !call_none(f, c, "copy") &&
                  call_bool(f, c, "copy");
    bool column = v->kind == A_SERIES || v->kind == A_INDEX ||
                  (v->kind == A_ARRAY && !chars_is(v));
    if (typed && t.dt == DT_CHAR && column) return chars_made(f, v, t.of);
    if (typed && t.dt == DT_CHAR && chars_is(v)) return chars_sized(f, v, t.of, copies);
    return array_of(f, v, typed ? &t : NULL, copies);
}

AVal *build_np_dtype(Front *f, Call *c)
{
    Type t;
    AVal *v = c->arg[0];
    if (v->kind == A_DTYPE) return v;
    if (!dtype_of(f, v, &t))
        front_fail(f, E_TYPE, "data type %s not understood", av_type_text(f, v));
    AVal *r = av_new_kind(f, A_DTYPE);
    r->type = type_with(t, TY_SCALAR);
    return r;
}

/* -- eye, meshgrid ----------------------------------------------------------------- */
typedef struct Diagonal {
    Val *k, *one, *zero;
} Diagonal;

static Val *diagonal_body(Front *f, Val *const *elem, Val *const *index, void *data)
{
    Diagonal *g = (Diagonal *)data;
    Type i64 = type_scalar(DT_I64);
    (void)elem;
    Val *at = val_put(f, OP_ADD, (Val *[]){index[0], g->k}, 2, i64, NULL);
    Val *on = val_put(f, OP_EQ, (Val *[]){at, index[1]}, 2, type_scalar(DT_BOOL), NULL);
    return val_put(f, OP_SELECT, (Val *[]){on, g->one, g->zero}, 3, g->one->type, NULL);
}

AVal *build_np_eye(Front *f, Call *c)
{
    Type t = type_scalar(DT_F64);
    bool eye = !strcmp(call_short(c), "eye");
    AVal *n = call_arg(f, c, eye ? "N" : "n");
    AVal *m = eye && !call_none(f, c, "M") ? call_arg(f, c, "M") : n;
    dtype_arg(f, c, &t);
    t = type_with(t, TY_SCALAR);
    Nd d = {.n = 2}; /* positions are of the whole: not split */
    d.shape[0] = ix_av(f, length(f, n));
    d.shape[1] = ix_av(f, length(f, m));
    Diagonal g = {.k = ix_val(f, eye ? call_arg(f, c, "k") : av_int(f, 0))};
    g.one = front_cast(f, int_val(f, 1), t);
    g.zero = front_cast(f, int_val(f, 0), t);
    Nd r = nd_make(f, &d, 0, NULL, diagonal_body, &g);
    return nd_av(f, &r);
}

typedef struct Mesh {
    bool xy;   /* the first two change places */
    bool thin; /* lengths of 1 along the others' dimensions */
} Mesh;

/* Whether arrays are copied makes no difference: they are. */
static Mesh mesh_words(Front *f, const Call *c)
{
    Mesh m = {.xy = true};
    for (idx i = 0; i < c->nkw; i++) {
        if (!strcmp(c->kw[i], "indexing")) {
            const char *how = front_const_str(f, c->kwval[i], "indexing");
            m.xy = !strcmp(how, "xy");
            if (!m.xy && strcmp(how, "ij") != 0)
                front_fail(f, E_VALUE,
                           "Valid values for `indexing` are 'xy' and 'ij'.");
        } else if (!strcmp(c->kw[i], "sparse")) {
            m.thin = front_const_int(f, c->kwval[i], "sparse") != 0;
        } else if (strcmp(c->kw[i], "copy") != 0) {
            front_unsup(f, UNSUP_API, "%s(%s=...) is not supported", c->name, c->kw[i]);
        }
    }
    return m;
}

static int mesh_at(const Mesh *m, int n, int i)
{
    return m->xy && n > 1 && i < 2 ? 1 - i : i;
}

/* The array of dimension `at`, along the others too. */
static AVal *mesh_array(Front *f, const Mesh *m, const Nd *to, const Nd *in, int at)
{
    Nd d = *to;
    d.base = in->base;
    d.off = in->off;
    d.axis = at == 0 ? in->axis : NULL;
    for (int k = 0; k < to->n; k++) {
        d.stride[k] = k == at ? in->stride[0] : av_int(f, 0);
        if (m->thin && k != at) d.shape[k] = av_int(f, 1);
    }
    Nd full = m->thin ? nd_copy(f, &d, nd_elem_type(&d)) : nd_copy_as(f, to, &d);
    return nd_av(f, &full);
}

AVal *build_np_meshgrid(Front *f, Call *c)
{
    AVal *r[DIM_MAX];
    Mesh m = mesh_words(f, c);
    int n = (int)c->nextra;
    if (n < 1 || n > DIM_MAX)
        front_unsup(f, UNSUP_API, "%s() of %d arrays", c->name, n);
    Nd in[DIM_MAX], to = {.n = n};
    for (int i = 0; i < n; i++) {
        int at = mesh_at(&m, n, i);
        in[i] = nd_arg(f, c->extra[i], c->name);
        if (!in[i].base || in[i].n != 1)
            front_unsup(f, UNSUP_API, "%s() of arrays that have not one dimension",
                        c->name);
        to.shape[at] = in[i].shape[0];
        if (at == 0) to.axis = in[i].axis;
    }
    for (int i = 0; i < n; i++)
        r[i] = mesh_array(f, &m, &to, &in[i], mesh_at(&m, n, i));
    return av_tuple(f, r, n);
}

/* -- For other builders ------------------------------------------------------------ */
Axis *np_axis(Front *f, Val *n)
{
    return axis_of(f, n);
}

Val *np_length(Front *f, AVal *shape, const char *what)
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
    return length(f, shape);
}

AVal *np_array_of(Front *f, Val *col)
{
    return as_array(f, col);
}

bool np_dtype(Front *f, const Call *c, Type *t)
{
    return dtype_arg(f, c, t);
}
