/* SPDX-License-Identifier: Apache-2.0
 * Columns out of the Arrow C Data Interface. Three steps per column: read the format
 * into a Src, check the structure (counts, buffers, offsets, codes), then either borrow
 * the values or convert them in blocks of BLOCK rows. Bitmaps are always copied: they
 * are small, and ours promise zeroes behind the last row. Values are borrowed only if
 * they are aligned, of the wanted type and, where missing, zero.
 *
 * Buffers borrowed from one ArrowArray share a Foreign, which releases it with the last
 * of them. The C interface does not tell the sizes of buffers; they follow from the
 * length and the offsets, which is all that can be checked.
 */
#include "array/dict.h"
#include "io/arrow_int.h"
#include "kernel/kernel.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024 };

/* -- Foreign memory -------------------------------------------------------------- */

typedef struct Foreign {
    struct ArrowArray array; /* ours: moved out of the caller's */
    _Atomic int64_t refs;
} Foreign;

static void foreign_unref(Foreign *f)
{
    if (atomic_fetch_sub(&f->refs, 1) != 1) return;
    if (f->array.release) f->array.release(&f->array);
    mem_free(f);
}

static void foreign_release(void *data, void *arg)
{
    (void)data;
    foreign_unref(arg);
}

static Status foreign_borrow(Cx *cx, Foreign *f, const void *data, size_t size,
                             Buf **out)
{
    union {
        const void *from;
        void *to;
    } p = {.from = data}; /* the buffer is marked read-only */
    TRY(buf_borrow(cx, p.to, size, true, foreign_release, f, out));
    atomic_fetch_add(&f->refs, 1);
    return OK;
}

/* Takes *in over, also on failure. */
static Status foreign_new(Cx *cx, struct ArrowArray *in, Foreign **out)
{
    Foreign *f;
    Status st = mem_new(cx, 1, sizeof *f, true, &f);
    if (st) {
        if (in->release) in->release(in);
        return st;
    }
    f->array = *in;
    in->release = NULL;
    atomic_init(&f->refs, 1);
    *out = f;
    return OK;
}

/* -- Formats --------------------------------------------------------------------- */

typedef enum SrcKind {
    SRC_FIXED,   /* values of dtype_info[dt].bytes */
    SRC_BITS,    /* bools as bits */
    SRC_STR32,   /* text with 32-bit offsets */
    SRC_STR64,   /* text with 64-bit offsets */
    SRC_VIEW,    /* text as views */
    SRC_NULL,    /* no buffers: all missing */
    SRC_DATE64,  /* days as milliseconds */
    SRC_DECIMAL, /* 128-bit integers times 10**-scale */
} SrcKind;

typedef struct Src {
    SrcKind kind;
    DType dt;
    Unit unit;
    int scale;
    const char *tz;                 /* TS and DATE: as arrays hold it, or NULL */
    const char *name;               /* of the column, for messages */
    const struct ArrowArray *array; /* borrowed */
    uint64_t *valid;                /* our copy for these rows, NULL: none missing */
    idx null_count;
} Src;

static Status bad(Cx *cx, const Src *s, const char *what)
{
    return fail(cx, E_VALUE, "Arrow data of column '%s': %s", s->name, what);
}

static Unit unit_of(char c)
{
    switch (c) {
    case 's': return UNIT_S;
    case 'm': return UNIT_MS;
    case 'u': return UNIT_US;
    case 'n': return UNIT_NS;
    default: return UNIT_NONE;
    }
}

/* "tsu:Europe/Berlin", "tDn", "tdD", "tdm". */
static Status parse_time(Cx *cx, const char *f, Src *s, bool *known)
{
    *known = true;
    bool ms = strcmp(f, "tdm") == 0;
    if (ms || strcmp(f, "tdD") == 0) {
        if (ms) s->kind = SRC_DATE64;
        s->dt = DT_DATE;
        return array_tz(cx, "None", 4, &s->tz);
    }
    bool ts = f[1] == 's';
    s->dt = ts ? DT_TS : DT_TD;
    s->unit = f[1] == 's' || f[1] == 'D' ? unit_of(f[2]) : UNIT_NONE;
    *known = s->unit != UNIT_NONE && (ts ? f[3] == ':' : f[3] == 0);
    if (*known && ts && f[4]) return array_tz(cx, f + 4, strlen(f + 4), &s->tz);
    return OK;
}

/* "d:precision,scale" with 128 bits. */
static bool parse_decimal(const char *f, Src *s)
{
    char *end;
    long precision = strtol(f + 2, &end, 10);
    if (*end != ',' || precision < 1 || precision > 38) return false;
    long scale = strtol(end + 1, &end, 10);
    if ((*end && strcmp(end, ",128") != 0) || scale < -38 || scale > 38) return false;
    s->kind = SRC_DECIMAL;
    s->dt = DT_F64;
    s->scale = (int)scale;
    return true;
}

