/* SPDX-License-Identifier: Apache-2.0
 * Text as numbers, bools and times. Integers and floats read what Python's int() and
 * float() read of ASCII; times are ISO 8601, as pandas writes them. Dictionary columns
 * are parsed once per entry; an entry that no row uses must not fail, so the status of
 * each is kept and only looked at for the entries in use.
 */
#include "base/civil.h"
#include "kernel/cast_int.h"
#include "kernel/kernel.h"
#include "kernel/kernel_int.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What a text turned out to be. */
typedef enum Parsed {
    PARSED,
    PARSED_MISSING, /* "NaT", "nan" and the like, for times */
    PARSED_BAD,     /* not one */
    PARSED_RANGE,   /* too large */
    PARSED_UNIT,    /* a time finer than the unit */
} Parsed;

typedef struct Target {
    DType dt;
    NullForm null;
    Unit unit;
} Target;

/* -- Numbers ----------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f);
}

/* White space at both ends, also the two-byte ones that pass for it in Python (0x85, no
 * break space); longer ones are left to make the text invalid. */
static void trim(const uint8_t **s, idx *n)
{
    while (*n > 0 && is_space(**s))
        ++*s, --*n;
    while (*n > 0 && is_space((*s)[*n - 1]))
        --*n;
    while (*n > 1 && (*s)[0] == 0xc2 && ((*s)[1] == 0xa0 || (*s)[1] == 0x85))
        *s += 2, *n -= 2;
    while (*n > 1 && (*s)[*n - 2] == 0xc2 &&
           ((*s)[*n - 1] == 0xa0 || (*s)[*n - 1] == 0x85))
        *n -= 2;
}

static Parsed parse_int(const uint8_t *s, idx n, DType dt, int64_t *out)
{
    uint64_t v = 0;
    bool over = false, minus;
    trim(&s, &n);
    minus = n > 0 && s[0] == '-';
    if (n > 0 && (s[0] == '-' || s[0] == '+')) s++, n--;
    if (n == 0 || !is_digit(s[n - 1])) return PARSED_BAD;
    for (idx i = 0; i < n; i++) {
        if (s[i] == '_' && i > 0 && is_digit(s[i - 1])) continue;
        if (!is_digit(s[i])) return PARSED_BAD;
        over |= __builtin_mul_overflow(v, (uint64_t)10, &v);
        over |= __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v);
    }
    int bits = 8 * dtype_info[dt].bytes - !dt_is_unsigned(dt);
    uint64_t most = bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
    if (minus) most = dt_is_unsigned(dt) ? 0 : most + 1;
    if (over || v > most) return PARSED_RANGE;
    *out = (int64_t)(minus ? 0 - v : v);
    return PARSED;
}

static bool same_word(const char *s, const char *word)
{
    for (; *word; s++, word++)
        if ((*s | 32) != *word) return false;
    return *s == 0;
}

/* Whether s is a decimal float without blanks, letters or hexadecimal. */
static bool float_shape(const char *s)
{
    idx digits = 0;
    s += *s == '-' || *s == '+';
    if (same_word(s, "inf") || same_word(s, "infinity") || same_word(s, "nan"))
        return true;
    for (; is_digit((uint8_t)*s); s++)
        digits++;
    if (*s == '.') s++;
    for (; is_digit((uint8_t)*s); s++)
        digits++;
    if (digits == 0) return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        if (!is_digit((uint8_t)*s)) return false;
        while (is_digit((uint8_t)*s))
            s++;
    }
    return *s == 0;
}

static Parsed parse_float(const uint8_t *s, idx n, double *out)
{
    char t[512];
    idx k = 0;
    trim(&s, &n);
    for (idx i = 0; i < n; i++) {
        bool between = i > 0 && i < n - 1 && is_digit(s[i - 1]) && is_digit(s[i + 1]);
        if (s[i] == '_' && between) continue;
        if (k == (idx)sizeof t - 1 || s[i] == 0) return PARSED_BAD;
        t[k++] = (char)s[i];
    }
    t[k] = 0;
    if (!float_shape(t)) return PARSED_BAD;
    *out = strtod(t, NULL);
    return PARSED;
}

/* -- Times ------------------------------------------------------------------------- */

/* Reads up to max digits at *s; -1 when there are fewer than min. */
static int64_t read_digits(const uint8_t **s, const uint8_t *end, int min, int max)
{
    int64_t v = 0;
    int n = 0;
    for (; n < max && *s < end && is_digit(**s); n++)
        v = 10 * v + *(*s)++ - '0';
    return n < min ? -1 : v;
}

static bool read_char(const uint8_t **s, const uint8_t *end, char c)
{
    if (*s >= end || **s != c) return false;
    ++*s;
    return true;
}

typedef struct Moment {
    int64_t day, second, ns;
} Moment;

