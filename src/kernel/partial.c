/* SPDX-License-Identifier: Apache-2.0
 * What a rank adds up of an array, and how the ranks' parts come together.
 *
 * The parts of one element are added by Neumaier's compensated sum, in rank order, so
 * that they have the same bits on all ranks.
 */
#include "kernel/kernel.h"

#include <math.h>
#include <string.h>

/* -- What changes nothing ---------------------------------------------------------- */

static double neutral_float(char how)
{
    switch (how) {
    case '*': return 1;
    case '<':
    case 'l': return HUGE_VAL;
    case '>':
    case 'g': return -HUGE_VAL;
    default: return -0.0; /* 0.0 would change -0.0 */
    }
}

static int64_t neutral_int(DType dt, char how)
{
    int bits = 8 * dtype_info[dt].bytes;
    bool uns = dt_is_unsigned(dt) || dt == DT_BOOL;
    int64_t top = dt == DT_BOOL       ? 1
                  : uns && bits == 64 ? -1
                  : uns || bits < 64  ? (int64_t)(((uint64_t)1 << (bits - !uns)) - 1)
                                      : INT64_MAX;
    switch (how) {
    case '*': return 1;
    case '&': return dt == DT_BOOL ? 1 : -1;
    case '<':
    case 'l': return top;
    case '>':
    case 'g': return uns ? 0 : -top - 1;
    default: return 0;
    }
}

static void fill(uint8_t *to, const void *value, size_t bytes, idx n)
{
    for (idx i = 0; i < n; i++)
        memcpy(to + (size_t)i * bytes, value, bytes);
}

void partial_fill(Array *a, char how)
{
    DType dt = (DType)a->dt;
    double f = neutral_float(how);
    float f4 = (float)f;
    int64_t i = neutral_int(dt, how);
    Complex128 c = {f, f};
    Complex64 c8 = {f4, f4};
    switch (dt) {
    case DT_F64: fill(a->data, &f, sizeof f, a->n); break;
    case DT_F32: fill(a->data, &f4, sizeof f4, a->n); break;
    case DT_C128: fill(a->data, &c, sizeof c, a->n); break;
    case DT_C64: fill(a->data, &c8, sizeof c8, a->n); break;
    default: fill(a->data, &i, dtype_info[dt].bytes, a->n); break; /* little endian */
    }
}

/* -- Adding ------------------------------------------------------------------------ */

/* to[i] = to[i] op part 0's value op part 1's .. */
#define EACH(T, RESULT)                                                                \
    for (idx i = 0; i < n; i++) {                                                      \
        T a = ((const T *)to)[i];                                                      \
        for (idx k = 0; k < parts; k++) {                                              \
            T x = ((const T *)from)[k * n + i];                                        \
            a = (T)(RESULT);                                                           \
        }                                                                              \
        ((T *)to)[i] = a;                                                              \
    }

#define INTEGERS(T)                                                                    \
    static void add_##T(char how, void *to, const void *from, idx n, idx parts)        \
    {                                                                                  \
        switch (how) {                                                                 \
        case '*': EACH(T, (uint64_t)a *(uint64_t)x) break;                             \
        case '&': EACH(T, a &x) break;                                                 \
        case '|': EACH(T, a | x) break;                                                \
        case '^': EACH(T, a ^ x) break;                                                \
        case '<':                                                                      \
        case 'l': EACH(T, x < a ? x : a) break;                                        \
        case '>':                                                                      \
        case 'g': EACH(T, x > a ? x : a) break;                                        \
        default: EACH(T, (uint64_t)a + (uint64_t)x) break;                             \
        }                                                                              \
    }

#define FLOATS(T)                                                                      \
    static void sum_##T(void *to, const void *from, idx n, idx parts, idx step)        \
    {                                                                                  \
        for (idx i = 0; i < n * step; i++) {                                           \
            double sum = (double)((const T *)to)[i], lost = 0;                         \
            for (idx k = 0; k < parts; k++) {                                          \
                double x = (double)((const T *)from)[k * n * step + i], t = sum + x;   \
                lost += fabs(sum) >= fabs(x) ? (sum - t) + x : (x - t) + sum;          \
                sum = t;                                                               \
            }                                                                          \
            bool exact = lost == 0 || !isfinite(sum); /* -0.0 stays */                 \
            ((T *)to)[i] = (T)(exact ? sum : sum + lost);                              \
        }                                                                              \
    }                                                                                  \
    static void add_##T(char how, void *to, const void *from, idx n, idx parts)        \
    {                                                                                  \
        switch (how) {                                                                 \
        case '*': EACH(T, a *x) break;                                                 \
        case '<': EACH(T, x < a || isnan(x) ? x : a) break;                            \
        case 'l': EACH(T, x < a ? x : a) break;                                        \
        case '>': EACH(T, x > a || isnan(x) ? x : a) break;                            \
        case 'g': EACH(T, x > a ? x : a) break;                                        \
        default: sum_##T(to, from, n, parts, 1); break;                                \
        }                                                                              \
    }

INTEGERS(int8_t)
INTEGERS(int16_t)
INTEGERS(int32_t)
INTEGERS(int64_t)
INTEGERS(uint8_t)
INTEGERS(uint16_t)
INTEGERS(uint32_t)
INTEGERS(uint64_t)
FLOATS(float)
FLOATS(double)

void partial_add(DType dt, char how, void *to, const void *from, idx n, idx parts)
{
    switch (dt) {
    case DT_BOOL:
    case DT_U8: add_uint8_t(how, to, from, n, parts); break;
    case DT_U16: add_uint16_t(how, to, from, n, parts); break;
    case DT_U32: add_uint32_t(how, to, from, n, parts); break;
    case DT_U64: add_uint64_t(how, to, from, n, parts); break;
    case DT_I8: add_int8_t(how, to, from, n, parts); break;
    case DT_I16: add_int16_t(how, to, from, n, parts); break;
    case DT_I32: add_int32_t(how, to, from, n, parts); break;
    case DT_F32: add_float(how, to, from, n, parts); break;
    case DT_F64: add_double(how, to, from, n, parts); break;
    case DT_C64: sum_float(to, from, n, parts, 2); break;
    case DT_C128: sum_double(to, from, n, parts, 2); break;
    default: add_int64_t(how, to, from, n, parts); break;
    }
}
