/* SPDX-License-Identifier: Apache-2.0
 * Numbering rows by their keys, and which rows repeat.
 */
#include "kernel/kernel.h"
#include "kernel/keytab.h"

/* Growing list of the first row of each key. */
typedef struct Firsts {
    Buf *buf;
    idx *row;
} Firsts;

static Status firsts_room(Cx *cx, Firsts *f, idx n)
{
    size_t size = (size_t)n * sizeof *f->row;
    if (!f->buf) TRY(buf_new(cx, size, false, &f->buf));
    if (size > f->buf->size) TRY(buf_grow(cx, &f->buf, 2 * size));
    f->row = (idx *)(void *)f->buf->data;
    return OK;
}

static Status number_rows(Cx *cx, KeyTab *t, const Table *keys, idx *codes, Firsts *f)
{
    KeyBatch b;
    uint32_t id[BATCH];
    TRY(keytab_prepare(cx, t, keys));
    for (idx at = 0; at < keys->n; at += BATCH) {
        idx n = idx_min(BATCH, keys->n - at), next = keytab_count(t);
        TRY(keytab_encode(cx, t, keys, at, n, NULL, &b));
        TRY(keytab_add(cx, t, b.word, b.n, id));
        TRY(firsts_room(cx, f, keytab_count(t)));
        if (!b.all)
            for (idx i = 0; i < n; i++)
                codes[at + i] = -1;
        for (idx i = 0; i < b.n; i++) {
            idx row = at + (b.all ? i : b.row[i]);
            codes[row] = id[i];
            if (id[i] == next) f->row[next++] = row;
        }
        TRY(cx_check(cx));
    }
    return OK;
}

Status group_codes(Cx *cx, const Table *keys, bool dropna, idx **codes, idx *ngroup,
                   idx **first)
{
    KeyTab *t = NULL;
    Firsts f = {0};
    *codes = *first = NULL;
    *ngroup = 0;
    Status st = keytab_new(cx, keys, dropna, 0, &t);
    if (!st) st = mem_new(cx, keys->n, sizeof **codes, false, codes);
    if (!st) st = number_rows(cx, t, keys, *codes, &f);
    if (!st) st = mem_new(cx, keytab_count(t), sizeof **first, false, first);
    if (!st) {
        *ngroup = keytab_count(t);
        if (*ngroup && f.row) memcpy(*first, f.row, (size_t)*ngroup * sizeof **first);
    } else {
        mem_free(*codes);
        *codes = NULL;
    }
    buf_unref(f.buf);
    keytab_free(t);
    return st;
}

/* One byte for each key: how often it has been seen, up to twice. */
static Status mark_unique(Cx *cx, KeyTab *t, const Table *keys, uint8_t *keep)
{
    Buf *id_buf = NULL, *seen_buf = NULL;
    KeyBatch b;
    Status st = buf_new(cx, (size_t)keys->n * sizeof(uint32_t), false, &id_buf);
    uint32_t *id = st ? NULL : (uint32_t *)(void *)id_buf->data;
    for (idx at = 0; at < keys->n && !st; at += BATCH) {
        idx n = idx_min(BATCH, keys->n - at);
        st = keytab_encode(cx, t, keys, at, n, NULL, &b);
        if (!st) st = keytab_add(cx, t, b.word, b.n, id + at);
        if (!st) st = cx_check(cx);
    }
    if (!st) st = buf_new(cx, (size_t)keytab_count(t), true, &seen_buf);
    if (!st) {
        uint8_t *seen = seen_buf->data;
        for (idx i = 0; i < keys->n; i++)
            seen[id[i]] = seen[id[i]] ? 2 : 1;
        for (idx i = 0; i < keys->n; i++)
            keep[i] = seen[id[i]] == 1;
    }
    buf_unref(id_buf);
    buf_unref(seen_buf);
    return st;
}

/* Batches from the front, or from the back to keep the last of each key. */
static Status mark_first(Cx *cx, KeyTab *t, const Table *keys, bool last, uint8_t *keep)
{
    KeyBatch b;
    uint32_t id[BATCH];
    for (idx done = 0; done < keys->n; done += BATCH) {
        idx n = idx_min(BATCH, keys->n - done);
        idx at = last ? keys->n - done - n : done, count = keytab_count(t);
        TRY(keytab_encode(cx, t, keys, at, n, NULL, &b));
        if (last) { /* rows of the batch from its end */
            idx w = keytab_words(t);
            for (idx i = 0, j = n - 1; i < j; i++, j--) {
                for (idx k = 0; k < w; k++) {
                    uint64_t x = b.word[i * w + k];
                    b.word[i * w + k] = b.word[j * w + k];
                    b.word[j * w + k] = x;
                }
            }
        }
        TRY(keytab_add(cx, t, b.word, b.n, id));
        for (idx i = 0; i < n; i++) {
            bool new = id[i] == count;
            count += new;
            keep[last ? at + n - 1 - i : at + i] = new;
        }
        TRY(cx_check(cx));
    }
    return OK;
}

Status drop_duplicates_mask(Cx *cx, const Table *keys, char keep, Array **mask)
{
    KeyTab *t = NULL;
    *mask = NULL;
    Status st = array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, keys->n, false, mask);
    if (!st) st = keytab_new(cx, keys, false, 0, &t);
    if (!st) st = keytab_prepare(cx, t, keys);
    if (!st)
        st = keep == 'n' ? mark_unique(cx, t, keys, (*mask)->data)
                         : mark_first(cx, t, keys, keep == 'l', (*mask)->data);
    keytab_free(t);
    if (st) {
        array_unref(*mask);
        *mask = NULL;
    }
    return st;
}
