/* SPDX-License-Identifier: Apache-2.0
 * astype. A chain of decisions by the two types, then one loop over the values:
 *
 *   numbers to numbers   through blocks of int64 or double, with pandas' checks
 *   times                change of unit, to and from int64
 *   to text              cast_text.c    from text   cast_parse.c
 *
 * Missing rows are found once (missing_bits) and written in the target's null form. A
 * NULL_PROM column whose promoted flag is set is what pandas calls float64, and is cast
 * as that.
 */
#include "kernel/cast_int.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <math.h>

/* -- Missing rows ------------------------------------------------------------------ */

Status missing_bits(Cx *cx, const Array *a, uint64_t **out)
{
    Array *gone;
    *out = NULL;
    if (a->null == NULL_NONE || (!a->valid && a->null >= NULL_MASK)) return OK;
    TRY(is_null(cx, a, true, &gone));
    Status st = mem_new(cx, bit_words(a->n), sizeof **out, false, out);
    if (!st) {
        bits_from_bytes(*out, gone->data, a->n);
        if (bits_count(*out, a->n) == a->n) {
            mem_free(*out);
            *out = NULL;
        }
    }
    array_unref(gone);
    return st;
}

Status write_null_form(Cx *cx, Array *out, const uint64_t *present)
{
    if (!present) return OK;
    if (out->null == NULL_MASK || out->null == NULL_PROM) {
        TRY(array_add_valid(cx, out, false));
        memcpy(out->valid, present, (size_t)bit_words(out->n) * 8);
        if (out->dt != DT_STR || out->dict) zero_below_nulls(out);
        out->promoted = out->null == NULL_PROM;
        return OK;
    }
    check_null_form(out->dt, out->null);
    for (idx i = 0; i < out->n; i += 64)
        write_missing(out, i, present[i / 64], idx_min(64, out->n - i));
    return OK;
}

/* -- Numbers ----------------------------------------------------------------------- */

/* A block of rows as integers (uint64 by their bits) or doubles. */
typedef union Block {
    int64_t i[BATCH];
    double f[BATCH];
} Block;

#define LOAD_AS(T, field, U)                                                           \
    do {                                                                               \
        const T *v = (const T *)a->data + at;                                          \
        for (idx k = 0; k < n; k++)                                                    \
            b->field[k] = (U)v[k];                                                     \
    } while (0)

static void load(const Array *a, idx at, idx n, Block *b)
{
    switch (a->dt) {
    case DT_I8: LOAD_AS(int8_t, i, int64_t); break;
    case DT_I16: LOAD_AS(int16_t, i, int64_t); break;
    case DT_I32:
    case DT_DATE: LOAD_AS(int32_t, i, int64_t); break;
    case DT_BOOL:
    case DT_U8: LOAD_AS(uint8_t, i, int64_t); break;
    case DT_U16: LOAD_AS(uint16_t, i, int64_t); break;
    case DT_U32: LOAD_AS(uint32_t, i, int64_t); break;
    case DT_F32: LOAD_AS(float, f, double); break;
    case DT_F64: LOAD_AS(double, f, double); break;
    default: LOAD_AS(int64_t, i, int64_t); break;
    }
}

#define STORE_AS(T, field)                                                             \
    do {                                                                               \
        T *v = (T *)out->data + at;                                                    \
        for (idx k = 0; k < n; k++)                                                    \
            v[k] = (T)b->field[k];                                                     \
    } while (0)

static void store(Array *out, idx at, idx n, const Block *b)
{
    switch (out->dt) {
    case DT_BOOL:
    case DT_I8:
    case DT_U8: STORE_AS(uint8_t, i); break;
    case DT_I16:
    case DT_U16: STORE_AS(uint16_t, i); break;
    case DT_I32:
    case DT_U32:
    case DT_DATE: STORE_AS(uint32_t, i); break;
    case DT_F32: STORE_AS(float, f); break;
    case DT_F64: STORE_AS(double, f); break;
    default: STORE_AS(int64_t, i); break;
    }
}

/* The bits of present for a block. */
static bool present_at(const uint64_t *present, idx i)
{
    return !present || bit_get(present, i);
}

/* What NumPy gives on x86-64 for a double that no int64 holds: INT64_MIN. */
static inline int64_t double_to_i64(double v)
{
    return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : INT64_MIN;
}

static inline int64_t double_to_u64(double v)
{
    if (v >= 0x1p63) return v < 0x1p64 ? (int64_t)(uint64_t)v : INT64_MIN;
    return double_to_i64(v);
}

/* Types of up to 32 bits go through int32 in NumPy, uint32 through int64. */
static inline int64_t double_to_i32(double v)
{
    return v > -2147483649.0 && v < 2147483648.0 ? (int64_t)v : INT32_MIN;
}

