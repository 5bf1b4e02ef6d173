/* SPDX-License-Identifier: Apache-2.0
 * Rows from every rank to every rank: what shuffle, rebalance, gather, scatter,
 * broadcast and sort are made of. Steps:
 *
 *   1. local: the buffers; which columns are plain text here
 *   2. a round of agreement; its values say for each text column whether some rank has
 * it plain: then all send it as text, else as codes
 *   3. each pair of ranks exchanges rows, pieces, flags and text bytes (one alltoall)
 *   4. dictionaries, if columns travel as codes (exchange_dict.c)
 *   5. columns of plain values that go directly from run to run (exchange_direct.c)
 *   6. rows, in messages of one piece each: packed, sent and put into place while they
 *      are in the cache (stream.c, exchange_place.c)
 *
 * So besides input and result only a few pieces of memory are needed. A row that is
 * larger than a piece is a message of its own, cut into pieces and put together again.
 *
 *   Cost = 2 log(p) alpha + (p - 1) (1 + m) alpha + n beta, m pieces to each peer
 */
#include "array/bits.h"
#include "array/buf.h"
#include "comm/exchange_int.h"

/* What ranks say of each column, and in the last bit of their rows, in the round. */
enum { PLAIN_BITS = 64 * AGREE_VALUES - 1, ROWS_AT_ONCE = 64 };

/* -- Local plan -------------------------------------------------------------------- */

static bool set_memory(Arena *a, XSet *s, size_t n)
{
    s->col = arena_try(a, n, sizeof *s->col);
    s->src = arena_try(a, n, sizeof *s->src);
    s->type = arena_try(a, n, sizeof *s->type);
    return s->col && s->src && s->type;
}

static void set_add(XSet *s, idx k, WireSrc src, WireType type)
{
    s->col[s->ncol] = k;
    s->src[s->ncol] = src;
    s->type[s->ncol++] = type;
}

/* Memory for p ranks and the columns, all in scratch and zeroed. */
static Status plan_memory(Cx *cx, Xchg *e)
{
    Arena *a = cx->scratch;
    size_t p = (size_t)e->size, n = (size_t)e->ncol;
    size_t words = (size_t)bit_words(e->ncol);
    size_t nrec = REC_FIXED + 2 * words + n;
    int32_t **map = arena_try(a, p * n, sizeof *map);
    idx *ndict = arena_try(a, p * n, sizeof *ndict);
    e->col = arena_try(a, n, sizeof *e->col);
    bool sets = set_memory(a, &e->full, n) && set_memory(a, &e->rest, n);
    e->view = arena_try(a, n, sizeof *e->view);
    e->peer = arena_try(a, p, sizeof *e->peer);
    e->srec = arena_try(a, p * nrec, sizeof *e->srec);
    e->rrec = arena_try(a, p * nrec, sizeof *e->rrec);
    e->left = arena_try(a, 2 * p, sizeof *e->left);
    e->text_at = arena_try(a, p * n, sizeof *e->text_at);
    if (!map || !ndict || !e->col || !sets || !e->view || !e->peer || !e->srec ||
        !e->rrec || !e->left || !e->text_at)
        return fail(cx, E_MEMORY, "no memory to plan an exchange");
    e->nword = (int)words;
    for (size_t k = 0; k < n; k++) {
        e->col[k].map = map + p * k;
        e->col[k].ndict = ndict + p * k;
    }
    return OK;
}

/* Everything that can fail before the ranks agree. plain: bits of columns that have
 * rows as plain text here, or missing values; the last bit: rows that are no runs. */
static Status plan(Cx *cx, Xchg *e, uint64_t *plain)
{
    const Exchange *x = e->x;
    bool any = false;
    TRY(plan_memory(cx, e));
    TRY(stream_prepare(cx));
    for (int r = 0; r < e->size; r++)
        any |= x->count[r] > 0;
    for (idx k = 0; k < e->ncol; k++) {
        const Array *a = x->in->col[k];
        e->col[k].in = a;
        bool says = a->dt == DT_STR ? !a->dict : a->valid != NULL;
        if (says && any && k < PLAIN_BITS) bit_set(plain, k);
    }
    if (x->pos) bit_set(plain, PLAIN_BITS);
    return OK;
}

