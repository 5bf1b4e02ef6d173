/* SPDX-License-Identifier: Apache-2.0
 * Names: which a function assigns, where their values are, and what lies outside of it.
 *
 * As in Python a name that a function assigns anywhere is local to it. A name found in
 * no scope is the host's: a closure variable, a global, a builtin.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/try.h"

#include <string.h>

/* -- Assigned names ---------------------------------------------------------------- */
typedef void NameFn(void *data, const char *name);

static void walk_list(const AstList *l, NameFn *fn, void *data);

static void walk_target(const Ast *t, NameFn *fn, void *data)
{
    if (!t) return;
    if (t->kind == AST_Name) fn(data, t->id);
    if (t->kind == AST_Starred) walk_target(t->a, fn, data);
    if (t->kind == AST_Tuple || t->kind == AST_List)
        for (idx i = 0; i < t->list.n; i++)
            walk_target(t->list.at[i], fn, data);
}

/* Calls fn for every name that the node assigns in its own function. */
static void walk_assigned(const Ast *e, NameFn *fn, void *data)
{
    if (!e) return;
    switch ((AstKind)e->kind) {
    case AST_FunctionDef:
    case AST_AsyncFunctionDef:
    case AST_ClassDef: fn(data, e->id); return;
    case AST_Lambda: return;
    case AST_Assign:
    case AST_Delete:
        for (idx i = 0; i < e->list.n; i++)
            walk_target(e->list.at[i], fn, data);
        break;
    case AST_AugAssign:
    case AST_AnnAssign:
    case AST_NamedExpr:
    case AST_For: walk_target(e->a, fn, data); break;
    case AST_withitem: walk_target(e->b, fn, data); break;
    case AST_ExceptHandler:
    case AST_MatchAs:
    case AST_MatchStar:
    case AST_MatchMapping:
        if (e->id) fn(data, e->id);
        break;
    case AST_alias: fn(data, e->id2 ? e->id2 : e->id); break;
    default: break;
    }
    walk_assigned(e->a, fn, data);
    walk_assigned(e->b, fn, data);
    walk_assigned(e->c, fn, data);
    walk_assigned(e->d, fn, data);
    walk_list(&e->list, fn, data);
    walk_list(&e->list2, fn, data);
    walk_list(&e->list3, fn, data);
    walk_list(&e->list4, fn, data);
}

static void walk_list(const AstList *l, NameFn *fn, void *data)
{
    for (idx i = 0; i < l->n; i++)
        walk_assigned(l->at[i], fn, data);
}

/* -- Scopes ------------------------------------------------------------------------ */
Scope *scope_new(Front *f, Scope *up, int fn, int32_t file, const char *fname)
{
    Scope *s = ARENA_NEW(f->arena, Scope);
    s->up = up;
    s->fn = fn;
    s->file = file;
    s->fname = fname;
    AVal *unbound = av_new_kind(f, A_UNBOUND);
    s->ret = heap_cell(f, C_VAR, unbound);
    s->done = heap_cell(f, C_VAR, av_int(f, DONE_NO));
    return s;
}

static idx scope_find(const Scope *s, const char *name)
{
    vec_each (i, &s->name)
        if (s->name.at[i] == name) return i;
    return -1;
}

void scope_declare(Front *f, Scope *s, const char *name)
{
    if (!name) front_fail(f, E_SYNTAX, "a name is missing");
    if (scope_find(s, name) >= 0) return;
    vec_push(f->arena, &s->name, name);
    vec_push(f->arena, &s->cell, heap_cell(f, C_VAR, av_new_kind(f, A_UNBOUND)));
}

static void walrus_lists(Front *f, Scope *s, const Ast *e);

/* The names that := sets in e are those of the scope around s. */
static void walrus_names(Front *f, Scope *s, const Ast *e)
{
    if (!e || e->kind == AST_Lambda || e->kind == AST_FunctionDef) return;
    if (e->kind == AST_NamedExpr && e->a->kind == AST_Name)
        vec_push(f->arena, &s->outer, e->a->id);
    walrus_names(f, s, e->a);
    walrus_names(f, s, e->b);
    walrus_names(f, s, e->c);
    walrus_names(f, s, e->d);
    walrus_lists(f, s, e);
}

static void walrus_lists(Front *f, Scope *s, const Ast *e)
{
    const AstList *all[] = {&e->list, &e->list2, &e->list3, &e->list4};
    for (int k = 0; k < 4; k++)
        for (idx i = 0; i < all[k]->n; i++)
            walrus_names(f, s, all[k]->at[i]);
}

