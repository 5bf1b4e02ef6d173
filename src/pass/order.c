/* SPDX-License-Identifier: Apache-2.0
 * Where can the row order be seen? Backward over the function until nothing changes:
 * results, files and operations whose answer depends on the order (head, cumsum, shift,
 * slices) see the order of their rows; an operation that keeps its argument's order
 * passes that on; a grouping with sort=True, a sum, a count do not. Nodes whose
 * result's order is seen get order=1: only they restore pandas' order after a shuffle.
 */
#include "base/base.h"

#include "base/kinds.h"
#include "pass/pass_int.h"

typedef struct Order {
    Fn *fn;
    bool *seen; /* per axis id */
    bool changed;
} Order;

static void see(Order *o, Axis *a)
{
    a = axis_get(a);
    if (!a || o->seen[a->id]) return;
    o->seen[a->id] = true;
    o->changed = true;
}

static void see_args(Order *o, Node *n)
{
    for (int i = 0; i < n->narg; i++)
        see(o, pass_axis(o->fn, n->arg[i]));
}

static bool results_seen(Order *o, Node *n)
{
    for (int i = 0; i < n->nres; i++) {
        Axis *a = pass_axis(o->fn, &n->res[i]);
        if (a && o->seen[a->id]) return true;
    }
    return false;
}

static bool is_unsorted_group(const Node *n)
{
    return n->op == OP_GROUPBY && !node_int(n, "sort", 1);
}

/* first and last take one of a group's rows: of its order the result's values tell,
 * also where nobody sees the order of the result. */
static bool takes_row_of_group(const Node *n)
{
    if (n->op == OP_GROUPBY) {
        const Attr *aggs = node_attr(n, "aggs");
        for (idx i = 0; aggs && i < aggs->n; i++)
            if (aggs->ints[i] == AGG_FIRST || aggs->ints[i] == AGG_LAST) return true;
    }
    if (n->op != OP_DEDUP || node_text(n, "keep")[0] == 'n') return false;
    int nkey = (int)node_int(n, "nkey", 0);
    for (int i = 1 + nkey; i < n->narg; i++) {
        bool key = false;
        for (int k = 1; k <= nkey; k++)
            key |= n->arg[k] == n->arg[i];
        if (!key) return true;
    }
    return false;
}

/* A stable sort shows the order of rows with equal keys. */
static bool keeps(const Node *n)
{
    uint8_t rule = op_info[n->op].order;
    return rule == OR_KEEP || rule == OR_LEFT || rule == OR_FIRST || n->op == OP_SORT ||
           is_unsorted_group(n);
}

static void visit(void *data, Node *n)
{
    Order *o = (Order *)data;
    bool seen = results_seen(o, n);
    if (op_info[n->op].order == OR_SEES || (seen && keeps(n))) see_args(o, n);
    if (n->op == OP_YIELD || n->op == OP_BREAK || n->op == OP_CONTINUE) see_args(o, n);
    if (takes_row_of_group(n)) see(o, pass_axis(o->fn, n->arg[0]));
}

static void mark(void *data, Node *n)
{
    Order *o = (Order *)data;
    bool makes = op_info[n->op].dist == DR_SHUFFLE || op_info[n->op].dist == DR_JOIN ||
                 op_info[n->op].dist == DR_CONCAT;
    if (makes && results_seen(o, n)) node_set_int(o->fn, n, "order", 1);
}

void order_run(PassCx *cx)
{
    Fn *fn = cx->fn;
    Order o = {.fn = fn, .seen = ARENA_NEW_N(fn->arena, fn->axes.n + 1, bool)};
    do {
        o.changed = false;
        pass_walk(fn->body, visit, &o);
    } while (o.changed);
    pass_walk(fn->body, mark, &o);
}
