/* SPDX-License-Identifier: Apache-2.0
 * Methods of Series (and of frames column by column): reductions, element-wise choices,
 * missing values, running values.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/np.h"

static AVal *column_result(Front *f, const AVal *s, Val *r)
{
    if (s->kind == A_SERIES) return av_series(f, r, s->index, s->name);
    Type t = type_with(r->type, TY_ARRAY);
    t.ndim = 1;
    return av_array(f, put_val(f, OP_TOARRAY, &r, 1, t, r->axis));
}

static Val *elem2(Front *f, Op op, Val *a, Val *b)
{
    return front_elem_val(f, op, (Val *const[]){a, b}, 2);
}

static Val *elem1(Front *f, Op op, Val *a)
{
    return front_elem_val(f, op, &a, 1);
}

static bool has_param(const Call *c, const char *name)
{
    for (idx i = 0; i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, name)) return true;
    return false;
}

/* -- Columns from values -------------------------------------------------------- */
/* n values as a column of a new axis: text constants as a dictionary, else a choice by
 * row number. */
Val *values_column(Front *f, AVal *const *item, idx n)
{
    if (n == 0)
        unsup(f, "a column of no values: its type is not known; use np.zeros(0, dtype) "
                 "or pd.Series([], dtype=...)");
    Val *len = int_val(f, n);
    Node *an = put_node(f, OP_AXIS, &len, 1, 1);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &an->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &an->res[0];
    axis->pinned = true; /* scalars that each rank has: so are their rows */
    axis->dist = DIST_REP;
    Val *rows = axis->rows;
    Node *rn = put_node(f, OP_ROWNUM, &rows, 1, 1);
    node_set_int(f->fn, rn, "start", 0);
    node_set_int(f->fn, rn, "step", 1);
    val_init(f->fn, &rn->res[0], type_col(DT_I64), axis);
    Val *num = &rn->res[0];
    bool text = true;
    for (idx i = 0; i < n; i++)
        text = text && item[i]->kind == A_CONST && item[i]->ck == AC_STR;
    if (text) {
        const char **s = ARENA_NEW_N(f->arena, n, const char *);
        for (idx i = 0; i < n; i++)
            s[i] = item[i]->s;
        Val *code = front_cast(f, num, type_col(DT_I32));
        Node *d = put_node(f, OP_MKDICT, &code, 1, 1);
        node_set_texts(f->fn, d, "texts", s, n);
        val_init(f->fn, &d->res[0], type_col(DT_STR), axis);
        return &d->res[0];
    }
    Type out = {0};
    Val **val = ARENA_NEW_N(f->arena, n, Val *);
    for (idx i = 0; i < n; i++) {
        val[i] = front_val(f, item[i]);
        Type t = type_with(val[i]->type, TY_COL), both;
        if (i && !type_promote(out, t, &both))
            unsup(f, "a column of values of several types");
        out = i ? both : t;
    }
    Val *fill[] = {rows, front_cast(f, val[n - 1], type_with(out, TY_SCALAR))};
    Val *r = put_val(f, OP_FILL, fill, 2, out, axis);
    for (idx i = n - 1; i-- > 0;) {
        Val *sel[] = {elem2(f, OP_EQ, num, int_val(f, i)), val[i], r};
        r = front_elem_val(f, OP_SELECT, sel, 3);
    }
    return r;
}

bool values_at_run_time(Front *f, const AVal *v)
{
    return (v->kind == A_LIST && box_get(f, v)) || v->kind == A_VIEW;
}

/* None among numbers is NaN, as pandas has it. */
static AVal *numbers_filled(Front *f, AVal *v)
{
    AVal *l = box_iterated(f, v);
    Type item = comp_resolve(f->fn, comp_of(f->fn, box_of(f, l)->type)->item[0]);
    const CompType *c = comp_of(f->fn, item);
    if (!c || c->kind != COMP_OPT) return l;
    Type t = comp_resolve(f->fn, c->item[0]);
    bool number = t.kind == TY_SCALAR && dt_is_num((DType)t.dt);
    return number ? iter_floats(f, l) : l;
}

