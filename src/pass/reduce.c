/* SPDX-License-Identifier: Apache-2.0
 * Reductions that a loop can do: sum, count, mean, any, all of a column become a MAP
 * with a reduction output, so that they fuse with the element-wise work before them,
 * followed by an ALLREDUCE when the axis is distributed. The MAP's own reductions know
 * nothing of missing values: they are replaced by the neutral element in the body.
 * Other aggregates, float32 and masked columns stay runtime calls. Runs after dist:
 * needs the axes' distribution.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

typedef struct Reduce {
    PassCx *cx;
    Fn *fn;
} Reduce;

static bool can_loop(const Node *n)
{
    Type t = n->arg[0]->type;
    int64_t agg = node_int(n, "agg", -1);
    if (n->op != OP_REDUCE || t.kind != TY_COL || node_int(n, "min_count", 0))
        return false;
    if (!dt_is_num((DType)t.dt) || t.null == NULL_MASK) return agg == AGG_COUNT;
    if (agg == AGG_COUNT || agg == AGG_MEAN) return agg == AGG_COUNT || t.dt != DT_F32;
    if (t.null == NULL_PROM || t.dt == DT_F32) return false;
    if (agg == AGG_ANY || agg == AGG_ALL) return t.dt == DT_BOOL;
    return agg == AGG_SUM;
}

static Val *konst(Fn *fn, Region *r, Loc loc, Type t, double v)
{
    if (dt_is_float((DType)t.dt)) return ir_const_float(fn, r, loc, t, v);
    return ir_const_int(fn, r, loc, t, (int64_t)v);
}

/* The body's value of one element: x with missing ones replaced by neutral, as type to.
 */
static Val *element(Fn *fn, Region *r, Loc loc, Val *x, Type to, bool count)
{
    Type flag = type_scalar(DT_BOOL);
    Val *present = NULL, *v = x;
    if (x->type.null != NULL_NONE)
        present = ir_emit1(fn, r, OP_NOTNULL, loc, 1, &x, flag, NULL);
    if (count) {
        if (!present) return konst(fn, r, loc, to, 1);
        return ir_emit1(fn, r, OP_CAST, loc, 1, &present, to, NULL);
    }
    if (!type_eq(v->type, to)) v = ir_emit1(fn, r, OP_CAST, loc, 1, &v, to, NULL);
    if (!present) return v;
    Val *zero = konst(fn, r, loc, to, 0);
    return ir_emit1(fn, r, OP_SELECT, loc, 3, (Val *[]){present, v, zero}, to, NULL);
}

/* A MAP over x with one reduction output, and its ALLREDUCE; put before n. */
static Val *loop(Reduce *rd, Node *n, Type to, char letter, bool count)
{
    Fn *fn = rd->fn;
    Val *x = n->arg[0];
    Node *map = node_new(fn, OP_MAP, n->loc, 1, &x, 1);
    map->inlined_at = n->inlined_at;
    map->res[0].type = to;
    node_set_int(fn, map, "ncol", 1);
    node_set_text(fn, map, "outs", (char[]){letter, 0}, 1);
    Region *body = node_add_region(fn, map, 1);
    body->param[0].type = type_with(x->type, TY_SCALAR);
    bool raw = node_int(n, "skipna", 1) == 0 && !count;
    Val *v =
        raw ? &body->param[0] : element(fn, body, n->loc, &body->param[0], to, count);
    if (raw && !type_eq(v->type, to))
        v = ir_emit1(fn, body, OP_CAST, n->loc, 1, &v, to, NULL);
    node_append(body, node_new(fn, OP_YIELD, n->loc, 1, &v, 0));
    node_insert_before(n, map);
    Axis *a = axis_get(x->axis);
    if (a->dist <= DIST_REP) return &map->res[0];
    Val *local = &map->res[0];
    Node *all = node_new(fn, OP_ALLREDUCE, n->loc, 1, &local, 1);
    all->inlined_at = n->inlined_at;
    all->res[0].type = to;
    node_set_text(fn, all, "ops", (char[]){letter, 0}, 1);
    node_insert_before(n, all);
    return &all->res[0];
}

static Val *scalar_op(Reduce *rd, Node *at, Op op, int narg, Val *const *arg, Type t)
{
    Node *n = node_new(rd->fn, op, at->loc, narg, arg, 1);
    n->inlined_at = at->inlined_at;
    n->res[0].type = t;
    node_insert_before(at, n);
    return &n->res[0];
}

static Type sum_type(Type x)
{
    if (dt_is_float((DType)x.dt)) return type_scalar(DT_F64);
    return type_scalar(dt_is_unsigned((DType)x.dt) ? DT_U64 : DT_I64);
}

static void visit(void *data, Node *n)
{
    Reduce *rd = (Reduce *)data;
    if (n->op != OP_REDUCE || !can_loop(n)) return;
    Type i64 = type_scalar(DT_I64), f64 = type_scalar(DT_F64);
    Val *v = NULL;
    switch ((AggKind)node_int(n, "agg", -1)) {
    case AGG_SUM: v = loop(rd, n, sum_type(n->arg[0]->type), '+', false); break;
    case AGG_COUNT: v = loop(rd, n, i64, '+', true); break;
    case AGG_ANY: v = loop(rd, n, type_scalar(DT_BOOL), '|', false); break;
    case AGG_ALL: v = loop(rd, n, type_scalar(DT_BOOL), '&', false); break;
    default: {
        Val *sum = loop(rd, n, f64, '+', false), *count = loop(rd, n, i64, '+', true);
        count = scalar_op(rd, n, OP_CAST, 1, &count, f64);
        v = scalar_op(rd, n, OP_DIV, 2, (Val *[]){sum, count}, f64);
    }
    }
    if (!type_eq(v->type, n->res[0].type))
        v = scalar_op(rd, n, OP_CAST, 1, &v, n->res[0].type);
    n->res[0].tmp = v;
    node_remove(n);
}

void reduce_run(PassCx *cx)
{
    Reduce rd = {.cx = cx, .fn = cx->fn};
    pass_clear_tmp(cx->fn);
    pass_walk(cx->fn->body, visit, &rd);
    pass_forward(cx->fn);
}
