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
 *
 * Objects and arrays that ranks change in different ways (another value is put in, or
 * only some ranks put it) vary from then on, under all names: Val.unlike goes from a
 * value to where it came from (out of a container, into a loop) and to what was put
 * into it. It does not ask when something is changed: what varies once always does.
 *
 * gatherv() gives its rows to the first rank alone. They vary like everything else, but
 * may not meet distributed rows, as what the program makes of its rank may.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "pass/pass_int.h"

#include <string.h>

/* What makes values varying. */
typedef enum Source {
    SRC_ALL,
    SRC_ASKED,    /* only what the program asked its rank for */
    SRC_GATHERED, /* only rows that gatherv() gave to the first rank */
} Source;

typedef struct Uniform {
    Fn *fn;
    bool changed;
    bool *var;    /* of VARSET: may differ between ranks; then var_apart() of all */
    uint8_t mark; /* what `varying` is set to: 2 in a trial */
    bool need;    /* a trial's result */
    bool early;   /* before pass/dist.c has marked what is divided */
    Source source;
    VEC(Val *) on;     /* values that a trial has marked */
    VEC(Val *) unlike; /* and those that it has marked so */
} Uniform;

/* Of VARSET: what variable k holds is changed in different ways. */
static bool *var_apart(const Uniform *u, int64_t k)
{
    return &u->var[u->fn->nvar + 1 + k];
}

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
    vec_each (i, &u->unlike)
        u->unlike.at[i]->unlike = false;
    u->on.n = u->unlike.n = 0;
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

/* -- What ranks change in different ways ------------------------------------------- */

/* An object or array that every rank has one of its own of. */
static bool is_own(const Val *v)
{
    if (v->type.kind == TY_OBJ) return true;
    if (v->type.kind != TY_ARRAY) return false;
    return !v->axis || axis_get(v->axis)->dist == DIST_REP;
}

static void change(Uniform *u, Val *v);

/* What stands for parameter or result i of a loop, if or try inside of it. */
static void change_carried(Uniform *u, Node *owner, Region *r, int first, int i)
{
    node_each (n, r) {
        bool to = n->op == OP_YIELD ? n->parent->owner == owner
                                    : (n->op == OP_BREAK || n->op == OP_CONTINUE) &&
                                          loop_of(n) == owner;
        if (to && i < n->narg) change(u, n->arg[i]);
        for (int k = 0; k < n->nregion; k++)
            change_carried(u, owner, n->region[k], first, i);
    }
    if (r->owner == owner && first + i < r->nparam) change(u, &r->param[first + i]);
}

static void change_all(Uniform *u, Node *owner, int i)
{
    bool loop = is_loop(owner);
    int lead = owner->op == OP_FOR ? 3 : 0, first = owner->op == OP_FOR ? 1 : 0;
    for (int k = 0; k < owner->nregion; k++)
        change_carried(u, owner, owner->region[k],
                       loop ? first : owner->region[k]->nparam, i);
    if (loop && lead + i < owner->narg) change(u, owner->arg[lead + i]);
}

/* Objects that come out of others, or are others under another name. */
static bool passes_on(const Node *n)
{
    return n->op == OP_LISTGET || n->op == OP_FIELDGET || n->op == OP_ENTRYGET ||
           n->op == OP_OBJREAD || n->op == OP_CALLFN || n->op == OP_NDFLOATS;
}

/* The ranks' objects v are no longer alike; nor is what they came from. */
static void change(Uniform *u, Val *v)
{
    if (!is_own(v) || v->unlike) return;
    v->unlike = true;
    u->changed = true;
    if (in_trial(u)) vec_push(u->fn->arena, &u->unlike, v);
    set(u, v);
    Node *d = v->def;
    if (!d) {
        Node *owner = v->region->owner;
        if (owner && is_loop(owner))
            change_all(u, owner, v->index - (owner->op == OP_FOR ? 1 : 0));
    } else if (d->op == OP_VARGET)
        *var_apart(u, node_attr(d, "vars")->ints[v->index]) = true;
    else if (is_loop(d) || d->op == OP_IF || d->op == OP_TRY)
        change_all(u, d, v->index);
    for (int i = 0; d && passes_on(d) && i < d->narg; i++)
        change(u, d->arg[i]);
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
        if (owner->op == OP_NDSTORE) change(u, owner->arg[0]);
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
    if (is_loop(n)) paths |= uneven(n->region[0]);
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
        if (is_loop(o) && uneven(o->region[0])) return true;
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
    if (n->narg && *var_apart(u, node_int(n, "var", 0))) change(u, n->arg[0]);
    bool *v = &u->var[node_int(n, "var", 0)];
    if (*v || !((n->narg && n->arg[0]->varying) || comes_apart(n->parent, NULL)))
        return;
    *v = true;
    u->changed = true;
}

