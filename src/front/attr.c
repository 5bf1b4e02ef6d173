/* SPDX-License-Identifier: Apache-2.0
 * Attributes that are not calls, subscripts, len(), and assignment to them.
 */
#include "front/front_int.h"
#include "front/group.h"
#include "front/nd.h"
#include "front/try.h"

/* -- Attributes ----------------------------------------------------------------- */
static AVal *accessor(Front *f, AVal *self, const char *name)
{
    AVal *r = ARENA_NEW(f->arena, AVal);
    r->obj = -1;
    r->kind = A_ACCESSOR;
    r->s = intern(f->names, name);
    r->item = ARENA_NEW(f->arena, AVal *);
    r->item[0] = self;
    r->n = 1;
    r->loc = f->loc;
    return r;
}

static AVal *dtype_val(Front *f, Type t)
{
    if (type_zone(t)) front_unsup(f, UNSUP_ZONE, "the dtype of times with a time zone");
    AVal *r = ARENA_NEW(f->arena, AVal);
    r->obj = -1;
    r->kind = A_DTYPE;
    r->type = type_with(t, TY_SCALAR);
    r->loc = f->loc;
    return r;
}

static AVal *dtype_attr(Front *f, Type t, const char *name)
{
    const struct DTypeInfo *info = &dtype_info[t.dt];
    if (!strcmp(name, "name")) return name_label(f, dtype_text(f, t));
    if (t.null == NULL_MASK || t.dt == DT_CHAR) return NULL;
    if (!strcmp(name, "kind")) return av_str(f, info->numpy, 1);
    if (!strcmp(name, "itemsize")) return av_int(f, info->bytes);
    return NULL;
}

static AVal *rows_len(Front *f, Val *rows)
{
    if (!rows) return av_int(f, 0);
    AVal *n = av_scalar(f, put_val(f, OP_LEN, &rows, 1, type_scalar(DT_I64), NULL));
    n->i = 1; /* Python's own int */
    return n;
}

static AVal *dtypes(Front *f, const Frame *t)
{
    AVal *d = av_list(f, NULL, 0);
    d->kind = A_DICT;
    Container *k = front_items(f, d);
    vec_each (i, &t->col) {
        vec_push(f->arena, &k->key, t->name.at[i]);
        vec_push(f->arena, &k->item, dtype_val(f, t->col.at[i]->type));
    }
    return d;
}

static AVal *empty(Front *f, Val *rows)
{
    AVal *arg[] = {rows_len(f, rows), av_int(f, 0)};
    return front_elem(f, OP_EQ, arg, 2);
}

static AVal *frame_attr(Front *f, AVal *v, const char *name)
{
    Frame *t = front_frame(f, v);
    if (!strcmp(name, "shape"))
        return av_tuple(f, (AVal *const[]){rows_len(f, t->rows), av_int(f, t->col.n)},
                        2);
    if (!strcmp(name, "columns")) return av_tuple(f, t->name.at, t->name.n);
    if (!strcmp(name, "dtypes")) return dtypes(f, t);
    if (!strcmp(name, "values")) return library_call(f, "DataFrame.to_numpy", &v, 1);
    if (!strcmp(name, "ndim")) return av_int(f, 2);
    if (!strcmp(name, "empty")) return t->col.n ? empty(f, t->rows) : av_bool(f, true);
    if (!strcmp(name, "size")) {
        AVal *arg[] = {rows_len(f, t->rows), av_int(f, t->col.n)};
        return front_elem(f, OP_MUL, arg, 2);
    }
    if (!strcmp(name, "index")) return t->rows ? av_index(f, t->index) : NULL;
    static const char *const acc[] = {"loc", "iloc", "at", "iat"};
    for (idx i = 0; i < COUNT_OF(acc); i++)
        if (!strcmp(name, acc[i])) return accessor(f, v, name);
    if (op_lookup(arena_printf(f->arena, "DataFrame.%s", name), NULL) >= 0) return NULL;
    idx i = frame_find(t, av_str(f, name, (idx)strlen(name)));
    if (i < 0) return NULL;
    return av_series(f, t->col.at[i], t->index, t->name.at[i]);
}

