/* SPDX-License-Identifier: Apache-2.0
 * try statements: TRY nodes whose second region is the handler.
 *
 * A failure may come after any statement of the body, so what a variable holds in the
 * handler is decided at run time. Every statement that changes the state leaves a mark
 * with the states before and after it (try_commit). When the body is done, all these
 * states are joined; each hole of the join becomes a variable of the function
 * (VARSET): it is set before the TRY and at each mark, and read at the head of the
 * handler (VARGET). What no handler reads is removed with its stores by pass/dce.
 *
 * return, break and continue inside of a try only set the activation's `done`: control
 * runs to the end of the statement and goes on from there (leave_try), so that a try
 * has one way out and `finally` stands on it.
 *
 *   try A except: B else: C      TRY {A; ok = True} {B; ok = False}; if ok: C
 *   try A finally: D             TRY {A; ok = True} {D; raise again}; if ok: D
 */
#include "base/base.h"

#include "front/join.h"
#include "front/try.h"

#include <string.h>

static void at_loc(Front *f, Loc loc)
{
    f->loc = loc;
    f->loc.file = f->scope->file;
}

/* -- States that a handler may find --------------------------------------------------
 */
static bool leaves_only(const Front *f, int32_t cell)
{
    return cell == f->scope->done || cell == f->scope->ret;
}

static bool has_changed(const Front *f, const Trying *t, const Heap *before)
{
    for (int32_t n = 0; n < (int32_t)t->ncell; n++)
        if (!leaves_only(f, n) && !join_same_state(before, f->heap, n)) return true;
    return false;
}

void try_commit(Front *f, const Heap *before)
{
    Trying *t = f->trying;
    Node *last = f->at->last;
    if (!t || (last && op_is_terminator((Op)last->op))) return;
    if (!has_changed(f, t, before)) return;
    union {
        const Heap *c;
        Heap *p;
    } u = {.c = before};
    Commit c = {.mark = node_put(f, f->at, OP_UNDEF, NULL, 0, 1),
                .before = u.p,
                .after = heap_save(f)};
    c.mark->res[0].type = type_scalar(DT_I64);
    for (; t; t = t->up)
        vec_push(f->arena, &t->commit, c);
}

static bool names(const Ast *e, const char *name)
{
    for (idx i = 0; e && e->kind == AST_Tuple && i < e->list.n; i++)
        if (names(e->list.at[i], name)) return true;
    return e && e->kind == AST_Name && !strcmp(e->id, name);
}

/* Errors of values are what Python would raise. A TypeError or the like can also say
 * what Shoal does not compile: it is the handler's only when a clause names it. */
bool try_takes(const Front *f)
{
    switch (f->fn->err->code) {
    case E_VALUE:
    case E_KEY:
    case E_INDEX:
    case E_ZERO_DIV:
    case E_OVERFLOW:
    case E_UNBOUND: return f->trying || f->hints->careful;
    case E_NOT_FOUND:
    case E_PERMISSION:
    case E_OS: return f->trying != NULL;
    case E_TYPE:
        if (f->hints->own_type && (f->trying || f->hints->careful)) return true;
        break;
    case E_ATTR:
    case E_NAME: break;
    default: return false;
    }
    for (const Trying *t = f->trying; t; t = t->up)
        for (idx i = 0; i < t->s->list2.n; i++)
            if (names(t->s->list2.at[i]->a, err_exception(f->fn->err->code)))
                return true;
    return false;
}

static void set_vars(Front *f, Join *j, const Heap *before, const Heap *after, Node *at,
                     int32_t first)
{
    Region *tmp = region_new(f->fn, NULL, 0), *was = f->at;
    Val **v = join_flatten_changed(j, before, after, tmp);
    f->at = tmp;
    vec_each (k, &j->hole) {
        if (!v[k]) continue;
        Node *n = node_put(f, tmp, OP_VARSET, &v[k], 1, 0);
        node_set_int(f->fn, n, "var", first + k);
    }
    f->at = was;
    while (tmp->first) {
        Node *n = tmp->first;
        node_remove(n);
        node_insert_before(at, n);
    }
}

/* Makes the state at the head of the handler, and the stores that it reads. */
static void handler_state(Front *f, Node *n, const Trying *t, const Heap *base)
{
    Join *j = join_new(f, base);
    vec_push(f->arena, &j->skip, f->scope->done);
    vec_push(f->arena, &j->skip, f->scope->ret);
    vec_each (i, &t->commit)
        join_state(j, t->commit.at[i].after, t->ncell);
    idx nhole = join_holes(j);
    int32_t first = f->fn->nvar;
    f->fn->nvar += (int32_t)nhole;
    if (nhole) set_vars(f, j, NULL, base, n, first);
    vec_each (i, &t->commit) {
        const Commit *c = &t->commit.at[i];
        set_vars(f, j, c->before, c->after, c->mark, first);
    }
    heap_load(f, base);
    if (!j->cell.n) return;
    int64_t *vars = ARENA_NEW_N(f->arena, nhole + 1, int64_t);
    for (idx k = 0; k < nhole; k++)
        vars[k] = first + k;
    Node *get = node_put(f, f->at, OP_VARGET, NULL, 0, 0);
    node_set_ints(f->fn, get, "vars", vars, nhole);
    join_results(f, get, j);
}

