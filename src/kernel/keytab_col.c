/* SPDX-License-Identifier: Apache-2.0
 * Columns of keys to bits in words and back: ranges, layout, encoding, decoding.
 * Integers (times, dates, bools too) are stored relative to the smallest seen; floats
 * as their bits; texts as numbers of the column's StrTab, those of a dictionary looked
 * up once per entry. The layout gives each column whole bits in one word, first fit.
 */
#include "kernel/keytab_int.h"
#include "kernel/scratch.h"
#include <math.h>

#define TOP ((uint64_t)1 << 63)

static inline uint64_t low_bits(int bits)
{
    return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static inline bool col_is_int(const KeyCol *c)
{
    return c->dt != DT_STR && !dt_is_float(c->dt);
}

/* -- Ranges -------------------------------------------------------------------- */

/* For comparing words of a column: U64 words compare unsigned, all others signed. */
static inline uint64_t order_bias(const KeyCol *c)
{
    return c->dt == DT_U64 ? 0 : TOP;
}

/* Extends [*lo, *hi] by words, in biased order; miss may be NULL. */
static void widen(uint64_t *lo, uint64_t *hi, const uint64_t *w, const uint8_t *miss,
                  idx n, uint64_t bias)
{
    uint64_t a = *lo, b = *hi;
    if (miss) {
        for (idx i = 0; i < n; i++) {
            uint64_t x = w[i] ^ bias;
            if (miss[i]) continue;
            a = x < a ? x : a;
            b = x > b ? x : b;
        }
    } else {
        for (idx i = 0; i < n; i++) {
            uint64_t x = w[i] ^ bias;
            a = x < a ? x : a;
            b = x > b ? x : b;
        }
    }
    *lo = a;
    *hi = b;
}

/* Range of a's values beside that of c (in biased order); *miss: some are missing. */
static Status scan(Cx *cx, const KeyCol *c, const Array *a, uint64_t *lo, uint64_t *hi,
                   bool *missing)
{
    uint64_t w[BATCH], bias = order_bias(c);
    uint8_t miss[BATCH];
    *lo = c->seen ? c->lo ^ bias : UINT64_MAX;
    *hi = c->seen ? c->hi ^ bias : 0;
    for (idx at = 0; at < a->n; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        bool any;
        const uint64_t *v = words_view(a, at, n, w, miss, &any);
        *missing |= any;
        if (col_is_int(c)) widen(lo, hi, v, any ? miss : NULL, n, bias);
        TRY(cx_check(cx));
    }
    return OK;
}

/* Sets the range; a second change doubles it on the side that grew, so that ever
 * growing keys change the layout only now and then. */
static void set_range(KeyCol *c, uint64_t lo, uint64_t hi)
{
    uint64_t bias = order_bias(c);
    if (c->seen) {
        uint64_t was_lo = c->lo ^ bias, was_hi = c->hi ^ bias, room = hi - lo;
        if (lo < was_lo) lo = lo > room ? lo - room : 0;
        if (hi > was_hi) hi = hi < UINT64_MAX - room ? hi + room : UINT64_MAX;
    }
    c->seen = true;
    c->lo = lo ^ bias;
    c->hi = hi ^ bias;
}

Status keycol_check(Cx *cx, const KeyCol *c, const Array *a)
{
    bool a_int = a->dt != DT_STR && !dt_is_float(a->dt);
    if (c->dt == a->dt || (col_is_int(c) && a_int)) return OK;
    return fail(cx, E_TYPE, "keys of type %s cannot be matched with keys of type %s",
                dtype_info[c->dt].text, dtype_info[a->dt].text);
}

/* A dictionary's texts are at most as many as its entries. */
static uint8_t text_bits(const KeyCol *c, const Array *a, idx count)
{
    idx expect = a && a->dict ? count + idx_min(a->dict->n, a->n) : count + 200;
    if (c->bits && count <= (idx)low_bits(c->bits) && (!a || !a->dict)) return c->bits;
    int bits = bit_width((uint64_t)expect);
    return (uint8_t)(bits > c->bits ? bits : c->bits);
}

Status keytab_prepare(Cx *cx, KeyTab *t, const Table *keys)
{
    bool change = !t->index_buf;
    Scratch mem = {0};
    KeyCol *old = NULL;
    Status st = scratch_new(cx, &mem, t->ncol, sizeof *old, false, &old);
    if (!st && t->ncol) memcpy(old, t->col, (size_t)t->ncol * sizeof *old);
    t->rows = keys->n;
    for (idx i = 0; i < t->ncol && !st; i++) {
        KeyCol *c = &t->col[i];
        const Array *a = keys->col[i];
        uint64_t lo = 0, hi = 0;
        bool missing = false;
        st = keycol_check(cx, c, a);
        if (st) break;
        if (c->dt == DT_STR) {
            uint8_t bits = text_bits(c, a, strtab_count(c->str));
            change |= bits != c->bits;
            c->bits = bits;
            missing = a->valid != NULL;
        } else {
            st = scan(cx, c, a, &lo, &hi, &missing);
        }
        if (!st && col_is_int(c) && lo <= hi &&
            (!c->seen || hi - lo > low_bits(bit_width(c->hi - c->lo)) ||
             (lo ^ order_bias(c)) != c->lo)) {
            set_range(c, lo, hi);
            change = true;
        }
        if (missing && !t->drop && !c->flag) c->flag = change = true;
    }
    if (!st && change) st = keycol_layout(cx, t, old);
    scratch_clear(&mem);
    return st;
}

/* -- Layout -------------------------------------------------------------------- */

/* First word with room for bits bits. used: bits taken of each word. */
static void place(KeyTab *t, uint8_t *used, int bits, uint8_t *word, uint8_t *shift)
{
    idx w = 0;
    while (w < t->nword && used[w] + bits > 64)
        w++;
    if (w == t->nword) used[t->nword++] = 0;
    *word = (uint8_t)w;
    *shift = used[w];
    used[w] = (uint8_t)(used[w] + bits);
    t->bits += bits;
}

static Status place_all(Cx *cx, KeyTab *t)
{
    uint8_t used[256] = {0};
    if (t->ncol > 127) return fail(cx, E_OVERFLOW, "more than 127 key columns");
    t->nword = 1;
    t->bits = 0;
    for (idx i = 0; i < t->ncol; i++) {
        KeyCol *c = &t->col[i];
        if (col_is_int(c)) c->bits = (uint8_t)bit_width(c->seen ? c->hi - c->lo : 0);
        if (dt_is_float(c->dt)) c->bits = c->dt == DT_F32 ? 32 : 64;
        if (c->bits) place(t, used, c->bits, &c->word, &c->shift);
    }
    for (idx i = 0; i < t->ncol; i++) {
        KeyCol *c = &t->col[i];
        if (c->flag) place(t, used, 1, &c->flag_word, &c->flag_shift);
    }
    return OK;
}

static inline uint64_t get_field(const KeyCol *c, const uint64_t *key)
{
    return c->bits ? (key[c->word] >> c->shift) & low_bits(c->bits) : 0;
}

static inline bool get_flag(const KeyCol *c, const uint64_t *key)
{
    return c->flag && ((key[c->flag_word] >> c->flag_shift) & 1);
}

/* The keys so far, of layout old and old_nword words, in the new layout. */
static Status recode(Cx *cx, KeyTab *t, const KeyCol *old, idx old_nword)
{
    size_t size;
    Buf *b;
    if (__builtin_mul_overflow((size_t)t->cap, (size_t)t->nword * sizeof *t->key,
                               &size))
        return fail(cx, E_OVERFLOW, "too many keys");
    TRY(buf_new(cx, size, false, &b));
    uint64_t *to = (uint64_t *)(void *)b->data;
    memset(to, 0, (size_t)(t->count * t->nword) * sizeof *to);
    for (idx c = 0; c < t->ncol; c++) {
        const KeyCol *f = &old[c], *g = &t->col[c];
        for (idx i = 0; i < t->count; i++) {
            const uint64_t *k = t->key + i * old_nword;
            uint64_t *out = to + i * t->nword;
            if (get_flag(f, k))
                out[g->flag_word] |= (uint64_t)1 << g->flag_shift;
            else if (g->bits)
                out[g->word] |= (get_field(f, k) + f->lo - g->lo) << g->shift;
        }
    }
    buf_unref(t->key_buf);
    t->key_buf = b;
    t->key = to;
    return OK;
}

Status keycol_layout(Cx *cx, KeyTab *t, const KeyCol *old)
{
    idx old_nword = t->nword;
    Buf *b;
    t->layouts++;
    TRY(place_all(cx, t));
    TRY(recode(cx, t, old, old_nword));
    TRY(buf_new(cx, (size_t)(t->nword * BATCH) * sizeof *t->word, true, &b));
    buf_unref(t->word_buf);
    t->word_buf = b;
    t->word = (uint64_t *)(void *)b->data;
    return keytab_index(cx, t);
}

/* -- Encoding ------------------------------------------------------------------ */

/* The translation of a's dictionary, begun anew unless it is the one of the last batch.
 */
static Status map_of(Cx *cx, KeyCol *c, const Array *a, bool add)
{
    bool stale = !add && c->map_count != strtab_count(c->str);
    if (c->dict == a->dict && !stale) return OK;
    Buf *b;
    TRY(buf_new(cx, (size_t)a->dict->n * sizeof *c->map, true, &b));
    buf_unref(c->map_buf);
    array_unref(c->dict);
    c->map_buf = b;
    c->map = (uint32_t *)(void *)b->data;
    c->dict = array_ref(a->dict);
    c->map_count = strtab_count(c->str);
    return OK;
}

static COLD Status map_entry(Cx *cx, KeyCol *c, int32_t code, bool add)
{
    const Array *d = c->dict;
    uint32_t id;
    TRY(strtab_one(cx, c->str, d->bytes + d->off[code], d->off[code + 1] - d->off[code],
                   add, &id));
    c->map[code] = id == STR_ABSENT ? 1 : id + 2;
    return OK;
}

/* Numbers of the texts of a plain column. Absent ones are dropped. */
static Status read_plain(Cx *cx, KeyCol *c, const Array *a, KeySpan *s,
                         const uint8_t *skip, uint64_t *w)
{
    uint32_t id[BATCH];
    bool absent = false;
    TRY(strtab_rows(cx, c->str, a, s->start, s->n, skip, s->add, id));
    for (idx i = 0; i < s->n; i++) {
        absent |= id[i] == STR_ABSENT;
        w[i] = id[i];
    }
    for (idx i = 0; i < s->n && absent; i++)
        s->keep[i] &= id[i] != STR_ABSENT;
    s->dropped |= absent;
    return OK;
}

/* The same of a dictionary column. skip[i]: row i does not matter. */
static Status read_dict(Cx *cx, KeyCol *c, const Array *a, KeySpan *s,
                        const uint8_t *skip, uint64_t *w)
{
    TRY(map_of(cx, c, a, s->add));
    const int32_t *code = (const int32_t *)a->data + s->start;
    for (idx i = 0; i < s->n; i++) {
        uint32_t m = c->map[code[i]];
        if (LIKELY(m >= 2)) {
            w[i] = m - 2;
            continue;
        }
        w[i] = 0;
        if (skip && skip[i]) continue;
        if (m == 0 || s->add) TRY(map_entry(cx, c, code[i], s->add));
        m = c->map[code[i]];
        if (m == 1) {
            s->keep[i] = 0;
            s->dropped = true;
        } else {
            w[i] = m - 2;
        }
    }
    return OK;
}

/* ORs a column's values, less lo, into the words of the batch; store: nothing is there
 * yet. */
static void put_words(const KeyTab *t, const KeyCol *c, const uint64_t *w, uint64_t lo,
                      idx n, bool store)
{
    uint64_t *out = t->word + c->word;
    idx step = t->nword;
    if (c->bits == 0) return;
    if (step > 1)
        for (idx i = 0; i < n; i++)
            out[i * step] |= (w[i] - lo) << c->shift;
    else if (store)
        for (idx i = 0; i < n; i++)
            out[i] = w[i] - lo;
    else
        for (idx i = 0; i < n; i++)
            out[i] |= (w[i] - lo) << c->shift;
}

/* Whether a batch can go from the column to the words with no pass between. */
static bool is_simple(const KeyCol *c, const Array *a, bool add, bool dropped)
{
    return add && !dropped && col_is_int(c) && !a->valid && !dt_is_time(a->dt);
}

/* What is known of one column of the batch while it is encoded. */
typedef struct ColBatch {
    uint64_t w[BATCH];
    uint8_t miss[BATCH], skip[BATCH];
    bool any; /* miss is set */
} ColBatch;

static Status encode_text(Cx *cx, KeyCol *c, const Array *a, KeySpan *s, ColBatch *b)
{
    const uint8_t *skip = NULL;
    b->any = words_missing_bits(a, s->start, s->n, b->miss);
    if (b->any || s->dropped) {
        for (idx i = 0; i < s->n; i++)
            b->skip[i] = !s->keep[i] || (b->any && b->miss[i]);
        skip = b->skip;
    }
    if (a->dict)
        TRY(read_dict(cx, c, a, s, skip, b->w));
    else
        TRY(read_plain(cx, c, a, s, skip, b->w));
    for (idx i = 0; i < s->n && skip; i++)
        b->w[i] = skip[i] ? 0 : b->w[i];
    return OK;
}

/* Probing: values the table cannot hold are not in it. */
static void drop_outside(const KeyCol *c, const Array *a, const ColBatch *b, KeySpan *s)
{
    uint64_t mask = low_bits(c->bits), out = 0;
    bool mixed =
        (c->dt == DT_U64) != (a->dt == DT_U64); /* only values < 2^63 are alike */
    for (idx i = 0; i < s->n; i++) {
        uint64_t x = b->w[i], bad = (x & ~mask) | (mixed ? (x + c->lo) & TOP : 0);
        if (!c->seen) bad = 1;
        if (b->any && b->miss[i]) bad = 0;
        out |= bad;
        s->keep[i] &= bad == 0;
    }
    s->dropped |= out != 0;
}

static void encode_fixed(const KeyCol *c, const Array *a, KeySpan *s, ColBatch *b)
{
    b->any = words_read(a, s->start, s->n, b->w, b->miss);
    if (!col_is_int(c)) return;
    for (idx i = 0; i < s->n; i++)
        b->w[i] -= c->lo;
    if (!s->add) drop_outside(c, a, b, s);
    for (idx i = 0; i < s->n && b->any; i++)
        b->w[i] = b->miss[i] ? 0 : b->w[i];
    for (idx i = 0; i < s->n && s->dropped; i++)
        b->w[i] = s->keep[i] ? b->w[i] : 0;
}

/* Missing values: the flag, or out with their rows. */
static void put_missing(const KeyTab *t, const KeyCol *c, const uint8_t *miss,
                        KeySpan *s)
{
    if (c->flag && !t->drop) {
        uint64_t *out = t->word + c->flag_word;
        for (idx i = 0; i < s->n; i++)
            out[i * t->nword] |= (uint64_t)miss[i] << c->flag_shift;
        return;
    }
    for (idx i = 0; i < s->n; i++)
        s->keep[i] &= !miss[i];
    s->dropped = true;
}

Status keycol_encode(Cx *cx, KeyTab *t, const Table *keys, KeySpan *s)
{
    ColBatch b;
    bool stored = t->nword == 1 && t->ncol > 0 && t->col[0].bits > 0; /* by column 0 */
    if (!stored) memset(t->word, 0, (size_t)(s->n * t->nword) * sizeof *t->word);
    for (idx i = 0; i < t->ncol; i++) {
        KeyCol *c = &t->col[i];
        const Array *a = keys->col[i];
        if (is_simple(c, a, s->add, s->dropped)) {
            const uint64_t *w = words_view(a, s->start, s->n, b.w, b.miss, &b.any);
            put_words(t, c, w, c->lo, s->n, stored && i == 0);
            continue;
        }
        if (c->dt == DT_STR)
            TRY(encode_text(cx, c, a, s, &b));
        else
            encode_fixed(c, a, s, &b);
        put_words(t, c, b.w, 0, s->n, stored && i == 0);
        if (b.any) put_missing(t, c, b.miss, s);
    }
    return OK;
}

/* -- Decoding ------------------------------------------------------------------ */

static Status decode_plain_text(Cx *cx, const KeyTab *t, const KeyCol *c, Array **out)
{
    idx total = 0, len;
    for (idx i = 0; i < t->count; i++) {
        const uint64_t *k = t->key + i * t->nword;
        if (get_flag(c, k)) continue;
        strtab_text(c->str, (idx)get_field(c, k), &len);
        if (__builtin_add_overflow(total, len, &total))
            return fail(cx, E_OVERFLOW, "the texts of the keys are too long");
    }
    TRY(array_new_str(cx, t->count, total, out));
    Array *a = *out;
    for (idx i = 0, at = 0; i < t->count; i++) {
        const uint64_t *k = t->key + i * t->nword;
        if (!get_flag(c, k)) {
            const uint8_t *s = strtab_text(c->str, (idx)get_field(c, k), &len);
            if (len) memcpy(a->bytes + at, s, (size_t)len);
            at += len;
        }
        a->off[i + 1] = at;
    }
    return OK;
}

static Status decode_dict(Cx *cx, const KeyTab *t, const KeyCol *c, Array **out)
{
    Array *dict;
    TRY(strtab_array(cx, c->str, &dict));
    Status st = array_new_dict(cx, t->count, dict, out);
    array_unref(dict);
    TRY(st);
    int32_t *code = (*out)->data;
    for (idx i = 0; i < t->count; i++)
        code[i] = (int32_t)get_field(c, t->key + i * t->nword);
    return OK;
}

/* Repeated texts come out as a dictionary. */
static Status decode_text(Cx *cx, const KeyTab *t, const KeyCol *c, Array **out)
{
    idx texts = strtab_count(c->str);
    if (texts <= t->count / 2 && texts <= INT32_MAX) return decode_dict(cx, t, c, out);
    return decode_plain_text(cx, t, c, out);
}

static Status decode_fixed(Cx *cx, const KeyTab *t, const KeyCol *c, Array **out)
{
    TRY(array_new(cx, c->dt, c->null, c->unit, t->count, false, out));
    uint8_t *to = (*out)->data;
    size_t width = dtype_info[c->dt].bytes;
    uint64_t base = col_is_int(c) ? c->lo : 0, missing = 0;
    float nan32 = NAN;
    double nan64 = (double)NAN;

    if (dt_is_time(c->dt) && c->null != NULL_MASK) missing = (uint64_t)NAT;
    if (c->dt == DT_F64 && c->null != NULL_MASK) memcpy(&missing, &nan64, 8);
    if (c->dt == DT_F32 && c->null != NULL_MASK) memcpy(&missing, &nan32, 4);
    for (idx i = 0; i < t->count; i++, to += width) {
        const uint64_t *k = t->key + i * t->nword;
        uint64_t v = get_flag(c, k) ? missing : get_field(c, k) + base;
        memcpy(to, &v, width); /* little-endian: the low bytes */
    }
    return OK;
}

static Status decode_column(Cx *cx, const KeyTab *t, const KeyCol *c, Array **out)
{
    TRY(c->dt == DT_STR ? decode_text(cx, t, c, out) : decode_fixed(cx, t, c, out));
    Array *a = *out;
    a->null = c->null;
    a->promoted = c->promoted;
    a->tz = c->tz;
    if (c->cats) array_set_cats(a, &(Array){.cats = c->cats, .ordered = c->ordered});
    if (!c->flag || (c->null != NULL_MASK && c->null != NULL_PROM)) return OK;
    for (idx i = 0; i < t->count; i++) {
        if (!get_flag(c, t->key + i * t->nword)) continue;
        TRY(array_add_valid(cx, a, true));
        bit_clear(a->valid, i);
        a->null_count = -1;
    }
    return OK;
}

Status keytab_decode(Cx *cx, const KeyTab *t, Table *out)
{
    TRY(table_init(cx, out, t->ncol, t->count));
    for (idx c = 0; c < t->ncol; c++) {
        Status st = decode_column(cx, t, &t->col[c], &out->col[c]);
        if (st) {
            table_clear(out);
            return st;
        }
    }
    return OK;
}
