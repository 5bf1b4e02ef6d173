/* SPDX-License-Identifier: Apache-2.0
 * Common subexpressions. Two pure nodes of one region with the same op, attributes and
 * arguments give the same values; the second is dropped and, where it made an axis, the
 * two axes become one. Filters of one mask merge into one filter of all their columns,
 * so that `df.a[m]` and `df.b[m]` stand on one axis. Values of outer regions are seen
 * inside.
 */
#include "base/base.h"

#include "base/hash.h"
#include "pass/pass_int.h"

typedef struct Cse {
    Fn *fn;
    VEC(Node *) seen; /* nodes of the open regions, in order */
    bool writes;      /* the function stores to arrays */
} Cse;

/* Compared as bits: NaN equals itself, 0.0 is not -0.0. */
static uint64_t float_bits(double f)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static bool same_attr(const Attr *a, const Attr *b)
{
    if (a->name != b->name || a->kind != b->kind) return false;
    switch ((AttrKind)a->kind) {
    case AT_INT: return a->i == b->i;
    case AT_FLOAT: return float_bits(a->f) == float_bits(b->f);
    case AT_TEXT: return a->n == b->n && !memcmp(a->s, b->s, (size_t)a->n);
    case AT_INTS:
        return a->n == b->n &&
               !memcmp(a->ints, b->ints, (size_t)a->n * sizeof *a->ints);
    case AT_TEXTS:
        if (a->n != b->n) return false;
        for (idx i = 0; i < a->n; i++)
            if (strcmp(a->texts[i], b->texts[i])) return false;
        return true;
    }
    return false;
}

static bool same_attrs(const Node *a, const Node *b)
{
    if (a->attr.n != b->attr.n) return false;
    vec_each (i, &a->attr)
        if (!same_attr(&a->attr.at[i], &b->attr.at[i])) return false;
    return true;
}

static Val *now(Val *v)
{
    while (v->tmp)
        v = (Val *)v->tmp;
    return v;
}

static bool same(const Node *a, const Node *b)
{
    if (a->op != b->op || a->narg != b->narg || a->nres != b->nres) return false;
    for (int i = 0; i < a->narg; i++)
        if (now(a->arg[i]) != now(b->arg[i])) return false;
    for (int i = 0; i < a->nres; i++)
        if (!type_eq(a->res[i].type, b->res[i].type)) return false;
    return same_attrs(a, b);
}

static void find_write(void *data, Node *n)
{
    uint8_t e = op_info[n->op].effect;
    bool calls = n->op == OP_CALLFN || n->op == OP_PYCALL;
    *(bool *)data |= e == EF_WRITE || calls;
}

/* Between two looks at an array something may be stored to it. */
static bool looks_at_array(const Node *n)
{
    for (int i = 0; i < n->narg; i++)
        if (n->arg[i]->type.kind == TY_ARRAY) return n->op != OP_ROWS;
    return false;
}

static bool mergeable(const Cse *c, const Node *n)
{
    if (c->writes && looks_at_array(n)) return false;
    uint8_t e = op_info[n->op].effect;
    bool pure = e == EF_PURE || e == EF_FAIL || e == EF_COLL;
    for (int i = 0; i < n->nres; i++)
        if (n->res[i].type.kind == TY_ARRAY) return false; /* fresh memory each */
    return n->nres && !n->nregion && pure;
}

static void merge(Cse *c, Node *keep, Node *gone)
{
    for (int i = 0; i < gone->nres; i++) {
        gone->res[i].tmp = &keep->res[i];
        axis_unify(c->fn, keep->res[i].axis, gone->res[i].axis);
    }
    Axis *ka = pass_axis(c->fn, &keep->res[0]), *ga = pass_axis(c->fn, &gone->res[0]);
    axis_unify(c->fn, ka, ga);
    node_remove(gone);
}