void scope_walrus(Front *f, Scope *s, const AstList *body)
{
    for (idx i = 0; i < body->n; i++)
        walrus_names(f, s, body->at[i]);
}

typedef struct Declare {
    Front *f;
    Scope *s;
    Cells *out;
} Declare;

/* What `import a.b` binds is a. */
static const char *bound_name(Front *f, const char *name)
{
    const char *dot = name ? strchr(name, '.') : NULL;
    return dot ? intern_n(f->names, name, (size_t)(dot - name)) : name;
}

static bool is_among(const char *const *at, idx n, const char *name)
{
    for (idx i = 0; i < n; i++)
        if (at[i] == name) return true;
    return false;
}

static void declare_name(void *data, const char *name)
{
    Declare *d = data;
    name = bound_name(d->f, name);
    if (is_among(d->s->outer.at, d->s->outer.n, name) ||
        is_among(d->s->global.at, d->s->global.n, name))
        return;
    scope_declare(d->f, d->s, name);
}

/* The names that global and nonlocal statements of the function list. */
static void find_outer(Front *f, Scope *s, const AstList *body)
{
    for (idx i = 0; i < body->n; i++) {
        const Ast *e = body->at[i];
        if (!e || e->kind == AST_FunctionDef || e->kind == AST_ClassDef) continue;
        bool outer = e->kind == AST_Nonlocal;
        if (outer || e->kind == AST_Global) {
            for (idx k = 0; k < e->list.n; k++) {
                const char *name = e->list.at[k]->id;
                if (outer)
                    vec_push(f->arena, &s->outer, name);
                else
                    vec_push(f->arena, &s->global, name);
            }
            continue;
        }
        find_outer(f, s, &e->list);
        find_outer(f, s, &e->list2);
        find_outer(f, s, &e->list3);
        find_outer(f, s, &e->list4);
    }
}

/* -- Variables that a recursion assigns --------------------------------------------
 * A function that is compiled on its own can change objects around it, but no
 * variables. So a variable of a function around it that it assigns (nonlocal) is the
 * only item of a list, which has no name: all assignments of it store the item, and
 * reading it takes the item.
 */
static bool is_shared(const Front *f, const Scope *s, const char *name)
{
    vec_each (i, &f->hints->shared) {
        const SharedName *h = &f->hints->shared.at[i];
        if (s->def && h->name == name && h->line == s->def->loc.line &&
            h->col == s->def->loc.col && !strcmp(h->fname, s->fname))
            return true;
    }
    return false;
}

void scope_share(Front *f, Scope *in, int32_t cell)
{
    for (Scope *s = in; s; s = s->up)
        vec_each (i, &s->cell) {
            if (s->cell.at[i] != cell) continue;
            const char *name = s->name.at[i];
            const AVal *v = heap_var(f, cell);
            bool rows = v && (v->kind == A_FRAME || v->kind == A_SERIES ||
                              v->kind == A_INDEX || v->kind == A_GROUPBY);
            if (rows || !s->def || is_shared(f, s, name)) return;
            SharedName h = {name, s->fname, s->def->loc.line, s->def->loc.col};
            vec_push(f->arena, &f->hints->shared, h);
            front_restart(f);
        }
}

static AVal *shared_new(Front *f, AVal *v)
{
    AVal *l = av_list(f, &v, 1);
    (void)box_of(f, l);
    return l;
}

void scope_declare_block(Front *f, Scope *s, const AstList *body)
{
    find_outer(f, s, body);
    Declare d = {f, s, NULL};
    walk_list(body, declare_name, &d);
    vec_each (i, &s->name) { /* parameters */
        AVal *v = heap_var(f, s->cell.at[i]);
        if (v && v->kind != A_UNBOUND && is_shared(f, s, s->name.at[i]))
            heap_set_var(f, s->cell.at[i], shared_new(f, v));
    }
}

/* The scope of which an assignment to the name in scope s sets a variable; NULL: it is
 * not declared yet. */
static const Scope *target_scope(const Scope *s, const char *name)
{
    const Scope *at = s;
    if (is_among(s->outer.at, s->outer.n, name))
        for (at = s->up; at && scope_find(at, name) < 0;)
            at = at->up;
    return at && scope_find(at, name) >= 0 ? at : NULL;
}

