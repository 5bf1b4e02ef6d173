/* SPDX-License-Identifier: Apache-2.0
 * The user's distribution flags, of the function that is compiled and of jit functions
 * that are inlined into it. A flag pins the axes of the arguments, returned variables
 * and variables of the surrounding code that it names: pass/dist.c may not lower a
 * distributed one to replicated, nor raise a replicated one. What is made in a function
 * marked distributed=False is replicated.
 */
#include "ir/flags.h"
#include "front/build.h"
#include "front/front_int.h"

static bool listed(const char *const *list, idx n, const char *name)
{
    for (idx i = 0; name && i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

typedef struct Pin {
    Dist dist;
    const char *flag, *name, *func;
    bool returned; /* of a result, not an argument */
} Pin;

/* The axis of a value's rows, or of the first item that has some; NULL. */
static Axis *rows_axis(Front *f, AVal *v)
{
    AVal **item;
    idx n;
    switch ((AKind)v->kind) {
    case A_FRAME: return front_frame(f, v)->axis;
    case A_SERIES:
    case A_ARRAY:
    case A_INDEX: return v->val ? val_axis(v->val) : NULL;
    case A_TUPLE:
    case A_LIST:
        if (record_is_opaque(v) || box_get(f, v) || !lower_items(f, v, &item, &n))
            return NULL;
        for (idx i = 0; i < n; i++) {
            Axis *a = rows_axis(f, item[i]);
            if (a) return a;
        }
        return NULL;
    default: return NULL;
    }
}

void flags_note(Front *f, const char *name, Loc loc, AVal *v, RowsRole role)
{
    Axis *a = rows_axis(f, v);
    if (!a || !name) return;
    RowsVar new = {name, loc, a, role};
    vec_each (i, &f->top->vars) {
        RowsVar *old = &f->top->vars.at[i];
        if (old->loc.line != loc.line || old->loc.file != loc.file ||
            old->role != role || strcmp(old->name, name) != 0)
            continue;
        *old = new; /* of the last round of a loop's lowering */
        return;
    }
    vec_push(f->arena, &f->top->vars, new);
}

static bool pin_axis(Axis *a, const Pin *p)
{
    a = axis_get(a);
    if (!a) return false;
    a->pinned = true;
    a->dist = (uint8_t)p->dist;
    a->pin_flag = p->flag;
    a->pin_name = p->name;
    a->pin_func = p->func;
    a->pin_returned = p->returned;
    return true;
}

/* Of a container at run time: its rows are distributed as those of all of them. */
static bool pin_rows(Front *f, const Val *box, const Pin *p)
{
    if (!comp_has_rows(f->fn, box->type)) return false;
    Axis *a = form_axis(f);
    if (a->pinned && (a->dist == DIST_REP) != (p->dist == DIST_REP))
        front_fail(f, E_DIST,
                   "the flags %s of '%s' and %s of '%s' contradict each other: rows in "
                   "lists and dicts of a function are distributed all alike",
                   a->pin_flag, a->pin_name ? a->pin_name : "a result", p->flag,
                   p->name ? p->name : "a result");
    return pin_axis(a, p);
}

/* Pins all axes of a value; false when it has none. */
static bool pin(Front *f, AVal *v, const Pin *p)
{
    AVal **item;
    idx n;
    bool any = false;
    switch ((AKind)v->kind) {
    case A_FRAME: return pin_axis(front_frame(f, v)->axis, p);
    case A_SERIES:
    case A_ARRAY:
    case A_INDEX: return v->val && pin_axis(val_axis(v->val), p);
    case A_TUPLE:
    case A_LIST:
    case A_DICT:
        if (box_get(f, v)) return pin_rows(f, box_get(f, v), p);
        if (!lower_items(f, v, &item, &n)) return false;
        if (v->kind == A_DICT) item = front_items(f, v)->item.at;
        for (idx i = 0; i < n; i++)
            any |= pin(f, item[i], p);
        return any;
    default: return false;
    }
}

/* The pin that the flags give a name; false: none. */
static bool pin_of(const DistFlags *d, const char *name, Pin *p)
{
    p->name = name;
    if (listed(d->replicated, d->nreplicated, name)) {
        p->dist = DIST_REP;
        p->flag = "replicated";
    } else if (listed(d->distributed_block, d->ndistributed_block, name)) {
        p->dist = DIST_BLOCK;
        p->flag = "distributed_block";
    } else if (listed(d->distributed, d->ndistributed, name)) {
        p->dist = DIST_BLOCK; /* at best; rows that move make it variable */
        p->flag = "distributed";
    } else {
        return false;
    }
    return true;
}

static void mark_used(Front *f, Scope *s, const char *name)
{
    if (!listed(s->flags_used.at, s->flags_used.n, name))
        vec_push(f->arena, &s->flags_used, name);
}

void flags_enter(Front *f, Scope *s, const DistFlags *d, idx nparam)
{
    s->flags = d;
    if (!d) return;
    f->serial += d->off;
    for (idx i = 0; i < nparam && i < s->name.n; i++) {
        AVal *v = heap_var(f, s->cell.at[i]);
        Pin p = {.func = s->fname};
        bool named = pin_of(d, s->name.at[i], &p);
        if (!named && d->all_args_distributed_block)
            p = (Pin){DIST_BLOCK, "all_args_distributed_block", s->name.at[i], s->fname,
                      false};
        else if (!named && d->all_args_distributed_varlength)
            p = (Pin){DIST_BLOCK, "all_args_distributed_varlength", s->name.at[i],
                      s->fname, false};
        else if (!named && d->no_args_maybe)
            p = (Pin){DIST_REP, "args_maybe_distributed=False", s->name.at[i], s->fname,
                      false};
        if (p.flag && v && pin(f, v, &p) && named) mark_used(f, s, s->name.at[i]);
    }
    declared_enter(f, s, nparam);
}

/* What two functions say of one variable outside of both must agree: it is read and
 * written where it lies. */
static void no_contradiction(Front *f, AVal *v, const Pin *p)
{
    const Axis *a = axis_get(rows_axis(f, v));
    if (!a || !a->pinned || !a->pin_name ||
        (a->dist == DIST_REP) == (p->dist == DIST_REP))
        return;
    front_fail(f, E_DIST,
               "the flags %s of '%s' in function '%s' and %s of '%s' in function '%s' "
               "contradict each other: both name the same variable outside of them",
               a->pin_flag, a->pin_name, a->pin_func, p->flag, p->name, p->func);
}

void flags_outside(Front *f, const char *name, AVal *v)
{
    Scope *s = f->scope;
    flags_note(f, name, f->loc, v, ROWS_OUTSIDE);
    while (s && !s->flags)
        s = s->up;
    if (!s) return;
    Pin p = {.func = s->fname};
    bool named = pin_of(s->flags, name, &p);
    if (!named && s->flags->no_args_maybe)
        p = (Pin){DIST_REP, "args_maybe_distributed=False", name, s->fname, false};
    if (p.flag) no_contradiction(f, v, &p);
    if (p.flag && pin(f, v, &p) && named) mark_used(f, s, name);
}

static Axis *data_axis(Front *f, const AVal *v)
{
    if (v->kind == A_FRAME) return axis_get(front_frame(f, v)->axis);
    bool data = v->kind == A_SERIES || v->kind == A_ARRAY;
    return data ? axis_get(val_axis(v->val)) : NULL;
}

/* The value with its axes pinned; where another flag has pinned them otherwise, its
 * rows on axes of their own. */
static AVal *pinned(Front *f, AVal *v, const Pin *p, bool *any)
{
    Axis *a = data_axis(f, v);
    if (a && a->pinned && (a->dist == DIST_REP) != (p->dist == DIST_REP)) {
        Op op = p->dist == DIST_REP ? OP_GATHER : OP_SCATTER;
        const char *name = p->dist == DIST_REP ? "shoal.allgatherv" : "shoal.scatterv";
        v = front_call_op(f, op, name, NULL, &v, 1, NULL, NULL, 0, NULL);
        Node *n = f->at->last;
        while (n && n->op != op)
            n = n->prev;
        if (n) node_set_int(f->fn, n, "quiet", 1); /* the user did not ask for it */
    }
    *any = pin(f, v, p);
    return v;
}

/* The name by which a flag means a returned value: its own, or that of another variable
 * that holds the very same value (`b = a; return b`). NULL: none. */
static const char *flagged_name(Front *f, const Ast *e, const AVal *v, Pin *p)
{
    const Scope *s = f->scope;
    const char *own = e && e->kind == AST_Name ? e->id : NULL;
    if (own && pin_of(s->flags, own, p)) return own;
    for (idx i = 0; own && i < s->name.n; i++)
        if (heap_var(f, s->cell.at[i]) == v && pin_of(s->flags, s->name.at[i], p))
            return s->name.at[i];
    return NULL;
}

bool flags_numpy_errors(const Front *f)
{
    const Scope *s = f->scope;
    while (s && !s->flags)
        s = s->caller;
    return s && s->flags->numpy_errors;
}

static AVal *leave_one(Front *f, const Ast *e, AVal *v)
{
    const DistFlags *d = f->scope->flags;
    bool tuple = e && (e->kind == AST_Tuple || e->kind == AST_List), any;
    if (tuple && v->kind == A_TUPLE && v->n == e->list.n) {
        AVal **item = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
        for (idx i = 0; i < v->n; i++)
            item[i] = leave_one(f, e->list.at[i], v->item[i]);
        return av_tuple(f, item, v->n);
    }
    Pin p = {.func = f->scope->fname, .returned = true};
    const char *name = flagged_name(f, e, v, &p);
    bool named = name != NULL;
    if (!named && e && e->kind == AST_Name) p.name = e->id;
    if (!named && d->all_returns_distributed) {
        p.dist = DIST_BLOCK;
        p.flag = "all_returns_distributed";
    } else if (!named && d->no_returns_maybe) {
        p.dist = DIST_REP;
        p.flag = "returns_maybe_distributed=False";
    }
    if (!p.flag) return v;
    v = pinned(f, v, &p, &any);
    if (any && named) mark_used(f, f->scope, name);
    return v;
}

static void note_returned(Front *f, const Ast *e, AVal *v)
{
    if (e && e->kind == AST_Name) flags_note(f, e->id, f->loc, v, ROWS_RETURNED);
    bool tuple = e && e->kind == AST_Tuple && v->kind == A_TUPLE && v->n == e->list.n;
    for (idx i = 0; tuple && i < v->n; i++)
        note_returned(f, e->list.at[i], v->item[i]);
}

AVal *flags_leave(Front *f, const Ast *value, AVal *v)
{
    bool some = f->scope->flags && !f->scope->flags->off;
    if (some) v = leave_one(f, value, v);
    if (f->depth == 0) note_returned(f, value, v);
    return v;
}

/* left, and the names of a flag that meant nothing. */
static const char *unused(Front *f, const Scope *s, const char *const *list, idx n,
                          const char *left)
{
    for (idx i = 0; i < n; i++)
        if (!listed(s->flags_used.at, s->flags_used.n, list[i]))
            left = arena_printf(f->arena, "%s%s'%s'", left, *left ? ", " : "", list[i]);
    return left;
}

static void warn_unused(Front *f, const char *left, const char *word)
{
    if (!*left) return;
    const char *text = arena_printf(f->arena,
                                    "Only function arguments and return values can be "
                                    "specified as %s. Ignoring the "
                                    "flag for variables: {%s}.",
                                    word, left);
    if (!listed(f->top->warnings.at, f->top->warnings.n, text))
        vec_push(f->arena, &f->top->warnings, text);
}

void flags_done(Front *f, Scope *s, idx first_axis)
{
    const DistFlags *d = s->flags;
    if (!d) return;
    const char *left = unused(f, s, d->distributed, d->ndistributed, "");
    left = unused(f, s, d->distributed_block, d->ndistributed_block, left);
    warn_unused(f, left, "distributed");
    warn_unused(f, unused(f, s, d->replicated, d->nreplicated, ""), "replicated");
    if (!d->off) return;
    f->serial--;
    Pin p = {DIST_REP, "distributed=False", NULL, s->fname, false};
    for (idx i = first_axis; i < f->fn->axes.n; i++)
        (void)pin_axis(f->fn->axes.at[i], &p);
}