typedef struct Cast {
    const Array *from;
    Array *to;
    const uint64_t *present; /* NULL: no row is missing */
} Cast;

/* Float rows that have no integer: pandas checks before it converts. */
static Status check_floats(Cx *cx, const Cast *c, idx at, idx n, const Block *b)
{
    DType dt = c->to->dt;
    bool odd = false, negative = false, part = false, over = false;
    /* One above the largest value of the target, exact as a double. */
    double top = ldexp(1, 8 * dtype_info[dt].bytes - !dt_is_unsigned(dt));
    double bottom = dt_is_unsigned(dt) ? 0 : -top;
    for (idx k = 0; k < n; k++) {
        if (!present_at(c->present, at + k)) continue;
        odd |= !isfinite(b->f[k]);
        negative |= b->f[k] < 0;
        part |= b->f[k] != trunc(b->f[k]);
        over |= b->f[k] < bottom || b->f[k] >= top;
    }
    const char *from = dtype_info[c->from->dt].text, *to = dtype_info[dt].text;
    if (c->to->null == NULL_MASK && c->from->null != NULL_MASK) {
        if (odd)
            return fail(cx, E_OVERFLOW, "cannot convert float infinity to integer");
        if (part || over)
            return fail(cx, E_TYPE, "cannot safely cast non-equivalent %s to %s", from,
                        to);
        return OK;
    }
    if (odd)
        return fail(
            cx, E_VALUE,
            "Cannot convert non-finite values (NA or inf) to integer. Replace or "
            "remove non-finite values or cast to an integer type that supports "
            "these values (e.g. 'Int64')");
    if (negative && dt_is_unsigned(dt))
        return fail(cx, E_VALUE, "Cannot losslessly cast from %s to %s", from, to);
    return OK;
}

static Status floats_to_ints(Cx *cx, const Cast *c, idx at, idx n, Block *b)
{
    DType to = c->to->dt;
    TRY(check_floats(cx, c, at, n, b));
    for (idx k = 0; k < n; k++) {
        double v = b->f[k];
        if (to == DT_I64 || to == DT_U32)
            b->i[k] = double_to_i64(v);
        else if (to == DT_U64)
            b->i[k] = double_to_u64(v);
        else
            b->i[k] = double_to_i32(v);
    }
    return OK;
}

/* Masked integers keep their values or fail; NumPy's wrap. */
static Status check_ints(Cx *cx, const Cast *c, idx at, idx n, const Block *b)
{
    DType from = c->from->dt, to = c->to->dt;
    if (c->to->null != NULL_MASK || c->from->null == NULL_MASK || !dt_is_int(to) ||
        from == DT_BOOL)
        return OK;
    int bits = 8 * dtype_info[to].bytes - !dt_is_unsigned(to);
    int64_t hi = bits >= 63 ? INT64_MAX : ((int64_t)1 << bits) - 1;
    int64_t lo = dt_is_unsigned(to) ? 0 : -hi - 1;
    bool bad = false;
    if (from == to || (from == DT_U64 && to == DT_U64)) return OK;
    if (from == DT_U64) lo = 0;
    for (idx k = 0; k < n; k++)
        bad |= present_at(c->present, at + k) && (b->i[k] < lo || b->i[k] > hi);
    if (!bad) return OK;
    return fail(cx, E_TYPE, "cannot safely cast non-equivalent %s to %s",
                dtype_info[from].text, dtype_info[to].text);
}

/* To bool: whether it is not 0. Masked bools only take 0 and 1 from others. */
static Status block_to_bool(Cx *cx, const Cast *c, idx at, idx n, Block *b)
{
    bool floats = dt_is_float(c->from->dt), other = false;
    bool strict = c->to->null == NULL_MASK && c->from->null != NULL_MASK;
    for (idx k = 0; k < n; k++) {
        bool zero = floats ? b->f[k] == 0 : b->i[k] == 0;
        bool one = floats ? b->f[k] == 1 : b->i[k] == 1;
        other |= !zero && !one && present_at(c->present, at + k);
        b->i[k] = !zero;
    }
    if (strict && other) return fail(cx, E_TYPE, "Need to pass bool-like values");
    return OK;
}

static Status convert_block(Cx *cx, const Cast *c, idx at, idx n, Block *b)
{
    DType from = c->from->dt, to = c->to->dt;
    if (to == DT_BOOL) return from == DT_BOOL ? OK : block_to_bool(cx, c, at, n, b);
    if (dt_is_float(from) && !dt_is_float(to)) return floats_to_ints(cx, c, at, n, b);
    if (!dt_is_float(from) && dt_is_float(to)) {
        for (idx k = 0; k < n; k++)
            b->f[k] = from == DT_U64 ? (double)(uint64_t)b->i[k] : (double)b->i[k];
        return OK;
    }
    return dt_is_float(from) ? OK : check_ints(cx, c, at, n, b);
}