/* Decides how columns travel, by what all ranks said: the same on all ranks. */
static void plan_layout(Xchg *e)
{
    const AgreeRec *rec = e->comm->own->rec;
    uint64_t plain[AGREE_VALUES] = {0};
    for (int r = 0; r < e->size; r++)
        for (int i = 0; i < AGREE_VALUES; i++)
            plain[i] |= (uint64_t)rec[r].v[i];
    for (idx k = 0; k < e->ncol; k++) {
        XCol *c = &e->col[k];
        const Array *a = c->in;
        c->text = -1;
        c->by_code = a->dt == DT_STR && k < PLAIN_BITS && !bit_get(plain, k);
        if (a->dt == DT_STR && !c->by_code) c->text = e->ntext++;
        e->ncode += c->by_code;
        WireSrc src = {a, c->text >= 0 ? WF_TEXT : WF_FIXED};
        WireType type = {a->dt, a->null, a->unit};
        if (c->by_code) type = (WireType){DT_I32, NULL_MASK, UNIT_NONE};
        set_add(&e->full, k, src, type);
        c->direct = !bit_get(plain, PLAIN_BITS) && k < PLAIN_BITS && a->dt != DT_STR &&
                    !bit_get(plain, k) && e->comm->ops;
        if (c->direct) e->direct_bytes += dtype_info[a->dt].bytes;
    }
    e->nrec = REC_FIXED + 2 * e->nword + e->ntext;
}

/* The messages beside what goes directly; after the sources of codes are known. */
static void plan_rest(Xchg *e)
{
    for (idx k = 0; k < e->ncol; k++)
        if (!e->col[k].direct) set_add(&e->rest, k, e->full.src[k], e->full.type[k]);
}

/* -- Cutting rows into messages ---------------------------------------------------- */

/* Bytes that a message has for rows, and a row's share apart from its text. */
static void row_budget(const XSet *set, int64_t *room, int64_t *per_row)
{
    int64_t fixed = sizeof(WireHead), width = (set->ncol + 7) / 8;
    for (idx k = 0; k < set->ncol; k++) {
        fixed += (int64_t)sizeof(WireCol) + 32; /* padding of up to four parts */
        width += set->src[k].form == WF_TEXT ? 8 : dtype_info[set->type[k].dt].bytes;
    }
    *room = PIECE_ROOM - fixed;
    *per_row = width;
}

/* Adds the text of up to ROWS_AT_ONCE rows to their sizes. */
static void add_text(const Array *a, WireRows rows, int64_t *size)
{
    const Array *text = a->dict ? a->dict : a;
    const int32_t *code = a->dict ? a->data : NULL;
    for (idx i = 0; i < rows.n; i++) {
        idx r = rows.pos ? rows.pos[i] : rows.start + i;
        if (code && !array_bit(a, r)) continue;
        if (code) r = code[r];
        size[i] += text->off[r + 1] - text->off[r];
    }
}

/* Rows of the next message for rank r, after its first `at` rows; at least one. */
static idx cut_message(const Xchg *e, int r, idx at)
{
    idx left = e->x->count[r] - at, n = 0;
    int64_t room, per_row, size[ROWS_AT_ONCE];
    row_budget(x_set(e, e->x->count[r]), &room, &per_row);
    if (e->ntext == 0) return idx_max(1, idx_min(left, room / idx_max(per_row, 1)));
    while (n < left) {
        idx some = idx_min(ROWS_AT_ONCE, left - n);
        for (idx i = 0; i < some; i++)
            size[i] = per_row;
        for (idx k = 0; k < e->ncol; k++)
            if (e->col[k].text >= 0)
                add_text(e->col[k].in, x_rows(e->x, r, at + n, some), size);
        for (idx i = 0; i < some; i++) {
            room -= size[i];
            if (room < 0) return idx_max(1, n + i);
        }
        n += some;
    }
    return n;
}

/* Pieces of a message; more than one only when it is of one row. */
static Status message_pieces(Cx *cx, const XSet *set, WireRows rows, int64_t *npiece)
{
    *npiece = 1;
    if (rows.n > 1) return OK;
    size_t size = wire_rows_size(set->src, set->ncol, rows);
    if (size == 0) return fail(cx, E_OVERFLOW, "a row of more than 2**63 bytes");
    *npiece = piece_count((int64_t)size);
    return OK;
}

