/* SPDX-License-Identifier: Apache-2.0
 * What a function changes in its arguments is seen by the caller.
 *
 * Every argument, and every item of an argument that is a tuple, list, set or dict, is
 * a *piece*; pieces are numbered depth first, as describe() in _desc.py numbers them.
 * The heap's epoch ends when the arguments are there, so their contents are copied when
 * they are first edited, and at the function's end an object whose contents are another
 * record than at its start was touched. For those the result's descriptor is wrapped:
 * D_UPDATED has the result and one D_UPDATE with the new contents for each. What did
 * not change inside of them (a column, an item) does not travel: D_ARG names it. The
 * host applies the updates when the call has succeeded. Elements of arrays are no
 * concern of this file: they are written in place (py_func.c finds the writes).
 */
#include "front/build.h"
#include "front/front_int.h"

#include <string.h>

typedef struct Piece {
    AVal *v;
    const Frame *frame; /* contents at the start; NULL for what has none */
    const Container *items;
    Val *box;     /* a container that came as an object */
    bool inplace; /* an array: its cell holds its value */
} Piece;
struct Pieces {
    VEC(Piece) at;
    idx narg; /* of the arguments; what other descriptors give comes after them */
};

AVal *piece_get(const Front *f, int64_t n)
{
    if (!f->pieces || n < 0 || n >= f->pieces->at.n)
        BUG("an argument refers to piece %lld", (long long)n);
    return f->pieces->at.at[n].v;
}

idx piece_add(Front *f)
{
    if (!f->pieces) f->pieces = ARENA_NEW(f->arena, struct Pieces);
    vec_push(f->arena, &f->pieces->at, ((Piece){0}));
    return f->pieces->at.n - 1;
}

void piece_set(Front *f, idx n, AVal *v)
{
    f->pieces->at.at[n].v = v;
}

static bool has_items(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
}

bool piece_is(const Front *f, int32_t obj)
{
    for (idx i = 0; f->pieces && i < f->pieces->narg; i++) {
        const AVal *p = f->pieces->at.at[i].v;
        bool object = has_items(p) || p->kind == A_FRAME || p->kind == A_SERIES;
        if (object && p->obj == obj) return true;
    }
    return false;
}

void pieces_start(Front *f)
{
    if (!f->pieces) return;
    f->pieces->narg = f->pieces->at.n;
    vec_each (i, &f->pieces->at) {
        Piece *p = &f->pieces->at.at[i];
        series_bind(f, p->v);
        if (p->v->kind == A_FRAME || p->v->kind == A_SERIES)
            p->frame = front_frame(f, p->v);
        if (has_items(p->v)) p->box = box_get(f, p->v);
        if (has_items(p->v) && !p->box) p->items = front_items(f, p->v);
        p->inplace = p->v->kind == A_ARRAY;
        if (p->inplace && p->v->obj < 0) p->v->obj = heap_cell(f, C_VAR, p->v);
    }
    f->heap->epoch = ++f->nepoch;
}

AVal *piece_now(Front *f, AVal *v)
{
    bool inplace = v->kind == A_ARRAY && v->obj >= 0;
    AVal *now = inplace ? heap_var(f, v->obj) : NULL;
    return now ? now : series_now(f, v);
}

/* As NumPy's in-place operators: an array keeps its dtype. */
static AVal *keep_dtype(Front *f, const AVal *old, AVal *v)
{
    DType from = (DType)v->val->type.dt, to = (DType)old->val->type.dt;
    Type t = v->val->type;
    if (from == to) return v;
    bool ok = dt_is_num(from) && dt_is_num(to) && !(dt_is_float(from) && dt_is_int(to));
    if (!ok || to == DT_BOOL)
        front_fail(f, E_TYPE,
                   "Cannot cast ufunc output from dtype('%s') to dtype('%s') with "
                   "casting rule 'same_kind'",
                   dtype_info[from].text, dtype_info[to].text);
    t.dt = old->val->type.dt;
    t.null = old->val->type.null;
    return av_array(f, front_cast(f, v->val, t));
}

AVal *piece_put(Front *f, const AVal *old, AVal *v)
{
    if (old->obj < 0 || (old->kind != A_SERIES && old->kind != A_ARRAY)) return v;
    if (v->kind != old->kind)
        front_unsup(f, UNSUP_OPERATOR, "this in-place operator makes %s of an argument",
                    av_type_text(f, v));
    if (v->kind == A_SERIES) /* it keeps its name */
        return series_put(f, old, av_series(f, v->val, v->index, old->name));
    v = keep_dtype(f, old, v);
    AVal *now = ARENA_NEW(f->arena, AVal);
    *now = *v;
    now->obj = old->obj;
    heap_set_var(f, old->obj, now);
    return now;
}

/* The piece that v is, -1. An object is the same by its cell, anything else by its
 * record. */
static idx piece_of(const Front *f, const AVal *v)
{
    for (idx i = 0; f->pieces && i < f->pieces->narg; i++) {
        const AVal *p = f->pieces->at.at[i].v;
        if (p == v || (v->obj >= 0 && p->obj == v->obj)) return i;
    }
    return -1;
}

Desc *piece_ref(Front *f, const AVal *v)
{
    bool by_value =
        f->in_update ? v->kind == A_NONE || v->kind == A_TUPLE : !has_items(v);
    idx n = by_value ? -1 : piece_of(f, v);
    return n < 0 ? NULL : desc_ref(f, n);
}

