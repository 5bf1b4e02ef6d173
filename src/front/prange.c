/* SPDX-License-Identifier: Apache-2.0
 * Reductions of a prange by the shape of its body: `s += x`, `s = s + x`, `s = min(s,
 * x)`, `if x < s: s = x`, each with one operator per variable. Letters are those of
 * FOR's attribute reduce. A variable that is combined by two operators is an error with
 * the very text of the mission document.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

static char letter_of(AstKind op)
{
    switch (op) {
    case AST_Add:
    case AST_Sub: return '+';
    case AST_Mult:
    case AST_Div: return '*';
    case AST_BitAnd: return '&';
    case AST_BitOr: return '|';
    case AST_BitXor: return '^';
    default: return 0;
    }
}

static void found(Front *f, Reductions *out, const char *name, char letter, Loc loc)
{
    vec_each (i, &out->name) {
        if (out->name.at[i] != name) continue;
        if (out->letter.at[i] == letter) return;
        loc.file = f->scope->file;
        f->loc = loc;
        front_fail(f, E_REWRITE,
                   "Failed in bodo mode pipeline (step: convert to parfors)\nReduction "
                   "variable "
                   "%s has multiple conflicting reduction operators.",
                   name);
    }
    vec_push(f->arena, &out->name, name);
    vec_push(f->arena, &out->letter, letter);
}

static bool is_name(const Ast *e, const char *name)
{
    return e && e->kind == AST_Name && e->id == name;
}

/* The operator by which e combines name with something that does not use it; 0: none.
 */
static char combines(const Ast *e, const char *name)
{
    if (e->kind == AST_BinOp) {
        char c = letter_of((AstKind)e->op);
        bool left = is_name(e->a, name) && !live_loads(e->b, NULL, name);
        bool right = is_name(e->b, name) && !live_loads(e->a, NULL, name);
        if (e->op == AST_Sub || e->op == AST_Div) right = false;
        if (c && (left || right)) return c;
        /* s + a + b: the left operand is the chain. */
        if (c && e->a->kind == AST_BinOp && letter_of((AstKind)e->a->op) == c &&
            !live_loads(e->b, NULL, name))
            return combines(e->a, name) == c ? c : 0;
        return 0;
    }
    if (e->kind == AST_Call && e->a->kind == AST_Name && e->list.n == 2 &&
        e->list2.n == 0) {
        bool min = !strcmp(e->a->id, "min"), max = !strcmp(e->a->id, "max");
        bool used = is_name(e->list.at[0], name) != is_name(e->list.at[1], name);
        const Ast *other = is_name(e->list.at[0], name) ? e->list.at[1] : e->list.at[0];
        if ((min || max) && used && !live_loads(other, NULL, name))
            return min ? '<' : '>';
    }
    if (e->kind == AST_Call && e->a->kind == AST_Attribute &&
        !strcmp(e->a->id, "concat") && e->list.n >= 1 &&
        (e->list.at[0]->kind == AST_List || e->list.at[0]->kind == AST_Tuple) &&
        e->list.at[0]->list.n >= 1 && is_name(e->list.at[0]->list.at[0], name))
        return 'c';
    return 0;
}

/* if x < s: s = x */
static bool guarded_min(Front *f, const Ast *s, Reductions *out)
{
    if (s->list2.n || s->list.n != 1 || s->list.at[0]->kind != AST_Assign) return false;
    const Ast *as = s->list.at[0], *c = s->a;
    if (as->list.n != 1 || as->list.at[0]->kind != AST_Name || c->kind != AST_Compare ||
        c->list.n != 1)
        return false;
    const char *name = as->list.at[0]->id;
    const Ast *l = c->a, *r = c->list2.at[0];
    AstKind op = (AstKind)c->list.at[0]->kind;
    bool lt = op == AST_Lt || op == AST_LtE, gt = op == AST_Gt || op == AST_GtE;
    if (!lt && !gt) return false;
    bool right = is_name(r, name), left = is_name(l, name);
    if (right == left || live_loads(as->a, NULL, name)) return false;
    found(f, out, name, (right ? lt : gt) ? '<' : '>', s->loc);
    return true;
}

static void walk(Front *f, const AstList *body, Reductions *out)
{
    for (idx i = 0; i < body->n; i++) {
        const Ast *s = body->at[i];
        if (s->kind == AST_AugAssign && s->a->kind == AST_Name) {
            char c = letter_of((AstKind)s->op);
            if (c && live_exposed(body, s->a->id)) found(f, out, s->a->id, c, s->loc);
        } else if (s->kind == AST_Assign && s->list.n == 1 &&
                   s->list.at[0]->kind == AST_Name) {
            char c = combines(s->a, s->list.at[0]->id);
            if (c) found(f, out, s->list.at[0]->id, c, s->loc);
        } else if (s->kind == AST_If && guarded_min(f, s, out)) {
            continue;
        } else if (s->kind == AST_If || s->kind == AST_For || s->kind == AST_While) {
            walk(f, &s->list, out);
            walk(f, &s->list2, out);
        }
    }
}

void prange_reductions(Front *f, const AstList *body, Reductions *out)
{
    Reductions all = {0};
    walk(f, body, &all);
    /* A variable assigned before it is read is private, whatever its statements look
     * like. */
    vec_each (i, &all.name) {
        if (!live_exposed(body, all.name.at[i])) continue;
        vec_push(f->arena, &out->name, all.name.at[i]);
        vec_push(f->arena, &out->letter, all.letter.at[i]);
    }
}