static AVal *series_attr(Front *f, AVal *v, const char *name)
{
    Type t = v->val->type;
    if (!strcmp(name, "dtype") || !strcmp(name, "dtypes")) return dtype_val(f, t);
    if (!strcmp(name, "name")) return v->name;
    if (!strcmp(name, "ndim")) return av_int(f, 1);
    if (!strcmp(name, "size")) return rows_len(f, val_axis(v->val)->rows);
    if (!strcmp(name, "empty")) return empty(f, val_axis(v->val)->rows);
    if (!strcmp(name, "shape")) {
        AVal *n = rows_len(f, val_axis(v->val)->rows);
        return av_tuple(f, &n, 1);
    }
    if (!strcmp(name, "index")) return av_index(f, v->index);
    if (!strcmp(name, "values")) {
        Type at = type_with(t, TY_ARRAY);
        at.ndim = 1;
        Val *in = zone_utc(f, v->val);
        AVal *own = av_array(f, put_val(f, OP_TOARRAY, &in, 1, at, in->axis));
        if (t.null != NULL_MASK) own->ck = READ_ONLY;
        return own;
    }
    if (!strcmp(name, "cat")) {
        if (t.dt != DT_CAT)
            front_fail(f, E_ATTR, "Can only use .cat accessor with a 'category' dtype");
        return accessor(f, v, name);
    }
    if (t.dt == DT_CAT && (!strcmp(name, "dt") || !strcmp(name, "str"))) {
        AVal *plain = av_series(f, cat_values(f, v->val), v->index, v->name);
        plain->i = SERIES_OF_CATEGORIES;
        return series_attr(f, plain, name);
    }
    if (!strcmp(name, "dt")) {
        if (t.dt != DT_TS && t.dt != DT_TD)
            front_fail(f, E_ATTR, "Can only use .dt accessor with datetimelike values");
        return accessor(f, v, name);
    }
    if (!strcmp(name, "str")) {
        if (t.dt != DT_STR)
            front_fail(f, E_ATTR,
                       "Can only use .str accessor with string values, not %s",
                       dtype_text(f, t));
        return accessor(f, v, name);
    }
    static const char *const acc[] = {"loc", "iloc", "at", "iat"};
    for (idx i = 0; i < COUNT_OF(acc); i++)
        if (!strcmp(name, acc[i])) return accessor(f, v, name);
    return NULL;
}

static AVal *index_attr(Front *f, AVal *v, const char *name)
{
    if (!strcmp(name, "name")) return name_label(f, v->index->name[0]);
    if (!strcmp(name, "dtype")) return dtype_val(f, v->val->type);
    if (!strcmp(name, "size")) return rows_len(f, val_axis(v->val)->rows);
    if (!strcmp(name, "nlevels")) return av_int(f, index_depth(v->index));
    if (!strcmp(name, "values")) {
        Type at = type_with(v->val->type, TY_ARRAY);
        at.ndim = 1;
        Val *in = zone_utc(f, v->val);
        AVal *own = av_array(f, put_val(f, OP_TOARRAY, &in, 1, at, in->axis));
        own->ck = READ_ONLY;
        return own;
    }
    return NULL;
}

/* Fields of a row or a scalar Timestamp. */
static AVal *scalar_attr(Front *f, AVal *v, const char *name)
{
    return time_is(v) ? time_attr(f, v, name) : NULL;
}