static Status cast_blocks(Cx *cx, const Cast *c)
{
    Block b;
    for (idx at = 0; at < c->to->n; at += BATCH) {
        idx n = idx_min(BATCH, c->to->n - at);
        if (at % ((idx)BATCH * BATCH) == 0) TRY(cx_check(cx));
        load(c->from, at, n, &b);
        TRY(convert_block(cx, c, at, n, &b));
        store(c->to, at, n, &b);
    }
    return OK;
}

/* Missing rows that the target has no way to say. */
static Status check_missing(Cx *cx, const Array *a, DType dt, NullForm null,
                            uint64_t **present)
{
    if (!*present || null != NULL_NONE) return OK;
    bool nan = a->null == NULL_NAN;
    if (dt_is_float(dt) || (dt == DT_BOOL && nan)) { /* NaN stays, and is true */
        if (!nan) return fail(cx, E_INTERNAL, "a float column without missing values");
        mem_free(*present);
        *present = NULL;
        return OK;
    }
    if (dt == DT_BOOL) return fail(cx, E_VALUE, "cannot convert float NaN to bool");
    if (nan) return OK; /* check_floats says it */
    return fail(cx, E_VALUE, "cannot convert NA to integer");
}

static Status cast_numbers(Cx *cx, const Array *a, DType dt, NullForm null, Array **out)
{
    uint64_t *present;
    TRY(missing_bits(cx, a, &present));
    Status st = check_missing(cx, a, dt, null, &present);
    if (!st) st = array_new(cx, dt, null, UNIT_NONE, a->n, false, out);
    if (!st) {
        bool nan_to_int =
            null == NULL_NONE; /* then NaN is no missing row but an error */
        Cast c = {a, *out, nan_to_int ? NULL : present};
        st = cast_blocks(cx, &c);
        if (!st) st = write_null_form(cx, *out, null == NULL_NONE ? NULL : present);
    }
    mem_free(present);
    return st;
}

/* -- Times ------------------------------------------------------------------------- */

static Status cast_unit(Cx *cx, const Array *a, Unit unit, Array **out)
{
    TRY(array_new(cx, a->dt, NULL_NAT, unit, a->n, false, out));
    const int64_t *v = a->data, from = unit_per_second(a->unit),
                  to = unit_per_second(unit);
    int64_t *t = (*out)->data;
    (*out)->tz = a->tz;
    bool over = false;
    if (to < from) {
        const int64_t by = from / to;
        for (idx i = 0; i < a->n; i++) {
            int64_t q = v[i] / by - (v[i] % by < 0);
            t[i] = v[i] == NAT ? NAT : q;
        }
        return OK;
    }
    for (idx i = 0; i < a->n; i++) {
        bool o = __builtin_mul_overflow(v[i], to / from, &t[i]) || t[i] == NAT;
        over |= o && v[i] != NAT;
        if (v[i] == NAT) t[i] = NAT;
    }
    if (over)
        return fail(cx, E_VALUE, "Out of bounds: a %s does not fit the unit '%s'",
                    a->dt == DT_TS ? "timestamp" : "timedelta", unit_text(unit));
    return OK;
}

static Status dates_to_times(Cx *cx, const Array *a, Unit unit, Array **out)
{
    uint64_t *present;
    TRY(array_new(cx, DT_TS, NULL_NAT, unit, a->n, false, out));
    const int32_t *day = a->data;
    int64_t per_day = 86400 * unit_per_second(unit), *t = (*out)->data;
    bool over = false;
    for (idx i = 0; i < a->n; i++)
        over |= __builtin_mul_overflow(day[i], per_day, &t[i]);
    if (over)
        return fail(cx, E_VALUE, "Out of bounds: a date does not fit the unit '%s'",
                    unit_text(unit));
    TRY(missing_bits(cx, a, &present));
    Status st = write_null_form(cx, *out, present);
    mem_free(present);
    return st;
}

/* Numbers as counts of the unit; floats are cut off. */
static Status numbers_to_times(Cx *cx, const Array *a, DType dt, Unit unit, Array **out)
{
    Block b;
    uint64_t *present;
    TRY(array_new(cx, dt, NULL_NAT, unit, a->n, false, out));
    for (idx at = 0; at < a->n; at += BATCH) {
        idx n = idx_min(BATCH, a->n - at);
        load(a, at, n, &b);
        for (idx k = 0; dt_is_float(a->dt) && k < n; k++)
            b.i[k] = double_to_i64(b.f[k]);
        store(*out, at, n, &b);
    }
    TRY(missing_bits(cx, a, &present));
    Status st = write_null_form(cx, *out, present);
    mem_free(present);
    return st;
}

