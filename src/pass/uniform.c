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

static bool is_collective(const Node *n)
{
    if (n->op == OP_BARRIER || n->op == OP_ALLREDUCE) return true;
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

static bool any_varying(const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->varying && !val_is_col(n->arg[i])) return true;
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

/* Values handed on by control: to an if's results, a loop's parameters and results. */
static void carry(Uniform *u, Node *n)
{
    Node *owner = n->op == OP_YIELD ? n->parent->owner : loop_of(n);
    if (!owner || owner->op == OP_MAP) return;
    int first = owner->op == OP_FOR ? 1 : 0;
    for (int i = 0; i < n->narg; i++) {
        if (!n->arg[i]->varying) continue;
        if (i < owner->nres) set(u, &owner->res[i]);
        if (n->op != OP_YIELD && first + i < owner->region[0]->nparam)
            set(u, &owner->region[0]->param[first + i]);
    }
}

static void spread(void *data, Node *n)
{
    Uniform *u = (Uniform *)data;
    if (n->op == OP_YIELD || n->op == OP_BREAK || n->op == OP_CONTINUE) {
        carry(u, n);
        return;
    }
    bool source = n->op == OP_RANK || n->op == OP_SPLIT;
    if (n->op == OP_FOR && n->region[0]->nparam) {
        bool range = n->arg[0]->varying || n->arg[1]->varying || n->arg[2]->varying;
        if (range) set(u, &n->region[0]->param[0]);
        for (int i = 3; i < n->narg; i++)
            if (n->arg[i]->varying) set(u, &n->region[0]->param[i - 2]);
    }
    if (n->op == OP_LOOP)
        for (int i = 0; i < n->narg; i++)
            if (n->arg[i]->varying) set(u, &n->region[0]->param[i]);
    if (n->nregion || (is_collective(n) && !source)) return;
    for (int i = 0; i < n->nres; i++)
        if (source || any_varying(n)) set(u, &n->res[i]);
}

NORETURN static void refuse(Uniform *u, const Node *branch, const Node *hit)
{
    ir_throw(u->fn, E_DIST, branch->loc,
             "ranks can take different paths here, but line %d communicates: all ranks "
             "must reach it (move it out of the branch, or decide by a value that is "
             "equal on all ranks)",
             hit->loc.line);
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
    if (n->op == OP_FOR &&
        (n->arg[0]->varying || n->arg[1]->varying || n->arg[2]->varying)) {
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
    do {
        u.changed = false;
        pass_walk(cx->fn->body, spread, &u);
    } while (u.changed);
    pass_walk(cx->fn->body, check, &u);
}