static Status parse_format(Cx *cx, const struct ArrowSchema *schema, Src *s)
{
    const char *f = schema->format;
    bool known = false;
    if (!f) return bad(cx, s, "it has no format");
    s->kind = SRC_FIXED;
    for (int dt = DT_I8; dt <= DT_F64; dt++) {
        if (strcmp(f, dtype_info[dt].arrow) != 0) continue;
        s->dt = (DType)dt;
        return OK;
    }
    if (f[0] == 't' && f[1]) {
        TRY(parse_time(cx, f, s, &known));
    } else if (f[0] == 'd' && f[1] == ':') {
        known = parse_decimal(f, s);
    } else {
        static const struct {
            const char *format;
            SrcKind kind;
            DType dt;
        } other[] = {
            {"b",  SRC_BITS,  DT_BOOL},
            {"u",  SRC_STR32, DT_STR },
            {"U",  SRC_STR64, DT_STR },
            {"vu", SRC_VIEW,  DT_STR },
            {"n",  SRC_NULL,  DT_BOOL},
        };
        for (idx i = 0; i < COUNT_OF(other) && !known; i++) {
            known = strcmp(f, other[i].format) == 0;
            if (!known) continue;
            s->kind = other[i].kind;
            s->dt = other[i].dt;
        }
    }
    if (known) return OK;
    return fail(cx, E_TYPE,
                "column '%s' has the Arrow type '%s', which is not supported", s->name,
                f);
}

/* -- Structure ------------------------------------------------------------------- */

/* Buffers of a kind; a view has more. */
static int64_t buffers_of(SrcKind kind)
{
    static const int64_t n[] = {
        [SRC_FIXED] = 2, [SRC_BITS] = 2, [SRC_STR32] = 3,  [SRC_STR64] = 3,
        [SRC_VIEW] = 3,  [SRC_NULL] = 0, [SRC_DATE64] = 2, [SRC_DECIMAL] = 2};
    return n[kind];
}

static Status check_structure(Cx *cx, const Src *s)
{
    const struct ArrowArray *a = s->array;
    int64_t end, want = buffers_of(s->kind);
    if (a->length < 0 || a->offset < 0 ||
        __builtin_add_overflow(a->length, a->offset, &end) || end > INT64_MAX / 16)
        return bad(cx, s, "its length or offset is impossible");
    if (s->kind == SRC_NULL) return OK;
    if (s->kind == SRC_VIEW ? a->n_buffers < want : a->n_buffers != want)
        return bad(cx, s, "it has a wrong number of buffers");
    if (!a->buffers) return bad(cx, s, "its buffers are missing");
    if (a->length > 0 && !a->buffers[1]) return bad(cx, s, "its values are missing");
    return OK;
}

/* Copies the bitmap for the rows of s, and counts. Buf: NULL when nothing is missing.
 */
static Status import_valid(Cx *cx, Src *s, Buf **out)
{
    const struct ArrowArray *a = s->array;
    idx n = a->length;
    *out = NULL;
    s->valid = NULL;
    s->null_count = 0;
    bool none = s->kind != SRC_NULL && (a->null_count == 0 || !a->buffers[0]);
    if (n == 0 || none) return OK;
    TRY(buf_new(cx, (size_t)bit_words(n) * 8, s->kind == SRC_NULL, out));
    uint64_t *to = (uint64_t *)(void *)(*out)->data;
    if (s->kind != SRC_NULL) {
        const uint8_t *from = (const uint8_t *)a->buffers[0] + a->offset / 8;
        int shift = (int)(a->offset % 8);
        idx bytes = (n + shift + 7) / 8;
        for (idx w = 0; w < bit_words(n); w++) {
            uint64_t lo = 0;
            memcpy(&lo, from + 8 * w, (size_t)idx_min(8, bytes - 8 * w));
            uint64_t hi = shift && bytes > 8 * w + 8 ? from[8 * w + 8] : 0;
            to[w] = shift ? lo >> shift | hi << (64 - shift) : lo;
        }
        if (n % 64) to[n / 64] &= bit_low(n % 64);
    }
    s->null_count = n - bits_count(to, n);
    if (s->null_count == 0) {
        buf_unref(*out);
        *out = NULL;
        return OK;
    }
    s->valid = to;
    return OK;
}

/* -- Fixed width ----------------------------------------------------------------- */

static bool words_zero_below_nulls(const void *data, size_t width,
                                   const uint64_t *valid, idx n)
{
    const uint8_t *p = data;
    for (idx w = 0; p && w < bit_words(n); w++) {
        uint64_t gone = ~valid[w] & bit_low(idx_min(64, n - 64 * w));
        for (; gone; gone &= gone - 1) {
            uint64_t v = 0;
            idx i = 64 * w + __builtin_ctzll(gone);
            memcpy(&v, p + (size_t)i * width, width);
            if (v) return false;
        }
    }
    return true;
}

/* A block of rows on its way: integers, or doubles when the target is a float. */
typedef union Block {
    int64_t i[BLOCK];
    double f[BLOCK];
} Block;

