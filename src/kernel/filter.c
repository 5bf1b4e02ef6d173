/* SPDX-License-Identifier: Apache-2.0
 * Rows where a mask is true. The mask is packed into 64-bit words once (rows where it
 * is missing count as false); every column then works word by word: full words are
 * copied, empty ones skipped, words with few rows are walked bit by bit, and the others
 * compacted without a branch. Plain text is copied by runs of rows, one memcpy a run.
 * Nothing here depends on how the true rows are spread, only its speed does.
 */
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <string.h>

#if defined(__AVX512F__) || defined(__BMI2__)
/* immintrin.h would bring _mm_malloc, which banned.h does not let through. */
#    define _MM_MALLOC_H_INCLUDED
#    define __MM_MALLOC_H
#    include <immintrin.h>
#endif

enum { FEW = 12 }; /* set bits of a word up to which walking beats compacting */

typedef struct Sel {
    uint64_t *word; /* bit i: row i is taken; bits behind n are 0 */
    idx n;          /* rows of the input */
    idx count;      /* rows taken */
} Sel;

static Status sel_make(Cx *cx, const Array *mask, Sel *sel)
{
    ASSERT(mask->dt == DT_BOOL);
    sel->n = mask->n;
    TRY(mem_new(cx, bit_words(mask->n), sizeof(uint64_t), false, &sel->word));
    bits_from_bytes(sel->word, mask->data, mask->n);
    if (mask->valid)
        for (idx i = 0; i < bit_words(mask->n); i++)
            sel->word[i] &= mask->valid[i];
    sel->count = bits_count(sel->word, mask->n);
    return OK;
}

/* -- Positions ------------------------------------------------------------------- */

/* Rows of a word, from first on, into out; returns how many. Writes up to one behind.
 */
static inline idx word_positions(uint64_t w, idx first, idx *out)
{
    idx k = 0;
    if (w == ~(uint64_t)0) {
        for (idx i = 0; i < 64; i++)
            out[i] = first + i;
        return 64;
    }
    if (__builtin_popcountll(w) <= FEW) {
        for (; w; w &= w - 1)
            out[k++] = first + __builtin_ctzll(w);
        return k;
    }
    for (idx i = 0; i < 64; i++) {
        out[k] = first + i;
        k += (idx)(w >> i & 1);
    }
    return k;
}

Status mask_positions(Cx *cx, const Array *mask, idx **pos, idx *n)
{
    Sel sel;
    *pos = NULL;
    TRY(sel_make(cx, mask, &sel));
    Status st = mem_new(cx, sel.count + 1, sizeof **pos, false, pos);
    if (!st) {
        idx k = 0;
        for (idx i = 0; i < bit_words(sel.n); i++)
            k += word_positions(sel.word[i], 64 * i, *pos + k);
        ASSERT(k == sel.count);
        *n = k;
    }
    mem_free(sel.word);
    return st;
}

/* -- Values ---------------------------------------------------------------------- */

/* compact_T: rows of w among src[0..n), n <= 64, to dst; returns how many. Writes below
 * dst_end only. */
#define COMPACT(T)                                                                     \
    static inline idx compact_##T(const T *src, uint64_t w, idx n, T *dst,             \
                                  const T *dst_end)                                    \
    {                                                                                  \
        idx k = 0, many = __builtin_popcountll(w);                                     \
        if (many == 64) {                                                              \
            memcpy(dst, src, 64 * sizeof(T));                                          \
            return 64;                                                                 \
        }                                                                              \
        if (many <= FEW || dst + many >= dst_end) {                                    \
            for (; w; w &= w - 1)                                                      \
                dst[k++] = src[__builtin_ctzll(w)];                                    \
            return k;                                                                  \
        }                                                                              \
        for (idx i = 0; i < n; i++) {                                                  \
            dst[k] = src[i];                                                           \
            k += (idx)(w >> i & 1);                                                    \
        }                                                                              \
        return k;                                                                      \
    }