/* The cell that the assignment sets; -1: none yet. */
static int32_t target_cell(const Scope *s, const char *name)
{
    const Scope *at = target_scope(s, name);
    return at ? at->cell.at[scope_find(at, name)] : -1;
}

static void collect_name(void *data, const char *name)
{
    Declare *d = data;
    int32_t cell = target_cell(d->s, bound_name(d->f, name));
    if (cell < 0) return;
    vec_each (k, &d->out->at)
        if (d->out->at.at[k] == cell) return;
    vec_push(d->f->arena, &d->out->at, cell);
}

void scope_assigned(Front *f, const AstList *body, Cells *out)
{
    Declare d = {f, f->scope, out};
    walk_list(body, collect_name, &d);
}

void scope_target_cells(Front *f, const Ast *target, Cells *out)
{
    Declare d = {f, f->scope, out};
    walk_target(target, collect_name, &d);
}

const char *scope_cell_name(const Front *f, int32_t cell)
{
    for (const Scope *s = f->scope; s; s = s->caller) {
        for (const Scope *u = s; u; u = u->up)
            vec_each (i, &u->cell)
                if (u->cell.at[i] == cell) return u->name.at[i];
        if (s->ret == cell) return "return value";
    }
    return NULL;
}

/* -- Similar names ----------------------------------------------------------------- */
/* Edits (insert, delete, replace) from a to b, at most 9. */
static int edits(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > 40 || m > 40) return 9;
    int row[41];
    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int diag = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int keep = diag + (a[i - 1] != b[j - 1]);
            diag = row[j];
            if (row[j] + 1 < keep) keep = row[j] + 1;
            if (row[j - 1] + 1 < keep) keep = row[j - 1] + 1;
            row[j] = keep;
        }
    }
    return row[m];
}

static const char *near_name(const Front *f, const char *name)
{
    const char *best = NULL;
    int least = (int)strlen(name) < 4 ? 1 : 2;
    for (const Scope *s = f->scope; s; s = s->up) {
        vec_each (i, &s->name) {
            int d = edits(name, s->name.at[i]);
            if (d > 0 && d <= least) {
                best = s->name.at[i];
                least = d - 1;
            }
        }
    }
    return best;
}

/* -- Values of the host ------------------------------------------------------------ */
void outside_add(Front *f, AVal *v)
{
    vec_push(f->arena, &f->outside, heap_cell(f, C_VAR, v));
}

/* A variable like those of an enclosing function. */
static AVal *outside_load(Front *f, int64_t n)
{
    if (n < 0 || n >= f->outside.n) BUG("value %d of the surrounding code", (int)n);
    int32_t cell = f->outside.at[n];
    return piece_now(f, sub_load(f, cell, heap_var(f, cell)));
}