/* Foreign values need not be aligned. */
#define LOAD_AS(T, field, U)                                                           \
    do {                                                                               \
        const uint8_t *p = s->array->buffers[1];                                       \
        p += (size_t)(s->array->offset + at) * sizeof(T);                              \
        for (idx k = 0; k < n; k++) {                                                  \
            T v;                                                                       \
            memcpy(&v, p + (size_t)k * sizeof v, sizeof v);                            \
            b->field[k] = (U)v;                                                        \
        }                                                                              \
    } while (0)
#define LOAD(T)   LOAD_AS(T, i, int64_t)
#define LOAD_F(T) LOAD_AS(T, f, double)

static void load_bits(const Src *s, idx at, idx n, Block *b)
{
    const uint8_t *p = s->array->buffers[1];
    for (idx k = 0; k < n; k++) {
        int64_t i = s->array->offset + at + k;
        b->i[k] = p[i / 8] >> (i % 8) & 1;
    }
}

static void load_decimal(const Src *s, idx at, idx n, Block *b)
{
    const uint8_t *p = s->array->buffers[1];
    double scale = pow(10, abs(s->scale));
    for (idx k = 0; k < n; k++) {
        __int128 v;
        memcpy(&v, p + 16 * (s->array->offset + at + k), 16);
        b->f[k] = s->scale < 0 ? (double)v * scale : (double)v / scale;
    }
}

/* Rows at .. at + n as int64 (uint64 by its bits), floats as double. */
static void load(const Src *s, idx at, idx n, Block *b)
{
    if (s->kind == SRC_BITS) {
        load_bits(s, at, n, b);
        return;
    }
    if (s->kind == SRC_DECIMAL) {
        load_decimal(s, at, n, b);
        return;
    }
    if (s->kind == SRC_DATE64) {
        LOAD(int64_t);
        return;
    }
    switch (s->dt) {
    case DT_I8: LOAD(int8_t); break;
    case DT_I16: LOAD(int16_t); break;
    case DT_I32:
    case DT_DATE: LOAD(int32_t); break;
    case DT_U8:
    case DT_BOOL: LOAD(uint8_t); break;
    case DT_U16: LOAD(uint16_t); break;
    case DT_U32: LOAD(uint32_t); break;
    case DT_F32: LOAD_F(float); break;
    case DT_F64: LOAD_F(double); break;
    default: LOAD(int64_t); break;
    }
}

#define STORE(T)                                                                       \
    do {                                                                               \
        T *p = (T *)out->data + at;                                                    \
        for (idx k = 0; k < n; k++)                                                    \
            p[k] = (T)b->i[k];                                                         \
    } while (0)
#define STORE_F(T)                                                                     \
    do {                                                                               \
        T *p = (T *)out->data + at;                                                    \
        for (idx k = 0; k < n; k++)                                                    \
            p[k] = (T)b->f[k];                                                         \
    } while (0)

static void store(Array *out, idx at, idx n, const Block *b)
{
    switch (dtype_info[out->dt].bytes) {
    case 1: STORE(uint8_t); break;
    case 2: STORE(uint16_t); break;
    case 4:
        if (out->dt == DT_F32)
            STORE_F(float);
        else
            STORE(uint32_t);
        break;
    default:
        if (out->dt == DT_F64)
            STORE_F(double);
        else
            STORE(int64_t);
        break;
    }
}

/* The values of dt, as int64; U64's upper bound is checked apart. */
static void int_range(DType dt, int64_t *lo, int64_t *hi)
{
    static const int64_t range[][2] = {
        [DT_BOOL] = {0,         1         },
        [DT_I8] = {INT8_MIN,  INT8_MAX  },
        [DT_I16] = {INT16_MIN, INT16_MAX },
        [DT_I32] = {INT32_MIN, INT32_MAX },
        [DT_I64] = {INT64_MIN, INT64_MAX },
        [DT_U8] = {0,         UINT8_MAX },
        [DT_U16] = {0,         UINT16_MAX},
        [DT_U32] = {0,         UINT32_MAX},
        [DT_U64] = {0,         INT64_MAX },
    };
    *lo = range[dt][0];
    *hi = range[dt][1];
}

static Status convert_int(Cx *cx, const Src *s, DType to, idx n, Block *b)
{
    int64_t lo, hi, bad_rows = 0;
    if (dt_is_float(to)) {
        for (idx k = 0; k < n; k++) {
            int64_t v = b->i[k];
            b->f[k] = s->dt == DT_U64 ? (double)(uint64_t)v : (double)v;
        }
        return OK;
    }
    if (s->dt == to) return OK;
    int_range(to, &lo, &hi);
    /* From uint64, values from 2**63 on are negative here: no target but itself has
     * them. */
    if (s->dt == DT_U64) lo = 0;
    for (idx k = 0; k < n; k++)
        bad_rows |= b->i[k] < lo || b->i[k] > hi;
    if (!bad_rows) return OK;
    return fail(cx, E_VALUE, "column '%s' has values that do not fit %s", s->name,
                dtype_info[to].text);
}

