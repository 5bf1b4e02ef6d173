/* SPDX-License-Identifier: Apache-2.0
 * Writes to items of Series and frames: S[...] = v, .loc, .iloc, .at, .iat, and
 * df[mask] = v. Columns are values, so a write makes the column that holds afterwards:
 *
 *   rows by a mask, one value    a choice row by row
 *   numbers and times            the column as an array, written in place (nd_index.c)
 *   text and nullable dtypes     an array of where each row comes from, written in
 * place; the rows are taken from the old ones and the new ones
 *
 * A column keeps its dtype, as in pandas 3: what does not fit is a TypeError, when
 * compiling where the types say so, else when it is run. Only a missing value that is
 * known as such makes an integer column float64.
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/try.h"

#include <math.h>
#include <string.h>

/* -- Which rows -------------------------------------------------------------------- */
typedef enum RowsKind { ROWS_ALL, ROWS_MASK, ROWS_SLICE, ROWS_ONE, ROWS_LIST } RowsKind;
typedef struct Rows {
    RowsKind kind;
    bool label; /* values that are a Series are paired by label */
    bool whole; /* S[mask] = array: may have a value for every row */
    Val *mask;  /* ROWS_MASK: over the rows */
    AVal *key;  /* the others: as nd_setitem() takes it */
} Rows;

static bool is_all(const AVal *v)
{
    return v->kind == A_SLICE && v->item[0]->kind == A_NONE &&
           v->item[1]->kind == A_NONE && v->item[2]->kind == A_NONE;
}

static bool is_mask(const AVal *v)
{
    return (v->kind == A_SERIES || v->kind == A_ARRAY) && v->val->type.dt == DT_BOOL;
}

static bool is_number(const AVal *v)
{
    return (v->kind == A_CONST && v->ck == AC_INT) ||
           (v->kind == A_SCALAR && dt_is_int((DType)v->val->type.dt));
}

static bool is_scalar(const AVal *v)
{
    return v->kind == A_CONST || v->kind == A_SCALAR || v->kind == A_NONE;
}

static AVal *number_of(Front *f, Val *rows)
{
    AVal *n = av_scalar(f, put_val(f, OP_LEN, &rows, 1, type_scalar(DT_I64), NULL));
    n->i = 1;
    return n;
}

static AVal *outside(Front *f, AVal *at, AVal *low, AVal *n)
{
    AVal *below = front_elem(f, OP_LT, (AVal *[]){at, low}, 2);
    AVal *above = front_elem(f, OP_GE, (AVal *[]){at, n}, 2);
    return front_elem(f, OP_BITOR, (AVal *[]){below, above}, 2);
}

#define NEW_LABEL                                                                      \
    "a row with a new label is added by this write; use pd.concat, or .loc[len(...)] " \
    "for the next row of a RangeIndex"

/* The rows with a label; none: there is no such row. */
static Rows rows_labelled(Front *f, const Frame *t, AVal *label, AVal **none)
{
    Rows r = {.kind = ROWS_ONE, .label = true, .key = label};
    if (grow_is_plain(t->index)) {
        if (!is_number(label)) unsup(f, "the index has no such label: " NEW_LABEL);
        *none = outside(f, label, av_int(f, 0), number_of(f, t->rows));
        return r;
    }
    if (index_depth(t->index) != 1) unsup(f, "one label of a MultiIndex");
    ValVec level = {0};
    index_vals(f, t->index, &level);
    AVal *ix = av_series(f, level.v.at[0], t->index, av_none(f));
    AVal *is = front_elem(f, OP_EQ, (AVal *[]){ix, label}, 2);
    AVal *any = front_call_op(f, (Op)op_lookup("Series.any", NULL), "Series.any", is,
                              NULL, 0, NULL, NULL, 0, NULL);
    *none = front_elem(f, OP_EQ, (AVal *[]){any, av_bool(f, false)}, 2);
    r.kind = ROWS_MASK;
    r.mask = table_mask(f, t, is);
    return r;
}

static Rows rows_by_label(Front *f, const Frame *t, AVal *label)
{
    AVal *none;
    Rows r = rows_labelled(f, t, label, &none);
    nd_check(f, none, E_UNSUP, NEW_LABEL, 0, NULL);
    return r;
}

