/* SPDX-License-Identifier: Apache-2.0
 * Views whose rows are others than their memory's: a reshape, rows in reverse
 * (OP_NDREROW). Where every rank has all rows they are views; where rows are
 * distributed their elements move, and the result has memory of its own. That is the
 * same to the user as long as nobody writes to the one and then reads the other; where
 * somebody may, all is replicated.
 */
#include "base/base.h"

#include "pass/dist_int.h"

typedef struct Shared {
    Node *n;
    const Val *memory; /* what the view is of */
    bool seen;         /* the walk has passed n */
    bool view_written, rest_used, rest_written;
    bool carried; /* control flow gives it other names */
    bool unknown; /* somebody writes to memory that control flow chose */
} Shared;

/* Whether x stands in a loop around n before which v is made: x may come after n. */
static bool comes_again(const Shared *s, const Node *x)
{
    for (const Node *o = s->n->parent->owner; o; o = o->parent->owner) {
        bool inside = false;
        if (!is_loop(o)) continue;
        for (int i = 0; i < o->nregion; i++)
            inside |= loop_is_inside(s->memory, o->region[i]);
        if (inside) return false;
        for (const Node *p = x; p; p = p->parent->owner)
            if (p == o) return true;
    }
    return false;
}

static bool through(const Shared *s, const Val *v)
{
    for (;; v = v->def->arg[v->def->op == OP_NDALIGN]) {
        if (v == &s->n->res[0]) return true;
        if (!v->def || val_memory(v) == v) return false;
    }
}

/* Arrays of the call and what a node makes are known memory. */
static bool is_chosen(const Shared *s, const Val *v)
{
    if (v->def) {
        uint8_t rule = op_info[v->def->op].dist;
        return rule == DR_CTRL || v->def->op == OP_OBJREAD ||
               v->def->op == OP_LISTGET || v->def->op == OP_ENTRYGET;
    }
    (void)s;
    return true;
}

static bool is_given(const Fn *fn, const Val *v)
{
    return v >= fn->body->param && v < fn->body->param + fn->body->nparam;
}

static bool hands_over(const Node *n)
{
    return op_info[n->op].dist == DR_CTRL && n->op != OP_MAP && n->op != OP_RETURN;
}

static void visit(void *data, Node *x)
{
    Shared *s = (Shared *)data;
    if (x == s->n) {
        s->seen = true;
        s->rest_used |= comes_again(s, x);
        return;
    }
    bool any = x->op == OP_CALLFN || x->op == OP_PYCALL;
    bool first = op_info[x->op].effect == EF_WRITE;
    bool later = s->seen || comes_again(s, x);
    for (int i = 0; i < x->narg; i++) {
        const Val *v = x->arg[i], *memory = val_memory(v);
        if (v->type.kind != TY_ARRAY && v->type.kind != TY_COL) continue;
        bool write = any || (first && i == 0), of = memory == s->memory;
        if (of && hands_over(x)) s->carried = true;
        if (write && !of && is_chosen(s, memory)) s->unknown = true;
        if (!of || !later) continue;
        if (!through(s, v)) {
            s->rest_used = true;
            s->rest_written |= write;
        } else {
            s->view_written |= write;
        }
    }
}

/* Whether nobody can tell the view from a copy. */
static bool may_be_copy(DistCx *d, Node *n)
{
    Shared s = {.n = n, .memory = val_memory(n->arg[0])};
    bool given = is_given(d->fn, s.memory);
    bool chosen = !given && is_chosen(&s, s.memory);
    s.rest_used = given; /* the caller sees it */
    pass_walk(d->fn->body, visit, &s);
    if (s.rest_written || (s.view_written && s.rest_used)) return false;
    return !(s.unknown || (chosen && s.view_written)) || !(s.carried || chosen);
}

static void limit(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    if (n->op != OP_NDREROW) return;
    if (may_be_copy(d, n) && !dist_in_parallel(n)) return;
    dist_lower(d, pass_axis(d->fn, n->arg[0]), DIST_REP, n);
    dist_lower(d, pass_axis(d->fn, &n->res[0]), DIST_REP, n);
}

void rerow_limit(DistCx *d)
{
    pass_walk(d->fn->body, limit, d);
}

/* -- Views ------------------------------------------------------------------------- */
typedef struct Views {
    DistCx *d;
    bool any;
} Views;

static void make_view(void *data, Node *n)
{
    Views *w = (Views *)data;
    if (n->op != OP_NDREROW) return;
    Axis *a = pass_axis(w->d->fn, &n->res[0]);
    if (a->dist > DIST_REP) return;
    int nd = (int)node_int(n, "nd", 1), to = (int)node_int(n, "to", 1);
    Val **whole = n->arg + 2 + 2 * (idx)nd; /* offset, strides, lengths */
    n->res[0].tmp = n->arg[0];
    for (int k = 0; k <= to; k++)
        n->res[1 + k].tmp = whole[k];
    if (!node_int(n, "turn", 0)) {
        Val *rows = &n->res[2 + to];
        Node *an = node_new(w->d->fn, OP_NDAXIS, n->loc, 1, &whole[1 + to], 1);
        an->inlined_at = n->inlined_at;
        an->res[0].type = rows->type;
        an->res[0].axis = a;
        node_insert_before(n, an);
        rows->tmp = &an->res[0];
    }
    node_remove(n);
    w->any = true;
}

void rerow_apply(DistCx *d)
{
    Views w = {.d = d};
    pass_clear_tmp(d->fn);
    pass_walk(d->fn->body, make_view, &w);
    if (w.any) pass_forward(d->fn);
}
