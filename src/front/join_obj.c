/* SPDX-License-Identifier: Apache-2.0
 * Objects that have identity, where control flow meets: lists, dicts, sets, frames,
 * Series.
 *
 * A variable that is one object on one path and another on the other gets a cell of its
 * own whose contents are joined. That is all while nobody can tell the objects apart:
 * when this variable is their only name, or when none of them changes afterwards. Else
 * an append through one name would not be seen through another. So the join notes what
 * may be the same (Alias); the first change of such a container has the evaluation
 * start over, and then the join makes objects of the run time of them: their handles
 * are what is joined, and all names see one object. Frames, and containers whose items
 * have no type in common, can't become objects: when one of them changes, those that it
 * may be are an error to use.
 *
 * What becomes an object takes the containers inside of it along. So must their other
 * names: join_settle spreads "exists at run time" over cells and pairs of joined
 * objects until nothing is new, and the walk that fills the holes of a path makes each
 * object once (flat_cell).
 */
#include "base/base.h"

#include "front/build.h"
#include "front/join.h"

#include <string.h>

static bool has_items(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_DICT || v->kind == A_SET;
}

/* -- Names of an object ------------------------------------------------------------ */

static idx names_in(const AVal *v, int32_t n)
{
    if (!v || v->kind == A_CONFLICT) return 0;
    bool object = has_items(v) || v->kind == A_FRAME || v->kind == A_SERIES;
    idx k = object && v->obj == n;
    for (idx i = 0; i < aval_items(v); i++)
        k += names_in(v->item[i], n);
    return k;
}

static idx names_of_cell(const Cell *c, int32_t n)
{
    if (c->kind == C_VAR) return names_in(c->var, n);
    idx k = 0;
    for (idx i = 0; c->kind == C_ITEMS && i < c->items->item.n; i++)
        k += names_in(c->items->item.at[i], n);
    return k;
}

/* More than one variable, element or argument is object n. h NULL: in what is joined so
 * far. */
static bool has_names(const Join *j, const Heap *h, int32_t n)
{
    const Heap *all = h ? h : j->base;
    idx k = piece_is(j->f, n);
    for (int32_t i = 0; i < (int32_t)all->cell.n && k < 2; i++)
        k += names_of_cell(h ? &all->cell.at[i] : join_side_a(j, i), n);
    for (idx i = 0; !h && i < j->cell.n && k < 2; i++)
        if (j->cell.at[i].n >= all->cell.n) k += names_of_cell(&j->cell.at[i].to, n);
    return k > 1;
}

static void alias_add(Front *f, int32_t to, int32_t from)
{
    if (to == from) return;
    vec_each (i, &f->alias)
        if (f->alias.at[i].to == to && f->alias.at[i].from == from) return;
    Alias a = {to, from};
    vec_push(f->arena, &f->alias, a);
}

/* Adds to the set what its members may be (up), or what may be them. */
static void alias_spread(Front *f, Cells *set, bool up)
{
    for (idx k = 0; k < set->at.n; k++) {
        vec_each (i, &f->alias) {
            const Alias *a = &f->alias.at[i];
            int32_t next = up ? a->from : a->to;
            bool there = (up ? a->to : a->from) != set->at.at[k];
            vec_each (m, &set->at)
                there |= set->at.at[m] == next;
            if (!there) vec_push(f->arena, &set->at, next);
        }
    }
}

void alias_changed(Front *f, int32_t n)
{
    if (!f->alias.n) return;
    Cells set = {0};
    vec_push(f->arena, &set.at, n);
    alias_spread(f, &set, true);
    alias_spread(f, &set, false);
    if (set.at.n == 1) return;
    if (f->heap->cell.at[n].kind == C_ITEMS && !f->hints->aliases) {
        f->hints->aliases = true;
        front_restart(f);
    }
    vec_each (i, &set.at) {
        int32_t k = set.at.at[i];
        if (k == n || k >= f->heap->cell.n) continue;
        Cell c = f->heap->cell.at[k];
        if (c.kind != C_FRAME && c.kind != C_ITEMS) continue;
        c.kind = C_CLASH;
        c.why = "it may be an object that was changed under another name";
        heap_put(f, k, c);
    }
}

/* -- Containers that become objects ------------------------------------------------ */

