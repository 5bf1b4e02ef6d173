/* SPDX-License-Identifier: Apache-2.0
 * 64-bit hashes of rows, for choosing a rank: a batch at a time, column by column.
 * Equal keys hash equally whatever the width of an integer, the layout of a string or
 * the size of a float, so both sides of a join agree. Entries of a dictionary are
 * hashed once, unless it has more entries than there are rows.
 */
#include "base/hash.h"
#include "kernel/kernel.h"
#include "kernel/scratch.h"
#include "kernel/words.h"

#define HASH_MISSING 0x6d697373696e6721u /* word that stands for a missing key */
#define HASH_SEED    0x2545f4914f6cdd1du

/* Words of a string column: hashes of the texts. entry: of the dictionary, or NULL. */
static void str_words(const Array *a, const uint64_t *entry, idx start, idx n,
                      uint64_t *w, uint8_t *miss)
{
    bool any = words_missing_bits(a, start, n, miss);
    if (entry) {
        const int32_t *code = (const int32_t *)a->data + start;
        for (idx i = 0; i < n; i++)
            w[i] = entry[code[i]];
    } else {
        for (idx i = 0; i < n; i++) {
            idx len;
            const uint8_t *s = array_str(a, start + i, &len);
            w[i] = hash_bytes(s, (size_t)len, 0);
        }
    }
    for (idx i = 0; i < n && any; i++)
        w[i] = miss[i] ? HASH_MISSING : w[i];
}

static void fixed_words(const Array *a, idx start, idx n, uint64_t *w, uint8_t *miss)
{
    bool any = words_read(a, start, n, w, miss);
    for (idx i = 0; i < n && a->dt == DT_F32; i++) {
        float x;
        uint32_t u = (uint32_t)w[i];
        memcpy(&x, &u, sizeof x);
        double wide = (double)x;
        memcpy(&w[i], &wide, sizeof wide);
    }
    for (idx i = 0; i < n && any; i++)
        w[i] = miss[i] ? HASH_MISSING : w[i];
}

static Status dict_hashes(Cx *cx, Scratch *s, const Array *a, uint64_t **entry)
{
    const Array *d = a->dict;
    *entry = NULL;
    if (!d || d->n > a->n) return OK;
    TRY(scratch_new(cx, s, d->n, sizeof **entry, false, entry));
    for (idx i = 0; i < d->n; i++)
        (*entry)[i] =
            hash_bytes(d->bytes + d->off[i], (size_t)(d->off[i + 1] - d->off[i]), 0);
    return OK;
}

static Status hash_column(Cx *cx, const Array *a, bool first, uint64_t *out)
{
    Scratch s = {0};
    uint64_t w[BATCH], *entry = NULL;
    uint8_t miss[BATCH];
    Status st = OK;

    if (a->dt == DT_STR) st = dict_hashes(cx, &s, a, &entry);
    for (idx at = 0; at < a->n && !st; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        if (a->dt == DT_STR)
            str_words(a, entry, at, n, w, miss);
        else
            fixed_words(a, at, n, w, miss);
        uint64_t *h = out + at;
        if (first)
            for (idx i = 0; i < n; i++)
                h[i] = hash_mix(w[i] + HASH_SEED);
        else
            for (idx i = 0; i < n; i++)
                h[i] = hash_combine(h[i], w[i]);
        st = cx_check(cx);
    }
    scratch_clear(&s);
    return st;
}

Status hash_rows(Cx *cx, const Table *t, uint64_t *out)
{
    if (t->ncol == 0) memset(out, 0, (size_t)t->n * sizeof *out);
    for (idx c = 0; c < t->ncol; c++)
        TRY(hash_column(cx, t->col[c], c == 0, out));
    return OK;
}
