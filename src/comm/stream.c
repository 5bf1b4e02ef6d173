/* SPDX-License-Identifier: Apache-2.0
 * Pieces of bytes between all pairs of ranks, in bounded memory. Both sides know how
 * many pieces go where. A rank sends one piece to each peer in turn, beginning with its
 * right neighbour, so that at any time the ranks send to different peers; it receives
 * in the mirrored order. A few sends and receives are under way at once.
 *
 * No deadlock: let (j, k) be the j-th piece that a rank sends k places to the right.
 * Both sides go through their pieces in the order of (j, k). The smallest piece of all
 * that is not delivered is therefore the next one of its sender and of its receiver, so
 * it moves.
 *
 * A rank that fails sends its error record in place of the remaining pieces: nobody
 * waits for bytes that do not come, and all who needed them know why.
 *
 *   Cost = (p - 1) m alpha + n beta, m pieces to each peer
 */
#include "array/buf.h"
#include "comm/comm_int.h"

typedef struct PieceHead {
    uint32_t magic, kind;
    uint64_t n; /* bytes that follow */
} PieceHead;

enum { PIECE_MAGIC = 0x31504853, PIECE_DATA = 0, PIECE_FAILED = 1 };
_Static_assert(sizeof(PieceHead) == PIECE_HEAD, "piece layout");
_Static_assert(sizeof(Err) <= PIECE_ROOM, "an error record fits into a piece");

/* A ring of pieces under way in one direction, oldest first. */
typedef struct Ring {
    void *req[PIECE_WAYS];
    int peer[PIECE_WAYS];
    uint8_t *slot; /* PIECE_WAYS buffers */
    int first, n;
    int step; /* distance of the peer whose turn is next */
} Ring;

typedef struct Run {
    Stream *s;
    Ring out, in;
    uint8_t *own; /* buffer for pieces to this rank itself */
    int tag;
} Run;

Status stream_prepare(Cx *cx)
{
    CommInt *own = cx->comm->own;
    if (own->slot) return OK;
    return mem_new(cx, 2 * PIECE_WAYS + 1, PIECE, false, &own->slot);
}

static int ring_last(const Ring *r)
{
    return (r->first + r->n) % PIECE_WAYS;
}
static uint8_t *ring_slot(const Ring *r, int i)
{
    return r->slot + (size_t)i * PIECE;
}

static void ring_drop(Ring *r)
{
    r->first = (r->first + 1) % PIECE_WAYS;
    r->n--;
}

/* The peer whose turn it is in direction dir, among those with pieces left; -1: none.
 */
static int next_peer(const Comm *c, Ring *r, int64_t *left, int dir)
{
    for (int i = 1; i < c->size; i++) {
        int step = r->step % (c->size - 1) + 1; /* 1 .. size - 1, after the last one */
        int peer = (c->rank + dir * step + c->size) % c->size;
        r->step = step;
        if (left[peer] > 0) {
            left[peer]--;
            return peer;
        }
    }
    return -1;
}

/* -- Sending ----------------------------------------------------------------------- */

/* Writes a piece with its head; after a failure the error record. Returns its size. */
static size_t write_piece(Cx *cx, const Run *run, int to, uint8_t *buf)
{
    PieceHead *head = (PieceHead *)(void *)buf;
    size_t n = 0;
    *head = (PieceHead){.magic = PIECE_MAGIC, .kind = PIECE_DATA};
    if (!cx->err.code) cx_check(cx);
    if (!cx->err.code) {
        Status st = run->s->fill(cx, run->s->data, to, buf + PIECE_HEAD, &n);
        ASSERT(st == cx->err.code);
        ASSERT(n <= PIECE_ROOM);
        (void)st;
    }
    if (cx->err.code) {
        if (cx->err.rank < 0) cx->err.rank = cx->comm->rank;
        head->kind = PIECE_FAILED;
        n = sizeof cx->err;
        memcpy(buf + PIECE_HEAD, &cx->err, n);
    }
    head->n = n;
    return PIECE_HEAD + n;
}

static Status start_send(Cx *cx, Run *run, int to)
{
    Comm *c = cx->comm;
    Ring *r = &run->out;
    int i = ring_last(r);
    uint8_t *buf = ring_slot(r, i);
    size_t n = write_piece(cx, run, to, buf);
    int code = c->ops->isend(c->transport, buf, n, to, run->tag, &r->req[i]);
    if (code) return comm_failed(cx, code, "a send");
    r->peer[i] = to;
    r->n++;
    c->nmsg++;
    c->nbyte += (int64_t)n;
    return OK;
}

/* -- Receiving --------------------------------------------------------------------- */

static void read_piece(Cx *cx, const Run *run, int from, const uint8_t *buf, size_t n)
{
    const PieceHead *head = (const void *)buf;
    if (cx->err.code) return; /* received and dropped */
    if (n < PIECE_HEAD || head->magic != PIECE_MAGIC || head->n != n - PIECE_HEAD ||
        (head->kind == PIECE_FAILED && head->n != sizeof cx->err)) {
        (void)fail(cx, E_INTERNAL, "a piece of %zu bytes from rank %d is damaged", n,
                   from);
    } else if (head->kind == PIECE_FAILED) {
        memcpy(&cx->err, buf + PIECE_HEAD, sizeof cx->err);
        cx->err.text[ERR_TEXT - 1] = 0;
    } else {
        Status st = run->s->feed(cx, run->s->data, from, buf + PIECE_HEAD, head->n);
        ASSERT(st == cx->err.code);
        (void)st;
    }
}

