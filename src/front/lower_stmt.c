/* SPDX-License-Identifier: Apache-2.0
 * Statements. A block is run statement by statement over the abstract state; branches
 * on constants are decided here, others become IF nodes whose states are joined.
 *
 * return sets two cells of the activation, `ret` and `done`, and ends the block. When
 * only one side of an if can reach its end, the rest of the block is run inside that
 * side, so `if c: return a` followed by more gives IF{..}{rest}. When `done` is known
 * at run time only (a return somewhere inside), the rest is run under IF(done == 0).
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/try.h"

#include <string.h>

enum { WORK_MAX = 200000 };

static void at_loc(Front *f, Loc loc)
{
    f->loc = loc;
    f->loc.file = f->scope->file;
}

/* What follows a statement: the rest of its block. */
typedef struct Rest {
    const AstList *body;
    idx i;
} Rest;

/* Statements from i on; true when control may reach the end. tail: what follows the
 * block; it may be run inside of an if at its end, then *consumed is set. */
static bool lower_block(Front *f, const AstList *body, idx i, const Rest *tail,
                        bool *consumed);

/* -- Assignment -------------------------------------------------------------------- */
static void assign_unpack(Front *f, const Ast *t, AVal *v)
{
    AVal **item;
    idx n, star = -1, m = t->list.n;
    v = opt_need(f, v, E_TYPE, "cannot unpack non-iterable NoneType object");
    for (idx i = 0; v->kind == A_OPEN && i < m; i++) {
        const Ast *to = t->list.at[i];
        lower_assign(f, to->kind == AST_Starred ? to->a : to, v);
    }
    if (v->kind == A_OPEN) return; /* control does not get here with it */
    if (iter_is_run(f, v)) {
        iter_unpack(f, t, v);
        return;
    }
    front_check_iterable(f, v, "cannot unpack non-iterable %s object");
    if (!lower_items(f, v, &item, &n))
        front_unsup(f, UNSUP_STAR, "%s can't be unpacked into %d names",
                    av_type_text(f, v), (int)m);
    for (idx i = 0; i < m; i++)
        if (t->list.at[i]->kind == AST_Starred) star = i;
    if (star < 0 && n > m)
        front_fail(f, E_VALUE, "too many values to unpack (expected %lld)",
                   (long long)m);
    if (star < 0 && n < m)
        front_fail(f, E_VALUE, "not enough values to unpack (expected %lld, got %lld)",
                   (long long)m, (long long)n);
    if (star >= 0 && n < m - 1)
        front_fail(f, E_VALUE,
                   "not enough values to unpack (expected at least %lld, got %lld)",
                   (long long)(m - 1), (long long)n);
    for (idx i = 0; i < m; i++) {
        const Ast *to = t->list.at[i];
        idx from = star >= 0 && i > star ? n - (m - i) : i;
        if (i == star)
            lower_assign(f, to->a, av_list(f, item + i, n - (m - 1)));
        else
            lower_assign(f, to, item[from]);
    }
}

void lower_assign(Front *f, const Ast *t, AVal *v)
{
    Loc was = f->loc;
    at_loc(f, t->loc);
    switch ((AstKind)t->kind) {
    case AST_Name: scope_store(f, t->id, declared_value(f, t->id, v)); break;
    case AST_Tuple:
    case AST_List: assign_unpack(f, t, v); break;
    case AST_Subscript: {
        AVal *obj = lower_expr(f, t->a), *key = lower_expr(f, t->b);
        lower_store(f, obj, key, v);
        break;
    }
    case AST_Attribute: front_setattr(f, lower_expr(f, t->a), t->id, v); break;
    default: front_fail(f, E_SYNTAX, "cannot assign to this expression");
    }
    f->loc = was;
}

/* a op b for a op= b: by a class's own method if it has one. */
static AVal *augmented(Front *f, AstKind op, AVal *a, AVal *b)
{
    AVal *v = a->rec ? record_augment(f, op, a, b) : NULL;
    return v ? v : lower_binop(f, op, a, b);
}