static Rows rows_at_number(Front *f, const Frame *t, AVal *key, bool grow)
{
    Rows r = {.kind = ROWS_ONE, .key = key};
    if (key->kind == A_SLICE) {
        r.kind = is_all(key) ? ROWS_ALL : ROWS_SLICE;
    } else if (is_number(key)) {
        AVal *bad = front_elem(f, OP_GE, (AVal *[]){key, number_of(f, t->rows)}, 2);
        if (grow)
            nd_check(f, bad, E_INDEX, "iloc cannot enlarge its target object", 0, NULL);
    } else if (key->kind == A_LIST || key->kind == A_ARRAY || key->kind == A_SERIES) {
        r.kind = ROWS_LIST;
        if (key->kind == A_LIST) r.key = nd_from_items(f, key, NULL);
        if (key->kind == A_SERIES) r.key = np_array_of(f, key->val);
        if (!dt_is_int((DType)r.key->val->type.dt))
            front_fail(f, E_TYPE, "positions must be integers, not %s",
                       av_type_text(f, key));
    } else {
        unsup(f, "rows can be chosen by a number, a slice, a mask or an array of "
                 "numbers");
    }
    return r;
}

/* acc: "loc", "at", "iloc", "iat", or "" of S[...]. */
static Rows rows_of(Front *f, const Frame *t, const char *acc, AVal *key)
{
    bool by_pos = acc[0] == 'i';
    if (is_mask(key))
        return (Rows){.kind = ROWS_MASK,
                      .label = !by_pos,
                      .whole = !*acc,
                      .mask = table_key(f, t, key)};
    if (by_pos) return rows_at_number(f, t, key, !strcmp(acc, "iloc"));
    if (key->kind == A_SLICE && (is_all(key) || (!*acc && !label_slices(key)))) {
        Rows r = rows_at_number(f, t, key, false);
        r.label = *acc != 0;
        return r;
    }
    if (key->kind == A_SLICE) {
        Rows r = rows_at_number(f, t, label_slice(f, t, key), false);
        r.label = *acc != 0;
        return r;
    }
    if (is_scalar(key) && key->kind != A_NONE) return rows_by_label(f, t, key);
    unsup(f,
          "%s%s[...] = v: rows can be chosen by a mask, a label or a slice; use "
          ".iloc for positions",
          *acc ? "." : "", acc);
}

/* How many rows these are. */
static AVal *rows_count(Front *f, const Frame *t, const Rows *r)
{
    if (r->kind == ROWS_MASK) {
        AVal *m = av_series(f, r->mask, index_range(f, val_axis(r->mask)->rows), NULL);
        return front_call_op(f, (Op)op_lookup("Series.sum", NULL), "Series.sum", m,
                             NULL, 0, NULL, NULL, 0, NULL);
    }
    if (r->kind == ROWS_ALL) return number_of(f, t->rows);
    if (r->kind == ROWS_LIST) return nd_length(f, r->key);
    AVal *range = av_new_kind(f, A_RANGE);
    AVal *part[3] = {av_int(f, 0), number_of(f, t->rows), av_int(f, 1)};
    range->n = 3;
    range->item = av_tuple(f, part, 3)->item;
    return builtin_call(f, "builtins.len",
                        (AVal *[]){range_subscript(f, range, r->key)}, 1, NULL, NULL,
                        0);
}

/* -- What fits --------------------------------------------------------------------- */
static const char *type_name(Front *f, const AVal *v)
{
    if (v->kind != A_SCALAR) return av_type_text(f, v);
    DType d = (DType)v->val->type.dt;
    return time_is(v)       ? time_class_name(v)
           : d == DT_BOOL   ? "bool"
           : dt_is_int(d)   ? "int"
           : dt_is_float(d) ? "float"
                            : av_type_text(f, v);
}

static AVal *invalid_text(Front *f, AVal *value, Type t)
{
    AVal *s = text_str(f, value, false);
    s = lower_binop(f, AST_Add, av_str(f, "Invalid value '", -1), s);
    const char *end = arena_printf(f->arena, "' for dtype '%s'", dtype_text(f, t));
    if (t.dt == DT_STR)
        end = arena_printf(
            f->arena,
            "%s. Value should be a string or missing value, got '%s' instead.", end,
            type_name(f, value));
    return lower_binop(f, AST_Add, s, av_str(f, end, -1));
}

/* pandas' TypeError when bad holds, which may be known: behind the checks of the rows.
 */
