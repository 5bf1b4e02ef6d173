/* SPDX-License-Identifier: Apache-2.0
 * Making normalised sort keys. Each fixed-width column is read twice: once for its
 * range, once to be packed; so keys of small range share a word, and radix passes over
 * what is equal in all rows never happen.
 */
#include "kernel/sort_key.h"
#include "kernel/strtab.h"
#include "kernel/words.h"

/* How one column becomes bits. */
typedef struct Field {
    const Array *a;       /* the column */
    const uint32_t *rank; /* dictionary column: order of each code */
    uint64_t lo, hi;      /* smallest and largest value, in unsigned order */
    bool nulls, asc;      /* some are missing; direction */
} Field;

/* Turns words of words_read into unsigned order. */
static void to_unsigned_order(DType dt, uint64_t *w, idx n)
{
    const uint64_t top = (uint64_t)1 << 63;
    if (dt == DT_F64) {
        for (idx i = 0; i < n; i++)
            w[i] = w[i] & top ? ~w[i] : w[i] | top;
    } else if (dt == DT_F32) {
        for (idx i = 0; i < n; i++)
            w[i] = w[i] & 0x80000000u ? ~w[i] & 0xffffffffu : w[i] | 0x80000000u;
    } else if (!dt_is_unsigned(dt)) {
        for (idx i = 0; i < n; i++)
            w[i] ^= top;
    }
}

static bool field_read(const Field *f, idx at, idx n, uint64_t *w, uint8_t *miss)
{
    if (!f->rank) {
        bool any = words_read(f->a, at, n, w, miss);
        to_unsigned_order(f->a->dt, w, n);
        return any;
    }
    const int32_t *code = (const int32_t *)f->a->data + at;
    for (idx i = 0; i < n; i++)
        w[i] = f->rank[code[i]];
    return words_missing_bits(f->a, at, n, miss);
}

/* Extends lo .. hi by the present words. */
static void widen(Field *f, const uint64_t *w, const uint8_t *miss, idx n)
{
    uint64_t lo = f->lo, hi = f->hi;
    for (idx i = 0; i < n; i++) {
        if (miss && miss[i]) continue;
        lo = w[i] < lo ? w[i] : lo;
        hi = w[i] > hi ? w[i] : hi;
    }
    f->lo = lo;
    f->hi = hi;
}

static Status field_range(Cx *cx, Field *f)
{
    uint64_t w[BATCH];
    uint8_t miss[BATCH];

    f->lo = UINT64_MAX;
    f->hi = 0;
    for (idx at = 0; at < f->a->n; at += BATCH) {
        idx n = idx_min(BATCH, f->a->n - at);
        bool any = field_read(f, at, n, w, miss);
        f->nulls |= any;
        if (any)
            widen(f, w, miss, n);
        else
            widen(f, w, NULL, n);
        TRY(cx_check(cx));
    }
    if (f->lo > f->hi) f->lo = f->hi = 0;
    return OK;
}

/* What field_pack appends: a null flag, values of vbits bits, or both. */
typedef struct Pack {
    bool flag, value;
    int vbits;
    uint64_t null_bits, present_bits; /* the flag in place, of missing and of others */
} Pack;

/* Words as read to the bits to append. */
static void pack_batch(const Field *f, const Pack *p, idx n, uint64_t *w,
                       const uint8_t *miss)
{
    if (!p->value)
        memset(w, 0, (size_t)n * sizeof *w);
    else if (f->asc)
        for (idx i = 0; i < n; i++)
            w[i] -= f->lo;
    else
        for (idx i = 0; i < n; i++)
            w[i] = f->hi - w[i];
    if (!miss) {
        for (idx i = 0; i < n && p->flag; i++)
            w[i] |= p->present_bits;
        return;
    }
    for (idx i = 0; i < n; i++)
        w[i] = miss[i] ? p->null_bits : w[i] | p->present_bits;
}

/* Appends bits of a column to the words: its null flags, its values, or both. */
static Status field_pack(Cx *cx, const Field *f, bool flag, bool value,
                         bool nulls_first, SortSeg *s)
{
    Pack p = {.flag = flag, .value = value};
    p.vbits = value ? bit_width(f->hi - f->lo) : 0;
    if (flag) {
        p.null_bits = (uint64_t)(nulls_first ? 0 : 1) << p.vbits;
        p.present_bits = (uint64_t)(nulls_first ? 1 : 0) << p.vbits;
    }
    int bits = p.vbits + flag;
    uint64_t w[BATCH];
    uint8_t miss[BATCH];

    for (idx at = 0; at < f->a->n; at += BATCH) {
        idx n = idx_min(BATCH, f->a->n - at);
        uint64_t *out = s->word + at;
        bool any = field_read(f, at, n, w, miss);
        pack_batch(f, &p, n, w, any ? miss : NULL);
        if (s->bits == 0)
            memcpy(out, w, (size_t)n * sizeof *w);
        else
            for (idx i = 0; i < n; i++)
                out[i] = out[i] << bits | w[i];
        TRY(cx_check(cx));
    }
    s->bits += bits;
    return OK;
}