/* "YYYY[-MM[-DD]]", also "YYYYMMDD". */
static bool read_date(const uint8_t **s, const uint8_t *end, Moment *m)
{
    int64_t y = read_digits(s, end, 4, 4), mon = 1, d = 1;
    if (y < 0) return false;
    if (read_char(s, end, '-')) {
        mon = read_digits(s, end, 1, 2);
        if (read_char(s, end, '-')) d = read_digits(s, end, 1, 2);
    } else if (*s < end) {
        mon = read_digits(s, end, 2, 2);
        d = read_digits(s, end, 2, 2);
    }
    if (mon < 1 || mon > 12 || d < 1) return false;
    if (d > month_days((int32_t)mon, year_is_leap((int32_t)y))) return false;
    m->day = days_from_civil((int32_t)y, (int32_t)mon, (int32_t)d);
    return true;
}

/* "HH[:MM[:SS[.f]]]" with up to nine digits of fraction. */
static bool read_clock(const uint8_t **s, const uint8_t *end, Moment *m)
{
    int64_t h = read_digits(s, end, 1, 2), min = 0, sec = 0;
    if (read_char(s, end, ':')) {
        min = read_digits(s, end, 2, 2);
        if (read_char(s, end, ':')) sec = read_digits(s, end, 2, 2);
    }
    if (h < 0 || h > 23 || min < 0 || min > 59 || sec < 0 || sec > 59) return false;
    m->second = 3600 * h + 60 * min + sec;
    if (!read_char(s, end, '.')) return true;
    const uint8_t *from = *s;
    int64_t f = read_digits(s, end, 1, 9);
    if (f < 0) return false;
    for (idx n = *s - from; n < 9; n++)
        f *= 10;
    m->ns = f;
    return true;
}

static bool is_missing_word(const uint8_t *s, idx n)
{
    static const char *const word[] = {"",    "NaT", "nat",  "nan",
                                       "NaN", "NAN", "None", "NA"};
    for (idx i = 0; i < COUNT_OF(word); i++)
        if ((idx)strlen(word[i]) == n && (n == 0 || memcmp(s, word[i], (size_t)n) == 0))
            return true;
    return false;
}

static Parsed parse_moment(const uint8_t *s, idx n, Moment *m)
{
    *m = (Moment){0};
    trim(&s, &n);
    if (is_missing_word(s, n)) return PARSED_MISSING;
    const uint8_t *end = s + n;
    if (!read_date(&s, end, m)) return PARSED_BAD;
    if (read_char(&s, end, 'T') || read_char(&s, end, ' '))
        if (!read_clock(&s, end, m)) return PARSED_BAD;
    return s == end ? PARSED : PARSED_BAD;
}

/* A moment in the unit. */
static Parsed moment_value(const Moment *m, Unit unit, int64_t *out)
{
    int64_t per = unit_per_second(unit), step = 1000000000 / per;
    if (m->ns % step) return PARSED_UNIT;
    if (__builtin_mul_overflow(m->day * 86400 + m->second, per, out) ||
        __builtin_add_overflow(*out, m->ns / step, out))
        return PARSED_RANGE;
    return PARSED;
}

/* -- Columns ----------------------------------------------------------------------- */

/* Parses s into row i of out. */
static Parsed parse_into(const Target *t, const uint8_t *s, idx n, Array *out, idx i)
{
    int64_t v = 0;
    double d = 0;
    Parsed p;
    if (t->dt == DT_BOOL) {
        ((uint8_t *)out->data)[i] = n > 0;
        return PARSED;
    }
    if (dt_is_float(t->dt)) {
        p = parse_float(s, n, &d);
        if (t->dt == DT_F32)
            ((float *)out->data)[i] = (float)d;
        else
            ((double *)out->data)[i] = d;
        return p;
    }
    if (dt_is_int(t->dt)) {
        p = parse_int(s, n, t->dt, &v);
    } else {
        Moment m;
        p = parse_moment(s, n, &m);
        v = t->dt == DT_DATE ? m.day : NAT;
        if (p == PARSED && t->dt != DT_DATE) p = moment_value(&m, t->unit, &v);
    }
    memcpy((uint8_t *)out->data + (size_t)i * dtype_info[t->dt].bytes, &v,
           dtype_info[t->dt].bytes);
    return p;
}

