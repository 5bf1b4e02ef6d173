/* SPDX-License-Identifier: Apache-2.0
 * Sorting over ranks by regular sampling:
 *
 *   1. each rank sorts its rows (positions only)
 *   2. each shows evenly spaced keys, in number by its share of all rows
 *   3. all gather these, sort them alike, and take p - 1 splitters at equal distances
 *   4. one exchange: each rank sends the run between two splitters to the rank it is
 * for
 *   5. each rank puts the p sorted runs it got in order
 *
 * A splitter is a (key, rank, position in that rank's order), and so is a row: equal
 * keys are split like any others, and the result is stable in (rank, row). With S
 * samples a rank gets at most N/p + p N/S rows: 1/64 too many at S = 64 p p.
 *
 *   Cost = 3 rounds + S beta + one exchange; local work n log n
 */
#include "array/buf.h"
#include "comm/comm_int.h"
#include "kernel/kernel.h"

enum {
    SAMPLES_PER_PAIR = 64,
    SAMPLES_MAX = 1 << 16,
    MERGE_RUNS = 4, /* of more runs a radix sort is faster (int64: 25 ns a row) */
};

typedef struct Sort {
    const Table *in;
    Table keys; /* the first columns of in; borrowed */
    const bool *asc;
    bool nulls_first;
    idx *perm;                 /* order of this rank's rows */
    idx *first, *count, *from; /* per rank, in scratch */
} Sort;

static Status take_rows(Cx *cx, const Table *t, const idx *pos, idx n, Table *out)
{
    TRY(table_init(cx, out, t->ncol, n));
    for (idx k = 0; k < t->ncol; k++) {
        const Array *a = t->col[k];
        Status st = take(cx, a, pos, n, (NullForm)a->null, &out->col[k]);
        if (st) {
            table_clear(out);
            return st;
        }
    }
    return OK;
}

static Status sort_init(Cx *cx, Sort *s, idx nkey)
{
    size_t p = (size_t)cx->comm->size;
    if (cx->err.code) return cx->err.code;
    ASSERT(nkey <= s->in->ncol);
    s->keys = (Table){.n = s->in->n, .ncol = nkey, .col = s->in->col};
    s->first = arena_try(cx->scratch, 3 * p, sizeof(idx));
    if (!s->first) return fail(cx, E_MEMORY, "no memory to plan a sort");
    s->count = s->first + p;
    s->from = s->count + p;
    return sort_perm(cx, &s->keys, s->asc, s->nulls_first, &s->perm);
}

/* -- Splitters --------------------------------------------------------------------- */

/* Sorted keys of all ranks' samples; rank and position tell where each comes from. */
typedef struct Samples {
    Table t;    /* keys, then rank, then position, in the order gathered */
    idx *order; /* their order */
    idx n;
} Samples;

static idx sample_count(idx n, idx total, int size)
{
    double want = (double)SAMPLES_PER_PAIR * size * size;
    if (want > SAMPLES_MAX) want = SAMPLES_MAX;
    if (total == 0) return 0;
    if ((double)total <= want) return n;
    double share = (double)n * want / (double)total;
    return idx_min(n, (idx)share + (n > 0));
}

/* Evenly spaced rows of this rank's order, and columns that say whose they are. */
static Status sample_take(Cx *cx, const Sort *s, idx m, Table *out)
{
    idx n = s->in->n, nkey = s->keys.ncol, *pos = NULL;
    Table keys = {0};
    Status st = cx->err.code;
    *out = (Table){0};
    ASSERT(st || s->perm);
    if (!st) st = mem_new(cx, m, sizeof *pos, false, &pos);
    if (!st) st = table_init(cx, out, nkey + 2, m);
    for (idx k = nkey; !st && k < nkey + 2; k++)
        st = array_new(cx, DT_I64, NULL_NONE, UNIT_NONE, m, false, &out->col[k]);
    for (idx i = 0; !st && i < m; i++) {
        idx at = (idx)(((double)i + 0.5) * ((double)n / (double)m));
        at = idx_min(at, n - 1);
        pos[i] = s->perm[at];
        ((int64_t *)out->col[nkey]->data)[i] = cx->comm->rank;
        ((int64_t *)out->col[nkey + 1]->data)[i] = at;
    }
    if (!st) st = take_rows(cx, &s->keys, pos, m, &keys);
    for (idx k = 0; !st && k < nkey; k++)
        out->col[k] = array_ref(keys.col[k]);
    table_clear(&keys);
    mem_free(pos);
    return st;
}

/* Collective. */
static Status samples_gather(Cx *cx, const Sort *s, idx total, Samples *out)
{
    Table mine;
    idx n = cx->err.code ? 0 : s->in->n;
    idx m = sample_count(n, total, cx->comm->size);
    AGREED_LATER(sample_take(cx, s, m, &mine));
    Status st = allgather_table(cx, &mine, &out->t);
    table_clear(&mine);
    if (st) return st;
    out->n = out->t.n;
    Table keys = {.n = out->n, .ncol = s->keys.ncol, .col = out->t.col};
    return sort_perm(cx, &keys, s->asc, s->nulls_first, &out->order);
}

