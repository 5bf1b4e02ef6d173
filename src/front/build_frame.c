/* SPDX-License-Identifier: Apache-2.0
 * Columns of a frame: names, choosing, adding, changing. All of it edits the
 * compile-time map of names to columns; hardly any node is written.
 */
#include "front/build.h"
#include "front/front_int.h"

/* The result of a method with inplace=: the frame itself is changed and None returned.
 */
static AVal *finish(Front *f, Call *c, Frame *t, bool inplace)
{
    if (!inplace) return av_frame(f, t);
    *front_frame_mut(f, c->self) = *t;
    return av_none(f);
}

/* -- Names ---------------------------------------------------------------------- */
AVal *build_rename(Front *f, Call *c)
{
    AVal *map = call_arg(f, c, "columns"), *axis = call_arg(f, c, "axis");
    if (av_is_none(map)) {
        map = call_arg(f, c, "mapper");
        bool columns = av_is_str(axis, "columns") ||
                       (axis->kind == A_CONST && axis->ck == AC_INT && axis->i == 1);
        if (!av_is_none(map) && !columns)
            unsup(f, "rename(): only columns can be renamed: use columns=");
    }
    if (av_is_none(map)) front_fail(f, E_TYPE, "must pass an index to rename");
    Frame *t = table_of(f, c->self);
    if (map->kind == A_DICT) {
        Container *d = front_items(f, map);
        bool strict = av_is_str(call_arg(f, c, "errors"), "raise");
        vec_each (k, &d->key)
            if (strict && frame_find(t, d->key.at[k]) < 0)
                front_fail(f, E_KEY, "\"[%s] not found in axis\"",
                           label_text(f, d->key.at[k]));
    }
    vec_each (i, &t->name) {
        AVal *old = t->name.at[i];
        AVal *to = map->kind == A_DICT ? dict_get(f, map, old)
                                       : front_call(f, map, &old, 1, NULL, NULL, 0);
        if (!to) continue;
        if (!av_is_label(to))
            unsup(f, "rename(): the new name of %s is not known when compiling",
                  label_text(f, old));
        t->name.at[i] = to;
    }
    return finish(f, c, t, call_bool(f, c, "inplace"));
}

AVal *build_set_axis(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *labels = call_arg(f, c, "labels");
    if (!call_given(f, c, "axis"))
        unsup(f, "set_axis(): only axis=1 (columns) is supported");
    if (labels->n != t->col.n)
        front_fail(f, E_VALUE,
                   "Length mismatch: Expected axis has %lld elements, new values have "
                   "%lld elements",
                   (long long)t->col.n, (long long)labels->n);
    vec_each (i, &t->name)
        t->name.at[i] = labels->item[i];
    return av_frame(f, t);
}

AVal *build_add_affix(Front *f, Call *c)
{
    bool prefix = !strcmp(call_short(c), "add_prefix");
    const char *text = call_str(f, c, "text");
    Frame *t = table_of(f, c->self);
    vec_each (i, &t->name) {
        const char *old = label_name(f, t->name.at[i]);
        if (!old) old = "None";
        const char *s = prefix ? arena_printf(f->arena, "%s%s", text, old)
                               : arena_printf(f->arena, "%s%s", old, text);
        t->name.at[i] = av_str(f, s, (idx)strlen(s));
    }
    return av_frame(f, t);
}

/* -- Choosing ------------------------------------------------------------------- */
static void remove_col(Frame *t, idx i)
{
    for (idx k = i + 1; k < t->col.n; k++) {
        t->col.at[k - 1] = t->col.at[k];
        t->name.at[k - 1] = t->name.at[k];
    }
    t->col.n--;
    t->name.n--;
}

