/* SPDX-License-Identifier: Apache-2.0
 * Fields of timestamps and dates. Two steps per block of rows: values become days and
 * the time within the day (one loop per unit, so that divisors are constants), then one
 * loop per field turns them into the field. Rows that are missing are worked out like
 * any other and zeroed behind.
 */
#include "base/civil.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <string.h>

enum { DT_BLOCK = 512 };

/* A block of timestamps, taken apart. */
typedef struct Split {
    int32_t day[DT_BLOCK];    /* since 1970-01-01, reduced to what Civil can do */
    int32_t era[DT_BLOCK];    /* cycles of 400 years taken off day */
    int32_t second[DT_BLOCK]; /* of the day */
    int32_t sub[DT_BLOCK];    /* nanoseconds of the second */
    bool eras;                /* some era is not 0 */
} Split;

/* -- Into days and time of day --------------------------------------------------- */

static inline int64_t floor_div(int64_t v, int64_t by)
{
    int64_t q = v / by;
    return q - (v % by < 0);
}

/* Days beyond Civil's range: whole eras are taken off. Only second and millisecond
 * units have such. */
static void split_eras(Split *s, const int64_t *day, idx n)
{
    int64_t far = 0;
    for (idx i = 0; i < n; i++)
        far |= day[i] < CIVIL_MIN || day[i] > CIVIL_MAX;
    s->eras = far;
    for (idx i = 0; i < n; i++)
        s->day[i] = (int32_t)day[i];
    if (!far) return;
    for (idx i = 0; i < n; i++) {
        int64_t era = floor_div(day[i], 146097);
        s->era[i] = (int32_t)era;
        s->day[i] = (int32_t)(day[i] - era * 146097);
    }
}

/* How much of a time a field needs. */
typedef enum Depth { TO_DAY, TO_SECOND, TO_SUB } Depth;

#define SPLIT(name, per_second)                                                        \
    static void split_##name(const int64_t *v, idx n, Depth depth, Split *s)           \
    {                                                                                  \
        const int64_t per_day = 86400 * (int64_t)(per_second);                         \
        int64_t day[DT_BLOCK];                                                         \
        for (idx i = 0; i < n; i++)                                                    \
            day[i] = floor_div(v[i], per_day);                                         \
        split_eras(s, day, n);                                                         \
        if (depth == TO_DAY) return;                                                   \
        for (idx i = 0; i < n; i++)                                                    \
            day[i] = (int64_t)((uint64_t)v[i] - (uint64_t)day[i] * (uint64_t)per_day); \
        for (idx i = 0; i < n; i++)                                                    \
            s->second[i] = (int32_t)(day[i] / (per_second));                           \
        if (depth == TO_SECOND) return;                                                \
        for (idx i = 0; i < n; i++)                                                    \
            s->sub[i] =                                                                \
                (int32_t)(day[i] % (per_second) * (1000000000 / (per_second)));        \
    }
SPLIT(s, 1)
SPLIT(ms, 1000)
SPLIT(us, 1000000)
SPLIT(ns, 1000000000)

/* Rows at .. at + n of a TS or DATE column. */
static void split(const Array *a, idx at, idx n, Depth depth, Split *s)
{
    if (a->dt == DT_DATE) {
        const int32_t *d = (const int32_t *)a->data + at;
        int64_t day[DT_BLOCK];
        for (idx i = 0; i < n; i++)
            day[i] = d[i];
        split_eras(s, day, n);
        memset(s->second, 0, sizeof s->second);
        memset(s->sub, 0, sizeof s->sub);
        return;
    }
    const int64_t *v = (const int64_t *)a->data + at;
    switch (a->unit) {
    case UNIT_S: split_s(v, n, depth, s); break;
    case UNIT_MS: split_ms(v, n, depth, s); break;
    case UNIT_US: split_us(v, n, depth, s); break;
    default: split_ns(v, n, depth, s); break;
    }
}

/* -- Fields ---------------------------------------------------------------------- */

static inline bool is_quarter_month(int32_t month, int32_t rest)
{
    return month % 3 == rest;
}

static inline bool is_month_end(Civil c)
{
    return c.day == month_days(c.month, year_is_leap(c.year));
}

