/* SPDX-License-Identifier: Apache-2.0
 * What a loop must carry: names that an iteration may read before it assigns them, and
 * names that are read outside of the loop. All others are private to an iteration.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

typedef enum Flow { FLOW_NEUTRAL, FLOW_ASSIGNED, FLOW_EXPOSED } Flow;

static bool list_loads(const AstList *l, const Ast *skip, const char *name);

/* The target itself is no load; what is inside subscripts and attributes is. */
static bool target_loads(const Ast *t, const Ast *skip, const char *name)
{
    if (!t || t->kind == AST_Name) return false;
    if (t->kind == AST_Starred) return target_loads(t->a, skip, name);
    if (t->kind == AST_Tuple || t->kind == AST_List) {
        for (idx i = 0; i < t->list.n; i++)
            if (target_loads(t->list.at[i], skip, name)) return true;
        return false;
    }
    return live_loads(t, skip, name);
}

bool live_loads(const Ast *e, const Ast *skip, const char *name)
{
    if (!e || e == skip) return false;
    if (e->kind == AST_Name) return e->id == name;
    if (e->kind == AST_Assign) {
        for (idx i = 0; i < e->list.n; i++)
            if (target_loads(e->list.at[i], skip, name)) return true;
        return live_loads(e->a, skip, name);
    }
    if (e->kind == AST_AnnAssign)
        return target_loads(e->a, skip, name) || live_loads(e->c, skip, name);
    if (e->kind == AST_NamedExpr)
        return target_loads(e->a, skip, name) || live_loads(e->b, skip, name);
    if (e->kind == AST_For || e->kind == AST_comprehension) {
        if (target_loads(e->a, skip, name) || live_loads(e->b, skip, name)) return true;
        return list_loads(&e->list, skip, name) || list_loads(&e->list2, skip, name);
    }
    return live_loads(e->a, skip, name) || live_loads(e->b, skip, name) ||
           live_loads(e->c, skip, name) || live_loads(e->d, skip, name) ||
           list_loads(&e->list, skip, name) || list_loads(&e->list2, skip, name) ||
           list_loads(&e->list3, skip, name) || list_loads(&e->list4, skip, name);
}

static bool list_loads(const AstList *l, const Ast *skip, const char *name)
{
    for (idx i = 0; i < l->n; i++)
        if (live_loads(l->at[i], skip, name)) return true;
    return false;
}

static bool binds(const Ast *t, const char *name)
{
    if (!t) return false;
    if (t->kind == AST_Name) return t->id == name;
    if (t->kind == AST_Starred) return binds(t->a, name);
    if (t->kind != AST_Tuple && t->kind != AST_List) return false;
    for (idx i = 0; i < t->list.n; i++)
        if (binds(t->list.at[i], name)) return true;
    return false;
}

static Flow flow_list(const AstList *l, const char *name);
static Flow flow_exprs(const AstList *l, const char *name, bool sure);

/* An expression in the order of its evaluation: `:=` assigns, unless it may be skipped.
 */
static Flow flow_expr(const Ast *e, const char *name)
{
    if (!e) return FLOW_NEUTRAL;
    if (e->kind == AST_Name) return e->id == name ? FLOW_EXPOSED : FLOW_NEUTRAL;
    if (e->kind == AST_Lambda || e->kind == AST_ListComp || e->kind == AST_SetComp ||
        e->kind == AST_DictComp || e->kind == AST_GeneratorExp)
        return live_loads(e, NULL, name) ? FLOW_EXPOSED : FLOW_NEUTRAL;
    if (e->kind == AST_NamedExpr) {
        Flow v = flow_expr(e->b, name);
        return v == FLOW_NEUTRAL && binds(e->a, name) ? FLOW_ASSIGNED : v;
    }
    const Ast *part[3] = {e->a, e->b, e->c};
    bool maybe = e->kind == AST_IfExp; /* behind the first part */
    for (int i = 0; i < 3; i++) {
        Flow r = flow_expr(part[i], name);
        if (r == FLOW_EXPOSED || (r == FLOW_ASSIGNED && !(maybe && i))) return r;
    }
    Flow r = flow_exprs(&e->list, name, e->kind != AST_BoolOp);
    if (r == FLOW_NEUTRAL) r = flow_exprs(&e->list2, name, e->kind != AST_Compare);
    return r;
}

/* sure: all of them are evaluated, else the first. */
static Flow flow_exprs(const AstList *l, const char *name, bool sure)
{
    for (idx i = 0; i < l->n; i++) {
        Flow r = flow_expr(l->at[i], name);
        if (r == FLOW_EXPOSED || (r == FLOW_ASSIGNED && (sure || i == 0))) return r;
    }
    return FLOW_NEUTRAL;
}

static Flow flow_assign(const Ast *s, const char *name)
{
    Flow v = flow_expr(s->a, name);
    if (v != FLOW_NEUTRAL) return v;
    for (idx i = 0; i < s->list.n; i++)
        if (target_loads(s->list.at[i], NULL, name)) return FLOW_EXPOSED;
    for (idx i = 0; i < s->list.n; i++)
        if (binds(s->list.at[i], name)) return FLOW_ASSIGNED;
    return FLOW_NEUTRAL;
}

static Flow flow_if(const Ast *s, const char *name)
{
    Flow test = flow_expr(s->a, name);
    if (test != FLOW_NEUTRAL) return test;
    Flow a = flow_list(&s->list, name), b = flow_list(&s->list2, name);
    if (a == FLOW_EXPOSED || b == FLOW_EXPOSED) return FLOW_EXPOSED;
    return a == FLOW_ASSIGNED && b == FLOW_ASSIGNED ? FLOW_ASSIGNED : FLOW_NEUTRAL;
}

