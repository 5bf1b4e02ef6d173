/* SPDX-License-Identifier: Apache-2.0
 * Rows of the ranks next to this one, of several arrays with the same rows.
 *
 *   rank        q               r (this)             q'
 *   rows  .. ..| last |  | first .. .. last |  | first |.. ..
 *               before ^                       ^ behind
 *
 * A rank with fewer rows than are wanted passes the walk on to the next one, so that
 * empty ranks make no difference. In front of the first row of all stand the last ones:
 * position -1 counts from the end.
 *
 * Steps:
 *   1. a round of agreement: the number of rows of each rank, and, where all edges fit
 *      into its values, the edges themselves: that was all
 *   2. else one message to each rank that needs rows of this one, with those of all
 *      arrays; as a rule to the neighbours
 *
 *   Cost = log(p) alpha + 2 (alpha + edge beta)
 */
#include "comm/comm_int.h"

/* What goes from one rank to another. */
typedef struct EdgeMail {
    uint8_t *bytes;
    size_t n, done;
} EdgeMail;

typedef struct EdgeRun {
    Edges *e;
    EdgeMail *out, *in; /* by rank */
} EdgeRun;

static bool set_memory(Cx *cx, Edges *e, EdgeRun *run, int64_t **nsend, int64_t **nrecv)
{
    size_t p = (size_t)cx->comm->size, n = p * (size_t)e->narray;
    e->nrow = arena_try(cx->scratch, p, sizeof *e->nrow);
    e->first = arena_try(cx->scratch, n, sizeof *e->first);
    e->last = arena_try(cx->scratch, n, sizeof *e->last);
    run->out = arena_try(cx->scratch, p, sizeof *run->out);
    run->in = arena_try(cx->scratch, p, sizeof *run->in);
    *nsend = arena_try(cx->scratch, p, sizeof **nsend);
    *nrecv = arena_try(cx->scratch, p, sizeof **nrecv);
    return e->nrow && e->first && e->last && run->out && run->in && *nsend && *nrecv;
}

/* -- Who needs what ---------------------------------------------------------------- */

static idx row_of(const Edges *e, int rank)
{
    idx row = 0;
    for (int r = 0; r < rank; r++)
        row += e->nrow[r];
    return row;
}

/* How many of the last rows of q the rank r has before it (the most, where it comes
 * round to q again); -1 for q: all rows before it that there are. row: the number of
 * r's first one. */
static idx walk_before(const Edges *e, const EdgeRows *a, int r, idx row, int q)
{
    idx want = idx_min(a->before, row + e->total), done = 0;
    for (int k = 1; k <= 2 * e->size && done < want && q >= 0; k++) {
        int at = (r - k % e->size + e->size) % e->size;
        idx take = idx_min(idx_min(e->nrow[at], a->before), want - done);
        if (at == q && take) return take;
        done += take;
    }
    return q < 0 ? want : 0;
}

/* The same of the first rows of those behind. */
static idx walk_behind(const Edges *e, const EdgeRows *a, int r, int q)
{
    idx done = 0;
    for (int at = r + 1; at < e->size && done < a->behind; at++) {
        idx take = idx_min(e->nrow[at], a->behind - done);
        if (at == q) return take;
        done += take;
    }
    return q < 0 ? done : 0;
}

static size_t mail_size(const Edges *e, int to, idx row, int from)
{
    size_t n = 0;
    for (int i = 0; i < e->narray; i++) {
        const EdgeRows *a = &e->array[i];
        idx rows = walk_before(e, a, to, row, from) + walk_behind(e, a, to, from);
        n += (size_t)rows * a->width;
    }
    return n;
}

/* -- In the round ------------------------------------------------------------------ */

/* Number of rows, then the first and the last rows of each array. */
static size_t record_size(const Edges *e)
{
    size_t n = sizeof(int64_t);
    for (int i = 0; i < e->narray; i++)
        n += (size_t)(e->array[i].before + e->array[i].behind) * e->array[i].width;
    return n;
}

static bool fits_round(const Edges *e)
{
    for (int i = 0; i < e->narray; i++)
        if (!e->array[i].known ||
            e->array[i].before + e->array[i].behind > (idx)AGREE_VALUES * 8)
            return false;
    return record_size(e) <= AGREE_VALUES * sizeof(int64_t);
}