/* The word segment that has room for bits more: the last one, or a new one. */
static Status word_seg(Cx *cx, SortKey *k, int bits, SortSeg **out)
{
    ASSERT(k->seg);
    SortSeg *s = k->nseg ? &k->seg[k->nseg - 1] : NULL;
    if (!s || !s->word || s->bits + bits > 64) {
        s = &k->seg[k->nseg];
        *s = (SortSeg){.asc = true};
        TRY(scratch_new(cx, &k->mem, k->n, sizeof(uint64_t), false, &s->word));
        k->nseg++;
    }
    *out = s;
    return OK;
}

static Status add_words(Cx *cx, SortKey *k, const Array *a, const uint32_t *rank,
                        bool asc)
{
    Field f = {.a = a, .rank = rank, .asc = asc};
    SortSeg *s = NULL;
    TRY(field_range(cx, &f));
    int bits = bit_width(f.hi - f.lo);
    if (bits + f.nulls == 0) return OK;
    if (bits + f.nulls > 64) { /* the flag needs a word before the values */
        TRY(word_seg(cx, k, 1, &s));
        ASSERT(s && s->word);
        TRY(field_pack(cx, &f, true, false, k->nulls_first, s));
        TRY(word_seg(cx, k, bits, &s));
        ASSERT(s && s->word);
        return field_pack(cx, &f, false, true, k->nulls_first, s);
    }
    TRY(word_seg(cx, k, bits + f.nulls, &s));
    ASSERT(s && s->word);
    return field_pack(cx, &f, f.nulls, true, k->nulls_first, s);
}

static int text_cmp(const Array *a, idx i, const Array *b, idx j)
{
    idx n, m;
    const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &m);
    int c = memcmp(s, t, (size_t)idx_min(n, m));
    return c ? c : (n > m) - (n < m);
}

/* Order of each dictionary entry; equal entries share one. */
static Status dict_ranks(Cx *cx, Scratch *mem, Array *dict, uint32_t **rank)
{
    const bool asc = true;
    Table t = {.n = dict->n, .ncol = 1, .col = &dict};
    idx *perm;
    if (dict->n > INT32_MAX) return fail(cx, E_OVERFLOW, "the dictionary is too large");
    TRY(scratch_new(cx, mem, dict->n, sizeof **rank, true, rank));
    TRY(sort_perm(cx, &t, &asc, false, &perm));
    ASSERT(*rank && perm);
    uint32_t r = 0;
    for (idx i = 0; i < dict->n; i++) {
        if (i > 0 && text_cmp(dict, perm[i - 1], dict, perm[i]) != 0) r++;
        (*rank)[perm[i]] = r;
    }
    mem_free(perm);
    return OK;
}

/* -- Plain texts that repeat ------------------------------------------------------
 * Sorting numbers is several times faster than sorting texts; finding out which texts
 * there are costs less than the difference when they are few. */

enum {
    CODE_ROWS = 20000,   /* columns of fewer rows are sorted as they are */
    CODE_SAMPLE = 65536, /* rows after which a tenth must have been repeats */
};

/* Numbers of a's texts; *few false: there are too many, give up. */
static Status number_texts(Cx *cx, StrTab *t, const Array *a, uint32_t *id, bool *few)
{
    uint8_t miss[BATCH];
    *few = true;
    for (idx at = 0; at < a->n && *few; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        bool any = words_missing_bits(a, at, n, miss);
        TRY(strtab_rows(cx, t, a, at, n, any ? miss : NULL, true, id + at));
        idx count = strtab_count(t), rows = at + n;
        *few = count <= a->n / 8 && (rows < CODE_SAMPLE || count <= rows - rows / 10);
        TRY(cx_check(cx));
    }
    return OK;
}