AVal *values_listed(Front *f, AVal *v)
{
    if (v->kind == A_RANGE) return np_call(f, "array", &v, 1);
    if (values_at_run_time(f, v)) {
        AVal *a = iter_array(f, numbers_filled(f, v), NULL);
        return chars_is(a) ? chars_plain(f, a) : a;
    }
    if (v->kind != A_LIST && v->kind != A_TUPLE) return v;
    AVal *const *item = v->kind == A_TUPLE ? v->item : front_items(f, v)->item.at;
    idx n = v->kind == A_TUPLE ? v->n : front_items(f, v)->item.n;
    Val *col = values_column(f, item, n);
    Type t = type_with(col->type, TY_ARRAY);
    t.ndim = 1;
    return av_array(f, put_val(f, OP_TOARRAY, &col, 1, t, col->axis));
}

/* -- Reductions ----------------------------------------------------------------- */
static AVal *reduce_by(Front *f, Call *c, Val *col, const char *m)
{
    int kind = agg_kind(m);
    if (kind < 0) BUG("no reduction %s", m);
    bool counts = kind == AGG_COUNT || kind == AGG_NUNIQUE;
    if (type_is_cat(col->type) && !counts && kind != AGG_MIN && kind != AGG_MAX)
        front_fail(f, E_TYPE,
                   "'Categorical' with dtype category does not support operation '%s'",
                   m);
    int64_t ddof = has_param(c, "ddof") ? call_int(f, c, "ddof") : 1;
    int64_t least = has_param(c, "min_count") ? call_int(f, c, "min_count") : 0;
    bool skipna = !has_param(c, "skipna") || call_bool(f, c, "skipna");
    if (kind == AGG_MIN || kind == AGG_MAX || kind == AGG_COUNT || kind == AGG_SUM ||
        kind == AGG_NUNIQUE || kind == AGG_PROD || kind == AGG_ANY || kind == AGG_ALL ||
        dt_is_num((DType)col->type.dt) || dt_is_time((DType)col->type.dt)) {
        AVal *r = reduce_col(f, col, kind, ddof, skipna, least);
        if (col->type.dt == DT_STR && (kind == AGG_ANY || kind == AGG_ALL))
            r->i = 1; /* Python's own bool */
        return r;
    }
    front_fail(f, E_TYPE, "Cannot perform reduction '%s' with string dtype", m);
}

AVal *build_reduce(Front *f, Call *c)
{
    return reduce_by(f, c, c->self->val, call_short(c));
}

/* NumPy's functions of a Series are the Series' methods, but for ddof. */
/* df.columns.tolist() */
AVal *build_tuple_list(Front *f, Call *c)
{
    return av_list(f, c->self->item, c->self->n);
}

/* The label of the first row that holds the smallest or largest value. */
AVal *build_idxmax(Front *f, Call *c)
{
    AVal *s = c->self;
    int kind = !strcmp(call_short(c), "idxmax") ? AGG_MAX : AGG_MIN;
    if (index_depth(s->index) != 1) unsup(f, "%s() of a MultiIndex", call_short(c));
    AVal *count = reduce_col(f, s->val, AGG_COUNT, 0, true, 0), *zero = av_int(f, 0);
    AVal *none = front_elem(f, OP_EQ, (AVal *const[]){count, zero}, 2);
    lower_raise_if(f, none, E_VALUE,
                   kind == AGG_MAX ? "attempt to get argmax of an empty sequence"
                                   : "attempt to get argmin of an empty sequence");
    Val *best = front_val(f, reduce_col(f, s->val, kind, 0, true, 0));
    Frame *t = table_filter(f, table_of(f, s), elem2(f, OP_EQ, s->val, best));
    Val *arg[] = {t->rows, int_val(f, 0), cat_values(f, t->index->level[0])};
    Type label = type_with(arg[2]->type, TY_SCALAR);
    AVal *r = av_scalar(f, put_val(f, OP_GETROW, arg, 3, label, NULL));
    r->i = s->index && s->index->range; /* labels of a RangeIndex are Python's ints */
    return r;
}

AVal *build_nunique(Front *f, Call *c)
{
    AVal *n = reduce_col(f, c->self->val, AGG_NUNIQUE, 0, true, 0);
    n->i = 1; /* len() in pandas: Python's own int */
    if (call_bool(f, c, "dropna") || c->self->val->type.null == NULL_NONE) return n;
    AVal *miss = reduce_col(f, elem1(f, OP_ISNULL, c->self->val), AGG_ANY, 0, true, 0);
    Val *one = front_cast(f, front_val(f, miss), type_scalar(DT_I64));
    n = av_scalar(f, elem2(f, OP_ADD, front_val(f, n), one));
    n->i = 1;
    return n;
}

