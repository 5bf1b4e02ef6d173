/* SPDX-License-Identifier: Apache-2.0
 * Uniform and varying. A value is varying when it can differ between ranks: the number
 * of the rank, local row counts, this rank's part of a range, and whatever is computed
 * from them; a collective makes its scalar results equal again. A collective under a
 * branch or loop that is decided by a varying value would be entered by some ranks
 * only: that is an error of the user's, told at compile time with both lines.
 */
#include "base/base.h"

#include "pass/pass_int.h"

typedef struct Uniform {
    Fn *fn;
    bool changed;
} Uniform;

static bool is_shared_call(const Node *n)
{
    return n->op == OP_PYCALL && node_int(n, "bcast", 0);
}

static bool is_collective(const Node *n)
{
    if (n->op == OP_BARRIER || n->op == OP_ALLREDUCE || is_shared_call(n)) return true;
    uint8_t e = op_info[n->op].effect;
    bool talks = e == EF_COLL || n->op == OP_WRITE || n->op == OP_READ;
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
    v->varying = true;
    u->changed = true;
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

/* A branch in r that only some ranks take leaves the loop. */
static bool uneven(Region *r)
{
    for (Node *n = r->first; n; n = n->next) {
        for (int i = 0; i < n->nregion; i++) {
            if (n->op == OP_IF && n->arg[0]->varying && leaves_loop(n->region[i]))
                return true;
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
 * results. A map's mask is no result: it decides about all of them. */
static void carry(Uniform *u, Node *n)
{
    Node *owner = n->op == OP_YIELD ? n->parent->owner : loop_of(n);
    if (!owner) return;
    int first = owner->op == OP_FOR ? 1 : 0;
    int mask = owner->op == OP_MAP ? (int)node_int(owner, "mask", 0) : 0;
    for (int i = 0; i < n->narg; i++) {
        if (!n->arg[i]->varying) continue;
        for (int k = i < mask ? 0 : i - mask; k < owner->nres; k++) {
            set(u, &owner->res[k]);
            if (i >= mask) break;
        }
        if (n->op != OP_YIELD && first + i < owner->region[0]->nparam)
            set(u, &owner->region[0]->param[first + i]);
    }
}

/* Values that go into a loop or map, and results that depend on the path taken. */
static void enter(Uniform *u, Node *n)
{
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

static void spread(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    bool source = n->op == OP_RANK || n->op == OP_SPLIT ||
                  (n->op == OP_PYCALL && !is_shared_call(n));
    if (n->op == OP_YIELD || n->op == OP_BREAK || n->op == OP_CONTINUE)
        carry(u, n);
    else if (n->nregion)
        enter(u, n);
    else if (source || (!is_collective(n) && any_varying(u, n)))
        for (int i = 0; i < n->nres; i++)
            set(u, &n->res[i]);
}

NORETURN static void refuse(Uniform *u, const Node *branch, const Node *hit)
{
    ir_throw(u->fn, E_DIST, branch->loc,
             "ranks can take different paths here, but line %d communicates: all ranks "
             "must reach it (move it out of the branch, or decide by a value that is "
             "equal on all ranks)",
             hit->loc.line);
}

/* Whether all ranks that run the function come to n, and equally often. */
static bool all_come(const Node *n)
{
    for (Node *o = n->parent->owner; o; o = o->parent->owner) {
        if (o->op == OP_MAP || varying_range(o)) return false;
        if (o->op == OP_IF && o->arg[0]->varying) return false;
        if ((o->op == OP_LOOP || o->op == OP_FOR) && uneven(o->region[0])) return false;
    }
    return true;
}

/* Calls of Python whose answer concerns all ranks begin as shared; those that some
 * ranks may not come to are each rank's own. */
static void share(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_PYCALL && node_int(n, "same", 0))
        node_set_int(u->fn, n, "bcast", 1);
}

static void unshare(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (!is_shared_call(n) || all_come(n)) return;
    node_set_int(u->fn, n, "bcast", 0);
    u->changed = true;
}

static void check(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_IF && n->arg[0]->varying) {
        for (int i = 0; i < n->nregion; i++) {
            Node *hit = collective_in(n->region[i]);
            if (hit) refuse(u, n, hit);
        }
        Node *loop = n->parent->owner;
        while (loop && loop->op == OP_IF)
            loop = loop->parent->owner;
        bool out =
            leaves_loop(n->region[0]) || (n->nregion > 1 && leaves_loop(n->region[1]));
        Node *hit = loop && out ? collective_in(loop->region[0]) : NULL;
        if (hit) refuse(u, n, hit);
    }
    if (varying_range(n)) {
        Node *hit = collective_in(n->region[0]);
        if (hit) refuse(u, n, hit);
    }
}

void uniform_run(PassCx *cx)
{
    Uniform u = {.fn = cx->fn};
    if (!cx->needs_ranks) return;
    vec_each (i, &cx->fn->axes) {
        Axis *a = axis_get(cx->fn->axes.at[i]);
        if (a->dist > DIST_REP && cx->fn->axes.at[i]->rows)
            cx->fn->axes.at[i]->rows->varying = true;
    }
    pass_walk(cx->fn->body, share, &u);
    do {
        u.changed = false;
        pass_walk(cx->fn->body, spread, &u);
        if (!u.changed) pass_walk(cx->fn->body, unshare, &u);
    } while (u.changed);
    pass_walk(cx->fn->body, check, &u);
}
