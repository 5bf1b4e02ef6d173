/* SPDX-License-Identifier: Apache-2.0
 * pd.DataFrame and pd.Series: tables from arrays, Series, lists and scalars.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/np.h"

#include <string.h>

static const char LENGTHS[] = "All arrays must be of the same length";

static bool is_list(const AVal *v)
{
    return v->kind == A_LIST || v->kind == A_TUPLE;
}

/* -- Rows: a list of tuples, lists or dicts ---------------------------------------- */

/* What the rows are made of: keys of their items, names of the columns. */
typedef struct RowForm {
    AVal **key, **name;
    idx n;
    bool named; /* by the keys */
} RowForm;

static RowForm numbered(Front *f, idx n)
{
    RowForm r = {.n = n};
    r.key = ARENA_NEW_N(f->arena, n + 1, AVal *);
    r.name = r.key;
    for (idx i = 0; i < n; i++)
        r.key[i] = av_int(f, i);
    return r;
}

/* Elements that are no values of a column themselves. */
static bool has_rows(Front *f, AVal *data)
{
    if (values_at_run_time(f, data)) {
        Type item = comp_of(f->fn, box_of(f, data)->type)->item[0];
        const CompType *c = comp_of(f->fn, comp_resolve(f->fn, item));
        return c && (c->kind == COMP_TUPLE || c->kind == COMP_DICT);
    }
    Container *l = front_items(f, data);
    AVal *first = l->item.n ? l->item.at[0] : NULL;
    return first && (is_list(first) || first->kind == A_DICT);
}

NORETURN static void no_rows(Front *f, AVal *data)
{
    unsup(f,
          "DataFrame() of %s: it takes a dict of columns, or a list of tuples, or of "
          "dicts with known keys",
          av_type_text(f, data));
}

static RowForm form_values_at_run_time(Front *f, AVal *data)
{
    AVal *l = box_iterated(f, data);
    Type item = comp_resolve(f->fn, comp_of(f->fn, box_of(f, l)->type)->item[0]);
    const CompType *c = comp_of(f->fn, item);
    if (!c || c->kind != COMP_TUPLE || c->form || c->tag) no_rows(f, data);
    return numbered(f, c->n);
}

static RowForm form_of(Front *f, AVal *data)
{
    if (values_at_run_time(f, data)) return form_values_at_run_time(f, data);
    AVal *first = front_items(f, data)->item.at[0];
    if (first->kind == A_TUPLE) return numbered(f, first->n);
    if (first->kind == A_LIST && !box_get(f, first))
        return numbered(f, front_items(f, first)->item.n);
    if (first->kind != A_DICT || box_get(f, first)) no_rows(f, data);
    Container *d = front_items(f, first);
    return (RowForm){d->key.at, d->key.at, d->item.n, true};
}

static idx width_of(Front *f, AVal *row)
{
    if (row->kind == A_TUPLE) return row->n;
    bool known = (row->kind == A_LIST || row->kind == A_DICT) && !box_get(f, row);
    return known ? front_items(f, row)->item.n : -1;
}

static AVal *field(Front *f, AVal *data, const RowForm *r, idx k)
{
    if (values_at_run_time(f, data))
        return values_listed(f, iter_fields(f, data, r->key[k]));
    Container *l = front_items(f, data);
    AVal **v = ARENA_NEW_N(f->arena, l->item.n + 1, AVal *);
    vec_each (i, &l->item) {
        if (width_of(f, l->item.at[i]) != r->n)
            unsup(f, "DataFrame() of rows of different lengths");
        v[i] = lower_subscript(f, l->item.at[i], r->key[k]);
    }
    return values_listed(f, av_list(f, v, l->item.n));
}

/* *cols: names of the columns; those that are given to tuples are used up. */
static Frame *from_rows(Front *f, AVal *data, AVal **cols)
{
    RowForm r = form_of(f, data);
    if (!av_is_none(*cols) && !r.named) {
        if ((*cols)->n != r.n)
            front_fail(f, E_VALUE, "%lld columns passed, passed data had %lld columns",
                       (long long)(*cols)->n, (long long)r.n);
        r.name = (*cols)->item;
        *cols = av_none(f);
    }
    Frame *t = NULL;
    for (idx k = 0; k < r.n; k++) {
        AVal *v = field(f, data, &r, k);
        if (!t) {
            Frame *one = table_of(f, v);
            t = table_new(f, one->axis, one->rows, one->index);
        }
        table_add(f, t, r.name[k], table_column(f, t, v, "DataFrame()"));
    }
    return t;
}

