/* SPDX-License-Identifier: Apache-2.0
 * The receiving side of an exchange. All sizes are known before the first row arrives,
 * so the result's columns are made once, each source gets its range of rows and of text
 * in them, and messages are copied straight to their place in whatever order they come.
 */
#include "array/bits.h"
#include "array/buf.h"
#include "comm/exchange_int.h"

/* Whether some source has a bitmap (or, by the next word, the promoted flag) for column
 * k. */
static bool any_flag(const Xchg *e, idx k, int which)
{
    for (int r = 0; r < e->size; r++) {
        const uint64_t *flags =
            (const void *)(x_got(e, r) + REC_FIXED + (idx)which * e->nword);
        if (bit_get(flags, k)) return true;
    }
    return false;
}

static Status column_new(Cx *cx, Xchg *e, idx k, Array **out)
{
    const XCol *c = &e->col[k];
    idx n = e->out->n;
    int64_t nbyte = 0;
    if (c->by_code) {
        if (n == 0 && !c->in->dict) return array_new_empty(cx, c->in, out);
        if (n == 0) return array_new_dict(cx, 0, c->in->dict, out);
        return array_new_dict(cx, n, c->dict, out);
    }
    if (c->text < 0)
        return array_new(cx, c->in->dt, c->in->null, c->in->unit, n, false, out);
    for (int r = 0; r < e->size; r++) {
        int64_t *at = &e->text_at[(idx)r * e->ntext + c->text];
        *at = nbyte;
        int64_t more = x_got(e, r)[REC_FIXED + 2 * e->nword + c->text];
        if (__builtin_add_overflow(nbyte, more, &nbyte))
            return fail(cx, E_OVERFLOW, "a text column of more than 2**63 bytes");
    }
    return array_new_str(cx, n, nbyte, out);
}

static Status place_column(Cx *cx, Xchg *e, idx k)
{
    const XCol *c = &e->col[k];
    TRY(column_new(cx, e, k, &e->out->col[k]));
    Array *a = e->out->col[k];
    a->null = c->in->null;
    a->tz = c->in->tz;
    array_set_cats(a, c->in);
    a->promoted = c->in->promoted | any_flag(e, k, 1);
    a->null_count = -1;
    if (c->by_code) {
        a->ordered = (int8_t)(e->out->n ? c->ordered : c->in->ordered);
        a->dict_dups = e->out->n ? c->dups : c->in->dict_dups;
    }
    return any_flag(e, k, 0) ? array_add_valid(cx, a, false) : OK;
}

Status place_init(Cx *cx, Xchg *e)
{
    idx n = 0;
    for (int r = 0; r < e->size; r++) {
        idx rows = x_got(e, r)[REC_ROWS];
        e->peer[r].row = n;
        n += rows;
        e->peer[r].row_end = n;
        if (e->x->from) e->x->from[r] = rows;
    }
    TRY(table_init(cx, e->out, e->ncol, n));
    for (idx k = 0; k < e->ncol; k++)
        TRY(place_column(cx, e, k));
    return OK;
}

/* -- Rows into place --------------------------------------------------------------- */

static Status place_codes(Cx *cx, const XCol *c, int from, const int32_t *code, idx n,
                          int32_t *to)
{
    const int32_t *map = c->map[from];
    idx ndict = c->ndict[from];
    uint32_t max = 0;
    for (idx i = 0; i < n; i++)
        max = (uint32_t)code[i] > max ? (uint32_t)code[i] : max;
    if (max && max >= (uint64_t)ndict)
        return fail(cx, E_INTERNAL, "a code from rank %d is outside its dictionary",
                    from);
    if (map) {
        for (idx i = 0; i < n; i++)
            to[i] = map[code[i]];
    } else if (n) {
        memcpy(to, code, (size_t)n * sizeof *to);
    }
    return OK;
}

static Status place_text(Cx *cx, Xchg *e, const XCol *c, int from, const Array *v,
                         idx row, Array *out)
{
    int64_t *at = &e->text_at[(idx)from * e->ntext + c->text];
    int64_t base = *at, nbyte = v->off[v->n];
    if (nbyte > (int64_t)out->bytes_buf->size - base)
        return fail(cx, E_INTERNAL, "text from rank %d is too long", from);
    for (idx i = 0; i < v->n; i++)
        out->off[row + i] = base + v->off[i];
    out->off[row + v->n] = base + nbyte;
    if (nbyte) memcpy(out->bytes + base, v->bytes, (size_t)nbyte);
    *at = base + nbyte;
    return OK;
}

static Status place_values(Cx *cx, Xchg *e, idx k, int from, const Array *v, idx row)
{
    const XCol *c = &e->col[k];
    Array *out = e->out->col[k];
    if (out->valid) {
        if (v->valid)
            bits_copy(out->valid, row, v->valid, 0, v->n);
        else
            bits_fill(out->valid, row, v->n, true);
    }
    if (c->by_code)
        return place_codes(cx, c, from, v->data, v->n, (int32_t *)out->data + row);
    if (c->text >= 0) return place_text(cx, e, c, from, v, row, out);
    size_t width = dtype_info[out->dt].bytes;
    if (v->n)
        memcpy((uint8_t *)out->data + (size_t)row * width, v->data,
               (size_t)v->n * width);
    return OK;
}

Status place_message(Cx *cx, Xchg *e, int from, const uint8_t *p, size_t n)
{
    XPeer *peer = &e->peer[from];
    WireView v = {.col = e->view};
    const XSet *set = x_set(e, x_got(e, from)[REC_ROWS]);
    TRY(wire_view(cx, p, n, set->type, set->ncol, &v));
    if (v.n > peer->row_end - peer->row)
        return fail(cx, E_INTERNAL, "rank %d sent too many rows", from);
    for (idx k = 0; k < set->ncol; k++)
        TRY(place_values(cx, e, set->col[k], from, &v.col[k], peer->row));
    peer->row += v.n;
    return OK;
}
