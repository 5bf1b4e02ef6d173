/* SPDX-License-Identifier: Apache-2.0
 * The index of a key table. Three forms: a plain array when the words need few bits; a
 * hash table whose slots hold the whole word when it has at most 32 bits; a hash table
 * whose slots hold 32 bits of the hash, with the words compared in the list of keys.
 * Linear probing, at most half full, eight bytes a slot. Lookups go in blocks: hash all
 * and prefetch their slots, then resolve, so that cache misses overlap.
 *
 * The place of a key is its hash's (or word's) high bits. So keys of one partition
 * (keytab_part) lie next to one another, and a partition at a time stays in the cache.
 */
#include "kernel/keytab_int.h"

enum {
    MIN_LOG = 12,      /* slots of a small hash table */
    DENSE_MIN = 12,    /* a dense table of this many bits is always taken */
    DENSE_MAX = 26,    /* and never of more than this many */
    BLOCK = 256,       /* keys looked up together */
    BIG_LOG = 15,      /* tables of more slots are prefetched */
    QUICK_GROWTH = 20, /* below this log, tables grow by four */
};

/* -- Hashing ------------------------------------------------------------------- */

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint64_t hash_word(uint64_t w)
{
    return fold(w ^ 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u);
}

static inline uint64_t hash_key(const uint64_t *k, idx nword)
{
    uint64_t h = hash_word(k[0]);
    for (idx i = 1; i < nword; i++)
        h = fold(h ^ k[i] ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu);
    return h;
}

static inline bool key_equal(const uint64_t *a, const uint64_t *b, idx nword)
{
    uint64_t diff = 0;
    for (idx i = 0; i < nword; i++)
        diff |= a[i] ^ b[i];
    return diff == 0;
}

/* -- Making -------------------------------------------------------------------- */

static Status col_init(Cx *cx, KeyCol *c, const Array *proto)
{
    *c = (KeyCol){.dt = proto->dt,
                  .null = proto->null,
                  .unit = proto->unit,
                  .promoted = proto->promoted,
                  .tz = proto->tz,
                  .cats = array_ref(proto->cats),
                  .ordered = proto->ordered};
    return c->dt == DT_STR ? strtab_new(cx, &c->str) : OK;
}

static Status tab_init(Cx *cx, KeyTab *t, const Table *proto)
{
    TRY(mem_new(cx, proto->ncol, sizeof *t->col, true, &t->col));
    for (; t->ncol < proto->ncol; t->ncol++)
        TRY(col_init(cx, &t->col[t->ncol], proto->col[t->ncol]));
    t->nword = 1;
    t->cap = (idx)2 * BATCH;
    TRY(buf_new(cx, (size_t)t->cap * sizeof *t->key, false, &t->key_buf));
    t->key = (uint64_t *)(void *)t->key_buf->data;
    return OK;
}

Status keytab_new(Cx *cx, const Table *proto, bool drop, idx hint, KeyTab **out)
{
    KeyTab *t;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *t, true, &t));
    t->drop = drop;
    t->hint = hint;
    Status st = tab_init(cx, t, proto);
    if (st)
        keytab_free(t);
    else
        *out = t;
    return st;
}

void keytab_free(KeyTab *t)
{
    if (!t) return;
    for (idx i = 0; i < t->ncol; i++) {
        strtab_free(t->col[i].str);
        array_unref(t->col[i].dict);
        array_unref(t->col[i].cats);
        buf_unref(t->col[i].map_buf);
    }
    buf_unref(t->key_buf);
    buf_unref(t->index_buf);
    buf_unref(t->word_buf);
    mem_free(t->col);
    mem_free(t);
}

idx keytab_count(const KeyTab *t)
{
    return t->count;
}

idx keytab_words(const KeyTab *t)
{
    return t->nword;
}

idx keytab_layouts(const KeyTab *t)
{
    return t->layouts;
}

void keytab_expect(KeyTab *t, idx hint)
{
    t->hint = hint;
}

size_t keytab_bytes(const KeyTab *t)
{
    size_t index = t->mode == KEY_DENSE ? sizeof *t->dense : sizeof *t->slot;
    return (index << t->log) + (size_t)(t->count * t->nword) * sizeof *t->key;
}

