/* SPDX-License-Identifier: Apache-2.0
 * Row order and choice of rows by keys: sort_values, sort_index, nlargest, head, tail,
 * drop_duplicates, duplicated.
 */
#include "front/build.h"

static AVal *finish(Front *f, Call *c, Frame *t, bool inplace)
{
    if (!inplace) return table_as(f, c->self, t);
    *front_frame_mut(f, c->self) = *t;
    return av_none(f);
}

/* ascending= as one flag per key. */
static int64_t *ascending(Front *f, AVal *v, idx nkey)
{
    int64_t *asc = ARENA_NEW_N(f->arena, nkey + 1, int64_t);
    if (v->kind == A_LIST || v->kind == A_TUPLE) {
        AVal *const *item = v->kind == A_TUPLE ? v->item : front_items(f, v)->item.at;
        idx n = v->kind == A_TUPLE ? v->n : front_items(f, v)->item.n;
        if (n != nkey)
            front_fail(f, E_VALUE, "Length of ascending (%lld) != length of by (%lld)",
                       (long long)n, (long long)nkey);
        for (idx i = 0; i < n; i++)
            asc[i] = front_const_bool(f, item[i], "ascending");
        return asc;
    }
    bool one = v->kind == A_CONST && v->ck == AC_INT
                   ? v->i != 0
                   : front_const_bool(f, v, "ascending");
    for (idx i = 0; i < nkey; i++)
        asc[i] = one;
    return asc;
}

/* SORT of a table by key columns of its axis. */
static Frame *sort_table(Front *f, const Frame *t, Val *const *key, idx nkey,
                         const int64_t *asc, bool nulls_first, bool ignore_index)
{
    ValVec lead = {0};
    Node *n;
    val_push(f, &lead, t->rows);
    for (idx i = 0; i < nkey; i++)
        val_push(f, &lead, key[i]);
    Frame *r = table_rows(f, OP_SORT, &lead, t, ignore_index, &n);
    node_set_int(f->fn, n, "nkey", nkey);
    node_set_ints(f->fn, n, "asc", asc, nkey);
    node_set_int(f->fn, n, "nulls_first", nulls_first);
    return r;
}

/* A key label of by=: a column or the name of an index level. */
static Val *key_col(Front *f, const Frame *t, const AVal *label)
{
    idx i = frame_find(t, label);
    if (i >= 0) return t->col.at[i];
    const char *name = label_name(f, label);
    ValVec level = {0};
    for (int32_t k = 0; name && k < index_depth(t->index); k++) {
        if (t->index->name[k] != name) continue;
        index_vals(f, t->index, &level);
        return level.v.at[k];
    }
    front_fail(f, E_KEY, "%s", label_text(f, label));
}

AVal *build_sort_values(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *by = call_arg(f, c, "by");
    int64_t *asc = ascending(f, call_arg(f, c, "ascending"), by->n);
    Val **key = ARENA_NEW_N(f->arena, by->n + 1, Val *);
    for (idx i = 0; i < by->n; i++)
        key[i] = key_col(f, t, by->item[i]);
    bool inplace = call_bool(f, c, "inplace");
    if (by->n == 0) return finish(f, c, t, inplace);
    Frame *r = sort_table(f, t, key, by->n, asc,
                          av_is_str(call_arg(f, c, "na_position"), "first"),
                          call_bool(f, c, "ignore_index"));
    return finish(f, c, r, inplace);
}

AVal *build_sort_values_series(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    days_none(f, t->col.at[0], "sort_values()"); /* timedelta64 if the order changes */
    int64_t *asc = ascending(f, call_arg(f, c, "ascending"), 1);
    Frame *r = sort_table(f, t, t->col.at, 1, asc,
                          av_is_str(call_arg(f, c, "na_position"), "first"),
                          call_bool(f, c, "ignore_index"));
    return table_as(f, c->self, r);
}

AVal *build_sort_index(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    bool inplace = c->self->kind == A_FRAME && call_bool(f, c, "inplace");
    ValVec level = {0};
    index_vals(f, t->index, &level);
    int64_t *asc = ascending(f, call_arg(f, c, "ascending"), level.v.n);
    bool ignore = call_bool(f, c, "ignore_index");
    if (t->index->range && asc[0] && t->index->step > 0) {
        if (ignore) t->index = index_range(f, t->rows);
        return finish(f, c, t, inplace);
    }
    Frame *r = sort_table(f, t, level.v.at, level.v.n, asc,
                          av_is_str(call_arg(f, c, "na_position"), "first"), ignore);
    return finish(f, c, r, inplace);
}

/* -- First and last rows -------------------------------------------------------- */
static Frame *head_table(Front *f, const Frame *t, Val *n, bool tail)
{
    ValVec lead = {0};
    Node *node;
    val_push(f, &lead, t->rows);
    val_push(f, &lead, n);
    bool keep_range = !tail && t->index->range;
    Frame *r = table_rows(f, OP_HEAD, &lead, t, keep_range, &node);
    if (keep_range) {
        r->index->start = t->index->start;
        r->index->step = t->index->step;
        r->index->name = t->index->name;
    }
    node_set_int(f->fn, node, "tail", tail);
    return r;
}

