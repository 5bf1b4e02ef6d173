/* SPDX-License-Identifier: Apache-2.0
 * Uniform and varying. A value is varying when it can differ between ranks: the number
 * of the rank, local row counts, this rank's part of a range, and whatever is computed
 * from them; a collective makes its scalar results equal again. A collective under a
 * branch or loop that is decided by a varying value would be entered by some ranks
 * only: that is an error of the user's, told at compile time with both lines.
 *
 * A try whose body can fail on some ranks only is marked agree=1 when all ranks reach
 * it: then pass/agree.c makes them enter its handler together. What a variable holds
 * there can differ all the same. Where only some ranks come (below a varying branch, in
 * a divided loop) the handler is each rank's own affair, and all that it gives varies.
 *
 * Arguments that are numbers, texts or containers count as uniform, though under a
 * launcher every rank passes its own. Those that decide whether or how ranks speak with
 * each other (branches and loops around collectives, positions, lengths that are
 * divided) are found by trial: would they be refused if they varied? Their descriptors
 * are marked agreed, and the caller compares them (_agree.py). What only goes into
 * values of rows may differ.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "pass/pass_int.h"

#include <string.h>

typedef struct Uniform {
    Fn *fn;
    bool changed;
    bool *var;     /* of VARSET: may differ between ranks */
    uint8_t mark;  /* what `varying` is set to: 2 in a trial */
    bool need;     /* a trial's result */
    bool ask;      /* only what the program asked its rank for counts as varying */
    VEC(Val *) on; /* values that a trial has marked */
} Uniform;

static bool in_trial(const Uniform *u)
{
    return u->mark == 2;
}

static bool is_shared_call(const Node *n)
{
    return n->op == OP_PYCALL && node_int(n, "bcast", 0);
}

static bool is_collective(const Node *n)
{
    if (n->op == OP_BARRIER || n->op == OP_ALLREDUCE || is_shared_call(n)) return true;
    uint8_t e = op_info[n->op].effect;
    bool talks = e == EF_COLL || n->op == OP_WRITE || n->op == OP_READ ||
                 n->op == OP_NDPLACE || n->op == OP_NDPUT || n->op == OP_ROWSCAT ||
                 n->op == OP_PUTROW || n->op == OP_HALO || n->op == OP_NEEDED ||
                 n->op == OP_WHOLE || n->op == OP_PARTIAL || n->op == OP_COMBINE;
    return talks && node_int(n, "par", 0);
}

static void find_collective(void *data, Node *n)
{
    Node **hit = (Node **)data;
    if (!*hit && is_collective(n)) *hit = n;
}

static Node *collective_in(Region *r)
{
    Node *hit = NULL;
    pass_walk(r, find_collective, &hit);
    return hit;
}

static void set(Uniform *u, Val *v)
{
    if (v->varying) return;
    v->varying = u->mark;
    u->changed = true;
    if (in_trial(u)) vec_push(u->fn->arena, &u->on, v);
}

static void forget(Uniform *u)
{
    vec_each (i, &u->on)
        u->on.at[i]->varying = 0;
    u->on.n = 0;
}

/* Rows of a distributed axis differ as they should; of a replicated one they differ
 * only when they are made of something varying. */
static bool is_spread(Uniform *u, Val *v)
{
    Axis *a = val_is_col(v) ? pass_axis(u->fn, v) : NULL;
    return a && a->dist > DIST_REP;
}

static bool any_varying(Uniform *u, const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->varying && !is_spread(u, n->arg[i])) return true;
    return false;
}

/* The loop that a break or continue belongs to; NULL for a map's. */
static Node *loop_of(const Node *n)
{
    int64_t depth = node_int(n, "depth", 0);
    for (Node *o = n->parent->owner; o; o = o->parent->owner) {
        if (o->op != OP_LOOP && o->op != OP_FOR && o->op != OP_MAP) continue;
        if (depth-- == 0) return o->op == OP_MAP ? NULL : o;
    }
    return NULL;
}