static void lower_augment(Front *f, const Ast *s)
{
    const Ast *t = s->a;
    if (t->kind == AST_Subscript) {
        AVal *obj = lower_expr(f, t->a), *key = lower_expr(f, t->b);
        AVal *old = NULL, *v;
        obj = nd_row_source(f, obj, &key);
        bool row = nd_is_one_row(f, obj, key); /* a view, whenever it is taken */
        if (!row) old = lower_subscript(f, obj, key);
        v = lower_expr(f, s->b);
        at_loc(f, s->loc);
        if (v->kind == A_OPEN) return;
        bool one = v->kind == A_CONST || v->kind == A_SCALAR || v->kind == A_ARRAY;
        if (row && one && nd_augment(f, (AstKind)s->op, nd_one_row(f, obj, key, v), v))
            return;
        if (row) old = lower_subscript(f, obj, key);
        /* a[key] += v: a view is changed where it is, anything else stored again. */
        if (obj->kind == A_ARRAY && old->kind == A_ARRAY && old->val == obj->val &&
            nd_augment(f, (AstKind)s->op, old, v))
            return;
        if (container_augment(f, (AstKind)s->op, old, v)) {
            lower_store(f, obj, key, old);
            return;
        }
        if (obj->kind == A_ARRAY)
            v = nd_same_kind(f, (AstKind)s->op, obj, old, v);
        else
            v = piece_put(f, old, augmented(f, (AstKind)s->op, old, v));
        lower_store(f, obj, key, v);
        return;
    }
    if (t->kind == AST_Attribute) {
        AVal *obj = lower_expr(f, t->a);
        AVal *old = front_getattr(f, obj, t->id), *v = lower_expr(f, s->b);
        at_loc(f, s->loc);
        if (v->kind == A_OPEN) return;
        if (container_augment(f, (AstKind)s->op, old, v))
            v = old;
        else
            v = augmented(f, (AstKind)s->op, old, v);
        front_setattr(f, obj, t->id, v);
        return;
    }
    AVal *old = lower_expr(f, t), *v = lower_expr(f, s->b);
    at_loc(f, s->loc);
    if (v->kind == A_OPEN) return;
    if (container_augment(f, (AstKind)s->op, old, v)) return;
    if (nd_augment(f, (AstKind)s->op, old, v)) return;
    lower_assign(f, t, piece_put(f, old, augmented(f, (AstKind)s->op, old, v)));
}

static void lower_delete(Front *f, const Ast *s)
{
    for (idx i = 0; i < s->list.n; i++) {
        const Ast *t = s->list.at[i];
        at_loc(f, t->loc);
        if (t->kind == AST_Name) {
            scope_delete(f, t->id);
        } else if (t->kind == AST_Subscript) {
            AVal *obj = lower_expr(f, t->a), *key = lower_expr(f, t->b);
            lower_remove(f, obj, key);
        } else {
            front_unsup(f, UNSUP_DELETE, NULL);
        }
    }
}

/* -- The ends of regions ------------------------------------------------------------
 */
/* The end of a region that control never reaches. */
void lower_unreachable(Front *f)
{
    exc_emit(f, E_INTERNAL, "unreachable", NULL);
}

/* After a body that never ends normally: what follows it in the same region is not
 * reached, but the region goes on. */
void lower_revive(Front *f)
{
    Node *last = f->at->last;
    if (!last || last->op != OP_RAISE) return;
    node_remove(last);
    if (node_int(last, "code", 0) == E_INTERNAL) return;
    Val *yes = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), 1);
    Node *n = node_put(f, f->at, OP_IF, &yes, 1, 0);
    Region *raise = node_add_region(f->fn, n, 0), *on = node_add_region(f->fn, n, 0);
    node_append(raise, last);
    node_put(f, on, OP_YIELD, NULL, 0, 0);
}