static void visit_region(Cse *c, Region *r)
{
    idx open = c->seen.n;
    node_each (n, r) {
        for (int i = 0; i < n->narg; i++)
            n->arg[i] = now(n->arg[i]);
        for (int i = 0; i < n->nregion; i++)
            visit_region(c, n->region[i]);
        if (!mergeable(c, n)) continue;
        Node *hit = NULL;
        for (idx i = c->seen.n; i-- > 0 && !hit;)
            if (same(c->seen.at[i], n)) hit = c->seen.at[i];
        if (hit)
            merge(c, hit, n);
        else
            vec_push(c->fn->arena, &c->seen, n);
    }
    c->seen.n = open;
}

/* -- Filters of one mask ----------------------------------------------------------- */

/* Whether every argument of b is defined before a (in a's region or around it). */
static bool defined_before(const Node *a, const Val *v)
{
    const Node *d = v->def;
    if (!d || d->parent != a->parent) return true;
    for (const Node *n = a->prev; n; n = n->prev)
        if (n == d) return true;
    return false;
}

/* Puts b's columns into a, both filters of the same mask; returns the merged node. */
static Node *join_filters(Fn *fn, Node *a, Node *b)
{
    Val **arg = ARENA_NEW_N(fn->arena, a->narg + b->narg, Val *);
    int narg = 0;
    for (int i = 0; i < a->narg; i++)
        arg[narg++] = a->arg[i];
    for (int i = 1; i < b->narg; i++)
        arg[narg++] = b->arg[i];
    Axis *aa = pass_axis(fn, &a->res[0]), *ba = pass_axis(fn, &b->res[0]);
    if (!aa && a->nres > 1) aa = a->res[1].axis;
    if (!ba && b->nres > 1) ba = b->res[1].axis;
    axis_unify(fn, aa, ba);
    Node *at = a;
    for (int i = 1; i < b->narg; i++)
        if (!defined_before(a, b->arg[i])) at = b;
    Node *m = node_new(fn, OP_FILTER, a->loc, narg, arg, narg);
    m->inlined_at = a->inlined_at;
    node_insert_before(at, m);
    for (int i = 0; i < narg; i++) {
        Val *old = i < a->nres ? &a->res[i] : &b->res[i - a->nres + 1];
        m->res[i].type = old->type;
        m->res[i].axis = old->axis;
        m->res[i].hint = old->hint;
        old->tmp = &m->res[i];
    }
    b->res[0].tmp = &m->res[0];
    node_remove(a);
    node_remove(b);
    return m;
}

/* Whether a result of a is used between a and b: then a can't move down to b. */
static bool used_between(const Node *a, const Node *b)
{
    for (const Node *n = a->next; n && n != b; n = n->next) {
        for (int i = 0; i < n->narg; i++)
            if (now(n->arg[i])->def == a) return true;
        if (n->nregion) return true;
    }
    return false;
}

static bool can_join(const Node *a, const Node *b)
{
    if (now(a->arg[0]) != now(b->arg[0])) return false;
    for (int i = 1; i < b->narg; i++)
        if (!defined_before(a, now(b->arg[i]))) return !used_between(a, b);
    return true;
}

static void merge_filters(Cse *c, Region *r)
{
    for (Node *a = r->first; a; a = a->next) {
        for (int i = 0; i < a->nregion; i++)
            merge_filters(c, a->region[i]);
        if (a->op != OP_FILTER) continue;
        for (Node *b = a->next; b; b = b->next) {
            if (b->op != OP_FILTER || !can_join(a, b)) continue;
            a = b = join_filters(c->fn, a, b);
        }
    }
}

void cse_run(PassCx *cx)
{
    Cse c = {.fn = cx->fn};
    pass_walk(cx->fn->body, find_write, &c.writes);
    pass_clear_tmp(cx->fn);
    visit_region(&c, cx->fn->body);
    pass_forward(cx->fn);
    merge_filters(&c, cx->fn->body);
    pass_forward(cx->fn);
}