AVal *build_quantile(Front *f, Call *c)
{
    Val *v = c->self->val;
    AVal *q = call_arg(f, c, "q");
    double share = q->ck == AC_INT ? (double)q->i : q->f;
    if (!(share >= 0 && share <= 1))
        front_fail(f, E_VALUE, "percentiles should all be in the interval [0, 1]");
    if (!dt_is_num((DType)v->type.dt) || v->type.dt == DT_BOOL)
        unsup(f, "quantile() of %s", dtype_text(f, v->type));
    Node *n = put_node(f, OP_QUANTILE, &v, 1, 1);
    node_set_float(f->fn, n, "q", share);
    node_set_text(f->fn, n, "interpolation", "linear", 6);
    val_init(f->fn, &n->res[0], type_scalar(DT_F64), NULL);
    return av_scalar(f, &n->res[0]);
}

/* One value per column, as a Series over the column names. */
AVal *build_reduce_frame(Front *f, Call *c)
{
    Frame *t = front_frame(f, c->self);
    const char *m = call_short(c);
    bool numeric = has_param(c, "numeric_only") && call_bool(f, c, "numeric_only");
    AVal **val = ARENA_NEW_N(f->arena, t->col.n + 1, AVal *);
    AVal **name = ARENA_NEW_N(f->arena, t->col.n + 1, AVal *);
    idx n = 0;
    vec_each (i, &t->col) {
        if (numeric && !dt_is_num((DType)t->col.at[i]->type.dt)) continue;
        name[n] = t->name.at[i];
        val[n++] = reduce_by(f, c, t->col.at[i], m);
    }
    if (n == 0) unsup(f, "%s() of a DataFrame without such columns", m);
    Val *col = values_column(f, val, n), *labels = values_column(f, name, n);
    axis_unify(f->fn, labels->axis, col->axis);
    return av_series(f, col, index_levels(f, &labels, NULL, 1), av_none(f));
}

/* -- Distinct values ------------------------------------------------------------ */
AVal *build_unique(Front *f, Call *c)
{
    AVal *s = c->self ? c->self : call_arg(f, c, "values");
    Val *col = front_col(f, s);
    Val *rows = val_axis(col)->rows;
    ValVec arg = {0}, like = {0};
    val_push(f, &arg, rows);
    val_push(f, &arg, col);
    val_push(f, &arg, col);
    val_push(f, &like, col);
    Node *n = put_rows(f, OP_DEDUP, &arg, &like);
    node_set_int(f->fn, n, "nkey", 1);
    node_set_text(f->fn, n, "keep", "f", 1);
    AVal plain = {.kind = A_ARRAY};
    return column_result(f, &plain, &n->res[1]);
}

/* pandas' nullable numbers: what is computed of them is nullable. */
static Type nullable_like(Type t, const Val *col)
{
    if (col->type.null == NULL_MASK && dt_is_num((DType)col->type.dt))
        t.null = NULL_MASK;
    return t;
}

/* The distinct values of a column and how often each is there. */
static void group_sizes(Front *f, Val *v, bool dropna, Val **key, Val **count)
{
    Val *arg[] = {val_axis(v)->rows, v};
    Node *n = put_node(f, OP_GROUPBY, arg, 2, 3);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], v->type, axis);
    val_init(f->fn, &n->res[2], nullable_like(type_col(DT_I64), v), axis);
    node_set_int(f->fn, n, "nkey", 1);
    node_set_ints(f->fn, n, "aggs", (int64_t[]){AGG_SIZE}, 1);
    node_set_ints(f->fn, n, "cols", (int64_t[]){-1}, 1);
    node_set_ints(f->fn, n, "ddof", (int64_t[]){0}, 1);
    node_set_ints(f->fn, n, "min_count", (int64_t[]){0}, 1);
    node_set_int(f->fn, n, "sort", 0);
    node_set_int(f->fn, n, "dropna", dropna);
    *key = &n->res[1];
    *count = &n->res[2];
}