COMPACT(uint8_t)
COMPACT(uint16_t)
#ifndef __AVX512F__
COMPACT(uint32_t)
COMPACT(uint64_t)
#else
static inline idx compact_uint32_t(const uint32_t *src, uint64_t w, idx n,
                                   uint32_t *dst, const uint32_t *dst_end)
{
    idx k = 0;
    if (w == ~(uint64_t)0) {
        memcpy(dst, src, 64 * sizeof *dst);
        return 64;
    }
    for (idx i = 0; i < n; i += 16) {
        __mmask16 m = (__mmask16)(w >> i), in = (__mmask16)bit_low(idx_min(16, n - i));
        __m512i v =
            _mm512_maskz_compress_epi32(m, _mm512_maskz_loadu_epi32(in, src + i));
        idx have = __builtin_popcount(m);
        if (dst + k + 16 <= dst_end)
            _mm512_storeu_si512(dst + k, v);
        else
            _mm512_mask_storeu_epi32(dst + k, (__mmask16)bit_low(have), v);
        k += have;
    }
    return k;
}

static inline idx compact_uint64_t(const uint64_t *src, uint64_t w, idx n,
                                   uint64_t *dst, const uint64_t *dst_end)
{
    idx k = 0;
    if (w == ~(uint64_t)0) {
        memcpy(dst, src, 64 * sizeof *dst);
        return 64;
    }
    for (idx i = 0; i < n; i += 8) {
        __mmask8 m = (__mmask8)(w >> i), in = (__mmask8)bit_low(idx_min(8, n - i));
        __m512i v =
            _mm512_maskz_compress_epi64(m, _mm512_maskz_loadu_epi64(in, src + i));
        idx have = __builtin_popcount(m);
        if (dst + k + 8 <= dst_end)
            _mm512_storeu_si512(dst + k, v);
        else
            _mm512_mask_storeu_epi64(dst + k, (__mmask8)bit_low(have), v);
        k += have;
    }
    return k;
}
#endif

#define FILTER(T)                                                                      \
    static void filter_##T(const void *src, const Sel *sel, void *dst)                 \
    {                                                                                  \
        const T *s = src;                                                              \
        T *d = dst, *end = d + sel->count;                                             \
        for (idx i = 0; i < sel->n; i += 64) {                                         \
            uint64_t w = sel->word[i / 64];                                            \
            if (w) d += compact_##T(s + i, w, idx_min(64, sel->n - i), d, end);        \
        }                                                                              \
    }
FILTER(uint8_t)
FILTER(uint16_t)
FILTER(uint32_t)
FILTER(uint64_t)

/* Two words a row. */
static void filter_pairs(const void *src, const Sel *sel, void *dst)
{
    const Complex128 *s = src;
    Complex128 *d = dst;
    for (idx i = 0; i < sel->n; i += 64)
        for (uint64_t w = sel->word[i / 64]; w; w &= w - 1)
            *d++ = s[i + __builtin_ctzll(w)];
}

static void filter_fixed(const Array *a, size_t width, const Sel *sel, void *dst)
{
    switch (width) {
    case 1: filter_uint8_t(a->data, sel, dst); break;
    case 2: filter_uint16_t(a->data, sel, dst); break;
    case 4: filter_uint32_t(a->data, sel, dst); break;
    case 8: filter_uint64_t(a->data, sel, dst); break;
    case 16: filter_pairs(a->data, sel, dst); break;
    default: BUG("values of %zu bytes", width);
    }
}

/* -- Bitmaps --------------------------------------------------------------------- */

/* The bits of v at the set bits of w, moved together. */
static inline uint64_t bits_extract(uint64_t v, uint64_t w)
{
#ifdef __BMI2__
    return _pext_u64(v, w);
#else
    uint64_t out = 0;
    if (w == ~(uint64_t)0) return v;
    for (idx k = 0; w; w &= w - 1, k++)
        out |= (v >> __builtin_ctzll(w) & 1) << k;
    return out;
#endif
}