AVal *front_attr(Front *f, AVal *v, const char *name)
{
    switch (v->kind) {
    case A_FRAME: return frame_attr(f, v, name);
    case A_SERIES: return series_attr(f, v, name);
    case A_INDEX: return v->val ? index_attr(f, v, name) : NULL;
    case A_SCALAR: return scalar_attr(f, v, name);
    case A_GROUPBY: return group_attr(f, v, name);
    case A_ACCESSOR:
        if (!strcmp(v->s, "cat")) return cat_attr(f, v, name);
        return !strcmp(v->s, "dt") ? dt_attr(f, v, name) : NULL;
    case A_ARRAY: return nd_attr(f, v, name);
    case A_DICT:
        if (!is_row(v) || box_get(f, v)) return NULL;
        return dict_get(f, v, av_str(f, name, (idx)strlen(name)));
    case A_DTYPE: return dtype_attr(f, v->type, name);
    default: return NULL;
    }
}

void front_setattr(Front *f, AVal *v, const char *name, AVal *value)
{
    if (v->kind == A_OPEN) return;
    v = opt_need(
        f, v, E_ATTR,
        arena_printf(f->arena, "'NoneType' object has no attribute '%s'", name));
    if (v->kind == A_FRAME && !strcmp(name, "columns")) {
        Frame *t = front_frame_mut(f, v);
        AVal *labels = av_labels(f, value);
        if (!labels) unsup(f, "df.columns = ...: the labels must be constants");
        if (labels->n != t->col.n)
            front_fail(
                f, E_VALUE,
                "Length mismatch: Expected axis has %lld elements, new values have "
                "%lld elements",
                (long long)t->col.n, (long long)labels->n);
        AVal **at = ARENA_NEW_N(f->arena, labels->n + 1, AVal *);
        memcpy(at, labels->item, (size_t)labels->n * sizeof *at);
        t->name.at = at;
        t->name.n = t->name.cap = labels->n;
        return;
    }
    if (v->kind == A_SERIES && !strcmp(name, "name")) {
        if (!av_is_label(value) && !av_is_none(value))
            unsup(f, "s.name = ...: the name must be a constant");
        if (v->obj < 0) front_unsup(f, UNSUP_CHAINED, NULL);
        v = series_now(f, v);
        (void)series_put(f, v, av_series(f, v->val, v->index, value));
        return;
    }
    if (v->kind == A_FRAME) {
        AVal *label = av_str(f, name, (idx)strlen(name));
        if (frame_find(front_frame(f, v), label) >= 0) {
            front_setitem(f, v, label, value);
            return;
        }
    }
    bool part = !strcmp(name, "real") || !strcmp(name, "imag");
    if (part && v->kind == A_ARRAY && dt_is_complex((DType)v->val->type.dt)) {
        AVal *all = av_new_kind(f, A_CONST);
        all->ck = AC_ELLIPSIS;
        nd_setitem(f, front_getattr(f, v, name), all, value);
        return;
    }
    if (instance_is(v)) {
        instance_set(f, v, name, value);
        return;
    }
    if (v->kind == A_TUPLE && v->rec)
        front_unsup(f, UNSUP_RECORD, "%s.%s can't be assigned", v->rec->name, name);
    const char *cls = python_class(v);
    if (cls) front_fail(f, E_ATTR, "'%s' object has no attribute '%s'", cls, name);
    unsup(f, "assignment to the attribute .%s of %s", name, av_type_text(f, v));
}

/* -- Subscripts ----------------------------------------------------------------- */
static Frame *pick_cols(Front *f, const Frame *t, const AVal *labels)
{
    Frame *r = table_new(f, t->axis, t->rows, t->index);
    r->columns_name = t->columns_name;
    for (idx i = 0; i < labels->n; i++) {
        if (frame_find(t, labels->item[i]) < 0)
            front_fail(f, E_KEY, "\"[%s] not in index\"",
                       label_text(f, labels->item[i]));
        if (frame_find(r, labels->item[i]) >= 0)
            unsup(f, "the column %s twice", label_text(f, labels->item[i]));
        table_add(f, r, labels->item[i], table_col(f, t, labels->item[i]));
    }
    return r;
}

static bool is_number(const AVal *v)
{
    return (v->kind == A_CONST && v->ck == AC_INT) ||
           (v->kind == A_SCALAR && dt_is_int((DType)v->val->type.dt));
}

