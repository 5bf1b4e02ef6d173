/* SPDX-License-Identifier: Apache-2.0
 * The loops that add batches of values to the states of groups: one for each kind of
 * accumulator, each over a whole batch. Sums of floats keep what rounding loses
 * (Knuth's TwoSum: no branch, and infinities do not spoil later sums as Kahan's do).
 * Variance is Welford's, merged by Chan's formula.
 */
#include "kernel/agg.h"
#include <math.h>

#define F_INF       0x7ff0000000000000u
#define F_MINUS_INF 0xfff0000000000000u
#define F_ONE       0x3ff0000000000000u

const AccInfo acc_info[ACC_KINDS] = {
    [ACC_ROWS] = {1, VIEW_NONE,  "i",   {0}                  },
    [ACC_MISS] = {1, VIEW_NONE,  "i",   {0}                  },
    [ACC_SUM_I] = {1, VIEW_INT,   "i",   {0}                  },
    [ACC_SUM_F] = {2, VIEW_FLOAT, "ff",  {0}                  },
    [ACC_PROD_I] = {1, VIEW_INT,   "i",   {1}                  },
    [ACC_PROD_F] = {1, VIEW_FLOAT, "f",   {F_ONE}              },
    [ACC_MIN_I] = {1, VIEW_INT,   "i",   {INT64_MAX}          },
    [ACC_MAX_I] = {1, VIEW_INT,   "i",   {(uint64_t)INT64_MIN}},
    [ACC_MIN_U] = {1, VIEW_INT,   "u",   {UINT64_MAX}         },
    [ACC_MAX_U] = {1, VIEW_INT,   "u",   {0}                  },
    [ACC_MIN_F] = {1, VIEW_FLOAT, "f",   {F_INF}              },
    [ACC_MAX_F] = {1, VIEW_FLOAT, "f",   {F_MINUS_INF}        },
    [ACC_MIN_S] = {1, VIEW_TEXT,  "s",   {0}                  },
    [ACC_MAX_S] = {1, VIEW_TEXT,  "s",   {0}                  },
    [ACC_FIRST_I] = {2, VIEW_INT,   "ii",  {0, INT64_MAX}       },
    [ACC_FIRST_F] = {2, VIEW_FLOAT, "fi",  {0, INT64_MAX}       },
    [ACC_FIRST_S] = {2, VIEW_TEXT,  "si",  {0, INT64_MAX}       },
    [ACC_LAST_I] = {2, VIEW_INT,   "ii",  {0, UINT64_MAX}      },
    [ACC_LAST_F] = {2, VIEW_FLOAT, "fi",  {0, UINT64_MAX}      },
    [ACC_LAST_S] = {2, VIEW_TEXT,  "si",  {0, UINT64_MAX}      },
    [ACC_VAR] = {3, VIEW_FLOAT, "fff", {0}                  },
    [ACC_ANY_I] = {1, VIEW_INT,   "i",   {0}                  },
    [ACC_ANY_F] = {1, VIEW_FLOAT, "i",   {0}                  },
    [ACC_ANY_S] = {1, VIEW_TEXT,  "i",   {0}                  },
    [ACC_ALL_I] = {1, VIEW_INT,   "i",   {1}                  },
    [ACC_ALL_F] = {1, VIEW_FLOAT, "i",   {1}                  },
    [ACC_ALL_S] = {1, VIEW_TEXT,  "i",   {1}                  },
    [ACC_NUNIQUE] = {1, VIEW_NONE,  "i",   {0}                  },
    [ACC_ROW0] = {1, VIEW_NONE,  "i",   {INT64_MAX}          },
};

/* -- References to texts ------------------------------------------------------- */