/* A function that is compiled on its own, and its calls of others. */
static const Fn *called(const Uniform *u, const Node *n)
{
    return fn_top(u->fn)->subs.at[node_int(n, "fn", 0)];
}

static bool asks_ranks(const Uniform *u, const Node *n)
{
    return n->op == OP_CALLFN && called(u, n)->asks_ranks;
}

/* Something other than rows of a distributed axis, of which every rank has its own part
 * and number, differs. */
static bool value_varies(Uniform *u, const Node *n)
{
    for (int i = 0; i < n->narg; i++) {
        const Axis *a = n->arg[i]->varying ? pass_axis(u->fn, n->arg[i]) : NULL;
        if (n->arg[i]->varying && !(a && a->dist > DIST_REP)) return true;
    }
    return false;
}

/* Ranks that write another value, or not all of them, have other objects afterwards. */
static void write_varies(Uniform *u, Node *n)
{
    bool call = n->op == OP_CALLFN;
    bool writes = call || (op_info[n->op].effect == EF_WRITE && n->narg);
    if (!writes || is_collective(n)) return;
    if (value_varies(u, n) || comes_apart(n->parent, NULL) ||
        (asks_ranks(u, n) && u->source != SRC_GATHERED))
        for (int i = 0; i < (call ? n->narg : 1); i++)
            change(u, n->arg[i]);
    if (n->narg && n->arg[0]->unlike)
        for (int i = 1; i < n->narg; i++)
            change(u, n->arg[i]);
}

/* gatherv() of distributed rows. */
static bool gathers(const Uniform *u, const Node *n)
{
    return n->op == OP_GATHER && !node_int(n, "all", 0) &&
           (u->early || node_int(n, "par", 0));
}

/* Every rank gets the rows that it asks for. */
static bool gives_rows(const Node *n)
{
    return n->op == OP_TAKE || n->op == OP_NDTAKE;
}

static bool is_source(const Uniform *u, const Node *n)
{
    if (gathers(u, n)) return u->source != SRC_ASKED;
    if (u->source == SRC_GATHERED) return false;
    bool local = n->op == OP_SPLIT || n->op == OP_CHUNK;
    return n->op == OP_RANK || (local && u->source == SRC_ALL) || asks_ranks(u, n) ||
           (n->op == OP_PYCALL && !is_shared_call(n));
}