static bool is_mask(const AVal *v)
{
    return (v->kind == A_SERIES || v->kind == A_ARRAY) && v->val->type.dt == DT_BOOL;
}

/* Row numbers in a list or array. */
static bool is_numbers(const AVal *v)
{
    if (v->kind == A_LIST) return true;
    return (v->kind == A_ARRAY || v->kind == A_SERIES || v->kind == A_INDEX) &&
           dt_is_int((DType)v->val->type.dt);
}

/* start, stop of a slice as values; absent: NULL. */
Frame *table_slice(Front *f, const Frame *t, const AVal *s)
{
    int64_t step =
        s->item[2]->kind == A_NONE ? 1 : front_const_int(f, s->item[2], "step");
    if (step == 0) front_fail(f, E_VALUE, "slice step cannot be zero");
    ValVec lead = {0};
    bool has[2];
    val_push(f, &lead, t->rows);
    for (int i = 0; i < 2; i++) {
        has[i] = s->item[i]->kind != A_NONE;
        Val *p = has[i] ? front_val(f, s->item[i]) : int_val(f, 0);
        if (!dt_is_int((DType)p->type.dt))
            front_fail(f, E_TYPE,
                       "cannot do positional indexing with these indexers of type %s",
                       av_type_text(f, s->item[i]));
        val_push(f, &lead, p);
    }
    Node *n;
    Frame *r = table_rows(f, OP_SLICE, &lead, t, false, &n);
    node_set_int(f->fn, n, "step", step);
    node_set_int(f->fn, n, "has_start", has[0]);
    node_set_int(f->fn, n, "has_stop", has[1]);
    return r;
}

AVal *table_item(Front *f, const Frame *t, AVal *pos, idx col)
{
    Val *p = front_val(f, pos);
    if (!dt_is_int((DType)p->type.dt))
        front_fail(f, E_TYPE, "Cannot index by location index with a non-integer key");
    Val *arg[] = {t->rows, p, t->col.at[col]};
    if (type_is_cat(arg[2]->type)) return av_scalar(f, cat_row(f, t->rows, p, arg[2]));
    return av_scalar(
        f, put_val(f, OP_GETROW, arg, 3, type_with(arg[2]->type, TY_SCALAR), NULL));
}

static AVal *frame_getitem(Front *f, AVal *v, AVal *key)
{
    Frame *t = front_frame(f, v);
    if (key->kind == A_SLICE) {
        if (label_slices(key)) key = label_slice(f, t, key);
        return av_frame(f, table_slice(f, t, key));
    }
    if (is_mask(key)) return av_frame(f, table_filter(f, t, table_key(f, t, key)));
    if (av_is_label(key)) {
        if (key->arg) key->arg->demanded = true;
        idx i = table_find(f, t, key);
        return av_series(f, t->col.at[i], t->index, t->name.at[i]);
    }
    AVal *labels = av_labels(f, key);
    if (labels) return av_frame(f, pick_cols(f, t, labels));
    if (key->kind == A_SCALAR)
        front_unsup(f, UNSUP_COLNAME,
                    "df[...]: the name of the column is not known when compiling");
    front_fail(f, E_TYPE, "a DataFrame can't be indexed by %s", av_type_text(f, key));
}

/* Whether a label of a RangeIndex 0, 1, 2.. is the row's number. */
static bool plain_range(const Index *ix)
{
    return ix->range && ix->start == 0 && ix->step == 1;
}

static bool is_text(const AVal *v)
{
    return (v->kind == A_CONST && v->ck == AC_STR) ||
           (v->kind == A_SCALAR && v->val->type.dt == DT_STR);
}

