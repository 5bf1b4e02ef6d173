/* SPDX-License-Identifier: Apache-2.0
 * Shuffle: each row to the rank that is named for it. The rows are listed per rank by a
 * counting sort, which keeps their order, and exchanged.
 */
#include "array/buf.h"
#include "base/hash.h"
#include "comm/comm_int.h"

/* The same columns once more: on one rank nothing has to move. */
Status table_share(Cx *cx, const Table *in, Table *out)
{
    TRY(table_init(cx, out, in->ncol, in->n));
    for (idx k = 0; k < in->ncol; k++)
        out->col[k] = array_ref(in->col[k]);
    return OK;
}

static Status lists_new(Cx *cx, idx n, RankLists *l)
{
    size_t p = (size_t)cx->comm->size;
    l->first = arena_try(cx->scratch, 3 * p, sizeof(idx));
    if (!l->first) return fail(cx, E_MEMORY, "no memory to plan a shuffle");
    l->count = l->first + p;
    l->next = l->count + p;
    return mem_new(cx, n, sizeof *l->pos, false, &l->pos);
}

static Status lists_fill(Cx *cx, const int32_t *dest, idx n, RankLists *l)
{
    int size = cx->comm->size;
    uint32_t worst = 0;
    for (idx i = 0; i < n; i++)
        worst = (uint32_t)dest[i] > worst ? (uint32_t)dest[i] : worst;
    if (worst >= (uint32_t)size)
        return fail(cx, E_INTERNAL, "a row for rank %d of %d", (int)worst, size);
    for (idx i = 0; i < n; i++)
        l->count[dest[i]]++;
    for (int r = 1; r < size; r++)
        l->first[r] = l->next[r] = l->first[r - 1] + l->count[r - 1];
    for (idx i = 0; i < n; i++)
        l->pos[l->next[dest[i]]++] = i;
    return OK;
}

Status rank_lists(Cx *cx, const int32_t *dest, idx n, RankLists *l)
{
    TRY(lists_new(cx, n, l));
    return lists_fill(cx, dest, n, l);
}

Status shuffle_rows(Cx *cx, CommKind kind, const Table *in, const int32_t *dest,
                    Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    RankLists l = {0};
    if (!cx->err.code) AGREED_LATER(rank_lists(cx, dest, in->n, &l));
    Exchange x = {
        .kind = kind, .in = in, .pos = l.pos, .first = l.first, .count = l.count};
    Status st = exchange_run(cx, &x, out);
    mem_free(l.pos);
    arena_release(cx->scratch, mark);
    return st;
}

Status shuffle_table(Cx *cx, const Table *in, const int32_t *dest, Table *out)
{
    *out = (Table){0};
    if (cx->comm->size > 1) return shuffle_rows(cx, CK_SHUFFLE, in, dest, out);
    TRY(agree_round(cx, CK_SHUFFLE, 0, NULL));
    return table_share(cx, in, out);
}

Status shuffle_hash(Cx *cx, const Table *in, const uint64_t *hash, Table *out)
{
    int size = cx->comm->size;
    int32_t *dest = NULL;
    if (size == 1) return shuffle_table(cx, in, NULL, out);
    if (!cx->err.code) AGREED_LATER(mem_new(cx, in->n, sizeof *dest, false, &dest));
    for (idx i = 0; !cx->err.code && i < in->n; i++)
        dest[i] = hash_rank(hash[i], size);
    Status st = shuffle_rows(cx, CK_SHUFFLE, in, dest, out);
    mem_free(dest);
    return st;
}