static void invalid_if(Front *f, AVal *bad, AVal *value, Type t)
{
    if (bad->kind == A_CONST && !bad->i) return;
    Val *cond = front_val(f, bad);
    Node *n = node_put(f, f->at, OP_IF, &cond, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    Region *at = f->at;
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    Heap *base = heap_save(f);
    f->at = yes;
    AVal *text = invalid_text(f, value, t);
    exc_raise(f, exc_new(f, exc_class(f, av_api(f, "builtins.TypeError")), &text, 1));
    f->at = at;
    heap_load(f, base);
}

static AVal *not_whole(Front *f, AVal *v, Type t)
{
    Val *as_int = front_cast(f, front_val(f, v), type_scalar((DType)t.dt));
    return front_elem(f, OP_NE, (AVal *[]){v, av_scalar(f, as_int)}, 2);
}

/* Integers of dtype a may be out of b's range. */
static bool narrows(DType a, DType b)
{
    return dtype_info[a].bytes > dtype_info[b].bytes ||
           dt_is_unsigned(a) != dt_is_unsigned(b);
}

static AVal *out_of_range(Front *f, AVal *v, Type t)
{
    if (v->kind == A_CONST) return av_bool(f, !dt_holds((DType)t.dt, v->i));
    return narrows((DType)v->val->type.dt, (DType)t.dt) ? not_whole(f, v, t)
                                                        : av_bool(f, false);
}

/* Whether a scalar does not fit a column of type t: a bool that may be known. */
static AVal *misfit(Front *f, AVal *v, Type t)
{
    Type from = front_val(f, v)->type;
    DType a = (DType)from.dt, b = (DType)t.dt;
    bool numbers = dt_is_num(a) && dt_is_num(b) && a != DT_BOOL && b != DT_BOOL;
    if (a == b) return av_bool(f, false);
    if (!numbers) return av_bool(f, true);
    if (dt_is_float(b)) return av_bool(f, false);
    if (dt_is_int(a)) return out_of_range(f, v, t);
    if (v->kind == A_CONST)
        return av_bool(f, v->f != (double)(int64_t)v->f || !dt_holds(b, (int64_t)v->f));
    AVal *nan = front_elem(f, OP_NE, (AVal *[]){v, v}, 2);
    nd_check(f, nan, E_UNSUP,
             "a missing value that is only known at run time is written to a column of "
             "integers, which would become float64; convert it with astype('float64')",
             0, NULL);
    return not_whole(f, v, t);
}

static bool is_missing(const AVal *v)
{
    bool nan = v->kind == A_CONST && v->ck == AC_FLOAT && v->f != v->f;
    bool nat = v->kind == A_SCALAR && v->val->def && v->val->def->op == OP_CONST &&
               node_int(v->val->def, "na", 0);
    return v->kind == A_NONE || nan || nat;
}

/* A scalar as the column stores it; the column where its dtype changes. */
static Val *fit_scalar(Front *f, AVal *v, Val **col)
{
    Type t = (*col)->type;
    if (is_missing(v)) {
        if (t.null != NULL_NONE || dt_is_float((DType)t.dt))
            return missing_scalar(f, t);
        if (!dt_is_int((DType)t.dt)) {
            AVal *nan = av_float(f, (double)NAN);
            invalid_if(f, av_bool(f, true), nan, t);
        }
        *col = front_cast(f, *col, type_col(DT_F64));
        return missing_scalar(f, (*col)->type);
    }
    if (t.null == NULL_PROM) return front_val(f, v); /* the data decide the dtype */
    invalid_if(f, misfit(f, v, t), v, t);
    Type to = type_with(t, TY_SCALAR);
    Val *x = front_val(f, v);
    if (x->type.dt == t.dt && !dt_is_time((DType)t.dt)) return x;
    if (x->type.dt != t.dt && !(dt_is_num((DType)x->type.dt) && dt_is_num((DType)t.dt)))
        return missing_scalar(f, t); /* not reached */
    to.null = x->type.null;
    return front_cast(f, x, to);
}

static AVal *any_of(Front *f, Val *col)
{
    return reduce_col(f, col, AGG_ANY, 0, true, 0);
}

static void all_fit(Front *f, AVal *bad, Type t)
{
    nd_check(f, bad, E_TYPE,
             arena_printf(f->arena, "Invalid value for dtype '%s'", dtype_text(f, t)),
             0, NULL);
}

/* The values with 0 for those that are missing. */
static Val *fit_present(Front *f, Val *v)
{
    DType d = (DType)v->type.dt;
    AVal *zero = d == DT_BOOL ? av_bool(f, false) : av_int(f, 0);
    Val *fill = front_cast(f, front_val(f, zero), type_scalar(d));
    v = front_elem_val(f, OP_FILLNULL, (Val *[]){v, fill}, 2);
    return front_cast(f, v, type_col(d));
}

/* The values of a sequence as the column stores them, on their own rows. */
static Val *fit_column(Front *f, Val *v, Type t)
{
    DType a = (DType)v->type.dt, b = (DType)t.dt;
    bool numbers = dt_is_num(a) && dt_is_num(b) && a != DT_BOOL && b != DT_BOOL;
    if (type_is_cat(v->type)) v = cat_values(f, v);
    if (a == b && !dt_is_time(b)) return v;
    if (a != b && !numbers)
        front_fail(f, E_TYPE, "Invalid value for dtype '%s': values of %s",
                   dtype_text(f, t), dtype_text(f, v->type));
    Type to = t;
    if (!dt_is_float(b) || v->type.null != NULL_PROM) to.null = v->type.null;
    Val *x = front_cast(f, v, to);
    if (!dt_is_int(b) || !(dt_is_float(a) || narrows(a, b))) return x;
    Index *ix = index_range(f, val_axis(v)->rows);
    AVal *old = av_series(f, v, ix, NULL), *now = av_series(f, x, ix, NULL);
    AVal *differ = front_elem(f, OP_NE, (AVal *[]){old, now}, 2);
    all_fit(f, any_of(f, differ->val), t);
    return x;
}

/* -- Stores ------------------------------------------------------------------------ */
/* Columns whose memory is an array's. */
static bool is_plain(Type t)
{
    return t.dt != DT_STR && !type_is_cat(t) && t.null != NULL_MASK &&
           t.null != NULL_PROM;
}

static Val *filled(Front *f, const Frame *t, Val *s, Type type)
{
    Val *arg[] = {t->rows, s};
    return put_val(f, OP_FILL, arg, 2, type_with(type, TY_COL), t->axis);
}

static Val *chosen(Front *f, Val *mask, Val *yes, Val *no)
{
    return front_elem_val(f, OP_SELECT, (Val *[]){mask, yes, no}, 3);
}

/* pandas' text arrays name the position counted from the start. */
static void text_bounds(Front *f, const Frame *t, AVal *at)
{
    AVal *n = number_of(f, t->rows), *zero = av_int(f, 0);
    AVal *from_start = front_elem(f, OP_ADD, (AVal *[]){at, n}, 2);
    AVal *bad = front_elem(f, OP_LT, (AVal *[]){from_start, zero}, 2);
    nd_check(f, bad, E_INDEX, "index %d is out of bounds for axis 0 with size %d", 2,
             (AVal *[]){from_start, n});
}

static Val *store_scalar(Front *f, const Frame *t, Val *col, const Rows *r, AVal *value)
{
    Val *v = fit_scalar(f, value, &col);
    if (r->kind == ROWS_MASK) return chosen(f, r->mask, v, col);
    if (is_plain(col->type)) {
        AVal *a = np_array_of(f, col);
        nd_setitem(f, a, r->key, av_scalar(f, v));
        return front_col(f, a);
    }
    if (r->kind == ROWS_ONE && col->type.dt == DT_STR) text_bounds(f, t, r->key);
    Val *no = front_val(f, av_bool(f, false));
    AVal *mark = np_array_of(f, filled(f, t, no, type_scalar(DT_BOOL)));
    nd_setitem(f, mark, r->key, av_bool(f, true));
    return chosen(f, front_col(f, mark), v, col);
}

/* The old column's rows and behind them the new values; each row taken from there. */
static Val *store_taken(Front *f, const Frame *t, Val *col, AVal *key, Val *v)
{
    Index *ix = index_range(f, t->rows);
    AVal *both[2] = {av_series(f, col, ix, NULL),
                     av_series(f, v, index_range(f, val_axis(v)->rows), NULL)};
    AVal *list = av_list(f, both, 2), *yes = av_bool(f, true);
    AVal *all = front_call_op(f, OP_F_CONCAT, "pd.concat", NULL, &list, 1,
                              (const char *[]){"ignore_index"}, &yes, 1, NULL);
    ValVec number = {0};
    index_vals(f, ix, &number);
    AVal *from = np_array_of(f, number.v.at[0]);
    Val *len = val_axis(v)->rows;
    AVal *place = av_series(f, v, index_range(f, len), NULL);
    number.v.n = 0;
    index_vals(f, place->index, &number);
    AVal *places = np_array_of(f, number.v.at[0]);
    AVal *n = number_of(f, t->rows);
    places = front_elem(f, OP_ADD, (AVal *[]){places, n}, 2);
    nd_setitem(f, from, key, places);
    Frame *taken = table_take(f, table_of(f, all), from, "index out of bounds");
    return taken->col.at[0];
}

static Val *sequence_col(Front *f, AVal *value)
{
    if (value->kind == A_SERIES || value->kind == A_INDEX || value->kind == A_ARRAY)
        return front_col(f, value);
    AVal **item;
    idx n;
    bool text = lower_items(f, value, &item, &n) && n > 0;
    for (idx i = 0; text && i < n; i++)
        text = item[i]->kind == A_CONST && item[i]->ck == AC_STR;
    return text ? values_column(f, item, n)
                : front_col(f, nd_from_items(f, value, NULL));
}

/* The values of a Series of the very rows that the mask selects stand in their order.
 */
static bool is_selected_by(const AVal *value, const Val *mask)
{
    if (value->kind != A_SERIES) return false;
    const Axis *a = val_axis(value->val);
    const Node *made = a && a->rows ? a->rows->def : NULL;
    return made && made->op == OP_FILTER && made->arg[0] == mask;
}

static void check_length(Front *f, const Frame *t, const Rows *r, Val *v)
{
    bool slice = r->kind == ROWS_SLICE || r->kind == ROWS_ALL;
    AVal *len = number_of(f, val_axis(v)->rows);
    AVal *bad = front_elem(f, OP_NE, (AVal *[]){rows_count(f, t, r), len}, 2);
    nd_check(f, bad, E_VALUE,
             slice
                 ? "cannot set using a slice indexer with a different length than the "
                   "value"
                 : "cannot set using a list-like indexer with a different length than "
                   "the value",
             0, NULL);
}

/* The values one by one for the rows in their order. */
static Val *store_in_order(Front *f, const Frame *t, Val *col, const Rows *r, Val *v)
{
    check_length(f, t, r, v);
    v = fit_column(f, v, col->type);
    AVal *key = r->kind == ROWS_MASK ? np_array_of(f, r->mask) : r->key;
    if (!is_plain(col->type)) return store_taken(f, t, col, key, v);
    AVal *a = np_array_of(f, col);
    nd_setitem(f, a, key, np_array_of(f, v));
    return front_col(f, a);
}

/* The values of the rows beside them. */
static Val *store_beside(Front *f, const Frame *t, Val *col, const Rows *r, AVal *value)
{
    Val *v = fit_column(f, table_column(f, t, value, "write to rows"), col->type);
    return r->kind == ROWS_MASK ? chosen(f, r->mask, v, col) : v;
}

typedef struct Either {
    const Frame *t;
    Val *col;
    const Rows *r;
    AVal *value;
} Either;

static AVal *as_series(Front *f, const Frame *t, Val *col)
{
    return av_series(f, col, t->index, NULL);
}

static AVal *either_beside(Front *f, void *data)
{
    Either *e = data;
    return as_series(f, e->t, store_beside(f, e->t, e->col, e->r, e->value));
}

static AVal *either_in_order(Front *f, void *data)
{
    Either *e = data;
    Val *v = front_col(f, e->value);
    return as_series(f, e->t, store_in_order(f, e->t, e->col, e->r, v));
}

/* S[mask] = array: as long as S it has a value for every row, else one for each that
 * the mask chooses. */
static Val *store_whole(Front *f, Either *e)
{
    AVal *len = nd_length(f, e->value), *n = number_of(f, e->t->rows);
    AVal *whole = front_elem(f, OP_EQ, (AVal *[]){len, n}, 2);
    return lower_choice(f, whole, either_beside, either_in_order, e)->val;
}

/* The chosen rows as a mask; NULL: all. */
static Val *mask_of(Front *f, const Frame *t, const Rows *r)
{
    if (r->kind == ROWS_MASK) return r->mask;
    if (r->kind == ROWS_ALL) return NULL;
    Val *no = front_val(f, av_bool(f, false));
    AVal *mark = np_array_of(f, filled(f, t, no, type_scalar(DT_BOOL)));
    nd_setitem(f, mark, r->key, av_bool(f, true));
    return front_col(f, mark);
}

/* Values beside whole numbers or bools, some of which may be missing. */
typedef struct Lost {
    const Frame *t;
    Val *col, *mask; /* mask: the rows that are written; NULL: all */
    Val *x, *gone;   /* the values, 0 where they are missing; where they are */
} Lost;

static Val *lost_written(Front *f, const Lost *l, Val *x, Val *col)
{
    return l->mask ? chosen(f, l->mask, x, col) : x;
}

static AVal *with_lost(Front *f, void *data)
{
    const Lost *l = data;
    Type t = type_missing(l->col->type);
    Val *x = chosen(f, l->gone, missing_scalar(f, t), front_cast(f, l->x, t));
    return as_series(f, l->t, lost_written(f, l, x, front_cast(f, l->col, t)));
}

static AVal *without_lost(Front *f, void *data)
{
    const Lost *l = data;
    Val *all = lost_written(f, l, l->x, l->col);
    return as_series(f, l->t, front_cast(f, all, type_missing(l->col->type)));
}

/* Values of a Series by label: missing where it has no such label, which is float64
 * among integers, as in pandas. */
static Val *store_paired(Front *f, const Frame *t, Val *col, const Rows *r, AVal *value)
{
    Lost l = {.t = t, .col = col, .mask = mask_of(f, t, r)};
    Val *v = table_pairs(t, value) ? label_pair(f, t, value)
                                   : table_column(f, t, value, "write to rows");
    if (v->type.null == NULL_NONE || col->type.null != NULL_NONE ||
        dt_is_float((DType)col->type.dt))
        return lost_written(f, &l, fit_column(f, v, col->type), col);
    if (l.mask) v = chosen(f, l.mask, v, missing_scalar(f, v->type));
    l.gone = front_elem_val(f, OP_ISNULL, &v, 1);
    Val *there = fit_present(f, v);
    l.x = fit_column(f, there, col->type);
    Val *lost =
        l.mask ? front_elem_val(f, OP_BITAND, (Val *[]){l.mask, l.gone}, 2) : l.gone;
    return lower_choice(f, any_of(f, lost), with_lost, without_lost, &l)->val;
}

static Val *store_sequence(Front *f, const Frame *t, Val *col, const Rows *r,
                           AVal *value)
{
    if (r->kind == ROWS_ONE)
        front_fail(f, E_VALUE, "setting an array element with a sequence.");
    bool series = value->kind == A_SERIES, array = value->kind == A_ARRAY;
    if (series && r->label && !(r->kind == ROWS_MASK && is_selected_by(value, r->mask)))
        return store_paired(f, t, col, r, value);
    if (array && r->whole && same_axis(value->val->axis, t->axis))
        return store_beside(f, t, col, r, value);
    Either e = {t, col, r, value};
    if (array && r->whole) return store_whole(f, &e);
    return store_in_order(f, t, col, r, sequence_col(f, value));
}

static Val *store(Front *f, const Frame *t, Val *col, const Rows *r, AVal *value)
{
    if (type_is_cat(col->type) && !(is_scalar(value) && r->kind == ROWS_MASK))
        front_unsup(f, UNSUP_CATEGORY, "a write to items");
    if (type_is_cat(col->type) && !is_missing(value))
        return chosen(f, r->mask, front_val(f, value), col);
    return is_scalar(value) ? store_scalar(f, t, col, r, value)
                            : store_sequence(f, t, col, r, value);
}

/* -- New labels -------------------------------------------------------------------- */
typedef struct Grow {
    const Frame *t;
    AVal *label;
    AVal *const *value; /* for each column */
    Rows r;             /* those that have the label */
} Grow;

static AVal *grow_new(Front *f, void *data)
{
    const Grow *g = data;
    return grow_rows(f, g->t, g->label, g->value);
}

static AVal *grow_there(Front *f, void *data)
{
    const Grow *g = data;
    Frame *t = frame_copy(f, g->t);
    vec_each (i, &t->col)
        t->col.at[i] = store(f, g->t, t->col.at[i], &g->r, g->value[i]);
    return av_frame(f, t);
}

static bool in_parallel(const Front *f)
{
    for (const Scope *s = f->scope; s; s = s->caller)
        for (const Loop *l = s->loop; l; l = l->up)
            if (l->parallel) return true;
    return false;
}

/* Whether a write to the row with this label may be one to a new row: not in a parallel
 * loop, whose rows are given. */
static bool may_grow(Front *f, const Frame *t, const char *acc, const AVal *label)
{
    bool by_label = acc[0] != 'i' && is_scalar(label) && label->kind != A_NONE;
    if (!by_label || !t->rows || !t->col.n || in_parallel(f)) return false;
    return grow_is_next(t, label) ||
           (!grow_is_plain(t->index) && index_depth(t->index) == 1);
}

/* The rows when value[] has been written to the row with the label, be it there or not.
 */
static AVal *grown(Front *f, const Frame *t, AVal *label, AVal *const *value)
{
    Grow g = {.t = t, .label = label, .value = value};
    if (grow_is_next(t, label)) return grow_new(f, &g);
    AVal *none;
    g.r = rows_labelled(f, t, label, &none);
    return lower_choice(f, none, grow_new, grow_there, &g);
}

/* -- Series ------------------------------------------------------------------------ */
void series_setitem(Front *f, AVal *v, const char *acc, AVal *key, AVal *value)
{
    if (v->obj < 0) front_unsup(f, UNSUP_CHAINED, NULL);
    v = series_now(f, v);
    const Frame *t = table_of(f, v);
    if (is_scalar(value) && may_grow(f, t, acc, key)) {
        const Frame *all = front_frame(f, grown(f, t, key, &value));
        (void)series_put(f, v, av_series(f, all->col.at[0], all->index, v->name));
        return;
    }
    Rows r = rows_of(f, t, acc, key);
    Val *col = store(f, t, v->val, &r, value);
    (void)series_put(f, v, av_series(f, col, v->index, v->name));
}

/* -- Frames ------------------------------------------------------------------------ */
AVal *array_column(Front *f, AVal *value, idx k, idx n, const char *text)
{
    if (value->kind != A_ARRAY) return value;
    Nd d = nd_of(f, value);
    if (d.n > 2 || (d.n == 1 && n == 1)) return value;
    AVal *bad =
        front_elem(f, OP_NE, (AVal *[]){nd_len(f, &d, d.n - 1), av_int(f, n)}, 2);
    if (bad->kind == A_CONST && bad->i) front_fail(f, E_VALUE, "%s", text);
    nd_check(f, bad, E_VALUE, text, 0, NULL);
    AVal *none = av_none(f), *at = av_int(f, k);
    AVal *key[2] = {nd_slice_of(f, none, none, none), at};
    return nd_getitem(f, value, d.n == 1 ? at : av_tuple(f, key, 2));
}

/* The value for column k of n that are written at once; one: the column was named
 * alone. */
static AVal *part(Front *f, AVal *value, idx k, idx n, AVal *label, bool one)
{
    if (value->kind == A_FRAME) {
        const Frame *t = front_frame(f, value);
        idx i = frame_find(t, label);
        if (i < 0)
            unsup(f, "the DataFrame that is written has no column %s",
                  label_text(f, label));
        return av_series(f, t->col.at[i], t->index, t->name.at[i]);
    }
    AVal **item;
    idx m;
    if (value->kind == A_ARRAY && !one)
        return array_column(
            f, value, k, n,
            nd_of(f, value).n == 2
                ? "Must have equal len keys and value when setting with an ndarray"
                : "Must have equal len keys and value when setting with an iterable");
    if (one || !(value->kind == A_LIST || value->kind == A_TUPLE)) return value;
    if (!lower_items(f, value, &item, &m) || m != n)
        front_fail(f, E_VALUE,
                   "Must have equal len keys and value when setting with an iterable");
    return item[k];
}

static void set_positions(Front *f, Frame *t, const char *acc, AVal *rows, AVal *cols,
                          AVal *value)
{
    bool one = false;
    if (is_mask(rows) && rows->kind == A_SERIES)
        front_fail(f, E_VALUE,
                   "iLocation based boolean indexing cannot use an indexable as a "
                   "mask");
    Frame *picked = cols ? frame_cols(f, t, acc, cols, &one) : frame_copy(f, t);
    Rows r = rows_of(f, t, acc, rows);
    vec_each (i, &picked->col) {
        idx k = 0;
        while (t->col.at[k] != picked->col.at[i] ||
               !av_equal(t->name.at[k], picked->name.at[i]))
            k++;
        AVal *v = part(f, value, i, picked->col.n, t->name.at[k], one);
        picked->col.at[i] = store(f, t, t->col.at[k], &r, v);
        t->col.at[k] = picked->col.at[i];
    }
}

/* A value for each column of a row, from what is written to all of them; NULL: it is
 * none of the forms that a row has. */
static AVal **row_values(Front *f, const Frame *t, AVal *row, AVal *value)
{
    AVal **r = ARENA_NEW_N(f->arena, t->col.n + 1, AVal *), **item;
    bool list = value->kind == A_LIST || value->kind == A_TUPLE;
    idx n;
    if (list && grow_is_next(t, row) && lower_items(f, value, &item, &n) &&
        n != t->col.n)
        front_fail(f, E_VALUE, "cannot set a row with mismatched columns");
    if (!list && value->kind != A_DICT && !is_scalar(value)) return NULL;
    vec_each (i, &t->col) {
        AVal *label = t->name.at[i];
        r[i] = value->kind == A_DICT ? dict_get(f, value, label)
                                     : part(f, value, i, t->col.n, label, false);
        if (!r[i] || !is_scalar(r[i])) return NULL;
    }
    return r;
}

/* A new column: missing where the mask does not hold. */
static void add_column(Front *f, Frame *t, const Rows *r, AVal *label, AVal *value)
{
    if (r->kind != ROWS_MASK)
        unsup(f, "a new column %s for rows that no mask chooses", label_text(f, label));
    Val *v = table_paired(f, t, value, ".loc[...] =");
    table_add(f, t, label,
              chosen(f, r->mask, v, missing_scalar(f, type_missing(v->type))));
}

static void set_labels(Front *f, Frame *t, const char *acc, AVal *rows, AVal *labels,
                       AVal *value, bool one)
{
    bool all = rows->kind == A_SLICE && is_all(rows);
    Rows r = all ? (Rows){.kind = ROWS_ALL} : rows_of(f, t, acc, rows);
    for (idx i = 0; i < labels->n; i++) {
        AVal *label = labels->item[i], *v = part(f, value, i, labels->n, label, one);
        idx at = frame_find(t, label);
        if (all)
            table_set(f, t, label, table_paired(f, t, v, ".loc[...] ="));
        else if (at < 0)
            add_column(f, t, &r, label, v);
        else
            t->col.at[at] = store(f, t, t->col.at[at], &r, v);
    }
}

void frame_loc_set(Front *f, AVal *v, const char *acc, AVal *key, AVal *value)
{
    if (v->kind == A_SERIES) {
        series_setitem(f, v, acc, key, value);
        return;
    }
    Frame *t = front_frame_mut(f, v);
    bool pair = key->kind == A_TUPLE && key->n == 2;
    AVal *rows = pair ? key->item[0] : key, *cols = pair ? key->item[1] : NULL;
    if (acc[0] == 'i') {
        set_positions(f, t, acc, rows, cols, value);
        return;
    }
    AVal *labels = cols && !(cols->kind == A_SLICE && is_all(cols))
                       ? frame_labels(f, t, cols)
                       : av_tuple(f, t->name.at, t->name.n);
    if (!labels) unsup(f, ".loc: columns must be chosen by name");
    bool one = cols && av_is_label(cols);
    bool row = (!cols || is_all(cols)) && may_grow(f, t, acc, rows);
    AVal **each = row ? row_values(f, t, rows, value) : NULL;
    if (each) {
        AVal *all = grown(f, frame_copy(f, t), rows, each);
        *front_frame_mut(f, v) = *front_frame(f, all);
        return;
    }
    set_labels(f, t, acc, rows, labels, value, one);
}

void frame_mask_set(Front *f, AVal *v, AVal *key, AVal *value)
{
    Frame *t = front_frame_mut(f, v);
    if (key->kind != A_FRAME) {
        AVal *labels = av_tuple(f, t->name.at, t->name.n);
        set_labels(f, t, "", key, labels, value, false);
        return;
    }
    const Frame *m = front_frame(f, key);
    vec_each (i, &t->col) {
        idx k = frame_find(m, t->name.at[i]);
        if (k < 0 || m->col.at[k]->type.dt != DT_BOOL)
            unsup(f, "df[mask] = v: the mask must have the same columns, of bool");
        AVal *one = av_series(f, m->col.at[k], m->index, m->name.at[k]);
        Rows r = {.kind = ROWS_MASK, .label = true, .mask = table_key(f, t, one)};
        t->col.at[i] = store(f, t, t->col.at[i], &r, value);
    }
}
