/* SPDX-License-Identifier: Apache-2.0
 * Containers at run time. A list, dict or set starts as contents known when compiling
 * (C_ITEMS); where that is not enough (a loop makes it longer, a subscript is computed,
 * it becomes an element of another) its cell gets a handle (C_BOX), and all names of
 * it, sharing the cell, see one object.
 *
 * Element types are learnt: the elements of [] are an open type that the first append
 * settles, through any nesting (`d.setdefault(k, []).append(x)`). A later element of a
 * wider type (an int list that gets a float) changes code that was made already: the
 * wider type is noted under the place where the container is made, and the evaluation
 * starts over.
 */
#include "base/base.h"

#include "base/hash.h"
#include "front/build.h"
#include "front/front_int.h"
#include "front/try.h"

#include <setjmp.h>
#include <string.h>

enum { RESTARTS_MAX = 40 };

NORETURN void front_restart(Front *f)
{
    f->hints->counted = false;
    if (++f->hints->restarts > RESTARTS_MAX)
        front_unsup(f, UNSUP_TYPES, "the types of the containers do not settle");
    longjmp(*(jmp_buf *)f->restart, 1);
}

bool arg_is_lazy(const AVal *v)
{
    return v->kind == A_CONST && v->arg && !v->arg->demanded && v->arg->slot >= 0;
}

bool arg_is_run(Front *f, const AVal *v)
{
    if (!arg_is_lazy(v) || f->hints->specialise) return false;
    vec_each (i, &f->hints->known)
        if (f->hints->known.at[i] == v->arg->slot) return false;
    return true;
}

/* -- Sites ------------------------------------------------------------------------- */

static uint64_t site_of(Front *f, const AVal *v)
{
    uint64_t h = hash_combine((uint64_t)v->loc.line, (uint64_t)v->loc.col);
    h = hash_combine(h, (uint64_t)v->loc.file + 11 * (uint64_t)v->kind);
    for (int32_t i = f->inlined_at; i >= 0; i = f->fn->inlines.at[i].parent) {
        Loc c = f->fn->inlines.at[i].call;
        h = hash_combine(h, hash_combine((uint64_t)c.line, (uint64_t)c.col));
    }
    return h | 1;
}

static const Type *hint_find(Front *f, uint64_t site, int k)
{
    vec_each (i, &f->hints->at) {
        Hint *h = &f->hints->at.at[i];
        if (h->site == site && h->k == k) return &h->t;
    }
    return NULL;
}

static void hint_set(Front *f, uint64_t site, int k, Type t)
{
    vec_each (i, &f->hints->at) {
        Hint *h = &f->hints->at.at[i];
        if (h->site != site || h->k != k) continue;
        h->t = t;
        return;
    }
    Hint h = {site, k, t};
    vec_push(f->arena, &f->hints->at, h);
}

/* -- Types of elements ------------------------------------------------------------- */

static Type text_type(void)
{
    Type t = type_scalar(DT_STR);
    t.null = NULL_NONE;
    return t;
}

static bool is_open(Front *f, Type t)
{
    return comp_is(f->fn, comp_resolve(f->fn, t), COMP_OPEN);
}

static Type open_type(Front *f)
{
    return comp_own(f->fn, COMP_OPEN, NULL, 0);
}

NORETURN static void holds_itself(Front *f, Type t)
{
    (void)kin_learn_types(f, t);
    front_unsup(f, UNSUP_RECURSIVE,
                "a container would hold itself, or others of its type");
}

/* c is part of t. */
static bool occurs(Front *f, const CompType *c, Type t)
{
    const CompType *x = comp_of(f->fn, comp_resolve(f->fn, t));
    if (x == c) return true;
    for (int i = 0; x && i < x->n; i++)
        if (occurs(f, c, x->item[i])) return true;
    return false;
}

static void bind(Front *f, Type open, Type t)
{
    CompType *c = comp_of(f->fn, comp_resolve(f->fn, open));
    if (comp_of(f->fn, t) == c) return;
    if (occurs(f, c, t)) holds_itself(f, t);
    c->n = 1;
    c->item = ARENA_NEW_N(f->arena, 1, Type);
    c->item[0] = t;
}

static CompKind comp_kind(AKind kind)
{
    return kind == A_LIST ? COMP_LIST : kind == A_DICT ? COMP_DICT : COMP_SET;
}

static AKind aval_kind(CompKind kind)
{
    bool list = kind == COMP_LIST || kind == COMP_NODE;
    return list ? A_LIST : kind == COMP_DICT ? A_DICT : A_SET;
}

static bool tuple_type(Front *f, const AVal *v, Type *out)
{
    Type *item = ARENA_NEW_N(f->arena, v->n + 1, Type);
    for (idx i = 0; i < v->n; i++)
        if (!item_type_of(f, v->item[i], &item[i])) return false;
    if (v->rec && !v->rec->text) return false; /* of itertuples */
    *out = comp_tagged(f->fn, item, (int)v->n, v->rec ? v->rec->text : NULL);
    return true;
}

bool item_type_of(Front *f, AVal *v, Type *out)
{
    switch ((AKind)v->kind) {
    case A_NONE: *out = (Type){.kind = TY_NONE}; return true;
    case A_OPEN: *out = open_type(f); return true;
    case A_OPT: {
        Type t;
        if (!item_type_of(f, v->item[0], &t)) return false;
        *out = comp_type(f->fn, COMP_OPT, &t, 1);
        return true;
    }
    case A_CONST:
        switch ((AstConst)v->ck) {
        case AC_BOOL: *out = type_scalar(DT_BOOL); return true;
        case AC_INT: *out = type_scalar(DT_I64); return true;
        case AC_FLOAT: *out = type_scalar(DT_F64); return true;
        case AC_STR: *out = text_type(); return true;
        case AC_BYTES: *out = bytes_type(); return true;
        default: return false;
        }
    case A_SCALAR:
        *out = v->val->type;
        if (front_settles(*out)) {
            out->null = NULL_NONE;
            return true;
        }
        if (out->dt != DT_STR && (out->null == NULL_MASK || out->null == NULL_PROM))
            return false;
        return true;
    case A_ARRAY:
        if (!nd_is_plain(v) && v->n > 3) return form_type(f, v, out);
        *out = v->val->type;
        return true;
    case A_FRAME:
    case A_SERIES: return form_type(f, v, out);
    case A_TUPLE: return tuple_type(f, v, out);
    case A_LIST:
    case A_DICT:
    case A_SET: {
        Val *h = box_get(f, v);
        *out = h ? h->type : box_type(f, v, front_items(f, v));
        return true;
    }
    default: return false;
    }
}

static bool is_plain(Type t)
{
    return t.kind == TY_SCALAR;
}

static bool type_join(Front *f, Type a, Type b, Type *out);

/* Rows are there or not: no element is None instead. */
static bool has_rows(Front *f, Type t)
{
    const CompType *c = comp_of(f->fn, t);
    return t.kind == TY_ARRAY || (c && c->form);
}

/* None beside a value of type t. */
static Type join_none(Front *f, Type t)
{
    if (comp_is(f->fn, t, COMP_OPT)) return t;
    if (!is_plain(t) || t.dt != DT_STR) return comp_type(f->fn, COMP_OPT, &t, 1);
    t.null = NULL_MASK;
    return t;
}

Type box_or_none(Front *f, Type t)
{
    return is_open(f, t) ? comp_type(f->fn, COMP_OPT, &t, 1) : join_none(f, t);
}

Type box_open(Front *f, uint64_t site, int k)
{
    const Type *hint = hint_find(f, site, k);
    Type t = hint ? *hint : open_type(f);
    if (hint) return t;
    CompType *c = comp_of(f->fn, t);
    c->site = site;
    c->k = k;
    return t;
}

void box_hint(Front *f, uint64_t site, int k, Type t)
{
    hint_set(f, site, k, comp_settle(f->fn, t));
}