static void heap_is(Front *f, const Heap *h)
{
    union {
        const Heap *c;
        Heap *p;
    } u = {.c = h};
    f->heap = u.p;
}

/* The state as joined so far. */
static const Heap *joined_heap(Join *j)
{
    Front *f = j->f;
    Heap *was = f->heap;
    heap_load(f, j->base);
    vec_each (i, &j->cell)
        heap_put(f, j->cell.at[i].n, j->cell.at[i].to);
    Heap *h = f->heap;
    f->heap = was;
    return h;
}

static void run_items(Join *j, const Container *c, Type t, const Heap *hb);

/* Object n has type t at run time, in whatever state. */
static void must_run(Join *j, int32_t n, Type t, const Heap *hb)
{
    vec_each (i, &j->run) {
        if (j->run.at[i].n != n) continue;
        (void)box_unify(j->f, j->run.at[i].type, t);
        return;
    }
    RunCell r = {n, t};
    vec_push(j->f->arena, &j->run, r);
    if (n >= j->ncell && !join_owns(j, n)) {
        const Heap *h =
            hb && n < hb->cell.n && hb->cell.at[n].kind != C_ABSENT ? hb : j->base;
        if (n < h->cell.n && h->cell.at[n].kind == C_ITEMS)
            run_items(j, h->cell.at[n].items, t, h);
        return;
    }
    idx i = join_own_cell(j, n);
    Cell was = j->cell.at[i].to;
    if (was.kind == C_BOX) {
        (void)box_unify(j->f, was.box->type, t);
    } else if (was.kind == C_ITEMS) {
        j->cell.at[i].to.kind = C_BOX;
        j->cell.at[i].to.box = join_hole(j, t, NULL);
        j->changed = true;
        run_items(j, was.items, t, NULL);
    }
}

static void run_value(Join *j, const AVal *v, Type t, const Heap *hb)
{
    t = comp_resolve(j->f->fn, t);
    const CompType *c = comp_of(j->f->fn, t);
    if (!c) return;
    if (has_items(v)) {
        must_run(j, v->obj, t, hb);
    } else if (c->kind == COMP_OPT && v->kind != A_NONE) {
        run_value(j, v->kind == A_OPT ? v->item[0] : v, c->item[0], hb);
    } else if (c->kind == COMP_TUPLE && v->kind == A_TUPLE) {
        for (idx i = 0; i < v->n; i++)
            run_value(j, v->item[i], c->item[i], hb);
    }
}

/* An object of type t accepts the items; containers among them become objects. h NULL:
 * of the joined state. */
static void run_items(Join *j, const Container *c, Type t, const Heap *h)
{
    Front *f = j->f;
    Heap *was = f->heap;
    heap_is(f, h ? h : joined_heap(j));
    bool dict = comp_is(f->fn, t, COMP_DICT);
    vec_each (i, &c->item)
        elem_accept(f, t, dict, c->item.at[i]);
    vec_each (i, &c->key)
        if (dict) elem_accept(f, t, 0, c->key.at[i]);
    f->heap = was;
    vec_each (i, &c->item)
        run_value(j, c->item.at[i], comp_of(f->fn, t)->item[dict], h);
}

static bool set_box(Join *j, Cell *to, Type t)
{
    if (to->kind == C_BOX && val_is_hole(to->box)) return false;
    to->kind = C_BOX;
    to->box = join_hole(j, t, NULL);
    return true;
}

static Type like_cell(Join *j, const Cell *c)
{
    AVal *like = av_new_kind(j->f, c->akind);
    like->loc = c->made;
    return box_type(j->f, like, &(Container){0});
}

/* Contents that differ: an object at run time. */
static bool box_contents(Join *j, Cell *to, Container *a, Container *b, const Heap *hb)
{
    Type t = like_cell(j, to);
    run_items(j, a, t, NULL);
    run_items(j, b, t, hb);
    return set_box(j, to, t);
}