/* The item of t's first column whose row has this label. */
static AVal *row_labelled(Front *f, Frame *t, AVal *label)
{
    AVal *n = rows_len(f, t->rows);
    if (plain_range(t->index) && is_number(label)) {
        AVal *low = front_elem(f, OP_LT, (AVal *[]){label, av_int(f, 0)}, 2);
        AVal *high = front_elem(f, OP_GE, (AVal *[]){label, n}, 2);
        AVal *bad = front_elem(f, OP_BITOR, (AVal *[]){low, high}, 2);
        nd_check(f, bad, E_KEY, "%d", 1, &label);
        return table_item(f, t, label, 0);
    }
    if (index_depth(t->index) != 1) unsup(f, "one label of a MultiIndex");
    ValVec level = {0};
    index_vals(f, t->index, &level);
    if (is_text(label) != (level.v.at[0]->type.dt == DT_STR)) {
        label_raise(f, av_bool(f, true), "builtins.KeyError", label);
        return table_item(f, t, av_int(f, 0), 0);
    }
    AVal *ix = av_series(f, level.v.at[0], t->index, av_none(f));
    AVal *is = front_elem(f, OP_EQ, (AVal *[]){ix, label}, 2);
    t = table_filter(f, t, table_mask(f, t, is));
    n = rows_len(f, t->rows);
    label_raise(f, front_elem(f, OP_EQ, (AVal *[]){n, av_int(f, 0)}, 2),
                "builtins.KeyError", label);
    nd_check(
        f, front_elem(f, OP_GT, (AVal *[]){n, av_int(f, 1)}, 2), E_UNSUP,
        "the label is there %d times, so this is a Series and no value; choose the "
        "rows by a mask",
        1, &n);
    return table_item(f, t, av_int(f, 0), 0);
}

static AVal *series_getitem(Front *f, AVal *v, AVal *key)
{
    Frame *t = table_of(f, v);
    if (key->kind == A_SLICE) {
        if (label_slices(key)) key = label_slice(f, t, key);
        return table_as(f, v, table_slice(f, t, key));
    }
    if (is_mask(key)) return table_as(f, v, table_filter(f, t, table_key(f, t, key)));
    if (key->kind == A_CONST || key->kind == A_SCALAR) return row_labelled(f, t, key);
    unsup(f, "a Series can be indexed by a mask, a slice of rows, or a label; use "
             ".iloc[...] for positions");
}

/* Of an Index: a label by its place, or an Index of those that are chosen. */
static AVal *index_getitem(Front *f, AVal *v, AVal *key)
{
    Axis *axis = val_axis(v->val);
    Frame *t = table_new(f, axis, axis->rows, v->index);
    if (is_number(key)) {
        if (index_depth(v->index) > 1) unsup(f, "a label of a MultiIndex by its place");
        table_add(f, t, av_none(f), v->val);
        AVal *r = table_item(f, t, key, 0);
        node_set_int(f->fn, r->val->def, "array", 1);
        return r;
    }
    if (key->kind == A_SLICE) return av_index(f, table_slice(f, t, key)->index);
    if (is_mask(key))
        return av_index(f, table_filter(f, t, table_mask(f, t, key))->index);
    if (is_numbers(key))
        return av_index(f, table_take(f, t, key, "indices are out-of-bounds")->index);
    unsup(f, "an Index can be indexed by a number, a slice, a mask, or row numbers");
}

AVal *front_getitem(Front *f, AVal *v, AVal *key)
{
    if (values_at_run_time(f, key)) key = values_listed(f, key);
    switch (v->kind) {
    case A_FRAME: return frame_getitem(f, v, key);
    case A_SERIES: return series_getitem(f, v, key);
    case A_GROUPBY: return group_select(f, v, key);
    case A_ACCESSOR:
        if (!strcmp(v->s, "str")) return str_getitem(f, v, key);
        return frame_loc(f, v->item[0], v->s, key);
    case A_INDEX: return index_getitem(f, v, key);
    default:
        if ((v->kind == A_METHOD || v->kind == A_API) && v->s && host_is(v->s))
            front_unsup(f, UNSUP_HOSTOBJ, "items of %s", v->s);
        front_fail(f, E_TYPE, "'%s' object is not subscriptable", av_type_text(f, v));
    }
}

