/* SPDX-License-Identifier: Apache-2.0
 * Values that loops carry without changing them, or for nobody. The front carries
 * whatever a loop's body may touch through an object, so a list that is pushed to goes
 * round as a carried value although its handle stays the same. Where each CONTINUE
 * hands on the parameter itself (or the initial value), the parameter is the initial
 * value, and where each BREAK does so too, the result is. Afterwards what a loop reads
 * from outside is defined outside, which is what cse, own and the proof of bounds look
 * at.
 *
 *   for (.., x) {(i, p) .. continue p}   p and the result are x
 *   loop (x) {(p) .. continue p | break p, v}
 *
 * A loop with reductions says what each carried value is for and is left alone. Inner
 * loops come first: their results are what the outer ones carry.
 *
 * The front also carries what is only known to be set (the index of an inner loop,
 * which could be read after it), from loop to loop. What is needed is found from what
 * has an effect, backwards; that a loop hands a value on to itself or to another one is
 * no need. What is then needed by nothing goes: carried values, results of ifs, and the
 * pure nodes that computed them.
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
        bool loop = is_loop(n) || n->op == OP_MAP;
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

/* Operand i of each node is one of two values. */
static bool all_pass(const Node *const *node, idx n, int i, const Val *a, const Val *b)
{
    for (idx k = 0; k < n; k++) {
        const Val *v = now(node[k]->arg[i]);
        if (v != a && v != b) return false;
    }
    return true;
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
    if (!v || pass_is_inside(v, n->region[0]) || !same_place(v, &n->res[i]))
        return NULL;
    return v;
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
            pass_cut_operands(e.done.at[k], gone);
        pass_cut_results(fn, n, gone);
    }
    if (!any(drop, nc)) return;
    vec_each (k, &e.next)
        pass_cut_operands(e.next.at[k], drop);
    pass_cut_params(fn, body, first, drop);
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

/* -- Carried for nobody ------------------------------------------------------------ */

typedef struct Loop {
    Node *node;
    Ends ends;
} Loop;

typedef struct Need {
    Fn *fn;
    VEC(Val *) work; /* needed, their sources are not looked at yet */
    VEC(Loop) loops; /* by Node.mark */
} Need;

/* Val.nuse says here whether a value is needed. */
static void need(Need *s, Val *v)
{
    if (v->nuse) return;
    v->nuse = 1;
    vec_push(s->fn->arena, &s->work, v);
}

static void need_args(Need *s, const Node *n, int from, int to)
{
    for (int i = from; i < to; i++)
        need(s, n->arg[i]);
}

static bool is_cut(const Node *n)
{
    return n->op == OP_LOOP || n->op == OP_IF ||
           (n->op == OP_FOR && !node_attr(n, "reduce") && !node_attr(n, "parallel"));
}

/* What goes from round to round or out of a loop: only numbers may go. */
static void need_odd(Need *s, Val *v)
{
    if (v->type.kind != TY_SCALAR || v->type.dt == DT_STR) need(s, v);
}

static void open_loop(Need *s, Node *n)
{
    Loop l = {.node = n};
    find_ends(s->fn, n->region[0], 0, &l.ends);
    n->mark = (int32_t)s->loops.n;
    vec_push(s->fn->arena, &s->loops, l);
    if (is_cut(n)) return;
    need_args(s, n, 0, n->narg);
    vec_each (k, &l.ends.next)
        need_args(s, l.ends.next.at[k], 0, l.ends.next.at[k]->narg);
    vec_each (k, &l.ends.done)
        need_args(s, l.ends.done.at[k], 0, l.ends.done.at[k]->narg);
}

static void find_roots(Need *s, Region *r);

static void find_root(Need *s, Node *n)
{
    switch ((Op)n->op) {
    case OP_FOR: need_args(s, n, 0, 3); __attribute__((fallthrough));
    case OP_LOOP: open_loop(s, n); break;
    case OP_IF: need_args(s, n, 0, 1); break;
    case OP_CONTINUE:
    case OP_BREAK: break;
    case OP_YIELD:
        if (n->parent->owner && n->parent->owner->op == OP_IF) break;
        __attribute__((fallthrough));
    default:
        if (n->nregion || !node_is_pure(n)) need_args(s, n, 0, n->narg);
    }
    for (int i = 0; is_cut(n) && i < n->nres; i++)
        need_odd(s, &n->res[i]);
    for (int k = 0; k < n->nregion; k++) {
        for (int i = 0; is_cut(n) && i < n->region[k]->nparam; i++)
            need_odd(s, &n->region[k]->param[i]);
        find_roots(s, n->region[k]);
    }
}

static void find_roots(Need *s, Region *r)
{
    node_each (n, r)
        find_root(s, n);
}

static void need_each(Need *s, const Node *const *node, idx n, int i)
{
    for (idx k = 0; k < n; k++)
        need(s, node[k]->arg[i]);
}

