/* SPDX-License-Identifier: Apache-2.0
 * Dictionaries on the move. Codes mean nothing without their dictionary, so the entries
 * go ahead of the rows, once per pair of ranks, and the receiver merges what it gets.
 * What is sent:
 *
 *   a small dictionary, or one that is small beside the rows: all of it, codes
 * unchanged; a large one: the entries that the rows for a rank use, renumbered in order
 * of first use, so that no rank gets text it has no row for.
 */
#include "array/bits.h"
#include "array/buf.h"
#include "comm/exchange_int.h"

enum {
    SMALL_ENTRIES = 64, /* sent whole, if the text is short too */
    SMALL_BYTES = 4096,
    ROWS_PER_ENTRY = 4, /* rows per entry and rank from which all of it is sent */
};

/* Before each dictionary in a blob. */
typedef struct BlobHead {
    int32_t col;
    uint8_t ordered, dups, pad[2];
} BlobHead;
_Static_assert(sizeof(BlobHead) == 8, "blobs stay aligned");

/* -- Choosing what to send --------------------------------------------------------- */

/* The only list of rows where all ranks get the same: the first that is not empty. */
static int shared_peer(const Xchg *e)
{
    for (int r = 0; r < e->size; r++)
        if (e->x->count[r]) return r;
    return 0;
}

static bool send_whole(const Xchg *e, const Array *a)
{
    idx ndict = a->dict->n, rows = 0, lists = e->x->overlap ? 1 : e->size;
    if (a->ordered == 2) return true; /* categories keep their order */
    if (ndict <= SMALL_ENTRIES &&
        (ndict == 0 || a->dict->off[ndict] - a->dict->off[0] <= SMALL_BYTES))
        return true;
    if (e->x->overlap) {
        rows = e->x->count[shared_peer(e)];
    } else {
        for (int r = 0; r < e->size; r++)
            rows += e->x->count[r];
    }
    return rows / ROWS_PER_ENTRY / lists >= ndict;
}

/* Renumbers the codes of rows: number[code] - base. New entries are appended. */
static void renumber(XCol *c, WireRows rows, int32_t *number, idx base)
{
    const Array *a = c->in;
    const int32_t *code = a->data;
    for (idx i = 0; i < rows.n; i++) {
        idx r = rows.pos ? rows.pos[i] : rows.start + i;
        c->code[r] = 0;
        if (!array_bit(a, r)) continue;
        int32_t old = code[r];
        if (number[old] < base) {
            number[old] = (int32_t)c->nentry;
            c->entry[c->nentry++] = old;
        }
        c->code[r] = (int32_t)(number[old] - base);
    }
}

/* Chooses the entries for each rank. number: scratch of the dictionary's size. */
static Status choose_entries(Cx *cx, Xchg *e, XCol *c, int32_t *number)
{
    const Array *a = c->in;
    const Exchange *x = e->x;
    idx most = 0;
    int first = x->overlap ? shared_peer(e) : 0, end = x->overlap ? first + 1 : e->size;
    for (int r = first; r < end; r++)
        most += idx_min(x->count[r], a->dict->n);
    if (most > INT32_MAX)
        return fail(cx, E_OVERFLOW, "%lld dictionary entries to send", (long long)most);
    TRY(mem_new(cx, a->n, sizeof *c->code, false, &c->code));
    TRY(mem_new(cx, most, sizeof *c->entry, false, &c->entry));
    memset(number, 0xff, (size_t)a->dict->n * sizeof *number);
    if (!x->overlap) TRY(mem_new(cx, e->size + 1, sizeof *c->first, true, &c->first));
    for (int r = first; r < end; r++) {
        renumber(c, x_rows(x, r, 0, x->count[r]), number, c->nentry);
        if (c->first) c->first[r + 1] = c->nentry;
    }
    return OK;
}

static Status plan_column(Cx *cx, Xchg *e, XCol *c)
{
    const Array *a = c->in;
    int32_t *number;
    if (!a->dict || send_whole(e, a)) return OK;
    TRY(mem_new(cx, a->dict->n, sizeof *number, false, &number));
    Status st = choose_entries(cx, e, c, number);
    mem_free(number);
    return st;
}

/* -- Blobs ------------------------------------------------------------------------- */

