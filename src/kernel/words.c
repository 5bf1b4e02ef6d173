/* SPDX-License-Identifier: Apache-2.0
 * Reading columns as words. Bitmaps are looked at 64 rows at a time: only a batch that
 * has nulls expands them to bytes, and then clears the words below them.
 */
#include "kernel/words.h"
#include <string.h>

bool words_missing_bits(const Array *a, idx start, idx n, uint8_t *miss)
{
    if (!a->valid) return false;
    bool any = false;
    for (idx i = 0; i < n && !any; i += 64) {
        idx m = idx_min(64, n - i);
        any = bits_word(a->valid, start + i, m) != bit_low(m);
    }
    if (!any) return false;
    for (idx i = 0; i < n; i += 64) {
        idx m = idx_min(64, n - i);
        uint64_t v = bits_word(a->valid, start + i, m);
        for (idx j = 0; j < m; j++)
            miss[i + j] = (uint8_t)(~(v >> j) & 1);
    }
    return true;
}

/* Integers of type T; the cast to int64_t extends the sign of signed ones. */
#define READ_INT(T)                                                                    \
    do {                                                                               \
        const T *v = (const T *)a->data + start;                                       \
        for (idx i = 0; i < n; i++)                                                    \
            w[i] = (uint64_t)(int64_t)v[i];                                            \
    } while (0)

/* Floats of type T as bits U: NaN becomes 0 and is counted, x + 0 turns -0.0 into 0.0.
 */
#define READ_FLOAT(T, U)                                                               \
    do {                                                                               \
        const T *v = (const T *)a->data + start;                                       \
        for (idx i = 0; i < n; i++) {                                                  \
            T x = v[i] + (T)0;                                                         \
            U u;                                                                       \
            memcpy(&u, &x, sizeof u);                                                  \
            nmiss += (v[i] != v[i]);                                                   \
            w[i] = u;                                                                  \
        }                                                                              \
        if (nmiss && !any) memset(miss, 0, (size_t)n);                                 \
        for (idx i = 0; i < n && nmiss; i++)                                           \
            miss[i] |= (v[i] != v[i]);                                                 \
    } while (0)

static idx read_times(const int64_t *v, idx n, uint64_t *w, uint8_t *miss, bool any)
{
    idx nmiss = 0;
    for (idx i = 0; i < n; i++) {
        nmiss += v[i] == NAT;
        w[i] = (uint64_t)v[i];
    }
    if (nmiss && !any) memset(miss, 0, (size_t)n);
    for (idx i = 0; i < n && nmiss; i++)
        miss[i] |= v[i] == NAT;
    return nmiss;
}

bool words_read(const Array *a, idx start, idx n, uint64_t *w, uint8_t *miss)
{
    bool any = words_missing_bits(a, start, n, miss);
    idx nmiss = 0;

    switch (a->dt) {
    case DT_BOOL:
    case DT_U8: READ_INT(uint8_t); break;
    case DT_I8: READ_INT(int8_t); break;
    case DT_I16: READ_INT(int16_t); break;
    case DT_U16: READ_INT(uint16_t); break;
    case DT_I32:
    case DT_CAT:
    case DT_DATE: READ_INT(int32_t); break;
    case DT_U32: READ_INT(uint32_t); break;
    case DT_I64:
    case DT_U64: memcpy(w, (const uint64_t *)a->data + start, (size_t)n * 8); break;
    case DT_TS:
    case DT_TD:
        nmiss = read_times((const int64_t *)a->data + start, n, w, miss, any);
        break;
    case DT_F32: READ_FLOAT(float, uint32_t); break;
    case DT_F64: READ_FLOAT(double, uint64_t); break;
    default: BUG("words of a %s column", dtype_info[a->dt].text);
    }
    if (nmiss) any = true;
    if (any)
        for (idx i = 0; i < n; i++)
            w[i] = miss[i] ? 0 : w[i];
    return any;
}
