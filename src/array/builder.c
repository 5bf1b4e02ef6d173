/* SPDX-License-Identifier: Apache-2.0
 * Growing columns. Capacity doubles; the bitmap is made when the first null comes. A
 * failed add leaves the builder as it was.
 */
#include "array/builder.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct Builder {
    uint8_t dt, null, unit; /* of the result */
    idx n, cap;             /* rows, and rows that fit */
    Buf *data;              /* values, or cap + 1 offsets of text */
    Buf *bytes;             /* text, else NULL */
    Buf *valid;             /* bitmap for cap rows, NULL: no null yet */
    const char *tz;         /* of the first array added */
};

static size_t builder_width(const Builder *b)
{
    return b->dt == DT_STR ? sizeof(int64_t) : dtype_info[b->dt].bytes;
}

static int64_t *builder_off(const Builder *b)
{
    return (int64_t *)(void *)b->data->data;
}

static uint64_t *builder_bits(const Builder *b)
{
    return (uint64_t *)(void *)b->valid->data;
}

void builder_free(Builder *b)
{
    if (!b) return;
    buf_unref(b->data);
    buf_unref(b->bytes);
    buf_unref(b->valid);
    mem_free(b);
}

Status builder_new(Cx *cx, DType dt, NullForm null, Unit unit, Builder **out)
{
    Builder *b;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *b, true, &b));
    b->dt = (uint8_t)dt;
    b->null = (uint8_t)null;
    b->unit = (uint8_t)unit;
    b->cap = 16;
    Status st = buf_new(cx, (size_t)(b->cap + 1) * builder_width(b), false, &b->data);
    if (!st && dt == DT_STR) st = buf_new(cx, 64, false, &b->bytes);
    if (st) {
        builder_free(b);
        return st;
    }
    if (dt == DT_STR) builder_off(b)[0] = 0;
    *out = b;
    return OK;
}

static Status builder_reserve(Cx *cx, Builder *b, idx more)
{
    idx need, cap = b->cap;
    size_t size;
    if (LIKELY(more <= cap - b->n)) return OK;
    if (__builtin_add_overflow(b->n, more, &need) || need > INT64_MAX / 4)
        return fail(cx, E_OVERFLOW, "a column of too many rows");
    while (cap < need)
        cap *= 2;
    if (__builtin_mul_overflow((size_t)cap + 1, builder_width(b), &size))
        return fail(cx, E_OVERFLOW, "a column of %lld rows is too long",
                    (long long)cap);
    TRY(buf_grow(cx, &b->data, size));
    if (b->valid) TRY(buf_grow(cx, &b->valid, (size_t)bit_words(cap) * 8));
    b->cap = cap;
    return OK;
}

static Status builder_reserve_text(Cx *cx, Builder *b, int64_t more)
{
    int64_t need, used = builder_off(b)[b->n];
    if (__builtin_add_overflow(used, more, &need) || need > INT64_MAX / 4)
        return fail(cx, E_OVERFLOW, "a text column of too many bytes");
    size_t size = b->bytes->size;
    if ((size_t)need <= size) return OK;
    while (size < (size_t)need)
        size *= 2;
    return buf_grow(cx, &b->bytes, size);
}

/* A bitmap in which the rows so far are present. */
static Status builder_need_bits(Cx *cx, Builder *b)
{
    if (b->valid) return OK;
    TRY(buf_new(cx, (size_t)bit_words(b->cap) * 8, true, &b->valid));
    bits_fill(builder_bits(b), 0, b->n, true);
    return OK;
}

/* Counts rows that are written as present. */
static void builder_present(Builder *b, idx more)
{
    if (b->valid) bits_fill(builder_bits(b), b->n, more, true);
    b->n += more;
}

Status builder_add_bytes(Cx *cx, Builder *b, const void *value)
{
    size_t w = builder_width(b);
    TRY(builder_reserve(cx, b, 1));
    memcpy(b->data->data + (size_t)b->n * w, value, w);
    builder_present(b, 1);
    return OK;
}

Status builder_add_str(Cx *cx, Builder *b, const uint8_t *s, idx n)
{
    TRY(builder_reserve(cx, b, 1));
    TRY(builder_reserve_text(cx, b, n));
    int64_t *off = builder_off(b);
    if (n) memcpy(b->bytes->data + off[b->n], s, (size_t)n);
    off[b->n + 1] = off[b->n] + n;
    builder_present(b, 1);
    return OK;
}