/* Multiplies by mul, then divides by div without a remainder; NaT stays. */
static Status convert_scale(Cx *cx, const Src *s, int64_t mul, int64_t div, idx n,
                            Block *b)
{
    bool over = false, rest = false;
    for (idx k = 0; k < n; k++) {
        int64_t v = b->i[k];
        if (v == NAT) continue;
        over |= __builtin_mul_overflow(v, mul, &b->i[k]);
        rest |= b->i[k] % div != 0;
        b->i[k] /= div;
    }
    if (over) return bad(cx, s, "a time does not fit the wanted unit");
    if (rest) return bad(cx, s, "a time is finer than the wanted unit");
    return OK;
}

static Status convert(Cx *cx, const Src *s, const ColSpec *spec, idx n, Block *b)
{
    const int64_t day = 86400;
    if (s->kind == SRC_DATE64) TRY(convert_scale(cx, s, 1, 1000 * day, n, b));
    if (dt_is_num(s->dt))
        return dt_is_float(s->dt) ? OK : convert_int(cx, s, spec->dt, n, b);
    if (spec->dt == DT_DATE) {
        bool out = false;
        for (idx k = 0; k < n; k++)
            out |= b->i[k] != (int32_t)b->i[k];
        return out ? bad(cx, s, "a date is out of range") : OK;
    }
    int64_t to = unit_per_second(spec->unit);
    if (s->dt == DT_DATE) return convert_scale(cx, s, day * to, 1, n, b);
    int64_t from = unit_per_second(s->unit);
    if (to >= from) return to == from ? OK : convert_scale(cx, s, to / from, 1, n, b);
    return convert_scale(cx, s, 1, from / to, n, b);
}

static bool can_convert(const Src *s, const ColSpec *spec)
{
    DType to = spec->dt;
    if (s->dt == to) return true;
    if (dt_is_int(s->dt)) return dt_is_int(to) || dt_is_float(to);
    if (dt_is_float(s->dt)) return dt_is_float(to);
    return s->dt == DT_DATE && to == DT_TS;
}

/* Missing rows of a block: zero for the conversion. */
static void zero_missing(const Src *s, idx at, idx n, Block *b)
{
    if (!s->valid) return;
    for (idx k = 0; k < n; k++)
        if (!bit_get(s->valid, at + k)) b->i[k] = 0;
}

/* Missing rows of a block, converted: NaN or NaT. */
static void mark_missing(const Src *s, NullForm null, idx at, idx n, Block *b)
{
    if (!s->valid || (null != NULL_NAN && null != NULL_NAT)) return;
    for (idx k = 0; k < n; k++) {
        if (bit_get(s->valid, at + k)) continue;
        if (null == NULL_NAN)
            b->f[k] = (double)NAN;
        else
            b->i[k] = NAT;
    }
}

static Status import_converted(Cx *cx, const Src *s, const ColSpec *spec, Array *out)
{
    Block b;
    for (idx at = 0; at < out->n; at += BLOCK) {
        idx n = idx_min(BLOCK, out->n - at);
        if (at % ((idx)BLOCK * BLOCK) == 0) TRY(cx_check(cx));
        load(s, at, n, &b);
        zero_missing(s, at, n, &b);
        TRY(convert(cx, s, spec, n, &b));
        mark_missing(s, (NullForm)spec->null, at, n, &b);
        store(out, at, n, &b);
    }
    return OK;
}

static bool can_borrow(const Src *s, const ColSpec *spec, const void *data,
                       size_t width)
{
    if (s->kind != SRC_FIXED || s->dt != (DType)spec->dt) return false;
    if (dt_is_time(spec->dt) && s->unit != (Unit)spec->unit) return false;
    if ((uintptr_t)data % width) return false;
    if (!s->valid) return true;
    if (spec->null == NULL_NAN || spec->null == NULL_NAT) return false;
    return words_zero_below_nulls(data, width, s->valid, s->array->length);
}

static Status import_fixed(Cx *cx, Foreign *f, const Src *s, const ColSpec *spec,
                           Array **out)
{
    idx n = s->array->length;
    size_t width = dtype_info[spec->dt].bytes;
    if (!can_convert(s, spec))
        return fail(cx, E_TYPE, "column '%s' holds %s, but %s is expected", s->name,
                    dtype_info[s->dt].text, dtype_info[spec->dt].text);
    const uint8_t *data = s->array->buffers[1];
    if (data) data += (size_t)s->array->offset * width;
    bool borrow = n > 0 && can_borrow(s, spec, data, width);
    TRY(array_new(cx, spec->dt, spec->null, spec->unit, borrow ? 0 : n, false, out));
    (*out)->tz = s->dt == (DType)(*out)->dt ? s->tz : NULL;
    if (!borrow) return import_converted(cx, s, spec, *out);
    Buf *b;
    TRY(foreign_borrow(cx, f, data, (size_t)n * width, &b));
    buf_unref((*out)->data_buf);
    (*out)->data_buf = b;
    (*out)->data = b->data;
    (*out)->n = n;
    return OK;
}

/* -- Text ------------------------------------------------------------------------ */

