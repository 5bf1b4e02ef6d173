/* SPDX-License-Identifier: Apache-2.0
 * All rows on one rank, or on all: exchanges whose plan needs no look at the rows. The
 * opposite way there is none: what a rank has for all others is replicated already, in
 * compiled code, and Python's own data move by a plan (move.c).
 *
 *   gather     p alpha + n beta at the root, one message from each other rank
 *   allgather  log(p) alpha + n beta if each rank's rows fit one piece, else p alpha
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
