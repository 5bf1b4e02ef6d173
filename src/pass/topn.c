/* SPDX-License-Identifier: Apache-2.0
 * sort_values(...).head(n) needs only the first n rows of the order: SORT followed by
 * HEAD of a constant, nothing else using the sorted rows, becomes TOPN, which never
 * shuffles.
 */
#include "base/base.h"

#include "pass/pass_int.h"

static bool only_used_by(Fn *fn, Node *def, const Node *user)
{
    ir_count_uses(fn);
    for (int i = 0; i < def->nres; i++) {
        int uses = 0;
        for (int k = 0; k < user->narg; k++)
            uses += user->arg[k] == &def->res[i];
        if (uses != def->res[i].nuse) return false;
    }
    return true;
}

static void visit(void *data, Node *n)
{
    Fn *fn = (Fn *)data;
    if (n->op != OP_HEAD || node_int(n, "tail", 0)) return;
    Node *sort = n->arg[0]->def, *count = n->arg[1]->def;
    if (!sort || sort->op != OP_SORT || n->arg[0] != &sort->res[0]) return;
    if (!count || count->op != OP_CONST || node_int(count, "v", -1) < 0) return;
    if (sort->parent != n->parent || !only_used_by(fn, sort, n)) return;
    int nkey = (int)node_int(sort, "nkey", 0), ncol = n->nres - 1;
    Val **arg = ARENA_NEW_N(fn->arena, 1 + nkey + ncol, Val *);
    for (int i = 0; i <= nkey; i++)
        arg[i] = sort->arg[i];
    for (int j = 0; j < ncol; j++) {
        Val *sorted = n->arg[2 + j];
        arg[1 + nkey + j] = sort->arg[1 + nkey + sorted->index - 1];
    }
    Node *t = node_new(fn, OP_TOPN, n->loc, 1 + nkey + ncol, arg, n->nres);
    t->inlined_at = n->inlined_at;
    vec_each (i, &sort->attr)
        vec_push(fn->arena, &t->attr, sort->attr.at[i]);
    node_set_int(fn, t, "n", node_int(count, "v", 0));
    node_insert_before(n, t);
    for (int i = 0; i < n->nres; i++) {
        t->res[i].type = n->res[i].type;
        t->res[i].axis = n->res[i].axis;
        t->res[i].hint = n->res[i].hint;
        n->res[i].tmp = &t->res[i];
    }
    node_remove(n);
    node_remove(sort);
}

void topn_run(PassCx *cx)
{
    pass_clear_tmp(cx->fn);
    pass_walk(cx->fn->body, visit, cx->fn);
    pass_forward(cx->fn);
}
