/* SPDX-License-Identifier: Apache-2.0
 * Functions that are compiled on their own: those that call themselves, directly or
 * through others. Each form of argument types is an instance with a Fn of its own
 * (fn->subs of the main one); calls are CALLFN nodes.
 *
 * The form of a value (`shape`) is an abstract value with a hole for everything that
 * only the run time knows. Shapes of arguments make the parameters, the shape of the
 * result is found by fixed point: while nothing is known of it, a statement that needs
 * it is given up (THROW_BOTTOM), so the first round types the paths that end; then the
 * body is lowered again with what was found until that does not change.
 *
 * A variable of an enclosing function that holds a run-time value is an argument too:
 * it is noticed when it is read (sub_load), then the round begins anew with one more
 * parameter.
 *
 * Instances made in a round are made anew in the next, since they may know a result
 * that was only half known.
 */
#include "base/base.h"

#include "front/func.h"
#include "front/join.h"
#include "front/nd.h"
#include "front/try.h"

#include <setjmp.h>
#include <string.h>

enum { SUB_ROUNDS = 40, SUB_NEST = 40 };

typedef struct Capture {
    int32_t cell;
    AVal *shape, *inside; /* inside: what the instance sees */
} Capture;

typedef struct SubFn {
    struct SubFn *up; /* instance being lowered that called this one */
    const Callee *c;
    AVal **shape; /* of its parameters */
    idx narg;
    VEC(Capture) capture;
    VEC(int32_t) boxed; /* containers around it that it changes: objects */
    AVal *result;       /* NULL: not known yet */
    Fn *fn;
    int32_t number;
    int32_t ncell; /* cells that were there before it */
    bool running, widened;
    bool bottom;  /* this round needed its own result before it was known */
    bool partial; /* .. or that of an instance outside of it */
} SubFn;

struct Subs {
    VEC(SubFn *) at;
    SubFn *now;
    int nest;
};

/* -- Shapes ---------------------------------------------------------------------------
 */
static Val *hole_new(Front *f, Type t)
{
    Val *v = ARENA_NEW(f->arena, Val);
    v->id = v->index = -1;
    v->type = t;
    return v;
}

static bool is_number(const AVal *v)
{
    return v->kind == A_CONST &&
           (v->ck == AC_BOOL || v->ck == AC_INT || v->ck == AC_FLOAT);
}

static Type number_type(const AVal *v)
{
    return type_scalar(v->ck == AC_BOOL ? DT_BOOL : v->ck == AC_INT ? DT_I64 : DT_F64);
}

static AVal *hole_of(Front *f, Type t, bool weak, AKind kind)
{
    AVal *v = av_new_kind(f, kind);
    v->val = hole_new(f, t);
    v->i = weak;
    return v;
}

/* What has several leaves, as an element of a container has them (box.c, rowform.c):
 * views, frames, Series, None or a value. Its shape is a hole of that type. */
static bool is_bundle_kind(const AVal *v)
{
    return v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_OPT ||
           (v->kind == A_ARRAY && v->item != NULL);
}

static bool is_container(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
}

static Type text_type(void)
{
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    return t;
}

static bool is_bundle(const AVal *v)
{
    bool kind = v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_OPT ||
                v->kind == A_ARRAY;
    return kind && v->val && val_is_hole(v->val) && v->val->type.kind == TY_OBJ;
}

static bool bundle_type(Front *f, AVal *v, Type *t)
{
    if (is_bundle(v)) {
        *t = v->val->type;
        return true;
    }
    bool view = v->kind == A_ARRAY && v->item;
    return view ? form_type(f, v, t) : item_type_of(f, v, t);
}

