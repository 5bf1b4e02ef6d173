/* SPDX-License-Identifier: Apache-2.0
 * Equal shares: the rows, numbered through all ranks, are cut by the block rule, and
 * each rank sends the part of its run that belongs to another. Order does not change.
 * Where all ranks hold their share already nothing moves.
 */
#include "array/buf.h"
#include "comm/comm_int.h"

/* Shares of this rank's rows [start, start + n) in the blocks of total rows. */
static void cut_run(idx start, idx n, idx total, const int32_t *dests, int ndest,
                    idx *first, idx *count)
{
    for (int j = 0; j < ndest; j++) {
        int r = dests ? dests[j] : j;
        idx begin = block_start(total, ndest, j);
        idx end = begin + block_count(total, ndest, j);
        begin = idx_max(begin, start) - start;
        end = idx_min(end, start + n) - start;
        if (begin >= end) continue;
        first[r] = begin;
        count[r] = end - begin;
    }
}

/* Whether all ranks are at least one and named once, in order. */
static Status check_dests(Cx *cx, const int32_t *dests, idx ndest)
{
    if (dests && (ndest < 1 || ndest > cx->comm->size))
        return fail(cx, E_VALUE, "rows cannot be spread over %lld ranks",
                    (long long)ndest);
    for (idx j = 0; dests && j < ndest; j++)
        if (dests[j] < 0 || dests[j] >= cx->comm->size ||
            (j && dests[j] <= dests[j - 1]))
            return fail(cx, E_VALUE,
                        "the list of ranks for a rebalance must be rising "
                        "numbers from 0 to %d",
                        cx->comm->size - 1);
    return OK;
}

/* Whether every rank holds its share, by the counts of the last round. */
static bool in_place(const Comm *c, idx total, const int32_t *dests, int ndest)
{
    for (int r = 0, j = 0; r < c->size; r++) {
        bool takes = j < ndest && (dests ? dests[j] : j) == r;
        idx share = takes ? block_count(total, ndest, j) : 0;
        if (c->own->rec[r].v[0] != share) return false;
        j += takes;
    }
    return true;
}

Status rebalance_table(Cx *cx, const Table *in, const int32_t *dests, idx ndest,
                       Table *out)
{
    Comm *c = cx->comm;
    ArenaMark mark = arena_mark(cx->scratch);
    *out = (Table){0};
    idx start = 0, total = 0, n = 0;
    idx *first = arena_try(cx->scratch, 2 * (size_t)c->size, sizeof *first);
    if (!first) AGREED_LATER(fail(cx, E_MEMORY, "no memory to plan a rebalance"));
    if (!cx->err.code) AGREED_LATER(check_dests(cx, dests, ndest));
    if (!cx->err.code) n = in->n;
    Status st = comm_exscan_i64(cx, n, &start, &total);
    if (st) return st;
    ASSERT(first);
    if (in_place(c, total, dests, dests ? (int)ndest : c->size)) {
        st = table_share(cx, in, out);
    } else {
        idx *count = first + c->size;
        cut_run(start, n, total, dests, dests ? (int)ndest : c->size, first, count);
        Exchange x = {.kind = CK_REBALANCE, .in = in, .first = first, .count = count};
        st = exchange_run(cx, &x, out);
    }
    arena_release(cx->scratch, mark);
    return st;
}
