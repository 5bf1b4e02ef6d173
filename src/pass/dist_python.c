/* SPDX-License-Identifier: Apache-2.0
 * Arrays of several dimensions that a Python function makes of its rank's rows are
 * chunks of one array: all lengths but the first must be the same on all ranks. Each
 * rank only knows its own, so the largest is everybody's, and a rank that has rows of
 * another length fails. A rank without rows may give any.
 */
#include "base/base.h"

#include "ir/desc.h"
#include "pass/dist_int.h"

#include <string.h>

static Node *behind(DistCx *d, Node *at, Op op, int narg, Val *const *arg, int nres)
{
    Node *n = node_new(d->fn, op, at->loc, narg, arg, nres);
    n->inlined_at = at->inlined_at;
    node_insert_before(at->next, n);
    for (int i = 0; i < nres; i++)
        n->res[i].type =
            op == OP_ALLREDUCE ? type_scalar(DT_I64) : type_scalar(DT_BOOL);
    return n;
}

static void agree_length(DistCx *d, Node *call, Val *rows, Val *own)
{
    static const char text[] = "a Python function must give arrays of the same lengths "
                               "behind the first on all "
                               "ranks; one has %d here and %d on another rank";
    Node *all = behind(d, call, OP_ALLREDUCE, 1, &own, 1);
    ir_replace(d->fn, own, &all->res[0]);
    all->arg[0] = own;
    node_set_text(d->fn, all, "ops", ">", 1);
    Node *differ = behind(d, all, OP_NE, 2, (Val *[]){own, &all->res[0]}, 1);
    Node *zero = behind(d, differ, OP_CONST, 0, NULL, 1);
    zero->res[0].type = type_scalar(DT_I64);
    node_set_int(d->fn, zero, "v", 0);
    Node *has = behind(d, zero, OP_NE, 2, (Val *[]){rows, &zero->res[0]}, 1);
    Node *bad =
        behind(d, has, OP_BITAND, 2, (Val *[]){&differ->res[0], &has->res[0]}, 1);
    Node *check =
        behind(d, bad, OP_NDCHECK, 3, (Val *[]){&bad->res[0], own, &all->res[0]}, 0);
    node_set_int(d->fn, check, "code", E_VALUE);
    node_set_text(d->fn, check, "text", text, (idx)strlen(text));
}

static void see_result(DistCx *d, Node *n, const Desc *r)
{
    bool chunk = r->kind == D_ARRAY && r->nchild > 1 &&
                 axis_get(n->res[r->slot].axis)->dist > DIST_REP;
    for (int32_t i = chunk ? 1 : 0; i < r->nchild; i++) {
        if (chunk)
            agree_length(d, n, &n->res[r->child[0]->slot], &n->res[r->child[i]->slot]);
        else
            see_result(d, n, r->child[i]);
    }
}

void python_lengths(DistCx *d, Node *n)
{
    see_result(d, n, fn_top(d->fn)->pycalls.at[node_int(n, "call", 0)].result);
}