static Status filter_valid(Cx *cx, const Array *a, const Sel *sel, Array *out)
{
    if (!a->valid) return OK;
    TRY(array_add_valid(cx, out, false));
    uint64_t *to = out->valid, acc = 0;
    idx have = 0; /* bits in acc */
    for (idx i = 0; i < bit_words(sel->n); i++) {
        uint64_t w = sel->word[i];
        if (!w) continue;
        uint64_t v = bits_extract(a->valid[i], w);
        idx k = __builtin_popcountll(w);
        acc |= v << have;
        if (have + k >= 64) {
            *to++ = acc;
            acc = have ? v >> (64 - have) : 0;
            have -= 64;
        }
        have += k;
    }
    if (have) *to = acc;
    return OK;
}

/* -- Text ------------------------------------------------------------------------ */

/* The run of rows of sel from *at on: its first row, *at behind it; -1: no more. */
static idx next_run(const Sel *sel, idx *at)
{
    idx i = *at, words = bit_words(sel->n);
    idx k = i >> 6;
    if (k >= words) return -1;
    uint64_t w = sel->word[k] & ~(uint64_t)0 << (i & 63);
    while (!w) {
        if (++k >= words) return -1;
        w = sel->word[k];
    }
    idx first = 64 * k + __builtin_ctzll(w);
    w = ~sel->word[k] & ~(uint64_t)0 << (first & 63);
    while (!w) {
        if (++k >= words) {
            *at = 64 * words;
            return first;
        }
        w = ~sel->word[k];
    }
    *at = 64 * k + __builtin_ctzll(w);
    return first;
}

static Status filter_str(Cx *cx, const Array *a, const Sel *sel, Array **out)
{
    int64_t total = 0;
    for (idx at = 0, first; (first = next_run(sel, &at)) >= 0;)
        total += a->off[idx_min(at, a->n)] - a->off[first];
    TRY(array_new_str(cx, sel->count, total, out));
    int64_t *off = (*out)->off, to = 0;
    for (idx at = 0, first; (first = next_run(sel, &at)) >= 0;) {
        idx n = idx_min(at, a->n) - first;
        int64_t from = a->off[first], size = a->off[first + n] - from;
        for (idx i = 1; i <= n; i++)
            off[i] = a->off[first + i] - from + to;
        if (size) memcpy((*out)->bytes + to, a->bytes + from, (size_t)size);
        off += n;
        to += size;
    }
    return OK;
}

/* -- All ------------------------------------------------------------------------- */

static Status filter_values(Cx *cx, const Array *a, const Sel *sel, Array **out)
{
    if (a->dict) {
        TRY(array_new_dict(cx, sel->count, a->dict, out));
        filter_fixed(a, sizeof(int32_t), sel, (*out)->data);
        return OK;
    }
    if (a->dt == DT_STR) return filter_str(cx, a, sel, out);
    TRY(array_new(cx, a->dt, a->null, a->unit, sel->count, false, out));
    filter_fixed(a, dtype_info[a->dt].bytes, sel, (*out)->data);
    return OK;
}

static Status filter_array(Cx *cx, Array *a, const Sel *sel, Array **out)
{
    ASSERT(a->n == sel->n);
    if (sel->count == sel->n) {
        *out = array_ref(a);
        return OK;
    }
    TRY(filter_values(cx, a, sel, out));
    array_describe(*out, a);
    return filter_valid(cx, a, sel, *out);
}

Status filter(Cx *cx, const Table *t, const Array *mask, Table *out)
{
    Sel sel;
    *out = (Table){0};
    if (mask->n != t->n)
        BUG("a mask of %lld rows for %lld", (long long)mask->n, (long long)t->n);
    TRY(sel_make(cx, mask, &sel));
    Status st = table_init(cx, out, t->ncol, sel.count);
    for (idx c = 0; c < t->ncol && !st; c++) {
        st = cx_check(cx);
        if (!st) st = filter_array(cx, t->col[c], &sel, &out->col[c]);
    }
    mem_free(sel.word);
    if (st) table_clear(out);
    return st;
}
