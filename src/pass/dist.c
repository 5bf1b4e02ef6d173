/* SPDX-License-Identifier: Apache-2.0
 * Distribution of axes. Every axis starts as BLOCK, a user's flag pins it; the rules of
 * the op table lower it until nothing changes: rows that an operation selects or moves
 * are VAR (chunks of any length), what is gathered is REP. Nothing is lowered because
 * it meets something replicated: a REP column that meets a distributed one is sliced
 * (free).
 *
 * Then nodes are marked for the runtime: par=1 where the axis they work on is
 * distributed (JOIN: lpar, rpar; CONCAT: pars; ALIGN: topar, frompar; ISIN, CATSET:
 * vpar). Parallel loops are divided in dist_loop.c.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "ir/flags.h"
#include "pass/dist_int.h"

#include <string.h>

static const char *reason(Op op)
{
    switch (op) {
    case OP_GATHER: return "the rows are gathered";
    case OP_CALLFN: return "it is passed to a function that calls itself";
    case OP_AGET:
    case OP_ASET: return "elements are read or written at any place";
    case OP_PARTIAL: return "each rank adds up one of its own";
    case OP_WHOLE: return "a parallel loop reads it at any place";
    case OP_FOR: return "each iteration of a parallel loop uses all of it";
    case OP_NDMAP:
    case OP_NDSTORE:
    case OP_NDREDUCE:
    case OP_NDSCAN:
    case OP_NDSORT:
    case OP_NDQUANTILE:
    case OP_NDMASK:
    case OP_NDPLACE:
    case OP_MATMUL:
    case OP_LINALG:
    case OP_NDOUT:
        return "its first dimension does not stand on the rows that are worked on";
    case OP_NDRANGE:
        return "rows are taken in reverse, or in steps only known at run time";
    case OP_NDAXIS: return "it is made of arrays that every rank has all of";
    case OP_CONTINUE:
    case OP_BREAK:
    case OP_YIELD: return "every rank has all of what the variable is on another path";
    default: return "all it is made of is replicated";
    }
}

/* A flag that can't hold: why forbids it. */
NORETURN static void pin_broken(DistCx *d, const Axis *a, const Node *why)
{
    const char *name = a->pin_name ? a->pin_name : "return value";
    const char *func = a->pin_func ? a->pin_func : d->fn->name;
    const char *root = d->fn->files.n ? d->fn->files.at[0].func : func;
    bool inlined = root && strcmp(func, root) != 0;
    if (inlined)
        ir_throw(d->fn, E_DIST, why->loc,
                 "variable '%s' is marked as distributed by '%s' but not possible to "
                 "distribute in caller function '%s'.\nDistributed diagnostics:\nline "
                 "%d: %s",
                 name, func, root, why->loc.line, reason((Op)why->op));
    if (a->pin_returned)
        ir_throw(d->fn, E_DIST, why->loc,
                 "distributed return of array %s not valid since it is replicated.\n"
                 "Distributed Diagnostics: line %d: %s",
                 name, why->loc.line, reason((Op)why->op));
    ir_throw(
        d->fn, E_DIST, why->loc,
        "Variable '%s' has distributed flag in function '%s', but it's not possible "
        "to distribute it due to non-distributed dependent operations.\n"
        "Distributed diagnostics:\nline %d: %s",
        name, func, why->loc.line, reason((Op)why->op));
}

void dist_lower(DistCx *d, Axis *a, Dist to, const Node *why)
{
    a = axis_get(a);
    if (!a || a->dist <= to) return;
    /* A chunk whose rows are read in reverse is gathered where the function begins. */
    bool gathered = why->op == OP_NDRANGE && !a->pin_returned;
    if (a->pinned && to == DIST_REP && !gathered) pin_broken(d, a, why);
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

Dist dist_widest(DistCx *d, const Node *n)
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
        dist_lower(d, pass_axis(d->fn, &n->res[i]), to, n);
}

/* Values carried by control: one distribution for the result and all that flows into
 * it. Every rank has all of what stands on no axis. */