AVal *build_value_counts(Front *f, Call *c)
{
    AVal *s = c->self;
    Axis *axis;
    Val *key, *count;
    days_none(f, s->val, "value_counts()"); /* an index of objects */
    group_sizes(f, s->val, call_bool(f, c, "dropna"), &key, &count);
    if (type_is_cat(s->val->type)) {
        cat_all_groups(f, true, &key, &count, 1);
        count = elem2(f, OP_FILLNULL, count, int_val(f, 0));
        count = front_cast(f, count, type_col(DT_I64));
    }
    axis = key->axis;
    const char *name = label_name(f, s->name);
    AVal *cname = av_str(f, "count", 5);
    if (call_bool(f, c, "normalize")) {
        Val *total = front_val(f, reduce_col(f, count, AGG_SUM, 0, true, 0));
        count = elem2(f, OP_DIV, count, total);
        cname = av_str(f, "proportion", 10);
    }
    if (!call_bool(f, c, "sort"))
        return av_series(f, count, index_levels(f, &key, &name, 1), cname);
    Val *sarg[] = {axis->rows, count, count, key};
    ValVec lead = {0}, like = {0};
    for (int i = 0; i < 4; i++)
        val_push(f, &lead, sarg[i]);
    val_push(f, &like, count);
    val_push(f, &like, key);
    Node *o = put_rows(f, OP_SORT, &lead, &like);
    node_set_int(f->fn, o, "nkey", 1);
    node_set_ints(f->fn, o, "asc", (int64_t[]){call_bool(f, c, "ascending")}, 1);
    node_set_int(f->fn, o, "nulls_first", 0);
    key = &o->res[2];
    return av_series(f, &o->res[1], index_levels(f, &key, &name, 1), cname);
}

/* -- Running values ------------------------------------------------------------- */
static Val *cumulate(Front *f, Val *v, const char *what)
{
    DType dt = (DType)v->type.dt;
    bool sum = *what == 's' || *what == 'p';
    bool adds = dt_is_num(dt) || (*what == 's' && (dt == DT_TD || dt == DT_STR));
    if (sum ? !adds : dt_is_complex(dt) || dt == DT_CAT)
        front_fail(f, E_TYPE, "cumulative functions do not take %s",
                   dtype_text(f, v->type));
    Type t = v->type;
    if (sum) t.dt = agg_type(f, AGG_SUM, t, NULL).dt;
    Node *n = put_node(f, OP_CUMULATE, &v, 1, 1);
    node_set_text(f->fn, n, "what", what, 1);
    val_init(f->fn, &n->res[0], t, v->axis);
    return &n->res[0];
}

AVal *build_cumulate(Front *f, Call *c)
{
    const char *m = call_short(c);
    const char *what = !strcmp(m, "cumsum")    ? "s"
                       : !strcmp(m, "cumprod") ? "p"
                       : !strcmp(m, "cummin")  ? "m"
                                               : "M";
    Frame *t = table_of(f, c->self);
    vec_each (i, &t->col)
        t->col.at[i] = cumulate(f, t->col.at[i], what);
    return table_as(f, c->self, t);
}

static Val *shifted(Front *f, Val *v, int64_t by, Type to)
{
    Node *n = put_node(f, OP_SHIFT, &v, 1, 1);
    node_set_int(f->fn, n, "by", by);
    val_init(f->fn, &n->res[0], to, v->axis);
    return &n->res[0];
}

/* pandas makes ints float64 whatever the rows are. */
static Val *shift(Front *f, Val *v, int64_t by)
{
    if (by == 0) return v;
    if (dt_is_int((DType)v->type.dt) && v->type.null != NULL_MASK)
        v = front_cast(f, v, type_col(DT_F64));
    return shifted(f, v, by, type_missing(v->type));
}

/* What a column of type t is filled with: of its own kind, so that it keeps its type.
 */
static Val *shift_fill(Front *f, AVal *fill, Type t)
{
    Val *v = front_val(f, fill);
    DType a = (DType)v->type.dt, b = (DType)t.dt;
    bool same = a == b || (dt_is_float(b) && dt_is_int(a)) ||
                (dt_is_int(b) && fill->kind == A_CONST && fill->ck == AC_INT &&
                 dt_holds(b, fill->i));
    if (!same)
        unsup(f, "shift(fill_value=) of %s in a column of %s; convert it first",
              av_type_text(f, fill), dtype_text(f, t));
    Type to = type_with(t, TY_SCALAR);
    to.null = v->type.null;
    return front_cast(f, v, to);
}