/* Offsets as ours: checked, widened. They count from the start of the bytes. */
static Status import_offsets(Cx *cx, const Src *s, int64_t *off)
{
    idx n = s->array->length, at = s->array->offset;
    int64_t down = 0;
    if (s->kind == SRC_STR32) {
        const uint8_t *p = (const uint8_t *)s->array->buffers[1] + 4 * at;
        for (idx i = 0; i <= n; i++) {
            int32_t v;
            memcpy(&v, p + 4 * i, 4);
            off[i] = v;
        }
    } else {
        memcpy(off, (const uint8_t *)s->array->buffers[1] + 8 * at,
               8 * (size_t)(n + 1));
    }
    for (idx i = 0; i < n; i++)
        down |= off[i + 1] < off[i];
    if (off[0] < 0 || down) return bad(cx, s, "its offsets go down");
    if (off[n] > 0 && !s->array->buffers[2]) return bad(cx, s, "its text is missing");
    return OK;
}

static bool text_below_nulls(const Src *s, const int64_t *off)
{
    if (!s->valid) return false;
    for (idx i = 0; i < s->array->length; i++)
        if (!bit_get(s->valid, i) && off[i + 1] != off[i]) return true;
    return false;
}

/* Plain text, copied, without what stands below missing rows. */
static Status compact_text(Cx *cx, const Src *s, const int64_t *off, Array **out)
{
    idx n = s->array->length;
    const uint8_t *bytes = s->array->buffers[2];
    TRY(str_new_offsets(cx, n, out));
    int64_t *to = (*out)->off;
    for (idx i = 0; i < n; i++)
        to[i + 1] = to[i] + (bit_get(s->valid, i) ? off[i + 1] - off[i] : 0);
    TRY(str_new_bytes(cx, *out));
    for (idx i = 0; i < n; i++)
        if (to[i + 1] > to[i])
            memcpy((*out)->bytes + to[i], bytes + off[i], (size_t)(to[i + 1] - to[i]));
    return OK;
}

static Status import_offset_text(Cx *cx, Foreign *f, const Src *s, Array **out)
{
    Array *copy = NULL;
    TRY(str_new_offsets(cx, s->array->length, out));
    int64_t *off = (*out)->off;
    TRY(import_offsets(cx, s, off));
    if (text_below_nulls(s, off)) {
        Status st = compact_text(cx, s, off, &copy);
        array_unref(*out);
        *out = copy;
        return st;
    }
    if (off[s->array->length] == 0) return str_new_bytes(cx, *out); /* may be NULL */
    TRY(foreign_borrow(cx, f, s->array->buffers[2], (size_t)off[s->array->length],
                       &(*out)->bytes_buf));
    (*out)->bytes = (*out)->bytes_buf->data;
    return OK;
}

/* One view: its text, NULL when it is impossible. */
static const uint8_t *view_text(const Src *s, idx i, int32_t *len)
{
    const struct ArrowArray *a = s->array;
    const uint8_t *v = (const uint8_t *)a->buffers[1] + 16 * (a->offset + i);
    int32_t part[4]; /* length, prefix, buffer, offset */
    memcpy(part, v, 16);
    *len = part[0];
    if (part[0] < 0) return NULL;
    if (part[0] <= 12) return v + 4;
    int64_t count = a->n_buffers - 3, size;
    if (part[2] < 0 || part[2] >= count || part[3] < 0) return NULL;
    memcpy(&size,
           (const uint8_t *)a->buffers[a->n_buffers - 1] + (size_t)8 * (size_t)part[2],
           8);
    const uint8_t *text = a->buffers[2 + part[2]];
    if (!text || (int64_t)part[3] + part[0] > size) return NULL;
    return text + part[3];
}

static Status import_views(Cx *cx, const Src *s, Array **out)
{
    const struct ArrowArray *a = s->array;
    idx n = a->length;
    int32_t len;
    if (a->n_buffers > 3 && !a->buffers[a->n_buffers - 1])
        return bad(cx, s, "the sizes of its text buffers are missing");
    TRY(str_new_offsets(cx, n, out));
    int64_t *off = (*out)->off;
    for (idx i = 0; i < n; i++) {
        len = 0;
        bool present = !s->valid || bit_get(s->valid, i);
        if (present && !view_text(s, i, &len))
            return bad(cx, s, "a view is impossible");
        off[i + 1] = off[i] + len;
    }
    TRY(str_new_bytes(cx, *out));
    for (idx i = 0; i < n; i++) {
        if (off[i + 1] == off[i]) continue;
        const uint8_t *text = view_text(s, i, &len);
        memcpy((*out)->bytes + off[i], text, (size_t)len);
    }
    return OK;
}

/* -- Plain columns --------------------------------------------------------------- */

