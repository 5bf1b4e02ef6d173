/* SPDX-License-Identifier: Apache-2.0
 * Rows by their labels, as pandas finds them: the part of the rows between two labels,
 * and the values of a Series for rows that have its labels in another order.
 *
 * Slice    a label that is there bounds by its place, one that is not there by the
 *          order of the index, if it has one
 * Pairing  where both indexes are the same the values stand beside the rows already;
 *          else a left join on the labels, whose rows are in the order of the left side
 * Aligning where both indexes are the same the operands stand beside each other; else
 * an outer join on the labels: sorted, a label that both have several times gives all
 * pairs
 */
#include "base/base.h"

#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "front/try.h"

#include <string.h>

/* -- What both need ---------------------------------------------------------------- */

static Val *only_level(Front *f, const Index *ix, const char *what)
{
    if (index_depth(ix) != 1) unsup(f, "%s of a MultiIndex", what);
    ValVec level = {0};
    index_vals(f, ix, &level);
    return level.v.at[0];
}

static AVal *bare(Front *f, Val *col)
{
    return av_series(f, col, index_range(f, val_axis(col)->rows), av_none(f));
}

static AVal *count_of(Front *f, Val *rows)
{
    return av_scalar(f, put_val(f, OP_LEN, &rows, 1, type_scalar(DT_I64), NULL));
}

static AVal *elem2(Front *f, Op op, AVal *a, AVal *b)
{
    return front_elem(f, op, (AVal *[]){a, b}, 2);
}

static AVal *reduced(Front *f, AVal *series, int agg)
{
    return reduce_col(f, series->val, agg, 0, true, 0);
}

void label_raise(Front *f, AVal *bad, const char *class, AVal *arg)
{
    Val *cond = front_val(f, bad);
    Node *n = put_node(f, OP_IF, &cond, 1, 0);
    Region *yes = node_add_region(f->fn, n, 0), *no = node_add_region(f->fn, n, 0);
    Region *at = f->at;
    node_put(f, no, OP_YIELD, NULL, 0, 0);
    Heap *base = heap_save(f);
    f->at = yes;
    exc_raise(f, exc_new(f, exc_class(f, av_api(f, class)), &arg, 1));
    f->at = at;
    heap_load(f, base);
}

/* -- Slices ------------------------------------------------------------------------ */

/* One end of a slice. */
typedef struct Bound {
    const Frame *t;
    Val *level;
    AVal *label;
    bool right;
    AVal *there;  /* which rows have the label */
    Frame *found; /* their numbers */
    AVal *count;
} Bound;

/* Which kind of labels: text, times, numbers. */
static char kind_of(Type t)
{
    DType d = (DType)t.dt;
    return d == DT_STR ? 's' : dt_is_time(d) || d == DT_DATE ? 't' : 'n';
}

static const char *class_of(const Frame *t, Type level)
{
    if (t->index->range) return "RangeIndex";
    return level.dt == DT_TS   ? "DatetimeIndex"
           : level.dt == DT_TD ? "TimedeltaIndex"
                               : "Index";
}

static void check_kind(Front *f, const Frame *t, Val *level, AVal *label)
{
    Val *v = front_val(f, label);
    if (kind_of(v->type) == kind_of(level->type)) return;
    if (kind_of(level->type) == 't' && v->type.dt == DT_STR)
        unsup(f, "a slice of times between texts; give pd.Timestamp(...)");
    const char *type = python_class(label);
    front_fail(f, E_TYPE,
               "cannot do slice indexing on %s with these indexers [%s] of type %s",
               class_of(t, level->type), label_text(f, label),
               type ? type : av_type_text(f, label));
}

static AVal *refusal(Front *f, const Bound *b, const char *head, const char *tail)
{
    const char *side = b->right ? "right" : "left";
    AVal *text = av_str(
        f, arena_printf(f->arena, "Cannot get %s slice bound for %s", side, head), -1);
    text = lower_binop(f, AST_Add, text, text_str(f, b->label, true));
    return lower_binop(f, AST_Add, text, av_str(f, tail, -1));
}

/* The label is there: its rows must stand beside each other. */
static AVal *bound_found(Front *f, void *data)
{
    const Bound *b = data;
    Frame *t = b->found;
    AVal *one = av_int(f, 1), *end = elem2(f, OP_SUB, b->count, one);
    AVal *first = table_item(f, t, av_int(f, 0), 0), *last = table_item(f, t, end, 0);
    AVal *apart = elem2(f, OP_NE, elem2(f, OP_SUB, last, first), end);
    label_raise(f, apart, "builtins.KeyError", refusal(f, b, "non-unique label: ", ""));
    return b->right ? elem2(f, OP_ADD, last, one) : first;
}