/* The rows that nothing was shifted to. */
static Val *shift_edge(Front *f, const Frame *t, int64_t by)
{
    ValVec number = {0};
    index_vals(f, index_range(f, t->rows), &number);
    Val *end = int_val(f, by);
    if (by < 0) {
        Val *n = put_val(f, OP_LEN, &t->rows, 1, type_scalar(DT_I64), NULL);
        end = front_elem_val(f, OP_ADD, (Val *[]){n, end}, 2);
    }
    return elem2(f, by < 0 ? OP_GE : OP_LT, number.v.at[0], end);
}

static Val *shift_filled(Front *f, const Frame *t, Val *v, int64_t by, AVal *fill)
{
    Type type = v->type;
    if (by == 0) return v;
    if (type_is_cat(type)) front_unsup(f, UNSUP_CATEGORY, "shift(fill_value=)");
    Val *x = shift_fill(f, fill, type);
    Val *r = shifted(f, v, by, type_missing(type));
    if (type.null == NULL_NONE) /* missing only where nothing came */
        return front_cast(f, elem2(f, OP_FILLNULL, r, x), type);
    return front_elem_val(f, OP_SELECT, (Val *[]){shift_edge(f, t, by), x, r}, 3);
}

AVal *build_shift(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    int64_t by = call_int(f, c, "periods");
    AVal *fill = call_arg(f, c, "fill_value");
    vec_each (i, &t->col)
        t->col.at[i] = av_is_none(fill) ? shift(f, t->col.at[i], by)
                                        : shift_filled(f, t, t->col.at[i], by, fill);
    return table_as(f, c->self, t);
}

/* Integers wrap in their own type before pandas makes them floats, but for int8 and
 * int16, which are float32 from the start; nullable ones stay what they are. */
static Val *diff(Front *f, Val *v, int64_t by)
{
    DType dt = (DType)v->type.dt;
    bool mask = v->type.null == NULL_MASK, whole = dt_is_int(dt) && !mask;
    if (v->type.null == NULL_PROM && whole)
        return diff(f, front_cast(f, v, type_col(DT_F64)), by);
    if (dt == DT_BOOL && !mask)
        unsup(f, "diff() of bools, which gives a column of Python objects");
    if (dt == DT_DATE) { /* pandas makes timedeltas of the objects */
        Type t = type_col(DT_TS);
        t.null = NULL_NAT;
        t.unit = UNIT_US;
        v = put_val(f, OP_CONVERT, &v, 1, t, v->axis);
    } else if (!dt_is_num(dt) && !dt_is_time(dt))
        front_fail(f, E_TYPE, "unsupported operand type(s) for -: '%s' and '%s'",
                   dtype_text(f, v->type), dtype_text(f, v->type));
    if (dt == DT_BOOL) return elem2(f, OP_BITXOR, v, shift(f, v, by));
    if (whole && (dt == DT_I8 || dt == DT_I16)) {
        v = front_cast(f, v, type_col(DT_F32));
        whole = false;
    }
    if (!whole) return elem2(f, OP_SUB, v, shift(f, v, by));
    Type may = v->type, real = type_col(DT_F64);
    may.null = NULL_MASK;
    real.null = NULL_NAN;
    return front_cast(f, elem2(f, OP_SUB, v, shifted(f, v, by, may)), real);
}

AVal *build_diff(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    int64_t by = call_int(f, c, "periods");
    vec_each (i, &t->col)
        t->col.at[i] = diff(f, t->col.at[i], by);
    return table_as(f, c->self, t);
}

/* -- Missing values ------------------------------------------------------------- */
static Val *fillna(Front *f, const Frame *t, Val *col, AVal *value)
{
    if (col->type.null == NULL_NONE) return col;
    if (col->type.dt == DT_STR && value->kind == A_CONST) {
        if (value->ck != AC_STR)
            front_fail(f, E_TYPE, "Invalid value '%s' for dtype 'str'",
                       label_text(f, value));
        Val *arg[] = {col, front_val(f, value)};
        return put_val(f, OP_STRFILL, arg, 2, col->type, col->axis);
    }
    Val *v = value->kind == A_CONST || value->kind == A_SCALAR
                 ? front_val(f, value)
                 : table_paired(f, t, value, "fillna()");
    return elem2(f, OP_FILLNULL, col, v);
}