static void spread(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_VARGET || n->op == OP_VARSET) {
        var_varies(u, n);
        return;
    }
    write_varies(u, n);
    if (n->op == OP_TRY) {
        try_varies(u, n);
        return;
    }
    if (n->op == OP_EXTENT && u->source == SRC_ALL)
        set(u, &n->res[0]); /* where this rank's rows begin */
    else if (n->op == OP_YIELD || n->op == OP_BREAK || n->op == OP_CONTINUE)
        carry(u, n);
    else if (n->nregion)
        enter(u, n);
    else if (is_source(u, n) ||
             ((!is_collective(n) || gives_rows(n)) && any_varying(u, n)))
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
static bool decides(const Uniform *u, const Node *n, int i)
{
    const Val *v = n->arg[i];
    if (val_is_col(v) || v->type.kind == TY_ARRAY) return false;
    const Axis *a = pass_axis(u->fn, n->arg[i]);
    if (a && a->dist > DIST_REP) return false; /* how many of its rows a rank has */
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
        if (n->arg[i]->varying == 2 && decides(u, n, i)) u->need = true;
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

static idx vars_size(const Uniform *u)
{
    return 2 * ((idx)u->fn->nvar + 1);
}

static void new_vars(Uniform *u)
{
    u->var = ARENA_NEW_N(u->fn->arena, vars_size(u), bool);
}

/* A trial marks values that it unmarks again. Returns what trial_end takes. */
static bool *trial_begin(Uniform *u)
{
    bool *var = u->var;
    new_vars(u);
    memcpy(u->var, var, (size_t)vars_size(u) * sizeof *var);
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
        if (decides(u, n, i))
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
    u->source = SRC_ASKED;
    settle_all(u);
    pass_walk(u->fn->body, see_operands, u);
    u->source = SRC_ALL;
    trial_end(u, var);
}

/* It stands in a loop that the ranks have divided. */
static bool is_divided(const Node *n)
{
    for (const Node *o = n->parent->owner; o; o = o->parent->owner)
        if (node_int(o, "divided", 0) || (o->op == OP_MAP && node_int(o, "par", 0)))
            return true;
    return false;
}

static void find_gathering(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    u->need |= gathers(u, n);
}

static void see_gathered(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_SCATTER && node_int(n, "root", 0)) return; /* the first's */
    if (gives_rows(n)) return;
    bool divided = node_int(n, "par", 0) || n->op == OP_CHUNK || n->op == OP_SPLIT ||
                   is_divided(n);
    for (int i = 0; i < n->narg; i++) {
        Val *v = n->arg[i];
        bool rows = v->axis || v->type.kind == TY_ARRAY;
        if (v->varying != 2 || is_spread(u, v)) continue;
        if (rows ? divided : decides(u, n, i))
            ir_throw(
                u->fn, E_DIST, n->loc,
                "gatherv() gives all rows to rank 0 and none to the others; what is "
                "made of them can't meet distributed rows, or say which are meant "
                "(allgatherv() gives them to all ranks)");
    }
}

/* Other ranks have no such rows. */
static void check_gathered(Uniform *u)
{
    u->need = false;
    pass_walk(u->fn->body, find_gathering, u);
    if (!u->need) return;
    bool *var = trial_begin(u);
    u->source = SRC_GATHERED;
    settle(u);
    pass_walk(u->fn->body, see_gathered, u);
    u->source = SRC_ALL;
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
    u->need |=
        n->op == OP_RANK || n->op == OP_PYCALL || asks_ranks(u, n) || gathers(u, n);
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
    Uniform u = {.fn = cx->fn, .mark = 2, .early = true};
    pass_walk(cx->fn->body, find_asking, &u);
    if (!u.need) return false;
    new_vars(&u);
    pass_walk(cx->fn->body, share, &u);
    settle_all(&u);
    each_apart(cx->fn->body, false, visit, data);
    forget(&u);
    return true;
}

/* -- Functions that are compiled on their own ---------------------------------------
 */
/* Its results can differ between ranks: it asks for its rank, or Python does. */
static void find_sub_asking(void *data, Node *n)
{
    Fn *sub = data;
    sub->asks_ranks |= n->op == OP_PYCALL;
    if (n->op == OP_CALLFN)
        sub->asks_ranks |= sub->up->subs.at[node_int(n, "fn", 0)]->asks_ranks;
}

void uniform_subs(Fn *fn)
{
    bool changed = true;
    while (changed) {
        changed = false;
        vec_each (i, &fn->subs) {
            Fn *s = fn->subs.at[i];
            bool before = s->asks_ranks;
            if (!before) pass_walk(s->body, find_sub_asking, s);
            changed |= s->asks_ranks != before;
        }
    }
}

void uniform_run(PassCx *cx)
{
    Uniform u = {.fn = cx->fn, .mark = 1};
    if (!cx->needs_ranks) return;
    new_vars(&u);
    pass_walk(cx->fn->body, share, &u);
    check_asked(&u);
    check_gathered(&u);
    vec_each (i, &cx->fn->axes) {
        Axis *a = axis_get(cx->fn->axes.at[i]);
        if (a->dist > DIST_REP && cx->fn->axes.at[i]->rows)
            cx->fn->axes.at[i]->rows->varying = 1;
    }
    settle_all(&u);
    pass_walk(cx->fn->body, check, &u);
    if (cx->size > 1 && !cx->fn->sub) find_agreed(&u);
}