/* -- The index ----------------------------------------------------------------- */

static KeyMode choose_mode(const KeyTab *t)
{
    idx expect = idx_max(t->rows, t->hint) + t->count;
    if (t->nword == 1 && t->bits <= DENSE_MAX &&
        (t->bits <= DENSE_MIN || (idx)1 << t->bits <= 4 * expect))
        return KEY_DENSE;
    return t->nword == 1 && t->bits <= 32 ? KEY_EXACT : KEY_HASH;
}

static inline uint64_t tag_of(const KeyTab *t, const uint64_t *k, uint64_t hash)
{
    return (uint32_t)(t->mode == KEY_EXACT ? k[0] : hash);
}

/* A hash index of 2^log slots over all keys, which are known to differ. */
static Status hash_index(Cx *cx, KeyTab *t, int log)
{
    Buf *b;
    if (log > 40) return fail(cx, E_OVERFLOW, "too many keys on one rank");
    TRY(buf_new(cx, sizeof *t->slot << log, true, &b));
    uint64_t *slot = (uint64_t *)(void *)b->data, mask = ((uint64_t)1 << log) - 1;
    uint64_t hash[BLOCK];
    for (idx at = 0; at < t->count; at += BLOCK) {
        idx n = idx_min(BLOCK, t->count - at);
        const uint64_t *k = t->key + at * t->nword;
        for (idx i = 0; i < n; i++) {
            hash[i] = hash_key(k + i * t->nword, t->nword);
            __builtin_prefetch(&slot[hash[i] >> (64 - log)], 1);
        }
        for (idx i = 0; i < n; i++) {
            uint64_t p = hash[i] >> (64 - log);
            while (slot[p])
                p = (p + 1) & mask;
            slot[p] =
                (uint64_t)(at + i + 1) << 32 | tag_of(t, k + i * t->nword, hash[i]);
        }
    }
    buf_unref(t->index_buf);
    t->index_buf = b;
    t->slot = slot;
    t->dense = NULL;
    t->log = log;
    return OK;
}

static Status dense_index(Cx *cx, KeyTab *t)
{
    Buf *b;
    TRY(buf_new(cx, sizeof *t->dense << t->bits, true, &b));
    buf_unref(t->index_buf);
    t->index_buf = b;
    t->dense = (uint32_t *)(void *)b->data;
    t->slot = NULL;
    t->log = t->bits;
    for (idx i = 0; i < t->count; i++)
        t->dense[t->key[i]] = (uint32_t)(i + 1);
    return OK;
}

Status keytab_index(Cx *cx, KeyTab *t)
{
    t->mode = choose_mode(t);
    if (t->mode == KEY_DENSE) return dense_index(cx, t);
    int log = MIN_LOG;
    while ((idx)1 << log < 2 * (idx_max(t->count, t->hint) + BATCH))
        log++;
    return hash_index(cx, t, log);
}

/* Room for n more keys, in the list and in the index. */
static Status reserve(Cx *cx, KeyTab *t, idx n)
{
    idx want = t->count + n;
    if (want >= KEY_NONE)
        return fail(cx, E_OVERFLOW, "more than 4e9 different keys on one rank");
    if (want > t->cap) {
        idx cap = idx_max(want, t->cap + t->cap / 2);
        size_t size;
        if (__builtin_mul_overflow((size_t)cap, (size_t)t->nword * sizeof *t->key,
                                   &size))
            return fail(cx, E_OVERFLOW, "too many keys on one rank");
        TRY(buf_grow(cx, &t->key_buf, size));
        t->key = (uint64_t *)(void *)t->key_buf->data;
        t->cap = cap;
    }
    if (t->mode == KEY_DENSE || 2 * want <= (idx)1 << t->log) return OK;
    int log = t->log + (t->log < QUICK_GROWTH ? 2 : 1);
    while ((idx)1 << log < 2 * want)
        log++;
    return hash_index(cx, t, log);
}