AVal *build_drop(Front *f, Call *c)
{
    AVal *labels = call_arg(f, c, "columns"), *axis = call_arg(f, c, "axis");
    if (av_is_none(labels)) {
        labels = call_arg(f, c, "labels");
        bool columns = av_is_str(axis, "columns") ||
                       (axis->kind == A_CONST && axis->ck == AC_INT && axis->i == 1);
        if (av_is_none(labels))
            front_fail(
                f, E_VALUE,
                "Need to specify at least one of 'labels', 'index' or 'columns'");
        if (!columns)
            unsup(f,
                  "drop(): rows can't be dropped by label; filter with a mask, or use "
                  "columns= to drop columns");
    }
    bool ignore = av_is_str(call_arg(f, c, "errors"), "ignore");
    Frame *t = table_of(f, c->self);
    for (idx k = 0; k < labels->n; k++) {
        idx i = frame_find(t, labels->item[k]);
        if (i >= 0)
            remove_col(t, i);
        else if (!ignore)
            front_fail(f, E_KEY, "\"[%s] not found in axis\"",
                       label_text(f, labels->item[k]));
    }
    return finish(f, c, t, call_bool(f, c, "inplace"));
}

AVal *build_pop(Front *f, Call *c)
{
    Frame *t = front_frame_mut(f, c->self);
    idx i = table_find(f, t, call_arg(f, c, "item"));
    AVal *s = av_series(f, t->col.at[i], t->index, t->name.at[i]);
    remove_col(t, i);
    return s;
}

AVal *build_get(Front *f, Call *c)
{
    Frame *t = front_frame(f, c->self);
    AVal *key = call_arg(f, c, "key");
    if (av_is_label(key) && frame_find(t, key) < 0) return call_arg(f, c, "default");
    return front_getitem(f, c->self, key);
}

AVal *build_items(Front *f, Call *c)
{
    Frame *t = front_frame(f, c->self);
    AVal **pair = ARENA_NEW_N(f->arena, t->col.n + 1, AVal *);
    vec_each (i, &t->col) {
        AVal *s = av_series(f, t->col.at[i], t->index, t->name.at[i]);
        pair[i] = av_tuple(f, (AVal *const[]){t->name.at[i], s}, 2);
    }
    return av_tuple(f, pair, t->col.n);
}

static bool dtype_among(Front *f, AVal *list, Type t)
{
    AVal *one[] = {list};
    AVal *const *item = one;
    idx n = 1;
    if (list->kind == A_LIST) {
        item = front_items(f, list)->item.at;
        n = front_items(f, list)->item.n;
    } else if (list->kind == A_TUPLE) {
        item = list->item;
        n = list->n;
    }
    for (idx i = 0; i < n; i++) {
        Type want;
        if (av_is_str(item[i], "number")) {
            if (dt_is_int((DType)t.dt) || dt_is_float((DType)t.dt)) return true;
        } else if (av_is_str(item[i], "datetime")) {
            if (t.dt == DT_TS) return true;
        } else if (av_is_str(item[i], "object")) {
            if (t.dt == DT_STR || t.dt == DT_DATE) return true;
        } else if (av_is_str(item[i], "category")) {
            if (t.dt == DT_CAT) return true;
        } else if (dtype_of(f, item[i], &want)) {
            if (want.dt == t.dt) return true;
        } else {
            front_fail(f, E_TYPE, "select_dtypes(): %s is not a dtype",
                       av_type_text(f, item[i]));
        }
    }
    return false;
}

AVal *build_select_dtypes(Front *f, Call *c)
{
    AVal *in = call_arg(f, c, "include"), *out = call_arg(f, c, "exclude");
    if (av_is_none(in) && av_is_none(out))
        front_fail(f, E_VALUE, "at least one of include or exclude must be nonempty");
    Frame *from = front_frame(f, c->self);
    Frame *t = table_new(f, from->axis, from->rows, from->index);
    vec_each (i, &from->col) {
        Type type = from->col.at[i]->type;
        if (!av_is_none(in) && !dtype_among(f, in, type)) continue;
        if (!av_is_none(out) && dtype_among(f, out, type)) continue;
        table_add(f, t, from->name.at[i], from->col.at[i]);
    }
    return av_frame(f, t);
}

/* -- Adding --------------------------------------------------------------------- */
AVal *build_assign(Front *f, Call *c)
{
    AVal *r = av_frame(f, table_of(f, c->self));
    for (idx i = 0; i < c->nkw; i++) {
        AVal *v = c->kwval[i];
        if (front_callable(v)) v = front_call(f, v, &r, 1, NULL, NULL, 0);
        front_setitem(f, r, av_str(f, c->kw[i], (idx)strlen(c->kw[i])), v);
    }
    return r;
}

