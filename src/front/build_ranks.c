/* SPDX-License-Identifier: Apache-2.0
 * What a function says of ranks: get_rank, get_size, barrier, and moving the rows of a
 * frame, Series or array by hand: rebalance, scatterv, gatherv, allgatherv.
 */
#include "front/build.h"

AVal *build_rank(Front *f, Call *c)
{
    Val *v = put_val(f, c->op, NULL, 0, type_scalar(DT_I64), NULL);
    AVal *n = av_scalar(f, v);
    n->i = 1; /* Python's own int */
    return n;
}

AVal *build_barrier(Front *f, Call *c)
{
    (void)put_node(f, c->op, NULL, 0, 0);
    return av_none(f);
}

/* data as a table whose rows op moves; the result in data's own shape. */
static AVal *move_rows(Front *f, Call *c, Op op, Node **node)
{
    AVal *data = call_arg(f, c, "data");
    bool rows =
        data->kind == A_FRAME || data->kind == A_SERIES || data->kind == A_ARRAY;
    if (!rows)
        unsup(f, "%s() takes a DataFrame, a Series or an array, not %s", call_short(c),
              av_type_text(f, data));
    Frame *t = table_of(f, data);
    ValVec lead = {0};
    val_push(f, &lead, t->rows);
    Frame *moved = table_rows(f, op, &lead, t, data->kind == A_ARRAY, node);
    if (data->kind != A_ARRAY) return table_as(f, data, moved);
    Val *col = moved->col.at[0];
    Type type = type_with(col->type, TY_ARRAY);
    return av_array(f, put_val(f, OP_TOARRAY, &col, 1, type, col->axis));
}

AVal *build_rebalance(Front *f, Call *c)
{
    Node *n;
    AVal *dests = call_arg(f, c, "dests"), *out = move_rows(f, c, OP_REBALANCE, &n);
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

AVal *build_gatherv(Front *f, Call *c)
{
    Node *n;
    AVal *out = move_rows(f, c, OP_GATHER, &n);
    bool all = !strcmp(call_short(c), "allgatherv");
    node_set_int(f->fn, n, "all", all || call_bool(f, c, "allgather"));
    return out;
}

AVal *build_scatterv(Front *f, Call *c)
{
    return move_rows(f, c, OP_SCATTER, NULL);
}