static void meet(DistCx *d, Node *n, Val *a, Val *b)
{
    Axis *x = pass_axis(d->fn, a), *y = pass_axis(d->fn, b);
    bool unset =
        (a->def && a->def->op == OP_UNDEF) || (b->def && b->def->op == OP_UNDEF);
    if (x == y || unset) return;
    dist_lower(d, x, y ? (Dist)y->dist : DIST_REP, n);
    dist_lower(d, y, x ? (Dist)x->dist : DIST_REP, n);
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
    bool endless = owner->op == OP_LOOP; /* its breaks give results of their own */
    for (int i = 0; i < n->narg; i++) {
        if (i < owner->nres && !(endless && n->op == OP_CONTINUE))
            meet(d, n, n->arg[i], &owner->res[i]);
        if (endless && n->op == OP_BREAK) continue;
        if (first + i < body->nparam) meet(d, n, n->arg[i], &body->param[first + i]);
        if (init + i < owner->narg) meet(d, n, owner->arg[init + i], n->arg[i]);
    }
}

/* Rows that a Python function makes of chunks are chunks; of anything else, all rows,
 * unless the user says that every rank makes its own. */
static void called(DistCx *d, Node *n)
{
    bool chunks = dist_widest(d, n) > DIST_REP;
    for (int i = 0; i < n->nres; i++) {
        Axis *a = pass_axis(d->fn, &n->res[i]);
        if (a) dist_lower(d, a, chunks || a->pinned ? DIST_VAR : DIST_REP, n);
    }
}

/* A function that is compiled on its own knows nothing of ranks. */
static void called_alone(DistCx *d, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->axis) dist_lower(d, n->arg[i]->axis, DIST_REP, n);
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].axis) dist_lower(d, n->res[i].axis, DIST_REP, n);
}

/* Rows that every rank must have all of are selected from rows that it has all of. */
static void need_whole(DistCx *d, Node *n)
{
    bool whole = false;
    for (int i = 0; i < n->nres; i++) {
        Axis *a = pass_axis(d->fn, &n->res[i]);
        whole |= a && a->dist == DIST_REP && (!a->pinned || n->op == OP_NDREROW);
    }
    for (int i = 0; whole && i < n->narg; i++)
        dist_lower(d, pass_axis(d->fn, n->arg[i]), DIST_REP, n);
}

/* Chunks of any of the operands, or of equal lengths. */
static void joined(DistCx *d, Node *n)
{
    Dist to = dist_widest(d, n);
    for (int i = 0; i < n->narg; i++)
        if (dist_of(d, n->arg[i]) == DIST_VAR) to = DIST_VAR;
    lower_results(d, n, to);
}

static void nd_transfer(DistCx *d, Node *n)
{
    if (n->op == OP_NDJOIN) joined(d, n);
    if (n->op == OP_NDFOLD) meet(d, n, n->arg[0], &n->res[0]);
    if (n->op != OP_NDRANGE && n->op != OP_NDMASK && n->op != OP_NDFLAT &&
        n->op != OP_NDREROW)
        return;
    if (n->op == OP_NDREROW && (node_int(n, "turn", 0) || node_int(n, "one", 0)))
        return; /* on the same axis, or on none */
    if (n->op == OP_NDRANGE && !node_int(n, "rows", 0)) return;
    lower_results(d, n, dist_widest(d, n) == DIST_REP ? DIST_REP : DIST_VAR);
    need_whole(d, n);
}

/* Elements of containers are distributed all alike: whatever reads one row of them
 * anywhere, or what every rank must have all of, makes all of them replicated. */
