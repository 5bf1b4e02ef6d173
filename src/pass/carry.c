/* SPDX-License-Identifier: Apache-2.0
 * Values that loops carry without changing them. The front carries whatever a loop's
 * body may touch through an object, so a list that is pushed to goes round as a carried
 * value although its handle stays the same. Where each CONTINUE hands on the parameter
 * itself (or the initial value), the parameter is the initial value, and where each
 * BREAK does so too, the result is. Afterwards what a loop reads from outside is
 * defined outside, which is what cse, own and the proof of bounds look at.
 *
 *   for (.., x) {(i, p) .. continue p}   p and the result are x
 *   loop (x) {(p) .. continue p | break p, v}
 *
 * A loop with reductions says what each carried value is for and is left alone. Inner
 * loops come first: their results are what the outer ones carry.
 */
#include "base/base.h"

#include "pass/pass_int.h"

typedef struct Ends {
    VEC(Node *) next, done; /* CONTINUE and BREAK of one loop */
} Ends;

static Val *now(Val *v)
{
    while (v->tmp)
        v = (Val *)v->tmp;
    return v;
}

static void find_ends(Fn *fn, Region *r, int64_t depth, Ends *e)
{
    node_each (n, r) {
        bool loop = n->op == OP_FOR || n->op == OP_LOOP || n->op == OP_MAP;
        for (int i = 0; i < n->nregion; i++)
            find_ends(fn, n->region[i], depth + loop, e);
        if (n->op != OP_CONTINUE && n->op != OP_BREAK) continue;
        if (node_int(n, "depth", 0) != depth) continue;
        if (n->op == OP_CONTINUE)
            vec_push(fn->arena, &e->next, n);
        else
            vec_push(fn->arena, &e->done, n);
    }
}

static bool same_place(const Val *a, const Val *b)
{
    if (!type_eq(a->type, b->type)) return false;
    return axis_get(a->axis) == axis_get(b->axis);
}

/* Operand i of each node is one of two values. */
static bool all_pass(const Node *const *node, idx n, int i, const Val *a, const Val *b)
{
    for (idx k = 0; k < n; k++) {
        const Val *v = now(node[k]->arg[i]);
        if (v != a && v != b) return false;
    }
    return true;
}

static bool is_inside(const Val *v, const Region *r)
{
    const Region *at = v->def ? v->def->parent : v->region;
    while (at && at != r)
        at = at->owner ? at->owner->parent : NULL;
    return at == r;
}

/* What result i of an endless loop is, when it is one value from outside; else NULL. */
static Val *one_result(const Node *n, const Ends *e, int i)
{
    Val *v = NULL;
    vec_each (k, &e->done) {
        Val *x = now(e->done.at[k]->arg[i]);
        if (v && v != x) return NULL;
        v = x;
    }
    if (!v || is_inside(v, n->region[0]) || !same_place(v, &n->res[i])) return NULL;
    return v;
}

static void move(Val *from, Val *to)
{
    to->type = from->type;
    to->axis = from->axis;
    to->hint = from->hint;
    from->tmp = to;
}

/* Operands with drop[i] go. */
static void cut_operands(Node *n, const bool *drop)
{
    int k = 0;
    for (int i = 0; i < n->narg; i++)
        if (!drop[i]) n->arg[k++] = n->arg[i];
    n->narg = k;
}

static void cut_params(Fn *fn, Region *r, int first, const bool *drop)
{
    Val *old = r->param;
    int n = r->nparam, k = 0;
    r->param = ARENA_NEW_N(fn->arena, n, Val);
    for (int i = 0; i < n; i++) {
        if (i >= first && drop[i - first]) continue;
        val_init(fn, &r->param[k], old[i].type, old[i].axis);
        r->param[k].region = r;
        r->param[k].index = k;
        move(&old[i], &r->param[k++]);
    }
    r->nparam = k;
}

static void cut_results(Fn *fn, Node *n, const bool *drop)
{
    Val *old = n->res;
    int count = n->nres, k = 0;
    n->res = ARENA_NEW_N(fn->arena, count, Val);
    for (int i = 0; i < count; i++) {
        if (drop[i]) continue;
        val_init(fn, &n->res[k], old[i].type, old[i].axis);
        n->res[k].def = n;
        n->res[k].index = k;
        move(&old[i], &n->res[k++]);
    }
    n->nres = k;
}

static bool any(const bool *b, int n)
{
    for (int i = 0; i < n; i++)
        if (b[i]) return true;
    return false;
}

static void visit_loop(Fn *fn, Node *n)
{
    bool counted = n->op == OP_FOR;
    int first = counted, init = counted ? 3 : 0, nc = n->narg - init;
    Region *body = n->region[0];
    Ends e = {0};
    bool *drop = ARENA_NEW_N(fn->arena, nc + 1, bool);
    bool *gone = ARENA_NEW_N(fn->arena, n->nres + 1, bool);
    find_ends(fn, body, 0, &e);
    const Node *const *next = (const Node *const *)e.next.at;
    const Node *const *done = (const Node *const *)e.done.at;
    for (int i = 0; i < nc; i++) {
        Val *p = &body->param[first + i], *x = now(n->arg[init + i]);
        drop[i] = same_place(p, x) && all_pass(next, e.next.n, i, p, x) &&
                  (!counted || all_pass(done, e.done.n, i, p, x));
        if (!drop[i]) continue;
        p->tmp = x;
        if (counted) n->res[i].tmp = x;
    }
    for (int i = 0; i < n->nres; i++) {
        Val *x = counted ? NULL : one_result(n, &e, i);
        gone[i] = counted ? drop[i] : x != NULL;
        if (x) n->res[i].tmp = x;
    }
    if (any(gone, n->nres)) {
        vec_each (k, &e.done)
            cut_operands(e.done.at[k], gone);
        cut_results(fn, n, gone);
    }
    if (!any(drop, nc)) return;
    vec_each (k, &e.next)
        cut_operands(e.next.at[k], drop);
    cut_params(fn, body, first, drop);
    int k = init;
    for (int i = 0; i < nc; i++)
        if (!drop[i]) n->arg[k++] = n->arg[init + i];
    n->narg = k;
}

static void visit_region(Fn *fn, Region *r)
{
    node_each (n, r) {
        for (int i = 0; i < n->nregion; i++)
            visit_region(fn, n->region[i]);
        bool plain =
            n->op == OP_FOR && !node_attr(n, "reduce") && !node_attr(n, "parallel");
        if (n->op == OP_LOOP || plain) visit_loop(fn, n);
    }
}

void carry_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    visit_region(cx->fn, cx->fn->body);
    pass_forward(cx->fn);
}
