/* SPDX-License-Identifier: Apache-2.0
 * The state of the abstract evaluation: cells, snapshots, contents of objects.
 *
 * Numbers of cells are never given twice in one compile, so that states of different
 * branches can be compared cell by cell; a cell made in another branch is C_ABSENT
 * here.
 */
#include "base/base.h"

#include "front/front_int.h"

#include <string.h>

static void heap_reach(Front *f, int32_t n)
{
    Heap *h = f->heap;
    while (h->cell.n < n)
        vec_push(f->arena, &h->cell, ((Cell){.kind = C_ABSENT}));
}

int32_t heap_cell(Front *f, CellKind kind, void *p)
{
    int32_t at = f->ncell++;
    heap_reach(f, at);
    Cell c = {.kind = (uint8_t)kind, .epoch = f->heap->epoch, .p = p};
    vec_push(f->arena, &f->heap->cell, c);
    return at;
}

static Heap *heap_copy(Front *f, const Heap *from)
{
    Heap *h = ARENA_NEW(f->arena, Heap);
    h->cell.n = h->cell.cap = from->cell.n;
    h->cell.at = ARENA_NEW_N(f->arena, from->cell.n + 1, Cell);
    if (from->cell.n)
        memcpy(h->cell.at, from->cell.at, (size_t)from->cell.n * sizeof(Cell));
    h->epoch = ++f->nepoch;
    return h;
}

Heap *heap_save(Front *f)
{
    Heap *h = heap_copy(f, f->heap);
    f->heap->epoch = ++f->nepoch;
    return h;
}

void heap_load(Front *f, const Heap *from)
{
    f->heap = heap_copy(f, from);
}

AVal *heap_var(Front *f, int32_t cell)
{
    if (cell >= f->heap->cell.n || f->heap->cell.at[cell].kind != C_VAR) return NULL;
    return series_peek(f, f->heap->cell.at[cell].var);
}

void heap_set_var(Front *f, int32_t cell, AVal *v)
{
    series_bind(f, v);
    heap_reach(f, cell + 1);
    f->heap->cell.at[cell] = (Cell){.kind = C_VAR, .epoch = f->heap->epoch, .var = v};
}

void heap_put(Front *f, int32_t n, Cell c)
{
    heap_reach(f, n + 1);
    c.epoch = f->heap->epoch;
    f->heap->cell.at[n] = c;
}

static Cell *object(Front *f, const AVal *v, CellKind kind)
{
    if (v->obj >= 0 && v->obj < f->heap->cell.n &&
        f->heap->cell.at[v->obj].kind == C_CLASH)
        front_unsup(f, UNSUP_FRAME_JOIN,
                    "the object of line %d differs between the paths "
                    "that lead here: %s",
                    v->loc.line, f->heap->cell.at[v->obj].why);
    if (v->obj < 0 || v->obj >= f->heap->cell.n ||
        f->heap->cell.at[v->obj].kind != (uint8_t)kind) {
        if (kind == C_ITEMS && box_get(f, v))
            front_unsup(f, UNSUP_VALUE,
                        "%s, whose contents are only known at run time, can't be used "
                        "here; make an array of it, np.array(..)",
                        av_type_text(f, v));
        front_fail(f, E_TYPE, "this object is not there on every path that leads here");
    }
    return &f->heap->cell.at[v->obj];
}

Frame *frame_copy(Front *f, const Frame *fr)
{
    Frame *c = ARENA_NEW(f->arena, Frame);
    *c = *fr;
    c->name.at = ARENA_NEW_N(f->arena, fr->name.n + 1, AVal *);
    c->col.at = ARENA_NEW_N(f->arena, fr->col.n + 1, Val *);
    c->name.cap = c->name.n;
    c->col.cap = c->col.n;
    if (c->name.n) memcpy(c->name.at, fr->name.at, (size_t)c->name.n * sizeof(AVal *));
    if (c->col.n) memcpy(c->col.at, fr->col.at, (size_t)c->col.n * sizeof(Val *));
    return c;
}

static Container *container_copy(Front *f, const Container *from)
{
    Container *c = ARENA_NEW(f->arena, Container);
    vec_each (i, &from->item)
        vec_push(f->arena, &c->item, from->item.at[i]);
    vec_each (i, &from->key)
        vec_push(f->arena, &c->key, from->key.at[i]);
    return c;
}

Frame *front_frame(Front *f, const AVal *v)
{
    return object(f, v, C_FRAME)->frame;
}

Frame *front_frame_mut(Front *f, const AVal *v)
{
    Cell *c = object(f, v, C_FRAME);
    if (c->frame->element)
        front_unsup(f, UNSUP_ELEMENT,
                    "a %s that was put into a container, or that a function which "
                    "calls itself sees, is changed",
                    v->kind == A_SERIES ? "Series" : "DataFrame");
    alias_changed(f, v->obj);
    if (c->epoch != f->heap->epoch) {
        c->frame = frame_copy(f, c->frame);
        c->epoch = f->heap->epoch;
    }
    return c->frame;
}

Container *front_items(Front *f, const AVal *v)
{
    Container *c = object(f, v, C_ITEMS)->items;
    for (idx i = 0; f->series_changed && i < c->item.n; i++)
        c->item.at[i] = series_peek(f, c->item.at[i]);
    return c;
}

Container *front_items_mut(Front *f, const AVal *v)
{
    Cell *c = object(f, v, C_ITEMS);
    if (c->items->captured)
        front_unsup(f, UNSUP_GLOBAL, "a %s of the surrounding program can't be changed",
                    av_type_text(f, v));
    alias_changed(f, v->obj);
    if (c->epoch != f->heap->epoch) {
        c->items = container_copy(f, c->items);
        c->epoch = f->heap->epoch;
    }
    return c->items;
}

idx frame_find(const Frame *fr, const AVal *name)
{
    vec_each (i, &fr->name)
        if (av_equal(fr->name.at[i], name)) return i;
    return -1;
}