/* Whether the row at position at of this rank's order comes before sample row q. */
static bool before(const Sort *s, const Samples *m, const Table *mkeys, int rank,
                   idx at, idx q)
{
    idx nkey = s->keys.ncol;
    int d = sort_cmp(&s->keys, s->perm[at], mkeys, q, s->asc, s->nulls_first);
    if (d) return d < 0;
    int64_t owner = ((const int64_t *)m->t.col[nkey]->data)[q];
    if (owner != rank) return rank < owner;
    return at < ((const int64_t *)m->t.col[nkey + 1]->data)[q];
}

/* Cuts this rank's order at the splitters. */
static void cut_order(const Comm *c, Sort *s, const Samples *m)
{
    Table mkeys = {.n = m->n, .ncol = s->keys.ncol, .col = m->t.col};
    idx n = s->in->n, at = 0;
    ASSERT(s->perm && s->first);
    for (int r = 0; r < c->size; r++) {
        idx lo = at, hi = n;
        if (r + 1 < c->size && m->n) {
            idx q = m->order[(idx)((double)m->n * (r + 1) / c->size)];
            while (lo < hi) {
                idx mid = lo + (hi - lo) / 2;
                if (before(s, m, &mkeys, c->rank, mid, q))
                    lo = mid + 1;
                else
                    hi = mid;
            }
        } else {
            lo = n;
        }
        s->first[r] = at;
        s->count[r] = lo - at;
        at = lo;
    }
}

/* -- Putting runs in order --------------------------------------------------------- */

/* Positions of the merged order of the runs in got; from[r] rows are rank r's. */
static Status merge_runs(Cx *cx, const Sort *s, const Table *keys, idx *pos)
{
    int size = cx->comm->size;
    idx nkey = keys->ncol, at = 0;
    uint64_t *order = NULL;
    Table *run = arena_try(cx->scratch, (size_t)size, sizeof *run);
    idx *start = arena_try(cx->scratch, (size_t)size, sizeof *start);
    Status st = run && start ? OK : fail(cx, E_MEMORY, "no memory to merge");
    for (int r = 0; !st && r < size; r++) {
        start[r] = at;
        st = table_init(cx, &run[r], nkey, s->from[r]);
        for (idx k = 0; !st && k < nkey; k++)
            st = array_slice(cx, keys->col[k], at, s->from[r], &run[r].col[k]);
        at += s->from[r];
    }
    if (!st) st = sort_merge(cx, run, size, s->asc, s->nulls_first, &order);
    for (idx i = 0; !st && i < keys->n; i++)
        pos[i] = start[order[i] >> 48] + (idx)(order[i] & (((uint64_t)1 << 48) - 1));
    for (int r = 0; run && r < size; r++)
        table_clear(&run[r]);
    mem_free(order);
    return st;
}

static Status order_runs(Cx *cx, const Sort *s, Table *got, Table *out)
{
    Table keys = {.n = got->n, .ncol = s->keys.ncol, .col = got->col};
    idx *pos = NULL;
    int runs = 0;
    for (int r = 0; r < cx->comm->size; r++)
        runs += s->from[r] > 0;
    if (runs <= 1) { /* in order already */
        *out = *got;
        *got = (Table){0};
        return OK;
    }
    Status st;
    if (runs > MERGE_RUNS) {
        st = sort_perm(cx, &keys, s->asc, s->nulls_first, &pos);
    } else {
        st = mem_new(cx, got->n, sizeof *pos, false, &pos);
        if (!st) st = merge_runs(cx, s, &keys, pos);
    }
    if (!st) st = take_rows(cx, got, pos, got->n, out);
    mem_free(pos);
    return st;
}

/* -- All of it --------------------------------------------------------------------- */

static Status sort_ranks(Cx *cx, Sort *s, Table *out)
{
    Samples m = {0};
    Table got = {0};
    idx total = 0;
    TRY(comm_exscan_i64(cx, cx->err.code ? 0 : s->in->n, NULL, &total));
    /* A failure from here on may be this rank's own: the exchange agrees on it. */
    Status st = samples_gather(cx, s, total, &m);
    if (!st) cut_order(cx->comm, s, &m);
    table_clear(&m.t);
    mem_free(m.order);
    Exchange x = {.kind = CK_SORT,
                  .in = s->in,
                  .pos = s->perm,
                  .first = s->first,
                  .count = s->count,
                  .from = s->from};
    st = exchange_run(cx, &x, &got);
    if (!st) st = order_runs(cx, s, &got, out);
    table_clear(&got);
    return st;
}

Status sort_table(Cx *cx, const Table *in, idx nkey, const bool *asc, bool nulls_first,
                  Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    Sort s = {.in = in, .asc = asc, .nulls_first = nulls_first};
    *out = (Table){0};
    Status st;
    AGREED_LATER(sort_init(cx, &s, nkey));
    if (cx->comm->size > 1) {
        st = sort_ranks(cx, &s, out);
    } else {
        st = agree_round(cx, CK_SORT, 0, NULL);
        if (!st) st = take_rows(cx, in, s.perm, in->n, out);
    }
    mem_free(s.perm);
    arena_release(cx->scratch, mark);
    return st;
}