/* -- Branches ---------------------------------------------------------------------- */
static AVal *done_of(Front *f)
{
    return heap_var(f, f->scope->done);
}

/* True when control may reach the end of the block that was just run. */
static bool is_open(Front *f, bool reached)
{
    if (!reached) return false;
    AVal *d = done_of(f);
    return d->kind != A_CONST || d->i == DONE_NO;
}

typedef struct Arm {
    const AstList *body;
    const Ast *test; /* which is `truth` here; NULL: no test of the user's */
    bool truth;
    Path path;
    bool reached;  /* its end: else the region has a terminator */
    bool consumed; /* what follows the if was run inside it */
} Arm;

/* Statements of the arm, or what follows the if in it. */
static void arm_block(Front *f, Arm *a, const AstList *body, idx i, const Rest *tail,
                      bool *consumed)
{
    Narrow w = {.n = 0};
    if (a->test) narrow_enter(f, &w, a->test, a->truth);
    a->reached = lower_block(f, body, i, tail, consumed);
    if (a->reached) narrow_leave(f, &w);
}

static void run_branch(Front *f, Arm *a, const Rest *tail, const Heap *base)
{
    heap_load(f, base);
    f->at = a->path.region;
    arm_block(f, a, a->body, 0, tail, &a->consumed);
    a->path.heap = f->heap;
    a->path.region = f->at;
}

static void run_rest(Front *f, Arm *a, const Rest *r)
{
    f->heap = a->path.heap;
    f->at = a->path.region;
    bool consumed = false;
    arm_block(f, a, r->body, r->i, NULL, &consumed);
    a->path.heap = f->heap;
    a->path.region = f->at;
}

/* Its last statement certainly leaves the block. */
static bool always_leaves(const AstList *body)
{
    const Ast *s = body->n ? body->at[body->n - 1] : NULL;
    if (!s) return false;
    if (s->kind == AST_If) return always_leaves(&s->list) && always_leaves(&s->list2);
    if (s->kind == AST_Match) return false;
    return s->kind == AST_Return || s->kind == AST_Raise || s->kind == AST_Break ||
           s->kind == AST_Continue;
}

static bool arm_is_open(Front *f, Arm *a)
{
    f->heap = a->path.heap;
    return is_open(f, a->reached);
}

/* Joins the two arms; true when control goes on behind the if. */
static bool end_if(Front *f, Node *n, Region *outer, Arm arm[2], const Heap *base)
{
    Path open[2];
    int nopen = 0;
    for (int i = 0; i < 2; i++)
        if (arm[i].reached) open[nopen++] = arm[i].path;
    f->at = outer;
    join_if(f, n, open, nopen, base);
    f->at = outer;
    if (nopen == 0) lower_unreachable(f);
    return nopen > 0;
}

/* An if on a run-time condition. rest: what follows it, run inside of the one arm that
 * reaches its end when there is just one; then *rest_done is set. */
static bool branch(Front *f, Val *cond, const Ast *s, const Rest *rest, bool *rest_done)
{
    Region *outer = f->at;
    Loc loc = f->loc;
    Heap *base = heap_save(f);
    Node *n = node_put(f, outer, OP_IF, &cond, 1, 0);
    Arm arm[2] = {
        {.body = &s->list, .test = s->a, .truth = true},
        {.body = &s->list2,                .test = s->a           }
    };
    for (int k = 0; k < 2; k++)
        arm[k].path.region = node_add_region(f->fn, n, 0);
    run_branch(f, &arm[0], always_leaves(&s->list2) ? rest : NULL, base);
    bool open0 = arm_is_open(f, &arm[0]);
    run_branch(f, &arm[1], open0 || arm[0].consumed ? NULL : rest, base);
    bool open1 = arm_is_open(f, &arm[1]);
    if (arm[0].consumed || arm[1].consumed) {
        *rest_done = true;
    } else if (rest && open0 != open1) {
        run_rest(f, &arm[open0 ? 0 : 1], rest);
        *rest_done = true;
    }
    f->loc = loc;
    return end_if(f, n, outer, arm, base);
}