/* keep: constants stay what they are. */
static AVal *shape_of(Front *f, const Callee *c, AVal *v, bool keep)
{
    if (v->kind == A_CONST && v->arg && !v->arg->demanded && v->ck == AC_STR)
        return hole_of(f, text_type(), true, A_SCALAR);
    if (is_number(v) && (!keep || (v->arg && !v->arg->demanded)))
        return hole_of(f, number_type(v), true, A_SCALAR);
    Type many;
    if (is_bundle_kind(v) && bundle_type(f, v, &many))
        return hole_of(f, many, false, (AKind)v->kind);
    if (is_container(v)) return hole_of(f, box_of(f, v)->type, false, (AKind)v->kind);
    if (v->kind == A_SCALAR || v->kind == A_ARRAY)
        return hole_of(f, v->val->type, v->i == 1, (AKind)v->kind);
    if (v->kind == A_TUPLE || v->kind == A_RANGE || v->kind == A_SLICE) {
        AVal *t = record_new(f, v->rec, v->item, v->n);
        t->kind = v->kind;
        t->ck = v->ck;
        for (idx i = 0; i < t->n; i++)
            t->item[i] = shape_of(f, c, t->item[i], keep);
        return t;
    }
    switch ((AKind)v->kind) {
    case A_OPEN:
    case A_NONE:
    case A_CONST:
    case A_FUNC:
    case A_API:
    case A_DTYPE:
    case A_RECORD:
    case A_HOSTOBJ: return v;
    case A_EXC:
        if (v->ck == EXC_CLASS) return v;
        break;
    default: break;
    }
    front_unsup(f, UNSUP_RECURSION,
                "%s() is compiled on its own, because it calls itself: a %s can't be "
                "passed to it or returned",
                c->name, av_type_text(f, v));
}

static bool same_value(const AVal *a, const AVal *b)
{
    if (a == b) return true;
    if (a->kind != b->kind) return false;
    if (a->kind == A_FUNC)
        return a->ast == b->ast && a->scope == b->scope && a->i == b->i;
    if (a->kind == A_HOSTOBJ) return a->i == b->i;
    if (a->kind == A_EXC) return a->op == b->op && a->i == b->i;
    return av_equal(a, b) && (a->kind != A_CONST || a->ck == b->ck);
}

static bool is_hole(const AVal *v)
{
    if (is_container(v)) return v->val && val_is_hole(v->val);
    if (is_bundle(v)) return true;
    return (v->kind == A_SCALAR || v->kind == A_ARRAY) && val_is_hole(v->val);
}

/* Some element type is not learnt yet. */
static bool is_open(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, t));
    if (c && c->kind == COMP_OPEN) return true;
    for (int i = 0; c && i < c->n; i++)
        if (is_open(f, c->item[i])) return true;
    return false;
}

static bool takes_container(Front *f, const AVal *to, AVal *v)
{
    if (v->kind != to->kind) return false;
    Type a = to->val->type, b = v->val ? v->val->type : box_of(f, v)->type;
    if (box_same(f, a, b)) return true;
    return (is_open(f, a) || is_open(f, b)) && box_unify(f, a, b);
}

/* None, a value or either where either is expected; rows of the same form. */
static bool takes_bundle(Front *f, const AVal *to, AVal *v)
{
    Type t, u;
    bool opt = to->kind == A_OPT;
    if (v->kind != to->kind && !(opt && v->kind == A_NONE)) return false;
    if (!bundle_type(f, v, &t)) return false;
    if (opt) return box_join(f, to->val->type, t, &u) && box_same(f, u, to->val->type);
    return box_same(f, to->val->type, t);
}

/* The value of v's shape can be passed where `to` is expected. */
static bool shape_takes(Front *f, const AVal *to, AVal *v)
{
    if (is_bundle(to)) return takes_bundle(f, to, v);
    if (is_hole(to)) {
        if (is_bundle_kind(v)) return false;
        if (is_container(to)) return takes_container(f, to, v);
        if (v->kind == A_CONST && v->ck == AC_STR)
            return type_eq(to->val->type, text_type());
        if (is_number(v)) return type_eq(to->val->type, number_type(v)) && to->i == 1;
        return v->kind == to->kind && type_eq(to->val->type, v->val->type) &&
               (to->kind != A_SCALAR || to->i == (v->i == 1));
    }
    if (to->kind != v->kind) return false;
    if (to->kind == A_TUPLE || to->kind == A_RANGE || to->kind == A_SLICE) {
        if (to->n != v->n || to->rec != v->rec) return false;
        for (idx i = 0; i < to->n; i++)
            if (!shape_takes(f, to->item[i], v->item[i])) return false;
        return true;
    }
    return same_value(to, v);
}