static bool join_plain(Type a, Type b, Type *out)
{
    if (a.dt != DT_STR || b.dt != DT_STR) return type_promote(a, b, out);
    *out = a;
    out->null = a.null == NULL_MASK || b.null == NULL_MASK ? NULL_MASK : NULL_NONE;
    return true;
}

/* At least one of them is optional. */
static bool join_opt(Front *f, Type a, Type b, Type *out)
{
    if (comp_is(f->fn, a, COMP_OPT)) a = comp_of(f->fn, a)->item[0];
    if (comp_is(f->fn, b, COMP_OPT)) b = comp_of(f->fn, b)->item[0];
    if (!type_join(f, a, b, &a)) return false;
    *out = comp_type(f->fn, COMP_OPT, &a, 1);
    return true;
}

/* What can hold a and b alike; false: nothing. Open types are learnt on the way. */
static bool type_join(Front *f, Type a, Type b, Type *out)
{
    a = comp_resolve(f->fn, a);
    b = comp_resolve(f->fn, b);
    *out = a;
    if (type_eq(a, b)) return true;
    if (is_open(f, a) || is_open(f, b)) {
        if (is_open(f, a)) {
            bind(f, a, b);
            *out = b;
        } else {
            bind(f, b, a);
        }
        return true;
    }
    bool none = a.kind == TY_NONE || b.kind == TY_NONE;
    if (none && has_rows(f, a.kind == TY_NONE ? b : a)) return false;
    if (a.kind == TY_NONE || b.kind == TY_NONE) {
        *out = join_none(f, a.kind == TY_NONE ? b : a);
        return true;
    }
    if (comp_is(f->fn, a, COMP_OPT) || comp_is(f->fn, b, COMP_OPT))
        return join_opt(f, a, b, out);
    if (is_plain(a) && is_plain(b)) return join_plain(a, b, out);
    CompType *x = comp_of(f->fn, a), *y = comp_of(f->fn, b);
    if ((x && x->form) || (y && y->form)) return form_join(f, a, b, out);
    if (!x || !y || x->kind != y->kind || x->n != y->n || x->tag != y->tag)
        return false;
    if (comp_is_object(f->fn, a)) return box_unify(f, a, b);
    Type *item = ARENA_NEW_N(f->arena, x->n + 1, Type);
    for (int i = 0; i < x->n; i++)
        if (!type_join(f, x->item[i], y->item[i], &item[i])) return false;
    *out = x->kind == COMP_TUPLE ? comp_tagged(f->fn, item, x->n, x->tag)
                                 : comp_type(f->fn, (CompKind)x->kind, item, x->n);
    return true;
}

/* Whether values of t stand in a place of type `in` without changing it. */
static bool fits(Front *f, Type t, Type in)
{
    Type j;
    t = comp_resolve(f->fn, t);
    in = comp_resolve(f->fn, in);
    if (is_open(f, in)) return false;
    if (!type_join(f, in, t, &j)) return false;
    return box_same(f, j, in);
}

bool box_same(Front *f, Type a, Type b)
{
    a = comp_resolve(f->fn, a);
    b = comp_resolve(f->fn, b);
    CompType *x = comp_of(f->fn, a), *y = comp_of(f->fn, b);
    if (!x || !y) return !x && !y && type_eq(a, b);
    if (x == y) return true;
    if (x->kind != y->kind || x->n != y->n || x->tag != y->tag) return false;
    if (x->kind == COMP_NODE) return false;
    for (int i = 0; i < x->n; i++)
        if (!box_same(f, x->item[i], y->item[i])) return false;
    return true;
}

/* Item k of c gets wider: at once while nothing was made with it, else by starting
 * over. */
static bool widen(Front *f, CompType *c, int k, Type t)
{
    Type was = comp_resolve(f->fn, c->item[k]);
    bool same_bytes = was.kind == TY_SCALAR && was.dt == DT_STR && t.dt == DT_STR;
    if (same_bytes && is_plain(t)) {
        c->item[k] = t;
        return true;
    }
    if (!c->site) return false;
    hint_set(f, c->site, k, comp_settle(f->fn, t));
    front_restart(f);
}

static bool unify_item(Front *f, CompType *x, CompType *y, int k)
{
    Type t;
    if (!type_join(f, x->item[k], y->item[k], &t)) return false;
    if (!box_same(f, t, x->item[k]) && !widen(f, x, k, t)) return false;
    if (!box_same(f, t, y->item[k]) && !widen(f, y, k, t)) return false;
    return true;
}

bool box_join(Front *f, Type a, Type b, Type *out)
{
    return type_join(f, a, b, out);
}

bool box_unify(Front *f, Type a, Type b)
{
    CompType *x = comp_of(f->fn, a), *y = comp_of(f->fn, b);
    if (x == y) return true;
    if (!x || !y || x->kind != y->kind || x->kind == COMP_NODE) return false;
    for (int k = 0; k < x->n; k++)
        if (!unify_item(f, x, y, k)) return false;
    return true;
}

/* A container that was known when compiling becomes an object at the end of the block
 * in which it got v: the place is v's, not the head of the block. */
static void at_value(Front *f, const AVal *v)
{
    if (v->loc.line > f->loc.line && v->loc.file == f->loc.file) f->loc = v->loc;
}

static void no_room(Front *f, Type box, int k, AVal *v)
{
    Type t;
    at_value(f, v);
    if (item_type_of(f, v, &t)) instance_explain(f, comp_of(f->fn, box)->item[k], t);
    front_unsup(f, UNSUP_TYPES, "%s can't hold %s: its %s are %s",
                comp_text(f->fn, box), av_type_text(f, v),
                comp_is(f->fn, box, COMP_DICT) ? (k ? "values" : "keys") : "elements",
                comp_item_text(f->fn, comp_of(f->fn, box)->item[k]));
}

void elem_accept(Front *f, Type box, int k, AVal *v)
{
    Type t, j;
    CompType *c = comp_of(f->fn, box);
    if (v->kind == A_OPEN) return;
    if (!item_type_of(f, v, &t)) {
        kin_learn_values(f, v); /* which says more of what is wrong, if anything is */
        front_unsup(f, UNSUP_ELEMENT, "%s can't be an element of a container",
                    av_type_text(f, v));
    }
    if (t.kind == TY_NONE && is_open(f, c->item[k])) {
        Type o = comp_type(f->fn, COMP_OPT, &c->item[k], 1);
        if (!widen(f, c, k, o)) no_room(f, box, k, v);
        return;
    }
    if (fits(f, t, c->item[k])) return;
    if (!type_join(f, c->item[k], t, &j)) no_room(f, box, k, v);
    if (box_same(f, j, c->item[k])) return;
    if (!widen(f, c, k, j)) no_room(f, box, k, v);
}

/* The type that all the items have in common. */
static Type items_type(Front *f, uint64_t site, int k, AVal *const *item, idx n)
{
    Type all = box_open(f, site, k), t;
    for (idx i = 0; i < n; i++) {
        if (!item_type_of(f, item[i], &t)) {
            kin_learn_values(f, item[i]);
            front_unsup(f, UNSUP_VALUE,
                        "%s can't be an element of a container at run time",
                        av_type_text(f, item[i]));
        }
        if (type_join(f, all, t, &all)) continue;
        instance_explain(f, all, t);
        at_value(f, item[i]);
        bool classes = instance_is(item[0]) && instance_is(item[i]);
        front_unsup(f, classes ? UNSUP_CLASSES : UNSUP_TYPES,
                    "the elements of a container differ: %s and %s",
                    av_type_text(f, item[0]), av_type_text(f, item[i]));
    }
    return all;
}

Type box_type(Front *f, const AVal *v, Container *c)
{
    if (c->typing) {
        vec_each (i, &c->item)
            kin_learn_values(f, c->item.at[i]);
        holds_itself(f, (Type){.kind = TY_NONE});
    }
    c->typing = true;
    uint64_t site = site_of(f, v);
    Type item[2];
    int n = v->kind == A_DICT ? 2 : 1;
    item[0] = items_type(f, site, 0, n == 2 ? c->key.at : c->item.at, c->item.n);
    if (n == 2) item[1] = items_type(f, site, 1, c->item.at, c->item.n);
    c->typing = false;
    Type t = comp_own(f->fn, comp_kind((AKind)v->kind), item, n);
    comp_of(f->fn, t)->site = site;
    return t;
}