AVal *build_insert(Front *f, Call *c)
{
    Frame *t = front_frame_mut(f, c->self);
    AVal *name = call_arg(f, c, "column");
    int64_t at = call_int(f, c, "loc");
    if (!av_is_label(name)) unsup(f, "insert(): the name must be a constant");
    if (frame_find(t, name) >= 0)
        front_fail(f, E_VALUE, "cannot insert %s, already exists", label_name(f, name));
    if (at < 0 || at > t->col.n)
        front_fail(f, E_INDEX, "index %lld is out of bounds for axis 0 with size %lld",
                   (long long)at, (long long)t->col.n);
    Val *col = table_paired(f, t, call_arg(f, c, "value"), "insert()");
    table_add(f, t, name, col);
    for (idx k = t->col.n - 1; k > at; k--) {
        t->col.at[k] = t->col.at[k - 1];
        t->name.at[k] = t->name.at[k - 1];
    }
    t->col.at[at] = col;
    t->name.at[at] = name;
    return av_none(f);
}

AVal *build_copy(Front *f, Call *c)
{
    return table_as(f, c->self, table_of(f, c->self));
}

/* -- Types ---------------------------------------------------------------------- */
static Val *astype(Front *f, Val *v, AVal *dtype)
{
    Type to;
    if (av_is_str(dtype, "category")) return cat_make(f, v, false);
    v = cat_values(f, v);
    if (!dtype_of(f, dtype, &to)) {
        if (av_is_str(dtype, "object"))
            unsup(f, "astype(): dtype %s is not supported", label_text(f, dtype));
        front_fail(f, E_TYPE, "data type %s not understood",
                   av_is_label(dtype) ? label_text(f, dtype) : av_type_text(f, dtype));
    }
    if (to.dt == DT_TD) v = days_plain(f, v);
    if (type_zone(v->type) && to.dt == DT_TS)
        front_fail(f, E_TYPE,
                   "Cannot use .astype to convert from timezone-aware dtype to "
                   "timezone-naive dtype. Use obj.tz_localize(None) or "
                   "obj.tz_convert('UTC').tz_localize(None) instead.");
    if (to.dt == DT_I64) v = zone_utc(f, v);
    Type from = v->type;
    to = type_with(to, TY_COL);
    if (type_eq(from, to)) return v;
    bool total = dt_is_num((DType)from.dt) && dt_is_num((DType)to.dt) &&
                 (from.null == NULL_NONE ||
                  (from.null == NULL_NAN && dt_is_float((DType)to.dt))) &&
                 !(dt_is_float((DType)from.dt) && dt_is_int((DType)to.dt));
    if (total && to.null != NULL_MASK) return front_cast(f, v, to);
    bool times = dt_is_time((DType)from.dt) && to.dt == DT_STR;
    return put_val(f, times ? OP_TIMETEXT : OP_CONVERT, &v, 1, to, v->axis);
}

AVal *build_astype(Front *f, Call *c)
{
    AVal *dtype = call_arg(f, c, "dtype");
    Frame *t = table_of(f, c->self);
    if (dtype->kind == A_DICT) {
        Container *d = front_items(f, dtype);
        vec_each (k, &d->key) {
            idx i = frame_find(t, d->key.at[k]);
            if (i < 0)
                front_fail(f, E_KEY,
                           "\"Only a column name can be used for the key in a dtype "
                           "mappings argument. %s not found in columns.\"",
                           label_text(f, d->key.at[k]));
            t->col.at[i] = astype(f, t->col.at[i], d->item.at[k]);
        }
    } else {
        vec_each (i, &t->col)
            t->col.at[i] = astype(f, t->col.at[i], dtype);
    }
    if (c->self->kind != A_INDEX) return table_as(f, c->self, t);
    if (index_depth(c->self->index) > 1) unsup(f, "astype() of a MultiIndex");
    return av_index(f, index_levels(f, t->col.at, c->self->index->name, 1));
}