static bool scalar_kind(const AVal *v, Type *t)
{
    if (v->kind == A_SCALAR)
        *t = v->val->type;
    else if (is_number(v))
        *t = number_type(v);
    else if (v->kind == A_CONST && v->ck == AC_STR)
        *t = text_type();
    else if (v->kind == A_NONE)
        *t = type_scalar(DT_STR);
    else
        return false;
    return true;
}

/* A hole that holds either: rows of one form, or None and a value; NULL. */
static AVal *bundle_join(Front *f, AVal *a, AVal *b)
{
    Type s, t, u;
    bool array = a->kind == A_ARRAY && b->kind == A_ARRAY;
    bool rows = is_bundle(a) && a->kind == b->kind && a->kind != A_OPT;
    bool text = (a->kind == A_NONE && b->kind == A_CONST && b->ck == AC_STR) ||
                (a->kind == A_SCALAR && a->val->type.dt == DT_STR);
    bool opt = a->kind == A_OPT || b->kind == A_OPT ||
               ((a->kind == A_NONE || b->kind == A_NONE) && !text &&
                !(b->kind == A_SCALAR && b->val->type.dt == DT_STR) &&
                !(a->kind == A_CONST && a->ck == AC_STR));
    if (array && a->val->type.kind != b->val->type.kind)
        front_unsup(
            f, UNSUP_RECURSION,
            "a function that calls itself returns a view of an array on one path "
            "and an array of its own on another: use .copy()");
    if (array || (!rows && !opt)) return NULL;
    if (!bundle_type(f, a, &s) || !bundle_type(f, b, &t)) return NULL;
    if (!box_join(f, s, t, &u)) return NULL;
    if (is_bundle(a) && box_same(f, u, s)) return a;
    return hole_of(f, u, false, rows ? (AKind)a->kind : A_OPT);
}

/* The shape of both; a itself when b adds nothing. */
static AVal *shape_join(Front *f, const Callee *c, AVal *a, AVal *b)
{
    Type s, t, u;
    if (a->kind == A_OPEN || b->kind == A_OPEN) return a->kind == A_OPEN ? b : a;
    if (same_value(a, b) && !is_hole(a)) return a;
    if (a->kind == A_TUPLE && b->kind == A_TUPLE && a->n == b->n && a->rec == b->rec) {
        AVal *v = record_new(f, a->rec, a->item, a->n);
        bool same = true;
        for (idx i = 0; i < a->n; i++) {
            v->item[i] = shape_join(f, c, a->item[i], b->item[i]);
            same &= v->item[i] == a->item[i];
        }
        return same ? a : v;
    }
    if (a->kind == A_ARRAY && b->kind == A_ARRAY && type_eq(a->val->type, b->val->type))
        return a;
    if (is_container(a) && is_container(b) && takes_container(f, a, b)) return a;
    AVal *both = bundle_join(f, a, b);
    if (both) return both;
    bool none = a->kind == A_NONE || b->kind == A_NONE;
    if (!scalar_kind(a, &s) || !scalar_kind(b, &t) ||
        (none && (s.dt != DT_STR || t.dt != DT_STR)) || !type_promote(s, t, &u))
        front_unsup(f, UNSUP_TYPES, "%s() returns %s on one path but %s on another",
                    c->name, av_type_text(f, a), av_type_text(f, b));
    bool weak = (a->kind == A_CONST || a->i == 1) && (b->kind == A_CONST || b->i == 1);
    if (is_hole(a) && type_eq(u, s) && weak == (a->i == 1)) return a;
    return hole_of(f, u, weak, A_SCALAR);
}

/* -- Between shapes and values
 * ----------------------------------------------------------- */
static Val *missing_text(Front *f)
{
    Val *v = ir_const_text(f->fn, f->at, f->loc, "", 0);
    node_set_int(f->fn, v->def, "na", 1);
    return v;
}