/* Entries of a column's dictionary for rank r (-1: for everybody). */
static WireRows entries_for(const XCol *c, int r)
{
    if (!c->entry) return (WireRows){NULL, 0, c->in->dict->n};
    if (!c->first) return (WireRows){c->entry, 0, c->nentry};
    return (WireRows){c->entry + c->first[r], 0, c->first[r + 1] - c->first[r]};
}

/* Whether a column's dictionary is in the blob for rank r (-1: the one for everybody).
 */
static bool in_blob(const XCol *c, int r)
{
    return c->by_code && c->in->dict && (c->first != NULL) == (r >= 0);
}

static Status blob_make(Cx *cx, Xchg *e, int r, uint8_t **blob, size_t *size)
{
    size_t total = 0;
    for (idx k = 0; k < e->ncol; k++) {
        const XCol *c = &e->col[k];
        if (!in_blob(c, r)) continue;
        WireSrc src = {c->in->dict, WF_TEXT};
        size_t n = wire_rows_size(&src, 1, entries_for(c, r));
        if (n == 0 || __builtin_add_overflow(total, n + sizeof(BlobHead), &total))
            return fail(cx, E_OVERFLOW, "a dictionary of more than 2**63 bytes");
    }
    if (total == 0) return OK;
    TRY(mem_new(cx, (idx)total, 1, false, blob));
    uint8_t *to = *blob;
    for (idx k = 0; k < e->ncol; k++) {
        const XCol *c = &e->col[k];
        if (!in_blob(c, r)) continue;
        WireSrc src = {c->in->dict, WF_TEXT};
        BlobHead head = {.col = (int32_t)k, .dups = c->in->dict_dups};
        head.ordered = c->entry ? 0 : (uint8_t)c->in->ordered;
        memcpy(to, &head, sizeof head);
        to += sizeof head;
        wire_rows_pack(&src, 1, entries_for(c, r), to);
        to += ((const WireHead *)(const void *)to)->size;
    }
    *size = total;
    return OK;
}

Status xdict_plan(Cx *cx, Xchg *e)
{
    bool any = false;
    for (int r = 0; r < e->size; r++)
        any |= e->x->count[r] > 0;
    for (idx k = 0; k < e->ncol; k++) {
        XCol *c = &e->col[k];
        if (!c->by_code) continue;
        if (any) TRY(plan_column(cx, e, c));
        c->view = (Array){.n = c->in->n, .dt = DT_I32, .null = NULL_MASK};
        c->view.data = c->code ? c->code : c->in->data;
        c->view.valid = c->in->valid;
        e->full.src[k] = (WireSrc){&c->view, WF_FIXED};
    }
    if (!any) return OK;
    TRY(blob_make(cx, e, -1, &e->blob_all, &e->blob_all_size));
    for (int r = 0; r < e->size; r++)
        if (e->x->count[r])
            TRY(blob_make(cx, e, r, &e->peer[r].blob, &e->peer[r].blob_size));
    return OK;
}

/* -- Moving ------------------------------------------------------------------------ */

static Status blob_fill(Cx *cx, void *data, int to, uint8_t *out, size_t *n)
{
    const Xchg *e = data;
    XPeer *p = &e->peer[to];
    size_t all = e->blob_all_size, left = all + p->blob_size - p->blob_at;
    (void)cx;
    *n = left < PIECE_ROOM ? left : PIECE_ROOM;
    size_t head = p->blob_at < all ? all - p->blob_at : 0;
    if (head > *n) head = *n;
    if (head) memcpy(out, e->blob_all + p->blob_at, head);
    if (*n > head) memcpy(out + head, p->blob + (p->blob_at + head - all), *n - head);
    p->blob_at += *n;
    return OK;
}

static Status blob_feed(Cx *cx, void *data, int from, const uint8_t *p, size_t n)
{
    const Xchg *e = data;
    XPeer *peer = &e->peer[from];
    if (n > peer->blob_in_size - peer->blob_in_at)
        return fail(cx, E_INTERNAL, "dictionaries from rank %d are too long", from);
    if (n) memcpy(peer->blob_in + peer->blob_in_at, p, n);
    peer->blob_in_at += n;
    return OK;
}