/* -- loc, iloc ------------------------------------------------------------------ */
static bool is_all(const AVal *v)
{
    return v->kind == A_SLICE && v->item[0]->kind == A_NONE &&
           v->item[1]->kind == A_NONE && v->item[2]->kind == A_NONE;
}

/* The place of a bound of a slice of columns. */
static idx bound_at(Front *f, const Frame *t, AVal *label, idx missing)
{
    if (label->kind == A_NONE) return missing;
    if (!av_is_label(label)) return -1;
    if (label->arg) label->arg->demanded = true;
    return table_find(f, t, label);
}

AVal *frame_labels(Front *f, const Frame *t, AVal *key)
{
    if (key->kind != A_SLICE) return av_labels(f, key);
    idx from = bound_at(f, t, key->item[0], 0);
    idx to = bound_at(f, t, key->item[1], t->name.n - 1);
    if (from < 0 || to < 0 || key->item[2]->kind != A_NONE) return NULL;
    return av_tuple(f, t->name.at + from, idx_max(to - from + 1, 0));
}

/* A bound of a slice of n places, between lo and hi. */
static int64_t slice_bound(Front *f, AVal *v, int64_t missing, int64_t n, int64_t lo,
                           int64_t hi)
{
    if (v->kind == A_NONE) return missing;
    int64_t k = front_const_int(f, v, "a bound of a slice of columns");
    return idx_min(idx_max(k < 0 ? k + n : k, lo), hi);
}

/* Columns t[:, start:stop:step] by their numbers, added to r. */
static void pick_slice(Front *f, const Frame *t, const AVal *key, Frame *r)
{
    int64_t n = t->col.n, by = 1;
    if (key->item[2]->kind != A_NONE)
        by = front_const_int(f, key->item[2], "the step of a slice of columns");
    if (by == 0) front_fail(f, E_VALUE, "slice step cannot be zero");
    int64_t lo = by > 0 ? 0 : -1, hi = by > 0 ? n : n - 1;
    int64_t a = slice_bound(f, key->item[0], by > 0 ? lo : hi, n, lo, hi);
    int64_t b = slice_bound(f, key->item[1], by > 0 ? hi : lo, n, lo, hi);
    for (int64_t i = a; by > 0 ? i < b : i > b; i += by)
        table_add(f, r, t->name.at[i], t->col.at[i]);
}

/* Columns chosen by the second part of a loc or iloc key. one: a single column. */
Frame *frame_cols(Front *f, const Frame *t, const char *acc, AVal *key, bool *one)
{
    bool by_pos = acc[0] == 'i';
    *one = key->kind == A_CONST;
    if (is_all(key)) return frame_copy(f, t);
    if (!by_pos) {
        AVal *labels = frame_labels(f, t, key);
        if (!labels) unsup(f, ".loc: columns must be chosen by name");
        return pick_cols(f, t, labels);
    }
    Frame *r = table_new(f, t->axis, t->rows, t->index);
    AVal *list = key->kind == A_SLICE ? NULL : av_labels(f, key);
    if (key->kind == A_SLICE) {
        pick_slice(f, t, key, r);
        return r;
    }
    if (!list) unsup(f, ".iloc: columns must be chosen by constant numbers");
    for (idx i = 0; i < list->n; i++) {
        int64_t k = front_const_int(f, list->item[i], "column number");
        if (k < 0) k += t->col.n;
        if (k < 0 || k >= t->col.n)
            front_fail(f, E_INDEX, "single positional indexer is out-of-bounds");
        table_add(f, r, t->name.at[k], t->col.at[k]);
    }
    return r;
}

