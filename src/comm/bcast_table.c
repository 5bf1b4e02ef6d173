/* SPDX-License-Identifier: Apache-2.0
 * Whole tables from one rank, to one rank, or to all: exchanges whose plan needs no
 * look at the rows. A broadcast sends to each rank in turn, piece by piece: with p
 * ranks on one machine the copies cost the same in any order.
 *
 *   gather, scatter, broadcast  p alpha + n beta at the root
 *   allgather                   p alpha + n beta on each rank
 */
#include "array/buf.h"
#include "comm/comm_int.h"

/* A plan in scratch memory: nothing to send to anybody. */
static Status plan_new(Cx *cx, idx **first, idx **count)
{
    size_t p = (size_t)cx->comm->size;
    if (cx->err.code) return cx->err.code;
    *first = arena_try(cx->scratch, 2 * p, sizeof **first);
    if (!*first) return fail(cx, E_MEMORY, "no memory to plan an exchange");
    *count = *first + p;
    return OK;
}

static Status check_root(Cx *cx, int root)
{
    if (root >= 0 && root < cx->comm->size) return OK;
    return fail(cx, E_VALUE, "rank %d is not one of %d ranks", root, cx->comm->size);
}

Status allgather_table(Cx *cx, const Table *in, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Exchange x = {.kind = CK_ALLGATHER_TABLE, .in = in, .overlap = true};
    idx *first = NULL, *count = NULL;
    *out = (Table){0};
    Status st = plan_new(cx, &first, &count);
    for (int r = 0; !st && r < cx->comm->size; r++)
        count[r] = in->n;
    x.first = first;
    x.count = count;
    if (cx->comm->size > 1) {
        st = exchange_run(cx, &x, out);
    } else {
        st = agree_round(cx, x.kind, 0, NULL);
        if (!st) st = table_share(cx, in, out);
    }
    arena_release(cx->scratch, mark);
    return st;
}

Status gather_table(Cx *cx, const Table *in, int root, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Exchange x = {.kind = CK_GATHER_TABLE, .in = in};
    idx *first = NULL, *count = NULL;
    *out = (Table){0};
    Status st = plan_new(cx, &first, &count);
    if (!st) st = check_root(cx, root);
    if (!st) count[root] = in->n;
    x.first = first;
    x.count = count;
    st = exchange_run(cx, &x, out);
    arena_release(cx->scratch, mark);
    return st;
}

Status scatter_table(Cx *cx, const Table *in, int root, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Exchange x = {.kind = CK_SCATTER_TABLE, .in = in};
    idx *first = NULL, *count = NULL;
    *out = (Table){0};
    Status st = plan_new(cx, &first, &count);
    if (!st) st = check_root(cx, root);
    for (int r = 0; !st && cx->comm->rank == root && r < cx->comm->size; r++) {
        first[r] = block_start(in->n, cx->comm->size, r);
        count[r] = block_count(in->n, cx->comm->size, r);
    }
    x.first = first;
    x.count = count;
    st = exchange_run(cx, &x, out);
    arena_release(cx->scratch, mark);
    return st;
}

/* Puts what came in the place of the prototypes. */
static void replace(Table *t, Table *with)
{
    for (idx k = 0; k < t->ncol; k++) {
        array_unref(t->col[k]);
        t->col[k] = array_ref(with->col[k]);
    }
    t->n = with->n;
}

Status bcast_table(Cx *cx, Table *t, int root)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Exchange x = {.kind = CK_BCAST_TABLE, .in = t, .overlap = true};
    idx *first = NULL, *count = NULL;
    Table out;
    Status st = plan_new(cx, &first, &count);
    if (!st) st = check_root(cx, root);
    for (int r = 0; !st && cx->comm->rank == root && r < cx->comm->size; r++)
        count[r] = r == root ? 0 : t->n;
    x.first = first;
    x.count = count;
    st = exchange_run(cx, &x, &out);
    if (!st && cx->comm->rank != root) replace(t, &out);
    if (!st) table_clear(&out);
    arena_release(cx->scratch, mark);
    return st;
}
