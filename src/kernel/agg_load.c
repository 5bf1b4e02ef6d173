/* SPDX-License-Identifier: Apache-2.0
 * Batches of values for accumulators: converted to int64 or double (float64 and int64
 * columns are read in place), gathered when the rows are not neighbours, and with the
 * missing rows taken out.
 */
#include "kernel/agg.h"
#include "kernel/words.h"

/* Converts n values of type T to type V. */
#define CONVERT(T, V, to)                                                              \
    do {                                                                               \
        const T *v = a->data;                                                          \
        if (row)                                                                       \
            for (idx i = 0; i < n; i++)                                                \
                (to)[i] = (V)v[row[i]];                                                \
        else                                                                           \
            for (idx i = 0; i < n; i++)                                                \
                (to)[i] = (V)v[first + i];                                             \
    } while (0)

#define CONVERT_ANY(V, to)                                                             \
    switch (a->dt) {                                                                   \
    case DT_BOOL:                                                                      \
    case DT_U8: CONVERT(uint8_t, V, to); break;                                        \
    case DT_I8: CONVERT(int8_t, V, to); break;                                         \
    case DT_I16: CONVERT(int16_t, V, to); break;                                       \
    case DT_U16: CONVERT(uint16_t, V, to); break;                                      \
    case DT_I32:                                                                       \
    case DT_CAT:                                                                       \
    case DT_DATE: CONVERT(int32_t, V, to); break;                                      \
    case DT_U32: CONVERT(uint32_t, V, to); break;                                      \
    case DT_U64: CONVERT(uint64_t, V, to); break;                                      \
    case DT_F32: CONVERT(float, V, to); break;                                         \
    case DT_F64: CONVERT(double, V, to); break;                                        \
    default: CONVERT(int64_t, V, to); break;                                           \
    }

static const int64_t *load_int(Loader *l, const Array *a, const idx *row, idx first,
                               idx n)
{
    bool wide = a->dt == DT_I64 || a->dt == DT_U64 || dt_is_time(a->dt);
    if (wide && !row) return (const int64_t *)a->data + first;
    CONVERT_ANY(int64_t, l->i);
    return l->i;
}

static const double *load_float(Loader *l, const Array *a, const idx *row, idx first,
                                idx n)
{
    if (a->dt == DT_F64 && !row) return (const double *)a->data + first;
    CONVERT_ANY(double, l->f);
    return l->f;
}

static bool miss_bits(Loader *l, const Array *a, const idx *row, idx first, idx n)
{
    if (!a->valid) return false;
    if (!row) return words_missing_bits(a, first, n, l->miss);
    uint8_t any = 0;
    for (idx i = 0; i < n; i++)
        any |= l->miss[i] = !bit_get(a->valid, row[i]);
    return any;
}

static bool miss_nan(Loader *l, const double *f, idx n, bool any)
{
    idx count = 0;
    for (idx i = 0; i < n; i++)
        count += f[i] != f[i];
    if (count == 0) return any;
    if (!any) memset(l->miss, 0, (size_t)n);
    for (idx i = 0; i < n; i++)
        l->miss[i] |= f[i] != f[i];
    return true;
}

static bool miss_nat(Loader *l, const Array *a, const idx *row, idx first, idx n,
                     bool any)
{
    const int64_t *v = a->data;
    idx count = 0;
    for (idx i = 0; i < n; i++)
        count += v[row ? row[i] : first + i] == NAT;
    if (count == 0) return any;
    if (!any) memset(l->miss, 0, (size_t)n);
    for (idx i = 0; i < n; i++)
        l->miss[i] |= v[row ? row[i] : first + i] == NAT;
    return true;
}

/* Takes the missing rows out of what was loaded. */
static void take_out(Loader *l, const idx *row, idx first, idx n, const uint32_t *gid,
                     ValBatch *b)
{
    idx k = 0;
    for (idx i = 0; i < n; i++) {
        uint32_t g = gid[i];
        if (l->miss[i]) {
            l->gone[l->ngone++] = g;
            continue;
        }
        l->gid[k] = g;
        l->row[k] = row ? row[i] : first + i;
        if (b->i) l->i[k] = b->i[i];
        if (b->f) l->f[k] = b->f[i];
        k++;
    }
    if (b->i) b->i = l->i;
    if (b->f) b->f = l->f;
    b->gid = l->gid;
    b->row = l->row;
    b->n = k;
}

void agg_load(Loader *l, const Array *a, View view, const idx *row, idx first, idx n,
              const uint32_t *gid, ValBatch *b)
{
    l->ngone = 0;
    b->n = n;
    b->gid = gid;
    b->row = row;
    b->first = first;
    b->i = NULL;
    b->f = NULL;
    if (view == VIEW_INT) b->i = load_int(l, a, row, first, n);
    if (view == VIEW_FLOAT) b->f = load_float(l, a, row, first, n);
    bool any = miss_bits(l, a, row, first, n);
    if (dt_is_float(a->dt) && b->f) any = miss_nan(l, b->f, n, any);
    if (dt_is_time(a->dt)) any = miss_nat(l, a, row, first, n, any);
    if (any) take_out(l, row, first, n, gid, b);
}