static AVal **host_items(Front *f, const HostVal *h, idx n)
{
    AVal **item = ARENA_NEW_N(f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        item[i] = av_from_host(f, &h[i]);
    return item;
}

static AVal *host_const(Front *f, const HostVal *h)
{
    switch ((AstConst)h->ck) {
    case AC_NONE: return av_none(f);
    case AC_BOOL: return av_bool(f, h->i != 0);
    case AC_INT: return av_int(f, h->i);
    case AC_FLOAT: return av_float(f, h->f);
    case AC_STR: return av_str(f, h->s, h->n);
    default: break;
    }
    AVal *v = av_new_kind(f, A_CONST);
    v->ck = h->ck;
    v->s = h->s;
    v->n = h->n;
    v->f = h->f;
    return v;
}

static AVal *host_container(Front *f, const HostVal *h)
{
    AKind kind = h->kind == H_LIST ? A_LIST : h->kind == H_SET ? A_SET : A_DICT;
    AVal **key = kind == A_DICT ? host_items(f, h->key, h->n) : NULL;
    AVal *v = av_container(f, kind, key, host_items(f, h->item, h->n), h->n);
    front_items_mut(f, v)->captured = true;
    return v;
}

AVal *av_from_host(Front *f, const HostVal *h)
{
    AVal *v;
    switch ((HostKind)h->kind) {
    case H_CONST:
        return h->ck == AC_COMPLEX ? av_complex(f, h->re, h->f) : host_const(f, h);
    case H_NUMBER: {
        Type t;
        if (!dtype_parse(h->s, &t)) BUG("no dtype %s", h->s);
        HostVal c = *h;
        c.kind = H_CONST;
        v = av_from_host(f, &c);
        return av_scalar(f, front_cast(f, front_val(f, v), type_with(t, TY_SCALAR)));
    }
    case H_FUNC:
    case H_JIT:
        v = av_new_kind(f, A_FUNC);
        v->i = h->fn;
        v->s = h->s;
        v->obj = h->obj + 1;
        return v;
    case H_API:
        v = av_api(f, h->s);
        v->i = h->obj;
        return v;
    case H_TUPLE: return av_tuple(f, host_items(f, h->item, h->n), h->n);
    case H_LIST:
    case H_SET:
    case H_DICT: return host_container(f, h);
    case H_EXC: return exc_from_host(f, h->s, h->obj);
    case H_ROWS: return outside_load(f, h->i);
    case H_RECORD: return record_class(f, h->s, host_items(f, h->item, h->n), h->n);
    case H_INSTANCE:
        return record_new(f, record_of(f, h->s), host_items(f, h->item, h->n), h->n);
    case H_TIME: return av_scalar(f, ir_const_int(f->fn, f->at, f->loc, h->type, h->i));
    case H_WRAP:
    case H_OTHER:
    case H_MISSING: break;
    }
    v = av_new_kind(f, A_HOSTOBJ);
    v->i = h->kind == H_WRAP ? h->fn : h->obj;
    v->s = h->kind == H_WRAP ? "wrap_python function" : h->s;
    v->arg = h->kind == H_WRAP ? h->desc : NULL;
    return v;
}

bool av_to_host(Front *f, const AVal *v, HostVal *out)
{
    *out = (HostVal){.kind = H_CONST, .ck = AC_NONE, .obj = -1};
    if (v->kind == A_NONE) return true;
    if (v->kind == A_CONST) {
        out->ck = v->ck;
        out->i = v->i;
        out->f = v->f;
        out->s = v->s;
        out->n = v->n;
        if (v->arg) v->arg->demanded = true;
        return true;
    }
    AVal *const *item = v->item;
    if (v->rec) return false; /* the host would take it for a plain tuple */
    out->n = v->n;
    if (v->kind == A_LIST || v->kind == A_SET) {
        Container *c = front_items(f, v);
        item = c->item.at;
        out->n = c->item.n;
        out->kind = v->kind == A_LIST ? H_LIST : H_SET;
    } else if (v->kind == A_TUPLE) {
        out->kind = H_TUPLE;
    } else {
        return false;
    }
    out->item = ARENA_NEW_N(f->arena, out->n + 1, HostVal);
    for (idx i = 0; i < out->n; i++)
        if (!av_to_host(f, item[i], &out->item[i])) return false;
    return true;
}

static AVal *host_name(Front *f, const char *name)
{
    HostVal h = {.kind = H_MISSING, .obj = -1};
    Err err = {0};
    ASSERT(f->scope);
    if (!f->host->lookup(f->host_data, f->arena, f->scope->fn, name, &h, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
    if (h.kind != H_MISSING) {
        AVal *v = av_from_host(f, &h);
        flags_outside(f, name, v);
        return v;
    }
    const char *near = near_name(f, name);
    if (near)
        front_fail(f, E_NAME, "name '%s' is not defined. Did you mean: '%s'?", name,
                   near);
    front_fail(f, E_NAME, "name '%s' is not defined", name);
}

/* -- Loads and stores -------------------------------------------------------------- */
/* Of an argument: where the function begins. */
static int line_of(const Front *f, const AVal *v)
{
    if (v->loc.line) return (int)v->loc.line;
    return (int)(f->scope->def ? f->scope->def->loc.line : f->loc.line);
}

NORETURN static void conflict(Front *f, const char *name, const AVal *v)
{
    const AVal *a = v->item[0], *b = v->item[1];
    if (a->kind == A_FRAME && b->kind == A_FRAME)
        front_unsup(f, UNSUP_FRAME_JOIN,
                    "%s is a DataFrame with one schema from line %d and with another "
                    "from line %d: %s",
                    name, line_of(f, a), line_of(f, b), v->s ? v->s : "columns differ");
    bool grown = a->kind == A_TUPLE && b->kind == A_TUPLE && !a->rec && a->n != b->n;
    bool classes = instance_is(a) && instance_is(b);
    front_unsup(f, classes ? UNSUP_CLASSES : UNSUP_TYPES,
                "%s is %s from line %d but %s from line %d%s", name, v->s,
                line_of(f, a), v->s + strlen(v->s) + 1, line_of(f, b),
                grown ? ": the length of a tuple must be known, a list may grow" : "");
}

/* v as it may be used under the name: checks that it is bound and of one type. */
AVal *scope_check(Front *f, const char *name, AVal *v)
{
    if (v->kind == A_ERROR) check_silently(f);
    if (v->kind == A_CONFLICT) conflict(f, name, v);
    if (v->kind == A_MAYBE) {
        Val *not = val_put(f, OP_INVERT, &v->val, 1, type_scalar(DT_BOOL), NULL);
        lower_raise_if(f, av_scalar(f, not ), E_UNBOUND,
                       arena_printf(f->arena,
                                    "cannot access local variable '%s' where it is "
                                    "not associated with a value",
                                    name));
        return scope_check(f, name, v->item[0]);
    }
    if (v->kind == A_UNBOUND && v->i == UNBOUND_OBJECT && !f->hints->maybes) {
        f->hints->maybes = true;
        front_restart(f);
    }
    if (v->kind == A_UNBOUND && v->i == UNBOUND_ROWS)
        front_unsup(f, UNSUP_TYPES,
                    !strcmp(name, "return value")
                        ? "the %s is %s on one path and None on another"
                        : "%s is %s on one path and has no value on another",
                    name, v->s);
    if (v->kind == A_UNBOUND && v->i == 1)
        front_unsup(f, UNSUP_PRANGE_PRIVATE,
                    "%s is private to an iteration of the prange before, it has no "
                    "value here",
                    name);
    if (v->kind == A_UNBOUND)
        front_fail(f, E_UNBOUND,
                   "cannot access local variable '%s' where it is not associated with "
                   "a value",
                   name);
    return v;
}

AVal *scope_load(Front *f, const char *name)
{
    for (Scope *s = f->scope; s; s = s->up) {
        if (is_among(s->global.at, s->global.n, name)) break;
        idx i = scope_find(s, name);
        if (i < 0) continue;
        AVal *v = heap_var(f, s->cell.at[i]);
        if (!v) v = av_new_kind(f, A_UNBOUND);
        v = sub_load(f, s->cell.at[i], v);
        AVal *u = scope_check(f, name, v);
        if (is_shared(f, s, name)) return lower_subscript(f, u, av_int(f, 0));
        /* Checked once: the name is bound from here on. */
        if (u != v && s == f->scope) heap_set_var(f, s->cell.at[i], u);
        return piece_now(f, u);
    }
    return host_name(f, name);
}

AVal *scope_peek(Front *f, const char *name)
{
    for (Scope *s = f->scope; s; s = s->up) {
        idx i = scope_find(s, name);
        if (i >= 0 && is_shared(f, s, name)) return NULL;
        if (i >= 0) return heap_var(f, s->cell.at[i]);
    }
    return NULL;
}

static int32_t local_cell(Front *f, const char *name)
{
    if (is_among(f->scope->global.at, f->scope->global.n, name))
        front_unsup(f, UNSUP_GLOBAL, "global %s is assigned", name);
    int32_t cell = target_cell(f->scope, name);
    if (cell >= 0) return cell;
    scope_declare(f, f->scope, name);
    return f->scope->cell.at[scope_find(f->scope, name)];
}

void scope_store(Front *f, const char *name, AVal *v)
{
    if ((v->kind == A_SCALAR || v->kind == A_SERIES || v->kind == A_ARRAY) &&
        !v->val->hint)
        v->val->hint = name;
    flags_note(f, name, f->loc, v, ROWS_VAR);
    int32_t cell = local_cell(f, name);
    const Scope *s = target_scope(f->scope, name);
    if (!s || !is_shared(f, s, name)) {
        heap_set_var(f, cell, v);
        return;
    }
    AVal *now = sub_load(f, cell, heap_var(f, cell));
    if (now->kind == A_UNBOUND)
        heap_set_var(f, cell, shared_new(f, v));
    else
        lower_store(f, scope_check(f, name, now), av_int(f, 0), v);
}

int32_t scope_cell(const Front *f, const char *name)
{
    const Scope *s = target_scope(f->scope, name);
    return !s || is_shared(f, s, name) ? -1 : s->cell.at[scope_find(s, name)];
}

void scope_unbind(Front *f, const char *name)
{
    heap_set_var(f, local_cell(f, name), av_new_kind(f, A_UNBOUND));
}

void scope_delete(Front *f, const char *name)
{
    (void)scope_load(f, name);
    scope_unbind(f, name);
}
