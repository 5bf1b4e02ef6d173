/* SPDX-License-Identifier: Apache-2.0
 * Stable order of rows. What is sorted are 64-bit elements: some bits of the normalised
 * key above the row number, so an element is its own tie-break and one LSD radix sort
 * moves 8 bytes a row whatever the key. Keys that need more bits than are left beside
 * the row number are refined: runs of equal elements get the next bits of the key and
 * are sorted again, small runs by comparison. With n rows, 64 - log2(n) key bits go
 * into the first round, so real data seldom needs a second one.
 *
 *     element   key bits (64 - rowbits) | row (rowbits)
 *
 * Already sorted (or strictly descending) input is found by one scan before anything
 * else.
 */
#include "kernel/kernel.h"
#include "kernel/sort_key.h"
#include "kernel/words.h"

enum {
    RUN_SMALL = 24, /* runs up to this length are sorted by comparison */
    MAX_DEPTH = 64, /* rounds of refinement; deeper runs are merged by comparison */
};

typedef struct Sorter {
    const SortKey *k;
    uint64_t *e, *tmp; /* n elements each */
    int rowbits;       /* low bits of an element that hold the row */
    uint64_t rowmask;
    uint32_t *hist; /* 8 * 256 counters */
} Sorter;

/* Which bits of the key a round of sorting looks at. */
typedef struct Piece {
    int seg;   /* segment */
    idx depth; /* text: first byte */
    int taken; /* bits of the word that are already used */
} Piece;

/* -- Radix --------------------------------------------------------------------- */

static void radix_count(const uint64_t *e, idx n, int low, int ndigit, uint32_t *hist)
{
    memset(hist, 0, (size_t)ndigit * 256 * sizeof *hist);
    for (idx i = 0; i < n; i++) {
        uint64_t x = e[i] >> low;
        for (int d = 0; d < ndigit; d++, x >>= 8)
            hist[d * 256 + (int)(x & 255)]++;
    }
}

static void radix_pass(const uint64_t *from, uint64_t *to, idx n, int shift,
                       const uint32_t *count)
{
    uint64_t *at[256];
    for (int b = 0; b < 256; b++) {
        at[b] = to;
        to += count[b];
    }
    for (idx i = 0; i < n; i++) {
        uint64_t x = from[i];
        *at[(x >> shift) & 255]++ = x;
    }
}

/* Sorts n elements at e by bits low .. low + bits, stably. Digits equal in all are
 * skipped. */
static void radix_sort(Sorter *s, uint64_t *e, uint64_t *tmp, idx n, int low, int bits)
{
    int ndigit = (bits + 7) / 8;
    uint64_t *from = e, *to = tmp;
    radix_count(e, n, low, ndigit, s->hist);
    for (int d = 0; d < ndigit; d++) {
        const uint32_t *count = s->hist + (ptrdiff_t)d * 256;
        int shift = low + 8 * d;
        if (count[(from[0] >> shift) & 255] == (uint64_t)n) continue;
        radix_pass(from, to, n, shift, count);
        uint64_t *was = from;
        from = to;
        to = was;
    }
    if (from != e) memcpy(e, from, (size_t)n * sizeof *e);
}

/* -- Comparison ---------------------------------------------------------------- */

static void insertion_sort(const Sorter *s, uint64_t *e, idx n, Piece p)
{
    for (idx i = 1; i < n; i++) {
        uint64_t x = e[i];
        idx j = i;
        for (; j > 0 && sort_key_cmp(s->k, p.seg, p.depth, (idx)(e[j - 1] & s->rowmask),
                                     (idx)(x & s->rowmask)) > 0;
             j--)
            e[j] = e[j - 1];
        e[j] = x;
    }
}

/* Stable bottom-up merge sort of runs of RUN_SMALL; for long texts that share prefixes.
 */
static void merge_sort(const Sorter *s, uint64_t *e, uint64_t *tmp, idx n, Piece p)
{
    for (idx i = 0; i < n; i += RUN_SMALL)
        insertion_sort(s, e + i, idx_min(RUN_SMALL, n - i), p);
    for (idx width = RUN_SMALL; width < n; width *= 2) {
        for (idx lo = 0; lo < n; lo += 2 * width) {
            idx mid = idx_min(lo + width, n), hi = idx_min(lo + 2 * width, n);
            idx a = lo, b = mid;
            for (idx o = lo; o < hi; o++) {
                bool right =
                    b < hi && (a == mid || sort_key_cmp(s->k, p.seg, p.depth,
                                                        (idx)(e[a] & s->rowmask),
                                                        (idx)(e[b] & s->rowmask)) > 0);
                tmp[o] = right ? e[b++] : e[a++];
            }
        }
        memcpy(e, tmp, (size_t)n * sizeof *e);
    }
}