bool lower_fork(Front *f, Val *cond, ArmFn *run, void *data)
{
    Region *outer = f->at;
    Loc loc = f->loc;
    Heap *base = heap_save(f);
    Node *n = node_put(f, outer, OP_IF, &cond, 1, 0);
    Arm arm[2] = {{0}};
    for (int k = 0; k < 2; k++)
        arm[k].path.region = node_add_region(f->fn, n, 0);
    for (int k = 0; k < 2; k++) {
        heap_load(f, base);
        f->at = arm[k].path.region;
        arm[k].reached = run(f, data, k);
        arm[k].path.heap = f->heap;
        arm[k].path.region = f->at;
    }
    f->loc = loc;
    return end_if(f, n, outer, arm, base);
}

static bool when_arm(Front *f, void *data, int k)
{
    const AstList *body = data;
    return k != 0 || lower_body(f, body);
}

bool lower_when(Front *f, AVal *cond, const AstList *body)
{
    if (cond->kind == A_CONST) return !cond->i || lower_body(f, body);
    AstList copy = *body;
    return lower_fork(f, cond->val, when_arm, &copy);
}

/* In the arm where somebody has left the block already: by return, unless break and
 * continue of an unrolled loop are possible too. */
static void already_left(Front *f)
{
    const Loop *loop = f->scope->loop;
    if (loop && loop->unrolled) return;
    heap_set_var(f, f->scope->done, av_int(f, DONE_RETURN));
    AVal *ret = heap_var(f, f->scope->ret);
    if (ret->kind == A_MAYBE) heap_set_var(f, f->scope->ret, ret->item[0]);
}

/* The statements from i on under the condition that nobody has returned yet. */
static bool lower_guarded(Front *f, const AstList *body, idx i)
{
    AVal *zero = av_int(f, DONE_NO), *d = done_of(f);
    AVal *go = front_elem(f, OP_EQ, (AVal *[]){d, zero}, 2);
    AstList rest = {body->at + i, body->n - i}, none = {0};
    Region *outer = f->at;
    Heap *base = heap_save(f);
    Node *n = node_put(f, outer, OP_IF, &go->val, 1, 0);
    Arm arm[2] = {{.body = &rest}, {.body = &none}};
    for (int k = 0; k < 2; k++)
        arm[k].path.region = node_add_region(f->fn, n, 0);
    heap_load(f, base);
    heap_set_var(f, f->scope->done, zero);
    Heap *going = heap_save(f);
    run_branch(f, &arm[0], NULL, going);
    heap_load(f, base);
    already_left(f);
    Heap *left = heap_save(f);
    run_branch(f, &arm[1], NULL, left);
    return end_if(f, n, outer, arm, base);
}

static bool lower_if(Front *f, const Ast *s, const Rest *rest, bool *rest_done)
{
    AVal *c = lower_cond(f, s->a);
    at_loc(f, s->loc);
    if (c->kind == A_CONST)
        return lower_block(f, c->i ? &s->list : &s->list2, 0, rest, rest_done);
    return branch(f, c->val, s, rest, rest_done);
}

/* -- Leaving ----------------------------------------------------------------------- */
static bool lower_return(Front *f, const Ast *s)
{
    AVal *v = s->a ? lower_expr(f, s->a) : av_none(f);
    at_loc(f, s->loc);
    return lower_leave(f, DONE_RETURN, flags_leave(f, s->a, v));
}

/* Ends the block by return, break or continue; true: the region goes on (to its join).
 */