/* -- What changed ------------------------------------------------------------------ */
bool index_is(const Index *a, const Index *b)
{
    if (a == b) return true;
    if (!index_same(a, b) || (a->range && a->rows != b->rows)) return false;
    for (int32_t i = 0; i < index_depth(a); i++)
        if (a->name[i] != b->name[i]) return false;
    return true;
}

static bool frame_same(const Frame *a, const Frame *b)
{
    if (a == b) return true;
    if (a->col.n != b->col.n || a->rows != b->rows ||
        a->columns_name != b->columns_name || !index_is(a->index, b->index))
        return false;
    vec_each (i, &a->col)
        if (a->col.at[i] != b->col.at[i] || !av_equal(a->name.at[i], b->name.at[i]))
            return false;
    return true;
}

static bool items_same(const Container *a, const Container *b)
{
    if (a == b) return true;
    if (a->item.n != b->item.n) return false;
    vec_each (i, &a->item)
        if (a->item.at[i] != b->item.at[i]) return false;
    vec_each (i, &a->key)
        if (!av_equal(a->key.at[i], b->key.at[i])) return false;
    return true;
}

/* t is, or holds, objects of type part. */
static bool holds(Front *f, Type t, Type part)
{
    t = comp_resolve(f->fn, t);
    const CompType *c = comp_of(f->fn, t);
    if (!c) return false;
    if (box_same(f, t, part)) return true;
    for (int i = 0; i < c->n; i++)
        if (holds(f, c->item[i], part)) return true;
    return false;
}

bool piece_has(const Front *f, int32_t obj, const Container *items)
{
    for (idx i = 0; f->pieces && i < f->pieces->narg; i++) {
        const Piece *p = &f->pieces->at.at[i];
        if (has_items(p->v) && p->v->obj == obj)
            return p->items && items_same(p->items, items);
    }
    return false;
}

/* A container that is made here, so no argument; what an argument becomes when it
 * becomes an object is marked (box.c). */
static bool is_fresh(const Val *v)
{
    if (!v->def || v->def->op != OP_OBJREAD || node_int(v->def, "piece", 0))
        return false;
    const char *fn = node_text(v->def, "fn");
    return fn && strcmp(fn, "obj_in") != 0;
}

/* Some node changes an object that could be this one, or one inside of it. */
static bool writes(Front *f, const Region *r, Type t)
{
    for (const Node *n = r->first; n; n = n->next) {
        bool write = op_info[n->op].effect == EF_WRITE && n->narg &&
                     !node_int(n, "fill", 0) && !is_fresh(n->arg[0]);
        if (write && n->arg[0]->type.kind == TY_OBJ && holds(f, t, n->arg[0]->type))
            return true;
        for (int k = 0; k < n->nregion; k++)
            if (writes(f, n->region[k], t)) return true;
    }
    return false;
}

static bool written(Front *f, Type t)
{
    if (writes(f, f->fn->body, t)) return true;
    for (idx i = 0; i < f->top->subs.n; i++)
        if (f->top->subs.at[i] && writes(f, f->top->subs.at[i]->body, t)) return true;
    return false;
}

static Desc *box_update(Front *f, idx n, ValVec *out)
{
    const Piece *p = &f->pieces->at.at[n];
    const Val *now = box_get(f, p->v);
    bool same =
        p->box ? now == p->box : now->def && node_int(now->def, "piece", 0) == 2;
    if (same && !written(f, now->type)) return NULL;
    Desc *d = desc_new(f, D_UPDATE, 1);
    d->start = n;
    d->child[0] = items_out(f, p->v, out);
    return d;
}

static Desc *piece_update(Front *f, idx n, ValVec *out)
{
    if (box_get(f, f->pieces->at.at[n].v)) return box_update(f, n, out);
    const Piece *p = &f->pieces->at.at[n];
    const Cell *c = &f->heap->cell.at[p->v->obj];
    const char *why = c->kind == C_CLASH ? c->why : NULL;
    if (p->inplace && c->var->kind == A_CONFLICT) why = c->var->s;
    if (why)
        front_unsup(f, UNSUP_FRAME_JOIN,
                    "an argument (%s) is changed differently on the paths that lead to "
                    "the function's end: %s",
                    p->v->kind == A_SERIES ? "a Series"
                    : p->frame             ? "a DataFrame"
                    : p->items             ? "a container"
                                           : "an array",
                    why);
    if (p->inplace ? c->var == p->v
        : p->frame ? frame_same(c->frame, p->frame)
                   : items_same(c->items, p->items))
        return NULL;
    Desc *d = desc_new(f, D_UPDATE, 1);
    d->start = n;
    d->child[0] = p->inplace               ? data_out(f, c->var, out)
                  : p->v->kind == A_SERIES ? data_out(f, series_now(f, p->v), out)
                  : p->frame               ? frame_out(f, c->frame, out, p->frame)
                                           : items_out(f, p->v, out);
    return d;
}

Desc *pieces_update(Front *f, Desc *result, ValVec *out)
{
    VEC(Desc *) all = {0};
    vec_push(f->arena, &all, result);
    f->in_update = true;
    for (idx i = 0; f->pieces && i < f->pieces->narg; i++) {
        const Piece *p = &f->pieces->at.at[i];
        if (!p->frame && !p->items && !p->inplace && !p->box) continue;
        Desc *d = piece_update(f, i, out);
        if (d) vec_push(f->arena, &all, d);
    }
    f->in_update = false;
    if (all.n == 1) return result;
    Desc *d = desc_new(f, D_UPDATED, 0);
    d->child = all.at;
    d->nchild = (int32_t)all.n;
    return d;
}