/* A way out of a loop that some ranks take earlier than others. */
static bool leaves_loop(Region *r)
{
    for (Node *n = r->first; n; n = n->next) {
        if (n->op == OP_BREAK || n->op == OP_CONTINUE || n->op == OP_RETURN)
            return true;
        for (int i = 0; i < n->nregion; i++)
            if (leaves_loop(n->region[i])) return true;
    }
    return false;
}

/* Region i of a varying if is where only some ranks come, unless the others have
 * failed: those meet their peers at the next agreement. */
static bool splits(const Node *n, int i)
{
    if (n->op != OP_IF || !n->arg[0]->varying) return false;
    const Region *other = n->region[1 - i];
    return n->nregion != 2 || !other->last || other->last->op != OP_RAISE;
}

/* A branch in r that only some ranks take leaves the loop. */
static bool uneven(Region *r)
{
    for (Node *n = r->first; n; n = n->next) {
        for (int i = 0; i < n->nregion; i++) {
            if (splits(n, i) && leaves_loop(n->region[i])) return true;
            if (uneven(n->region[i])) return true;
        }
    }
    return false;
}

static bool varying_range(const Node *n)
{
    return n->op == OP_FOR &&
           (n->arg[0]->varying || n->arg[1]->varying || n->arg[2]->varying);
}

/* Values handed on by control: to an if's or map's results, a loop's parameters and
 * results. A map's mask is no result: it decides about all of them. An endless loop has
 * results of its own: what breaks give; those of a counted one are what it carries. */
static void carry(Uniform *u, Node *n)
{
    Node *owner = n->op == OP_YIELD ? n->parent->owner : loop_of(n);
    if (!owner) return;
    int first = owner->op == OP_FOR ? 1 : 0;
    int mask = owner->op == OP_MAP ? (int)node_int(owner, "mask", 0) : 0;
    bool results = owner->op != OP_LOOP || n->op == OP_BREAK;
    for (int i = 0; i < n->narg; i++) {
        if (!n->arg[i]->varying) continue;
        for (int k = i < mask ? 0 : i - mask; results && k < owner->nres; k++) {
            set(u, &owner->res[k]);
            if (i >= mask) break;
        }
        if (n->op == OP_CONTINUE && first + i < owner->region[0]->nparam)
            set(u, &owner->region[0]->param[first + i]);
    }
}

static bool is_nest(const Node *n)
{
    return n->op == OP_NDMAP || n->op == OP_NDSTORE;
}

/* Values that go into a loop or map, and results that depend on the path taken. */
static void enter(Uniform *u, Node *n)
{
    if (is_nest(n)) return;            /* its parameters are elements, not arguments */
    int off = n->op == OP_FOR ? 2 : 0; /* start, stop, step are no parameters */
    bool paths = (n->op == OP_IF && n->arg[0]->varying) || varying_range(n);
    if (varying_range(n) && n->region[0]->nparam) set(u, &n->region[0]->param[0]);
    if (n->op == OP_LOOP || n->op == OP_FOR) paths |= uneven(n->region[0]);
    for (int i = n->op == OP_FOR ? 3 : 0; i < n->narg && n->op != OP_IF; i++)
        if (n->arg[i]->varying && !is_spread(u, n->arg[i]))
            set(u, &n->region[0]->param[i - off]);
    for (int i = 0; paths && i < n->nres; i++)
        set(u, &n->res[i]);
}

/* -- Try --------------------------------------------------------------------------- */

/* Only some ranks come to what stands in r, or not equally often; seen from the region
 * `top` around it (NULL: the function's). */
static bool comes_apart(const Region *r, const Region *top)
{
    for (; r != top && r->owner; r = r->owner->parent) {
        const Node *o = r->owner;
        bool divided = o->op == OP_FOR && node_int(o, "divided", 0);
        if (o->op == OP_MAP || is_nest(o) || varying_range(o) || divided) return true;
        if (splits(o, r == o->region[0] ? 0 : 1)) return true;
        if ((o->op == OP_LOOP || o->op == OP_FOR) && uneven(o->region[0])) return true;
        bool handler = o->op == OP_TRY && r == o->region[1];
        if (handler && o->region[1]->param[0].varying) return true;
    }
    return false;
}