/* All rows missing, or no rows at all. */
static Status import_blank(Cx *cx, const Src *s, const ColSpec *spec, Array **out)
{
    idx n = s->array->length;
    if (spec->dt == DT_STR) {
        TRY(array_new_str(cx, n, 0, out));
        memset((*out)->off, 0, (size_t)(n + 1) * sizeof(int64_t));
        return OK;
    }
    TRY(array_new(cx, spec->dt, spec->null, spec->unit, n, true, out));
    (*out)->tz = s->dt == (DType)(*out)->dt ? s->tz : NULL;
    for (idx i = 0; i < n && spec->null == NULL_NAT; i++)
        ((int64_t *)(*out)->data)[i] = NAT;
    for (idx i = 0; i < n && spec->null == NULL_NAN; i++)
        if (spec->dt == DT_F32)
            ((float *)(*out)->data)[i] = NAN;
        else
            ((double *)(*out)->data)[i] = (double)NAN;
    return OK;
}

static Status import_values(Cx *cx, Foreign *f, const Src *s, const ColSpec *spec,
                            Array **out)
{
    bool text = s->dt == DT_STR;
    if (s->kind == SRC_NULL) return import_blank(cx, s, spec, out);
    if (text != (spec->dt == DT_STR))
        return fail(cx, E_TYPE, "column '%s' holds %s, but %s is expected", s->name,
                    dtype_info[s->dt].text, dtype_info[spec->dt].text);
    if (s->array->length == 0 && text) return import_blank(cx, s, spec, out);
    if (s->kind == SRC_VIEW) return import_views(cx, s, out);
    return text ? import_offset_text(cx, f, s, out) : import_fixed(cx, f, s, spec, out);
}

static Status check_spec(Cx *cx, const Src *s, const ColSpec *spec)
{
    if (dt_is_complex((DType)spec->dt) || spec->dt == DT_CHAR)
        return fail(cx, E_TYPE, "column '%s': Arrow has no %s", s->name,
                    dtype_info[spec->dt].text);
    if (s->null_count == 0 || spec->null != NULL_NONE) return OK;
    return fail(cx, E_VALUE, "column '%s' has missing values, but its type %s has none",
                s->name, dtype_info[spec->dt].text);
}

static Status import_plain(Cx *cx, Foreign *f, const struct ArrowSchema *schema,
                           const struct ArrowArray *a, const ColSpec *spec, Array **out)
{
    Src s = {.name = schema->name ? schema->name : "", .array = a};
    Buf *valid = NULL;
    Array *r = NULL;
    TRY(parse_format(cx, schema, &s));
    TRY(check_structure(cx, &s));
    TRY(import_valid(cx, &s, &valid));
    Status st = check_spec(cx, &s, spec);
    if (!st && spec->dt == DT_CAT) st = bad(cx, &s, "a category needs a dictionary");
    if (!st) st = import_values(cx, f, &s, spec, &r);
    if (st) {
        buf_unref(valid);
        array_unref(r);
        return st;
    }
    ASSERT(r);
    r->null = spec->null;
    if (valid && (spec->null == NULL_MASK || spec->null == NULL_PROM)) {
        r->valid_buf = valid;
        r->valid = s.valid;
        r->null_count = s.null_count;
    } else {
        buf_unref(valid);
    }
    *out = r;
    return OK;
}

/* -- Dictionaries ---------------------------------------------------------------- */

/* Whether the entries of a dictionary repeat. */
static Status has_repeats(Cx *cx, const Array *dict, bool *repeats)
{
    DictSet *set;
    int32_t code;
    TRY(dictset_new(cx, dict->n, &set));
    Status st = OK;
    for (idx i = 0; i < dict->n && !st; i++) {
        idx len;
        const uint8_t *s = array_str(dict, i, &len);
        st = dictset_add(cx, set, s, len, &code);
    }
    *repeats = dictset_count(set) != dict->n;
    dictset_free(set);
    return st;
}

/* Codes of any width as positions, missing ones -1. Checked against the entries. */
static Status import_codes(Cx *cx, const Src *s, idx entries, idx *pos)
{
    Block b;
    idx n = s->array->length;
    for (idx at = 0; at < n; at += BLOCK) {
        idx m = idx_min(BLOCK, n - at);
        int64_t outside = 0;
        load(s, at, m, &b);
        for (idx k = 0; k < m; k++) {
            bool present = !s->valid || bit_get(s->valid, at + k);
            int64_t v = present ? b.i[k] : -1;
            outside |= present && (v < 0 || v >= entries);
            pos[at + k] = v;
        }
        if (outside) return bad(cx, s, "a code is outside its dictionary");
    }
    return OK;
}

/* 32-bit codes that can be borrowed as they are. */
static bool codes_fit(const Src *s, idx entries)
{
    const int32_t *p = (const int32_t *)s->array->buffers[1] + s->array->offset;
    int32_t lo = 0, hi = 0;
    if (s->dt != DT_I32 || s->valid || (uintptr_t)p % sizeof *p) return false;
    for (idx i = 0; i < s->array->length; i++) {
        lo = p[i] < lo ? p[i] : lo;
        hi = p[i] > hi ? p[i] : hi;
    }
    return lo >= 0 && hi < entries;
}