AVal *build_fillna_series(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *v = call_arg(f, c, "value");
    if (v->kind == A_DICT || v->kind == A_FRAME || av_is_none(v))
        unsup(f, "fillna(): a scalar or a Series is needed, not %s",
              av_type_text(f, v));
    return column_result(f, c->self, fillna(f, t, t->col.at[0], v));
}

AVal *build_fillna(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *v = call_arg(f, c, "value");
    vec_each (i, &t->col) {
        AVal *one = v->kind == A_DICT ? dict_get(f, v, t->name.at[i]) : v;
        if (one) t->col.at[i] = fillna(f, t, t->col.at[i], one);
    }
    if (!call_bool(f, c, "inplace")) return av_frame(f, t);
    *front_frame_mut(f, c->self) = *t;
    return av_none(f);
}

static Frame *dropna(Front *f, Frame *t, AVal *subset, bool all, bool ignore_index)
{
    Val *mask = NULL;
    bool never = false; /* a row always has something (how='all') */
    idx n = av_is_none(subset) ? t->col.n : subset->n;
    for (idx i = 0; i < n; i++) {
        if (!av_is_none(subset) && frame_find(t, subset->item[i]) < 0)
            front_fail(f, E_KEY, "[%s]", label_text(f, subset->item[i]));
        Val *v = av_is_none(subset) ? t->col.at[i] : table_col(f, t, subset->item[i]);
        if (v->type.null == NULL_NONE) {
            never = all || never;
            continue;
        }
        Val *there = elem1(f, OP_NOTNULL, v);
        mask = mask ? elem2(f, all ? OP_BITOR : OP_BITAND, mask, there) : there;
    }
    if (mask && !never) t = table_filter(f, t, mask);
    if (ignore_index) t->index = index_range(f, t->rows);
    return t;
}

AVal *build_dropna(Front *f, Call *c)
{
    Frame *t = dropna(f, table_of(f, c->self), call_arg(f, c, "subset"),
                      av_is_str(call_arg(f, c, "how"), "all"),
                      call_bool(f, c, "ignore_index"));
    if (!call_bool(f, c, "inplace")) return av_frame(f, t);
    *front_frame_mut(f, c->self) = *t;
    return av_none(f);
}

AVal *build_dropna_series(Front *f, Call *c)
{
    return table_as(f, c->self,
                    dropna(f, table_of(f, c->self), av_none(f), false,
                           call_bool(f, c, "ignore_index")));
}

AVal *build_isna_frame(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    Op op = !strncmp(call_short(c), "is", 2) ? OP_ISNULL : OP_NOTNULL;
    vec_each (i, &t->col)
        t->col.at[i] = elem1(f, op, t->col.at[i]);
    return av_frame(f, t);
}

/* -- Choices -------------------------------------------------------------------- */
/* Whether a constant can be equal to values of a type at all. */
static bool comparable(const AVal *v, Type t)
{
    if (v->kind == A_SCALAR) return (v->val->type.dt == DT_STR) == (t.dt == DT_STR);
    if (v->kind != A_CONST) return false;
    if (v->ck == AC_STR) return t.dt == DT_STR;
    return dt_is_num((DType)t.dt) &&
           (v->ck == AC_INT || v->ck == AC_FLOAT || v->ck == AC_BOOL);
}

static bool is_nan(const AVal *v)
{
    return av_is_none(v) || (v->kind == A_CONST && v->ck == AC_FLOAT && v->f != v->f);
}

enum { ISIN_CHAIN = 8 }; /* so many constants are compared one by one */

/* isin() of nullable numbers gives nullable bools, none of which is missing. */
static AVal *isin_result(Front *f, const AVal *self, Val *r)
{
    if (type_is_cat(self->val->type)) return column_result(f, self, r);
    if (r->type.null != NULL_NONE) {
        Val *no = ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), 0);
        r = front_cast(f, elem2(f, OP_FILLNULL, r, no), type_col(DT_BOOL));
    }
    return column_result(f, self, front_cast(f, r, nullable_like(r->type, self->val)));
}