static bool fails_apart(Uniform *u, Region *r, const Region *top)
{
    for (Node *n = r->first; n; n = n->next) {
        bool outside = n->op == OP_READ || n->op == OP_READER || n->op == OP_READNEXT ||
                       n->op == OP_JOINPROBE || n->op == OP_WRITE || n->op == OP_PYCALL;
        bool may = n->op == OP_RAISE || op_info[n->op].lower == LW_CALL ||
                   n->op == OP_AGET || n->op == OP_ASET || n->op == OP_CALLFN;
        if (may &&
            (outside || is_collective(n) || any_varying(u, n) || comes_apart(r, top)))
            return true;
        for (int i = 0; i < n->nregion; i++)
            if (fails_apart(u, n->region[i], top)) return true;
    }
    return false;
}

static void try_varies(Uniform *u, Node *n)
{
    if (!fails_apart(u, n->region[0], n->region[0])) return;
    bool alone = comes_apart(n->parent, NULL);
    if (!in_trial(u)) {
        node_set_int(u->fn, n, "agree", !alone);
        node_set_int(u->fn, n, "apart", 1);
    }
    if (!alone) return;
    set(u, &n->region[1]->param[0]);
    for (int i = 0; i < n->nres; i++)
        set(u, &n->res[i]);
}

/* What a handler finds in a variable: ranks may have come to different places. */
static void var_varies(Uniform *u, Node *n)
{
    Node *t = n->parent->owner;
    if (n->op == OP_VARGET && t && t->op == OP_TRY && node_int(t, "apart", 0))
        for (int i = 0; i < n->nres; i++)
            set(u, &n->res[i]);
    const Attr *vars = node_attr(n, "vars");
    for (int i = 0; n->op == OP_VARGET && i < n->nres; i++)
        if (u->var[vars->ints[i]]) set(u, &n->res[i]);
    if (n->op != OP_VARSET) return;
    bool *v = &u->var[node_int(n, "var", 0)];
    if (*v || !(n->arg[0]->varying || comes_apart(n->parent, NULL))) return;
    *v = true;
    u->changed = true;
}

static void spread(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_VARGET || n->op == OP_VARSET) {
        var_varies(u, n);
        return;
    }
    if (n->op == OP_TRY) {
        try_varies(u, n);
        return;
    }
    bool apart = n->op == OP_CALLFN && u->fn->subs.at[node_int(n, "fn", 0)]->asks_ranks;
    bool source = apart || n->op == OP_RANK ||
                  (!u->ask && (n->op == OP_SPLIT || n->op == OP_CHUNK)) ||
                  (n->op == OP_PYCALL && !is_shared_call(n));
    if (n->op == OP_EXTENT && !u->ask)
        set(u, &n->res[0]); /* where this rank's rows begin */
    else if (n->op == OP_YIELD || n->op == OP_BREAK || n->op == OP_CONTINUE)
        carry(u, n);
    else if (n->nregion)
        enter(u, n);
    else if (source || (!is_collective(n) && any_varying(u, n)))
        for (int i = 0; i < n->nres; i++)
            set(u, &n->res[i]);
}

static void refuse(Uniform *u, const Node *branch, const Node *hit)
{
    if (in_trial(u)) {
        u->need = true;
        return;
    }
    ir_throw(u->fn, E_DIST, branch->loc,
             "ranks can take different paths here, but line %d communicates: all ranks "
             "must reach it (move it out of the branch, or decide by a value that is "
             "equal on all ranks)",
             hit->loc.line);
}

/* Calls of Python whose answer concerns all ranks begin as shared; those that some
 * ranks may not come to, or come to with other arguments, are each rank's own. */