static Status dict_borrowed(Cx *cx, Foreign *f, const Src *s, Array *dict, Array **out)
{
    const int32_t *p = (const int32_t *)s->array->buffers[1] + s->array->offset;
    Buf *b;
    TRY(foreign_borrow(cx, f, p, (size_t)s->array->length * sizeof *p, &b));
    Status st = array_new_dict(cx, 0, dict, out);
    if (st) {
        buf_unref(b);
        return st;
    }
    buf_unref((*out)->data_buf);
    (*out)->data_buf = b;
    (*out)->data = b->data;
    (*out)->n = s->array->length;
    return OK;
}

/* pos (-1: missing) as codes of a column over dict. Entries that are missing themselves
 * (entry_null: the dictionary's bitmap or NULL) make missing rows. */
static Status dict_from_pos(Cx *cx, const idx *pos, idx n, Array *dict,
                            const uint64_t *entry_valid, Array **out)
{
    TRY(array_new_dict(cx, n, dict, out));
    int32_t *code = (*out)->data;
    idx gone = 0;
    for (idx i = 0; i < n; i++) {
        bool missing = pos[i] < 0 || (entry_valid && !bit_get(entry_valid, pos[i]));
        code[i] = missing ? 0 : (int32_t)pos[i];
        gone += missing;
    }
    if (gone == 0) return OK;
    TRY(array_add_valid(cx, *out, false));
    for (idx i = 0; i < n; i++)
        if (pos[i] >= 0 && (!entry_valid || bit_get(entry_valid, pos[i])))
            bit_set((*out)->valid, i);
    (*out)->null_count = gone;
    return OK;
}

static bool cache_hit(const DictCache *c, const struct ArrowArray *d)
{
    return c && c->dict && d->n_buffers == 3 && d->buffers && !d->buffers[0] &&
           d->length == c->length && d->offset == c->offset &&
           d->buffers[1] == c->offsets && d->buffers[2] == c->text;
}

static void cache_put(DictCache *c, const struct ArrowArray *d, Array *dict)
{
    if (!c || d->n_buffers != 3 || dict->valid || dict->bytes != d->buffers[2]) return;
    array_unref(c->dict);
    *c = (DictCache){d->buffers[1], d->buffers[2],   d->length,
                     d->offset,     array_ref(dict), c->cats};
}

static Status import_entries(Cx *cx, Foreign *f, const struct ArrowSchema *schema,
                             const struct ArrowArray *a, const ColSpec *spec,
                             DictCache *cache, Array **out)
{
    ColSpec want = *spec;
    if (spec->dt != DT_STR && spec->dt != DT_CAT) {
        /* Entries may be missing where the column's rows are not. */
        if (want.null == NULL_NONE) want.null = NULL_MASK;
        return import_plain(cx, f, schema, a, &want, out);
    }
    if (cache_hit(cache, a)) {
        *out = array_ref(cache->dict);
        return OK;
    }
    want = (ColSpec){.dt = DT_STR, .null = NULL_MASK};
    TRY(import_plain(cx, f, schema, a, &want, out));
    if ((*out)->n > INT32_MAX)
        return fail(cx, E_OVERFLOW, "a dictionary of more than 2**31 - 1 texts");
    bool repeats;
    TRY(has_repeats(cx, *out, &repeats));
    (*out)->dict_dups = repeats;
    cache_put(cache, a, *out);
    return OK;
}

/* A dictionary column of text over entries, which loses its bitmap. */
static Status import_dict_text(Cx *cx, Foreign *f, const Src *s, Array *entries,
                               bool ordered, Array **out)
{
    idx n = s->array->length, *pos;
    if (!entries->valid && n > 0 && codes_fit(s, entries->n)) {
        TRY(dict_borrowed(cx, f, s, entries, out));
    } else {
        TRY(mem_new(cx, n, sizeof *pos, false, &pos));
        Buf *valid = entries->valid_buf;
        entries->valid_buf = NULL;
        entries->valid = NULL;
        Status st = import_codes(cx, s, entries->n, pos);
        if (!st)
            st = dict_from_pos(cx, pos, n, entries,
                               valid ? (uint64_t *)(void *)valid->data : NULL, out);
        buf_unref(valid);
        mem_free(pos);
        TRY(st);
    }
    (*out)->dict_dups = entries->dict_dups;
    (*out)->ordered = ordered ? 2 : 0;
    return OK;
}

static Status import_dict_other(Cx *cx, const Src *s, const Array *entries,
                                const ColSpec *spec, Array **out)
{
    idx n = s->array->length, *pos;
    NullForm null = spec->null == NULL_NONE ? NULL_MASK : (NullForm)spec->null;
    TRY(mem_new(cx, n, sizeof *pos, false, &pos));
    Status st = import_codes(cx, s, entries->n, pos);
    if (!st) st = take(cx, entries, pos, n, null, out);
    mem_free(pos);
    if (st || spec->null != NULL_NONE) return st;
    if (array_null_count(*out))
        return fail(cx, E_VALUE,
                    "column '%s' has missing values, but its type has none", s->name);
    buf_unref((*out)->valid_buf);
    (*out)->valid_buf = NULL;
    (*out)->valid = NULL;
    (*out)->null = NULL_NONE;
    return OK;
}