static void write_record(const Edges *e, uint8_t *to)
{
    memcpy(to, &e->n, sizeof e->n);
    to += sizeof e->n;
    for (int i = 0; i < e->narray; i++) {
        const EdgeRows *a = &e->array[i];
        size_t first = (size_t)idx_min(e->n, a->behind) * a->width,
               last = (size_t)idx_min(e->n, a->before) * a->width;
        if (first) memcpy(to, a->data, first);
        to += (size_t)(a->behind + a->before) * a->width;
        if (last) memcpy(to - last, a->data + (size_t)e->n * a->width - last, last);
    }
}

/* Each rank's rows are where it has written them. */
static void read_record(Edges *e, int r, const uint8_t *from)
{
    memcpy(&e->nrow[r], from, sizeof e->nrow[r]);
    from += sizeof e->n;
    for (int i = 0; i < e->narray; i++) {
        const EdgeRows *a = &e->array[i];
        e->first[r * e->narray + i] = from;
        from += (size_t)(a->behind + a->before) * a->width;
        e->last[r * e->narray + i] = from;
    }
}

static Status gather_edges(Cx *cx, Edges *e)
{
    size_t n = record_size(e);
    uint8_t mine[AGREE_VALUES * 8] = {0};
    uint8_t *all = arena_try(cx->scratch, n, (size_t)e->size);
    if (!all && !cx->err.code)
        (void)fail(cx, E_MEMORY, "no memory for the edges of %d ranks", e->size);
    write_record(e, mine);
    TRY(comm_allgather(cx, mine, n, all));
    if (!all) return E_MEMORY; /* with which the round has ended */
    for (int r = 0; r < e->size; r++)
        read_record(e, r, all + (size_t)r * n);
    return OK;
}

/* -- In messages ------------------------------------------------------------------- */

/* Rows of every rank; ranks without any learn the widths of rows. */
static Status gather_counts(Cx *cx, Edges *e)
{
    size_t n = (size_t)e->narray + 1;
    int64_t *all = arena_try(cx->scratch, n * ((size_t)e->size + 1), sizeof *all);
    int64_t *mine = all ? all + n * (size_t)e->size : NULL;
    if (!all && !cx->err.code)
        (void)fail(cx, E_MEMORY, "no memory for the edges of %d ranks", e->size);
    for (int i = 0; mine && i < e->narray; i++)
        mine[1 + i] = e->n || e->array[i].known ? (int64_t)e->array[i].width : 0;
    if (mine) mine[0] = e->n;
    TRY(comm_allgather(cx, mine, n * sizeof *all, all));
    if (!all) return E_MEMORY; /* with which the round has ended */
    for (int r = 0; r < e->size; r++) {
        e->nrow[r] = all[(size_t)r * n];
        for (int i = 0; i < e->narray; i++)
            if (all[(size_t)r * n + 1 + (size_t)i])
                e->array[i].width = (size_t)all[(size_t)r * n + 1 + (size_t)i];
    }
    return OK;
}

static uint8_t *put_bytes(uint8_t *to, const uint8_t *from, size_t n)
{
    if (n) memcpy(to, from, n);
    return to + n;
}

/* Of each array its last rows, then its first ones. */
static void write_mail(const Edges *e, int to, idx row, int rank, uint8_t *p)
{
    for (int i = 0; i < e->narray; i++) {
        const EdgeRows *a = &e->array[i];
        size_t last = (size_t)walk_before(e, a, to, row, rank) * a->width,
               first = (size_t)walk_behind(e, a, to, rank) * a->width;
        p = put_bytes(p, a->data + (size_t)e->n * a->width - last, last);
        p = put_bytes(p, a->data, first);
    }
}

static void read_mail(Edges *e, int rank, int from, const uint8_t *p)
{
    for (int i = 0; i < e->narray; i++) {
        const EdgeRows *a = &e->array[i];
        p += (size_t)walk_before(e, a, rank, e->row, from) * a->width;
        e->last[from * e->narray + i] = p;
        e->first[from * e->narray + i] = p;
        p += (size_t)walk_behind(e, a, rank, from) * a->width;
    }
}

static Status fill(Cx *cx, void *data, int to, uint8_t *out, size_t *n)
{
    EdgeMail *m = &((EdgeRun *)data)->out[to];
    (void)cx;
    *n = m->n - m->done < PIECE_ROOM ? m->n - m->done : PIECE_ROOM;
    memcpy(out, m->bytes + m->done, *n);
    m->done += *n;
    return OK;
}