/* -- One try -------------------------------------------------------------------------
 */
typedef struct Try {
    const Ast *s;
    Node *n;
    Heap *base;
    Trying trying;
    Path path[2];
    int npath;
    int32_t ok; /* cell: the body has come to its end */
    Val *exc;
} Try;

static void close_region(Front *f, Try *t, bool reached, bool ok)
{
    if (!reached) return;
    heap_set_var(f, t->ok, av_bool(f, ok));
    t->path[t->npath++] = (Path){.region = f->at, .heap = f->heap};
}

static void try_begin(Front *f, Try *t, const Ast *s)
{
    t->s = s;
    t->ok = heap_cell(f, C_VAR, av_bool(f, false));
    t->base = heap_save(f);
    t->n = node_put(f, f->at, OP_TRY, NULL, 0, 0);
    t->trying = (Trying){.up = f->trying, .s = s, .ncell = t->base->cell.n};
    f->at = node_add_region(f->fn, t->n, 0);
    f->trying = &t->trying;
}

static void try_handler(Front *f, Try *t)
{
    f->trying = t->trying.up;
    Region *r = node_add_region(f->fn, t->n, 1);
    r->param[0].type = type_scalar(DT_I64);
    t->exc = &r->param[0];
    f->at = r;
    handler_state(f, t->n, &t->trying, t->base);
    vec_each (i, &t->trying.commit)
        if (!f->trying) {
            Node *mark = t->trying.commit.at[i].mark;
            if (mark->parent) node_remove(mark);
            mark->parent = NULL;
        }
    /* Containers are other objects here than those that the try around knows. */
    if (f->trying) try_commit(f, t->base);
}

/* True when control goes on behind the try. */
static bool try_end(Front *f, Try *t, Region *outer)
{
    f->at = outer;
    join_if(f, t->n, t->path, t->npath, t->base);
    f->at = outer;
    if (t->npath == 0) lower_unreachable(f);
    /* What follows in the same statement (else, finally) may fail too. */
    if (t->npath && f->trying) try_commit(f, t->base);
    return t->npath > 0;
}

/* -- except clauses ------------------------------------------------------------------
 */
typedef struct Clauses {
    const Try *t;
    idx i;
    AVal **cls; /* of clause i; n == 0: it takes everything */
    idx n;
} Clauses;

static bool clauses_from(Front *f, const Try *t, idx i);

static void clause_classes(Front *f, const Ast *h, Clauses *c)
{
    AVal *v = lower_expr(f, h->a), **item = &v;
    idx n = 1;
    if (v->kind == A_TUPLE) {
        item = v->item;
        n = v->n;
    }
    c->cls = ARENA_NEW_N(f->arena, n + 1, AVal *);
    c->n = n;
    for (idx k = 0; k < n; k++) {
        c->cls[k] = exc_class(f, item[k]);
        if (!c->cls[k])
            front_fail(f, E_TYPE,
                       "catching classes that do not inherit from BaseException is "
                       "not allowed");
    }
}

static bool run_clause(Front *f, const Clauses *c)
{
    const Ast *h = c->t->s->list2.at[c->i];
    at_loc(f, h->loc);
    AVal *e = exc_caught(f, &c->t->trying, c->t->exc, c->cls, c->n, c->t->n->region[0]);
    Handling now = {.up = f->handling, .exc = e};
    f->handling = &now;
    exc_enter(f, e, h);
    if (h->id) scope_store(f, h->id, e);
    bool open = lower_body(f, &h->list);
    f->handling = now.up;
    if (open && h->id) scope_unbind(f, h->id);
    return open;
}

static bool clause_arm(Front *f, void *data, int k)
{
    const Clauses *c = data;
    return k == 0 ? run_clause(f, c) : clauses_from(f, c->t, c->i + 1);
}

static void raise_again(Front *f, Val *h)
{
    Node *n = node_put(f, f->at, OP_RAISE, &h, 1, 0);
    node_set_int(f->fn, n, "again", 1);
}