static void share(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op != OP_PYCALL) return;
    bool same = node_int(n, "same", 0);
    node_set_int(u->fn, n, "bcast", same); /* what was settled before is settled anew */
}

static void unshare(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (!is_shared_call(n)) return;
    if (!any_varying(u, n) && !comes_apart(n->parent, NULL)) return;
    node_set_int(u->fn, n, "bcast", 0);
    u->changed = true;
}

static void check(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_IF && n->arg[0]->varying) {
        for (int i = 0; i < n->nregion; i++) {
            Node *hit = splits(n, i) ? collective_in(n->region[i]) : NULL;
            if (hit) refuse(u, n, hit);
        }
        Node *loop = n->parent->owner;
        while (loop && (loop->op == OP_IF || loop->op == OP_TRY))
            loop = loop->parent->owner;
        bool out = (splits(n, 0) && leaves_loop(n->region[0])) ||
                   (n->nregion > 1 && splits(n, 1) && leaves_loop(n->region[1]));
        Node *hit = loop && out ? collective_in(loop->region[0]) : NULL;
        if (hit) refuse(u, n, hit);
    }
    if (n->op == OP_NDTAKE && node_int(n, "scatter", 0) && n->arg[0]->varying &&
        !in_trial(u))
        ir_throw(u->fn, E_UNSUP, n->loc,
                 "scatterv() of an array of more dimensions that only some ranks have; "
                 "scatter its columns, or make it on all ranks");
    if (n->op == OP_TRY && n->region[1]->param[0].varying) {
        Node *hit = collective_in(n->region[1]);
        if (hit) refuse(u, n, hit);
    }
    if (varying_range(n)) {
        Node *hit = collective_in(n->region[0]);
        if (hit) refuse(u, n, hit);
    }
}

/* -- Arguments that must be the same on all ranks ---------------------------------- */

/* The operand says how ranks communicate or divide rows, not what is in them. */
static bool decides(const Node *n, int i)
{
    const Val *v = n->arg[i];
    if (val_is_col(v) || v->type.kind == TY_ARRAY) return false;
    if (n->op == OP_ALLREDUCE || n->op == OP_COLLECTADD) return false;
    if (n->op == OP_PUTROW) return i < 3; /* then comes the element */
    if (n->op == OP_SCATTER && node_int(n, "root", 0)) return false; /* the first's */
    bool divides = n->op == OP_SPLIT || n->op == OP_CHUNK || n->op == OP_WRAP ||
                   (n->op == OP_AXIS && node_int(n, "par", 0));
    return divides || is_collective(n);
}

static void look_for_need(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->varying == 2 && decides(n, i)) u->need = true;
}

static void settle(Uniform *u)
{
    do {
        u->changed = false;
        pass_walk(u->fn->body, spread, u);
    } while (u->changed);
}

/* The same, and calls of Python that are not shared after all are each rank's own. */
static void settle_all(Uniform *u)
{
    do {
        u->changed = false;
        pass_walk(u->fn->body, spread, u);
        if (!u->changed) pass_walk(u->fn->body, unshare, u);
    } while (u->changed);
}

/* A trial marks values that it unmarks again. Returns what trial_end takes. */
static bool *trial_begin(Uniform *u)
{
    bool *var = u->var;
    size_t nvar = (size_t)u->fn->nvar + 1;
    u->var = ARENA_NEW_N(u->fn->arena, (idx)nvar, bool);
    memcpy(u->var, var, nvar * sizeof *var);
    u->mark = 2;
    u->need = false;
    return var;
}

static void trial_end(Uniform *u, bool *var)
{
    forget(u);
    u->var = var;
    u->mark = 1;
}

/* Would the values of the first n slots have to be the same? */
static bool try_slots(Uniform *u, Desc *const *slot, idx n)
{
    bool *var = trial_begin(u);
    for (idx i = 0; i < n; i++)
        set(u, &u->fn->body->param[slot[i]->slot]);
    settle(u);
    pass_walk(u->fn->body, check, u);
    pass_walk(u->fn->body, look_for_need, u);
    trial_end(u, var);
    return u->need;
}

