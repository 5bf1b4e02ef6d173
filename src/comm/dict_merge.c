/* SPDX-License-Identifier: Apache-2.0
 * One dictionary from several. Ranks that read the same files often hold equal ones:
 * that is found by comparing bytes, and then no code changes. Else the entries go
 * through a hash table in order of source and code, so the result does not depend on
 * timing.
 */
#include "array/buf.h"
#include "base/hash.h"
#include "comm/comm_int.h"
#include "comm/wire.h"

typedef struct Merge {
    int32_t *slot; /* mask + 1 numbers of entries, -1: free */
    uint64_t mask;
    uint64_t *hash;       /* per entry of the result */
    const uint8_t **text; /* of each entry, in its source */
    int64_t *len;
    idx n;
    int64_t nbyte;
} Merge;

static bool dict_equal(const Array *a, const Array *b)
{
    if (a->n != b->n) return false;
    if (a->n == 0) return true;
    int64_t abase = a->off[0], bbase = b->off[0], diff = 0;
    for (idx i = 0; i <= a->n; i++)
        diff |= (a->off[i] - abase) ^ (b->off[i] - bbase);
    if (diff) return false;
    size_t nbyte = (size_t)(a->off[a->n] - abase);
    return nbyte == 0 || memcmp(a->bytes + abase, b->bytes + bbase, nbyte) == 0;
}

static Status merge_init(Cx *cx, Merge *m, idx total)
{
    uint64_t cap = 16;
    if (total > INT32_MAX)
        return fail(cx, E_OVERFLOW, "a merged dictionary of %lld entries",
                    (long long)total);
    while (cap < 2 * (uint64_t)total)
        cap *= 2;
    m->mask = cap - 1;
    TRY(mem_new(cx, (idx)cap, sizeof *m->slot, false, &m->slot));
    memset(m->slot, 0xff, cap * sizeof *m->slot);
    TRY(mem_new(cx, total, sizeof *m->hash, false, &m->hash));
    TRY(mem_new(cx, total, sizeof *m->text, false, &m->text));
    return mem_new(cx, total, sizeof *m->len, false, &m->len);
}

static void merge_clear(Merge *m)
{
    mem_free(m->slot);
    mem_free(m->hash);
    mem_free(m->text);
    mem_free(m->len);
}

/* Number of the entry with this text, added when it is new. */
static int32_t merge_add(Merge *m, const uint8_t *text, int64_t len)
{
    uint64_t h = hash_bytes(text, (size_t)len, 0);
    for (uint64_t at = h & m->mask;; at = (at + 1) & m->mask) {
        int32_t e = m->slot[at];
        if (e < 0) {
            m->slot[at] = (int32_t)m->n;
            m->hash[m->n] = h;
            m->text[m->n] = text;
            m->len[m->n] = len;
            m->nbyte += len;
            return (int32_t)m->n++;
        }
        if (m->hash[e] == h && m->len[e] == len &&
            (len == 0 || memcmp(m->text[e], text, (size_t)len) == 0))
            return e;
    }
}

static Status merge_result(Cx *cx, const Merge *m, Array **out)
{
    TRY(array_new_str(cx, m->n, m->nbyte, out));
    int64_t at = 0;
    for (idx i = 0; i < m->n; i++) {
        if (m->len[i]) memcpy((*out)->bytes + at, m->text[i], (size_t)m->len[i]);
        at += m->len[i];
        (*out)->off[i + 1] = at;
    }
    return OK;
}

static Status merge_all(Cx *cx, Merge *m, const Array *const *dict, int n,
                        int32_t **map, Array **out)
{
    idx total = 0;
    for (int k = 0; k < n; k++)
        total += dict[k] ? dict[k]->n : 0;
    TRY(merge_init(cx, m, total));
    for (int k = 0; k < n; k++) {
        const Array *d = dict[k];
        if (!d || d->n == 0) continue;
        TRY(mem_new(cx, d->n, sizeof **map, false, &map[k]));
        for (idx i = 0; i < d->n; i++)
            map[k][i] = merge_add(m, d->bytes + d->off[i], d->off[i + 1] - d->off[i]);
    }
    return merge_result(cx, m, out);
}

Status dict_merge(Cx *cx, const Array *const *dict, int n, Array *own, int32_t **map,
                  Array **out)
{
    const Array *first = NULL;
    bool equal = true;
    Merge m = {0};
    *out = NULL;
    for (int k = 0; k < n; k++) {
        if (!dict[k]) continue;
        if (!first) first = dict[k];
        equal = equal && dict_equal(first, dict[k]);
    }
    if (!first) return array_new_str(cx, 0, 0, out);
    if (equal && own && dict_equal(first, own)) {
        *out = array_ref(own);
        return OK;
    }
    if (equal) return wire_text_copy(cx, first, out);
    Status st = merge_all(cx, &m, dict, n, map, out);
    merge_clear(&m);
    return st;
}