static bool clauses_from(Front *f, const Try *t, idx i)
{
    if (i == t->s->list2.n) {
        raise_again(f, t->exc);
        return false;
    }
    const Ast *h = t->s->list2.at[i];
    Clauses c = {.t = t, .i = i};
    at_loc(f, h->loc);
    if (!h->a) return run_clause(f, &c);
    clause_classes(f, h, &c);
    at_loc(f, h->loc);
    AVal *taken = exc_test(f, t->exc, c.cls, c.n);
    return lower_fork(f, taken->val, clause_arm, &c);
}

/* -- Statements -----------------------------------------------------------------------
 */
static bool lower_except(Front *f, const Ast *s)
{
    Region *outer = f->at;
    Try t = {0};
    try_begin(f, &t, s);
    close_region(f, &t, lower_body(f, &s->list), true);
    try_handler(f, &t);
    close_region(f, &t, clauses_from(f, &t, 0), false);
    if (!try_end(f, &t, outer)) return false;
    return s->list3.n == 0 || lower_when(f, heap_var(f, t.ok), &s->list3);
}

typedef struct When {
    const AstList *body;
} When;

/* The finally clause after a body that came to its end or left by return, break or
 * continue: it is run with nobody having left, then the leaving goes on. */
static bool run_finally(Front *f, const AstList *body)
{
    Scope *s = f->scope;
    AVal *done = heap_var(f, s->done), *ret = heap_var(f, s->ret);
    heap_set_var(f, s->done, av_int(f, DONE_NO));
    if (!lower_body(f, body)) return false;
    AVal *now = heap_var(f, s->done);
    if (now->kind != A_CONST)
        front_unsup(f, UNSUP_TRY,
                    "return, break or continue in a finally clause under a condition");
    if (now->i != DONE_NO) return true;
    heap_set_var(f, s->done, done);
    heap_set_var(f, s->ret, ret);
    return true;
}

static bool finally_arm(Front *f, void *data, int k)
{
    const When *w = data;
    return k != 0 || run_finally(f, w->body);
}

static bool lower_finally(Front *f, const Ast *s)
{
    Region *outer = f->at;
    Try t = {0};
    Ast inner = *s;
    inner.list4 = (AstList){0};
    try_begin(f, &t, s);
    close_region(f, &t, s->list2.n ? lower_except(f, &inner) : lower_body(f, &s->list),
                 true);
    try_handler(f, &t);
    bool open = lower_body(f, &s->list4);
    AVal *d = heap_var(f, f->scope->done);
    if (open && d->kind == A_CONST && d->i == DONE_NO) {
        raise_again(f, t.exc);
        open = false;
    } else if (open && d->kind != A_CONST) {
        front_unsup(f, UNSUP_TRY,
                    "return, break or continue in a finally clause under a condition");
    }
    close_region(f, &t, open, false);
    if (!try_end(f, &t, outer)) return false;
    AVal *ok = heap_var(f, t.ok);
    if (ok->kind == A_CONST) return !ok->i || run_finally(f, &s->list4);
    When w = {&s->list4};
    return lower_fork(f, ok->val, finally_arm, &w);
}

/* -- Going on after return, break and continue ----------------------------------------
 */
static bool leave_arm(Front *f, void *data, int k)
{
    const int *how = data;
    return k != 0 || lower_leave(f, *how, NULL);
}

/* Behind a try inside of a run-time loop: control that was on its way out goes on. */
static bool leave_try(Front *f, const Ast *s)
{
    const int how[] = {DONE_BREAK, DONE_CONTINUE, DONE_RETURN};
    bool may[] = {live_leaves(s, AST_Break), live_leaves(s, AST_Continue),
                  live_leaves(s, AST_Return)};
    for (int k = 0; k < 3; k++) {
        AVal *d = heap_var(f, f->scope->done);
        if (!may[k]) continue;
        if (d->kind == A_CONST) {
            if (d->i == how[k]) return lower_leave(f, how[k], NULL);
            continue;
        }
        AVal *is = front_elem(f, OP_EQ, (AVal *[]){d, av_int(f, how[k])}, 2);
        int code = how[k];
        if (!lower_fork(f, is->val, leave_arm, &code)) return false;
    }
    AVal *d = heap_var(f, f->scope->done);
    if (d->kind != A_CONST) heap_set_var(f, f->scope->done, av_int(f, DONE_NO));
    return true;
}

bool lower_try(Front *f, const Ast *s)
{
    Loop *real = f->scope->loop, inside = {.up = real, .unrolled = true};
    if (s->kind == AST_TryStar) front_unsup(f, UNSUP_TRY, "except* is not compiled");
    if (real) {
        inside.within_try = true;
        f->scope->loop = &inside;
    }
    bool open = s->list4.n ? lower_finally(f, s) : lower_except(f, s);
    f->scope->loop = real;
    if (!open || !real || real->unrolled) return open;
    return leave_try(f, s);
}