/* -- Between abstract values and leaves -------------------------------------------- */

static Val *const_bool(Front *f, bool b)
{
    f->fn->at_inline = f->inlined_at + 1;
    return ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), b);
}

static void undef_leaves(Front *f, Type t, ValVec *out)
{
    Leaves l = {0};
    comp_leaves(f->fn, t, &l);
    vec_each (i, &l.at)
        val_push(f, out, val_put(f, OP_UNDEF, NULL, 0, l.at.at[i], NULL));
}

static Val *none_text(Front *f)
{
    Val *v = ir_const_text(f->fn, f->at, f->loc, "", 0);
    node_set_int(f->fn, v->def, "na", 1);
    return v;
}

void elem_flatten(Front *f, AVal *v, Type t, ValVec *out)
{
    t = comp_resolve(f->fn, t);
    CompType *c = comp_of(f->fn, t);
    if (v->kind == A_OPEN) {
        undef_leaves(f, t, out);
        return;
    }
    if (c && c->kind == COMP_OPT) {
        bool none = v->kind == A_NONE;
        if (v->kind == A_OPT) {
            val_push(f, out, v->val);
            elem_flatten(f, v->item[0], c->item[0], out);
            return;
        }
        val_push(f, out, const_bool(f, !none));
        if (none)
            undef_leaves(f, c->item[0], out);
        else
            elem_flatten(f, v, c->item[0], out);
        return;
    }
    if (c && c->form) {
        form_flatten(f, v, t, out);
        return;
    }
    if (c && c->kind == COMP_TUPLE) {
        for (int i = 0; i < c->n; i++)
            elem_flatten(f, v->item[i], c->item[i], out);
        return;
    }
    if (c && c->kind == COMP_OPEN) return;
    if (t.kind == TY_NONE && av_is_none(v)) return;
    if (c) {
        Val *h = box_of(f, v);
        if (!box_unify(f, t, h->type)) no_room(f, t, 0, v);
        val_push(f, out, h);
        return;
    }
    if (t.kind == TY_SCALAR && v->kind == A_NONE) {
        val_push(f, out, none_text(f));
        return;
    }
    Val *x = front_settled(f, front_val(f, nd_plain(f, v)));
    bool text = t.kind == TY_SCALAR && t.dt == DT_STR;
    val_push(f, out, text || type_eq(x->type, t) ? x : front_cast(f, x, t));
}

AVal *elem_build(Front *f, Type t, Val *const *leaf, int *k)
{
    t = comp_resolve(f->fn, t);
    CompType *c = comp_of(f->fn, t);
    if (c && c->kind == COMP_OPT) {
        AVal *v = av_new_kind(f, A_OPT);
        v->val = leaf[(*k)++];
        v->n = 1;
        v->item = ARENA_NEW_N(f->arena, 1, AVal *);
        v->item[0] = elem_build(f, c->item[0], leaf, k);
        return v;
    }
    if (c && c->form) return form_build(f, t, leaf, k);
    if (c && c->kind == COMP_TUPLE) {
        AVal **item = ARENA_NEW_N(f->arena, c->n + 1, AVal *);
        for (int i = 0; i < c->n; i++)
            item[i] = elem_build(f, c->item[i], leaf, k);
        return record_new(f, c->tag ? record_of(f, c->tag) : NULL, item, c->n);
    }
    if (c && c->kind == COMP_OPEN) return av_new_kind(f, A_OPEN);
    if (t.kind == TY_NONE) return av_none(f); /* an attribute that is never another */
    Val *x = leaf[(*k)++];
    if (c) return box_aval(f, x);
    if (t.kind == TY_ARRAY) return form_array(f, x);
    AVal *v = av_scalar(f, x);
    v->i = t.dt == DT_I64 || t.dt == DT_F64 || t.dt == DT_BOOL || t.dt == DT_C128;
    return v;
}

AVal *box_aval(Front *f, Val *handle)
{
    const CompType *c = comp_of(f->fn, handle->type);
    AVal *v = av_new_kind(f, aval_kind((CompKind)c->kind));
    v->obj = heap_cell(f, C_BOX, handle);
    f->heap->cell.at[v->obj].akind = v->kind;
    return v;
}

/* -- Nodes ------------------------------------------------------------------------- */

Node *obj_node(Front *f, Op op, const char *fn, const char *args, const ValVec *arg,
               int nres)
{
    Node *n = node_put(f, f->at, op, arg->v.at, (int)arg->v.n, nres);
    if (fn) node_set_text(f->fn, n, "fn", fn, (idx)strlen(fn));
    if (args) node_set_text(f->fn, n, "args", args, (idx)strlen(args));
    for (int i = 0; i < nres; i++)
        n->res[i].type = type_scalar(DT_I64);
    return n;
}

Val *obj_call(Front *f, Op op, const char *fn, const char *args, Val *const *arg,
              int narg, Type t)
{
    ValVec v = {0};
    for (int i = 0; i < narg; i++)
        val_push(f, &v, arg[i]);
    Node *n = obj_node(f, op, fn, args, &v, 1);
    n->res[0].type = t;
    return &n->res[0];
}

/* A node that gives or takes an element of a type that is not known yet has no value
 * for it. The type may become known later (the append stands below): then box_late
 * finds the node. */
void box_note_open(Front *f, Node *n, Type t)
{
    t = comp_resolve(f->fn, t);
    CompType *c = comp_of(f->fn, t);
    if (!c) return;
    if (c->kind == COMP_OPEN && c->site) node_set_int(f->fn, n, "open", t.of);
    for (int i = 0; (c->kind == COMP_TUPLE || c->kind == COMP_OPT) && i < c->n; i++)
        box_note_open(f, n, c->item[i]);
}

static bool late_in(Front *f, const Region *r)
{
    bool late = false;
    node_each (n, r) {
        Type t = {.kind = TY_OBJ, .of = (uint16_t)node_int(n, "open", 0)};
        if (t.of && !is_open(f, t)) {
            const CompType *c = f->top->comps.at[t.of - 1];
            hint_set(f, c->site, c->k, comp_settle(f->fn, t));
            late = true;
        }
        for (int k = 0; k < n->nregion; k++)
            late |= late_in(f, n->region[k]);
    }
    return late;
}

void box_late(Front *f)
{
    bool late = late_in(f, f->fn->body);
    for (idx i = 0; i < f->top->subs.n; i++)
        if (f->top->subs.at[i]) late |= late_in(f, f->top->subs.at[i]->body);
    if (late) front_restart(f);
}

/* A node whose results are the leaves of t. */
static AVal *elem_node(Front *f, Op op, const char *fn, const char *args,
                       const ValVec *arg, Type t, const char *res, Node **node)
{
    Leaves l = {0};
    comp_leaves(f->fn, t, &l);
    Node *n = obj_node(f, op, fn, args, arg, (int)l.at.n);
    if (res) node_set_text(f->fn, n, "res", res, (idx)strlen(res));
    Val **leaf = ARENA_NEW_N(f->arena, l.at.n + 1, Val *);
    vec_each (i, &l.at) {
        n->res[i].type = l.at.at[i];
        leaf[i] = &n->res[i];
    }
    box_note_open(f, n, t);
    if (node) *node = n;
    int k = 0;
    return elem_build(f, t, leaf, &k);
}

AVal *box_elem(Front *f, Op op, const ValVec *arg, Type t, Node **node)
{
    return elem_node(f, op, NULL, NULL, arg, t, NULL, node);
}

static Val *box_new(Front *f, Type t, idx cap)
{
    Val *n = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_I64), cap);
    bool list = comp_is(f->fn, t, COMP_LIST);
    return obj_call(f, OP_OBJREAD, list ? "list_new" : "dict_new", NULL, &n, 1, t);
}

static Type item_type(Front *f, const Val *h, int k)
{
    return comp_of(f->fn, h->type)->item[k];
}