static void see_operands(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    for (int i = 0; i < n->narg; i++) {
        if (n->arg[i]->varying != 2) continue;
        if (n->op == OP_PRINT) node_set_int(u->fn, n, "all", 1);
        if (decides(n, i))
            ir_throw(
                u->fn, E_DIST, n->loc,
                "a value that differs between ranks (it depends on get_rank() or on "
                "Python that each rank calls) can't say which rows of distributed "
                "data are meant, or how many: all ranks must have the same one");
    }
}

/* A position or length that the program made of its rank: every rank would speak of
 * other rows. What is printed of such is not the same everywhere: each rank prints. */
static void check_asked(Uniform *u)
{
    bool *var = trial_begin(u);
    u->ask = true;
    settle_all(u);
    pass_walk(u->fn->body, see_operands, u);
    u->ask = false;
    trial_end(u, var);
}

typedef VEC(Desc *) DescVec;

/* Lengths and strides of an array are no values of their own. */
static void find_scalars(Fn *fn, Desc *d, DescVec *out)
{
    if (d->kind == D_ARRAY) return;
    bool one = (d->kind == D_SCALAR || d->kind == D_OBJ) && d->slot >= 0;
    if (one && !fn->body->param[d->slot].varying) vec_push(fn->arena, out, d);
    for (int32_t i = 0; i < d->nchild; i++)
        find_scalars(fn, d->child[i], out);
}

enum { TRIALS = 32 }; /* arguments that are looked at one by one */

static void find_agreed(Uniform *u)
{
    DescVec all = {0};
    for (idx i = 0; i < u->fn->nin; i++)
        find_scalars(u->fn, u->fn->in[i], &all);
    if (!all.n || !try_slots(u, all.at, all.n)) return;
    bool one_by_one = all.n <= TRIALS;
    vec_each (i, &all)
        all.at[i]->agreed = !one_by_one || try_slots(u, &all.at[i], 1);
}

/* -- Before distribution: what only some ranks do ---------------------------------- */
static void find_asking(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    u->need |= n->op == OP_RANK || n->op == OP_PYCALL ||
               (n->op == OP_CALLFN && u->fn->subs.at[node_int(n, "fn", 0)]->asks_ranks);
}

static void each_apart(const Region *r, bool apart, void (*visit)(void *, Node *),
                       void *data)
{
    node_each (n, r) {
        if (apart) visit(data, n);
        for (int i = 0; i < n->nregion; i++) {
            bool split = (n->op == OP_IF && n->arg[0]->varying) || varying_range(n);
            each_apart(n->region[i], apart || split, visit, data);
        }
    }
}

bool uniform_apart(PassCx *cx, void (*visit)(void *data, Node *n), void *data)
{
    Uniform u = {.fn = cx->fn, .mark = 2};
    pass_walk(cx->fn->body, find_asking, &u);
    if (!u.need) return false;
    u.var = ARENA_NEW_N(cx->fn->arena, cx->fn->nvar + 1, bool);
    pass_walk(cx->fn->body, share, &u);
    settle_all(&u);
    each_apart(cx->fn->body, false, visit, data);
    forget(&u);
    return true;
}

void uniform_run(PassCx *cx)
{
    Uniform u = {.fn = cx->fn, .mark = 1};
    if (!cx->needs_ranks) return;
    u.var = ARENA_NEW_N(cx->fn->arena, cx->fn->nvar + 1, bool);
    pass_walk(cx->fn->body, share, &u);
    check_asked(&u);
    vec_each (i, &cx->fn->axes) {
        Axis *a = axis_get(cx->fn->axes.at[i]);
        if (a->dist > DIST_REP && cx->fn->axes.at[i]->rows)
            cx->fn->axes.at[i]->rows->varying = 1;
    }
    settle_all(&u);
    pass_walk(cx->fn->body, check, &u);
    if (cx->size > 1 && !cx->fn->sub) find_agreed(&u);
}