/* -- Rounds -------------------------------------------------------------------- */

/* Puts the next bits of the key above the rows of a run. Returns how many bits. */
static int load_piece(const Sorter *s, uint64_t *e, idx n, Piece p)
{
    const SortSeg *g = &s->k->seg[p.seg];
    int whole = g->word ? g->bits : 64, room = 64 - s->rowbits;
    int bits = whole - p.taken < room ? whole - p.taken : room;
    int down = whole - p.taken - bits;
    uint64_t mask = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;

    for (idx i = 0; i < n; i++) {
        uint64_t row = e[i] & s->rowmask;
        uint64_t w =
            g->word ? g->word[row] : sort_text_word(s->k, g, (idx)row, p.depth);
        uint64_t v = (w >> down) & mask;
        e[i] = v << s->rowbits | row;
    }
    return bits;
}

/* The piece after p, of which bits bits were sorted by; row: one of a run of equals.
 * False: none is left. */
static bool next_piece(const Sorter *s, Piece *p, int bits, idx row)
{
    const SortSeg *g = &s->k->seg[p->seg];
    p->taken += bits;
    if (p->taken < (g->word ? g->bits : 64)) return true;
    p->taken = 0;
    if (!g->word && !sort_text_ends(g, sort_word(s->k, g, row, p->depth))) {
        p->depth += 7;
        return true;
    }
    p->depth = 0;
    return ++p->seg < s->k->nseg;
}

static Status sort_run(Cx *cx, Sorter *s, idx at, idx n, Piece p, int round);

/* Sorts each run of elements with equal key bits by what follows. */
static Status refine(Cx *cx, Sorter *s, idx at, idx n, Piece p, int bits, int round)
{
    uint64_t *e = s->e + at;
    idx lo = 0;
    for (idx hi = 1; hi <= n; hi++) {
        if (hi < n && e[hi] >> s->rowbits == e[lo] >> s->rowbits) continue;
        if (hi - lo > 1) {
            Piece q = p;
            if (next_piece(s, &q, bits, (idx)(e[lo] & s->rowmask)))
                TRY(sort_run(cx, s, at + lo, hi - lo, q, round + 1));
        }
        lo = hi;
    }
    return OK;
}

/* Sorts elements at .. at + n, whose rows tie before piece p, and are in row order. */
static Status sort_run(Cx *cx, Sorter *s, idx at, idx n, Piece p, int round)
{
    uint64_t *e = s->e + at, *tmp = s->tmp + at;
    if (n <= RUN_SMALL || round > MAX_DEPTH) {
        merge_sort(s, e, tmp, n, p);
        return OK;
    }
    TRY(cx_check(cx));
    int bits = load_piece(s, e, n, p);
    radix_sort(s, e, tmp, n, s->rowbits, bits);
    const SortSeg *g = &s->k->seg[p.seg];
    if (g->word && p.taken + bits == g->bits && p.seg + 1 == s->k->nseg)
        return OK; /* nothing follows: ties are in row order already */
    return refine(cx, s, at, n, p, bits, round);
}

/* 1: already in order, -1: strictly descending, 0: neither. Sequential and early out.
 */
static int find_order(const SortKey *k)
{
    if (k->n < 2 || k->nseg == 0) return 1;
    const uint64_t *w = k->nseg == 1 ? k->seg[0].word : NULL;
    int dir = sort_key_cmp(k, 0, 0, 0, 1) > 0 ? -1 : 1;
    idx i = 1;
    if (w) {
        if (dir > 0)
            while (i < k->n && w[i - 1] <= w[i])
                i++;
        else
            while (i < k->n && w[i - 1] > w[i])
                i++;
        return i == k->n ? dir : 0;
    }
    for (; i < k->n; i++) {
        int c = sort_key_cmp(k, 0, 0, i - 1, i);
        if (dir > 0 ? c > 0 : c <= 0) return 0;
    }
    return dir;
}