/* Shows the dictionaries of one source: dict[number of the code column]. */
static Status blob_read(Cx *cx, Xchg *e, int from, Array *dict, const Array **seen)
{
    static const WireType type = {DT_STR, NULL_MASK, UNIT_NONE};
    const XPeer *p = &e->peer[from];
    for (size_t at = 0; at < p->blob_in_size;) {
        BlobHead head;
        WireHead wire;
        size_t left = p->blob_in_size - at;
        if (left < sizeof head + sizeof wire)
            return fail(cx, E_INTERNAL, "dictionaries from rank %d are too short",
                        from);
        memcpy(&head, p->blob_in + at, sizeof head);
        at += sizeof head;
        left -= sizeof head;
        memcpy(&wire, p->blob_in + at, sizeof wire);
        if (wire.size > left || head.col < 0 || head.col >= e->ncol ||
            !e->col[head.col].by_code || seen[head.col])
            return fail(cx, E_INTERNAL, "dictionaries from rank %d are damaged", from);
        WireView v = {.col = &dict[head.col]};
        TRY(wire_view(cx, p->blob_in + at, wire.size, &type, 1, &v));
        XCol *c = &e->col[head.col];
        seen[head.col] = &dict[head.col];
        c->ndict[from] = v.n;
        c->ordered = (uint8_t)(head.ordered <= 2 ? head.ordered : 0);
        c->dups |= head.dups != 0;
        at += wire.size;
    }
    return OK;
}

/* Merges one column's dictionaries; list: size pointers of scratch. */
static Status merge_column(Cx *cx, Xchg *e, idx k, const Array *const *seen,
                           const Array **list)
{
    XCol *c = &e->col[k];
    bool changed = false;
    for (int r = 0; r < e->size; r++)
        list[r] = seen[(size_t)r * (size_t)e->ncol + (size_t)k];
    Array *own = c->entry ? NULL : c->in->dict;
    TRY(dict_merge(cx, list, e->size, own, c->map, &c->dict));
    for (int r = 0; r < e->size; r++)
        changed |= c->map[r] != NULL;
    if (changed) c->ordered = c->dups = 0;
    return OK;
}

static Status merge_all(Cx *cx, Xchg *e)
{
    size_t n = (size_t)e->size * (size_t)e->ncol;
    Array *dict = arena_try(cx->scratch, n, sizeof *dict);
    const Array **seen = arena_try(cx->scratch, n, sizeof *seen);
    const Array **list = arena_try(cx->scratch, (size_t)e->size, sizeof *list);
    if (!dict || !seen || !list)
        return fail(cx, E_MEMORY, "no memory for dictionaries");
    for (int r = 0; r < e->size; r++) {
        size_t at = (size_t)r * (size_t)e->ncol;
        TRY(blob_read(cx, e, r, dict + at, seen + at));
    }
    for (idx k = 0; k < e->ncol; k++)
        if (e->col[k].by_code) TRY(merge_column(cx, e, k, seen, list));
    return OK;
}

static Status receive_init(Cx *cx, Xchg *e)
{
    for (int r = 0; r < e->size; r++) {
        XPeer *p = &e->peer[r];
        p->blob_in_size = (size_t)x_got(e, r)[REC_BLOB];
        if (p->blob_in_size)
            TRY(mem_new(cx, (idx)p->blob_in_size, 1, false, &p->blob_in));
    }
    return OK;
}

Status xdict_run(Cx *cx, Xchg *e)
{
    Stream s = {.data = e, .fill = blob_fill, .feed = blob_feed};
    s.nsend = e->left;
    s.nrecv = e->left + e->size;
    for (int r = 0; r < e->size; r++) {
        s.nsend[r] = piece_count(x_sent(e, r)[REC_BLOB]);
        s.nrecv[r] = piece_count(x_got(e, r)[REC_BLOB]);
    }
    if (!cx->err.code) AGREED_LATER(receive_init(cx, e)); /* by the stream */
    int64_t most = 0;
    for (int r = 0; r < e->size; r++)
        most = idx_max(most, x_got(e, r)[REC_BLOB]);
    TRY(x_to_all(e) ? stream_to_all(cx, &s, most) : stream_run(cx, &s));
    return merge_all(cx, e);
}

void xdict_clear(Xchg *e)
{
    for (idx k = 0; e->col && k < e->ncol; k++) {
        XCol *c = &e->col[k];
        mem_free(c->code);
        mem_free(c->entry);
        mem_free(c->first);
        array_unref(c->dict);
        for (int r = 0; c->map && r < e->size; r++)
            mem_free(c->map[r]);
    }
    for (int r = 0; e->peer && r < e->size; r++) {
        mem_free(e->peer[r].blob);
        mem_free(e->peer[r].blob_in);
    }
    mem_free(e->blob_all);
}
