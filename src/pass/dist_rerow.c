/* SPDX-License-Identifier: Apache-2.0
 * Views whose rows are others than their memory's: a reshape, rows in reverse, one row
 * (OP_NDREROW). Where every rank has all rows they are views; where rows are
 * distributed their elements move, and the result has memory of its own. That is the
 * same to the user as long as nobody writes to the one and then reads the other; where
 * somebody may, all is replicated.
 */
#include "base/base.h"

#include "pass/dist_int.h"

/* A use of the memory: through the view, or not. */
typedef struct Use {
    const Node *node;
    idx at; /* in the order of the nodes */
    bool view, write;
} Use;

typedef struct Shared {
    Node *n;
    const Val *memory; /* what the view is of */
    idx at;            /* of the node that is visited */
    idx made;          /* of n */
    bool carried;      /* control flow gives it other names */
    bool unknown;      /* somebody writes to memory that control flow chose */
    Arena *arena;
    VEC(Use) use;
} Shared;

static bool is_around(const Node *loop, const Node *x)
{
    for (const Node *p = x; p; p = p->parent->owner)
        if (p == loop) return true;
    return false;
}

/* Whether both stand in a loop in each round of which `made` is the same. */
static bool comes_again(const Node *x, const Node *y, const Val *made)
{
    for (const Node *o = x->parent->owner; o; o = o->parent->owner) {
        bool inside = false;
        if (!is_loop(o) || !is_around(o, y)) continue;
        for (int i = 0; i < o->nregion; i++)
            inside |= loop_is_inside(made, o->region[i]);
        if (!inside) return true;
    }
    return false;
}

/* Whether w, a write, may be seen by r, which has the rows by the other way. */
static bool is_seen(const Shared *s, const Use *w, const Use *r)
{
    if (w->view == r->view) return false;
    if (!w->view && w->at < s->made) return false; /* the view is of what it wrote */
    if (r->at >= w->at) return true;
    return comes_again(w->node, r->node, w->view ? s->memory : &s->n->res[0]);
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
    s->at++;
    if (x == s->n) {
        s->made = s->at;
        return;
    }
    bool any = x->op == OP_CALLFN || x->op == OP_PYCALL;
    bool first = op_info[x->op].effect == EF_WRITE;
    for (int i = 0; i < x->narg; i++) {
        const Val *v = x->arg[i], *memory = val_memory(v);
        if (v->type.kind != TY_ARRAY && v->type.kind != TY_COL) continue;
        bool write = any || (first && i == 0), of = memory == s->memory;
        if (of && hands_over(x)) s->carried = true;
        if (write && !of && is_chosen(s, memory)) s->unknown = true;
        if (!of) continue;
        Use u = {x, s->at, through(s, v), write};
        vec_push(s->arena, &s->use, u);
    }
}

/* Whether nobody can tell the view from a copy: what is written by the one way is not
 * read by the other later. The caller reads arguments when all is done. */
static bool may_be_copy(DistCx *d, Node *n)
{
    Shared s = {.n = n, .memory = val_memory(n->arg[0]), .arena = d->fn->arena};
    bool given = is_given(d->fn, s.memory), view_written = false;
    bool chosen = !given && is_chosen(&s, s.memory);
    pass_walk(d->fn->body, visit, &s);
    vec_each (i, &s.use) {
        const Use *w = &s.use.at[i];
        if (!w->write) continue;
        view_written |= w->view;
        if (w->view && given) return false;
        vec_each (k, &s.use)
            if (is_seen(&s, w, &s.use.at[k])) return false;
    }
    return !(s.unknown || (chosen && view_written)) || !(s.carried || chosen);
}

static bool is_one(const Node *n)
{
    return n->op == OP_NDREROW && node_int(n, "one", 0);
}

static void limit(void *data, Node *n)
{
    DistCx *d = (DistCx *)data;
    if (n->op != OP_NDREROW || is_one(n)) return;
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

static void put_view(Views *w, Node *n)
{
    int nd = (int)node_int(n, "nd", 1), to = (int)node_int(n, "to", 1);
    Val **whole = n->arg + 2 + 2 * (idx)nd; /* offset, strides, lengths */
    n->res[0].tmp = n->arg[0];
    for (int k = 0; k <= to; k++)
        n->res[1 + k].tmp = whole[k];
    if (!node_int(n, "turn", 0) && !is_one(n)) {
        Val *rows = &n->res[2 + to];
        Node *an = node_new(w->d->fn, OP_NDAXIS, n->loc, 1, &whole[1 + to], 1);
        an->inlined_at = n->inlined_at;
        an->res[0].type = rows->type;
        an->res[0].axis = pass_axis(w->d->fn, &n->res[0]);
        node_insert_before(n, an);
        rows->tmp = &an->res[0];
    }
    node_remove(n);
    w->any = true;
}

static void make_view(void *data, Node *n)
{
    Views *w = (Views *)data;
    if (n->op != OP_NDREROW) return;
    if (pass_axis(w->d->fn, is_one(n) ? n->arg[0] : &n->res[0])->dist == DIST_REP)
        put_view(w, n);
}

/* A row that not all ranks come to, or of which a copy is not enough. */
static void make_row_view(void *data, Node *n)
{
    Views *w = (Views *)data;
    if (!is_one(n)) return;
    if (!loop_reached_once(w->d, n->parent) || !may_be_copy(w->d, n)) put_view(w, n);
}

static void each_view(DistCx *d, void (*see)(void *, Node *))
{
    Views w = {.d = d};
    pass_clear_tmp(d->fn);
    pass_walk(d->fn->body, see, &w);
    if (w.any) pass_forward(d->fn);
}

void rerow_rows(DistCx *d)
{
    each_view(d, make_row_view);
}

void rerow_apply(DistCx *d)
{
    each_view(d, make_view);
}