bool join_box(Join *j, Cell *to, const Cell *b, const Heap *hb)
{
    if (to->kind == C_BOX && b->kind == C_BOX) {
        if (to->box == b->box) return false;
        if (!box_unify(j->f, to->box->type, b->box->type))
            return cell_clash(to,
                              "a list, dict or set has elements of different types");
        return set_box(j, to, to->box->type);
    }
    if (to->kind == C_ITEMS) {
        run_items(j, to->items, b->box->type, NULL);
        return set_box(j, to, b->box->type);
    }
    if (b->kind != C_ITEMS) return cell_clash(to, "it is not there on every path");
    run_items(j, b->items, to->box->type, hb);
    return set_box(j, to, to->box->type);
}

static bool keys_same(const Container *a, const Container *b)
{
    vec_each (i, &a->key)
        if (!av_equal(a->key.at[i], b->key.at[i])) return false;
    return true;
}

bool join_container(Join *j, Cell *to, Container *a, Container *b, const Heap *hb)
{
    if (a == b) return false;
    if (a->item.n != b->item.n || a->key.n != b->key.n || !keys_same(a, b))
        return box_contents(j, to, a, b, hb);
    Container *x = ARENA_NEW(j->f->arena, Container);
    bool same = true;
    vec_each (i, &a->item) {
        AVal *v = join_vals(j, a->item.at[i], b->item.at[i], hb);
        same &= v == a->item.at[i];
        vec_push(j->f->arena, &x->item, v);
    }
    vec_each (i, &a->key)
        vec_push(j->f->arena, &x->key, a->key.at[i]);
    vec_each (i, &x->item) /* kinds that differ: elements of one type instead */
        if (x->item.at[i]->kind == A_CONFLICT) return box_contents(j, to, a, b, hb);
    if (same) return false;
    to->items = x;
    return true;
}

/* -- Two objects under one name ---------------------------------------------------- */

static bool can_run(Join *j, const Cell *a, const Cell *b, const Heap *hb)
{
    Front *f = j->f;
    const Cell *side[2] = {a, b};
    bool can = a->kind != C_FRAME;
    Heap *was = f->heap;
    for (int i = 0; i < 2 && can; i++) {
        heap_is(f, i ? hb : joined_heap(j)); /* what the items hold is found there */
        can = side[i]->kind != C_ITEMS || box_can(f, side[i]->items);
    }
    f->heap = was;
    return can;
}

static idx place_of(const Join *j, int32_t n)
{
    idx at = 0;
    while (j->cell.at[at].n != n)
        at++;
    return at;
}

/* Contents of one cell in another: what is a hole there is another hole here. */
static AVal *own_holes(Join *j, AVal *v)
{
    bool scalar = v->kind == A_SCALAR && val_is_hole(v->val);
    if (!scalar && v->kind != A_TUPLE && v->kind != A_OPT) return v;
    AVal *to = ARENA_NEW(j->f->arena, AVal);
    *to = *v;
    if (v->val && val_is_hole(v->val)) to->val = join_hole(j, v->val->type, NULL);
    idx n = aval_items(v);
    to->item = ARENA_NEW_N(j->f->arena, n + 1, AVal *);
    for (idx i = 0; i < n; i++)
        to->item[i] = own_holes(j, v->item[i]);
    return to;
}

static Cell own_contents(Join *j, const Cell *from)
{
    Cell c = *from;
    if (c.kind == C_BOX && val_is_hole(c.box)) {
        c.box = join_hole(j, c.box->type, NULL);
    } else if (c.kind == C_ITEMS) {
        Container *x = ARENA_NEW(j->f->arena, Container);
        vec_each (i, &c.items->item)
            vec_push(j->f->arena, &x->item, own_holes(j, c.items->item.at[i]));
        vec_each (i, &c.items->key)
            vec_push(j->f->arena, &x->key, c.items->key.at[i]);
        c.items = x;
    }
    return c;
}

/* A cell of the join's own that begins as *c. */
static AVal *made_cell(Join *j, const AVal *like, const Cell *c)
{
    AVal *v = av_new_kind(j->f, (AKind)like->kind);
    v->loc = like->loc;
    v->obj = heap_cell(j->f, C_ABSENT, NULL);
    JoinCell jc = {v->obj, true, own_contents(j, c)};
    vec_push(j->f->arena, &j->cell, jc);
    return v;
}

/* A row of a frame on both paths is one behind them; its name may not be known. */
static void keep_row(AVal *v, const AVal *a, const AVal *b)
{
    if (!is_row(a) || !is_row(b)) return;
    v->s = a->s;
    v->type = type_eq(a->type, b->type) ? a->type : (Type){.kind = TY_NONE};
    v->name = a->name && b->name && av_equal(a->name, b->name) ? a->name : NULL;
}