bool lower_leave(Front *f, int how, AVal *v)
{
    Scope *s = f->scope;
    Loop *loop = s->loop;
    if (v) {
        AVal *r = ARENA_NEW(f->arena, AVal);
        *r = *v;
        r->loc = f->loc;
        heap_set_var(f, s->ret, r);
    }
    const Loop *real = loop;
    while (real && real->within_try)
        real = real->up;
    if (real && real->parallel && how != DONE_CONTINUE)
        front_unsup(f, UNSUP_PRANGE_EXIT, NULL);
    if (!loop || loop->unrolled) {
        heap_set_var(f, s->done, av_int(f, how));
        return true;
    }
    if (how == DONE_BREAK && loop->broke)
        heap_set_var(f, loop->broke - 1, av_bool(f, true));
    if (how == DONE_RETURN) heap_set_var(f, s->done, av_int(f, how));
    Path p = {f->at, f->heap, f->loc, how != DONE_CONTINUE};
    vec_push(f->arena, &loop->path, p);
    return false;
}

static bool lower_exit(Front *f, const Ast *s)
{
    if (!f->scope->loop)
        front_fail(f, E_SYNTAX, "'%s' outside loop",
                   s->kind == AST_Break ? "break" : "continue");
    return lower_leave(f, s->kind == AST_Break ? DONE_BREAK : DONE_CONTINUE, NULL);
}

/* -- The dispatch ------------------------------------------------------------------ */
/* The value of an assignment to t; what is called for it may ask of which name. */
static AVal *value_for(Front *f, const Ast *t, const Ast *value)
{
    const Ast *was = f->assigned;
    const char *name = f->assigned_to;
    f->assigned = t->kind == AST_Name ? value : NULL;
    f->assigned_to = t->id;
    AVal *v = lower_expr(f, value);
    f->assigned = was;
    f->assigned_to = name;
    return v;
}

static void lower_multi(Front *f, const Ast *s)
{
    AVal *v = value_for(f, s->list.at[0], s->a);
    for (idx i = 0; i < s->list.n; i++)
        lower_assign(f, s->list.at[i], v);
}

static void lower_def(Front *f, const Ast *s)
{
    AVal *v = lower_function(f, s);
    for (idx i = s->list2.n - 1; i >= 0; i--) {
        AVal *d = lower_expr(f, s->list2.at[i]);
        bool jit = d->kind == A_API && !strcmp(d->s, "shoal.jit");
        if (!jit) v = front_call(f, d, &v, 1, NULL, NULL, 0);
    }
    scope_store(f, s->id, v);
}

/* Compiled code gives no warnings, so np.errstate() that is not to raise changes
 * nothing.
 */
static bool lower_with(Front *f, const Ast *s)
{
    for (idx i = 0; i < s->list.n; i++) {
        const Ast *item = s->list.at[i];
        const Ast *fn = item->a->kind == AST_Call ? item->a->a : NULL;
        bool may = fn && (fn->kind == AST_Attribute || fn->kind == AST_Name) &&
                   fn->id && !strcmp(fn->id, "errstate");
        AVal *v = may ? lower_expr(f, item->a) : NULL;
        bool quiet = v && v->kind == A_API && !strcmp(v->s, LIBRARY_QUIET);
        f->loc = s->loc;
        f->loc.file = f->scope->file;
        if (!quiet || item->b) front_unsup(f, UNSUP_WITH, NULL);
    }
    return lower_body(f, &s->list2);
}

