/* SPDX-License-Identifier: Apache-2.0
 * Comparing rows of tables, and merging sorted runs through a heap of their heads. For
 * few runs, or runs that hardly overlap; many long runs are faster concatenated and
 * sorted by sort_perm, which is what a radix sort is good at.
 */
#include "kernel/kernel.h"
#include <math.h>

static bool row_missing(const Array *a, idx i)
{
    if (!array_bit(a, i)) return true;
    switch (a->dt) {
    case DT_F32: return isnan(((const float *)a->data)[i]);
    case DT_F64: return isnan(((const double *)a->data)[i]);
    case DT_TS:
    case DT_TD: return ((const int64_t *)a->data)[i] == NAT;
    default: return false;
    }
}

#define CMP(T)                                                                         \
    do {                                                                               \
        T x = ((const T *)a->data)[i], y = ((const T *)b->data)[j];                    \
        return (x > y) - (x < y);                                                      \
    } while (0)

static int value_cmp(const Array *a, idx i, const Array *b, idx j)
{
    switch (a->dt) {
    case DT_BOOL:
    case DT_U8: CMP(uint8_t);
    case DT_I8: CMP(int8_t);
    case DT_I16: CMP(int16_t);
    case DT_U16: CMP(uint16_t);
    case DT_I32:
    case DT_CAT:
    case DT_DATE: CMP(int32_t);
    case DT_U32: CMP(uint32_t);
    case DT_U64: CMP(uint64_t);
    case DT_F32: CMP(float);
    case DT_F64: CMP(double);
    case DT_STR: {
        idx n, m;
        const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &m);
        int c = memcmp(s, t, (size_t)idx_min(n, m));
        return c ? (c > 0) - (c < 0) : (n > m) - (n < m);
    }
    default: CMP(int64_t);
    }
}

int sort_cmp(const Table *a, idx i, const Table *b, idx j, const bool *asc,
             bool nulls_first)
{
    for (idx c = 0; c < a->ncol; c++) {
        const Array *p = a->col[c], *q = b->col[c];
        bool pm = row_missing(p, i), qm = row_missing(q, j);
        if (pm && qm) continue;
        if (pm || qm) return pm == nulls_first ? -1 : 1;
        int d = value_cmp(p, i, q, j);
        if (d) return asc[c] ? d : -d;
    }
    return 0;
}

typedef struct Merge {
    const Table *run;
    const bool *asc;
    bool nulls_first;
    uint64_t *heap; /* run << 48 | row of each unfinished run's head, smallest first */
    idx n;
} Merge;

enum { MERGE_ROW_BITS = 48 };
#define MERGE_ROW_MASK (((uint64_t)1 << MERGE_ROW_BITS) - 1)

static bool head_before(const Merge *m, uint64_t x, uint64_t y)
{
    int c = sort_cmp(&m->run[x >> MERGE_ROW_BITS], (idx)(x & MERGE_ROW_MASK),
                     &m->run[y >> MERGE_ROW_BITS], (idx)(y & MERGE_ROW_MASK), m->asc,
                     m->nulls_first);
    return c ? c < 0 : x < y;
}

static void sift_down(Merge *m, idx i)
{
    uint64_t x = m->heap[i];
    for (;;) {
        idx c = 2 * i + 1;
        if (c >= m->n) break;
        if (c + 1 < m->n && head_before(m, m->heap[c + 1], m->heap[c])) c++;
        if (head_before(m, x, m->heap[c])) break;
        m->heap[i] = m->heap[c];
        i = c;
    }
    m->heap[i] = x;
}

static Status merge_runs(Cx *cx, Merge *m, uint64_t *out)
{
    for (idx i = m->n / 2; i-- > 0;)
        sift_down(m, i);
    for (idx o = 0; m->n > 0; o++) {
        if (o % BATCH == 0) TRY(cx_check(cx));
        uint64_t x = m->heap[0];
        out[o] = x;
        if ((idx)(x & MERGE_ROW_MASK) + 1 < m->run[x >> MERGE_ROW_BITS].n)
            m->heap[0] = x + 1;
        else
            m->heap[0] = m->heap[--m->n];
        if (m->n > 0) sift_down(m, 0);
    }
    return OK;
}

Status sort_merge(Cx *cx, const Table *run, idx k, const bool *asc, bool nulls_first,
                  uint64_t **order)
{
    Merge m = {.run = run, .asc = asc, .nulls_first = nulls_first};
    uint64_t *out = NULL;
    idx total = 0;

    *order = NULL;
    if (k >= 1 << (63 - MERGE_ROW_BITS)) return fail(cx, E_OVERFLOW, "too many runs");
    for (idx r = 0; r < k; r++)
        if (run[r].n >> MERGE_ROW_BITS ||
            __builtin_add_overflow(total, run[r].n, &total))
            return fail(cx, E_OVERFLOW, "too many rows to merge");
    TRY(mem_new(cx, total, sizeof *out, false, &out));
    Status st = mem_new(cx, k, sizeof *m.heap, false, &m.heap);
    for (idx r = 0; r < k && !st; r++)
        if (run[r].n > 0) m.heap[m.n++] = (uint64_t)r << MERGE_ROW_BITS;
    if (!st) st = merge_runs(cx, &m, out);
    mem_free(m.heap);
    if (st)
        mem_free(out);
    else
        *order = out;
    return st;
}