/* What this rank tells rank r. */
static Status record_for(Cx *cx, Xchg *e, int r)
{
    int64_t *rec = x_sent(e, r);
    idx count = e->x->count[r];
    uint64_t *flags = (uint64_t *)(void *)(rec + REC_FIXED);
    if (count == 0) return OK;
    int64_t total = 0, pieces = 0;
    const XSet *set = x_set(e, count);
    for (idx at = set->ncol || !x_direct(e, count) ? 0 : count; at < count;) {
        idx n = cut_message(e, r, at);
        TRY(message_pieces(cx, set, x_rows(e->x, r, at, n), &pieces));
        if (n == count && x_to_all(e))
            rec[REC_SIZE] =
                (int64_t)wire_rows_size(set->src, set->ncol, x_rows(e->x, r, 0, n));
        total += pieces;
        at += n;
    }
    for (idx k = 0; k < e->ncol; k++) {
        const XCol *c = &e->col[k];
        if (c->in->valid) bit_set(flags, k);
        if (c->in->promoted) bit_set(flags + e->nword, k);
        if (c->text >= 0)
            rec[REC_FIXED + 2 * e->nword + c->text] =
                wire_text_bytes(c->in, x_rows(e->x, r, 0, count));
    }
    rec[REC_ROWS] = count;
    rec[REC_PIECES] = total;
    rec[REC_BLOB] = (int64_t)(e->blob_all_size + e->peer[r].blob_size);
    return OK;
}

/* Records for all ranks. A failed rank has one piece for each: its error. */
static void records_make(Cx *cx, Xchg *e)
{
    for (int r = 0; r < e->size && !cx->err.code; r++)
        if (record_for(cx, e, r)) break;
    if (!cx->err.code) return;
    ASSERT(e->srec);
    memset(e->srec, 0, (size_t)e->size * (size_t)e->nrec * sizeof *e->srec);
    for (int r = 0; r < e->size; r++)
        x_sent(e, r)[REC_PIECES] = 1;
}

static Status records_exchange(Cx *cx, Xchg *e)
{
    Comm *c = e->comm;
    size_t n = (size_t)e->nrec * sizeof *e->srec;
    void *req = NULL;
    ASSERT(e->srec && e->rrec);
    if (!c->ops) {
        memcpy(e->rrec, e->srec, n);
        return OK;
    }
    int code = c->ops->ialltoall(c->transport, e->srec, n, e->rrec, &req);
    if (code) return comm_failed(cx, code, "an exchange of counts");
    return comm_wait(cx, &req, 1);
}

/* -- Rows -------------------------------------------------------------------------- */

/* The next piece of a message that is longer than one. */
static void fill_long(XPeer *p, uint8_t *out, size_t *n)
{
    size_t left = p->out_size - p->out_at;
    *n = left < PIECE_ROOM ? left : PIECE_ROOM;
    memcpy(out, p->out_long + p->out_at, *n);
    p->out_at += *n;
    if (p->out_at < p->out_size) return;
    mem_free(p->out_long);
    p->out_long = NULL;
}

static Status rows_fill(Cx *cx, void *data, int to, uint8_t *out, size_t *n)
{
    const Xchg *e = data;
    XPeer *p = &e->peer[to];
    if (p->out_long) {
        fill_long(p, out, n);
        return OK;
    }
    const XSet *set = x_set(e, e->x->count[to]);
    idx count = cut_message(e, to, p->sent);
    WireRows rows = x_rows(e->x, to, p->sent, count);
    p->sent += count;
    *n = wire_rows_size(set->src, set->ncol, rows);
    if (*n <= PIECE_ROOM) {
        wire_rows_pack(set->src, set->ncol, rows, out);
        return OK;
    }
    TRY(mem_new(cx, (idx)*n, 1, false, &p->out_long));
    wire_rows_pack(set->src, set->ncol, rows, p->out_long);
    p->out_size = *n;
    p->out_at = 0;
    fill_long(p, out, n);
    return OK;
}