/* An element of a container that nothing is ever put in is in v: control does not get
 * here (or a later round knows more). Its leaves are not known, so no node takes it. */
static bool never(const AVal *v)
{
    bool any = v->kind == A_OPEN;
    if (v->kind == A_TUPLE || v->kind == A_OPT)
        for (idx i = 0; i < v->n; i++)
            any |= never(v->item[i]);
    return any;
}

static void push(Front *f, Val *h, AVal *v)
{
    ValVec a = {0};
    if (never(v)) return;
    val_push(f, &a, h);
    elem_flatten(f, v, item_type(f, h, 0), &a);
    box_note_open(f, obj_node(f, OP_LISTPUSH, NULL, NULL, &a, 0), item_type(f, h, 0));
}

static void put(Front *f, Val *h, AVal *key, AVal *v)
{
    ValVec a = {0};
    if (never(key) || (v && never(v))) return;
    instance_check_key(f, item_type(f, h, 0));
    val_push(f, &a, h);
    elem_flatten(f, key, item_type(f, h, 0), &a);
    if (v) {
        elem_flatten(f, v, item_type(f, h, 1), &a);
        (void)obj_node(f, OP_OBJWRITE, "dict_put", ".kw", &a, 0);
    } else {
        (void)obj_node(f, OP_OBJWRITE, "dict_place", ".k", &a, 1);
    }
}

Val *box_items(Front *f, AKind kind, const Container *c, Type t)
{
    Val *h = box_new(f, t, c->item.n);
    vec_each (i, &c->item) {
        if (kind == A_LIST)
            push(f, h, c->item.at[i]);
        else
            put(f, h, kind == A_DICT ? c->key.at[i] : c->item.at[i],
                kind == A_DICT ? c->item.at[i] : NULL);
    }
    return h;
}

static Cell *cell_of(Front *f, const AVal *v)
{
    bool there = v->obj >= 0 && v->obj < f->heap->cell.n;
    return there ? &f->heap->cell.at[v->obj] : NULL;
}

Val *box_get(Front *f, const AVal *v)
{
    if (v->kind != A_LIST && v->kind != A_DICT && v->kind != A_SET) return NULL;
    const Cell *c = cell_of(f, v);
    return c && c->kind == C_BOX ? c->box : NULL;
}

/* An argument becomes an object here; whole: with the contents that it came with, so
 * that filling it is no change that the caller is to see. */
static void mark_piece(Front *f, const Val *box, bool whole)
{
    node_set_int(f->fn, box->def, "piece", whole ? 2 : 1);
    for (Node *n = box->def; whole && n; n = n->next)
        if (op_info[n->op].effect == EF_WRITE && n->narg && n->arg[0] == box)
            node_set_int(f->fn, n, "fill", 1);
}

Val *box_as(Front *f, int32_t n, AKind kind, Type t)
{
    Cell c = f->heap->cell.at[n];
    if (c.kind == C_BOX) {
        (void)box_unify(f, c.box->type, t);
        return c.box;
    }
    alias_changed(f, n);
    Container *items = c.items;
    bool piece = piece_is(f, n), whole = piece && piece_has(f, n, items);
    c.box = box_items(f, kind, items, t);
    if (piece) mark_piece(f, c.box, whole);
    c.kind = C_BOX;
    heap_put(f, n, c);
    return c.box;
}

Val *box_of(Front *f, AVal *v)
{
    Val *h = box_get(f, v);
    if (h) return h;
    return box_as(f, v->obj, (AKind)v->kind, box_type(f, v, front_items(f, v)));
}

bool box_can(Front *f, const Container *c)
{
    Type all = {0}, t;
    vec_each (i, &c->item) {
        if (!item_type_of(f, c->item.at[i], &t)) return false;
        if (i && (is_plain(t) != is_plain(all) ||
                  (is_plain(t) && (t.dt == DT_STR) != (all.dt == DT_STR))))
            return t.kind == TY_NONE || all.kind == TY_NONE;
        all = t;
    }
    return true;
}

AVal *box_temp(Front *f, AKind kind, AVal *const *item, idx n)
{
    AVal *v = av_container(f, kind, NULL, item, n);
    (void)box_of(f, v);
    return v;
}

/* -- Subscripts -------------------------------------------------------------------- */

static bool is_index(const AVal *v)
{
    DType dt = v->kind == A_SCALAR ? (DType)v->val->type.dt : DT_STR;
    return (v->kind == A_CONST && (v->ck == AC_INT || v->ck == AC_BOOL)) ||
           dt_is_int(dt) || dt == DT_BOOL;
}

/* The place that pop() and insert() are given. */
void box_check_place(Front *f, const AVal *v)
{
    if (is_index(v) || v->kind == A_OPEN) return;
    f->hints->python = true;
    front_fail(f, E_TYPE, "'%s' object cannot be interpreted as an integer",
               front_class_text(f, v));
}

static Val *index_val(Front *f, AVal *key, const char *what)
{
    if (!is_index(key)) {
        f->hints->python = true;
        front_fail(f, E_TYPE, "%s indices must be integers or slices, not %s", what,
                   front_class_text(f, key));
    }
    return front_cast(f, front_val(f, key), type_scalar(DT_I64));
}

/* start, stop, step of a slice as nodes' arguments and the attribute has. */
static int slice_vals(Front *f, const AVal *s, ValVec *out)
{
    int has = 0;
    for (int i = 0; i < 3; i++) {
        bool none = s->item[i]->kind == A_NONE;
        if (!none && i < 2) has |= 1 << i;
        val_push(f, out, none ? int_val(f, i == 2) : index_val(f, s->item[i], "slice"));
    }
    return has;
}

static AVal *list_get(Front *f, Val *h, AVal *key, bool tuple)
{
    ValVec a = {0};
    Node *n;
    val_push(f, &a, h);
    if (key->kind == A_SLICE) {
        int has = slice_vals(f, key, &a);
        n = obj_node(f, OP_OBJREAD, "list_slice", NULL, &a, 1);
        n->res[0].type = h->type;
        node_set_int(f->fn, n, "has", has);
        return box_aval(f, &n->res[0]);
    }
    val_push(f, &a, index_val(f, key, tuple ? "tuple" : "list"));
    AVal *v = elem_node(f, OP_LISTGET, NULL, NULL, &a, item_type(f, h, 0), NULL, &n);
    if (tuple) node_set_int(f->fn, n, "tuple", 1);
    return v;
}

static Val *dict_find(Front *f, Val *h, AVal *key)
{
    ValVec a = {0};
    instance_check_key(f, item_type(f, h, 0));
    elem_accept(f, h->type, 0, key);
    val_push(f, &a, h);
    elem_flatten(f, key, item_type(f, h, 0), &a);
    Node *n = obj_node(f, OP_OBJREAD, "dict_find", ".k", &a, 1);
    return &n->res[0];
}

static AVal *entry_get(Front *f, Val *h, Val *e, bool val)
{
    ValVec a = {0};
    Node *n;
    val_push(f, &a, h);
    val_push(f, &a, e);
    AVal *v = elem_node(f, OP_ENTRYGET, NULL, NULL, &a, item_type(f, h, val), NULL, &n);
    if (val) node_set_int(f->fn, n, "val", 1);
    return v;
}

static AVal *missing(Front *f, Val *e)
{
    return front_elem(f, OP_LT, (AVal *[]){av_scalar(f, e), av_int(f, 0)}, 2);
}

typedef struct KeyUse {
    Val *h, *e;
    AVal *key, *dflt;
} KeyUse;

static void raise_missing(Front *f, Val *h, AVal *key)
{
    ValVec a = {0};
    val_push(f, &a, h);
    elem_flatten(f, key, item_type(f, h, 0), &a);
    bool noted = a.v.n == 2 && exc_note_key(f, a.v.at[1]);
    Node *n = obj_node(f, OP_OBJWRITE, "dict_missing", ".k", &a, 0);
    if (noted) node_set_int(f->fn, n, "noted", 1);
}