static void containers(DistCx *d, Node *n)
{
    bool holds = n->op == OP_OBJREAD || n->op == OP_OBJWRITE || n->op == OP_LISTGET ||
                 n->op == OP_LISTSET || n->op == OP_LISTPUSH || n->op == OP_ENTRYGET ||
                 n->op == OP_ENTRYSET || n->op == OP_FIELDGET || n->op == OP_FIELDSET;
    for (int i = 0; i < n->narg + n->nres; i++) {
        Val *v = i < n->narg ? n->arg[i] : &n->res[i - n->narg];
        if (n->op == OP_CALLFN && v->type.kind == TY_OBJ)
            dist_lower(d, d->kept, DIST_REP, n);
        Axis *a = holds ? pass_axis(d->fn, v) : NULL;
        if (holds && !a && v->type.kind == TY_ARRAY) /* on no axis: all of it is here */
            dist_lower(d, d->kept, DIST_REP, n);
        if (!a) continue;
        dist_lower(d, a, (Dist)d->kept->dist, n);
        dist_lower(d, d->kept, (Dist)a->dist, n);
    }
}

static void transfer(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    nd_transfer(d, n);
    containers(d, n);
    if (n->op == OP_ROWSCAT) {
        lower_results(d, n, (Dist)d->kept->dist);
        return;
    }
    switch ((DistRule)op_info[n->op].dist) {
    case DR_FILTER:
    case DR_SHUFFLE: {
        Dist in = dist_widest(d, n);
        Dist out = n->op == OP_REBALANCE ? DIST_BLOCK : DIST_VAR;
        lower_results(d, n, in == DIST_REP ? DIST_REP : out);
        break;
    }
    case DR_JOIN:
    case DR_CONCAT:
        lower_results(d, n, dist_widest(d, n) == DIST_REP ? DIST_REP : DIST_VAR);
        break;
    case DR_GATHER: lower_results(d, n, DIST_REP); break;
    case DR_SOURCE: /* scatterv() leaves what is distributed as it is */
        if (n->op == OP_SCATTER && dist_widest(d, n) == DIST_VAR)
            lower_results(d, n, DIST_VAR);
        break;
    case DR_OWN:
        if (n->op == OP_PYCALL) called(d, n);
        if (n->op == OP_CALLFN) called_alone(d, n);
        break;
    case DR_CTRL: control(d, n); break;
    default: break;
    }
}

/* -- Arrays ------------------------------------------------------------------------ */