Status text_refs_add(Cx *cx, TextRefs *t, Array *a, uint64_t *base)
{
    if (t->n > 0 && t->array[t->n - 1] == a) {
        *base = (uint64_t)t->n << TEXT_ROW_BITS;
        return OK;
    }
    if (a->n >> TEXT_ROW_BITS || t->n >> 22)
        return fail(cx, E_OVERFLOW, "too many texts to aggregate");
    if (t->n == t->cap) {
        Array **grown;
        TRY(mem_new(cx, 2 * t->cap + 8, sizeof *grown, false, &grown));
        if (t->n) memcpy(grown, t->array, (size_t)t->n * sizeof *grown);
        mem_free(t->array);
        t->array = grown;
        t->cap = 2 * t->cap + 8;
    }
    t->array[t->n++] = array_ref(a);
    *base = (uint64_t)t->n << TEXT_ROW_BITS;
    return OK;
}

void text_refs_clear(TextRefs *t)
{
    for (idx i = 0; i < t->n; i++)
        array_unref(t->array[i]);
    mem_free(t->array);
    *t = (TextRefs){0};
}

static int text_cmp(const Array *a, idx i, const Array *b, idx j)
{
    idx n, m;
    const uint8_t *s = array_str(a, i, &n), *t = array_str(b, j, &m);
    int c = memcmp(s, t, (size_t)idx_min(n, m));
    return c ? c : (n > m) - (n < m);
}

/* -- Updating ------------------------------------------------------------------ */

/* `for` over a batch with s, the state of row i's group as words of type T. */
#define EACH(T)                                                                        \
    uint8_t *base = b->state + off;                                                    \
    for (idx i = 0; i < b->n; i++)                                                     \
        for (T *s = (T *)(void *)(base + b->gid[i] * b->stride); s; s = NULL)

static inline void two_sum(double *s, double *lost, double x)
{
    double t = *s + x, bb = t - *s;
    *lost += (*s - (t - bb)) + (x - bb);
    *s = t;
}

/* With few groups, one row's addition would wait for the last row's, which is often of
 * the same group. So neighbouring rows add to copies of their own, summed up at the
 * end. */
enum { FEW_GROUPS = 16, COPIES = 4 };

static bool is_few(const ValBatch *b)
{
    return b->ngroup <= FEW_GROUPS && b->n >= 256;
}

static void few_rows(const ValBatch *b, uint32_t off)
{
    int64_t count[COPIES][FEW_GROUPS] = {{0}};
    idx i = 0;
    for (; i + COPIES <= b->n; i += COPIES)
        for (int k = 0; k < COPIES; k++)
            count[k][b->gid[i + k]]++;
    for (; i < b->n; i++)
        count[0][b->gid[i]]++;
    for (idx g = 0; g < b->ngroup; g++)
        for (int k = 0; k < COPIES; k++)
            *(int64_t *)(void *)(b->state + off + (size_t)g * b->stride) += count[k][g];
}

static void few_sums_f(const ValBatch *b, uint32_t off)
{
    double s[COPIES][FEW_GROUPS][2] = {{{0}}};
    idx i = 0;
    for (; i + COPIES <= b->n; i += COPIES)
        for (int k = 0; k < COPIES; k++) {
            double *to = s[k][b->gid[i + k]];
            two_sum(&to[0], &to[1], b->f[i + k]);
        }
    for (; i < b->n; i++)
        two_sum(&s[0][b->gid[i]][0], &s[0][b->gid[i]][1], b->f[i]);
    for (idx g = 0; g < b->ngroup; g++) {
        double *to = (double *)(void *)(b->state + off + (size_t)g * b->stride);
        for (int k = 0; k < COPIES; k++) {
            two_sum(&to[0], &to[1], s[k][g][0]);
            to[1] += s[k][g][1];
        }
    }
}

static void few_sums_i(const ValBatch *b, uint32_t off)
{
    uint64_t s[COPIES][FEW_GROUPS] = {{0}};
    idx i = 0;
    for (; i + COPIES <= b->n; i += COPIES)
        for (int k = 0; k < COPIES; k++)
            s[k][b->gid[i + k]] += (uint64_t)b->i[i + k];
    for (; i < b->n; i++)
        s[0][b->gid[i]] += (uint64_t)b->i[i];
    for (idx g = 0; g < b->ngroup; g++)
        for (int k = 0; k < COPIES; k++)
            *(uint64_t *)(void *)(b->state + off + (size_t)g * b->stride) += s[k][g];
}