void keytab_part(const KeyTab *t, const uint64_t *word, idx n, int bits, uint32_t *part)
{
    if (t->mode == KEY_DENSE) {
        int down = t->bits > bits ? t->bits - bits : 0;
        for (idx i = 0; i < n; i++)
            part[i] = (uint32_t)(word[i] >> down);
    } else if (t->nword == 1) {
        for (idx i = 0; i < n; i++)
            part[i] = (uint32_t)(hash_word(word[i]) >> (64 - bits));
    } else {
        for (idx i = 0; i < n; i++)
            part[i] =
                (uint32_t)(hash_key(word + i * t->nword, t->nword) >> (64 - bits));
    }
}

void keytab_part_counts(const KeyTab *t, int bits, idx *count)
{
    uint32_t part[BATCH];
    memset(count, 0, sizeof *count << bits);
    for (idx at = 0; at < t->count; at += BATCH) {
        idx n = idx_min(BATCH, t->count - at);
        keytab_part(t, t->key + at * t->nword, n, bits, part);
        for (idx i = 0; i < n; i++)
            count[part[i]]++;
    }
}

Status keytab_part_room(Cx *cx, KeyTab *t, int bits, idx n)
{
    int log = t->log;
    if (t->mode == KEY_DENSE) return OK;
    while ((idx)1 << log < (2 * n) << bits)
        log++;
    return log > t->log ? hash_index(cx, t, log) : OK;
}

/* -- Lookup -------------------------------------------------------------------- */

/* The loops below are inlined with constant mode, nword and add: one copy for each
 * case. */

static inline uint32_t append(KeyTab *t, const uint64_t *k, idx nword)
{
    uint64_t *to = t->key + t->count * nword;
    for (idx i = 0; i < nword; i++)
        to[i] = k[i];
    return (uint32_t)t->count++;
}

static inline void dense_block(KeyTab *t, const uint64_t *w, idx n, bool add,
                               uint32_t *id)
{
    uint32_t *dense = t->dense;
    if (t->log > BIG_LOG)
        for (idx i = 0; i < n; i++)
            __builtin_prefetch(&dense[w[i]]);
    for (idx i = 0; i < n; i++) {
        uint32_t d = dense[w[i]];
        if (UNLIKELY(d == 0) && add) {
            append(t, &w[i], 1);
            dense[w[i]] = d = (uint32_t)t->count;
        }
        id[i] = d - 1; /* not found: 0 - 1 is KEY_NONE */
    }
}

static inline uint32_t resolve(KeyTab *t, const uint64_t *k, idx nword, uint64_t hash,
                               bool exact, bool add)
{
    uint64_t *slot = t->slot, mask = ((uint64_t)1 << t->log) - 1;
    uint32_t tag = (uint32_t)(exact ? k[0] : hash);
    for (uint64_t p = hash >> (64 - t->log);; p = (p + 1) & mask) {
        uint64_t s = slot[p];
        uint32_t num = (uint32_t)(s >> 32);
        if (num == 0) {
            if (!add) return KEY_NONE;
            num = append(t, k, nword);
            slot[p] = (uint64_t)(num + 1) << 32 | tag;
            return num;
        }
        if ((uint32_t)s != tag) continue;
        if (exact || key_equal(t->key + (idx)(num - 1) * nword, k, nword))
            return num - 1;
    }
}

static inline void hash_block(KeyTab *t, const uint64_t *w, idx n, idx nword,
                              bool exact, bool add, uint32_t *id)
{
    uint64_t hash[BLOCK];
    bool big = t->log > BIG_LOG;
    for (idx i = 0; i < n; i++) {
        hash[i] = nword == 1 ? hash_word(w[i]) : hash_key(w + i * nword, nword);
        if (big) __builtin_prefetch(&t->slot[hash[i] >> (64 - t->log)]);
    }
    for (idx i = 0; i < n && big && !exact; i++) {
        uint64_t s = t->slot[hash[i] >> (64 - t->log)];
        if (s && (uint32_t)s == (uint32_t)hash[i])
            __builtin_prefetch(&t->key[(idx)((s >> 32) - 1) * nword]);
    }
    for (idx i = 0; i < n; i++)
        id[i] = resolve(t, w + i * nword, nword, hash[i], exact, add);
}

