/* SPDX-License-Identifier: Apache-2.0
 * User functions over rows and values: Series.map, Series.apply,
 * DataFrame.apply(axis=1).
 */
#include "front/build.h"
#include "front/front_int.h"

static AVal *one_elem(Front *f, Val *const *elem, void *data)
{
    (void)data;
    return av_scalar(f, elem[0]);
}

/* {old: new} as a chain of choices; what no key equals is missing. */
Val *map_dict(Front *f, Val *col, AVal *dict, Type *named)
{
    Container *d = front_items(f, dict);
    if (d->key.n == 0) unsup(f, "map(): an empty dict");
    Type out = {0};
    Val **val = ARENA_NEW_N(f->arena, d->key.n, Val *);
    vec_each (i, &d->key) {
        val[i] = front_val(f, d->item.at[i]);
        Type t = type_with(val[i]->type, TY_COL), both;
        if (i == 0)
            out = t;
        else if (type_promote(out, t, &both))
            out = both;
        else
            unsup(f, "map(): a dict of values of several types");
    }
    out = type_missing(out);
    Val *r = missing_scalar(f, out);
    for (idx i = d->key.n; i-- > 0;) {
        Val *eq[] = {col, front_val(f, d->key.at[i])};
        Val *sel[] = {front_elem_val(f, OP_EQ, eq, 2), val[i], r};
        r = front_elem_val(f, OP_SELECT, sel, 3);
    }
    *named = out;
    return r;
}

AVal *build_map(Front *f, Call *c)
{
    AVal *fn = call_arg(f, c, "func"), *s = c->self;
    Val *r;
    bool call = front_callable(fn);
    if (call && type_is_cat(s->val->type))
        return av_series(f, cat_map(f, s->val, fn), s->index, s->name);
    if (fn->kind == A_DICT) {
        Type t;
        if (type_is_cat(s->val->type))
            front_unsup(f, UNSUP_CATEGORY, "map() of a dict over a category column");
        r = map_dict(f, s->val, fn, &t);
    } else if (call) {
        r = front_map_udf(f, fn, &s->val, 1, one_elem, NULL, NULL, 0, c->kw, c->kwval,
                          c->nkw);
    } else {
        unsup(f, "map(): a function or a dict is needed, not %s", av_type_text(f, fn));
    }
    return av_series(f, r, s->index, s->name);
}

AVal *build_apply_series(Front *f, Call *c)
{
    AVal *s = c->self, *args = call_arg(f, c, "args");
    AVal *const *extra = NULL;
    idx n = 0;
    if (args->kind == A_TUPLE) {
        extra = args->item;
        n = args->n;
    } else if (!av_is_none(args)) {
        front_fail(f, E_TYPE, "apply(): args must be a tuple, not %s",
                   av_type_text(f, args));
    }
    if (type_is_cat(s->val->type))
        front_unsup(f, UNSUP_CATEGORY, "apply() of a category column");
    Val *r = front_map_udf(f, call_arg(f, c, "func"), &s->val, 1, one_elem, NULL, extra,
                           n, c->kw, c->kwval, c->nkw);
    return av_series(f, r, s->index, s->name);
}

/* The row object: a dict of label to scalar, marked "row" so that front_attr finds its
 * items as attributes too. */
static AVal *row_elem(Front *f, Val *const *elem, void *data)
{
    const Frame *t = data;
    AVal *row = av_list(f, NULL, 0);
    row->kind = A_DICT;
    row->s = "row";
    Container *k = front_items(f, row);
    vec_each (i, &t->col) {
        vec_push(f->arena, &k->key, t->name.at[i]);
        AVal *e = av_scalar(f, elem[i]);
        e->i = dt_is_num((DType)elem[i]->type.dt); /* a row's items are Python's own */
        vec_push(f->arena, &k->item, e);
    }
    return row;
}

AVal *build_apply_rows(Front *f, Call *c)
{
    if (!call_given(f, c, "axis"))
        unsup(
            f,
            "apply(): axis=0 (a function of columns); only axis=1, a function of rows, "
            "is supported");
    Frame *t = table_of(f, c->self);
    AVal *args = call_arg(f, c, "args");
    AVal *const *extra = args->kind == A_TUPLE ? args->item : NULL;
    idx n = args->kind == A_TUPLE ? args->n : 0;
    if (t->col.n == 0) unsup(f, "apply(): a DataFrame without columns");
    vec_each (i, &t->col)
        t->col.at[i] = cat_values(f, t->col.at[i]); /* a row holds values */
    Val *r = front_map_udf(f, call_arg(f, c, "func"), t->col.at, (int)t->col.n,
                           row_elem, t, extra, n, c->kw, c->kwval, c->nkw);
    return av_series(f, r, t->index, av_none(f));
}

AVal *build_pipe(Front *f, Call *c)
{
    AVal **arg = ARENA_NEW_N(f->arena, c->nextra + 1, AVal *);
    arg[0] = c->self;
    for (idx i = 0; i < c->nextra; i++)
        arg[i + 1] = c->extra[i];
    return front_call(f, call_arg(f, c, "func"), arg, c->nextra + 1, c->kw, c->kwval,
                      c->nkw);
}