static void sum_i(const ValBatch *b, uint32_t off)
{
    if (b->one) {
        uint64_t sum = 0;
        for (idx i = 0; i < b->n; i++)
            sum += (uint64_t)b->i[i];
        *(uint64_t *)(void *)(b->state + off) += sum;
        return;
    }
    if (is_few(b)) {
        few_sums_i(b, off);
        return;
    }
    EACH(uint64_t) *s += (uint64_t)b->i[i];
}

static void sum_f(const ValBatch *b, uint32_t off)
{
    if (b->one) { /* eight chains, so that additions overlap */
        double s[8] = {0}, lost[8] = {0}, *to = (double *)(void *)(b->state + off);
        idx i = 0;
        for (; i + 8 <= b->n; i += 8)
            for (int k = 0; k < 8; k++)
                two_sum(&s[k], &lost[k], b->f[i + k]);
        for (; i < b->n; i++)
            two_sum(&s[0], &lost[0], b->f[i]);
        for (int k = 0; k < 8; k++) {
            two_sum(&to[0], &to[1], s[k]);
            to[1] += lost[k];
        }
        return;
    }
    if (is_few(b)) {
        few_sums_f(b, off);
        return;
    }
    EACH(double) two_sum(&s[0], &s[1], b->f[i]);
}

static void var_f(const ValBatch *b, uint32_t off)
{
    EACH(double)
    {
        double d = b->f[i] - s[1];
        s[0] += 1;
        s[1] += d / s[0];
        s[2] += d * (b->f[i] - s[1]);
    }
}

static void first_last(AccKind kind, const ValBatch *b, uint32_t off)
{
    bool last = kind >= ACC_LAST_I;
    EACH(int64_t)
    {
        idx row = val_row(b, i), number = row + b->row0;
        if (last ? number < s[1] : number >= s[1]) continue;
        s[1] = number;
        if (kind == ACC_FIRST_I || kind == ACC_LAST_I)
            s[0] = b->i[i];
        else if (kind == ACC_FIRST_F || kind == ACC_LAST_F)
            memcpy(s, &b->f[i], 8);
        else
            s[0] = (int64_t)(b->text_base + (uint64_t)row);
    }
}

static void min_max_text(bool max, const ValBatch *b, uint32_t off)
{
    EACH(uint64_t)
    {
        idx row = val_row(b, i), was;
        if (*s) {
            const Array *a = text_ref_at(b->refs, *s, &was);
            int c = text_cmp(b->text, row, a, was);
            if (max ? c <= 0 : c >= 0) continue;
        }
        *s = b->text_base + (uint64_t)row;
    }
}

static inline bool text_is_true(const Array *a, idx row)
{
    idx n;
    array_str(a, row, &n);
    return n > 0;
}