/* Where the entries of a dictionary are among the categories made of them. */
static Status entry_codes(Cx *cx, Array *entries, Array *cats, const idx *pos, idx n,
                          int32_t *code)
{
    Array *where = NULL;
    if (cats != entries) TRY(category_codes(cx, cats, entries, &where));
    const int32_t *map = where ? where->data : NULL;
    for (idx i = 0; i < n; i++)
        code[i] = pos[i] < 0 || !map ? (int32_t)pos[i] : map[pos[i]];
    array_unref(where);
    return OK;
}

/* A category column; entries that repeat or are missing are none. */
static Status import_category(Cx *cx, const Src *s, Array *entries, bool ordered,
                              Array **out)
{
    idx n = s->array->length, *pos;
    int32_t *code = NULL;
    Array *cats = NULL;
    TRY(mem_new(cx, n, sizeof *pos, false, &pos));
    Status st = import_codes(cx, s, entries->n, pos);
    if (!st) st = mem_new(cx, n, sizeof *code, false, &code);
    if (!st && (entries->valid || entries->dict_dups))
        st = category_distinct(cx, entries, false, &cats);
    else if (!st)
        cats = array_ref(entries);
    if (!st) st = entry_codes(cx, entries, cats, pos, n, code);
    if (!st) st = category_new(cx, code, n, cats, ordered, out);
    array_unref(cats);
    mem_free(code);
    mem_free(pos);
    return st;
}

static Status import_dict_values(Cx *cx, Foreign *f, const Src *s,
                                 const struct ArrowSchema *schema, const ColSpec *spec,
                                 Array *entries, Array **out)
{
    bool ordered = (schema->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0;
    if (spec->dt == DT_CAT) return import_category(cx, s, entries, ordered, out);
    if (spec->dt != DT_STR) return import_dict_other(cx, s, entries, spec, out);
    TRY(import_dict_text(cx, f, s, entries, ordered, out));
    (*out)->null = spec->null;
    TRY(spec->null == NULL_NONE && array_null_count(*out) ? check_spec(cx, s, spec)
                                                          : OK);
    if (spec->keep_dict) return OK;
    Array *plain;
    TRY(array_str_plain(cx, *out, &plain));
    array_unref(*out);
    *out = plain;
    return OK;
}

static Status import_dict(Cx *cx, Foreign *f, const struct ArrowSchema *schema,
                          const struct ArrowArray *a, const ColSpec *spec,
                          DictCache *cache, Array **out)
{
    Src s = {.name = schema->name ? schema->name : "", .array = a};
    Buf *valid = NULL;
    Array *entries = NULL, *r = NULL;
    TRY(parse_format(cx, schema, &s));
    if (s.kind != SRC_FIXED || !dt_is_int(s.dt) || !a->dictionary)
        return bad(cx, &s, "its dictionary is missing or its codes are no integers");
    TRY(check_structure(cx, &s));
    TRY(import_valid(cx, &s, &valid));
    Status st = check_spec(cx, &s, spec);
    if (!st)
        st = import_entries(cx, f, schema->dictionary, a->dictionary, spec, cache,
                            &entries);
    if (!st) st = import_dict_values(cx, f, &s, schema, spec, entries, &r);
    buf_unref(valid);
    array_unref(entries);
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}

/* -- One column ------------------------------------------------------------------ */

Status arrow_import_column(Cx *cx, const struct ArrowSchema *schema,
                           struct ArrowArray *in, const ColSpec *spec, DictCache *cache,
                           Array **out)
{
    Foreign *f;
    *out = NULL;
    if (!in->release)
        return fail(cx, E_VALUE, "an Arrow array that is released already");
    TRY(foreign_new(cx, in, &f));
    Status st = schema->dictionary
                    ? import_dict(cx, f, schema, &f->array, spec, cache, out)
                    : import_plain(cx, f, schema, &f->array, spec, out);
    foreign_unref(f);
    return st;
}

Status arrow_import(Cx *cx, struct ArrowSchema *schema, struct ArrowArray *in,
                    const ColSpec *spec, Array **out)
{
    return arrow_import_column(cx, schema, in, spec, NULL, out);
}

Status arrow_empty_column(Cx *cx, const struct ArrowSchema *schema, const ColSpec *spec,
                          Array **out)
{
    Array proto = {.dt = spec->dt, .null = spec->null, .unit = spec->unit};
    if (spec->dt == DT_CAT) { /* of texts: files know no others */
        Array *none;
        TRY(array_new_str(cx, 0, 0, &none));
        Status st = category_new(cx, NULL, 0, none, false, out);
        array_unref(none);
        return st;
    }
    Src s = {.name = ""};
    /* The time zone is in the schema only. */
    bool more = spec->dt == DT_TS || spec->dt == DT_DATE;
    if (more && !schema->dictionary) TRY(parse_format(cx, schema, &s));
    proto.tz = s.dt == (DType)spec->dt ? s.tz : NULL;
    return array_new_empty(cx, &proto, out);
}
