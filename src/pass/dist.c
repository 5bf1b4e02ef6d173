/* SPDX-License-Identifier: Apache-2.0
 * Distribution of axes. Every axis starts as BLOCK, a user's flag pins it; the rules of
 * the op table lower it until nothing changes: rows that an operation selects or moves
 * are VAR (chunks of any length), what is gathered is REP. Nothing is lowered because
 * it meets something replicated: a REP column that meets a distributed one is sliced
 * (free).
 *
 * Then nodes are marked for the runtime: par=1 where the axis they work on is
 * distributed (JOIN: lpar, rpar; CONCAT: pars; ALIGN: topar, frompar; ISIN: vpar), a
 * parallel FOR is given this rank's part of its range and its reductions are combined.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "ir/flags.h"
#include "pass/pass_int.h"

#include <string.h>

typedef struct DistCx {
    PassCx *cx;
    Fn *fn;
    bool changed;
    Val **var; /* what VARGET gives of each variable */
} DistCx;

static const char *reason(Op op)
{
    switch (op) {
    case OP_GATHER: return "the rows are gathered";
    case OP_AGET:
    case OP_ASET: return "elements are read or written at any place";
    default: return "all it is made of is replicated";
    }
}

static void lower(DistCx *d, Axis *a, Dist to, const Node *why)
{
    a = axis_get(a);
    if (!a || a->dist <= to) return;
    if (a->pinned && to == DIST_REP) {
        ir_throw(d->fn, E_DIST, why->loc,
                 "a variable marked '%s' can't be distributed here: %s",
                 a->pin_flag ? a->pin_flag : "distributed", reason((Op)why->op));
    }
    a->dist = (uint8_t)to;
    if (to == DIST_REP && !a->why) {
        a->why = reason((Op)why->op);
        a->why_loc = why->loc;
    }
    d->changed = true;
}

static Dist dist_of(DistCx *d, Val *v)
{
    Axis *a = pass_axis(d->fn, v);
    return a ? (Dist)a->dist : DIST_NONE;
}

/* The least replicated of the arguments' axes, REP when there is none. */
static Dist widest(DistCx *d, const Node *n)
{
    Dist w = DIST_REP;
    for (int i = 0; i < n->narg; i++) {
        Dist k = dist_of(d, n->arg[i]);
        if (k > w) w = k;
    }
    return w;
}

static void lower_results(DistCx *d, Node *n, Dist to)
{
    for (int i = 0; i < n->nres; i++)
        lower(d, pass_axis(d->fn, &n->res[i]), to, n);
}

/* Values carried by control: one distribution for the result and all that flows into
 * it. */
static void meet(DistCx *d, Node *n, Val *a, Val *b)
{
    Axis *x = pass_axis(d->fn, a), *y = pass_axis(d->fn, b);
    if (!x || !y || x == y) return;
    lower(d, x, (Dist)y->dist, n);
    lower(d, y, (Dist)x->dist, n);
}

static void control(DistCx *d, Node *n)
{
    Node *owner = n->parent->owner;
    if (n->op == OP_VARSET) {
        int64_t k = node_int(n, "var", 0);
        if (d->var[k]) meet(d, n, n->arg[0], d->var[k]);
        return;
    }
    if (!owner) return;
    if (n->op == OP_YIELD && (owner->op == OP_IF || owner->op == OP_TRY))
        for (int i = 0; i < n->narg; i++)
            meet(d, n, n->arg[i], &owner->res[i]);
    if (n->op != OP_BREAK && n->op != OP_CONTINUE) return;
    int64_t depth = node_int(n, "depth", 0);
    while (owner && (owner->op == OP_IF || owner->op == OP_TRY || depth-- > 0))
        owner = owner->parent->owner;
    if (!owner || owner->op == OP_MAP) return;
    Region *body = owner->region[0];
    int first = owner->op == OP_FOR ? 1 : 0, init = owner->op == OP_FOR ? 3 : 0;
    for (int i = 0; i < n->narg && i < owner->nres; i++) {
        meet(d, n, n->arg[i], &owner->res[i]);
        if (first + i < body->nparam) meet(d, n, n->arg[i], &body->param[first + i]);
        if (init + i < owner->narg) meet(d, n, owner->arg[init + i], n->arg[i]);
    }
}