void acc_update(AccKind kind, const ValBatch *b, uint32_t off)
{
    /* long: one case a kind */
    switch (kind) {
    case ACC_ROWS:
        if (b->one) {
            *(int64_t *)(void *)(b->state + off) += b->n;
        } else if (is_few(b)) {
            few_rows(b, off);
        } else {
            EACH(int64_t) *s += 1;
        }
        break;
    case ACC_SUM_I: sum_i(b, off); break;
    case ACC_SUM_F: sum_f(b, off); break;
    case ACC_PROD_I: {
        EACH(uint64_t) *s *= (uint64_t)b->i[i];
        break;
    }
    case ACC_PROD_F: {
        EACH(double) *s *= b->f[i];
        break;
    }
    case ACC_MIN_I: {
        EACH(int64_t) *s = b->i[i] < *s ? b->i[i] : *s;
        break;
    }
    case ACC_MAX_I: {
        EACH(int64_t) *s = b->i[i] > *s ? b->i[i] : *s;
        break;
    }
    case ACC_MIN_U: {
        EACH(uint64_t) *s = (uint64_t)b->i[i] < *s ? (uint64_t)b->i[i] : *s;
        break;
    }
    case ACC_MAX_U: {
        EACH(uint64_t) *s = (uint64_t)b->i[i] > *s ? (uint64_t)b->i[i] : *s;
        break;
    }
    case ACC_MIN_F: {
        EACH(double) *s = b->f[i] < *s ? b->f[i] : *s;
        break;
    }
    case ACC_MAX_F: {
        EACH(double) *s = b->f[i] > *s ? b->f[i] : *s;
        break;
    }
    case ACC_MIN_S: min_max_text(false, b, off); break;
    case ACC_MAX_S: min_max_text(true, b, off); break;
    case ACC_FIRST_I:
    case ACC_FIRST_F:
    case ACC_FIRST_S:
    case ACC_LAST_I:
    case ACC_LAST_F:
    case ACC_LAST_S: first_last(kind, b, off); break;
    case ACC_VAR: var_f(b, off); break;
    case ACC_ANY_I: {
        EACH(int64_t) *s |= b->i[i] != 0;
        break;
    }
    case ACC_ANY_F: {
        EACH(int64_t) *s |= b->f[i] < 0 || b->f[i] > 0;
        break;
    }
    case ACC_ANY_S: {
        EACH(int64_t) *s |= text_is_true(b->text, val_row(b, i));
        break;
    }
    case ACC_ALL_I: {
        EACH(int64_t) *s &= b->i[i] != 0;
        break;
    }
    case ACC_ALL_F: {
        EACH(int64_t) *s &= b->f[i] < 0 || b->f[i] > 0;
        break;
    }
    case ACC_ALL_S: {
        EACH(int64_t) *s &= text_is_true(b->text, val_row(b, i));
        break;
    }
    case ACC_MISS:
    case ACC_NUNIQUE:
    case ACC_ROW0:
    case ACC_KINDS: break; /* group-by's own */
    }
}

/* -- Merging ------------------------------------------------------------------- */

/* Chan's formula: (n, mean, m2) of two sets to that of both. */
static void merge_var(double *s, double n, double mean, double m2)
{
    if (n == 0) return;
    double both = s[0] + n, d = mean - s[1];
    s[2] += m2 + d * d * (s[0] * n / both);
    s[1] += d * (n / both);
    s[0] = both;
}

static void merge_text(AccKind kind, const Array *a, idx row, uint64_t base,
                       const TextRefs *refs, uint64_t *s)
{
    if (!array_bit(a, row)) return;
    if (*s) {
        idx was;
        const Array *old = text_ref_at(refs, *s, &was);
        int c = text_cmp(a, row, old, was);
        if (kind == ACC_MAX_S ? c <= 0 : c >= 0) return;
    }
    *s = base + (uint64_t)row;
}

/* One state: p are its words in the partial table (text: the new reference). */
static void merge_words(AccKind kind, const uint64_t *p, uint64_t *s)
{
    double f[3], g[3];
    int64_t *i = (int64_t *)s, v = (int64_t)p[0], row = (int64_t)p[1];
    memcpy(f, s, acc_info[kind].words * sizeof *s);
    memcpy(g, p, acc_info[kind].words * sizeof *p);
    switch (kind) {
    case ACC_ROWS:
    case ACC_MISS:
    case ACC_NUNIQUE:
    case ACC_SUM_I: s[0] += p[0]; return;
    case ACC_PROD_I: s[0] *= p[0]; return;
    case ACC_MIN_I:
    case ACC_ROW0: i[0] = v < i[0] ? v : i[0]; return;
    case ACC_MAX_I: i[0] = v > i[0] ? v : i[0]; return;
    case ACC_MIN_U: s[0] = p[0] < s[0] ? p[0] : s[0]; return;
    case ACC_MAX_U: s[0] = p[0] > s[0] ? p[0] : s[0]; return;
    case ACC_FIRST_I:
    case ACC_FIRST_F:
    case ACC_FIRST_S:
        if (row >= i[1]) return;
        s[0] = p[0];
        s[1] = p[1];
        return;
    case ACC_LAST_I:
    case ACC_LAST_F:
    case ACC_LAST_S:
        if (row <= i[1]) return;
        s[0] = p[0];
        s[1] = p[1];
        return;
    case ACC_ANY_I:
    case ACC_ANY_F:
    case ACC_ANY_S: s[0] |= p[0]; return;
    case ACC_ALL_I:
    case ACC_ALL_F:
    case ACC_ALL_S: s[0] &= p[0]; return;
    case ACC_SUM_F:
        two_sum(&f[0], &f[1], g[0]);
        f[1] += g[1];
        break;
    case ACC_PROD_F: f[0] *= g[0]; break;
    case ACC_MIN_F: f[0] = g[0] < f[0] ? g[0] : f[0]; break;
    case ACC_MAX_F: f[0] = g[0] > f[0] ? g[0] : f[0]; break;
    case ACC_VAR: merge_var(f, g[0], g[1], g[2]); break;
    case ACC_MIN_S:
    case ACC_MAX_S:
    case ACC_KINDS: return;
    }
    memcpy(s, f, acc_info[kind].words * sizeof *s);
}