/* The rows with these numbers, on the axis of the numbers. */
Frame *table_take(Front *f, const Frame *t, AVal *number, const char *text)
{
    ValVec arg = {0}, like = {0};
    if (number->kind == A_LIST) number = nd_from_items(f, number, NULL);
    if (number->kind != A_ARRAY || !dt_is_int((DType)number->val->type.dt))
        number =
            np_array_of(f, front_cast(f, front_col(f, number), type_scalar(DT_I64)));
    Val *at = front_cast(f, front_col(f, number), type_scalar(DT_I64));
    table_vals(f, t, &like);
    val_push(f, &arg, t->rows);
    val_push(f, &arg, at);
    vec_each (i, &like.v)
        val_push(f, &arg, like.v.at[i]);
    Node *n = put_node(f, OP_TAKE, arg.v.at, arg.v.n, like.v.n);
    Axis *axis = val_axis(at);
    vec_each (i, &like.v)
        val_init(f->fn, &n->res[i], type_with(like.v.at[i]->type, TY_COL), axis);
    node_set_text(f->fn, n, "text", text, (idx)strlen(text));
    Frame *r = table_new(f, axis, axis->rows, NULL);
    r->columns_name = t->columns_name;
    vec_each (i, &t->col)
        table_add(f, r, t->name.at[i], &n->res[i]);
    int32_t k = index_depth(t->index);
    Val **level = ARENA_NEW_N(f->arena, k, Val *);
    for (int32_t i = 0; i < k; i++)
        level[i] = &n->res[t->col.n + i];
    r->index = index_levels(f, level, t->index->name, k);
    return r;
}

AVal *build_take(Front *f, Call *c)
{
    AVal *at = call_arg(f, c, "indices");
    if (!is_numbers(at)) unsup(f, "%s() of %s", call_short(c), av_type_text(f, at));
    Frame *t = table_of(f, c->self);
    return table_as(f, c->self, table_take(f, t, at, "indices are out-of-bounds"));
}

AVal *frame_loc(Front *f, AVal *v, const char *acc, AVal *key)
{
    bool series = v->kind == A_SERIES, by_pos = acc[0] == 'i', one = series;
    Frame *t = table_of(f, v);
    AVal *rows = key;
    if (!series && key->kind == A_TUPLE && key->n == 2) {
        rows = key->item[0];
        t = frame_cols(f, t, acc, key->item[1], &one);
    }
    bool single = rows->kind == A_CONST || rows->kind == A_SCALAR;
    if (single && !by_pos && one) return row_labelled(f, t, rows);
    if (is_number(rows) && (by_pos || plain_range(t->index))) {
        if (!one && !strcmp(acc, "iloc")) {
            vec_each (i, &t->col)
                t->col.at[i] = cat_values(f, t->col.at[i]); /* a row holds values */
            return row_take(f, t, rows);
        }
        if (!one)
            unsup(f, ".%s[i]: one row of a DataFrame; choose a column too: .%s[i, ...]",
                  acc, acc);
        AVal *r = table_item(f, t, rows, 0);
        if (!strcmp(acc, "iat") || (by_pos && key->kind == A_TUPLE))
            node_set_int(f->fn, r->val->def, "array", 1);
        return r;
    }
    if (by_pos && is_numbers(rows) && !is_mask(rows))
        t = table_take(f, t, rows, "positional indexers are out-of-bounds");
    else if (is_mask(rows))
        t = table_filter(f, t, table_key(f, t, rows));
    else if (rows->kind == A_SLICE)
        t = is_all(rows) ? t
                         : table_slice(f, t, by_pos ? rows : label_slice(f, t, rows));
    else
        unsup(f, ".%s: rows can be chosen by a mask or a slice%s", acc,
              by_pos ? ", or by a number" : "; one value by a label and a column");
    if (one) return av_series(f, t->col.at[0], t->index, t->name.at[0]);
    return av_frame(f, t);
}

/* -- Assignment ----------------------------------------------------------------- */
/* A frame without rows gets those of a Series that is its column, with all its labels:
 * another index, which is not known when compiling. */