AVal *join_object(Join *j, AVal *a, AVal *b, const Heap *hb)
{
    if (a->obj == b->obj) return a;
    vec_each (i, &j->obj)
        if (j->obj.at[i].a == a->obj && j->obj.at[i].b == b->obj)
            return j->obj.at[i].to;
    const Cell *ca = join_side_a(j, a->obj);
    const Cell *cb = b->obj < hb->cell.n ? &hb->cell.at[b->obj] : NULL;
    bool boxed = ca && cb && (ca->kind == C_BOX || cb->kind == C_BOX);
    if (!ca || !cb || (ca->kind != cb->kind && !boxed)) return join_conflict(j, a, b);
    bool many = has_names(j, NULL, a->obj) || has_names(j, hb, b->obj);
    bool run = many && j->f->hints->aliases && can_run(j, ca, cb, hb);
    AVal *v = join_owns(j, a->obj) ? a : made_cell(j, b, ca);
    if (v != a) keep_row(v, a, b);
    ObjPair p = {a->obj, b->obj, v, many && (run || boxed)};
    vec_push(j->f->arena, &j->obj, p);
    if (many && !p.many) {
        alias_add(j->f, v->obj, a->obj);
        alias_add(j->f, v->obj, b->obj);
    }
    Cell to = j->cell.at[place_of(j, v->obj)].to;
    bool news = join_cell(j, &to, cb, hb);
    idx at = place_of(j, v->obj);
    j->cell.at[at].to = to;
    j->changed |= news;
    if (to.kind == C_CLASH) {
        AVal *c = join_conflict(j, a, b);
        c->s = has_items(a) ? c->s : to.why;
        return c;
    }
    if (run)
        must_run(j, v->obj, to.kind == C_BOX ? to.box->type : like_cell(j, &to), hb);
    return v;
}

/* -- Rows that are there on one path only ------------------------------------------ */
/* An index of which only the run time knows the labels, on the rows of an axis. */
static Index *adopt_index(Join *j, const Index *x, Axis *axis)
{
    Index *to = ARENA_NEW(j->f->arena, Index);
    *to = *x;
    if (x->rows) to->rows = axis->rows;
    to->level = ARENA_NEW_N(j->f->arena, x->nlevel + 1, Val *);
    for (int32_t i = 0; i < x->nlevel; i++)
        to->level[i] = join_hole(j, x->level[i]->type, axis);
    return to;
}

static Frame *adopt_table(Join *j, const Frame *t)
{
    Frame *to = frame_copy(j->f, t);
    to->axis = join_open_axis(j);
    to->rows = to->axis->rows;
    if (t->index) to->index = adopt_index(j, t->index, to->axis);
    vec_each (i, &t->col)
        to->col.at[i] = join_hole(j, t->col.at[i]->type, to->axis);
    return to;
}

/* A frame, or a Series that has a cell: an object of the joined state. */
static AVal *adopt_object(Join *j, AVal *v, const Heap *hb)
{
    if (join_owns(j, v->obj)) return v;
    vec_each (i, &j->obj)
        if (j->obj.at[i].a == v->obj && j->obj.at[i].b == v->obj)
            return j->obj.at[i].to;
    const Cell *c =
        hb && v->obj < hb->cell.n ? &hb->cell.at[v->obj] : join_side_a(j, v->obj);
    if (!c || c->kind != C_FRAME || !c->frame->rows) return NULL;
    Cell own = *c;
    own.frame = adopt_table(j, c->frame);
    bool many = has_names(j, hb, v->obj);
    AVal *to = made_cell(j, v, &own);
    vec_push(j->f->arena, &j->obj, ((ObjPair){v->obj, v->obj, to, false}));
    if (many) alias_add(j->f, to->obj, v->obj);
    if (v->kind == A_SERIES) j->f->series_changed = true; /* its rows are in its cell */
    j->changed = true;
    return to;
}