void acc_merge(AccKind kind, Array *const *part, const ValBatch *b, uint32_t off)
{
    const char *parts = acc_info[kind].parts;
    for (idx i = 0; i < b->n; i++) {
        idx row = val_row(b, i);
        uint64_t *s = (uint64_t *)(void *)(b->state + off + b->gid[i] * b->stride);
        uint64_t p[3] = {0};
        if (kind == ACC_MIN_S || kind == ACC_MAX_S) {
            merge_text(kind, part[0], row, b->text_base, b->refs, s);
            continue;
        }
        for (int k = 0; parts[k]; k++)
            p[k] = parts[k] == 's' ? b->text_base + (uint64_t)row
                                   : ((const uint64_t *)part[k]->data)[row];
        merge_words(kind, p, s);
    }
}

/* -- Partial states as columns ------------------------------------------------- */

/* The texts that states refer to; no reference: missing. */
static Status text_column(Cx *cx, const uint8_t *state, size_t stride, idx n,
                          const TextRefs *refs, Array **out)
{
    idx total = 0, len, row;
    for (idx g = 0; g < n; g++) {
        uint64_t ref = *(const uint64_t *)(const void *)(state + (size_t)g * stride);
        if (!ref) continue;
        const Array *a = text_ref_at(refs, ref, &row);
        array_str(a, row, &len);
        if (__builtin_add_overflow(total, len, &total))
            return fail(cx, E_OVERFLOW, "the aggregated texts are too long");
    }
    TRY(array_new_str(cx, n, total, out));
    idx at = 0;
    for (idx g = 0; g < n; g++) {
        uint64_t ref = *(const uint64_t *)(const void *)(state + (size_t)g * stride);
        if (ref) {
            const Array *a = text_ref_at(refs, ref, &row);
            const uint8_t *s = array_str(a, row, &len);
            if (len) memcpy((*out)->bytes + at, s, (size_t)len);
            at += len;
        } else {
            TRY(array_add_valid(cx, *out, true));
            bit_clear((*out)->valid, g);
            (*out)->null_count = -1;
        }
        (*out)->off[g + 1] = at;
    }
    return OK;
}

Status acc_partial(Cx *cx, const Acc *a, int part, const uint8_t *state, size_t stride,
                   idx n, const TextRefs *refs, Array **out)
{
    char type = acc_info[a->kind].parts[part];
    const uint8_t *from = state + a->off + (size_t)8 * (size_t)part;
    *out = NULL;
    if (type == 's') return text_column(cx, from, stride, n, refs, out);
    DType dt = type == 'f' ? DT_F64 : type == 'u' ? DT_U64 : DT_I64;
    TRY(array_new(cx, dt, NULL_NONE, UNIT_NONE, n, false, out));
    uint64_t *to = (*out)->data;
    for (idx g = 0; g < n; g++)
        memcpy(&to[g], from + (size_t)g * stride, 8);
    return OK;
}