/* Only to int64 and bool; NaT is INT64_MIN. */
static Status times_to_ints(Cx *cx, const Array *a, DType dt, NullForm null,
                            Array **out)
{
    if (null == NULL_MASK)
        return fail(cx, E_TYPE, "%s[%s] cannot be converted to %s",
                    dtype_info[a->dt].text, unit_text(a->unit),
                    dt == DT_BOOL ? "BooleanDtype" : "IntegerDtype");
    if (dt_is_int(dt) && dt != DT_I64)
        return fail(cx, E_TYPE,
                    "Converting from %s[%s] to %s is not supported. Do "
                    "obj.astype('int64').astype(dtype) instead",
                    dtype_info[a->dt].text, unit_text(a->unit), dtype_info[dt].text);
    if (dt_is_float(dt))
        return fail(cx, E_TYPE, "Cannot cast %s to dtype %s",
                    a->dt == DT_TS ? "DatetimeArray" : "TimedeltaArray",
                    dtype_info[dt].text);
    TRY(array_new(cx, dt, null, UNIT_NONE, a->n, false, out));
    const int64_t *v = a->data;
    uint8_t *truth = (*out)->data;
    if (dt == DT_BOOL)
        for (idx i = 0; i < a->n; i++)
            truth[i] = v[i] != 0;
    else if (a->n)
        memcpy((*out)->data, v, (size_t)a->n * sizeof *v);
    return OK;
}

/* -- All --------------------------------------------------------------------------- */

static Status no_cast(Cx *cx, const Array *a, DType dt)
{
    return fail(cx, E_TYPE, "Cannot cast %s to %s", dtype_info[a->dt].text,
                dtype_info[dt].text);
}

static Status cast_times(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit,
                         Array **out)
{
    if (a->dt == DT_DATE) {
        if (dt == DT_TS) return dates_to_times(cx, a, unit, out);
        return no_cast(cx, a, dt);
    }
    if (a->dt == (uint8_t)dt) return cast_unit(cx, a, unit, out);
    if (a->dt == DT_TS && dt == DT_DATE) return dt_date(cx, a, out);
    if (dt_is_num(dt)) return times_to_ints(cx, a, dt, null, out);
    return no_cast(cx, a, dt);
}

/* The same values in another null form. */
static Status cast_same(Cx *cx, const Array *a, NullForm null, Array **out)
{
    union {
        const Array *from;
        Array *to;
    } same = {.from = a}; /* a reference is all that is taken */
    return concat(cx, &same.to, 1, null, out);
}

static bool is_same(const Array *a, DType dt, NullForm null, Unit unit)
{
    if (a->dt != (uint8_t)dt || (dt_is_time(dt) && a->unit != (uint8_t)unit))
        return false;
    if (a->null == (uint8_t)null) return true;
    bool was_mask = a->null == NULL_MASK || a->null == NULL_PROM;
    bool is_mask = null == NULL_MASK || null == NULL_PROM;
    return (was_mask && is_mask) || a->null == NULL_NONE;
}

static Status cast_from(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit,
                        Array **out)
{
    if (is_same(a, dt, null, unit)) return cast_same(cx, a, null, out);
    if (dt_is_complex((DType)a->dt) ||
        dt_is_complex(dt)) /* loops of codegen do these */
        return no_cast(cx, a, dt);
    if (a->dt == DT_CAT || dt == DT_CAT) /* kernel/category.c does these */
        return no_cast(cx, a, dt);
    if (a->dt == DT_CHAR || dt == DT_CHAR) /* front/chars.c does these */
        return no_cast(cx, a, dt);
    if (a->dt == DT_STR) return cast_parse(cx, a, dt, null, unit, out);
    if (dt == DT_STR) return cast_text(cx, a, null, out);
    if (a->dt == DT_DATE || dt_is_time(a->dt))
        return cast_times(cx, a, dt, null, unit, out);
    if (dt_is_time(dt)) return numbers_to_times(cx, a, dt, unit, out);
    if (dt == DT_DATE) return no_cast(cx, a, dt);
    return cast_numbers(cx, a, dt, null, out);
}

Status cast(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit, Array **out)
{
    Array *r = NULL, *floats = NULL;
    Status st = OK;
    bool promoted = a->null == NULL_PROM && a->promoted;
    *out = NULL;
    if (promoted && dt_is_int(a->dt) && !(null == NULL_PROM && a->dt == (uint8_t)dt)) {
        st = cast_numbers(cx, a, DT_F64, NULL_NAN, &floats);
        a = floats;
    }
    if (!st) st = cast_from(cx, a, dt, null, unit, &r);
    array_unref(floats);
    if (st) {
        array_unref(r);
        return st;
    }
    if (null == NULL_PROM) r->promoted |= promoted;
    *out = r;
    return OK;
}
