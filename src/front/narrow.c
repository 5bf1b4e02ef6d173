/* SPDX-License-Identifier: Apache-2.0
 * Names that may be None, where a test has said that they are not: in the arms of an if
 * or a conditional expression on `x is None`, `x is not None`, `x`, also under not,
 * and, or. So lists made of such values hold plain ones, and no operation asks again.
 */
#include "base/base.h"

#include "front/front_int.h"

static void add(Front *f, Narrow *w, const char *name)
{
    int32_t cell = scope_cell(f, name);
    AVal *v = cell >= 0 ? heap_var(f, cell) : NULL;
    if (!v || v->kind != A_OPT || w->n == NARROW_MAX) return;
    w->cell[w->n] = cell;
    w->was[w->n] = v;
    w->is[w->n++] = series_now(f, v->item[0]);
}

static void find(Front *f, Narrow *w, const Ast *e, bool truth)
{
    if (e->kind == AST_Name && truth) add(f, w, e->id);
    if (e->kind == AST_UnaryOp && e->op == AST_Not) find(f, w, e->a, !truth);
    if (e->kind == AST_BoolOp && truth == (e->op == AST_And))
        for (idx i = 0; i < e->list.n; i++)
            find(f, w, e->list.at[i], truth);
    if (e->kind != AST_Compare || e->list.n != 1 || e->a->kind != AST_Name) return;
    const Ast *right = e->list2.at[0];
    int op = e->list.at[0]->kind;
    if (right->kind == AST_Constant && right->ck == AC_NONE &&
        op == (truth ? AST_IsNot : AST_Is))
        add(f, w, e->a->id);
}

void narrow_enter(Front *f, Narrow *w, const Ast *test, bool truth)
{
    w->n = 0;
    find(f, w, test, truth);
    for (int i = 0; i < w->n; i++)
        heap_set_var(f, w->cell[i], w->is[i]);
}

void narrow_leave(Front *f, const Narrow *w)
{
    for (int i = w->n; i-- > 0;)
        if (heap_var(f, w->cell[i]) == w->is[i]) heap_set_var(f, w->cell[i], w->was[i]);
}