static inline void lookup(KeyTab *t, const uint64_t *w, idx n, bool add, uint32_t *id)
{
    for (idx at = 0; at < n; at += BLOCK) {
        idx m = idx_min(BLOCK, n - at);
        if (t->mode == KEY_DENSE)
            dense_block(t, w + at, m, add, id + at);
        else if (t->mode == KEY_EXACT)
            hash_block(t, w + at, m, 1, true, add, id + at);
        else if (t->nword == 1)
            hash_block(t, w + at, m, 1, false, add, id + at);
        else if (t->nword == 2)
            hash_block(t, w + 2 * at, m, 2, false, add, id + at);
        else
            hash_block(t, w + t->nword * at, m, t->nword, false, add, id + at);
    }
}

Status keytab_add(Cx *cx, KeyTab *t, const uint64_t *word, idx n, uint32_t *id)
{
    TRY(reserve(cx, t, n));
    lookup(t, word, n, true, id);
    return OK;
}

/* -- Batches ------------------------------------------------------------------- */

/* Gives texts that have outgrown their bits more, with room for as many again. */
static Status widen_texts(Cx *cx, KeyTab *t, bool *relaid)
{
    KeyCol *old = NULL;
    *relaid = false;
    for (idx i = 0; i < t->ncol; i++) {
        KeyCol *c = &t->col[i];
        if (c->dt != DT_STR || strtab_count(c->str) <= (idx)1 << c->bits) continue;
        if (!old) {
            TRY(mem_new(cx, t->ncol, sizeof *old, false, &old));
            memcpy(old, t->col, (size_t)t->ncol * sizeof *old);
        }
        c->bits = (uint8_t)bit_width((uint64_t)(4 * strtab_count(c->str)));
    }
    if (!old) return OK;
    *relaid = true;
    Status st = keycol_layout(cx, t, old);
    mem_free(old);
    return st;
}

/* Moves the words of the rows kept to the front. */
static void compact(KeyTab *t, const uint8_t *keep, idx n, KeyBatch *b)
{
    idx k = 0;
    ASSERT(n <= BATCH);
    for (idx i = 0; i < n; i++) {
        b->row[k] = (uint16_t)i;
        k += keep[i];
    }
    b->n = k;
    if (t->nword == 1)
        for (idx i = 0; i < k; i++)
            t->word[i] = t->word[b->row[i]];
    else
        for (idx i = 0; i < k; i++)
            memmove(t->word + i * t->nword, t->word + b->row[i] * t->nword,
                    (size_t)t->nword * sizeof *t->word);
}

Status keytab_encode(Cx *cx, KeyTab *t, const Table *keys, idx start, idx n,
                     const uint8_t *sel, KeyBatch *b)
{
    uint8_t keep[BATCH];
    KeySpan s = {.start = start, .n = n, .add = true, .keep = keep};
    bool relaid = false;
    do {
        s.dropped = false;
        for (idx i = 0; i < n; i++)
            keep[i] = !sel || sel[i];
        for (idx i = 0; i < n && sel; i++)
            s.dropped |= !keep[i];
        TRY(keycol_encode(cx, t, keys, &s));
        TRY(widen_texts(cx, t, &relaid));
    } while (relaid);
    b->n = n;
    b->all = !s.dropped;
    b->word = t->word;
    if (s.dropped) compact(t, keep, n, b);
    return OK;
}

Status keytab_find(Cx *cx, KeyTab *t, const Table *keys, idx start, idx n, uint32_t *id)
{
    uint8_t keep[BATCH];
    KeySpan s = {.start = start, .n = n, .keep = keep};
    for (idx c = 0; c < t->ncol; c++)
        TRY(keycol_check(cx, &t->col[c], keys->col[c]));
    if (!t->index_buf) { /* nothing was ever added */
        for (idx i = 0; i < n; i++)
            id[i] = KEY_NONE;
        return OK;
    }
    memset(keep, 1, sizeof keep);
    TRY(keycol_encode(cx, t, keys, &s));
    if (!s.dropped) {
        lookup(t, t->word, n, false, id);
        return OK;
    }
    KeyBatch b = {.n = 0};
    uint32_t found[BATCH];
    compact(t, keep, n, &b);
    lookup(t, t->word, b.n, false, found);
    for (idx i = 0; i < n; i++)
        id[i] = KEY_NONE;
    for (idx i = 0; i < b.n; i++)
        id[b.row[i]] = found[i];
    return OK;
}