static void flatten_bundle(Front *f, const AVal *to, AVal *v, ValVec *out)
{
    const CompType *c = comp_of(f->fn, comp_resolve(f->fn, to->val->type));
    if (v->kind == A_ARRAY && c && c->form)
        form_flatten(f, v, comp_resolve(f->fn, to->val->type), out);
    else
        elem_flatten(f, v, to->val->type, out);
}

/* Appends the operands for to's holes. */
static void flatten(Front *f, const AVal *to, AVal *v, ValVec *out)
{
    if (v->kind == A_OPEN && is_hole(to)) {
        Type t = to->val->type;
        vec_push(f->arena, &out->v, val_put(f, OP_UNDEF, NULL, 0, t, NULL));
        return;
    }
    if (is_bundle(to)) {
        flatten_bundle(f, to, v, out);
        return;
    }
    if (is_hole(to) && is_container(to)) {
        Val *h = box_of(f, v);
        (void)box_unify(f, to->val->type, h->type);
        vec_push(f->arena, &out->v, h);
        return;
    }
    if (is_hole(to)) {
        Val *x = v->kind == A_NONE ? missing_text(f) : front_val(f, v);
        if (!type_eq(x->type, to->val->type)) x = front_cast(f, x, to->val->type);
        vec_push(f->arena, &out->v, x);
        return;
    }
    if (to->kind != A_TUPLE && to->kind != A_RANGE && to->kind != A_SLICE) return;
    for (idx i = 0; i < to->n; i++)
        flatten(f, to->item[i], v->item[i], out);
}

static void hole_types(Front *f, const AVal *s, ValVec *out)
{
    if (is_bundle(s)) {
        Leaves l = {0};
        comp_leaves(f->fn, s->val->type, &l);
        vec_each (i, &l.at)
            vec_push(f->arena, &out->v, hole_new(f, l.at.at[i]));
        return;
    }
    if (is_hole(s)) {
        vec_push(f->arena, &out->v, s->val);
        return;
    }
    if (s->kind != A_TUPLE && s->kind != A_RANGE && s->kind != A_SLICE) return;
    for (idx i = 0; i < s->n; i++)
        hole_types(f, s->item[i], out);
}

static AVal *rebuild_bundle(Front *f, const AVal *s, Val *val, idx *k)
{
    Leaves l = {0};
    comp_leaves(f->fn, s->val->type, &l);
    Val **leaf = ARENA_NEW_N(f->arena, l.at.n + 1, Val *);
    vec_each (i, &l.at)
        leaf[i] = &val[*k + i];
    *k += l.at.n;
    int at = 0;
    return elem_build(f, s->val->type, leaf, &at);
}

/* s with its holes filled by val[*k..]. Arrays get an axis of their own. */
static AVal *rebuild(Front *f, AVal *s, Val *val, idx *k)
{
    if (is_bundle(s)) return rebuild_bundle(f, s, val, k);
    if (is_hole(s)) {
        Val *v = &val[(*k)++];
        if (is_container(s)) return box_aval(f, v);
        AVal *a = av_new_kind(f, (AKind)s->kind);
        a->val = v;
        a->i = s->i;
        if (v->type.kind == TY_ARRAY) {
            v->axis = axis_new(f->fn);
            v->axis->rows = val_put(f, OP_ROWS, &v, 1, type_scalar(DT_I64), NULL);
        }
        return a;
    }
    if (s->kind != A_TUPLE && s->kind != A_RANGE && s->kind != A_SLICE) return s;
    AVal *t = record_new(f, s->rec, s->item, s->n);
    t->kind = s->kind;
    t->ck = s->ck;
    for (idx i = 0; i < s->n; i++)
        t->item[i] = rebuild(f, s->item[i], val, k);
    return t;
}

/* -- What a round may throw
 * --------------------------------------------------------------- */
NORETURN static void throw_now(Front *f, int what)
{
    f->thrown = what;
    err_clear(f->fn->err);
    (void)err_set(f->fn->err, E_INTERNAL, "a function's result is not known");
    front_rethrow(f);
}

