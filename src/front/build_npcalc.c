/* SPDX-License-Identifier: Apache-2.0
 * NumPy's numerical functions of one-dimensional arrays: differences, integration,
 * interpolation, convolution, choices and comparisons.
 */
#include "base/base.h"

#include "front/nd.h"
#include "front/np.h"

#include <math.h>
#include <string.h>

/* -- Differences ------------------------------------------------------------------- */
static Val *step(Front *f, Val *col)
{
    Val *a = np_part(f, col, av_int(f, 1), NULL);
    Val *b = np_part(f, col, NULL, av_int(f, -1));
    Op op = col->type.dt == DT_BOOL ? OP_NE : OP_SUB;
    return front_elem_val(f, op, (Val *[]){a, b}, 2);
}

AVal *build_np_diff(Front *f, Call *c)
{
    int64_t n = call_int(f, c, "n");
    AVal *a = np_arg(f, c, call_arg(f, c, "a"));
    AVal *ends[4] = {a, call_arg(f, c, "axis"), call_arg(f, c, "prepend"),
                     call_arg(f, c, "append")};
    if (ends[2]->kind != A_NONE || ends[3]->kind != A_NONE)
        a = library_call(f, "np._between", ends, 4);
    bool nd = np_is_nd(f, a);
    int axis = nd_axis_arg(f, call_arg(f, c, "axis"), nd ? nd_of(f, a).n : 1);
    if (n < 0)
        front_fail(f, E_VALUE, "order must be non-negative but got %lld", (long long)n);
    if (n > 100) front_unsup(f, UNSUP_TOO_MANY, NULL);
    for (int64_t i = 0; nd && i < n; i++)
        a = nd_difference(f, a, axis);
    if (nd) return a;
    Val *col = np_col(f, c, a);
    for (int64_t i = 0; i < n; i++)
        col = step(f, col);
    return np_array_of(f, col);
}

/* -- Interpolation, convolution ---------------------------------------------------- */
AVal *build_np_interp(Front *f, Call *c)
{
    AVal *x = call_arg(f, c, "x"), *left = call_arg(f, c, "left");
    AVal *right = call_arg(f, c, "right");
    bool many = np_is_column(x) || x->kind == A_LIST || x->kind == A_TUPLE;
    Val *in[5] = {np_cast(f, many ? np_col(f, c, x) : front_val(f, x), DT_F64),
                  np_cast(f, np_col(f, c, call_arg(f, c, "xp")), DT_F64),
                  np_cast(f, np_col(f, c, call_arg(f, c, "fp")), DT_F64)};
    idx n = 3;
    if (left->kind != A_NONE) in[n++] = np_cast(f, front_val(f, left), DT_F64);
    if (right->kind != A_NONE) in[n++] = np_cast(f, front_val(f, right), DT_F64);
    Type t = type_with(type_scalar(DT_F64), many ? TY_COL : TY_SCALAR);
    Val *v = put_val(f, OP_INTERP, in, n, t, in[0]->axis);
    node_set_int(f->fn, v->def, "left", left->kind != A_NONE);
    node_set_int(f->fn, v->def, "right", right->kind != A_NONE);
    return np_of(f, v);
}

AVal *build_np_convolve(Front *f, Call *c)
{
    Val *a = np_col(f, c, c->arg[0]), *v = np_col(f, c, c->arg[1]);
    const char *mode = call_str(f, c, "mode");
    Type t;
    if (!type_promote(a->type, v->type, &t) || !dt_is_num((DType)t.dt))
        front_unsup(f, UNSUP_API, "%s() of such values is not supported", c->name);
    if (t.dt == DT_BOOL)
        front_unsup(f, UNSUP_API, "%s() of booleans is not supported", c->name);
    DType dt = dt_is_float((DType)t.dt) ? DT_F64 : DT_I64;
    Val *in[2] = {np_cast(f, a, dt), np_cast(f, v, dt)};
    Node *n = put_node(f, OP_CONVOLVE, in, 2, 2);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], type_col(dt), axis);
    node_set_text(f->fn, n, "mode", mode, 1);
    Val *r = &n->res[1];
    return np_array_of(f, (DType)t.dt == dt ? r : np_cast(f, r, (DType)t.dt));
}

/* -- Choices ----------------------------------------------------------------------- */
/* A whole number that no value of the dtype is below (above): it is no bound. */
static bool bounds_nothing(AVal *v, const AVal *bound, bool low)
{
    int64_t k;
    if (v->kind != A_ARRAY || !ix_is(bound, &k)) return false;
    DType dt = (DType)v->val->type.dt;
    int bits = 8 * (int)dtype_info[dt].bytes;
    if (!dt_is_int(dt) || bits == 64) return false;
    int64_t all = (int64_t)1 << bits;
    bool unsigned_ = dt_is_unsigned(dt);
    int64_t least = unsigned_ ? 0 : -all / 2, most = unsigned_ ? all - 1 : all / 2 - 1;
    return low ? k <= least : k >= most;
}

AVal *build_np_clip(Front *f, Call *c)
{
    AVal *v = c->self ? c->self : c->arg[0];
    bool method = c->self != NULL;
    AVal *lo = call_arg(f, c, method ? "min" : "a_min");
    AVal *hi = call_arg(f, c, method ? "max" : "a_max");
    if (!method && lo->kind == A_NONE) lo = call_arg(f, c, "min");
    if (!method && hi->kind == A_NONE) hi = call_arg(f, c, "max");
    if (v->kind == A_LIST || v->kind == A_TUPLE) v = np_arg(f, c, v);
    bool low = lo->kind != A_NONE && !bounds_nothing(v, lo, true);
    bool high = hi->kind != A_NONE && !bounds_nothing(v, hi, false);
    if (!low && !high) return np_op2(f, OP_MUL, v, av_int(f, 1)); /* a copy */
    if (low) v = np_op2(f, OP_MAX2, v, lo);
    return high ? np_op2(f, OP_MIN2, v, hi) : v;
}