static void some_rows(Front *f, const Frame *t, const AVal *v)
{
    AVal *mine =
        front_elem(f, OP_EQ, (AVal *[]){rows_len(f, t->rows), av_int(f, 0)}, 2);
    AVal *its = rows_len(f, val_axis(v->val)->rows);
    its = front_elem(f, OP_GT, (AVal *[]){its, av_int(f, 0)}, 2);
    nd_check(f, front_elem(f, OP_BITAND, (AVal *[]){mine, its}, 2), E_UNSUP,
             "the frame has no rows, and would get those of the Series; make it of the "
             "Series",
             0, NULL);
}

static void set_col(Front *f, AVal *v, AVal *key, AVal *value)
{
    Frame *t = front_frame_mut(f, v);
    if (key->arg) key->arg->demanded = true;
    if (!t->rows) { /* pd.DataFrame() gets its rows from its first column */
        if (value->kind == A_CONST || value->kind == A_SCALAR)
            unsup(f, "a scalar column in a DataFrame without rows: add an array first");
        Frame *first = table_of(f, value);
        t->axis = first->axis;
        t->rows = first->rows;
        t->index = first->index;
    }
    if (table_pairs(t, value)) some_rows(f, t, value);
    table_set(f, t, key, table_paired(f, t, value, "df[...] ="));
}

void front_setitem(Front *f, AVal *v, AVal *key, AVal *value)
{
    if (v->kind == A_ACCESSOR) {
        frame_loc_set(f, v->item[0], v->s, key, value);
        return;
    }
    if (v->kind == A_SERIES) {
        series_setitem(f, v, "", key, value);
        return;
    }
    bool rows = is_mask(key) || key->kind == A_FRAME || key->kind == A_SLICE;
    if (v->kind == A_FRAME && rows) {
        frame_mask_set(f, v, key, value);
        return;
    }
    if (v->kind != A_FRAME) unsup(f, "assignment to items of %s", av_type_text(f, v));
    if (av_is_label(key)) {
        set_col(f, v, key, value);
        return;
    }
    AVal *labels = av_labels(f, key);
    if (!labels)
        front_unsup(f, UNSUP_COLNAME,
                    "df[...] = v: the name of the column must be known when compiling");
    Frame *from = value->kind == A_FRAME ? front_frame(f, value) : NULL;
    if (from && from->col.n != labels->n)
        front_fail(f, E_VALUE, "Columns must be same length as key");
    for (idx i = 0; i < labels->n; i++) {
        AVal *one =
            array_column(f, value, i, labels->n, "Columns must be same length as key");
        if (from) one = av_series(f, from->col.at[i], from->index, from->name.at[i]);
        set_col(f, v, labels->item[i], one);
    }
}

void front_delitem(Front *f, AVal *v, AVal *key)
{
    if (v->kind != A_FRAME || !av_is_label(key))
        unsup(f, "del of items of %s", av_type_text(f, v));
    Frame *t = front_frame_mut(f, v);
    idx i = table_find(f, t, key);
    for (idx k = i + 1; k < t->col.n; k++) {
        t->col.at[k - 1] = t->col.at[k];
        t->name.at[k - 1] = t->name.at[k];
    }
    t->col.n--;
    t->name.n--;
}

AVal *front_len(Front *f, AVal *v)
{
    switch (v->kind) {
    case A_FRAME: return rows_len(f, front_frame(f, v)->rows);
    case A_ARRAY: return nd_length(f, v);
    case A_SERIES:
    case A_INDEX: return rows_len(f, val_axis(v->val)->rows);
    case A_GROUPBY: {
        AVal *size = front_call_op(f, (Op)op_lookup("GroupBy.size", NULL),
                                   "GroupBy.size", v, NULL, 0, NULL, NULL, 0, NULL);
        Val *col = size->kind == A_SERIES ? size->val : front_frame(f, size)->col.at[0];
        return rows_len(f, val_axis(col)->rows);
    }
    default:
        front_fail(f, E_TYPE, "object of type '%s' has no len()", av_type_text(f, v));
    }
}