/* Begins a message of several pieces. */
static Status feed_long(Cx *cx, XPeer *p, size_t size)
{
    if (size > INT64_MAX) return fail(cx, E_INTERNAL, "a message of %zu bytes", size);
    TRY(mem_new(cx, (idx)size, 1, false, &p->in_long));
    p->in_size = size;
    p->in_at = 0;
    return OK;
}

static Status rows_feed(Cx *cx, void *data, int from, const uint8_t *piece, size_t n)
{
    Xchg *e = data;
    XPeer *p = &e->peer[from];
    if (!p->in_long) {
        const WireHead *head = (const void *)piece;
        if (n < sizeof *head || head->size <= n)
            return place_message(cx, e, from, piece, n);
        TRY(feed_long(cx, p, head->size));
    }
    if (n > p->in_size - p->in_at)
        return fail(cx, E_INTERNAL, "a message from rank %d is too long", from);
    memcpy(p->in_long + p->in_at, piece, n);
    p->in_at += n;
    if (p->in_at < p->in_size) return OK;
    Status st = place_message(cx, e, from, p->in_long, p->in_size);
    mem_free(p->in_long);
    p->in_long = NULL;
    return st;
}

/* The largest piece when each rank has at most one, for all; -1: otherwise. A rank that
 * has failed has a piece of no size. */
static int64_t one_piece(const Xchg *e)
{
    int64_t most = 0;
    for (int r = 0; r < e->size; r++) {
        const int64_t *rec = x_got(e, r);
        if (rec[REC_PIECES] > 1 || (rec[REC_PIECES] && !rec[REC_SIZE])) return -1;
        most = idx_max(most, rec[REC_SIZE]);
    }
    return most;
}

static Status rows_run(Cx *cx, Xchg *e)
{
    Stream s = {.data = e, .fill = rows_fill, .feed = rows_feed};
    s.nsend = e->left;
    s.nrecv = e->left + e->size;
    for (int r = 0; r < e->size; r++) {
        s.nsend[r] = x_sent(e, r)[REC_PIECES];
        s.nrecv[r] = x_got(e, r)[REC_PIECES];
    }
    TRY(x_to_all(e) ? stream_to_all(cx, &s, one_piece(e)) : stream_run(cx, &s));
    for (int r = 0; r < e->size; r++)
        if (e->peer[r].row != e->peer[r].row_end)
            return fail(cx, E_INTERNAL, "rank %d sent too few rows", r);
    return OK;
}

/* -- All of it --------------------------------------------------------------------- */

/* After the agreement: local failures are sent on, never kept from the peers. */
static Status move(Cx *cx, Xchg *e)
{
    plan_layout(e);
    if (e->ncode) AGREED_LATER(xdict_plan(cx, e));
    plan_rest(e);
    records_make(cx, e);
    TRY(records_exchange(cx, e));
    if (e->ncode) AGREED_LATER(xdict_run(cx, e));
    if (e->comm->broken) return cx->err.code;
    if (!cx->err.code) AGREED_LATER(place_init(cx, e));
    if (e->direct_bytes) AGREED_LATER(direct_run(cx, e));
    if (e->comm->broken) return cx->err.code;
    return rows_run(cx, e);
}

static void clear(Xchg *e)
{
    xdict_clear(e);
    for (int r = 0; e->peer && r < e->size; r++) {
        mem_free(e->peer[r].out_long);
        mem_free(e->peer[r].in_long);
    }
}

Status exchange_run(Cx *cx, const Exchange *x, Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    uint64_t plain[AGREE_VALUES] = {0};
    int64_t v[AGREE_VALUES];
    *out = (Table){0};
    Xchg e = {.x = x, .comm = cx->comm, .size = cx->comm->size, .out = out};
    if (!cx->err.code) {
        e.ncol = x->in->ncol;
        AGREED_LATER(plan(cx, &e, plain));
    }
    memcpy(v, plain, sizeof v);
    Status st = agree_round(cx, x->kind, (int32_t)e.ncol, v);
    if (!st) st = move(cx, &e);
    clear(&e);
    if (st) table_clear(out);
    arena_release(cx->scratch, mark);
    return st;
}