/* if e < 0: KeyError */
static void check_key(Front *f, Val *h, Val *e, AVal *key)
{
    Val *gone = missing(f, e)->val;
    Region *at = f->at;
    Node *n = node_put(f, at, OP_IF, &gone, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    f->at = yes;
    raise_missing(f, h, key);
    node_put(f, yes, OP_YIELD, NULL, 0, 0);
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    f->at = at;
}

static AVal *dict_value(Front *f, Val *h, AVal *key)
{
    Val *e = dict_find(f, h, key);
    check_key(f, h, e, key);
    return entry_get(f, h, e, true);
}

/* Contents known when compiling can't answer: the key is a run-time value. */
static bool run_key(const AVal *key)
{
    if (instance_is(key)) return true; /* by what it is */
    if (key->kind == A_TUPLE || key->kind == A_SLICE) {
        for (idx i = 0; i < key->n; i++)
            if (run_key(key->item[i])) return true;
        return false;
    }
    return key->kind == A_SCALAR || arg_is_lazy(key);
}

bool box_wants(Front *f, const AVal *v, AVal *const *arg, idx narg)
{
    if (v->kind != A_LIST && v->kind != A_DICT && v->kind != A_SET) return false;
    if (box_get(f, v)) return true;
    for (idx i = 0; i < narg; i++)
        if (run_key(arg[i])) return true;
    return false;
}

/* A tuple of one type by a run-time index. */
static AVal *tuple_get(Front *f, AVal *v, AVal *key)
{
    AVal *l = av_list(f, v->item, v->n);
    return list_get(f, box_of(f, l), key, true);
}

AVal *box_subscript(Front *f, AVal *v, AVal *key)
{
    if (v->kind == A_TUPLE)
        return key->kind != A_SLICE && run_key(key) ? tuple_get(f, v, key) : NULL;
    if (!box_wants(f, v, &key, 1)) return NULL;
    if (v->kind == A_LIST) return list_get(f, box_of(f, v), key, false);
    if (v->kind == A_DICT) {
        AVal *first = box_get(f, v) ? NULL : key;
        if (first && front_items(f, v)->item.n == 0) { /* learn the key's type */
            Val *h = box_of(f, v);
            elem_accept(f, h->type, 0, key);
        }
        return dict_value(f, box_of(f, v), key);
    }
    return NULL;
}

bool box_store(Front *f, AVal *v, AVal *key, AVal *value)
{
    ValVec a = {0};
    if (!box_wants(f, v, &key, 1) && !(v->kind == A_LIST && key->kind == A_SLICE))
        return false;
    if (v->kind == A_SET)
        front_fail(f, E_TYPE, "'set' object does not support item assignment");
    Val *h = box_of(f, v);
    if (v->kind == A_DICT) {
        elem_accept(f, h->type, 0, key);
        elem_accept(f, h->type, 1, value);
        put(f, h, key, value);
        return true;
    }
    val_push(f, &a, h);
    if (key->kind == A_SLICE) {
        if (key->item[2]->kind != A_NONE)
            front_unsup(f, UNSUP_VALUE, "assignment to a slice with a step");
        int has = slice_vals(f, key, &a);
        AVal *l = box_iterated(f, value);
        if (!box_unify(f, h->type, box_of(f, l)->type)) no_room(f, h->type, 0, value);
        a.v.at[3] = box_of(f, l);
        Node *n = obj_node(f, OP_OBJWRITE, "list_setslice", NULL, &a, 0);
        node_set_int(f->fn, n, "has", has);
        return true;
    }
    elem_accept(f, h->type, 0, value);
    if (never(value)) return true;
    val_push(f, &a, index_val(f, key, "list"));
    elem_flatten(f, value, item_type(f, h, 0), &a);
    (void)obj_node(f, OP_LISTSET, NULL, NULL, &a, 0);
    return true;
}

bool box_remove(Front *f, AVal *v, AVal *key)
{
    ValVec a = {0};
    if (!box_wants(f, v, &key, 1) && !(v->kind == A_LIST && key->kind == A_SLICE))
        return false;
    Val *h = box_of(f, v);
    Node *n;
    val_push(f, &a, h);
    if (v->kind != A_LIST) {
        elem_accept(f, h->type, 0, key);
        elem_flatten(f, key, item_type(f, h, 0), &a);
        bool noted = a.v.n == 2 && exc_note_key(f, a.v.at[1]);
        n = obj_node(f, OP_OBJWRITE, "dict_del", ".k", &a, 1);
        if (noted) node_set_int(f->fn, n, "noted", 1);
        node_set_int(f->fn, n, "strict", 1);
    } else if (key->kind == A_SLICE) {
        int has = slice_vals(f, key, &a);
        n = obj_node(f, OP_OBJWRITE, "list_delslice", NULL, &a, 0);
        node_set_int(f->fn, n, "has", has);
    } else {
        val_push(f, &a, index_val(f, key, "list"));
        (void)obj_node(f, OP_OBJWRITE, "list_del", NULL, &a, 0);
    }
    return true;
}

/* -- Questions --------------------------------------------------------------------- */

AVal *box_len(Front *f, AVal *v)
{
    Val *h = box_get(f, v);
    if (!h) return NULL;
    AVal *n =
        av_scalar(f, obj_call(f, OP_OBJLEN, NULL, NULL, &h, 1, type_scalar(DT_I64)));
    n->i = 1;
    return n;
}

static AVal *weak_bool(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

/* Whether x could be equal to an element: else it is in no such container. */
static bool comparable(Front *f, AVal *x, Type t)
{
    Type u, j;
    if (!item_type_of(f, x, &u)) return false;
    t = comp_resolve(f->fn, t);
    if (is_open(f, t)) return true;
    if (u.kind == TY_SCALAR && t.kind == TY_SCALAR) {
        if ((u.dt == DT_STR) != (t.dt == DT_STR)) return false;
        return fits(f, u, t) || (type_promote(t, u, &j) && false);
    }
    return true;
}

bool box_foreign(Front *f, AVal *v, AVal *x)
{
    Type t;
    if (!box_get(f, v) || never(x) || !item_type_of(f, x, &t)) return false;
    bool number = t.kind == TY_SCALAR && dt_is_num((DType)t.dt);
    return number && !comparable(f, x, item_type(f, box_of(f, v), 0));
}

AVal *box_in(Front *f, AVal *x, AVal *v)
{
    if (!box_wants(f, v, &x, 1)) return NULL;
    if (never(x)) return lower_truth(f, av_new_kind(f, A_OPEN));
    Val *h = box_of(f, v);
    if (!comparable(f, x, item_type(f, h, 0))) {
        Type u;
        bool num = item_type_of(f, x, &u) && u.kind == TY_SCALAR && u.dt != DT_STR;
        if (!num) return av_bool(f, false);
        /* A float among ints, an int among bools: equal only when it is one of them. */
        AVal *whole = dt_is_float((DType)u.dt) ? front_elem(f, OP_FLOOR, &x, 1) : x;
        AVal *i = av_scalar(f, front_cast(f, front_val(f, whole),
                                          comp_resolve(f->fn, item_type(f, h, 0))));
        i->i = 1;
        AVal *is = front_elem(f, OP_EQ, (AVal *[]){i, x}, 2);
        AVal *both[2] = {is, box_in(f, i, v)};
        return weak_bool(f, front_val(f, front_elem(f, OP_BITAND, both, 2)));
    }
    elem_accept(f, h->type, 0, x);
    if (v->kind != A_LIST) {
        Val *e = dict_find(f, h, x);
        return weak_bool(
            f, front_elem(f, OP_GE, (AVal *[]){av_scalar(f, e), av_int(f, 0)}, 2)->val);
    }
    ValVec a = {0};
    instance_check_equal(f, h->type, false);
    val_push(f, &a, h);
    elem_flatten(f, x, item_type(f, h, 0), &a);
    Node *n = obj_node(f, OP_OBJREAD, "list_has", ".e", &a, 1);
    n->res[0].type = type_scalar(DT_BOOL);
    return weak_bool(f, &n->res[0]);
}

static bool is_container(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
}

static bool any_boxed(Front *f, const AVal *a, const AVal *b)
{
    return (is_container(a) && box_get(f, a)) || (is_container(b) && box_get(f, b));
}

AVal *box_same_object(Front *f, const AVal *a, const AVal *b)
{
    Val *h[2] = {box_get(f, a), box_get(f, b)};
    return weak_bool(
        f, obj_call(f, OP_OBJREAD, "obj_same", NULL, h, 2, type_scalar(DT_BOOL)));
}

AVal *box_compare(Front *f, AstKind op, AVal *a, AVal *b)
{
    if (!any_boxed(f, a, b)) return NULL;
    bool eq = op == AST_Eq || op == AST_NotEq;
    if (a->kind != b->kind) {
        if (eq) return av_bool(f, op == AST_NotEq);
        return NULL;
    }
    Val *h[2] = {box_of(f, a), box_of(f, b)};
    if (!box_unify(f, h[0]->type, h[1]->type))
        front_unsup(f, UNSUP_OPERATOR, "comparison of %s with %s", av_type_text(f, a),
                    av_type_text(f, b));
    Type yes = type_scalar(DT_BOOL);
    instance_check_equal(f, h[0]->type, !eq);
    if (eq) {
        AVal *v = weak_bool(f, obj_call(f, OP_OBJREAD, "obj_eq", NULL, h, 2, yes));
        return op == AST_Eq ? v : front_elem(f, OP_INVERT, &v, 1);
    }
    if (a->kind == A_LIST) {
        Val *c = obj_call(f, OP_OBJREAD, "list_cmp", NULL, h, 2, type_scalar(DT_I64));
        AVal *sign = av_scalar(f, c);
        sign->i = 1; /* the answer is a bool of Python's */
        return front_elem(f, infer_op(op), (AVal *[]){sign, av_int(f, 0)}, 2);
    }
    if (a->kind != A_SET) return NULL;
    Val *v = obj_call(f, OP_OBJREAD, "set_cmp", NULL, h, 2, yes);
    node_set_int(f->fn, v->def, "op", op == AST_LtE || op == AST_Lt ? 'l' : 'g');
    AVal *r = weak_bool(f, v);
    if (op == AST_LtE || op == AST_GtE) return r;
    AVal *less = front_elem(f, op == AST_Lt ? OP_LT : OP_GT,
                            (AVal *[]){box_len(f, a), box_len(f, b)}, 2);
    return front_elem(f, OP_BITAND, (AVal *[]){r, less}, 2);
}

static AVal *set_binop(Front *f, char op, AVal *a, AVal *b)
{
    Val *h[2] = {box_of(f, a), box_of(f, b)};
    if (!box_unify(f, h[0]->type, h[1]->type))
        front_unsup(f, UNSUP_TYPES, "%s and %s have different elements",
                    av_type_text(f, a), av_type_text(f, b));
    Val *v = obj_call(f, OP_OBJREAD, "set_op", NULL, h, 2, h[0]->type);
    node_set_int(f->fn, v->def, "op", op);
    return box_aval(f, v);
}

static AVal *list_repeat(Front *f, AVal *l, AVal *times)
{
    Val *a[2] = {box_of(f, l), index_val(f, times, "list")};
    return box_aval(f, obj_call(f, OP_OBJREAD, "list_repeat", NULL, a, 2, a[0]->type));
}

static AVal *list_concat(Front *f, AVal *a, AVal *b)
{
    Val *h[2] = {box_of(f, a), box_of(f, b)};
    if (!box_unify(f, h[0]->type, h[1]->type))
        front_unsup(f, UNSUP_TYPES, "%s and %s have different elements",
                    av_type_text(f, a), av_type_text(f, b));
    return box_aval(f, obj_call(f, OP_OBJREAD, "list_concat", NULL, h, 2, h[0]->type));
}

enum { REPEAT_MAX = 32 }; /* items that are kept one by one when compiling */

/* Whether l * times is made at run time: it has to be, or l's numbers and texts become
 * so many that each of them as a value of its own would take long to compile. */
static bool repeats_run(Front *f, AVal *l, const AVal *times, bool run)
{
    if (l->kind != A_LIST || !is_index(times)) return false;
    if (run || run_key(times)) return true;
    const Container *c = front_items(f, l);
    if (times->kind != A_CONST || !c->item.n || times->i <= REPEAT_MAX / c->item.n)
        return false;
    for (idx i = 0; i < c->item.n; i++)
        if (c->item.at[i]->kind != A_CONST && c->item.at[i]->kind != A_SCALAR)
            return false;
    return true;
}

AVal *box_binop(Front *f, AstKind op, AVal *a, AVal *b)
{
    bool run = any_boxed(f, a, b);
    if (op == AST_Mult && repeats_run(f, a, b, run)) return list_repeat(f, a, b);
    if (op == AST_Mult && repeats_run(f, b, a, run)) return list_repeat(f, b, a);
    if (!run || a->kind != b->kind) return NULL;
    if (op == AST_Add && a->kind == A_LIST) return list_concat(f, a, b);
    if (a->kind == A_SET) {
        char letter = op == AST_BitOr    ? '|'
                      : op == AST_BitAnd ? '&'
                      : op == AST_BitXor ? '^'
                      : op == AST_Sub    ? '-'
                                         : 0;
        return letter ? set_binop(f, letter, a, b) : NULL;
    }
    if (a->kind == A_DICT && op == AST_BitOr) {
        Val *h = box_of(f, a);
        AVal *d =
            box_aval(f, obj_call(f, OP_OBJREAD, "dict_copy", NULL, &h, 1, h->type));
        (void)box_method(f, d, "update", &b, 1, NULL, NULL, 0);
        return d;
    }
    return NULL;
}

/* -- Methods ----------------------------------------------------------------------- */

typedef struct M {
    AVal *self;
    Val *h;
    AVal *const *arg;
    idx narg;
    const char *const *kw;
    AVal *const *kwval;
    idx nkw;
    const char *name;
} M;
typedef AVal *BoxMethod(Front *f, const M *m);

static AVal *kwarg(const M *m, const char *name)
{
    for (idx i = 0; i < m->nkw; i++)
        if (!strcmp(m->kw[i], name)) return m->kwval[i];
    return NULL;
}

static AVal *m_append(Front *f, const M *m)
{
    elem_accept(f, m->h->type, 0, m->arg[0]);
    push(f, m->h, m->arg[0]);
    return av_none(f);
}

static AVal *m_extend(Front *f, const M *m)
{
    AVal *l = box_iterated(f, m->arg[0]);
    Val *a[2] = {m->h, box_of(f, l)};
    if (!box_unify(f, a[0]->type, a[1]->type)) no_room(f, a[0]->type, 0, m->arg[0]);
    ValVec v = {0};
    val_push(f, &v, a[0]);
    val_push(f, &v, a[1]);
    (void)obj_node(f, OP_OBJWRITE, "list_extend", NULL, &v, 0);
    return av_none(f);
}

static AVal *m_insert(Front *f, const M *m)
{
    ValVec a = {0};
    box_check_place(f, m->arg[0]);
    elem_accept(f, m->h->type, 0, m->arg[1]);
    val_push(f, &a, m->h);
    val_push(f, &a, index_val(f, m->arg[0], "list"));
    elem_flatten(f, m->arg[1], item_type(f, m->h, 0), &a);
    (void)obj_node(f, OP_OBJWRITE, "list_insert", "..e", &a, 0);
    return av_none(f);
}

static AVal *m_list_pop(Front *f, const M *m)
{
    ValVec a = {0};
    if (m->narg) box_check_place(f, m->arg[0]);
    val_push(f, &a, m->h);
    val_push(f, &a, m->narg ? index_val(f, m->arg[0], "list") : int_val(f, -1));
    return elem_node(f, OP_OBJWRITE, "list_pop", NULL, &a, item_type(f, m->h, 0), "e",
                     NULL);
}

/* remove, index, count: an element as argument. */
static Node *with_elem(Front *f, const M *m, Op op, const char *fn, const char *args,
                       int nres)
{
    ValVec a = {0};
    if (strncmp(fn, "list_i", 6) != 0 || !strcmp(fn, "list_index"))
        instance_check_equal(f, m->h->type, false);
    elem_accept(f, m->h->type, 0, m->arg[0]);
    val_push(f, &a, m->h);
    elem_flatten(f, m->arg[0], item_type(f, m->h, 0), &a);
    for (idx i = 1; i < m->narg; i++)
        val_push(f, &a, index_val(f, m->arg[i], "list"));
    if (!strcmp(fn, "list_index"))
        for (idx i = m->narg; i < 3; i++)
            val_push(f, &a, int_val(f, i == 1 ? 0 : INT64_MAX));
    return obj_node(f, op, fn, args, &a, nres);
}

static AVal *weak_int(Front *f, Val *v)
{
    AVal *r = av_scalar(f, v);
    r->i = 1;
    return r;
}

static AVal *m_list_remove(Front *f, const M *m)
{
    (void)with_elem(f, m, OP_OBJWRITE, "list_remove", ".e", 0);
    return av_none(f);
}

static AVal *m_index(Front *f, const M *m)
{
    return weak_int(f, &with_elem(f, m, OP_OBJWRITE, "list_index", ".e..", 1)->res[0]);
}

static AVal *m_count(Front *f, const M *m)
{
    return weak_int(f, &with_elem(f, m, OP_OBJREAD, "list_count", ".e", 1)->res[0]);
}

static void plain_call(Front *f, const M *m, const char *fn)
{
    ValVec a = {0};
    val_push(f, &a, m->h);
    (void)obj_node(f, OP_OBJWRITE, fn, NULL, &a, 0);
}

static AVal *m_clear(Front *f, const M *m)
{
    plain_call(f, m, "obj_clear");
    return av_none(f);
}

static AVal *m_reverse(Front *f, const M *m)
{
    plain_call(f, m, "list_reverse");
    return av_none(f);
}

static AVal *m_list_copy(Front *f, const M *m)
{
    AVal *part[3] = {av_none(f), av_none(f), av_none(f)};
    AVal *s = av_tuple(f, part, 3);
    s->kind = A_SLICE;
    return list_get(f, m->h, s, false);
}

static AVal *m_sort(Front *f, const M *m)
{
    ValVec a = {0};
    AVal *key = kwarg(m, "key"), *rev = kwarg(m, "reverse");
    if (key && key->kind == A_NONE) key = NULL;
    val_push(f, &a, m->h);
    if (key) val_push(f, &a, box_of(f, lower_keys(f, m->self, key)));
    instance_check_equal(f, comp_of(f->fn, a.v.at[a.v.n - 1]->type)->item[0], true);
    Val *down = rev ? front_val(f, lower_truth(f, rev)) : const_bool(f, false);
    val_push(f, &a, down);
    (void)obj_node(f, OP_OBJWRITE, key ? "list_sortby" : "list_sort", NULL, &a, 0);
    return av_none(f);
}

static AVal *m_copy(Front *f, const M *m)
{
    Val *h = m->h;
    return box_aval(f, obj_call(f, OP_OBJREAD, "dict_copy", NULL, &h, 1, h->type));
}

/* keys, values, items as a list. */
static AVal *listing(Front *f, Val *h, char what)
{
    const CompType *c = comp_of(f->fn, h->type);
    Type e = what == 'k'   ? c->item[0]
             : what == 'v' ? c->item[1]
                           : comp_type(f->fn, COMP_TUPLE, c->item, 2);
    Type t = comp_own(f->fn, COMP_LIST, &e, 1);
    Val *l = obj_call(f, OP_OBJREAD, "dict_listing", NULL, &h, 1, t);
    node_set_int(f->fn, l->def, "what", what);
    return box_aval(f, l);
}

static AVal *m_view(Front *f, const M *m)
{
    AVal *v = av_new_kind(f, A_VIEW);
    v->s = m->name;
    v->n = 1;
    v->item = ARENA_NEW_N(f->arena, 1, AVal *);
    v->item[0] = m->self;
    return v;
}

static AVal *get_there(Front *f, void *data)
{
    KeyUse *u = data;
    return entry_get(f, u->h, u->e, true);
}

static AVal *get_default(Front *f, void *data)
{
    (void)f;
    return ((KeyUse *)data)->dflt;
}

static AVal *m_get(Front *f, const M *m)
{
    KeyUse u = {.h = m->h, .dflt = m->narg > 1 ? m->arg[1] : av_none(f)};
    Type t = comp_resolve(f->fn, item_type(f, m->h, 1));
    if (is_open(f, t)) return u.dflt;
    u.e = dict_find(f, m->h, m->arg[0]);
    return lower_choice(f, missing(f, u.e), get_default, get_there, &u);
}

static AVal *set_default(Front *f, void *data)
{
    KeyUse *u = data;
    put(f, u->h, u->key, u->dflt);
    ValVec a = {0};
    Node *n;
    (void)n;
    (void)a;
    Val *e = dict_find(f, u->h, u->key);
    return entry_get(f, u->h, e, true);
}

static AVal *m_setdefault(Front *f, const M *m)
{
    KeyUse u = {.h = m->h, .key = m->arg[0]};
    u.dflt = m->narg > 1 ? m->arg[1] : av_none(f);
    elem_accept(f, m->h->type, 0, u.key);
    elem_accept(f, m->h->type, 1, u.dflt);
    u.e = dict_find(f, m->h, u.key);
    return lower_choice(f, missing(f, u.e), set_default, get_there, &u);
}

static AVal *pop_default(Front *f, void *data)
{
    (void)f;
    return ((AVal **)data)[0];
}

static AVal *pop_found(Front *f, void *data)
{
    (void)f;
    return ((AVal **)data)[1];
}

static AVal *m_dict_pop(Front *f, const M *m)
{
    ValVec a = {0};
    elem_accept(f, m->h->type, 0, m->arg[0]);
    if (m->narg == 1) {
        Val *e = dict_find(f, m->h, m->arg[0]);
        check_key(f, m->h, e, m->arg[0]);
    }
    if (is_open(f, item_type(f, m->h, 1))) /* nothing was put in yet */
        return m->narg > 1 ? m->arg[1] : av_new_kind(f, A_OPEN);
    val_push(f, &a, m->h);
    elem_flatten(f, m->arg[0], item_type(f, m->h, 0), &a);
    Leaves l = {0};
    vec_push(f->arena, &l.at, type_scalar(DT_BOOL));
    comp_leaves(f->fn, item_type(f, m->h, 1), &l);
    Node *n = obj_node(f, OP_OBJWRITE, "dict_pop", ".k", &a, (int)l.at.n);
    node_set_text(f->fn, n, "res", ".w", 2);
    Val **leaf = ARENA_NEW_N(f->arena, l.at.n + 1, Val *);
    vec_each (i, &l.at) {
        n->res[i].type = l.at.at[i];
        leaf[i] = &n->res[i];
    }
    int k = 1;
    AVal *v = elem_build(f, item_type(f, m->h, 1), leaf, &k);
    if (m->narg == 1) return v;
    AVal *pair[2] = {m->arg[1], v};
    return lower_choice(f, av_scalar(f, leaf[0]), pop_found, pop_default, pair);
}

static AVal *m_popitem(Front *f, const M *m)
{
    ValVec a = {0};
    val_push(f, &a, m->h);
    Val *e = &obj_node(f, OP_OBJWRITE, "dict_last", NULL, &a, 1)->res[0];
    AVal *key = entry_get(f, m->h, e, false);
    AVal *pair[2] = {key, NULL};
    if (m->self->kind == A_DICT) pair[1] = entry_get(f, m->h, e, true);
    elem_flatten(f, key, item_type(f, m->h, 0), &a);
    (void)obj_node(f, OP_OBJWRITE, "dict_del", ".k", &a, 1);
    return m->self->kind == A_DICT ? av_tuple(f, pair, 2) : key;
}

static AVal *m_update(Front *f, const M *m)
{
    for (idx i = 0; i < m->narg; i++) {
        AVal *from = m->arg[i];
        if (m->self->kind == A_SET) from = lower_set_of(f, from);
        if (from->kind != m->self->kind)
            front_unsup(f, UNSUP_VALUE, "update() with %s", av_type_text(f, from));
        ValVec a = {0};
        val_push(f, &a, m->h);
        val_push(f, &a, box_of(f, from));
        if (!box_unify(f, m->h->type, a.v.at[1]->type)) no_room(f, m->h->type, 0, from);
        (void)obj_node(f, OP_OBJWRITE, "dict_update", NULL, &a, 0);
    }
    for (idx i = 0; i < m->nkw; i++)
        (void)box_store(f, m->self, av_str(f, m->kw[i], -1), m->kwval[i]);
    return av_none(f);
}

static AVal *m_add(Front *f, const M *m)
{
    elem_accept(f, m->h->type, 0, m->arg[0]);
    put(f, m->h, m->arg[0], NULL);
    return av_none(f);
}

static AVal *m_discard(Front *f, const M *m)
{
    Node *n = with_elem(f, m, OP_OBJWRITE, "dict_del", ".k", 1);
    node_set_int(f->fn, n, "strict", !strcmp(m->name, "remove"));
    return av_none(f);
}

static AVal *m_set_op(Front *f, const M *m)
{
    char op = m->name[0] == 'u'   ? '|'
              : m->name[0] == 'i' ? '&'
              : m->name[0] == 'd' ? '-'
                                  : '^';
    AVal *v = m->self;
    for (idx i = 0; i < m->narg; i++)
        v = set_binop(f, op, v, lower_set_of(f, m->arg[i]));
    return v;
}

/* s.difference_update(t): s becomes what s.difference(t) gives. */
static AVal *m_set_update(Front *f, const M *m)
{
    Val *h[2] = {m->h, NULL};
    h[1] = box_of(f, m_set_op(f, m));
    plain_call(f, m, "obj_clear");
    ValVec a = {0};
    val_push(f, &a, h[0]);
    val_push(f, &a, h[1]);
    (void)obj_node(f, OP_OBJWRITE, "dict_update", NULL, &a, 0);
    return av_none(f);
}

static AVal *m_set_cmp(Front *f, const M *m)
{
    AVal *other = lower_set_of(f, m->arg[0]);
    Val *h[2] = {m->h, box_of(f, other)};
    if (!box_unify(f, h[0]->type, h[1]->type)) return av_bool(f, false);
    Val *v = obj_call(f, OP_OBJREAD, "set_cmp", NULL, h, 2, type_scalar(DT_BOOL));
    bool dis = !strcmp(m->name, "isdisjoint"), sub = !strcmp(m->name, "issubset");
    node_set_int(f->fn, v->def, "op", dis ? 'd' : sub ? 'l' : 'g');
    return weak_bool(f, v);
}

static const struct {
    const char *name;
    BoxMethod *run;
    uint8_t kind;
    int8_t least, most, key, val; /* arguments that teach the types; -1 */
} methods[] = {
    {"append",                      m_append,      A_LIST, 1, 1,  -1, 0 },
    {"extend",                      m_extend,      A_LIST, 1, 1,  -1, -1},
    {"insert",                      m_insert,      A_LIST, 2, 2,  -1, 1 },
    {"pop",                         m_list_pop,    A_LIST, 0, 1,  -1, -1},
    {"remove",                      m_list_remove, A_LIST, 1, 1,  -1, 0 },
    {"index",                       m_index,       A_LIST, 1, 3,  -1, 0 },
    {"count",                       m_count,       A_LIST, 1, 1,  -1, 0 },
    {"clear",                       m_clear,       A_LIST, 0, 0,  -1, -1},
    {"reverse",                     m_reverse,     A_LIST, 0, 0,  -1, -1},
    {"copy",                        m_list_copy,   A_LIST, 0, 0,  -1, -1},
    {"sort",                        m_sort,        A_LIST, 0, 0,  -1, -1},
    {"keys",                        m_view,        A_DICT, 0, 0,  -1, -1},
    {"values",                      m_view,        A_DICT, 0, 0,  -1, -1},
    {"items",                       m_view,        A_DICT, 0, 0,  -1, -1},
    {"get",                         m_get,         A_DICT, 1, 2,  0,  -1},
    {"setdefault",                  m_setdefault,  A_DICT, 1, 2,  0,  -1},
    {"pop",                         m_dict_pop,    A_DICT, 1, 2,  0,  -1},
    {"popitem",                     m_popitem,     A_DICT, 0, 0,  -1, -1},
    {"update",                      m_update,      A_DICT, 0, 1,  -1, -1},
    {"clear",                       m_clear,       A_DICT, 0, 0,  -1, -1},
    {"copy",                        m_copy,        A_DICT, 0, 0,  -1, -1},
    {"add",                         m_add,         A_SET,  1, 1,  -1, 0 },
    {"discard",                     m_discard,     A_SET,  1, 1,  -1, 0 },
    {"remove",                      m_discard,     A_SET,  1, 1,  -1, 0 },
    {"pop",                         m_popitem,     A_SET,  0, 0,  -1, -1},
    {"clear",                       m_clear,       A_SET,  0, 0,  -1, -1},
    {"copy",                        m_copy,        A_SET,  0, 0,  -1, -1},
    {"update",                      m_update,      A_SET,  0, 99, -1, -1},
    {"intersection_update",         m_set_update,  A_SET,  1, 1,  -1, -1},
    {"difference_update",           m_set_update,  A_SET,  1, 1,  -1, -1},
    {"symmetric_difference_update", m_set_update,  A_SET,  1, 1,  -1, -1},
    {"union",                       m_set_op,      A_SET,  0, 99, -1, -1},
    {"intersection",                m_set_op,      A_SET,  0, 99, -1, -1},
    {"difference",                  m_set_op,      A_SET,  0, 99, -1, -1},
    {"symmetric_difference",        m_set_op,      A_SET,  1, 1,  -1, -1},
    {"issubset",                    m_set_cmp,     A_SET,  1, 1,  -1, -1},
    {"issuperset",                  m_set_cmp,     A_SET,  1, 1,  -1, -1},
    {"isdisjoint",                  m_set_cmp,     A_SET,  1, 1,  -1, -1},
};

bool box_has_method(const AVal *v, const char *name)
{
    for (idx i = 0; i < COUNT_OF(methods); i++)
        if (methods[i].kind == v->kind && !strcmp(methods[i].name, name)) return true;
    return false;
}

AVal *box_method(Front *f, AVal *self, const char *name, AVal *const *arg, idx narg,
                 const char *const *kw, AVal *const *kwval, idx nkw)
{
    for (idx i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].kind != self->kind || strcmp(methods[i].name, name) != 0)
            continue;
        if (narg < methods[i].least || narg > methods[i].most)
            front_fail(f, E_TYPE, "%s.%s() takes %d argument%s (%lld given)",
                       self->kind == A_LIST   ? "list"
                       : self->kind == A_DICT ? "dict"
                                              : "set",
                       name, methods[i].most, methods[i].most == 1 ? "" : "s",
                       (long long)narg);
        for (idx k = 0; k < narg; k++)
            if (never(arg[k])) return av_new_kind(f, A_OPEN);
        M m = {self, box_of(f, self), arg, narg, kw, kwval, nkw, name};
        return methods[i].run(f, &m);
    }
    front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", av_type_text(f, self),
               name);
}

AVal *box_listing(Front *f, AVal *v, char what)
{
    return listing(f, box_of(f, v), what);
}

/* The entry e of a dict or set, for loops. */
AVal *box_entry(Front *f, Val *h, Val *e, char what)
{
    if (what == 'k') return entry_get(f, h, e, false);
    if (what == 'v') return entry_get(f, h, e, true);
    AVal *pair[2] = {entry_get(f, h, e, false), entry_get(f, h, e, true)};
    return av_tuple(f, pair, 2);
}
