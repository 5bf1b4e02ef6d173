/* SPDX-License-Identifier: Apache-2.0
 * Going through the values of a Series or an Index and through the rows of a frame, one
 * by one: what Python's iteration over them gives. Columns are read where they are, on
 * every rank; their values become Python's own numbers, text and pandas' scalars.
 */
#include "front/build.h"
#include "front/front_int.h"

#include <ctype.h>
#include <string.h>

/* -- Columns ----------------------------------------------------------------------- */

/* A column as something to loop over: a view "column" of an array nobody writes to. */
static AVal *column_view(Front *f, Val *col)
{
    Type t = type_with(col->type, TY_ARRAY);
    t.ndim = 1;
    Val *a = val_put(f, OP_TOARRAY, &col, 1, t, col->axis);
    node_set_int(f->fn, a->def, "read", 1);
    return iter_view(f, "column", (AVal *[]){av_array(f, a)}, 1);
}

static AVal *range_of(Front *f, const Index *ix)
{
    AVal *n = av_scalar(
        f, put_val(f, OP_LEN, (Val *const[]){ix->rows}, 1, type_scalar(DT_I64), NULL));
    n->i = 1;
    AVal *span = lower_binop(f, AST_Mult, n, av_int(f, ix->step));
    AVal *part[3] = {av_int(f, ix->start),
                     lower_binop(f, AST_Add, av_int(f, ix->start), span),
                     av_int(f, ix->step)};
    AVal *r = av_tuple(f, part, 3);
    r->kind = A_RANGE;
    return r;
}

static AVal *index_open(Front *f, const Index *ix)
{
    if (ix->range) return range_of(f, ix);
    if (ix->nlevel == 1) return column_view(f, ix->level[0]);
    AVal **level = ARENA_NEW_N(f->arena, ix->nlevel, AVal *);
    for (int32_t k = 0; k < ix->nlevel; k++)
        level[k] = column_view(f, ix->level[k]);
    return iter_view(f, "zip", level, ix->nlevel);
}

bool column_is_iter(const AVal *v)
{
    return v->kind == A_SERIES || (v->kind == A_INDEX && v->val && v->index);
}

AVal *column_open(Front *f, AVal *v)
{
    return v->kind == A_INDEX ? index_open(f, v->index)
                              : column_view(f, cat_values(f, front_col(f, v)));
}

AVal *column_item(Front *f, AVal *view, AVal *i)
{
    AVal *a = view->item[0];
    Val *in[2] = {a->val, front_val(f, i)};
    Val *v = val_put(f, OP_AGET, in, 2, type_with(a->val->type, TY_SCALAR), NULL);
    node_set_int(f->fn, v->def, "nocheck", 1); /* the loop stays in the column */
    return front_python(f, v);
}

AVal *column_has(Front *f, AVal *x, AVal *v)
{
    ValVec level = {0};
    index_vals(f, v->index, &level);
    if (level.v.n != 1) unsup(f, "`in` a MultiIndex");
    Val *eq =
        front_elem_val(f, OP_EQ, (Val *const[]){level.v.at[0], front_val(f, x)}, 2);
    AVal *any = reduce_col(f, eq, AGG_ANY, 0, true, 0);
    any->i = 1;
    return any;
}

AVal *build_items_series(Front *f, Call *c)
{
    AVal *index = av_index(f, c->self->index);
    return iter_view(f, "zip", (AVal *[]){index, c->self}, 2);
}

AVal *build_tolist(Front *f, Call *c)
{
    return box_iterated(f, c->self);
}

/* -- Rows of a frame --------------------------------------------------------------- */

