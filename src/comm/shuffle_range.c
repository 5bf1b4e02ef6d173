/* SPDX-License-Identifier: Apache-2.0
 * Shuffle by ranges of keys: rows with equal keys meet on one rank, and the keys rise
 * from rank to rank. What is grouped after it and put in order on each rank is in order
 * over all ranks, so that one exchange does for two.
 *
 *   1. each rank shows keys of evenly spaced rows, in number by its share of all rows
 *   2. all gather these, sort them alike, and take p - 1 splitters at equal distances
 *   3. a row goes to the rank that is numbered by the splitters at or below its key
 *
 * Unlike those of a sort, splitters are keys alone: a key that has many rows brings
 * them all to one rank.
 *
 *   Cost = 2 rounds + S beta + one exchange
 */
#include "array/buf.h"
#include "comm/comm_int.h"
#include "kernel/kernel.h"

enum {
    SAMPLES_A_RANK = 1024, /* splitters are some 3 % of a rank's rows off at p = 2 */
    SAMPLES_MAX = 1 << 16, /* of all ranks */
};

typedef struct Ranges {
    Table keys;      /* of this rank's rows; borrowed */
    Table sample;    /* keys of all ranks' samples */
    idx *order;      /* their order */
    int nsplit;      /* splitters: 0 or size - 1 */
    const bool *asc; /* all true */
} Ranges;

static idx sample_count(idx n, idx total, int size)
{
    double want = (double)SAMPLES_A_RANK * size;
    if (want > SAMPLES_MAX) want = SAMPLES_MAX;
    if ((double)total <= want) return n;
    return idx_min(n, (idx)((double)n * want / (double)total) + (n > 0));
}

static Status sample_take(Cx *cx, const Table *keys, idx m, Table *out)
{
    idx *pos = NULL;
    if (cx->err.code) return cx->err.code;
    TRY(table_init(cx, out, keys->ncol, m));
    TRY(mem_new(cx, m, sizeof *pos, false, &pos));
    for (idx i = 0; i < m; i++) {
        idx at = (idx)(((double)i + 0.5) * ((double)keys->n / (double)m));
        pos[i] = idx_min(at, keys->n - 1);
    }
    Status st = OK;
    for (idx k = 0; k < keys->ncol && !st; k++) {
        const Array *a = keys->col[k];
        st = take(cx, a, pos, m, (NullForm)a->null, &out->col[k]);
    }
    mem_free(pos);
    return st;
}

/* Collective, after a round that all passed: the same samples in the same order on all
 * ranks. */
static Status splitters_find(Cx *cx, Ranges *g, idx total)
{
    Table mine = {0};
    idx n = cx->err.code ? 0 : g->keys.n;
    AGREED_LATER(
        sample_take(cx, &g->keys, sample_count(n, total, cx->comm->size), &mine));
    Status st = allgather_table(cx, &mine, &g->sample);
    table_clear(&mine);
    TRY(st);
    TRY(sort_perm(cx, &g->sample, g->asc, false, &g->order));
    g->nsplit = g->sample.n ? cx->comm->size - 1 : 0;
    return OK;
}

/* Splitters that are not above row i. */
static int32_t rank_of(const Ranges *g, idx i)
{
    int lo = 0, hi = g->nsplit;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        idx q = g->order[(idx)((double)g->sample.n * (mid + 1) / (g->nsplit + 1))];
        if (sort_cmp(&g->sample, q, &g->keys, i, g->asc, false) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static Status ranks_find(Cx *cx, const Ranges *g, int32_t *dest)
{
    for (idx i = 0; i < g->keys.n; i++) {
        if (i % BATCH == 0) TRY(cx_check(cx));
        dest[i] = rank_of(g, i);
    }
    return OK;
}

static Status ranges_init(Cx *cx, Ranges *g, const Table *in, idx nkey, int32_t **dest)
{
    if (cx->err.code) return cx->err.code;
    ASSERT(nkey <= in->ncol);
    g->keys = (Table){.n = in->n, .ncol = nkey, .col = in->col};
    bool *asc = arena_try(cx->scratch, (size_t)nkey + 1, sizeof *asc);
    if (!asc) return fail(cx, E_MEMORY, "no memory for %lld keys", (long long)nkey);
    for (idx k = 0; k < nkey; k++)
        asc[k] = true;
    g->asc = asc;
    return mem_new(cx, in->n, sizeof **dest, false, dest);
}

Status shuffle_range(Cx *cx, const Table *in, idx nkey, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Ranges g = {.nsplit = 0};
    int32_t *dest = NULL;
    idx total;
    *out = (Table){0};
    if (cx->comm->size == 1) return shuffle_table(cx, in, NULL, out);
    AGREED_LATER(ranges_init(cx, &g, in, nkey, &dest));
    Status st = comm_exscan_i64(cx, cx->err.code ? 0 : g.keys.n, NULL, &total);
    if (!st) {
        st = splitters_find(cx, &g, total);
        if (!st) AGREED_LATER(ranks_find(cx, &g, dest));
        /* A failure may be this rank's own: the exchange agrees on it. */
        st = shuffle_rows(cx, CK_SHUFFLE, in, dest, out);
    }
    table_clear(&g.sample);
    mem_free(g.order);
    mem_free(dest);
    arena_release(cx->scratch, mark);
    return st;
}