Status builder_add_null(Cx *cx, Builder *b)
{
    const float nan32 = NAN;
    const double nan64 = (double)NAN;
    const int64_t nat = NAT;
    if (b->null == NULL_NAN)
        return builder_add_bytes(cx, b,
                                 b->dt == DT_F32 ? (const void *)&nan32 : &nan64);
    if (b->null == NULL_NAT) return builder_add_bytes(cx, b, &nat);
    if (b->null == NULL_NONE)
        return fail(cx, E_VALUE, "a %s column can't hold a missing value",
                    dtype_info[b->dt].text);
    TRY(builder_reserve(cx, b, 1));
    TRY(builder_need_bits(cx, b));
    size_t w = builder_width(b);
    if (b->dt == DT_STR)
        builder_off(b)[b->n + 1] = builder_off(b)[b->n];
    else
        memset(b->data->data + (size_t)b->n * w, 0, w);
    bit_clear(builder_bits(b), b->n);
    b->n++;
    return OK;
}

const uint8_t *builder_str(const Builder *b, idx i, idx *len)
{
    const int64_t *off = builder_off(b);
    ASSERT(b->dt == DT_STR && i < b->n);
    *len = off[i + 1] - off[i];
    return b->bytes->data + off[i];
}

/* The text of a, missing rows empty; the rows are reserved. */
static Status builder_append_text(Cx *cx, Builder *b, const Array *a)
{
    int64_t *off = builder_off(b) + b->n, total = 0;
    for (idx i = 0; i < a->n; i++) {
        idx len = 0;
        if (array_bit(a, i)) array_str(a, i, &len);
        if (__builtin_add_overflow(total, len, &total))
            return fail(cx, E_OVERFLOW, "a text column of too many bytes");
    }
    TRY(builder_reserve_text(cx, b, total));
    for (idx i = 0; i < a->n; i++) {
        idx len = 0;
        const uint8_t *s = array_bit(a, i) ? array_str(a, i, &len) : NULL;
        if (len) memcpy(b->bytes->data + off[i], s, (size_t)len);
        off[i + 1] = off[i] + len;
    }
    return OK;
}

Status builder_add_array(Cx *cx, Builder *b, const Array *a)
{
    if (a->dt != b->dt || a->unit != b->unit)
        return fail(cx, E_INTERNAL, "a %s column added to one of %s",
                    dtype_info[a->dt].text, dtype_info[b->dt].text);
    if (a->valid && b->null != NULL_MASK && b->null != NULL_PROM)
        return fail(cx, E_VALUE, "a %s column can't hold a missing value",
                    dtype_info[b->dt].text);
    TRY(builder_reserve(cx, b, a->n));
    if (a->valid) TRY(builder_need_bits(cx, b));
    size_t w = builder_width(b);
    if (a->dt == DT_STR)
        TRY(builder_append_text(cx, b, a));
    else if (a->n)
        memcpy(b->data->data + (size_t)b->n * w, a->data, (size_t)a->n * w);
    if (!b->tz) b->tz = a->tz;
    if (!a->valid) {
        builder_present(b, a->n);
        return OK;
    }
    bits_copy(builder_bits(b), b->n, a->valid, 0, a->n);
    b->n += a->n;
    return OK;
}

Status builder_finish(Cx *cx, Builder *b, Array **out)
{
    Array *a;
    *out = NULL;
    Status st = mem_new(cx, 1, sizeof *a, true, &a);
    if (st) {
        builder_free(b);
        return st;
    }
    a->n = b->n;
    a->dt = b->dt;
    a->null = b->null;
    a->unit = b->unit;
    a->tz = b->tz;
    atomic_init(&a->refs, 1);
    if (b->valid) {
        a->valid_buf = b->valid;
        a->valid = builder_bits(b);
        if (a->n % 64) a->valid[a->n / 64] &= bit_low(a->n % 64);
        a->null_count = -1;
    }
    if (b->dt == DT_STR) {
        a->off_buf = b->data;
        a->off = builder_off(b);
        a->bytes_buf = b->bytes;
        a->bytes = b->bytes->data;
    } else {
        a->data_buf = b->data;
        a->data = b->data->data;
    }
    mem_free(b);
    *out = a;
    return OK;
}