static bool is_identifier(const char *s)
{
    static const char *const word[] = {
        "False",  "None",   "True",    "and",      "as",       "assert", "async",
        "await",  "break",  "class",   "continue", "def",      "del",    "elif",
        "else",   "except", "finally", "for",      "from",     "global", "if",
        "import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
        "pass",   "raise",  "return",  "try",      "while",    "with",   "yield"};
    if (!isalpha((unsigned char)*s) && !((unsigned char)*s & 0x80)) return false;
    for (const char *p = s; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_' && !((unsigned char)*p & 0x80))
            return false;
    for (idx i = 0; i < COUNT_OF(word); i++)
        if (!strcmp(s, word[i])) return false;
    return true;
}

/* Names as namedtuple(..., rename=True) makes them: what can't be one is _3. */
static const char **field_names(Front *f, const char *const *label, idx n)
{
    const char **name = ARENA_NEW_N(f->arena, n + 1, const char *);
    for (idx i = 0; i < n; i++) {
        bool ok = label[i] && is_identifier(label[i]);
        for (idx k = 0; ok && k < i; k++)
            ok = strcmp(name[k], label[i]) != 0;
        name[i] = ok ? label[i] : arena_printf(f->arena, "_%d", (int)i);
    }
    return name;
}

/* The row class of itertuples: known by its name and fields only. */
static Record *row_class(Front *f, const char *name, const Frame *t, bool index)
{
    Record *r = ARENA_NEW(f->arena, Record);
    const char **label = ARENA_NEW_N(f->arena, t->col.n + 2, const char *);
    idx n = 0;
    if (index) label[n++] = "Index";
    vec_each (i, &t->name)
        label[n++] = label_name(f, t->name.at[i]);
    *r = (Record){.kind = REC_NAMEDTUPLE, .name = name, .n = n};
    r->field = field_names(f, label, n);
    return r;
}

AVal *build_itertuples(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    bool index = call_bool(f, c, "index");
    const char *name = call_str(f, c, "name");
    idx n = 0;
    AVal **part = ARENA_NEW_N(f->arena, t->col.n + 2, AVal *);
    if (index) part[n++] = index_open(f, t->index);
    vec_each (i, &t->col)
        part[n++] = av_series(f, t->col.at[i], t->index, t->name.at[i]);
    if (n == 0) unsup(f, "itertuples() of a frame without columns");
    AVal *v = iter_view(f, "zip", part, n);
    if (name) v->rec = row_class(f, name, t, index);
    return v;
}

/* The element type of iterrows' Series when it is no object; false: each value keeps
 * its own. */
static bool row_type(const Frame *t, Type *out)
{
    *out = t->col.at[0]->type;
    vec_each (i, &t->col) {
        Type e = t->col.at[i]->type, both;
        bool numbers = dt_is_num((DType)e.dt) && dt_is_num((DType)out->dt) &&
                       (e.dt == DT_BOOL) == (out->dt == DT_BOOL);
        if (i && !type_eq(e, *out) && (!numbers || e.null == NULL_MASK)) return false;
        if (!type_promote(*out, e, &both)) return false;
        *out = both;
    }
    return true;
}

AVal *build_iterrows(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    if (t->col.n == 0) unsup(f, "iterrows() of a frame without columns");
    AVal **part = ARENA_NEW_N(f->arena, t->col.n + 2, AVal *);
    AVal *row = av_container(f, A_DICT, t->name.at, t->name.at, t->name.n);
    part[0] = index_open(f, t->index);
    part[1] = row; /* its keys are those of each row */
    row->type.kind = TY_NONE;
    if (!row_type(t, &row->type)) row->type.kind = TY_NONE;
    vec_each (i, &t->col)
        part[2 + i] = column_view(f, t->col.at[i]);
    return iter_view(f, "rows", part, t->col.n + 2);
}

/* A row of n elements, of the type (TY_NONE: each of its own) that the Series has in
 * pandas; name: its label, NULL when only the run time knows it. */
static AVal *row_object(Front *f, AVal *const *label, AVal *const *elem, idx n, Type t,
                        AVal *name)
{
    AVal **item = ARENA_NEW_N(f->arena, n, AVal *);
    for (idx k = 0; k < n; k++) {
        item[k] = elem[k];
        if (t.kind != TY_NONE)
            item[k] =
                av_scalar(f, front_cast(f, elem[k]->val, type_with(t, TY_SCALAR)));
    }
    AVal *d = av_container(f, A_DICT, label, item, n);
    d->s = "row";
    d->name = name;
    d->type = t;
    return d;
}

AVal *rows_item(Front *f, AVal *view, AVal *i)
{
    const AVal *row = view->item[1];
    idx n = view->n - 2;
    AVal **elem = ARENA_NEW_N(f->arena, n, AVal *);
    for (idx k = 0; k < n; k++)
        elem[k] = column_item(f, view->item[2 + k], i);
    AVal *d = row_object(f, front_items(f, row)->key.at, elem, n, row->type, NULL);
    return av_tuple(f, (AVal *[]){iter_item(f, view->item[0], i), d}, 2);
}

AVal *row_take(Front *f, const Frame *t, AVal *pos)
{
    idx n = t->col.n;
    Type type;
    ValVec arg = {0};
    if (n == 0) front_unsup(f, UNSUP_API, ".iloc[i] of a frame without columns");
    if (!row_type(t, &type)) type.kind = TY_NONE;
    val_push(f, &arg, t->rows);
    val_push(f, &arg, front_cast(f, front_val(f, pos), type_scalar(DT_I64)));
    vec_each (i, &t->col)
        val_push(f, &arg, t->col.at[i]);
    Node *get = put_node(f, OP_GETROW, arg.v.at, arg.v.n, n);
    AVal **elem = ARENA_NEW_N(f->arena, n, AVal *);
    for (idx i = 0; i < n; i++) {
        val_init(f->fn, &get->res[i], type_with(t->col.at[i]->type, TY_SCALAR), NULL);
        elem[i] = av_scalar(f, &get->res[i]);
    }
    bool known = pos->kind == A_CONST && t->index->range && t->index->start == 0 &&
                 t->index->step == 1;
    return row_object(f, t->name.at, elem, n, type, known ? pos : NULL);
}

bool is_row(const AVal *v)
{
    return v->kind == A_DICT && v->s && !strcmp(v->s, "row");
}

AVal *row_series(Front *f, AVal *v)
{
    Container *c = box_get(f, v) ? NULL : front_items(f, v);
    if (v->name && v->name->arg) v->name->arg->demanded = true;
    if (!c || !v->name || v->name->i < 0)
        front_unsup(
            f, UNSUP_API,
            "a row of a DataFrame is no result, since its name is only known at "
            "run time; return its items, or df.iloc[i:i + 1]");
    if (v->type.kind == TY_NONE || c->item.n == 0)
        front_unsup(f, UNSUP_API,
                    "a row of a DataFrame with columns of several types is no result; "
                    "return its items, or df.iloc[i:i + 1]");
    Val *col = values_column(f, c->item.at, c->item.n);
    Val *labels = values_column(f, c->key.at, c->key.n);
    axis_unify(f->fn, labels->axis, col->axis);
    return av_series(f, col, index_levels(f, &labels, NULL, 1), v->name);
}
