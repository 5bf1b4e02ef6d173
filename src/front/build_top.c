/* SPDX-License-Identifier: Apache-2.0
 * pd.DataFrame and pd.Series: tables from arrays, Series, lists and scalars.
 */
#include "front/build.h"

static bool is_list(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_TUPLE;
}

/* A list of values as a Series over a RangeIndex; others as they are. */
static AVal *listed(Front *f, AVal *v)
{
    if (!is_list(v)) return v;
    AVal *const *item = v->kind == A_TUPLE ? v->item : front_items(f, v)->item.at;
    idx n = v->kind == A_TUPLE ? v->n : front_items(f, v)->item.n;
    Val *col = values_column(f, item, n);
    Type t = type_with(col->type, TY_ARRAY);
    t.ndim = 1;
    return av_array(f, put_val(f, OP_TOARRAY, &col, 1, t, col->axis));
}

static Frame *from_dict(Front *f, AVal *data)
{
    Container *d = front_items(f, data);
    Frame *t = table_new(f, NULL, NULL, NULL);
    AVal **v = ARENA_NEW_N(f->arena, d->item.n + 1, AVal *);
    vec_each (i, &d->item) {
        v[i] = listed(f, d->item.at[i]);
        bool scalar =
            v[i]->kind == A_CONST || v[i]->kind == A_SCALAR || av_is_none(v[i]);
        if (t->rows || scalar) continue;
        Frame *one = table_of(f, v[i]);
        t->axis = one->axis;
        t->rows = one->rows;
        t->index = one->index;
    }
    if (!t->rows && d->item.n)
        front_fail(f, E_VALUE, "If using all scalar values, you must pass an index");
    vec_each (i, &d->item)
        table_add(f, t, d->key.at[i], table_column(f, t, v[i], "DataFrame()"));
    return t;
}

AVal *build_dataframe(Front *f, Call *c)
{
    AVal *data = call_arg(f, c, "data"), *cols = call_arg(f, c, "columns");
    Frame *t;
    if (av_is_none(data)) {
        t = table_new(f, NULL, NULL, NULL);
        if (!av_is_none(cols) && cols->n)
            unsup(f, "DataFrame(): columns without data have no type");
        return av_frame(f, t);
    }
    if (data->kind == A_DICT)
        t = from_dict(f, data);
    else if (data->kind == A_FRAME || data->kind == A_SERIES || data->kind == A_ARRAY)
        t = table_of(f, data);
    else
        unsup(f, "DataFrame(): data must be a dict of columns, not %s",
              av_type_text(f, data));
    bool unnamed = data->kind != A_DICT && data->kind != A_FRAME;
    if (unnamed && av_is_none(t->name.at[0])) t->name.at[0] = av_int(f, 0);
    if (av_is_none(cols)) return av_frame(f, t);
    if (unnamed && cols->n == 1) {
        t->name.at[0] = cols->item[0];
        return av_frame(f, t);
    }
    Frame *r = table_new(f, t->axis, t->rows, t->index);
    for (idx i = 0; i < cols->n; i++)
        table_add(f, r, cols->item[i], table_col(f, t, cols->item[i]));
    return av_frame(f, r);
}

AVal *build_series(Front *f, Call *c)
{
    AVal *data = call_arg(f, c, "data"), *index = call_arg(f, c, "index"),
         *dtype = call_arg(f, c, "dtype");
    if (av_is_none(data)) unsup(f, "Series() without data has no type");
    if (data->kind == A_CONST || data->kind == A_SCALAR || data->kind == A_DICT)
        unsup(f, "Series() of %s; use an array or a list", av_type_text(f, data));
    data = listed(f, data);
    Frame *t = table_of(f, data);
    if (data->kind == A_INDEX) t->name.at[0] = name_label(f, data->index->name[0]);
    AVal *name = call_given(f, c, "name") ? call_arg(f, c, "name") : t->name.at[0];
    AVal *s = av_series(f, t->col.at[0], t->index, name);
    if (!av_is_none(index)) {
        AVal *ix = listed(f, index);
        Val *level = table_column(f, t, ix, "Series(index=)");
        const char *lname = ix->kind == A_INDEX    ? ix->index->name[0]
                            : ix->kind == A_SERIES ? label_name(f, ix->name)
                                                   : NULL;
        s->index = index_levels(f, &level, &lname, 1);
    }
    if (av_is_none(dtype)) return s;
    return front_call_op(f, (Op)op_lookup("Series.astype", NULL), "Series.astype", s,
                         &dtype, 1, NULL, NULL, 0, NULL);
}
