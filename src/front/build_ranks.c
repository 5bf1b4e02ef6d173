/* SPDX-License-Identifier: Apache-2.0
 * What a function says of ranks: get_rank, get_size, barrier, and moving the rows of a
 * frame, Series, Index or array by hand: rebalance, scatterv, gatherv, allgatherv,
 * random_shuffle. Of arrays of more dimensions the numbers of the rows are moved, and
 * the rows fetched; of tuples, lists and dicts' values the members, one by one.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"

#include <string.h>

AVal *build_rank(Front *f, Call *c)
{
    Val *v = put_val(f, c->op, NULL, 0, type_scalar(DT_I64), NULL);
    AVal *n = av_scalar(f, v);
    n->i = 1; /* Python's own int */
    return n;
}

AVal *build_is_jit(Front *f, Call *c)
{
    (void)c;
    return av_bool(f, true);
}

AVal *build_barrier(Front *f, Call *c)
{
    (void)put_node(f, c->op, NULL, 0, 0);
    return av_none(f);
}

/* The rows of a frame, Series, Index or 1-d array as a table; an Index is one without
 * columns. */
static Frame *rows_table(Front *f, AVal *v)
{
    if (v->kind != A_INDEX) return table_of(f, v);
    Axis *axis = val_axis(v->val);
    return table_new(f, axis, axis->rows, v->index);
}

static AVal *rows_as(Front *f, const AVal *v, Frame *t)
{
    return v->kind == A_INDEX ? av_index(f, t->index) : table_as(f, v, t);
}

/* -- Rows by their numbers --------------------------------------------------------- */

/* An array with an axis of its rows, also where every rank has all of them. */
static Nd with_axis(Front *f, AVal *v)
{
    Nd d = nd_of(f, v);
    if (!d.axis) {
        d.axis = nd_axis_rep(f, d.shape[0]);
        d.shape[0] = ix_av(f, d.axis->rows);
    }
    return d;
}

static AVal *numbers_on(Front *f, Axis *axis)
{
    Val *n = put_val(f, OP_ROWNUM, &axis->rows, 1, type_col(DT_I64), axis);
    node_set_int(f->fn, n->def, "start", 0);
    node_set_int(f->fn, n->def, "step", 1);
    return np_array_of(f, n);
}

AVal *numbers_of_rows(Front *f, AVal *v)
{
    Axis *axis = v->kind == A_ARRAY ? with_axis(f, v).axis : rows_table(f, v)->axis;
    return numbers_on(f, axis_get(axis));
}

AVal *rows_by_number(Front *f, AVal *v, AVal *number)
{
    if (v->kind == A_ARRAY) {
        Nd d = with_axis(f, v);
        return nd_take(f, &d, number);
    }
    return rows_as(f, v, table_take(f, rows_table(f, v), number, ""));
}

/* -- Moves ------------------------------------------------------------------------- */
static bool is_wide(Front *f, AVal *v)
{
    return v->kind == A_ARRAY && nd_of(f, v).n > 1;
}

/* v as a table whose rows op moves; the result in v's own shape. */
static AVal *move_rows(Front *f, AVal *v, Op op, Node **node)
{
    if (is_wide(f, v)) {
        Nd d = with_axis(f, v);
        AVal *taken = nd_take(f, &d, move_rows(f, numbers_on(f, d.axis), op, node));
        Node *n = f->at->last;
        while (n && n->op != OP_NDTAKE)
            n = n->prev;
        if (n && op == OP_SCATTER) node_set_int(f->fn, n, "scatter", 1);
        return taken;
    }
    Frame *t = rows_table(f, v);
    ValVec lead = {0};
    val_push(f, &lead, t->rows);
    Frame *moved = table_rows(f, op, &lead, t, t->index->range, node);
    if (t->index->range) { /* rows keep their numbers, on whatever rank they are */
        moved->index->start = t->index->start;
        moved->index->step = t->index->step;
        moved->index->name = t->index->name;
    }
    if (v->kind != A_ARRAY) return rows_as(f, v, moved);
    Val *col = moved->col.at[0];
    Type type = type_with(col->type, TY_ARRAY);
    return av_array(f, put_val(f, OP_TOARRAY, &col, 1, type, col->axis));
}

static bool has_rows(const AVal *v)
{
    return v->kind == A_FRAME || v->kind == A_SERIES || v->kind == A_ARRAY ||
           (v->kind == A_INDEX && v->index);
}

NORETURN static void not_available(Front *f, Call *c, const AVal *v)
{
    const char *type = av_type_text(f, v), *move = call_short(c);
    bool rebalance = !strcmp(move, "rebalance");
    const char *text =
        rebalance
            ? arena_printf(f->arena, "Type %s not supported for bodo.rebalance", type)
            : arena_printf(f->arena, "%s() not available for %s", move, type);
    unsup(
        f,
        "%s: a DataFrame, Series, Index or array is moved, or a tuple, list or dict of "
        "these",
        text);
}

/* -- Members of tuples, lists and dicts -------------------------------------------- */
static AVal **data_arg(Call *c)
{
    for (idx i = 0; i < c->sig->n; i++)
        if (!strcmp(c->sig->p[i].name, "data")) return &c->arg[i];
    BUG("a move without data");
}