bool sub_guesses(const Front *f)
{
    return f->subs && f->subs->now && f->subs->now->running;
}

/* -- Variables of enclosing functions
 * ------------------------------------------------------ */
static bool of_run_time(const AVal *v)
{
    if (v->kind == A_SCALAR || v->kind == A_ARRAY || v->kind == A_SERIES ||
        v->kind == A_FRAME || v->kind == A_INDEX || v->kind == A_MAYBE)
        return true;
    for (idx i = 0; (v->kind == A_TUPLE || v->kind == A_RANGE) && i < v->n; i++)
        if (of_run_time(v->item[i])) return true;
    return is_number(v) && v->arg && !v->arg->demanded;
}

/* A container around the instance that exists at run time, or must. */
static bool is_object(Front *f, const SubFn *s, const AVal *v)
{
    if (!is_container(v) || v->obj < 0 || v->obj >= s->ncell) return false;
    vec_each (i, &s->boxed)
        if (s->boxed.at[i] == v->obj) return true;
    return box_get(f, v) != NULL;
}

/* A variable that is read in an instance: what it sees of one outside of it. */
AVal *sub_load(Front *f, int32_t cell, AVal *v)
{
    SubFn *s = f->subs ? f->subs->now : NULL;
    if (!s || cell >= s->ncell || (!of_run_time(v) && !is_object(f, s, v))) return v;
    vec_each (i, &s->capture)
        if (s->capture.at[i].cell == cell) return s->capture.at[i].inside;
    Capture c = {.cell = cell, .shape = shape_of(f, s->c, v, false)};
    vec_push(f->arena, &s->capture, c);
    s->widened = true;
    throw_now(f, THROW_AGAIN);
}

/* -- One round
 * ------------------------------------------------------------------------------ */
typedef struct Round {
    SubFn *s;
    AVal *result; /* NULL: no path has ended */
} Round;

static AVal *param_value(Front *f, AVal *shape, Val *val, idx *k)
{
    return rebuild(f, shape, val, k);
}

static void open_params(Front *f, SubFn *s, Scope *scope)
{
    ValVec types = {0};
    for (idx i = 0; i < s->narg; i++)
        hole_types(f, s->shape[i], &types);
    vec_each (i, &s->capture)
        hole_types(f, s->capture.at[i].shape, &types);
    s->fn->body = region_new(s->fn, NULL, (int)types.v.n);
    f->at = s->fn->body;
    for (idx i = 0; i < types.v.n; i++)
        f->at->param[i].type = types.v.at[i]->type;
    idx k = 0;
    func_bind(f, s->c, scope);
    for (idx i = 0; i < s->narg; i++)
        heap_set_var(f, scope->cell.at[i],
                     param_value(f, s->shape[i], f->at->param, &k));
    vec_each (i, &s->capture) {
        Capture *c = &s->capture.at[i];
        c->inside = param_value(f, c->shape, f->at->param, &k);
    }
}

static void no_writes(Front *f, SubFn *s, const Heap *before)
{
    for (int32_t n = 0; n < s->ncell && n < before->cell.n; n++) {
        if (before->cell.at[n].kind != C_ITEMS ||
            before->cell.at[n].p == f->heap->cell.at[n].p)
            continue;
        vec_push(f->arena, &s->boxed, n); /* another round, with an object */
        s->widened = true;
    }
    if (s->widened) throw_now(f, THROW_AGAIN);
    for (int32_t n = 0; n < s->ncell && n < before->cell.n; n++)
        if (before->cell.at[n].p != f->heap->cell.at[n].p ||
            before->cell.at[n].kind != f->heap->cell.at[n].kind) {
            scope_share(f, s->c->up, n);
            front_unsup(
                f, UNSUP_NONLOCAL,
                "%s() calls itself, and assigns or changes a frame or Series of "
                "the function around it",
                s->c->name);
        }
}