/* Views whose first dimension is not the axis of the node need all of their buffer. */
static void nd_arrays(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    const Attr *ax = node_attr(n, "ax");
    bool own = n->op == OP_MATMUL || n->op == OP_LINALG || n->op == OP_NDREDUCE ||
               n->op == OP_NDQUANTILE;
    if (n->op == OP_NDAXIS || (own && node_int(n, "rows", 0)))
        lower_results(d, n, DIST_REP); /* on an axis of its own, made by every rank */
    if (n->op == OP_NDRANGE && node_int(n, "rows", 0) && !node_int(n, "up", 0))
        dist_lower(d, pass_axis(d->fn, n->arg[0]), DIST_REP, n);
    if (!ax) return;
    /* Run for its effects: what it writes at any place, every rank writes. */
    bool effects = n->op == OP_NDMAP && n->nres == 0 && !loop_nest_is_local(d, n);
    for (int i = 0; effects && i < n->narg; i++)
        if (!loops_own(d, n, i)) dist_lower(d, n->arg[i]->axis, DIST_REP, n);
    idx view = 0;
    for (int i = 0; i < n->narg && view < ax->n; i++) {
        if (n->arg[i]->type.kind != TY_ARRAY) continue;
        bool whole = !ax->ints[view++] && !loops_own(d, n, i);
        if (whole) dist_lower(d, n->arg[i]->axis, DIST_REP, n);
    }
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

static bool needs_whole(Op op)
{
    return op == OP_SEARCHSORTED || op == OP_INTERP || op == OP_CONVOLVE ||
           op == OP_HISTOGRAM || op == OP_BINCOUNT || op == OP_QUANTILES;
}

static void mark_args(DistCx *d, Node *n)
{
    int64_t *pars = ARENA_NEW_N(d->fn->arena, n->narg + 1, int64_t);
    for (int i = 0; i < n->narg; i++)
        pars[i] = par(d, n->arg[i]);
    node_set_ints(d->fn, n, "argpar", pars, n->narg);
}

static bool node_par(DistCx *d, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (par(d, n->arg[i])) return true;
    for (int i = 0; i < n->nres; i++)
        if (par(d, &n->res[i])) return true;
    return false;
}

static void warn(DistCx *d, const char *text)
{
    vec_each (i, &d->fn->warnings)
        if (!strcmp(d->fn->warnings.at[i], text)) return;
    vec_push(d->fn->arena, &d->fn->warnings, text);
}

/* What the user may not have meant when moving rows. Nodes that convert_run made have
 * what they need. */
static void check_move(DistCx *d, Node *n)
{
    if (d->off || node_int(n, "quiet", 0)) return;
    bool from = par(d, n->arg[0]), say = !node_int(n, "nowarn", 0);
    if (n->op == OP_SCATTER && from && say)
        warn(d, "Input to scatterv() is distributed");
    if (n->op == OP_SCATTER && !par(d, &n->res[0]))
        ir_throw(d->fn, E_DIST, n->loc,
                 "Output of scatterv should be a distributed array");
    if (n->op == OP_GATHER && !from && say)
        warn(d, "Input to gatherv is not distributed array");
    if (n->op == OP_REBALANCE && !from)
        warn(d, "Invoking rebalance on a replicated array has no effect");
}

static void mark(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    Fn *fn = d->fn;
    if (n->op == OP_PYCALL && node_par(d, n)) {
        node_set_int(fn, n, "same", 0); /* each rank has rows of its own */
        python_lengths(d, n);
    }
    if (n->op == OP_RANK || n->op == OP_SIZE || n->op == OP_BARRIER)
        d->cx->needs_ranks = true;
    if (node_int(n, "local", 0)) return;
    bool divided = node_par(d, n); /* a RETURN of rows that are on the ranks, too */
    if (divided) d->cx->needs_ranks = true;
    bool range = n->op == OP_NDRANGE && node_int(n, "rows", 0);
    if (op_info[n->op].lower != LW_CALL && n->op != OP_MAP && !range) return;
    if (n->op == OP_SCATTER || n->op == OP_GATHER || n->op == OP_REBALANCE)
        check_move(d, n);
    if (n->op == OP_JOIN) {
        node_set_int(fn, n, "lpar", par(d, n->arg[0]));
        node_set_int(fn, n, "rpar", par(d, n->arg[1]));
    }
    if (n->op == OP_CONCAT) mark_concat(d, n);
    if (n->op == OP_ROWSCAT) divided = d->kept->dist > DIST_REP;
    if (n->op ==
        OP_SCATTER) { /* ranks that ask who they are may differ in what they have */
        bool whole = !par(d, n->arg[0]);
        node_set_int(fn, n, "whole", whole);
        node_set_int(fn, n, "root", whole && d->asks);
    }
    if (needs_whole((Op)n->op)) mark_args(d, n);
    if (n->op == OP_ISIN || n->op == OP_CATSET)
        node_set_int(fn, n, "vpar", par(d, n->arg[1]));
    if (n->op == OP_TAKE || n->op == OP_NDTAKE || n->op == OP_NDPUT)
        node_set_int(fn, n, "apar", par(d, n->arg[0]));
    if (n->op == OP_PARTIAL || n->op == OP_COMBINE)
        node_set_int(fn, n, "apar", par(d, n->arg[n->op == OP_PARTIAL]));
    if (n->op == OP_NDPUT) {
        node_set_int(fn, n, "ipar", par(d, n->arg[n->narg - 2]));
        node_set_int(fn, n, "vpar", par(d, n->arg[n->narg - 1]));
    }
    if (n->op == OP_ALIGN || n->op == OP_NDALIGN) {
        node_set_int(fn, n, "topar", par(d, n->arg[0]));
        node_set_int(fn, n, "frompar", par(d, n->arg[1]));
    }
    if (n->op == OP_NDJOIN) {
        mark_args(d, n);
        node_set_int(fn, n, "rpar", par(d, &n->res[0]));
    }
    if (divided) node_set_int(fn, n, "par", 1);
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

/* Something could be distributed, and nothing is. */
static void warn_serial(DistCx *d)
{
    const Fn *fn = d->fn;
    if (fn->axes.n == 0 || d->cx->needs_ranks) return;
    const Axis *why = NULL;
    vec_each (i, &fn->axes) {
        const Axis *a = axis_get(fn->axes.at[i]);
        if (a->dist > DIST_REP) return;
        if (a->pinned) return; /* as the user wants it */
        if (!why && a->why) why = a;
    }
    const char *name = fn->files.n ? fn->files.at[0].func : fn->name;
    warn(d, arena_printf(fn->arena,
                         "No parallelism found for function '%s'. Distributed "
                         "diagnostics:\nline %d: %s",
                         name, why ? why->why_loc.line : 0,
                         why ? why->why : "nothing in it has rows to distribute"));
}

/* Rows that are made where only some ranks come are all theirs: nobody else has a part
 * of them. */
static void made_apart(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    for (int i = 0; i < n->nres && n->op != OP_SCATTER; i++) {
        Axis *a = pass_axis(d->fn, &n->res[i]);
        bool given = false;
        for (int k = 0; k < n->narg; k++)
            given |= a && pass_axis(d->fn, n->arg[k]) == a;
        if (!a || given || a->dist == DIST_REP) continue;
        if (a->pinned) pin_broken(d, a, n);
        a->dist = DIST_REP;
        a->why = "only some ranks come to where its rows are made";
        a->why_loc = n->loc;
    }
}

/* Arguments that are chunks may have any lengths. */
static void chunks_in(Desc *desc)
{
    Axis *a = axis_get(desc->axis);
    if (a && desc->dist == DIST_VAR && a->dist == DIST_BLOCK) a->dist = DIST_VAR;
    for (int i = 0; i < desc->nchild; i++)
        chunks_in(desc->child[i]);
}

/* A call that only takes replicated data and asks for no ranks runs in the driver. */
void dist_run(PassCx *cx)
{
    Fn *fn = cx->fn;
    DistCx d = {.cx = cx, .fn = fn};
    bool off =
        cx->size <= 1 || (cx->flags && (cx->flags->off || cx->flags->all_replicated));
    d.off = off;
    vec_each (i, &fn->axes) {
        Axis *a = fn->axes.at[i];
        if (off)
            a->dist = DIST_REP;
        else if (!a->pinned)
            a->dist = DIST_BLOCK;
    }
    for (idx i = 0; !off && i < fn->nin; i++)
        chunks_in(fn->in[i]);
    if (!off) d.asks = uniform_apart(cx, made_apart, &d);
    if (!off) rerow_rows(&d);
    if (!off) loops_find(&d);
    if (!off) whole_operands(&d);
    if (!off) pass_walk(fn->body, nd_arrays, &d);
    if (!off) rerow_limit(&d);
    d.var = ARENA_NEW_N(fn->arena, fn->nvar + 1, Val *);
    d.kept = fn->kept ? fn->kept : ARENA_NEW(fn->arena, Axis);
    if (off || !d.kept->pinned || d.kept->dist > DIST_VAR)
        d.kept->dist = off ? DIST_REP : DIST_VAR;
    pass_walk(fn->body, find_var, &d);
    do {
        d.changed = false;
        pass_walk(fn->body, transfer, &d);
        loops_transfer(&d);
    } while (d.changed);
    if (!off) convert_run(&d);
    rerow_apply(&d);
    loops_apply(&d);
    pass_walk(fn->body, mark, &d);
    if (!off && cx->needs_ranks) pass_walk(fn->body, mark_entropy, fn);
    if (!off) warn_serial(&d);
    vec_each (i, &fn->axes) {
        Axis *a = fn->axes.at[i];
        a->dist = axis_get(a)->dist;
    }
    for (idx i = 0; i < fn->nin; i++)
        fill_desc(fn->in[i]);
    fill_desc(fn->out);
}
