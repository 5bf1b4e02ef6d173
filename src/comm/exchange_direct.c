/* SPDX-License-Identifier: Apache-2.0
 * Columns of plain values whose rows are runs, from the source's memory to the
 * result's: no message is packed, and MPI copies once where ranks share a host. What is
 * small, has bitmaps, is text, or is picked row by row travels in messages
 * (exchange.c).
 *
 * Both sides go through the same segments in the order of (distance of the peer,
 * column, place), a few under way in each direction: the smallest one that is not
 * delivered is the next of its sender and of its receiver, so it moves.
 *
 * Nothing can fail on one side only: a rank without a result (no memory) still takes
 * all segments, into the buffer of the stream, one at a time, and one with an error has
 * its rows still. The messages that follow tell of failures.
 *
 *   Cost = (p - 1) m alpha + n beta, m segments to each peer
 */
#include "comm/exchange_int.h"

enum { SEGMENT = 1 << 22, OWN_STEP = 1 << 20, WAYS = 4 };
_Static_assert(SEGMENT <= (2 * PIECE_WAYS + 1) * PIECE, "a segment fits the buffer");

/* Segments in one direction: where the next one begins, and those under way. */
typedef struct Way {
    int dir;   /* peers to the right (1) or to the left (-1) */
    int step;  /* distance of the peer; size: all are done */
    idx k;     /* column */
    size_t at; /* byte in the run of the column */
    void *req[WAYS];
    int first, n, most; /* a ring of at most `most` */
} Way;

static int way_peer(const Xchg *e, const Way *w)
{
    return (e->comm->rank + w->dir * w->step + e->size) % e->size;
}

static idx way_rows(const Xchg *e, const Way *w, int peer)
{
    return (w->dir > 0 ? x_sent(e, peer) : x_got(e, peer))[REC_ROWS];
}

/* The next segment's peer and size, moving on to the first place that has one; -1: none
 * is left. */
static int way_next(const Xchg *e, Way *w, size_t *n)
{
    for (; w->step < e->size; w->step++, w->k = 0, w->at = 0) {
        int peer = way_peer(e, w);
        idx rows = way_rows(e, w, peer);
        if (!x_direct(e, rows)) continue;
        for (; w->k < e->ncol; w->k++, w->at = 0) {
            if (!e->col[w->k].direct) continue;
            size_t width = dtype_info[e->col[w->k].in->dt].bytes;
            size_t left = (size_t)rows * width - w->at;
            if (left == 0) continue;
            *n = left < SEGMENT ? left : SEGMENT;
            return peer;
        }
    }
    return -1;
}

static const uint8_t *run_out(const Xchg *e, idx k, int peer)
{
    const Array *a = e->col[k].in;
    return (const uint8_t *)a->data +
           (size_t)e->x->first[peer] * dtype_info[a->dt].bytes;
}

static uint8_t *run_in(const Xchg *e, idx k, int peer)
{
    Array *a = e->out->col[k];
    return (uint8_t *)a->data + (size_t)e->peer[peer].row * dtype_info[a->dt].bytes;
}

/* Begins the next segment; *moved unless there is none. */
static Status way_begin(Cx *cx, Xchg *e, Way *w, bool keeps, bool *moved)
{
    Comm *c = e->comm;
    size_t n = 0;
    int peer = way_next(e, w, &n), code;
    if (peer < 0) return OK;
    void **req = &w->req[(w->first + w->n) % WAYS];
    if (w->dir > 0) {
        const uint8_t *p = run_out(e, w->k, peer) + w->at;
        code = c->ops->isend(c->transport, p, n, peer, c->own->tag, req);
        c->nmsg++;
        c->nbyte += (int64_t)n;
    } else {
        uint8_t *p = keeps ? run_in(e, w->k, peer) + w->at : c->own->slot;
        code = c->ops->irecv(c->transport, p, n, peer, c->own->tag, req);
    }
    if (code) return comm_failed(cx, code, "an exchange of columns");
    w->at += n;
    w->n++;
    *moved = true;
    return OK;
}

static Status way_push(Cx *cx, Xchg *e, Way *w, bool keeps, bool *moved)
{
    Comm *c = e->comm;
    int done = 0;
    if (w->n > 0) {
        int code = c->ops->test(c->transport, &w->req[w->first], &done, NULL);
        if (code) return comm_failed(cx, code, "an exchange of columns");
    }
    if (done) {
        w->first = (w->first + 1) % WAYS;
        w->n--;
        *moved = true;
    }
    return w->n < w->most ? way_begin(cx, e, w, keeps, moved) : OK;
}

/* A part of this rank's rows for itself, while nothing else moves. */
static void own_push(const Xchg *e, Way *w, bool *moved)
{
    int me = e->comm->rank;
    size_t n = 0;
    if (w->step > 0 || way_next(e, w, &n) != me) return;
    if (n > OWN_STEP) n = OWN_STEP;
    memcpy(run_in(e, w->k, me) + w->at, run_out(e, w->k, me) + w->at, n);
    w->at += n;
    *moved = true;
}

Status direct_run(Cx *cx, Xchg *e)
{
    bool keeps = cx->err.code == OK; /* else there is no result */
    Way out = {.dir = 1, .step = 1, .most = WAYS};
    Way in = {.dir = -1, .step = 1, .most = keeps ? WAYS : 1};
    Way own = {.dir = 1, .step = keeps ? 0 : 1};
    Waiter w = {0};
    e->comm->own->tag = (e->comm->own->tag + 1) % STREAM_TAGS;
    for (;;) {
        bool moved = false;
        TRY(way_push(cx, e, &in, keeps, &moved));
        TRY(way_push(cx, e, &out, keeps, &moved));
        if (!moved) own_push(e, &own, &moved);
        if (moved) {
            wait_end(cx, &w);
            w = (Waiter){0};
            continue;
        }
        if (!in.n && !out.n) break;
        TRY(wait_pause(cx, &w));
    }
    wait_end(cx, &w);
    for (int r = 0; keeps && r < e->size; r++) /* no message says so */
        if (e->rest.ncol == 0 && x_direct(e, x_got(e, r)[REC_ROWS]))
            e->peer[r].row = e->peer[r].row_end;
    return cx->err.code;
}