static Status sort_rows(Cx *cx, const SortKey *k, Scratch *mem, uint64_t **rows,
                        uint64_t *rowmask)
{
    Sorter s = {.k = k};
    if (k->n > UINT32_MAX)
        return fail(cx, E_OVERFLOW, "too many rows to sort on a rank");
    s.rowbits = bit_width((uint64_t)(k->n - 1));
    s.rowmask = ((uint64_t)1 << s.rowbits) - 1;
    TRY(scratch_new(cx, mem, k->n, sizeof *s.e, false, &s.e));
    TRY(scratch_new(cx, mem, k->n, sizeof *s.e, false, &s.tmp));
    TRY(scratch_new(cx, mem, (idx)8 * 256, sizeof *s.hist, false, &s.hist));
    for (idx i = 0; i < k->n; i++)
        s.e[i] = (uint64_t)i;
    TRY(sort_run(cx, &s, 0, k->n, (Piece){0}, 0));
    *rows = s.e;
    *rowmask = s.rowmask;
    return OK;
}

Status sort_perm(Cx *cx, const Table *keys, const bool *asc, bool nulls_first,
                 idx **perm)
{
    Scratch mem = {0};
    SortKey k;
    idx *out = NULL;
    uint64_t *rows = NULL, mask = 0;

    *perm = NULL;
    Status st = sort_key_init(cx, &k, keys, asc, nulls_first);
    if (!st) st = mem_new(cx, keys->n, sizeof *out, false, &out);
    int order = st ? 0 : find_order(&k);
    if (!st && order == 0) st = sort_rows(cx, &k, &mem, &rows, &mask);
    if (!st) {
        if (order > 0)
            for (idx i = 0; i < k.n; i++)
                out[i] = i;
        else if (order < 0)
            for (idx i = 0; i < k.n; i++)
                out[i] = k.n - 1 - i;
        else
            for (idx i = 0; i < k.n; i++)
                out[i] = (idx)(rows[i] & mask);
        *perm = out;
        out = NULL;
    }
    mem_free(out);
    scratch_clear(&mem);
    sort_key_clear(&k);
    return st;
}

/* -- Top ----------------------------------------------------------------------- */

/* A max-heap of the k best rows so far; most rows only meet its root. */

static void heap_down(const SortKey *k, idx *heap, idx n, idx i)
{
    idx row = heap[i];
    for (;;) {
        idx c = 2 * i + 1;
        if (c >= n) break;
        if (c + 1 < n) {
            int d = sort_key_cmp(k, 0, 0, heap[c + 1], heap[c]);
            if (d > 0 || (d == 0 && heap[c + 1] > heap[c])) c++;
        }
        int d = sort_key_cmp(k, 0, 0, heap[c], row);
        if (d < 0 || (d == 0 && heap[c] < row)) break;
        heap[i] = heap[c];
        i = c;
    }
    heap[i] = row;
}

static Status top_rows(Cx *cx, const SortKey *k, idx top, idx *heap)
{
    const uint64_t *w = k->nseg && k->seg[0].word ? k->seg[0].word : NULL;
    for (idx i = 0; i < top; i++)
        heap[i] = i;
    for (idx i = top / 2; i-- > 0;)
        heap_down(k, heap, top, i);
    for (idx i = top; i < k->n; i++) {
        if (i % BATCH == 0) TRY(cx_check(cx));
        if (w && w[i] > w[heap[0]]) continue;
        if (sort_key_cmp(k, 0, 0, i, heap[0]) >= 0) continue; /* later rows lose ties */
        heap[0] = i;
        heap_down(k, heap, top, 0);
    }
    for (idx n = top; n-- > 1;) { /* heap sort: the worst goes to the end */
        idx row = heap[0];
        heap[0] = heap[n];
        heap_down(k, heap, n, 0);
        heap[n] = row;
    }
    return OK;
}

Status sort_top(Cx *cx, const Table *keys, const bool *asc, bool nulls_first, idx top,
                idx **perm, idx *n)
{
    top = idx_max(0, idx_min(top, keys->n));
    *n = top;
    if (top > keys->n / 8 || top > 100000) /* sorting all is as good; callers take n */
        return sort_perm(cx, keys, asc, nulls_first, perm);
    SortKey k;
    idx *heap = NULL;
    *perm = NULL;
    Status st = sort_key_init(cx, &k, keys, asc, nulls_first);
    if (!st) st = mem_new(cx, top, sizeof *heap, false, &heap);
    if (!st && top > 0) st = top_rows(cx, &k, top, heap);
    sort_key_clear(&k);
    if (st)
        mem_free(heap);
    else
        *perm = heap;
    return st;
}