static Val *count_val(Front *f, AVal *n, const char *what)
{
    Val *v = n->kind == A_CONST || n->kind == A_SCALAR ? front_val(f, n) : NULL;
    if (!v || !dt_is_int((DType)v->type.dt))
        front_fail(f, E_TYPE, "%s(): n must be an integer, not %s", what,
                   av_type_text(f, n));
    return v;
}

AVal *build_head(Front *f, Call *c)
{
    const char *m = call_short(c);
    Frame *t = table_of(f, c->self);
    Val *n = count_val(f, call_arg(f, c, "n"), m);
    return table_as(f, c->self, head_table(f, t, n, !strcmp(m, "tail")));
}

/* The first n after a stable sort with missing keys last: what keep='first' means.
 * Missing values are left out unless there are too few others, as sorting them last
 * does. */
static Frame *nlargest(Front *f, Call *c, const Frame *t, Val *const *key, idx nkey)
{
    const char *m = call_short(c);
    int64_t *asc = ARENA_NEW_N(f->arena, nkey + 1, int64_t);
    for (idx i = 0; i < nkey; i++) {
        DType dt = (DType)key[i]->type.dt;
        if (dt == DT_STR || dt == DT_DATE)
            front_fail(f, E_TYPE,
                       "Column has dtype %s, cannot use method '%s' with this dtype",
                       dt == DT_STR ? "str" : "object", m);
        asc[i] = !strcmp(m, "nsmallest");
    }
    Val *n = count_val(f, call_arg(f, c, "n"), m);
    Val *zero[] = {n, int_val(f, 0)};
    Val *at_least_0 = front_elem_val(f, OP_MAX2, zero, 2); /* n < 0 gives no rows */
    return head_table(f, sort_table(f, t, key, nkey, asc, false, false), at_least_0,
                      false);
}

AVal *build_nlargest(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *by = call_arg(f, c, "columns");
    Val **key = ARENA_NEW_N(f->arena, by->n + 1, Val *);
    for (idx i = 0; i < by->n; i++)
        key[i] = table_col(f, t, by->item[i]);
    return table_as(f, c->self, nlargest(f, c, t, key, by->n));
}

AVal *build_nlargest_series(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    return table_as(f, c->self, nlargest(f, c, t, t->col.at, 1));
}

/* -- Duplicates ----------------------------------------------------------------- */
static const char *keep_letter(Front *f, Call *c)
{
    AVal *keep = call_arg(f, c, "keep");
    if (keep->kind == A_CONST && keep->ck == AC_BOOL) return "n";
    return av_is_str(keep, "last") ? "l" : "f";
}

static void subset_cols(Front *f, const Frame *t, AVal *subset, ValVec *out)
{
    if (!subset || av_is_none(subset)) {
        vec_each (i, &t->col)
            val_push(f, out, t->col.at[i]);
        return;
    }
    for (idx i = 0; i < subset->n; i++) {
        if (frame_find(t, subset->item[i]) < 0)
            front_fail(f, E_KEY, "Index([%s])", label_text(f, subset->item[i]));
        val_push(f, out, table_col(f, t, subset->item[i]));
    }
}

static Frame *dedup(Front *f, Call *c, const Frame *t, AVal *subset)
{
    ValVec lead = {0};
    Node *n;
    val_push(f, &lead, t->rows);
    subset_cols(f, t, subset, &lead);
    bool ignore = call_bool(f, c, "ignore_index");
    Frame *r = table_rows(f, OP_DEDUP, &lead, t, ignore, &n);
    const char *keep = keep_letter(f, c);
    node_set_int(f->fn, n, "nkey", lead.v.n - 1);
    node_set_text(f->fn, n, "keep", keep, 1);
    return r;
}

AVal *build_drop_duplicates(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    if (t->col.n > 0) t = dedup(f, c, t, call_arg(f, c, "subset"));
    return finish(f, c, t, call_bool(f, c, "inplace"));
}

AVal *build_drop_duplicates_series(Front *f, Call *c)
{
    return table_as(f, c->self, dedup(f, c, table_of(f, c->self), NULL));
}

AVal *build_duplicated(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *subset = c->self->kind == A_FRAME ? call_arg(f, c, "subset") : NULL;
    ValVec arg = {0};
    val_push(f, &arg, t->rows);
    subset_cols(f, t, subset, &arg);
    Node *n = put_node(f, OP_DUPLICATED, arg.v.at, arg.v.n, 1);
    const char *keep = keep_letter(f, c);
    node_set_text(f->fn, n, "keep", keep, 1);
    val_init(f->fn, &n->res[0], type_col(DT_BOOL), t->axis);
    return av_series(f, &n->res[0], t->index, subset ? av_none(f) : t->name.at[0]);
}
