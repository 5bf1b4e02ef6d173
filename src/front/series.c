/* SPDX-License-Identifier: Apache-2.0
 * Series as objects. An A_SERIES is an immutable value; what may hold one (a variable,
 * an item of a container, an argument) gives it a cell, whose contents are its rows
 * now: a Frame of one column, so that the heap and the joins treat it as a frame's. The
 * value's own fields are then a copy of what the cell had when it was last read;
 * whoever reads a holder asks series_now() for the present one.
 *
 * A Series that nothing holds has no cell. It can't be changed to any effect: that is
 * what pandas calls chained assignment.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"

AVal *series_bind(Front *f, AVal *v)
{
    if (v->kind != A_SERIES || v->obj >= 0) return v;
    v->obj = heap_cell(f, C_FRAME, table_of(f, v));
    return v;
}

static AVal *from_table(Front *f, const AVal *v, const Frame *t)
{
    AVal *now = ARENA_NEW(f->arena, AVal);
    *now = *v;
    now->val = t->col.at[0];
    now->index = t->index;
    now->name = t->name.at[0];
    return now;
}

static bool is_present(const AVal *v, const Frame *t)
{
    return v->val == t->col.at[0] && v->index == t->index && v->name == t->name.at[0];
}

/* What v holds (bound methods, accessors, tuples) as it is now. */
static AVal *items_now(Front *f, AVal *v)
{
    bool holds = v->kind == A_TUPLE || v->kind == A_METHOD || v->kind == A_ACCESSOR ||
                 v->kind == A_FUNC || v->kind == A_VIEW || v->kind == A_OPT;
    if (!holds || !v->item || !f->series_changed) return v;
    idx n = v->kind == A_METHOD || v->kind == A_ACCESSOR || v->kind == A_OPT ? 1 : v->n;
    AVal *copy = NULL;
    for (idx i = 0; i < n; i++) {
        AVal *now = series_peek(f, v->item[i]);
        if (now == v->item[i]) continue;
        if (!copy) {
            copy = ARENA_NEW(f->arena, AVal);
            *copy = *v;
            copy->item = ARENA_NEW_N(f->arena, n + 1, AVal *);
            memcpy(copy->item, v->item, (size_t)n * sizeof(AVal *));
        }
        copy->item[i] = now;
    }
    return copy ? copy : v;
}

AVal *series_peek(Front *f, AVal *v)
{
    if (v->kind != A_SERIES || v->obj < 0) return items_now(f, v);
    if (v->obj >= f->heap->cell.n || f->heap->cell.at[v->obj].kind != C_FRAME) return v;
    const Frame *t = f->heap->cell.at[v->obj].frame;
    return is_present(v, t) ? v : from_table(f, v, t);
}

AVal *series_now(Front *f, AVal *v)
{
    if (v->kind == A_SERIES && v->obj >= 0) (void)front_frame(f, v);
    return series_peek(f, v);
}

AVal *series_put(Front *f, const AVal *old, const AVal *v)
{
    if (old->obj < 0) front_unsup(f, UNSUP_CHAINED, NULL);
    Frame *t = front_frame_mut(f, old);
    const Axis *axis = val_axis(v->val);
    t->col.at[0] = v->val;
    t->index = v->index;
    t->name.at[0] = v->name;
    t->axis = val_axis(v->val);
    t->rows = axis->rows;
    f->series_changed = true;
    return from_table(f, old, t);
}