/* Rows that a Python function makes of chunks are chunks; of anything else, all rows,
 * unless the user says that every rank makes its own. */
static void called(DistCx *d, Node *n)
{
    bool chunks = widest(d, n) > DIST_REP;
    for (int i = 0; i < n->nres; i++) {
        Axis *a = pass_axis(d->fn, &n->res[i]);
        if (a) lower(d, a, chunks || a->pinned ? DIST_VAR : DIST_REP, n);
    }
}

static void transfer(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    switch ((DistRule)op_info[n->op].dist) {
    case DR_FILTER:
    case DR_SHUFFLE: {
        Dist in = widest(d, n);
        Dist out = n->op == OP_REBALANCE ? DIST_BLOCK : DIST_VAR;
        lower_results(d, n, in == DIST_REP ? DIST_REP : out);
        break;
    }
    case DR_JOIN:
    case DR_CONCAT:
        lower_results(d, n, widest(d, n) == DIST_REP ? DIST_REP : DIST_VAR);
        break;
    case DR_GATHER: lower_results(d, n, DIST_REP); break;
    case DR_OWN:
        if (n->op == OP_PYCALL) called(d, n);
        break;
    case DR_CTRL: control(d, n); break;
    default: break;
    }
}

/* -- Arrays ------------------------------------------------------------------------ */

/* Element access at any other place than a parallel loop's own index needs the whole
 * array on every rank. */
static void arrays(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    if (n->op != OP_AGET && n->op != OP_ASET) return;
    if (n->arg[0]->axis) lower(d, n->arg[0]->axis, DIST_REP, n);
}

/* -- Marks for the runtime --------------------------------------------------------- */
static bool par(DistCx *d, Val *v)
{
    return dist_of(d, v) > DIST_REP;
}

static void mark_concat(DistCx *d, Node *n)
{
    int k = (int)node_int(n, "k", 0);
    int64_t *pars = ARENA_NEW_N(d->fn->arena, k + 1, int64_t);
    for (int i = 0; i < k; i++)
        pars[i] = par(d, n->arg[i]);
    node_set_ints(d->fn, n, "pars", pars, k);
}

static bool node_par(DistCx *d, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (par(d, n->arg[i])) return true;
    for (int i = 0; i < n->nres; i++)
        if (par(d, &n->res[i])) return true;
    return false;
}

static void mark(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    Fn *fn = d->fn;
    if (n->op == OP_RANK || n->op == OP_SIZE || n->op == OP_BARRIER)
        d->cx->needs_ranks = true;
    bool divided = node_par(d, n); /* a RETURN of rows that are on the ranks, too */
    if (divided) d->cx->needs_ranks = true;
    if (op_info[n->op].lower != LW_CALL && n->op != OP_MAP) return;
    if (n->op == OP_JOIN) {
        node_set_int(fn, n, "lpar", par(d, n->arg[0]));
        node_set_int(fn, n, "rpar", par(d, n->arg[1]));
    }
    if (n->op == OP_CONCAT) mark_concat(d, n);
    if (n->op == OP_ISIN) node_set_int(fn, n, "vpar", par(d, n->arg[1]));
    if (n->op == OP_ALIGN) {
        node_set_int(fn, n, "topar", par(d, n->arg[0]));
        node_set_int(fn, n, "frompar", par(d, n->arg[1]));
    }
    if (divided) node_set_int(fn, n, "par", 1);
}

/* -- Parallel loops ---------------------------------------------------------------- */

/* Whether a loop's body can be divided: no array of ours is touched in it but by reads.
 */