/* Carried value i of a loop: where it comes from. */
static void need_carried(Need *s, const Node *n, int i)
{
    const Loop *l = &s->loops.at[n->mark];
    need(s, n->arg[(n->op == OP_FOR ? 3 : 0) + i]);
    need_each(s, (const Node *const *)l->ends.next.at, l->ends.next.n, i);
}

static void need_done(Need *s, const Node *n, int i)
{
    const Loop *l = &s->loops.at[n->mark];
    need_each(s, (const Node *const *)l->ends.done.at, l->ends.done.n, i);
}

static void need_result(Need *s, const Node *n, int i)
{
    if (!is_cut(n)) {
        need_args(s, n, 0, n->narg);
    } else if (n->op == OP_IF) {
        for (int k = 0; k < n->nregion; k++) {
            const Node *last = n->region[k]->last;
            if (last->op == OP_YIELD) need(s, last->arg[i]);
        }
    } else {
        if (n->op == OP_FOR) need_carried(s, n, i);
        need_done(s, n, i);
    }
}

static void need_param(Need *s, const Node *owner, int i)
{
    if (!owner || !is_cut(owner)) return;
    if (owner->op == OP_LOOP) need_carried(s, owner, i);
    if (owner->op != OP_FOR || i == 0) return;
    need_carried(s, owner, i - 1);
    need_done(s, owner, i - 1);
}

/* An axis that is no longer used may name a value that is no longer there: it is not
 * looked at. */
static void find_needs(Need *s)
{
    vec_each (i, &s->fn->axes)
        if (s->fn->axes.at[i]->rows) s->fn->axes.at[i]->rows->nuse = 1;
    region_clear_uses(s->fn->body);
    vec_each (i, &s->fn->axes)
        if (s->fn->axes.at[i]->rows) need(s, s->fn->axes.at[i]->rows);
    find_roots(s, s->fn->body);
    while (s->work.n) {
        const Val *v = s->work.at[--s->work.n];
        if (v->def)
            need_result(s, v->def, v->index);
        else
            need_param(s, v->region->owner, v->index);
    }
}

static void cut_loop(Need *s, Node *n)
{
    if (!s->loops.at) return;
    const Loop *l = &s->loops.at[n->mark];
    bool counted = n->op == OP_FOR;
    int first = counted, init = counted ? 3 : 0, nc = n->narg - init, k = init;
    bool *drop = ARENA_NEW_N(s->fn->arena, nc + 1, bool);
    bool *gone = ARENA_NEW_N(s->fn->arena, n->nres + 1, bool);
    for (int i = 0; i < nc; i++)
        drop[i] = !n->region[0]->param[first + i].nuse && !(counted && n->res[i].nuse);
    for (int i = 0; i < n->nres; i++)
        gone[i] = counted ? drop[i] : !n->res[i].nuse;
    if (any(gone, n->nres)) {
        vec_each (j, &l->ends.done)
            pass_cut_operands(l->ends.done.at[j], gone);
        pass_cut_results(s->fn, n, gone);
    }
    if (!any(drop, nc)) return;
    vec_each (j, &l->ends.next)
        pass_cut_operands(l->ends.next.at[j], drop);
    pass_cut_params(s->fn, n->region[0], first, drop);
    for (int i = 0; i < nc; i++)
        if (!drop[i]) n->arg[k++] = n->arg[init + i];
    n->narg = k;
}

static void cut_if(Need *s, Node *n)
{
    bool *gone = ARENA_NEW_N(s->fn->arena, n->nres + 1, bool);
    for (int i = 0; i < n->nres; i++)
        gone[i] = !n->res[i].nuse;
    if (!any(gone, n->nres)) return;
    for (int k = 0; k < n->nregion; k++)
        if (n->region[k]->last->op == OP_YIELD)
            pass_cut_operands(n->region[k]->last, gone);
    pass_cut_results(s->fn, n, gone);
}

static bool is_needed(const Node *n)
{
    if (!n->nres || n->nregion || !node_is_pure(n)) return true;
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].nuse) return true;
    return false;
}

/* Inner loops first: what they are asked for is looked up before it is cut. */
static void cut_unneeded(Need *s, Region *r)
{
    for (Node *n = r->last, *prev; n; n = prev) {
        prev = n->prev;
        for (int k = 0; k < n->nregion; k++)
            cut_unneeded(s, n->region[k]);
        if (!is_needed(n))
            node_remove(n);
        else if (n->op == OP_IF)
            cut_if(s, n);
        else if (is_cut(n))
            cut_loop(s, n);
    }
}

void carry_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    visit_region(cx->fn, cx->fn->body);
    pass_forward(cx->fn);
    Need s = {.fn = cx->fn};
    find_needs(&s);
    cut_unneeded(&s, cx->fn->body);
    pass_forward(cx->fn);
}
