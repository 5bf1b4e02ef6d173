/* SPDX-License-Identifier: Apache-2.0
 * Reductions into arrays: a parallel loop that changes elements of an array at any
 * place by one operator, and does nothing else with it. Each rank adds up an array of
 * its own, and behind the loop they are combined.
 *
 *   for i {h[k[i]] += x[i]}
 *   p = PARTIAL rows, h; for i {p[k[i]] += x[i]}; COMBINE h, rows, p
 *
 * Recognised are an element, h[..] = h[..] op x, the larger or smaller one of h[..] and
 * x, also under `if x > h[..]:`, and views, h[..] op= x. {how}: + * & | ^, < and >
 * (NaN stays, as np.minimum has it), l and g (only what is less or greater counts).
 */
#include "base/base.h"

#include "pass/dist_int.h"

#include <string.h>

/* Nodes of the loop that together are one change. */
typedef struct Change {
    Node *part[12];
    int n;
    bool fails;
    char how; /* 0: not recognised */
} Change;

typedef struct Changes {
    const Val *array; /* whose changes these are */
    const Region *body;
    VEC(const Node *) part;
    char how;
    bool fails;
    Fn *fn;
} Changes;

static void add_part(Change *c, Node *n)
{
    if (c->n < (int)COUNT_OF(c->part))
        c->part[c->n++] = n;
    else
        c->fails = true;
}

static char operator_of(Op op)
{
    switch (op) {
    case OP_ADD:
    case OP_SUB: return '+';
    case OP_MUL: return '*';
    case OP_BITAND: return '&';
    case OP_BITOR: return '|';
    case OP_BITXOR: return '^';
    case OP_MIN2: return '<';
    case OP_MAX2: return '>';
    default: return 0;
    }
}

/* The same elements are read twice, or the values are the same. */
static bool same_value(const Val *a, const Val *b)
{
    if (a == b) return true;
    const Node *x = a->def, *y = b->def;
    if (!x || !y || x->op != y->op || x->narg != y->narg || a->index != b->index)
        return false;
    if (x->op != OP_AGET) return false;
    for (int i = 0; i < x->narg; i++)
        if (!same_value(x->arg[i], y->arg[i])) return false;
    return true;
}

/* The element that `set` writes, read: what v is, casts aside. They are parts. */
static bool is_old(Change *c, const Val *v, const Node *set, const Val *param)
{
    Node *n = v->def;
    if (param && v == param) return true;
    if (!n) return false;
    if (n->op == OP_CAST && is_old(c, n->arg[0], set, param)) {
        add_part(c, n);
        return true;
    }
    if (param || n->op != OP_AGET || n->narg != set->narg - 1) return false;
    for (int i = 0; i < n->narg; i++)
        if (!same_value(n->arg[i], set->arg[i])) return false;
    add_part(c, n);
    return true;
}

/* x > old or old < x: 'g'; the other way round: 'l'. */
static char compared(Change *c, Node *cmp, const Val *x, const Node *set,
                     const Val *param)
{
    if (!cmp || (cmp->op != OP_GT && cmp->op != OP_LT)) return 0;
    for (int k = 0; k < 2; k++) {
        if (!same_value(cmp->arg[k], x) || !is_old(c, cmp->arg[1 - k], set, param))
            continue;
        add_part(c, cmp);
        return (cmp->op == OP_GT) == (k == 0) ? 'g' : 'l';
    }
    return 0;
}

/* v, which is written, is a change of what was there. */
static char change_of(Change *c, const Val *v, const Node *set, const Val *param)
{
    Node *n = v->def;
    if (!n) return 0;
    if (n->op == OP_CAST) {
        char how = change_of(c, n->arg[0], set, param);
        add_part(c, n);
        return how && strchr("+*&|^", how) ? how : 0;
    }
    char how = operator_of((Op)n->op);
    int sides = n->op == OP_SUB ? 1 : 2;
    for (int k = 0; how && k < sides && n->arg[0] != n->arg[1]; k++)
        if (is_old(c, n->arg[k], set, param)) {
            add_part(c, n);
            bool cast = n->arg[k]->def && n->arg[k]->def->op == OP_CAST;
            return cast && strchr("<>", how) ? 0 : how;
        }
    if (n->op != OP_SELECT || n->arg[1] == n->arg[2] ||
        !is_old(c, n->arg[2], set, param))
        return 0;
    add_part(c, n);
    return compared(c, n->arg[0]->def, n->arg[1], set, param);
}

/* Nothing that lasts happens in the region but `set`. */
static bool does_only(const Region *r, const Node *set)
{
    node_each (n, r) {
        uint8_t e = op_info[n->op].effect;
        bool plain = e == EF_PURE || e == EF_READ || n->op == OP_YIELD;
        if (n != set && (!plain || n->nregion)) return false;
    }
    return true;
}

/* if x > h[k]: h[k] = x */
static char under_condition(Change *c, const Node *set)
{
    Node *if_ = set->parent->owner;
    if (!if_ || if_->op != OP_IF || set->parent != if_->region[0] || if_->nres ||
        !does_only(if_->region[0], set) || !does_only(if_->region[1], NULL))
        return 0;
    return compared(c, if_->arg[0]->def, set->arg[set->narg - 1], set, NULL);
}

static void find_element(Change *c, Node *set)
{
    add_part(c, set);
    c->how = change_of(c, set->arg[set->narg - 1], set, NULL);
    if (c->how) return;
    c->n = 1;
    c->how = under_condition(c, set);
}