/* NULL: v has no form for that. */
static AVal *adopt_rows(Join *j, AVal *v, const Heap *hb)
{
    if (v->kind == A_ARRAY) return val_is_hole(v->val) ? v : join_widen(j, v);
    AVal *object = v->obj >= 0 ? adopt_object(j, v, hb) : NULL;
    if (object || v->kind == A_FRAME) return object;
    if (!v->val || !v->index) return NULL;
    if (val_is_hole(v->val)) return v;
    AVal *to = av_new_kind(j->f, A_SERIES);
    Axis *axis = join_open_axis(j);
    to->val = join_hole(j, v->val->type, axis);
    to->index = adopt_index(j, v->index, axis);
    to->name = v->name;
    to->loc = v->loc;
    return to;
}

AVal *join_adopt(Join *j, AVal *v, const Heap *hb)
{
    Front *f = j->f;
    if (v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_ARRAY) {
        AVal *to = adopt_rows(j, v, hb);
        return to ? to : join_conflict(j, v, av_none(f));
    }
    if (v->kind == A_TUPLE) {
        AVal *t = record_new(f, v->rec, v->item, v->n);
        for (idx i = 0; i < t->n; i++)
            t->item[i] = join_adopt(j, v->item[i], hb);
        t->loc = v->loc;
        return t;
    }
    if (v->kind == A_OPT) {
        AVal *t = av_new_kind(f, A_OPT);
        *t = *v;
        t->item = ARENA_NEW_N(f->arena, 1, AVal *);
        t->item[0] = join_adopt(j, v->item[0], hb);
        return t;
    }
    if (!has_items(v) || join_owns(j, v->obj)) return v;
    vec_each (i, &j->obj)
        if (j->obj.at[i].a == v->obj && j->obj.at[i].b == v->obj)
            return j->obj.at[i].to;
    const Cell *c =
        hb && v->obj < hb->cell.n ? &hb->cell.at[v->obj] : join_side_a(j, v->obj);
    if (!c || (c->kind != C_BOX && c->kind != C_ITEMS)) return v;
    Type t = c->kind == C_BOX ? c->box->type : like_cell(j, c);
    Cell copy = *c;
    AVal *to = made_cell(j, v, &copy);
    keep_row(to, v, v);
    ObjPair p = {v->obj, v->obj, to, true};
    vec_push(f->arena, &j->obj, p);
    if (copy.kind == C_ITEMS) run_items(j, copy.items, t, hb);
    Cell *made = &j->cell.at[place_of(j, to->obj)].to;
    made->kind = C_BOX;
    made->box = join_hole(j, t, NULL);
    j->changed = true;
    return to;
}

/* -- Spreading --------------------------------------------------------------------- */

static const RunCell *run_find(const Join *j, int32_t n)
{
    vec_each (i, &j->run)
        if (j->run.at[i].n == n) return &j->run.at[i];
    return NULL;
}

/* True when something is new. */
static bool settle_pair(Join *j, const ObjPair *p, const Heap *hb)
{
    const RunCell *a = run_find(j, p->a), *b = run_find(j, p->b);
    const Cell *to = &j->cell.at[place_of(j, p->to->obj)].to;
    bool boxed = to->kind == C_BOX;
    if (!a && !b && !(p->many && boxed)) return false;
    idx before = j->run.n;
    Type t = boxed ? to->box->type : a ? a->type : b->type;
    must_run(j, p->to->obj, t, hb);
    must_run(j, p->a, t, hb);
    must_run(j, p->b, t, hb);
    return j->run.n != before;
}

void join_settle(Join *j, const Heap *hb)
{
    bool news = true;
    while (news) {
        news = false;
        for (idx i = 0; i < j->obj.n; i++)
            news |= settle_pair(j,
                                &(ObjPair){j->obj.at[i].a, j->obj.at[i].b,
                                           j->obj.at[i].to, j->obj.at[i].many},
                                hb);
    }
    for (idx i = 0; i < j->cell.n; i++) {
        int32_t n = j->cell.at[i].n;
        if (j->cell.at[i].to.kind != C_BOX || n >= hb->cell.n) continue;
        if (hb->cell.at[n].kind != C_ITEMS && hb->cell.at[n].kind != C_BOX) continue;
        Cell to = j->cell.at[i].to;
        bool changed = join_box(j, &to, &hb->cell.at[n], hb);
        j->cell.at[i].to = to;
        j->changed |= changed;
    }
}