/* One statement other than if; true when control goes on. */
static bool lower_stmt(Front *f, const Ast *s)
{
    switch ((AstKind)s->kind) {
    case AST_Expr: lower_expr(f, s->a); return true;
    case AST_Assign: lower_multi(f, s); return true;
    case AST_AugAssign: lower_augment(f, s); return true;
    case AST_AnnAssign:
        if (s->c) lower_assign(f, s->a, value_for(f, s->a, s->c));
        return true;
    case AST_Return: return lower_return(f, s);
    case AST_Pass: return true;
    case AST_Break:
    case AST_Continue: return lower_exit(f, s);
    case AST_For: return lower_for(f, s);
    case AST_While: return lower_while(f, s);
    case AST_FunctionDef: lower_def(f, s); return true;
    case AST_Raise: lower_raise(f, s); return false;
    case AST_Assert: return lower_assert(f, s);
    case AST_Delete: lower_delete(f, s); return true;
    case AST_AsyncFunctionDef:
    case AST_AsyncFor:
    case AST_AsyncWith: front_unsup(f, UNSUP_ASYNC, NULL);
    case AST_ClassDef: front_unsup(f, UNSUP_CLASS, NULL);
    case AST_With: return lower_with(f, s);
    case AST_Try:
    case AST_TryStar: return lower_try(f, s);
    case AST_Import:
    case AST_ImportFrom: lower_import(f, s); return true;
    case AST_Global:
    case AST_Nonlocal: return true; /* scope_declare_block has read them */
    default: front_fail(f, E_SYNTAX, "this is not a statement");
    }
}

/* A statement of a block about to be run. */
typedef struct Step {
    const Ast *s;
    const Rest *rest; /* what follows it */
    bool open;        /* control goes on behind it */
    bool rest_done;   /* what follows was run in it */
} Step;

static void run_step(Front *f, void *data)
{
    Step *t = data;
    if (t->s->kind == AST_If) {
        t->open = lower_if(f, t->s, t->rest, &t->rest_done);
    } else if (t->s->kind == AST_Match) {
        AstList ifs = lower_match(f, t->s);
        t->open = lower_block(f, &ifs, 0, t->rest, &t->rest_done);
    } else {
        t->open = lower_stmt(f, t->s);
    }
}

/* The same where it may throw without harm. */
static void try_step(Front *f, Step *t)
{
    Heap *before = heap_save(f);
    if (front_attempt_part(f, run_step, t)) {
        if (t->open && f->trying) try_commit(f, before);
        return;
    }
    if (f->thrown == THROW_BOTTOM) { /* it needs a result that no path has given yet */
        f->thrown = THROW_ERROR;
        err_clear(f->fn->err);
        at_loc(f, t->s->loc);
        lower_unreachable(f);
        t->open = t->rest_done = false;
        return;
    }
    bool program = f->thrown == THROW_ERROR || f->thrown == THROW_SILENT;
    if (program && f->top->checking) {
        check_failed(f, t->s);
        t->open = true;
        t->rest_done = false;
        return;
    }
    if (f->thrown != THROW_ERROR || !try_takes(f)) front_rethrow(f);
    const char *text = arena_strdup(f->arena, f->fn->err->text);
    at_loc(f, t->s->loc);
    exc_emit(f, (ErrCode)f->fn->err->code, text, NULL);
    err_clear(f->fn->err);
    t->open = t->rest_done = false;
}

static bool lower_block(Front *f, const AstList *body, idx i, const Rest *tail,
                        bool *consumed)
{
    for (; i < body->n; i++) {
        const Ast *s = body->at[i];
        AVal *d = done_of(f);
        if (d->kind == A_CONST && d->i != DONE_NO) return true;
        if (d->kind != A_CONST) return lower_guarded(f, body, i);
        if (!s) front_fail(f, E_SYNTAX, "a statement is missing");
        at_loc(f, s->loc);
        if (++f->work > WORK_MAX) front_unsup(f, UNSUP_TOO_MANY, NULL);
        if (++f->nest > 150) front_unsup(f, UNSUP_LIMIT, NULL);
        Rest r = {body, i + 1};
        bool last = i + 1 == body->n;
        Step t = {.s = s, .rest = last ? tail : &r};
        if (f->trying || sub_guesses(f) || f->top->checking || f->hints->careful)
            try_step(f, &t);
        else
            run_step(f, &t);
        f->nest--;
        if (last && t.rest_done) *consumed = true;
        if (!t.open || t.rest_done) return t.open;
    }
    return true;
}

bool lower_body(Front *f, const AstList *body)
{
    bool consumed = false;
    return lower_block(f, body, 0, NULL, &consumed);
}