/* a as a dictionary column, or NULL when its texts hardly repeat. */
static Status as_dict(Cx *cx, const Array *a, Array **out)
{
    StrTab *t = NULL;
    Array *dict = NULL;
    Scratch mem = {0};
    uint32_t *id = NULL;
    bool few = false;
    *out = NULL;
    Status st = strtab_new(cx, &t);
    if (!st) st = scratch_new(cx, &mem, a->n, sizeof *id, false, &id);
    if (!st) st = number_texts(cx, t, a, id, &few);
    if (!st && few) st = strtab_array(cx, t, &dict);
    if (!st && few) st = array_new_dict(cx, a->n, dict, out);
    if (!st && few) {
        memcpy((*out)->data, id, (size_t)a->n * sizeof *id);
        st = array_set_valid(cx, *out, a);
    }
    if (st) {
        array_unref(*out);
        *out = NULL;
    }
    array_unref(dict);
    strtab_free(t);
    scratch_clear(&mem);
    return st;
}

static Status add_dict(Cx *cx, SortKey *k, const Array *a, bool asc)
{
    Scratch mem = {0};
    uint32_t *rank = NULL;
    Status st = dict_ranks(cx, &mem, a->dict, &rank);
    if (!st) st = add_words(cx, k, a, rank, asc);
    scratch_clear(&mem);
    return st;
}

static Status add_text(Cx *cx, SortKey *k, const Array *a, bool asc)
{
    if (a->dict && a->dict->n <= a->n) return add_dict(cx, k, a, asc);
    if (!a->dict && a->n >= CODE_ROWS) {
        Array *coded;
        TRY(as_dict(cx, a, &coded));
        if (coded) {
            Status st = add_dict(cx, k, coded, asc);
            array_unref(coded);
            return st;
        }
    }
    SortSeg *s = &k->seg[k->nseg];
    *s = (SortSeg){.text = a, .asc = asc};
    TRY(scratch_new(cx, &k->mem, k->n, sizeof *s->first, false, &s->first));
    for (idx i = 0; i < k->n; i++) {
        if (i % BATCH == 0) TRY(cx_check(cx));
        s->first[i] = sort_text_word(k, s, i, 0);
    }
    k->nseg++;
    return OK;
}

Status sort_key_init(Cx *cx, SortKey *k, const Table *keys, const bool *asc,
                     bool nulls_first)
{
    *k = (SortKey){.n = keys->n, .nulls_first = nulls_first};
    TRY(scratch_new(cx, &k->mem, 2 * keys->ncol, sizeof *k->seg, true, &k->seg));
    for (idx c = 0; c < keys->ncol; c++) {
        const Array *a = keys->col[c];
        if (a->dt == DT_STR)
            TRY(add_text(cx, k, a, asc[c]));
        else
            TRY(add_words(cx, k, a, NULL, asc[c]));
    }
    return OK;
}

void sort_key_clear(SortKey *k)
{
    scratch_clear(&k->mem);
}

uint64_t sort_text_word(const SortKey *k, const SortSeg *s, idx i, idx depth)
{
    if (!array_bit(s->text, i)) return k->nulls_first ? 0 : UINT64_MAX;
    idx n;
    const uint8_t *p = array_str(s->text, i, &n);
    idx left = n > depth ? n - depth : 0, take = idx_min(left, 7);
    uint64_t w = 0;
    if (left >= 8) {
        memcpy(&w, p + depth, 8);
        w = __builtin_bswap64(w) & ~(uint64_t)0xff;
    } else {
        for (idx b = 0; b < take; b++)
            w |= (uint64_t)p[depth + b] << (56 - 8 * b);
    }
    w |= (uint64_t)idx_min(left, 8) + 1;
    return s->asc ? w : ~w;
}

static int seg_text_cmp(const SortKey *k, const SortSeg *s, idx depth, idx i, idx j)
{
    bool a = array_bit(s->text, i), b = array_bit(s->text, j);
    if (!a || !b) {
        if (a == b) return 0;
        return (a == k->nulls_first) ? 1 : -1;
    }
    idx n, m;
    const uint8_t *p = array_str(s->text, i, &n), *q = array_str(s->text, j, &m);
    idx skip = idx_min(depth, idx_min(n, m));
    int c = memcmp(p + skip, q + skip, (size_t)(idx_min(n, m) - skip));
    if (c == 0) c = (n > m) - (n < m);
    return s->asc ? c : -c;
}

int sort_key_cmp(const SortKey *k, int seg, idx depth, idx i, idx j)
{
    for (; seg < k->nseg; seg++, depth = 0) {
        const SortSeg *s = &k->seg[seg];
        if (s->word) {
            uint64_t a = s->word[i], b = s->word[j];
            if (a != b) return a < b ? -1 : 1;
        } else {
            if (depth == 0 && s->first[i] != s->first[j])
                return s->first[i] < s->first[j] ? -1 : 1;
            if (depth == 0 && sort_text_ends(s, s->first[i])) continue;
            int c = seg_text_cmp(k, s, depth, i, j);
            if (c) return c;
        }
    }
    return 0;
}