static Status parse_failed(Cx *cx, const Target *t, Parsed p, const uint8_t *s, idx n)
{
    int len = (int)idx_min(n, 200);
    const char *text = (const char *)s;
    if (dt_is_time(t->dt) || t->dt == DT_DATE) {
        if (p == PARSED_RANGE)
            return fail(cx, E_VALUE, "Out of bounds timestamp: %.*s", len, text);
        if (p == PARSED_UNIT)
            return fail(cx, E_VALUE, "Cannot losslessly convert units");
        return fail(
            cx, E_VALUE,
            "Unknown datetime string format, unable to parse: %.*s (ISO 8601 is "
            "supported)",
            len, text);
    }
    if (dt_is_float(t->dt))
        return fail(cx, E_VALUE, "could not convert string to float: '%.*s'", len,
                    text);
    if (p == PARSED_RANGE)
        return fail(cx, E_OVERFLOW, "Python integer %.*s out of bounds for %s", len,
                    text, dtype_info[t->dt].text);
    return fail(cx, E_VALUE, "invalid literal for int() with base 10: '%.*s'", len,
                text);
}

/* Rows of a that are missing, or say so as text. */
static Status parse_missing(Cx *cx, const Array *a, const Target *t,
                            const uint64_t *said, Array *out)
{
    uint64_t *present;
    if (!a->valid && !said) return OK;
    if (t->dt == DT_BOOL && t->null == NULL_NONE) { /* NaN is true */
        fill_missing_bytes(a, 1, out->data);
        return OK;
    }
    if (t->null == NULL_NONE)
        return fail(cx, E_VALUE, "cannot convert float NaN to integer");
    TRY(mem_new(cx, bit_words(a->n), sizeof *present, false, &present));
    for (idx w = 0; w < bit_words(a->n); w++) {
        uint64_t all = bit_low(idx_min(64, a->n - 64 * w));
        present[w] = (a->valid ? a->valid[w] : all) & (said ? ~said[w] : all);
    }
    Status st = write_null_form(cx, out, present);
    mem_free(present);
    return st;
}

/* said: bit i is set when row i says that it is missing. */
static Status parse_plain(Cx *cx, const Array *a, const Target *t, Array *out,
                          uint64_t *said, bool *any)
{
    for (idx i = 0; i < a->n; i++) {
        idx n;
        if (!array_bit(a, i)) continue;
        const uint8_t *s = array_str(a, i, &n);
        Parsed p = parse_into(t, s, n, out, i);
        if (LIKELY(p == PARSED)) continue;
        if (p != PARSED_MISSING) return parse_failed(cx, t, p, s, n);
        bit_set(said, i);
        *any = true;
    }
    return OK;
}

static Status parse_rows(Cx *cx, const Array *a, const Target *t, Array **out)
{
    uint64_t *said;
    bool any = false;
    bool zero = a->valid != NULL || t->dt == DT_DATE;
    TRY(array_new(cx, t->dt, t->null, t->unit, a->n, zero, out));
    TRY(mem_new(cx, bit_words(a->n), sizeof *said, true, &said));
    Status st = parse_plain(cx, a, t, *out, said, &any);
    if (!st) st = parse_missing(cx, a, t, any ? said : NULL, *out);
    mem_free(said);
    return st;
}

/* The entries that some row uses, as a column, and each row's place in it (-1:
 * missing). */
static Status used_entries(Cx *cx, const Array *a, Array **used, idx *pos)
{
    idx *place, *list, n = 0;
    const int32_t *code = a->data;
    TRY(mem_new(cx, 2 * a->dict->n, sizeof *place, true, &place));
    list = place + a->dict->n;
    for (idx i = 0; i < a->n; i++) {
        pos[i] = -1;
        if (!array_bit(a, i)) continue;
        if (!place[code[i]]) {
            list[n++] = code[i];
            place[code[i]] = n;
        }
        pos[i] = place[code[i]] - 1;
    }
    Status st = take(cx, a->dict, list, n, NULL_MASK, used);
    mem_free(place);
    return st;
}

static Status parse_dict(Cx *cx, const Array *a, const Target *t, Array **out)
{
    idx *pos;
    Array *used = NULL, *value = NULL;
    TRY(mem_new(cx, a->n, sizeof *pos, false, &pos));
    Status st = used_entries(cx, a, &used, pos);
    if (!st) st = parse_rows(cx, used, t, &value);
    bool none = t->null == NULL_NONE && a->valid;
    if (!st && none && t->dt != DT_BOOL)
        st = fail(cx, E_VALUE, "cannot convert float NaN to integer");
    if (!st) st = take(cx, value, pos, a->n, none ? NULL_MASK : t->null, out);
    if (!st && none) { /* bool: NaN is true */
        fill_missing_bytes(*out, 1, (*out)->data);
        buf_unref((*out)->valid_buf);
        (*out)->valid_buf = NULL;
        (*out)->valid = NULL;
        (*out)->null = NULL_NONE;
    }
    array_unref(used);
    array_unref(value);
    mem_free(pos);
    return st;
}

Status cast_parse(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit,
                  Array **out)
{
    Target t = {dt, null, unit};
    if (dt == DT_TD) return fail(cx, E_TYPE, "str can't be cast to timedelta64");
    return a->dict ? parse_dict(cx, a, &t, out) : parse_rows(cx, a, &t, out);
}