static Status start_receive(Cx *cx, Run *run, int from)
{
    Comm *c = cx->comm;
    Ring *r = &run->in;
    int i = ring_last(r);
    int code =
        c->ops->irecv(c->transport, ring_slot(r, i), PIECE, from, run->tag, &r->req[i]);
    if (code) return comm_failed(cx, code, "a receive");
    r->peer[i] = from;
    r->n++;
    return OK;
}

/* -- Running ----------------------------------------------------------------------- */

/* Tests the oldest piece of a ring, which makes progress on all. */
static Status test_first(Cx *cx, Ring *r, bool *done, size_t *n)
{
    Comm *c = cx->comm;
    int flag = 0;
    *done = false;
    if (r->n == 0) return OK;
    int code = c->ops->test(c->transport, &r->req[r->first], &flag, n);
    if (code) return comm_failed(cx, code, "an exchange");
    *done = flag != 0;
    return OK;
}

/* One step of sending; *moved when something happened. */
static Status push(Cx *cx, Run *run, bool *moved)
{
    bool done;
    TRY(test_first(cx, &run->out, &done, NULL));
    if (done) ring_drop(&run->out);
    *moved |= done;
    if (run->out.n == PIECE_WAYS) return OK;
    int to = next_peer(cx->comm, &run->out, run->s->nsend, 1);
    if (to < 0) return OK;
    *moved = true;
    return start_send(cx, run, to);
}

static Status pull(Cx *cx, Run *run, bool *moved)
{
    Ring *r = &run->in;
    bool done;
    size_t n = 0;
    while (r->n < PIECE_WAYS) {
        int from = next_peer(cx->comm, r, run->s->nrecv, -1);
        if (from < 0) break;
        TRY(start_receive(cx, run, from));
    }
    TRY(test_first(cx, r, &done, &n));
    if (!done) return OK;
    *moved = true;
    read_piece(cx, run, r->peer[r->first], ring_slot(r, r->first), n);
    ring_drop(r);
    return OK;
}

/* A piece to this rank itself: done while nothing else moves. */
static void move_own(Cx *cx, Run *run, bool *moved)
{
    int me = cx->comm->rank;
    if (run->s->nsend[me] <= 0) return;
    run->s->nsend[me]--;
    run->s->nrecv[me]--;
    *moved = true;
    if (cx->err.code) return;
    size_t n = write_piece(cx, run, me, run->own);
    read_piece(cx, run, me, run->own, n);
}

static bool stream_over(const Comm *c, const Run *run)
{
    if (run->out.n || run->in.n) return false;
    for (int r = 0; r < c->size; r++)
        if (run->s->nsend[r] > 0 || run->s->nrecv[r] > 0) return false;
    return true;
}

/* One piece of each rank by an allgather, in the buffers of the stream. */
static Status gather_pieces(Cx *cx, Stream *s, size_t stride)
{
    Comm *c = cx->comm;
    uint8_t *all = c->own->slot, *mine = all + (size_t)c->size * stride;
    Run run = {.s = s};
    void *req = NULL;
    if (s->nsend[c->rank] > 0)
        c->nbyte += (int64_t)write_piece(cx, &run, c->rank, mine);
    c->ncoll++;
    int code = c->ops->iallgather(c->transport, mine, stride, all, &req);
    if (code) return comm_failed(cx, code, "an exchange");
    TRY(comm_wait(cx, &req, 1));
    for (int r = 0; r < c->size; r++) {
        const uint8_t *p = all + (size_t)r * stride;
        const PieceHead *head = (const void *)p;
        if (s->nrecv[r] <= 0) continue;
        bool fits = head->n <= stride - PIECE_HEAD;
        read_piece(cx, &run, r, p, fits ? PIECE_HEAD + head->n : 0);
    }
    return cx->err.code;
}

Status stream_to_all(Cx *cx, Stream *s, int64_t most)
{
    size_t room = (size_t)(2 * PIECE_WAYS + 1) * PIECE;
    size_t stride = (size_t)idx_max(most, (int64_t)sizeof(Err)) + PIECE_HEAD;
    stride = (stride + 7) & ~(size_t)7;
    if (most < 0 || stride > room / ((size_t)cx->comm->size + 1))
        return stream_run(cx, s);
    return most ? gather_pieces(cx, s, stride) : cx->err.code;
}

Status stream_run(Cx *cx, Stream *s)
{
    Comm *c = cx->comm;
    uint8_t *slot = c->own->slot;
    Run run = {.s = s, .tag = c->own->tag = (c->own->tag + 1) % STREAM_TAGS};
    Waiter w = {0};
    run.out.slot = slot;
    run.in.slot = slot + (size_t)PIECE_WAYS * PIECE;
    run.own = slot + (size_t)2 * PIECE_WAYS * PIECE;
    while (!stream_over(c, &run)) {
        bool moved = false;
        if (c->ops) {
            TRY(pull(cx, &run, &moved));
            TRY(push(cx, &run, &moved));
        }
        if (!moved) move_own(cx, &run, &moved);
        if (moved) {
            wait_end(cx, &w);
            w = (Waiter){0};
        } else {
            TRY(wait_pause(cx, &w));
        }
    }
    wait_end(cx, &w);
    return cx->err.code;
}