static void find_write(void *data, Node *n)
{
    bool *writes = (bool *)data;
    uint8_t e = op_info[n->op].effect;
    bool free_ = n->op == OP_PRINT || n->op == OP_VARSET || n->op == OP_VARGET;
    if (e == EF_WRITE || (e == EF_IO && !free_)) *writes = true;
    if (e == EF_COLL && node_int(n, "par", 0)) *writes = true;
}

static Val *neutral(Fn *fn, Node *at, Type t, char letter)
{
    Node *c = node_new(fn, OP_CONST, at->loc, 0, NULL, 1);
    c->res[0].type = t;
    node_insert_before(at, c);
    bool flt = dt_is_float((DType)t.dt);
    int bits = 8 * dtype_info[t.dt].bytes;
    bool uns = dt_is_unsigned((DType)t.dt) || t.dt == DT_BOOL;
    int64_t top = t.dt == DT_BOOL ? 1
                  : uns ? (bits == 64 ? -1 : (int64_t)(((uint64_t)1 << bits) - 1))
                        : (int64_t)(((uint64_t)1 << (bits - 1)) - 1);
    int64_t i = letter == '*'   ? 1
                : letter == '<' ? top
                : letter == '>' ? (uns ? 0 : -top - 1)
                : letter == '&' ? -1
                                : 0;
    if (t.dt == DT_BOOL && letter == '&') i = 1;
    double inf = __builtin_inf();
    double f = letter == '*' ? 1 : letter == '<' ? inf : letter == '>' ? -inf : 0;
    if (flt)
        node_set_float(fn, c, "v", f);
    else
        node_set_int(fn, c, "v", i);
    return &c->res[0];
}

static Op combine_op(char letter)
{
    switch (letter) {
    case '+': return OP_ADD;
    case '*': return OP_MUL;
    case '<': return OP_MIN2;
    case '>': return OP_MAX2;
    case '&': return OP_BITAND;
    case '|': return OP_BITOR;
    case '^': return OP_BITXOR;
    default: return OP_COUNT;
    }
}

static Node *allreduce(Fn *fn, Node *loop, const char *ops, int n, Val **local)
{
    Node *all = node_new(fn, OP_ALLREDUCE, loop->loc, n, local, n);
    all->inlined_at = loop->inlined_at;
    node_set_text(fn, all, "ops", ops, n);
    for (int i = 0; i < n; i++)
        all->res[i].type = local[i]->type;
    node_insert_before(loop->next, all);
    return all;
}

/* A sum, product or exclusive or: result = init op allreduce(what the loop carried from
 * the neutral element). */
static void combine(DistCx *d, Node *loop, int k, char letter)
{
    Fn *fn = d->fn;
    Val *init = loop->arg[3 + k], *local = &loop->res[k];
    loop->arg[3 + k] = neutral(fn, loop, init->type, letter);
    Node *all = allreduce(fn, loop, &letter, 1, &local);
    Val *pair[] = {init, &all->res[0]};
    Node *sum = node_new(fn, combine_op(letter), loop->loc, 2, pair, 1);
    sum->res[0].type = local->type;
    ir_replace(fn, local, &sum->res[0]);
    all->arg[0] = local;
    node_insert_before(all->next, sum);
}

enum { FOLLOW_MAX = 16 };

/* Smallest, largest, and, or: every rank starts from init, since it does not matter how
 * often init takes part. What follows comes from the first rank that has the combined
 * value. */
static void combine_same(DistCx *d, Node *loop, int k, char letter)
{
    Fn *fn = d->fn;
    const Attr *lead = node_attr(loop, "lead");
    Val *local[FOLLOW_MAX + 1] = {&loop->res[k]};
    char ops[FOLLOW_MAX + 2] = {letter};
    int n = 1;
    for (int i = 0; lead && i < loop->nres && n <= FOLLOW_MAX; i++)
        if (lead->ints[i] == k) {
            ops[n] = 'f';
            local[n++] = &loop->res[i];
        }
    Node *all = allreduce(fn, loop, ops, n, local);
    for (int i = 0; i < n; i++) {
        ir_replace(fn, local[i], &all->res[i]);
        all->arg[i] = local[i];
    }
}