static Status feed(Cx *cx, void *data, int from, const uint8_t *p, size_t n)
{
    EdgeMail *m = &((EdgeRun *)data)->in[from];
    if (n > m->n - m->done)
        return fail(cx, E_INTERNAL, "too many rows from rank %d", from);
    memcpy(m->bytes + m->done, p, n);
    m->done += n;
    return OK;
}

/* The memory for what goes to and comes from rank r, and the pieces it has. */
static void plan_mail(Cx *cx, EdgeRun *run, int r, idx row, int64_t *nsend,
                      int64_t *nrecv)
{
    const Edges *e = run->e;
    int me = cx->comm->rank;
    EdgeMail *out = &run->out[r], *in = &run->in[r];
    out->n = mail_size(e, r, row, me);
    in->n = mail_size(e, me, e->row, r);
    *nsend = piece_count((int64_t)out->n);
    *nrecv = piece_count((int64_t)in->n);
    if (out->n) out->bytes = arena_try(cx->scratch, out->n, 1);
    if (in->n) in->bytes = arena_try(cx->scratch, in->n, 1);
    if (((out->n && !out->bytes) || (in->n && !in->bytes)) && !cx->err.code)
        (void)fail(cx, E_MEMORY, "no memory for the edges of rank %d", r);
    if (out->n && out->bytes) write_mail(e, r, row, me, out->bytes);
}

static Status send_edges(Cx *cx, EdgeRun *run, int64_t *nsend, int64_t *nrecv)
{
    Edges *e = run->e;
    int me = cx->comm->rank;
    Stream s = {
        .data = run, .fill = fill, .feed = feed, .nsend = nsend, .nrecv = nrecv};
    idx row = 0;
    for (int r = 0; r < e->size; row += e->nrow[r++])
        plan_mail(cx, run, r, row, &nsend[r], &nrecv[r]);
    TRY(stream_run(cx, &s));
    for (int r = 0; r < e->size; r++)
        if (run->in[r].n) read_mail(e, me, r, run->in[r].bytes);
    return OK;
}

/* -- The whole --------------------------------------------------------------------- */

Status comm_edges(Cx *cx, idx n, EdgeRows *array, int narray, Edges *e)
{
    EdgeRun run = {.e = e};
    int64_t *nsend, *nrecv;
    *e = (Edges){.n = n, .size = cx->comm->size, .narray = narray, .array = array};
    if (!set_memory(cx, e, &run, &nsend, &nrecv))
        (void)fail(cx, E_MEMORY, "no memory for the edges of %d ranks", e->size);
    bool small = fits_round(e);
    if (!small && !cx->err.code) AGREED_LATER(stream_prepare(cx));
    TRY(small ? gather_edges(cx, e) : gather_counts(cx, e));
    e->row = row_of(e, cx->comm->rank);
    e->total = row_of(e, e->size);
    if (!small) TRY(send_edges(cx, &run, nsend, nrecv));
    for (int i = 0; i < narray; i++) {
        EdgeRows *a = &array[i];
        a->nbefore = walk_before(e, a, cx->comm->rank, e->row, -1);
        a->nbehind = walk_behind(e, a, cx->comm->rank, -1);
    }
    return OK;
}

void edges_put_before(const Edges *e, int rank, int i, uint8_t *end)
{
    const EdgeRows *a = &e->array[i];
    idx done = 0;
    for (int k = 1; done < a->nbefore; k++) {
        int q = (rank - k % e->size + e->size) % e->size;
        idx take = idx_min(idx_min(e->nrow[q], a->before), a->nbefore - done);
        size_t bytes = (size_t)take * a->width;
        done += take;
        if (bytes)
            memcpy(end - (size_t)done * a->width, e->last[q * e->narray + i] - bytes,
                   bytes);
    }
}

void edges_put_behind(const Edges *e, int rank, int i, uint8_t *to)
{
    const EdgeRows *a = &e->array[i];
    idx done = 0;
    for (int q = rank + 1; done < a->nbehind; q++) {
        idx take = idx_min(e->nrow[q], a->nbehind - done);
        to = put_bytes(to, e->first[q * e->narray + i], (size_t)take * a->width);
        done += take;
    }
}