AVal *build_np_select(Front *f, Call *c)
{
    AVal **cond, **choice, *v = call_arg(f, c, "default");
    idx n, m;
    if (!lower_items(f, c->arg[0], &cond, &n) ||
        !lower_items(f, c->arg[1], &choice, &m))
        front_unsup(f, UNSUP_API, "np.select() needs lists of arrays");
    if (n != m)
        front_fail(f, E_VALUE,
                   "list of cases must be same length as list of conditions");
    if (n == 0)
        front_fail(f, E_VALUE, "select with an empty condition list is not possible");
    AVal **all = ARENA_NEW_N(f->arena, n + 1, AVal *);
    memcpy(all, choice, (size_t)n * sizeof *all);
    all[n] = v;
    for (idx i = n; i-- > 0;)
        v = np_choose(f, cond[i], choice[i], v);
    return chars_chosen(f, v, all, (int)n + 1);
}

/* -- Comparison of whole arrays ---------------------------------------------------- */
static AVal *as_operand(Front *f, const Call *c, AVal *v)
{
    return v->kind == A_LIST || v->kind == A_TUPLE ? np_arg(f, c, v) : v;
}

static AVal *close_to(Front *f, Call *c)
{
    AVal *a = as_operand(f, c, c->arg[0]), *b = as_operand(f, c, c->arg[1]);
    AVal *size = np_op1(f, OP_ABS, b), *inf = av_float(f, (double)INFINITY);
    AVal *gap = np_op1(f, OP_ABS, np_op2(f, OP_SUB, a, b));
    AVal *rel = np_op2(f, OP_MUL, call_arg(f, c, "rtol"), size);
    AVal *near = np_op2(f, OP_LE, gap, np_op2(f, OP_ADD, call_arg(f, c, "atol"), rel));
    near = np_op2(f, OP_BITAND, near, np_op2(f, OP_LT, size, inf));
    near = np_op2(f, OP_BITOR, near, np_op2(f, OP_EQ, a, b));
    if (!call_bool(f, c, "equal_nan")) return near;
    AVal *both = np_op2(f, OP_BITAND, np_op2(f, OP_NE, a, a), np_op2(f, OP_NE, b, b));
    return np_op2(f, OP_BITOR, near, both);
}

static AVal *all_of(Front *f, AVal *v)
{
    if (np_is_nd(f, v)) {
        v = av_scalar(f, front_val(f, np_call(f, "all", &v, 1)));
        v->i = 1; /* Python's own bool */
        return v;
    }
    return np_is_column(v) ? np_reduced(f, front_col(f, v), AGG_ALL) : v;
}

AVal *build_np_isclose(Front *f, Call *c)
{
    AVal *v = close_to(f, c);
    return strcmp(call_short(c), "isclose") ? all_of(f, v) : v;
}

typedef struct Pair {
    AVal *a, *b;
    bool nan;
} Pair;

static AVal *equal_rows(Front *f, void *data)
{
    Pair *p = (Pair *)data;
    AVal *eq = np_op2(f, OP_EQ, p->a, p->b);
    if (p->nan) {
        AVal *a = np_op2(f, OP_NE, p->a, p->a), *b = np_op2(f, OP_NE, p->b, p->b);
        eq = np_op2(f, OP_BITOR, eq, np_op2(f, OP_BITAND, a, b));
    }
    return all_of(f, eq);
}

static AVal *different(Front *f, void *data)
{
    (void)data;
    return av_bool(f, false);
}

/* Arrays of several dimensions. */
static AVal *equal_shapes(Front *f, Pair *p)
{
    Nd a = nd_of(f, p->a), b = nd_of(f, p->b);
    AVal *same = av_bool(f, a.n == b.n);
    for (int k = 0; a.n == b.n && k < a.n; k++) {
        AVal *n = nd_len(f, &a, k), *m = nd_len(f, &b, k);
        if (!ix_same(n, m))
            same = np_op2(f, OP_BITAND, same, lower_compare(f, AST_Eq, n, m));
    }
    if (same->kind == A_CONST) return same->i ? equal_rows(f, p) : same;
    return lower_choice(f, same, equal_rows, different, p);
}

AVal *build_np_array_equal(Front *f, Call *c)
{
    Pair p = {as_operand(f, c, c->arg[0]), as_operand(f, c, c->arg[1]), false};
    if (!strcmp(call_short(c), "array_equal")) p.nan = call_bool(f, c, "equal_nan");
    if (!np_is_column(p.a) || !np_is_column(p.b)) {
        if (np_is_column(p.a) != np_is_column(p.b)) return av_bool(f, false);
        return equal_rows(f, &p);
    }
    if (np_is_nd(f, p.a) || np_is_nd(f, p.b)) return equal_shapes(f, &p);
    Val *a = front_col(f, p.a), *b = front_col(f, p.b);
    if (same_axis(a->axis, b->axis)) return equal_rows(f, &p);
    AVal *same = np_op2(f, OP_EQ, np_len(f, a), np_len(f, b));
    return lower_choice(f, same, equal_rows, different, &p);
}