static Flow flow_loop(const Ast *s, const char *name)
{
    bool is_for = s->kind == AST_For;
    if (live_loads(is_for ? s->b : s->a, NULL, name)) return FLOW_EXPOSED;
    if (is_for && target_loads(s->a, NULL, name)) return FLOW_EXPOSED;
    if (!(is_for && binds(s->a, name)) && flow_list(&s->list, name) == FLOW_EXPOSED)
        return FLOW_EXPOSED;
    return flow_list(&s->list2, name) == FLOW_EXPOSED ? FLOW_EXPOSED : FLOW_NEUTRAL;
}

static Flow flow(const Ast *s, const char *name)
{
    switch ((AstKind)s->kind) {
    case AST_Assign: return flow_assign(s, name);
    case AST_If: return flow_if(s, name);
    case AST_For:
    case AST_While: return flow_loop(s, name);
    case AST_Expr: return flow_expr(s->a, name);
    case AST_With: return flow_list(&s->list2, name);
    case AST_AnnAssign:
        if (live_loads(s->c, NULL, name)) return FLOW_EXPOSED;
        if (target_loads(s->a, NULL, name)) return FLOW_EXPOSED;
        return s->c && binds(s->a, name) ? FLOW_ASSIGNED : FLOW_NEUTRAL;
    case AST_Return:
    case AST_Raise: return live_loads(s, NULL, name) ? FLOW_EXPOSED : FLOW_ASSIGNED;
    case AST_Break:
    case AST_Continue: return FLOW_ASSIGNED; /* control does not come out below */
    case AST_FunctionDef:
        if (live_loads(s, NULL, name)) return FLOW_EXPOSED;
        return s->id == name ? FLOW_ASSIGNED : FLOW_NEUTRAL;
    default: return live_loads(s, NULL, name) ? FLOW_EXPOSED : FLOW_NEUTRAL;
    }
}

static Flow flow_list(const AstList *l, const char *name)
{
    for (idx i = 0; i < l->n; i++) {
        Flow r = l->at[i] ? flow(l->at[i], name) : FLOW_NEUTRAL;
        if (r != FLOW_NEUTRAL) return r;
    }
    return FLOW_NEUTRAL;
}

bool live_exposed(const AstList *body, const char *name)
{
    return flow_list(body, name) == FLOW_EXPOSED;
}

/* -- What a loop's number is used for ---------------------------------------------- */
enum { NUMBERS_MAX = 16 };

/* Whether what is indexed has to be known when compiling: texts can be names of
 * columns, tables have types of their own. Many numbers are a list of the run time as
 * well. */
static bool is_known(Front *f, const AVal *v)
{
    if (v->kind == A_TUPLE || v->kind == A_FRAME) return true;
    if ((v->kind != A_LIST && v->kind != A_DICT) || box_get(f, v)) return false;
    const Container *c = front_items(f, v);
    for (idx i = 0; i < c->item.n; i++) {
        const AVal *x = c->item.at[i];
        bool number = (x->kind == A_CONST && x->ck != AC_STR) ||
                      (x->kind == A_SCALAR && x->val->type.dt != DT_STR);
        if (!number) return true;
    }
    return c->item.n <= NUMBERS_MAX;
}

typedef struct Decide {
    Front *f;
    const char *name;
} Decide;

/* True when the name is part of a text, or indexes something of known contents. */
static bool decides(const Ast *e, const void *data)
{
    const Decide *d = data;
    if (e->kind == AST_JoinedStr && live_loads(e, NULL, d->name)) return true;
    if (e->kind == AST_Call && e->a->kind == AST_Name && e->list.n == 1 &&
        (!strcmp(e->a->id, "str") || !strcmp(e->a->id, "chr")) &&
        live_loads(e, NULL, d->name))
        return true;
    if (e->kind != AST_Subscript || e->a->kind != AST_Name ||
        !live_loads(e->b, NULL, d->name))
        return false;
    AVal *v = scope_peek(d->f, e->a->id);
    return v && is_known(d->f, v);
}

bool live_decides(Front *f, const AstList *body, const char *name)
{
    return ast_any_of(body, decides, &(Decide){f, name});
}

static bool list_leaves(const AstList *l, AstKind how, bool inner)
{
    for (idx i = 0; i < l->n; i++) {
        const Ast *s = l->at[i];
        if (!s || (inner && how != AST_Return)) continue;
        if (s->kind == (uint8_t)how || live_leaves(s, how)) return true;
    }
    return false;
}

bool live_leaves(const Ast *s, AstKind how)
{
    bool loop = s->kind == AST_For || s->kind == AST_While;
    switch ((AstKind)s->kind) {
    case AST_If:
    case AST_For:
    case AST_While:
        return list_leaves(&s->list, how, loop) || list_leaves(&s->list2, how, false);
    case AST_Try:
    case AST_With:
    case AST_Match:
    case AST_match_case:
    case AST_ExceptHandler:
        return list_leaves(&s->list, how, false) ||
               list_leaves(&s->list2, how, false) ||
               list_leaves(&s->list3, how, false) || list_leaves(&s->list4, how, false);
    default: return false;
    }
}

/* A break of this loop, not of one inside. */
bool live_breaks(const AstList *body)
{
    return list_leaves(body, AST_Break, false);
}

bool live_returns(const AstList *body)
{
    return list_leaves(body, AST_Return, false);
}
