/* SPDX-License-Identifier: Apache-2.0
 * Filters that only feed reductions become masks. When the rows that a FILTER keeps are
 * used by element-wise ops, reductions and group-bys alone, nothing needs to be copied:
 * the element-wise ops move to the unfiltered axis, sums take 0 (counts false) where
 * the mask is false, and a group-by gets the mask as an argument. Work on rows that are
 * then dropped costs less than a gather of every column, as long as it is little: LIMIT
 * ops.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

enum { LIMIT = 12 };

typedef struct Sink {
    Fn *fn;
    Node *filter;
    Axis *axis; /* of the filtered rows */
    int nloop;
    bool ok, reduces;
} Sink;

/* Reductions that can be told to skip rows by a neutral value. */
static bool sinkable_reduce(const Node *n)
{
    int64_t agg = node_int(n, "agg", -1);
    return n->op == OP_REDUCE && n->arg[0]->type.null != NULL_PROM &&
           n->arg[0]->type.null != NULL_MASK && n->arg[0]->type.dt != DT_F32 &&
           (agg == AGG_SUM || agg == AGG_COUNT || agg == AGG_MEAN);
}

static bool is_kernel_loop(const Node *n)
{
    return op_info[n->op].lower == LW_LOOP && !n->nregion;
}

/* A column of integers that can turn out to have missing values (pandas' float64 then):
 * among all rows where there are none among the kept ones. */
static bool may_promote(const Node *n)
{
    if (n->res[0].type.null != NULL_PROM) return false;
    for (int i = 0; i < n->narg; i++) {
        const Val *v = n->arg[i];
        bool kept = v->type.null == NULL_NONE && v->type.dt != DT_STR;
        if (!kept && !(val_is_col(v) && v->type.null == NULL_PROM)) return true;
    }
    return false;
}

static void check(void *data, Node *n)
{
    Sink *s = (Sink *)data;
    for (int i = 0; i < n->narg && s->ok; i++) {
        Val *v = n->arg[i];
        bool rows = v == &s->filter->res[0];
        if (!rows && (!val_is_col(v) || axis_get(v->axis) != s->axis)) continue;
        bool groups = n->op == OP_GROUPBY && !node_int(n, "mask", 0);
        bool loops = is_kernel_loop(n) && !may_promote(n);
        bool can = rows ? n->op == OP_LEN : loops || sinkable_reduce(n);
        s->ok = n->parent == s->filter->parent && (can || groups);
        if (groups || n->op == OP_REDUCE || n->op == OP_LEN) s->reduces = true;
    }
    if (!is_kernel_loop(n)) return;
    if (val_is_col(&n->res[0]) && axis_get(n->res[0].axis) == s->axis) s->nloop++;
}

static Val *neutral(Fn *fn, Node *at, Type t)
{
    t = type_with(t, TY_SCALAR);
    Node *c = node_new(fn, OP_CONST, at->loc, 0, NULL, 1);
    c->res[0].type = t;
    node_insert_before(at, c);
    if (dt_is_float((DType)t.dt))
        node_set_float(fn, c, "v", 0);
    else
        node_set_int(fn, c, "v", 0);
    return &c->res[0];
}

static Val *before(Fn *fn, Node *at, Op op, int narg, Val *const *arg, Type t,
                   Axis *axis)
{
    Node *n = node_new(fn, op, at->loc, narg, arg, 1);
    n->res[0].type = t;
    n->res[0].axis = axis;
    node_insert_before(at, n);
    return &n->res[0];
}

static void add_arg(Fn *fn, Node *n, Val *v)
{
    Val **arg = ARENA_NEW_N(fn->arena, n->narg + 1, Val *);
    for (int i = 0; i < n->narg; i++)
        arg[i] = n->arg[i];
    arg[n->narg++] = v;
    n->arg = arg;
}

/* sum and mean of x: over select(mask, x, 0), the mean divided by the count of the
 * masked; count: the number of rows where both hold. */