static void add_eras(const Split *s, idx n, int32_t *year)
{
    for (idx i = 0; s->eras && i < n; i++)
        year[i] = (int32_t)((uint32_t)year[i] + 400u * (uint32_t)s->era[i]);
}

#define EACH_CIVIL(expr)                                                               \
    for (idx i = 0; i < n; i++) {                                                      \
        Civil c = civil_from_days(s->day[i]);                                          \
        out[i] = (expr);                                                               \
    }                                                                                  \
    break
#define EACH(expr)                                                                     \
    for (idx i = 0; i < n; i++)                                                        \
        out[i] = (expr);                                                               \
    break

/* long: one line per field */
static void field_numbers(const Split *s, DtPart part, idx n, int32_t *out)
{
    switch (part) {
    case DTP_YEAR:
        for (idx i = 0; i < n; i++)
            out[i] = civil_from_days(s->day[i]).year;
        add_eras(s, n, out);
        break;
    case DTP_MONTH: EACH_CIVIL(c.month);
    case DTP_DAY: EACH_CIVIL(c.day);
    case DTP_DAYOFYEAR: EACH_CIVIL(c.yday);
    case DTP_QUARTER: EACH_CIVIL((c.month + 2) / 3);
    case DTP_DAYS_IN_MONTH: EACH_CIVIL(month_days(c.month, year_is_leap(c.year)));
    /* 146097 is a multiple of 7: eras do not matter. 1970-01-01 was a Thursday. */
    case DTP_DAYOFWEEK:
        EACH((int32_t)(((uint32_t)s->day[i] + 3u + 7u * 100000000u) % 7));
    case DTP_HOUR: EACH(s->second[i] / 3600);
    case DTP_MINUTE: EACH(s->second[i] / 60 % 60);
    case DTP_SECOND: EACH(s->second[i] % 60);
    case DTP_MICROSECOND: EACH(s->sub[i] / 1000);
    case DTP_NANOSECOND: EACH(s->sub[i] % 1000);
    default: BUG("part %d is no number", part);
    }
}

static void field_bools(const Split *s, DtPart part, idx n, uint8_t *out)
{
    switch (part) {
    case DTP_IS_LEAP_YEAR: EACH_CIVIL(year_is_leap(c.year));
    case DTP_IS_MONTH_START: EACH_CIVIL(c.day == 1);
    case DTP_IS_MONTH_END: EACH_CIVIL(is_month_end(c));
    case DTP_IS_QUARTER_START: EACH_CIVIL(c.day == 1 && is_quarter_month(c.month, 1));
    case DTP_IS_QUARTER_END:
        EACH_CIVIL(is_month_end(c) && is_quarter_month(c.month, 0));
    case DTP_IS_YEAR_START: EACH_CIVIL(c.yday == 1);
    case DTP_IS_YEAR_END: EACH_CIVIL(c.month == 12 && c.day == 31);
    default: BUG("part %d is no bool", part);
    }
}

static bool part_is_bool(DtPart part)
{
    return part >= DTP_IS_LEAP_YEAR;
}

static Depth part_depth(DtPart part)
{
    if (part < DTP_HOUR || part > DTP_NANOSECOND) return TO_DAY;
    return part < DTP_MICROSECOND ? TO_SECOND : TO_SUB;
}

/* -- Missing rows ---------------------------------------------------------------- */

Status time_valid(Cx *cx, const Array *a, Array *out)
{
    if (a->null != NULL_NAT) return array_set_valid(cx, out, a);
    const int64_t *v = a->data;
    bool any = false;
    for (idx i = 0; i < a->n; i++)
        any |= v[i] == NAT;
    if (!any) return OK;
    TRY(array_add_valid(cx, out, false));
    for (idx w = 0; w < bit_words(a->n); w++) {
        uint64_t bits = 0;
        idx n = idx_min(64, a->n - 64 * w);
        for (idx i = 0; i < n; i++)
            bits |= (uint64_t)(v[64 * w + i] != NAT) << i;
        out->valid[w] = bits;
    }
    return OK;
}