static AVal *any_row(Front *f, Op op, Val *a, Val *b)
{
    return reduced(f, elem2(f, op, bare(f, a), bare(f, b)), AGG_ANY);
}

static Val *previous(Front *f, Val *level)
{
    Node *n = put_node(f, OP_SHIFT, &level, 1, 1);
    node_set_int(f->fn, n, "by", 1);
    val_init(f->fn, &n->res[0], type_missing(level->type), level->axis);
    return &n->res[0];
}

static AVal *count_rows(Front *f, const Bound *b, Op op)
{
    return reduced(f, elem2(f, op, bare(f, b->level), b->label), AGG_SUM);
}

static AVal *bound_falling(Front *f, void *data)
{
    const Bound *b = data;
    Val *before = previous(f, b->level);
    AVal *rises = any_row(f, OP_GT, b->level, before);
    label_raise(f, rises, "builtins.KeyError",
                refusal(f, b, "non-monotonic index with a missing label ",
                        ". Either sort the index or specify an existing label."));
    return count_rows(f, b, OP_GT);
}

static AVal *bound_rising(Front *f, void *data)
{
    return count_rows(f, data, OP_LT);
}

/* The label is not there: it lies between two of an index in order. */
static AVal *bound_between(Front *f, void *data)
{
    const Bound *b = data;
    AVal *falls = any_row(f, OP_LT, b->level, previous(f, b->level));
    return lower_choice(f, falls, bound_falling, bound_rising, data);
}

/* The position that a label begins, or (right) that behind it. */
static AVal *bound(Front *f, const Frame *t, AVal *label, bool right)
{
    const Index *ix = t->index;
    Val *v = front_val(f, label);
    if (ix->range && ix->step == 1 && dt_is_int((DType)v->type.dt)) {
        AVal *at = ix_sub(f, ix_av(f, ix_val(f, label)), av_int(f, ix->start - right));
        return ix_max0(f, ix_pick(f, OP_MIN2, at, count_of(f, t->rows)));
    }
    Bound b = {.t = t, .label = label, .right = right};
    b.level = only_level(f, ix, "a slice of labels");
    check_kind(f, t, b.level, label);
    AVal *there = elem2(f, OP_EQ, bare(f, b.level), label);
    ValVec number = {0};
    index_vals(f, index_range(f, t->rows), &number);
    Frame *all = table_new(f, t->axis, t->rows, NULL);
    table_add(f, all, av_none(f), number.v.at[0]);
    b.found = table_filter(f, all, table_mask(f, all, there));
    b.count = count_of(f, b.found->rows);
    AVal *some = elem2(f, OP_GT, b.count, av_int(f, 0));
    return lower_choice(f, some, bound_found, bound_between, &b);
}

bool label_slices(const AVal *s)
{
    for (int i = 0; i < 2; i++) {
        const AVal *v = s->item[i];
        bool number = v->kind == A_NONE || (v->kind == A_CONST && v->ck != AC_STR) ||
                      (v->kind == A_SCALAR && !time_is(v) && v->val->type.dt != DT_STR);
        if (!number) return true;
    }
    return false;
}

AVal *label_slice(Front *f, const Frame *t, const AVal *s)
{
    AVal *step = s->item[2];
    bool back =
        step->kind != A_NONE && front_const_int(f, step, "the step of a slice") < 0;
    AVal *part[3] = {s->item[0], s->item[1], step};
    for (int k = 0; k < 2; k++) { /* the left bound first, which may fail first */
        int i = back ? 1 - k : k;
        if (part[i]->kind == A_NONE) continue;
        part[i] = bound(f, t, part[i], k == 1);
        if (back) part[i] = ix_sub(f, part[i], av_int(f, 1));
    }
    if (back && part[1]->kind != A_NONE) { /* -1 would be the last row */
        AVal *n = count_of(f, t->rows), *none = elem2(f, OP_LT, part[1], av_int(f, 0));
        Val *arg[] = {front_val(f, none), ix_val(f, ix_sub(f, part[1], n)),
                      ix_val(f, part[1])};
        part[1] = av_scalar(f, front_elem_val(f, OP_SELECT, arg, 3));
    }
    AVal *r = av_tuple(f, part, 3);
    r->kind = A_SLICE;
    return r;
}

/* -- Values for rows by their labels ----------------------------------------------- */

typedef struct Pair {
    const Frame *t;
    AVal *v;        /* the Series */
    ValVec own, of; /* labels of the rows, and of the Series */
    AVal *same;     /* both indexes are the same */
} Pair;