/* A matrix: as many columns as there are names, or as are known. */
static Frame *from_matrix(Front *f, AVal *data, AVal **cols)
{
    Nd d = nd_of(f, data);
    int64_t n = -1;
    if (d.n != 2) front_fail(f, E_VALUE, "Must pass 2-d input, not %d-d", d.n);
    (void)ix_is(d.shape[1], &n);
    if (!av_is_none(*cols)) {
        AVal *other = lower_compare(f, AST_NotEq, d.shape[1], av_int(f, (*cols)->n));
        char *text = arena_printf(f->arena,
                                  "the number of columns is not that of columns=, %lld",
                                  (long long)(*cols)->n);
        lower_raise_if(f, other, E_VALUE, text);
        n = (*cols)->n;
    }
    if (n < 1)
        unsup(f, "DataFrame() of a matrix whose number of columns is not known when "
                 "compiling: name them with columns=[...]");
    Frame *t = NULL;
    for (idx k = 0; k < n; k++) {
        AVal *part[3] = {av_none(f), av_none(f), av_none(f)};
        AVal *all = av_tuple(f, part, 3);
        all->kind = A_SLICE;
        AVal *at[2] = {all, av_int(f, k)};
        AVal *v = lower_subscript(f, data, av_tuple(f, at, 2));
        if (!t) {
            Frame *one = table_of(f, v);
            t = table_new(f, one->axis, one->rows, one->index);
        }
        AVal *name = av_is_none(*cols) ? at[1] : (*cols)->item[k];
        table_add(f, t, name, table_column(f, t, v, "DataFrame()"));
    }
    *cols = av_none(f);
    return t;
}

/* Columns that are no Series must have one length, or it is pandas' error. */
static Val *dict_column(Front *f, const Frame *t, AVal *v)
{
    Val *col = table_column(f, t, v, "DataFrame()");
    bool paired = col->def && col->def->op == OP_ALIGN && v->kind == A_ARRAY;
    if (paired) node_set_text(f->fn, col->def, "text", LENGTHS, (idx)strlen(LENGTHS));
    return col;
}

static Frame *from_dict(Front *f, AVal *data)
{
    Container *d = front_items(f, data);
    Frame *t = table_new(f, NULL, NULL, NULL);
    AVal **v = ARENA_NEW_N(f->arena, d->item.n + 1, AVal *);
    vec_each (i, &d->item) {
        v[i] = values_listed(f, d->item.at[i]);
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
        table_add(f, t, d->key.at[i], dict_column(f, t, v[i]));
    return t;
}

static AVal *chosen(Front *f, Frame *t, AVal *cols)
{
    Frame *r = table_new(f, t->axis, t->rows, t->index);
    for (idx i = 0; i < cols->n; i++)
        table_add(f, r, cols->item[i], table_col(f, t, cols->item[i]));
    return av_frame(f, r);
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
    if (data->kind == A_LIST && has_rows(f, data)) {
        t = from_rows(f, data, &cols);
        if (av_is_none(cols)) return av_frame(f, t);
        return chosen(f, t, cols);
    }
    data = data->kind == A_LIST ? values_listed(f, data) : data;
    if (data->kind == A_ARRAY && np_is_nd(f, data)) {
        t = from_matrix(f, data, &cols);
        return av_frame(f, t);
    }
    if (data->kind == A_DICT)
        t = from_dict(f, data);
    else if (data->kind == A_FRAME || data->kind == A_SERIES || data->kind == A_ARRAY)
        t = table_of(f, data);
    else
        no_rows(f, data);
    bool unnamed = data->kind != A_DICT && data->kind != A_FRAME;
    if (unnamed && av_is_none(t->name.at[0])) t->name.at[0] = av_int(f, 0);
    if (av_is_none(cols)) return av_frame(f, t);
    if (unnamed && cols->n == 1) {
        t->name.at[0] = cols->item[0];
        return av_frame(f, t);
    }
    return chosen(f, t, cols);
}

/* The keys or values of a dict. */
static AVal *part_of(Front *f, AVal *dict, const char *which)
{
    if (box_get(f, dict)) return iter_view(f, which, &dict, 1);
    Container *d = front_items(f, dict);
    return av_list(f, *which == 'k' ? d->key.at : d->item.at, d->item.n);
}

/* Whether a Series has no values: its type is dtype's, but for categories, which are
 * those of the values. */
static bool no_values(Front *f, const AVal *data, const AVal *index, const AVal *dtype)
{
    bool text = dtype->kind == A_CONST && dtype->ck == AC_STR;
    if (av_is_none(dtype) || (text && !strcmp(dtype->s, "category"))) return false;
    if (av_is_none(data)) return av_is_none(index);
    if (data->kind == A_TUPLE) return data->n == 0;
    return data->kind == A_LIST && !box_get(f, data) &&
           front_items(f, data)->item.n == 0;
}

AVal *build_series(Front *f, Call *c)
{
    AVal *data = call_arg(f, c, "data"), *index = call_arg(f, c, "index"),
         *dtype = call_arg(f, c, "dtype");
    if (no_values(f, data, index, dtype)) {
        AVal *zero = av_int(f, 0);
        data = np_call(f, "zeros", &zero, 1);
    }
    if (av_is_none(data))
        unsup(f, "Series() without data has no type; write pd.Series(dtype=...)");
    if (data->kind == A_CONST || data->kind == A_SCALAR)
        unsup(f, "Series() of %s; use an array or a list", av_type_text(f, data));
    if (data->kind == A_DICT) {
        if (!av_is_none(index)) unsup(f, "Series() of a dict with index=");
        index = part_of(f, data, "keys");
        data = part_of(f, data, "values");
    }
    data = values_listed(f, data);
    Frame *t = table_of(f, data);
    if (data->kind == A_INDEX) t->name.at[0] = name_label(f, data->index->name[0]);
    AVal *name = call_given(f, c, "name") ? call_arg(f, c, "name") : t->name.at[0];
    AVal *s = av_series(f, t->col.at[0], t->index, name);
    if (!av_is_none(index)) {
        AVal *ix = values_listed(f, index);
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