static void run_round(Front *f, void *data)
{
    Round *r = data;
    SubFn *s = r->s;
    Fn *outer = f->fn;
    s->fn = fn_new(f->arena, s->c->name, outer->err, outer->catch_);
    s->fn->names = f->names;
    s->fn->up = f->top; /* whose types are its types */
    f->fn = s->fn;
    f->trying = NULL;
    f->handling = NULL;
    f->inlined_at = -1;
    Scope *scope = scope_new(f, s->c->up, s->c->fn, s->c->file, s->c->name);
    scope->def = s->c->def;
    scope->caller = f->scope;
    scope->call = f->loc;
    Heap *before = heap_save(f);
    s->fn->files = f->top->files; /* only to have them: see sub_finish */
    f->scope = scope;
    open_params(f, s, scope);
    bool reached = true;
    AVal *v = func_body(f, s->c, scope, &reached);
    if (!reached && s->partial && !s->result) {
        exc_emit(f, E_INTERNAL, "unreachable", NULL);
        return;
    }
    no_writes(f, s, before);
    AVal *shape = reached ? shape_of(f, s->c, v, true) : av_none(f);
    r->result = s->result ? shape_join(f, s->c, s->result, shape) : shape;
    if (reached) {
        ValVec out = {0};
        flatten(f, r->result, v, &out);
        node_put(f, f->at, OP_RETURN, out.v.at, (int)out.v.n, 0);
    }
}

/* -- Instances
 * -------------------------------------------------------------------------------- */
typedef struct Outer {
    Fn *fn;
    SubFn *now;
    idx nsub;
} Outer;

static bool settle(Front *f, SubFn *s, const Outer *o)
{
    Round r = {.s = s};
    s->bottom = s->partial = s->widened = false;
    f->subs->at.n = o->nsub;
    f->top->subs.n = o->nsub;
    bool done = front_attempt_in(f, run_round, &r);
    f->fn = o->fn;
    f->subs->now = s;
    if (!done) {
        if (f->thrown == THROW_AGAIN && s->widened) {
            f->thrown = THROW_ERROR;
            err_clear(f->fn->err);
            return false;
        }
        f->subs->now = o->now;
        f->subs->nest--;
        s->running = false;
        front_rethrow(f);
    }
    if (!r.result) { /* every path calls a function whose result is not known */
        bool outside = false;
        for (const SubFn *u = s->up; u; u = u->up)
            outside |= !u->result;
        if (outside) {
            f->subs->now = o->now;
            f->subs->nest--;
            s->running = false;
            throw_now(f, THROW_BOTTOM);
        }
        s->result = hole_of(f, type_scalar(DT_I64), true, A_SCALAR); /* it never ends */
        return false;
    }
    bool stable = s->result == r.result && !s->bottom;
    s->result = r.result;
    return stable;
}

static void lower_instance(Front *f, SubFn *s)
{
    Outer o = {f->fn, f->subs->now, 0};
    s->up = o.now;
    s->number = (int32_t)f->top->subs.n;
    s->ncell = f->ncell;
    s->running = true;
    if (++f->subs->nest > SUB_NEST)
        front_unsup(f, UNSUP_RECURSION,
                    "%s() calls itself with ever new types of arguments", s->c->name);
    vec_push(f->arena, &f->subs->at, s);
    vec_push(f->arena, &f->top->subs, NULL);
    o.nsub = f->top->subs.n;
    f->subs->now = s;
    int round = 0;
    while (!settle(f, s, &o))
        if (++round == SUB_ROUNDS)
            front_unsup(f, UNSUP_TYPES, "the type that %s() returns does not settle",
                        s->c->name);
    s->running = false;
    f->top->subs.at[s->number] = s->fn;
    f->subs->now = o.now;
    f->subs->nest--;
}

static bool callee_same(const Callee *a, const Callee *b)
{
    return a->def == b->def && a->up == b->up && a->fn == b->fn;
}