/* Makes both sides' labels of one type; false: none can be the same. */
static bool pair_labels(Front *f, Pair *p)
{
    const Index *a = p->t->index, *b = p->v->index;
    if (index_depth(a) != index_depth(b))
        unsup(f, "rows of an index of %d levels paired with one of %d", index_depth(a),
              index_depth(b));
    index_vals(f, a, &p->own);
    index_vals(f, b, &p->of);
    for (idx k = 0; k < p->own.v.n; k++) {
        Val **x = &p->own.v.at[k], **y = &p->of.v.at[k];
        Type t = (*x)->type, u = (*y)->type;
        if (type_is_cat(t) || type_is_cat(u))
            unsup(f, "rows paired by labels that are categories");
        if (kind_of(t) != kind_of(u)) return false;
        if (t.dt == u.dt && t.unit == u.unit && type_zone(t) == type_zone(u)) continue;
        if (t.dt != u.dt && !type_promote(t, u, &t))
            unsup(f, "rows with labels of %s paired with labels of %s",
                  dtype_text(f, (*x)->type), dtype_text(f, u));
        *x = front_cast(f, *x, t);
        *y = front_cast(f, *y, t);
    }
    return true;
}

static Val *beside(Front *f, const Frame *t, Val *col)
{
    Val *arg[] = {t->rows, val_axis(col)->rows, col};
    return put_val(f, OP_ALIGN, arg, 3, col->type, t->axis);
}

static AVal *all_alike(Front *f, void *data)
{
    const Pair *p = data;
    AVal *differ = av_bool(f, false);
    for (idx k = 0; k < p->own.v.n; k++) {
        Val *x = p->own.v.at[k], *y = beside(f, p->t, p->of.v.at[k]);
        AVal *other = elem2(f, OP_NE, bare(f, x), bare(f, y));
        if (x->type.null != NULL_NONE) { /* two missing labels are the same one */
            AVal *a = bare(f, front_elem_val(f, OP_ISNULL, &x, 1)),
                 *b = bare(f, front_elem_val(f, OP_ISNULL, &y, 1));
            AVal *both = elem2(f, OP_BITAND, a, b);
            other = elem2(f, OP_GT, other, both);
        }
        differ = elem2(f, OP_BITOR, differ, reduced(f, other, AGG_ANY));
    }
    return elem2(f, OP_EQ, differ, av_bool(f, false));
}

static AVal *not_alike(Front *f, void *data)
{
    (void)data;
    return av_bool(f, false);
}

static AVal *of_rows(Front *f, const Pair *p, Val *col)
{
    return av_series(f, front_cast(f, col, type_missing(col->type)), p->t->index,
                     p->v->name);
}

static AVal *pair_beside(Front *f, void *data)
{
    const Pair *p = data;
    return of_rows(f, p, beside(f, p->t, front_col(f, p->v)));
}

static void no_duplicates(Front *f, const Pair *p)
{
    ValVec arg = {0};
    val_push(f, &arg, val_axis(p->v->val)->rows);
    for (idx k = 0; k < p->of.v.n; k++)
        val_push(f, &arg, p->of.v.at[k]);
    Node *n = put_node(f, OP_DUPLICATED, arg.v.at, arg.v.n, 1);
    val_init(f->fn, &n->res[0], type_col(DT_BOOL), val_axis(p->v->val));
    node_set_text(f->fn, n, "keep", "f", 1);
    nd_check(f, reduced(f, bare(f, &n->res[0]), AGG_ANY), E_VALUE,
             "cannot reindex on an axis with duplicate labels", 0, NULL);
}

static AVal *pair_joined(Front *f, void *data)
{
    const Pair *p = data;
    no_duplicates(f, p);
    ValVec arg = {0};
    idx nkey = p->own.v.n;
    val_push(f, &arg, p->t->rows);
    val_push(f, &arg, val_axis(p->v->val)->rows);
    for (idx k = 0; k < nkey; k++)
        val_push(f, &arg, p->own.v.at[k]);
    for (idx k = 0; k < nkey; k++)
        val_push(f, &arg, p->of.v.at[k]);
    val_push(f, &arg, front_col(f, p->v));
    Node *n = put_node(f, OP_JOIN, arg.v.at, arg.v.n, 2);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    val_init(f->fn, &n->res[1], type_missing(p->v->val->type), axis);
    node_set_text(f->fn, n, "how", "left", 4);
    node_set_int(f->fn, n, "nkey", nkey);
    node_set_int(f->fn, n, "nl", 0);
    node_set_int(f->fn, n, "nr", 1);
    node_set_int(f->fn, n, "nout", 0);
    return of_rows(f, p, beside(f, p->t, &n->res[1]));
}

/* p->same, which may be known. */
static void find_same(Front *f, Pair *p)
{
    const Index *a = p->t->index, *b = p->v->index;
    AVal *n = count_of(f, p->t->rows), *m = count_of(f, val_axis(p->v->val)->rows);
    p->same = elem2(f, OP_EQ, n, m);
    if (!(a->range && index_same(a, b)))
        p->same = lower_choice(f, p->same, all_alike, not_alike, p);
}