/* Carried value k can be combined over ranks. */
static bool can_combine(const Node *loop, int k)
{
    const char *reduce = node_text(loop, "reduce");
    const Attr *lead = node_attr(loop, "lead");
    Type t = loop->res[k].type;
    bool number = t.kind == TY_SCALAR && t.null == null_default((DType)t.dt) &&
                  (dt_is_num((DType)t.dt) || t.dt == DT_BOOL);
    if (!reduce || !number) return false;
    if (reduce[k] != 'f') return combine_op(reduce[k]) != OP_COUNT;
    int same = 0;
    for (int i = 0; i < loop->nres; i++)
        same += lead && lead->ints[i] == lead->ints[k];
    return lead && same <= FOLLOW_MAX;
}

static void split_loop(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    Fn *fn = d->fn;
    if (n->op != OP_FOR || !node_int(n, "parallel", 0)) return;
    for (Node *o = n->parent->owner; o; o = o->parent->owner)
        if (o->op == OP_FOR && node_int(o, "divided", 0)) return;
    bool writes = false;
    pass_walk(n->region[0], find_write, &writes);
    for (int k = 0; k < n->nres; k++)
        if (!can_combine(n, k)) return;
    if (writes) return;
    Node *split = node_new(fn, OP_SPLIT, n->loc, 3, n->arg, 2);
    split->res[0].type = split->res[1].type = type_scalar(DT_I64);
    node_insert_before(n, split);
    n->arg[0] = &split->res[0];
    n->arg[1] = &split->res[1];
    node_set_int(fn, n, "divided", 1);
    d->cx->needs_ranks = true;
    const char *reduce = node_text(n, "reduce");
    for (int k = 0; k < n->nres; k++) {
        if (strchr("+*^", reduce[k]))
            combine(d, n, k, reduce[k]);
        else if (reduce[k] != 'f')
            combine_same(d, n, k, reduce[k]);
    }
}

/* -- Descriptors ------------------------------------------------------------------- */
static void fill_desc(Desc *desc)
{
    if (!desc) return;
    if (desc->axis) desc->dist = axis_get(desc->axis)->dist;
    for (int i = 0; i < desc->nchild; i++)
        fill_desc(desc->child[i]);
}

/* Where ranks run together they agree on what is random. */
static void mark_entropy(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    if (n->op == OP_ENTROPY) node_set_int(fn, n, "par", 1);
}

static void find_var(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    const Attr *vars = n->op == OP_VARGET ? node_attr(n, "vars") : NULL;
    for (int i = 0; vars && i < n->nres; i++)
        d->var[vars->ints[i]] = &n->res[i];
}

/* A call that only takes replicated data and asks for no ranks runs in the driver. */
void dist_run(PassCx *cx)
{
    Fn *fn = cx->fn;
    DistCx d = {.cx = cx, .fn = fn};
    bool off =
        cx->size <= 1 || (cx->flags && (cx->flags->off || cx->flags->all_replicated));
    vec_each (i, &fn->axes) {
        Axis *a = fn->axes.at[i];
        if (off)
            a->dist = DIST_REP;
        else if (!a->pinned)
            a->dist = DIST_BLOCK;
    }
    if (!off) pass_walk(fn->body, arrays, &d);
    d.var = ARENA_NEW_N(fn->arena, fn->nvar + 1, Val *);
    pass_walk(fn->body, find_var, &d);
    do {
        d.changed = false;
        pass_walk(fn->body, transfer, &d);
    } while (d.changed);
    pass_walk(fn->body, mark, &d);
    if (!off) pass_walk(fn->body, split_loop, &d);
    if (!off && cx->needs_ranks) pass_walk(fn->body, mark_entropy, fn);
    vec_each (i, &fn->axes) {
        Axis *a = fn->axes.at[i];
        a->dist = axis_get(a)->dist;
    }
    for (idx i = 0; i < fn->nin; i++)
        fill_desc(fn->in[i]);
    fill_desc(fn->out);
}