AVal *build_isin(Front *f, Call *c)
{
    AVal *values = call_arg(f, c, "values");
    Val *col = cat_values(f, c->self->val), *r = NULL;
    bool list =
        values->kind == A_LIST || values->kind == A_SET || values->kind == A_TUPLE;
    if (!list || values_at_run_time(f, values)) {
        if (values->kind == A_CONST || values->kind == A_SCALAR || av_is_none(values))
            front_fail(f, E_TYPE,
                       "only list-like objects are allowed to be passed to isin(), you "
                       "passed a `%s`",
                       av_type_text(f, values));
        Val *arg[] = {col, front_col(f, values)};
        r = put_val(f, OP_ISIN, arg, 2, type_col(DT_BOOL), col->axis);
        /* NumPy sees the <NA> of nullable numbers as NaN, which no <NA> equals. */
        if (nullable_like(type_col(DT_BOOL), col).null == NULL_MASK &&
            arg[1]->type.dt != DT_BOOL)
            r = elem2(f, OP_BITAND, r, elem1(f, OP_NOTNULL, col));
        return isin_result(f, c->self, r);
    }
    AVal *const *item =
        values->kind == A_TUPLE ? values->item : front_items(f, values)->item.at;
    idx n = values->kind == A_TUPLE ? values->n : front_items(f, values)->item.n, m = 0;
    AVal **keep = ARENA_NEW_N(f->arena, n + 1, AVal *);
    bool nan = false;
    for (idx i = 0; i < n; i++) {
        if (is_nan(item[i]))
            nan = true;
        else if (comparable(item[i], col->type))
            keep[m++] = item[i];
    }
    if (m > ISIN_CHAIN) {
        Val *arg[] = {col, values_column(f, keep, m)};
        r = put_val(f, OP_ISIN, arg, 2, type_col(DT_BOOL), col->axis);
    }
    for (idx i = 0; m <= ISIN_CHAIN && i < m; i++) {
        Val *eq = elem2(f, OP_EQ, col, front_val(f, keep[i]));
        r = r ? elem2(f, OP_BITOR, r, eq) : eq;
    }
    /* None among the values is no <NA>. */
    if (nan && col->type.null != NULL_NONE &&
        nullable_like(type_col(DT_BOOL), col).null != NULL_MASK) {
        Val *miss = elem1(f, OP_ISNULL, col);
        r = r ? elem2(f, OP_BITOR, r, miss) : miss;
    }
    if (!r) {
        Val *arg[] = {val_axis(col)->rows,
                      ir_const_int(f->fn, f->at, f->loc, type_scalar(DT_BOOL), 0)};
        r = put_val(f, OP_FILL, arg, 2, type_col(DT_BOOL), col->axis);
    }
    return isin_result(f, c->self, r);
}

AVal *build_between(Front *f, Call *c)
{
    const char *in = call_str(f, c, "inclusive");
    bool left = !strcmp(in, "both") || !strcmp(in, "left");
    bool right = !strcmp(in, "both") || !strcmp(in, "right");
    AVal *lo[] = {c->self, call_arg(f, c, "left")},
         *hi[] = {c->self, call_arg(f, c, "right")};
    AVal *both[] = {front_elem(f, left ? OP_GE : OP_GT, lo, 2),
                    front_elem(f, right ? OP_LE : OP_LT, hi, 2)};
    return front_elem(f, OP_BITAND, both, 2);
}

/* A bound that is missing, as min() of no rows is, is none. */
static Val *clip_at(Front *f, Op op, Val *v, AVal *to)
{
    Val *bound = front_val(f, to);
    if (bound->type.kind != TY_SCALAR || bound->type.null == NULL_NONE ||
        bound->type.dt != v->type.dt || v->type.null == NULL_MASK)
        return elem2(f, op, v, bound);
    Val *none = elem1(f, OP_ISNULL, bound);
    Val *arg[] = {none, v,
                  elem2(f, op, v, front_cast(f, bound, type_with(v->type, TY_SCALAR)))};
    return front_elem_val(f, OP_SELECT, arg, 3);
}

AVal *build_clip(Front *f, Call *c)
{
    AVal *lo = call_arg(f, c, "lower"), *hi = call_arg(f, c, "upper");
    Frame *t = table_of(f, c->self);
    vec_each (i, &t->col) {
        if (!av_is_none(lo)) t->col.at[i] = clip_at(f, OP_MAX2, t->col.at[i], lo);
        if (!av_is_none(hi)) t->col.at[i] = clip_at(f, OP_MIN2, t->col.at[i], hi);
    }
    return table_as(f, c->self, t);
}