Val *label_pair(Front *f, const Frame *t, AVal *v)
{
    Pair p = {.t = t, .v = v};
    if (!pair_labels(f, &p)) {
        Val *none[] = {t->rows, missing_scalar(f, type_missing(v->val->type))};
        return put_val(f, OP_FILL, none, 2, type_missing(v->val->type), t->axis);
    }
    find_same(f, &p);
    return lower_choice(f, p.same, pair_beside, pair_joined, &p)->val;
}

/* -- Operands that pandas aligns --------------------------------------------------- */

typedef struct Both {
    const Frame *a, *b;
    Pair pair;
} Both;

/* A table of a's rows with plain numbers for names, from `first` on. */
static Frame *numbered(Front *f, const Frame *t, idx first, Index *index)
{
    Frame *r = table_new(f, t->axis, t->rows, index);
    vec_each (i, &t->col)
        table_add(f, r, av_int(f, first + i), t->col.at[i]);
    return r;
}

static AVal *both_beside(Front *f, void *data)
{
    const Both *x = data;
    const Frame *a = x->a;
    Index *ix = index_levels(f, x->pair.own.v.at, a->index->name, x->pair.own.v.n);
    Frame *r = numbered(f, a, 0, ix);
    vec_each (i, &x->b->col)
        table_add(f, r, av_int(f, a->col.n + i), beside(f, a, x->b->col.at[i]));
    vec_each (i, &r->col)
        r->col.at[i] = front_cast(f, r->col.at[i], type_missing(r->col.at[i]->type));
    return av_frame(f, r);
}

static AVal *both_joined(Front *f, void *data)
{
    const Both *x = data;
    const Frame *a = x->a, *b = x->b;
    const char *const *name = a->index->name;
    const Pair *p = &x->pair;
    AVal *side[2] = {
        av_frame(f, numbered(f, a, 0, index_levels(f, p->own.v.at, name, p->own.v.n))),
        av_frame(
            f, numbered(f, b, a->col.n, index_levels(f, p->of.v.at, name, p->of.v.n)))};
    static const char *const kw[] = {"how", "left_index", "right_index"};
    AVal *yes = av_bool(f, true), *kwval[] = {av_str(f, "outer", 5), yes, yes};
    AVal *r =
        front_call_op(f, OP_F_MERGE_P, "pd.merge", NULL, side, 2, kw, kwval, 3, NULL);
    Frame *t = front_frame_mut(f, r);
    vec_each (i, &t->col)
        t->col.at[i] = front_cast(f, t->col.at[i], type_missing(t->col.at[i]->type));
    return r;
}

/* A column of the table's as a Series to compare indexes with; one of the index where
 * it has none. */
static AVal *as_series(Front *f, const Frame *t)
{
    ValVec level = {0};
    if (!t->col.n) index_vals(f, t->index, &level);
    return av_series(f, t->col.n ? t->col.at[0] : level.v.at[0], t->index, av_none(f));
}

static void find_both(Front *f, Both *x)
{
    x->pair = (Pair){.t = x->a, .v = as_series(f, x->b)};
    if (!pair_labels(f, &x->pair))
        unsup(f, "rows with labels of %s aligned with labels of %s",
              dtype_text(f, x->pair.own.v.at[0]->type),
              dtype_text(f, x->pair.of.v.at[0]->type));
    for (idx k = 0; x->pair.own.v.n > 1 && k < x->pair.own.v.n; k++)
        if (x->a->index->name[k] != x->b->index->name[k])
            unsup(f, "operands with MultiIndexes of different names");
    find_same(f, &x->pair);
}

AVal *label_aligned(Front *f, const Frame *a, const Frame *b)
{
    Both x = {.a = a, .b = b};
    find_both(f, &x);
    return lower_choice(f, x.pair.same, both_beside, both_joined, &x);
}

Frame *label_identical(Front *f, const Frame *a, const Frame *b, const char *text)
{
    Both x = {.a = a, .b = b};
    find_both(f, &x);
    AVal *differ = elem2(f, OP_EQ, x.pair.same, av_bool(f, false));
    nd_check(f, differ, E_VALUE, text, 0, NULL);
    Frame *r = table_new(f, a->axis, a->rows, a->index);
    vec_each (i, &b->col)
        table_add(f, r, b->name.at[i], beside(f, a, b->col.at[i]));
    return r;
}

Val *label_mask(Front *f, const Frame *t, AVal *mask)
{
    Val *m = label_pair(f, t, mask);
    Val *gone = front_elem_val(f, OP_ISNULL, &m, 1);
    nd_check(f, reduced(f, bare(f, gone), AGG_ANY), E_INDEXING,
             "Unalignable boolean Series provided as indexer (index of the boolean "
             "Series and of the indexed object do not match).",
             0, NULL);
    return front_cast(f, m, type_col(DT_BOOL));
}