/* move(member, ...) of each member of a container whose contents are known. */
static AVal *move_members(Front *f, Call *c, AVal *v, OpBuilder *move)
{
    bool tuple = v->kind == A_TUPLE;
    const Container *k = tuple ? NULL : front_items(f, v);
    AVal *const *item = tuple ? v->item : k->item.at;
    idx n = tuple ? v->n : k->item.n;
    AVal **out = ARENA_NEW_N(f->arena, n + 1, AVal *), **key = NULL;
    if (v->kind == A_DICT) key = av_tuple(f, k->key.at, n)->item;
    for (idx i = 0; i < n; i++)
        out[i] = item[i]; /* moving may change the container's cell */
    Call one = *c;
    one.arg = ARENA_NEW_N(f->arena, c->sig->n + 1, AVal *);
    memcpy(one.arg, c->arg, (size_t)c->sig->n * sizeof *one.arg);
    for (idx i = 0; i < n; i++) {
        *data_arg(&one) = out[i];
        out[i] = move(f, &one);
    }
    if (v->rec) return record_new(f, v->rec, out, n);
    return tuple ? av_tuple(f, out, n) : av_container(f, (AKind)v->kind, key, out, n);
}

/* The same of one that only the run time knows: a loop of the library's. */
static AVal *move_objects(Front *f, Call *c, AVal *v)
{
    idx n = c->sig->n;
    AVal **arg = ARENA_NEW_N(f->arena, n + 2, AVal *);
    arg[0] = av_api(f, c->opname);
    for (idx i = 0; i < n; i++) /* what is gathered makes its container replicated */
        arg[1 + i] =
            strcmp(c->sig->p[i].name, "warn_if_rep") ? c->arg[i] : av_bool(f, false);
    bool first = !strcmp(call_short(c), "gatherv") && !call_bool(f, c, "allgather");
    const char *each = v->kind == A_DICT ? "each_value" : "each";
    each = arena_printf(f->arena, "shoal.%s%s", each, first ? "_first" : "");
    return library_call(f, each, arg, n + 1);
}

/* What the first rank has and others may not: their None is no rows. */
static AVal *there_on_first(Front *f, AVal *v)
{
    if (!opt_has_rows(v)) return v;
    if (is_wide(f, v->item[0])) opt_refuse(f, v);
    AVal *rank = av_scalar(f, put_val(f, OP_RANK, NULL, 0, type_scalar(DT_I64), NULL));
    AVal *first = front_elem(f, OP_EQ, (AVal *[]){rank, av_int(f, 0)}, 2);
    AVal *there = av_scalar(f, v->val), *gone = front_elem(f, OP_INVERT, &there, 1);
    gone = front_elem(f, OP_BITAND, (AVal *[]){first, gone}, 2);
    lower_raise_if(f, gone, E_UNSUP, "scatterv() not available for NoneType");
    return series_now(f, v->item[0]);
}

/* What to move, if it has rows; else NULL and in *out the moved members of it. */
static AVal *data_of(Front *f, Call *c, OpBuilder *move, AVal **out)
{
    AVal *v = call_arg(f, c, "data");
    *out = NULL;
    if (c->op == OP_SCATTER) v = there_on_first(f, v);
    opt_refuse(f, v);
    if (has_rows(v)) return v;
    bool items = v->kind == A_LIST || v->kind == A_DICT;
    if (!items && (v->kind != A_TUPLE || record_is_opaque(v))) not_available(f, c, v);
    bool run = items && box_get(f, v);
    *out = run ? move_objects(f, c, v) : move_members(f, c, v, move);
    return NULL;
}

/* -- The rows of Python's calls ---------------------------------------------------- */
AVal *rows_rebalanced(Front *f, AVal *v, AVal *dests, bool asked)
{
    Node *n;
    AVal *out = move_rows(f, v, OP_REBALANCE, &n);
    if (!asked) node_set_int(f->fn, n, "quiet", 1);
    if (av_is_none(dests)) return out;
    if (dests->kind != A_LIST && dests->kind != A_TUPLE)
        front_fail(f, E_TYPE,
                   "rebalance(): dests must be a list of rank numbers, not %s",
                   av_type_text(f, dests));
    AVal *const *item =
        dests->kind == A_TUPLE ? dests->item : front_items(f, dests)->item.at;
    idx k = dests->kind == A_TUPLE ? dests->n : front_items(f, dests)->item.n;
    int64_t *rank = ARENA_NEW_N(f->arena, k + 1, int64_t);
    for (idx i = 0; i < k; i++)
        rank[i] = front_const_int(f, item[i], "rebalance(): dests");
    node_set_ints(f->fn, n, "dests", rank, k);
    return out;
}

AVal *build_rebalance(Front *f, Call *c)
{
    AVal *out, *v = data_of(f, c, build_rebalance, &out);
    if (!v) return out;
    AVal *dests = call_arg(f, c, "dests");
    if (call_bool(f, c, "random"))
        return rows_shuffled(f, v, call_arg(f, c, "random_seed"), dests, av_none(f));
    return rows_rebalanced(f, v, dests, true);
}

AVal *build_random_shuffle(Front *f, Call *c)
{
    AVal *out, *v = data_of(f, c, build_random_shuffle, &out);
    if (!v) return out;
    return rows_shuffled(f, v, call_arg(f, c, "seed"), call_arg(f, c, "dests"),
                         call_arg(f, c, "n_samples"));
}

AVal *build_gatherv(Front *f, Call *c)
{
    Node *n;
    AVal *out, *v = data_of(f, c, build_gatherv, &out);
    if (!v) return out;
    out = move_rows(f, v, OP_GATHER, &n);
    bool all = !strcmp(call_short(c), "allgatherv");
    node_set_int(f->fn, n, "all", all || call_bool(f, c, "allgather"));
    if (!call_bool(f, c, "warn_if_rep")) node_set_int(f->fn, n, "nowarn", 1);
    return out;
}

AVal *build_scatterv(Front *f, Call *c)
{
    Node *n;
    AVal *out, *v = data_of(f, c, build_scatterv, &out);
    if (!v) return out;
    out = move_rows(f, v, OP_SCATTER, &n);
    if (!call_bool(f, c, "warn_if_dist")) node_set_int(f->fn, n, "nowarn", 1);
    return out;
}