/* Views i of the node are the one that it writes. */
static bool same_view(const Node *n, int i, int size)
{
    for (int k = 0; k < size; k++)
        if (n->arg[k] != n->arg[i * size + k]) return false;
    return true;
}

static void find_view(Change *c, Node *n)
{
    int size = 2 + (int)node_int(n, "nd", 0), views = (int)node_int(n, "nop", 0);
    Region *r = n->region[0];
    const Node *last = r->last;
    if (!last || last->op != OP_YIELD || last->narg != 1) return;
    add_part(c, n);
    for (int i = 1; i < views && !c->how; i++)
        if (same_view(n, i, size)) {
            c->n = 1;
            c->how = change_of(c, last->arg[0], n, &r->param[i - 1]);
        }
}

/* -- All that the loop does with an array ------------------------------------------ */

static bool fits(const Val *array, char how)
{
    DType dt = (DType)array->type.dt;
    if (array->type.null != null_default(dt) && array->type.null != NULL_NAN)
        return false;
    if (dt == DT_BOOL) return strchr("&|^", how) != NULL;
    if (dt_is_complex(dt)) return how == '+';
    return dt_is_num(dt);
}

static void find_change(void *data, Node *n)
{
    Changes *all = (Changes *)data;
    if (op_info[n->op].effect != EF_WRITE || !n->narg ||
        val_memory(n->arg[0]) != all->array)
        return;
    Change c = {0};
    if (n->op == OP_ASET) find_element(&c, n);
    if (n->op == OP_NDSTORE) find_view(&c, n);
    bool other = all->how && c.how != all->how;
    if (!c.how || c.fails || other || n->arg[0] != all->array ||
        !fits(all->array, c.how)) {
        all->fails = true;
        return;
    }
    all->how = c.how;
    for (int i = 0; i < c.n; i++)
        vec_push(all->fn->arena, &all->part, c.part[i]);
}

static bool is_part(const Changes *all, const Node *n)
{
    vec_each (i, &all->part)
        if (all->part.at[i] == n) return true;
    return false;
}

/* Nobody else sees the array, nor what was read of it. An NDSTORE's region yields. */
static void check_use(void *data, Node *n)
{
    Changes *all = (Changes *)data;
    if (is_part(all, n)) return;
    for (int i = 0; i < n->narg; i++) {
        const Val *v = n->arg[i];
        const Node *by = n->parent->owner;
        bool yields = n->op == OP_YIELD && by->op == OP_NDSTORE && is_part(all, by);
        bool decides = n->op == OP_IF && v->def && v->def->op != OP_AGET;
        if (val_memory(v) == all->array) all->fails = true;
        if (v->def && is_part(all, v->def) && !yields && !decides) all->fails = true;
    }
}

/* The two views of a change are all there is of the array, and only the change reads
 * what was there. */
static void check_views(void *data, Node *n)
{
    Changes *all = (Changes *)data;
    if (n->op != OP_NDSTORE || !is_part(all, n)) return;
    int uses = 0, size = 2 + (int)node_int(n, "nd", 0);
    for (int i = 0; i < n->narg; i++)
        uses += val_memory(n->arg[i]) == all->array;
    all->fails |= uses != 2;
    Region *r = n->region[0];
    for (int i = 1; i < (int)node_int(n, "nop", 0); i++)
        node_each (m, r)
            for (int k = 0; k < m->narg && same_view(n, i, size); k++)
                all->fails |= m->arg[k] == &r->param[i - 1] && !is_part(all, m);
}

static char reduced_by(DistCx *d, const ParLoop *l, const Val *array)
{
    Region *body = l->node->region[0];
    Changes all = {.array = array, .body = body, .fn = d->fn};
    pass_walk(body, find_change, &all);
    if (all.how && !all.fails) pass_walk(body, check_use, &all);
    if (all.how && !all.fails) pass_walk(body, check_views, &all);
    return all.fails ? 0 : all.how;
}

/* -- The loop ---------------------------------------------------------------------- */

typedef struct Found {
    DistCx *d;
    ParLoop *l;
} Found;

/* Written at its own rows only: no reduction. */
static bool is_own(const ParLoop *l, const Val *array)
{
    vec_each (i, &l->access) {
        const Access *a = &l->access.at[i];
        bool here = a->node->arg[a->at] == array;
        if (here && a->write && a->aligned && a->off == 0 &&
            axis_get(l->axis) == axis_get(array->axis))
            return true;
    }
    return false;
}

static void find_array(void *data, Node *n)
{
    Found *f = (Found *)data;
    if (n->op != OP_ASET && n->op != OP_NDSTORE) return;
    Val *array = n->arg[0];
    if (!array->axis || loop_is_inside(array, f->l->node->region[0])) return;
    vec_each (i, &f->l->reduced)
        if (f->l->reduced.at[i].array == array) return;
    char how = is_own(f->l, array) ? 0 : reduced_by(f->d, f->l, array);
    Reduced new = {.array = array, .how = how};
    if (how) vec_push(f->d->fn->arena, &f->l->reduced, new);
}

bool partial_apply(DistCx *d, ParLoop *l)
{
    Found f = {d, l};
    bool changed = false;
    pass_walk(l->node->region[0], find_array, &f);
    vec_each (i, &l->reduced)
        if (!l->reduced.at[i].partial)
            changed |= whole_apply(d, l, l->reduced.at[i].array->axis);
    idx kept = 0;
    vec_each (i, &l->reduced)
        if (l->reduced.at[i].partial) l->reduced.at[kept++] = l->reduced.at[i];
    l->reduced.n = kept;
    return changed;
}