/* Text that differs from round to round becomes a parameter. */
static bool widen_texts(Front *f, SubFn *s, AVal *const *arg)
{
    bool only_texts = true, any = false;
    for (idx i = 0; i < s->narg; i++) {
        if (shape_takes(f, s->shape[i], arg[i])) continue;
        bool text = s->shape[i]->kind == A_CONST && s->shape[i]->ck == AC_STR &&
                    ((arg[i]->kind == A_CONST && arg[i]->ck == AC_STR) ||
                     (arg[i]->kind == A_SCALAR && arg[i]->val->type.dt == DT_STR));
        only_texts &= text;
        any |= text;
    }
    if (!any || !only_texts) return false;
    for (idx i = 0; i < s->narg; i++)
        if (!shape_takes(f, s->shape[i], arg[i]))
            s->shape[i] = hole_of(f, text_type(), true, A_SCALAR);
    return true;
}

enum { FORMS_MAX = 8 }; /* of one function, each called from the one before */

/* A tree's node is of another type with each branch that it gets. */
static void check_forms(Front *f, const Callee *c, AVal *const *arg, idx narg)
{
    int forms = 0;
    for (const SubFn *u = f->subs->now; u; u = u->up)
        forms += callee_same(u->c, c);
    if (forms < FORMS_MAX) return;
    for (idx i = 0; i < narg; i++)
        kin_learn_values(f, arg[i]);
    front_unsup(f, UNSUP_RECURSIVE,
                "%s() calls itself with values of ever new types, as instances that "
                "hold others of their class are",
                c->name);
}

static SubFn *find_instance(Front *f, const Callee *c, AVal *const *arg, idx narg)
{
    vec_each (i, &f->subs->at) {
        SubFn *s = f->subs->at.at[i];
        if (!callee_same(s->c, c) || s->narg != narg) continue;
        bool fits = true;
        for (idx k = 0; k < narg; k++)
            fits &= shape_takes(f, s->shape[k], arg[k]);
        if (fits) return s;
        if (s->running && s == f->subs->now && widen_texts(f, s, arg)) {
            s->widened = true;
            throw_now(f, THROW_AGAIN);
        }
    }
    check_forms(f, c, arg, narg);
    SubFn *s = ARENA_NEW(f->arena, SubFn);
    Callee *copy = ARENA_NEW(f->arena, Callee);
    *copy = *c;
    s->c = copy;
    s->narg = narg;
    s->shape = ARENA_NEW_N(f->arena, narg + 1, AVal *);
    for (idx k = 0; k < narg; k++)
        s->shape[k] = shape_of(f, c, arg[k], false);
    lower_instance(f, s);
    return s;
}

AVal *sub_call(Front *f, const Callee *c, AVal *const *arg, idx narg)
{
    if (!f->subs) f->subs = ARENA_NEW(f->arena, struct Subs);
    SubFn *s = find_instance(f, c, arg, narg);
    if (!s->result) {
        s->bottom = true;
        for (SubFn *u = f->subs->now; u; u = u == s ? NULL : u->up)
            u->partial = true;
        throw_now(f, THROW_BOTTOM);
    }
    ValVec in = {0}, out = {0};
    for (idx k = 0; k < narg; k++)
        flatten(f, s->shape[k], arg[k], &in);
    vec_each (i, &s->capture) {
        Capture *p = &s->capture.at[i];
        AVal *v = heap_var(f, p->cell);
        if (s == f->subs->now)
            v = p->inside;
        else
            v = sub_load(f, p->cell, v);
        flatten(f, p->shape, v, &in);
    }
    hole_types(f, s->result, &out);
    Node *n = node_put(f, f->at, OP_CALLFN, in.v.at, (int)in.v.n, (int)out.v.n);
    node_set_int(f->fn, n, "fn", s->number);
    node_set_text(f->fn, n, "name", c->name, (idx)strlen(c->name));
    for (idx k = 0; k < out.v.n; k++)
        n->res[k].type = out.v.at[k]->type;
    idx k = 0;
    return rebuild(f, s->result, n->res, &k);
}

void sub_finish(Front *f)
{
    vec_each (i, &f->top->subs) {
        Fn *s = f->top->subs.at[i];
        s->sub = true;
        s->up = f->top;
        s->files = f->top->files;
        s->inlines = f->top->inlines;
        s->comps = f->top->comps;
        s->pycalls = f->top->pycalls;
    }
}