void zero_below_nulls(Array *out)
{
    size_t width = out->dict ? sizeof(int32_t) : dtype_info[out->dt].bytes;
    if (!out->valid) return;
    for (idx w = 0; w < bit_words(out->n); w++) {
        uint64_t gone = ~out->valid[w] & bit_low(idx_min(64, out->n - 64 * w));
        for (; gone; gone &= gone - 1) {
            idx i = 64 * w + __builtin_ctzll(gone);
            memset((uint8_t *)out->data + (size_t)i * width, 0, width);
        }
    }
}

/* -- Public ---------------------------------------------------------------------- */

static Status check_time(Cx *cx, const Array *a)
{
    if (a->dt != DT_TS && a->dt != DT_DATE)
        return fail(cx, E_ATTR, "Can only use .dt accessor with datetimelike values");
    if (a->tz && strcmp(a->tz, "UTC") != 0)
        return fail(cx, E_TYPE,
                    "fields of timestamps in time zone '%s' are not supported; convert "
                    "them with tz_convert('UTC') or tz_localize(None)",
                    a->tz);
    return OK;
}

Status dt_part(Cx *cx, const Array *a, DtPart part, Array **out)
{
    Split s;
    Array *r;
    bool truth = part_is_bool(part);
    *out = NULL;
    TRY(check_time(cx, a));
    TRY(array_new(cx, truth ? DT_BOOL : DT_I32, NULL_PROM, UNIT_NONE, a->n, false, &r));
    Status st = time_valid(cx, a, r);
    for (idx at = 0; at < a->n && !st; at += DT_BLOCK) {
        idx n = idx_min(DT_BLOCK, a->n - at);
        if (at % (1 << 20) == 0) st = cx_check(cx);
        split(a, at, n, part_depth(part), &s);
        if (truth)
            field_bools(&s, part, n, (uint8_t *)r->data + at);
        else
            field_numbers(&s, part, n, (int32_t *)r->data + at);
    }
    if (st) {
        array_unref(r);
        return st;
    }
    zero_below_nulls(r);
    if (truth) { /* missing is false */
        buf_unref(r->valid_buf);
        r->valid_buf = NULL;
        r->valid = NULL;
        r->null = NULL_NONE;
    }
    r->promoted = r->valid != NULL;
    *out = r;
    return OK;
}

Status dt_normalize(Cx *cx, const Array *a, Array **out)
{
    *out = NULL;
    TRY(check_time(cx, a));
    if (a->dt != DT_TS)
        return fail(cx, E_ATTR, "only timestamps can be normalized, not dates");
    TRY(array_new(cx, DT_TS, NULL_NAT, a->unit, a->n, false, out));
    array_describe(*out, a);
    const int64_t *v = a->data, per_day = 86400 * unit_per_second(a->unit);
    int64_t *to = (*out)->data;
    for (idx i = 0; i < a->n; i++) {
        int64_t rest = v[i] % per_day;
        rest += rest < 0 ? per_day : 0;
        /* Midnight before the first time there is wraps, as in NumPy. */
        to[i] = v[i] == NAT ? NAT : (int64_t)((uint64_t)v[i] - (uint64_t)rest);
    }
    return OK;
}

Status dt_date(Cx *cx, const Array *a, Array **out)
{
    Array *r;
    *out = NULL;
    TRY(check_time(cx, a));
    TRY(array_new(cx, DT_DATE, NULL_MASK, UNIT_NONE, a->n, false, &r));
    Status st = time_valid(cx, a, r);
    if (st) {
        array_unref(r);
        return st;
    }
    if (a->dt == DT_DATE) {
        if (a->n) memcpy(r->data, a->data, (size_t)a->n * sizeof(int32_t));
    } else {
        const int64_t *v = a->data, per_day = 86400 * unit_per_second(a->unit);
        int32_t *to = r->data;
        bool far = false;
        for (idx i = 0; i < a->n; i++) {
            int64_t day = floor_div(v[i], per_day);
            far |= v[i] != NAT && day != (int32_t)day;
            to[i] = (int32_t)day;
        }
        if (far) st = fail(cx, E_VALUE, "a timestamp is outside the years of a date");
    }
    zero_below_nulls(r);
    if (st) {
        array_unref(r);
        return st;
    }
    *out = r;
    return OK;
}