static void mask_reduce(Sink *s, Node *n, Val *mask, Axis *axis)
{
    Fn *fn = s->fn;
    Type flag = type_col(DT_BOOL);
    Val *x = n->arg[0];
    int64_t agg = node_int(n, "agg", -1);
    Val *present =
        x->type.null == NULL_NONE ? mask : before(fn, n, OP_NOTNULL, 1, &x, flag, axis);
    if (present != mask)
        present = before(fn, n, OP_BITAND, 2, (Val *[]){mask, present}, flag, axis);
    if (agg == AGG_COUNT) {
        n->arg[0] = present;
        node_set_int(fn, n, "agg", AGG_SUM);
        return;
    }
    Type t = x->type;
    Val *kept =
        before(fn, n, OP_SELECT, 3, (Val *[]){mask, x, neutral(fn, n, t)}, t, axis);
    n->arg[0] = kept;
    if (agg == AGG_SUM) return;
    Node *sum = node_new(fn, OP_REDUCE, n->loc, 1, &kept, 1);
    vec_each (i, &n->attr)
        vec_push(fn->arena, &sum->attr, n->attr.at[i]);
    node_set_int(fn, sum, "agg", AGG_SUM);
    sum->res[0].type = type_scalar(DT_F64);
    if (!dt_is_float((DType)t.dt)) sum->res[0].type = type_scalar(DT_I64);
    node_insert_before(n, sum);
    Node *count = node_new(fn, OP_REDUCE, n->loc, 1, &present, 1);
    vec_each (i, &n->attr)
        vec_push(fn->arena, &count->attr, n->attr.at[i]);
    node_set_int(fn, count, "agg", AGG_SUM);
    count->res[0].type = type_scalar(DT_I64);
    node_insert_before(n, count);
    Type f = type_scalar(DT_F64);
    Val *num = before(fn, n, OP_CAST, 1, (Val *[]){&sum->res[0]}, f, NULL);
    Val *den = before(fn, n, OP_CAST, 1, (Val *[]){&count->res[0]}, f, NULL);
    n->res[0].tmp = before(fn, n, OP_DIV, 2, (Val *[]){num, den}, f, NULL);
    node_remove(n);
}

/* First the consumers that end the filtered rows, while their arguments still stand on
 * the filtered axis ... */
static void rewrite_ends(void *data, Node *n)
{
    Sink *s = (Sink *)data;
    Node *f = s->filter;
    Val *mask = f->arg[0];
    Axis *axis = axis_get(mask->axis);
    bool rows = n->narg && n->arg[0] == &f->res[0];
    if (n->op == OP_LEN && rows) {
        Node *sum = node_new(s->fn, OP_REDUCE, n->loc, 1, &mask, 1);
        node_set_int(s->fn, sum, "agg", AGG_SUM);
        sum->res[0].type = type_scalar(DT_I64);
        node_insert_before(n, sum);
        n->res[0].tmp = &sum->res[0];
        node_remove(n);
    } else if (n->op == OP_GROUPBY && rows) {
        n->arg[0] = axis->rows;
        add_arg(s->fn, n, mask);
        node_set_int(s->fn, n, "mask", 1);
    } else if (n->op == OP_REDUCE && axis_get(n->arg[0]->axis) == s->axis) {
        mask_reduce(s, n, mask, axis);
    }
}

/* ... then the element-wise ops move over. */
static void rewrite_loops(void *data, Node *n)
{
    Sink *s = (Sink *)data;
    if (n == s->filter) return;
    bool here = false;
    for (int i = 0; i < n->narg; i++) {
        Val *v = n->arg[i];
        here |= val_is_col(v) && axis_get(v->axis) == s->axis;
        if (v->def == s->filter && v->index > 0) n->arg[i] = s->filter->arg[v->index];
    }
    Axis *axis = axis_get(s->filter->arg[0]->axis);
    for (int i = 0; i < n->nres && is_kernel_loop(n); i++)
        if (here || axis_get(n->res[i].axis) == s->axis) n->res[i].axis = axis;
}

static void visit(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    if (n->op != OP_FILTER) return;
    Sink s = {.fn = fn, .filter = n, .axis = pass_axis(fn, &n->res[0]), .ok = true};
    Axis *from = axis_get(n->arg[0]->axis);
    if (!s.axis && n->nres > 1) s.axis = axis_get(n->res[1].axis);
    if (!s.axis || !from || !from->rows) return;
    pass_walk(fn->body, check, &s);
    if (!s.ok || !s.reduces || s.nloop > LIMIT) return;
    pass_walk(fn->body, rewrite_ends, &s);
    pass_walk(fn->body, rewrite_loops, &s);
    node_remove(n);
}

void sink_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    pass_walk(cx->fn->body, visit, cx->fn);
    pass_forward(cx->fn);
    dce_run(cx);
}