AVal *build_where(Front *f, Call *c)
{
    bool mask = !strcmp(call_short(c), "mask");
    Frame *t = table_of(f, c->self);
    Val *cond = table_mask(f, t, call_arg(f, c, "cond")), *self = t->col.at[0], *other;
    AVal *o = call_arg(f, c, "other");
    if (av_is_none(o) || is_nan(o))
        other = missing_scalar(f, type_missing(self->type));
    else
        other = o->kind == A_CONST || o->kind == A_SCALAR
                    ? front_val(f, o)
                    : table_paired(f, t, o, "where()");
    if (mask) cond = front_elem_val(f, OP_INVERT, &cond, 1); /* a missing one: other */
    Val *arg[] = {cond, self, other};
    return column_result(f, c->self, front_elem_val(f, OP_SELECT, arg, 3));
}

/* A condition that NumPy asks for its truth. */
static void refuse_missing(Front *f, const AVal *cond)
{
    Val *v = cond->val;
    if (cond->kind != A_SERIES || v->type.null != NULL_MASK) return;
    AVal *any = reduce_col(f, front_elem_val(f, OP_ISNULL, &v, 1), AGG_ANY, 0, true, 0);
    lower_raise_if(f, any, E_TYPE, "boolean value of NA is ambiguous");
}

/* np.where(cond, a, b): an array whatever the arguments. */
AVal *build_np_where(Front *f, Call *c)
{
    if (av_is_none(c->arg[1]) != av_is_none(c->arg[2]))
        front_fail(f, E_VALUE, "either both or neither of x and y should be given");
    if (av_is_none(c->arg[1])) return np_places(f, c, c->arg[0]);
    refuse_missing(f, c->arg[0]);
    for (int i = 1; i < 3; i++)
        if (c->arg[i]->kind == A_SERIES && type_is_cat(c->arg[i]->val->type))
            c->arg[i] = av_series(f, cat_values(f, c->arg[i]->val), c->arg[i]->index,
                                  c->arg[i]->name);
    AVal *r = front_elem(f, OP_SELECT, c->arg, 3);
    if (r->kind != A_SERIES) return chars_chosen(f, r, c->arg + 1, 2);
    AVal plain = {.kind = A_ARRAY};
    return column_result(f, &plain, r->val);
}

/* -- Rounding, shape ------------------------------------------------------------ */
AVal *build_round_series(Front *f, Call *c)
{
    AVal *arg[] = {c->self, call_arg(f, c, "decimals")};
    return front_elem(f, OP_ROUND, arg, 2);
}

AVal *build_round_frame(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    AVal *d = call_arg(f, c, "decimals");
    vec_each (i, &t->col) {
        AVal *one = d->kind == A_DICT ? dict_get(f, d, t->name.at[i]) : d;
        if (!one || !dt_is_float((DType)t->col.at[i]->type.dt)) continue;
        t->col.at[i] = elem2(f, OP_ROUND, t->col.at[i], front_val(f, one));
    }
    return av_frame(f, t);
}

AVal *build_to_numpy(Front *f, Call *c)
{
    AVal plain = {.kind = A_ARRAY}, *copy = call_arg(f, c, "copy");
    AVal *r = column_result(f, &plain, cat_values(f, c->self->val));
    bool own = copy->kind != A_CONST || !copy->i;
    if (own && c->self->val->type.null != NULL_MASK) r->ck = READ_ONLY;
    return r;
}

AVal *build_to_frame(Front *f, Call *c)
{
    Frame *t = table_of(f, c->self);
    if (call_given(f, c, "name"))
        t->name.at[0] = call_arg(f, c, "name");
    else if (av_is_none(t->name.at[0]))
        t->name.at[0] = av_int(f, 0);
    return av_frame(f, t);
}

AVal *build_rename_series(Front *f, Call *c)
{
    AVal *name = call_arg(f, c, "index");
    if (!av_is_label(name))
        unsup(f,
              "Series.rename(): a function or dict for the index; give the new name");
    return av_series(f, c->self->val, c->self->index, name);
}
