/* SPDX-License-Identifier: Apache-2.0
 * The index of a table as columns, and columns as the index.
 */
#include "front/build.h"

/* The name that a level gets as a column. */
static AVal *level_label(Front *f, const Frame *t, int32_t k)
{
    if (t->index->name[k]) return name_label(f, t->index->name[k]);
    if (index_depth(t->index) == 1) {
        AVal *name = av_str(f, "index", 5);
        if (frame_find(t, name) < 0) return name;
    }
    const char *s = arena_printf(f->arena, "level_%d", k);
    return av_str(f, s, (idx)strlen(s));
}

static Frame *reset(Front *f, const Frame *t, bool drop, const AVal *names)
{
    Frame *r = table_new(f, t->axis, t->rows, NULL);
    r->columns_name = t->columns_name;
    if (!drop && t->rows) {
        ValVec level = {0};
        index_vals(f, t->index, &level);
        if (names && names->kind == A_TUPLE && names->n != level.v.n)
            front_fail(
                f, E_VALUE,
                "The number of provided names does not match the number of levels");
        vec_each (k, &level.v) {
            AVal *name = names && names->kind == A_TUPLE
                             ? names->item[k]
                             : level_label(f, t, (int32_t)k);
            if (frame_find(t, name) >= 0)
                front_fail(f, E_VALUE, "cannot insert %s, already exists",
                           label_name(f, name));
            table_add(f, r, name, level.v.at[k]);
        }
    }
    vec_each (i, &t->col)
        table_add(f, r, t->name.at[i], t->col.at[i]);
    return r;
}

AVal *build_reset_index(Front *f, Call *c)
{
    Frame *r = reset(f, table_of(f, c->self), call_bool(f, c, "drop"),
                     call_arg(f, c, "names"));
    if (!call_bool(f, c, "inplace")) return av_frame(f, r);
    *front_frame_mut(f, c->self) = *r;
    return av_none(f);
}

AVal *build_reset_index_series(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    bool drop = call_bool(f, c, "drop");
    if (call_given(f, c, "name"))
        t->name.at[0] = call_arg(f, c, "name");
    else if (!drop && av_is_none(t->name.at[0]))
        t->name.at[0] = av_int(f, 0);
    Frame *r = reset(f, t, drop, NULL);
    return drop ? table_as(f, c->self, r) : av_frame(f, r);
}

AVal *build_set_index(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *keys = call_arg(f, c, "keys");
    bool drop = call_bool(f, c, "drop");
    Val **level = ARENA_NEW_N(f->arena, keys->n + 1, Val *);
    const char **name = ARENA_NEW_N(f->arena, keys->n + 1, const char *);
    if (keys->n == 0)
        front_fail(f, E_VALUE, "Must pass non-zero number of levels/codes");
    for (idx i = 0; i < keys->n; i++) {
        if (frame_find(t, keys->item[i]) < 0)
            front_fail(f, E_KEY, "\"None of [%s] are in the columns\"",
                       label_text(f, keys->item[i]));
        level[i] = table_col(f, t, keys->item[i]);
        name[i] = label_name(f, keys->item[i]);
    }
    Frame *r = table_new(f, t->axis, t->rows, index_levels(f, level, name, keys->n));
    r->columns_name = t->columns_name;
    vec_each (i, &t->col) {
        bool key = false;
        for (idx k = 0; k < keys->n; k++)
            key = key || av_equal(keys->item[k], t->name.at[i]);
        if (!key || !drop) table_add(f, r, t->name.at[i], t->col.at[i]);
    }
    if (!call_bool(f, c, "inplace")) return av_frame(f, r);
    *front_frame_mut(f, c->self) = *r;
    return av_none(f);
}
