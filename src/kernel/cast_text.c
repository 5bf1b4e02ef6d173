/* SPDX-License-Identifier: Apache-2.0
 * Values as text, as pandas' astype(str) writes them: floats in the fewest digits that
 * read back the same, times in one form per column, which is the finest that some row
 * needs. (That form is taken from the rows of this rank.)
 */
#include "array/builder.h"
#include "base/civil.h"
#include "kernel/cast_int.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 };

/* -- Numbers ----------------------------------------------------------------------- */

static idx put(char *s, const char *word)
{
    idx n = 0;
    for (; word[n]; n++)
        s[n] = word[n];
    return n;
}

static idx int_text(char *s, uint64_t v, bool negative)
{
    char digit[20];
    idx n = 0, at = 0;
    do {
        digit[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    if (negative) s[at++] = '-';
    while (n > 0)
        s[at++] = digit[--n];
    return at;
}

static idx i64_text(char *s, int64_t v)
{
    return int_text(s, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

/* v in scientific form with the fewest digits that read back as v. */
static void shortest_digits(char *s, double v, bool single)
{
    /* Normal numbers have at least so many digits; padded with zeroes, no fewer read
     * back. */
    int p = v < (single ? 1e-37 : 1e-307) ? 0 : single ? 5 : 14;
    for (; p <= 16; p++) {
        snprintf(s, TEXT_MAX, "%.*e", p, v);
        if (single ? strtof(s, NULL) == (float)v : strtod(s, NULL) == v) return;
    }
}

/* Python's repr of a float, from digits d (n of them) and the decimal exponent. */
static idx place_point(char *s, const char *d, idx n, int exp, bool scientific)
{
    idx at = 0;
    if (scientific) {
        s[at++] = d[0];
        if (n > 1) s[at++] = '.';
        for (idx i = 1; i < n; i++)
            s[at++] = d[i];
        return at + snprintf(s + at, 8, "e%c%02d", exp < 0 ? '-' : '+', abs(exp));
    }
    if (exp < 0) {
        s[at++] = '0';
        s[at++] = '.';
        for (int i = -1; i > exp; i--)
            s[at++] = '0';
        for (idx i = 0; i < n; i++)
            s[at++] = d[i];
        return at;
    }
    for (idx i = 0; i <= exp; i++) {
        char c = '0';
        if (i < n) c = d[i];
        s[at++] = c;
    }
    s[at++] = '.';
    if (n <= exp + 1) s[at++] = '0';
    for (idx i = exp + 1; i < n; i++)
        s[at++] = d[i];
    return at;
}

/* pandas writes float32 in scientific form from 1e6 on, float64 from 1e16 on. */
static idx float_text(char *s, double v, bool single)
{
    char e[TEXT_MAX], digit[TEXT_MAX] = "0";
    idx n = 0, at = 0;
    if (isnan(v)) return put(s, "nan");
    if (signbit(v)) s[at++] = '-';
    if (isinf(v)) return at + put(s + at, "inf");
    v = fabs(v);
    if (v < (single ? 1e6 : 1e15) && v == floor(v)) {
        at += int_text(s + at, (uint64_t)v, false);
        return at + put(s + at, ".0");
    }
    shortest_digits(e, v, single);
    const char *p = e;
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9') digit[n++] = *p;
    int exp = *p ? (int)strtol(p + 1, NULL, 10) : 0;
    while (n > 1 && digit[n - 1] == '0')
        n--;
    bool scientific = v < 1e-4 || (single ? v >= 1e6 : v >= 1e16);
    return at + place_point(s + at, digit, n, exp, scientific);
}

/* -- Times ------------------------------------------------------------------------- */

TimeForm time_form(const Array *a)
{
    const int64_t *v = a->data, per = unit_per_second(a->unit);
    TimeForm f = {.days = true};
    for (idx i = 0; i < a->n; i++) {
        if (v[i] == NAT) continue;
        if (v[i] % (86400 * per)) f.days = false;
        int64_t sub = v[i] % per * (1000000000 / per);
        int digits = sub == 0 ? 0 : sub % 1000000 == 0 ? 3 : sub % 1000 == 0 ? 6 : 9;
        if (digits > f.digits) f.digits = digits;
    }
    if (a->dt == DT_TD && f.digits == 3) f.digits = 6;
    return f;
}

static idx clock_text(char *s, int64_t second, int64_t ns, int digits)
{
    idx at = snprintf(s, TEXT_MAX, "%02d:%02d:%02d", (int)(second / 3600),
                      (int)(second / 60 % 60), (int)(second % 60));
    if (digits == 0) return at;
    for (int i = digits; i < 9; i++)
        ns /= 10;
    return at + snprintf(s + at, TEXT_MAX / 2, ".%0*d", digits, (int)ns);
}

static idx date_text(char *s, int64_t day)
{
    int64_t era = (day - (day < 0 ? 146096 : 0)) / 146097;
    Civil c = civil_from_days((int32_t)(day - era * 146097));
    int64_t year = c.year + 400 * era;
    return snprintf(s, TEXT_MAX, "%04lld-%02d-%02d", (long long)year, c.month, c.day);
}

static idx time_text(const Array *a, int64_t v, TimeForm f, char *s)
{
    int64_t per = unit_per_second(a->unit), per_day = 86400 * per;
    int64_t day = v / per_day - (v % per_day < 0), rest = v % per_day;
    if (rest < 0) rest += per_day;
    idx at = 0;
    if (a->dt == DT_TS) {
        at = date_text(s, day);
        if (f.days) return at;
        s[at++] = ' ';
    } else {
        at = i64_text(s, day);
        at += put(s + at, " days");
        if (f.days) return at;
        s[at++] = ' ';
        if (day < 0) s[at++] = '+';
    }
    return at +
           clock_text(s + at, rest / per, rest % per * (1000000000 / per), f.digits);
}

/* -- All --------------------------------------------------------------------------- */

/* long: one line per type */
static idx value_text(const Array *a, idx i, TimeForm form, char *s)
{
    switch (a->dt) {
    case DT_BOOL:
        if (((const uint8_t *)a->data)[i]) return put(s, "True");
        return put(s, "False");
    case DT_I8: return i64_text(s, ((const int8_t *)a->data)[i]);
    case DT_I16: return i64_text(s, ((const int16_t *)a->data)[i]);
    case DT_I32: return i64_text(s, ((const int32_t *)a->data)[i]);
    case DT_I64: return i64_text(s, ((const int64_t *)a->data)[i]);
    case DT_U8: return i64_text(s, ((const uint8_t *)a->data)[i]);
    case DT_U16: return i64_text(s, ((const uint16_t *)a->data)[i]);
    case DT_U32: return i64_text(s, ((const uint32_t *)a->data)[i]);
    case DT_U64: return int_text(s, ((const uint64_t *)a->data)[i], false);
    case DT_F32: return float_text(s, (double)((const float *)a->data)[i], true);
    case DT_F64: return float_text(s, ((const double *)a->data)[i], false);
    case DT_DATE: return date_text(s, ((const int32_t *)a->data)[i]);
    case DT_TS:
    case DT_TD: return time_text(a, ((const int64_t *)a->data)[i], form, s);
    default: BUG("text of type %d", a->dt);
    }
}

static Status text_rows(Cx *cx, const Array *a, TimeForm form, Builder *b)
{
    char s[2 * TEXT_MAX];
    for (idx i = 0; i < a->n; i++) {
        if (i % BATCH == 0) TRY(cx_check(cx));
        if (array_is_null(a, i))
            TRY(builder_add_null(cx, b));
        else
            TRY(builder_add_str(cx, b, (const uint8_t *)s, value_text(a, i, form, s)));
    }
    return OK;
}

Status cast_text(Cx *cx, const Array *a, NullForm null, Array **out)
{
    TimeForm form = dt_is_time(a->dt) ? time_form(a) : (TimeForm){0};
    return cast_time(cx, a, form, null, out);
}

Status cast_time(Cx *cx, const Array *a, TimeForm form, NullForm null, Array **out)
{
    Builder *b;
    if (a->tz && a->dt == DT_TS)
        return fail(cx, E_TYPE, "timestamps in time zone '%s' can't be cast to str",
                    a->tz);
    TRY(builder_new(cx, DT_STR, NULL_MASK, UNIT_NONE, &b));
    Status st = text_rows(cx, a, form, b);
    if (st) {
        builder_free(b);
        return st;
    }
    TRY(builder_finish(cx, b, out));
    (*out)->null = (uint8_t)null;
    return OK;
}

/* -- As NumPy's astype(str) ---------------------------------------------------------
 */

/* A part of a complex number: a float that is whole has no point. */
static idx part_text(char *s, double v, bool single)
{
    idx n = float_text(s, v, single);
    return n > 2 && s[n - 2] == '.' && s[n - 1] == '0' ? n - 2 : n;
}

static idx complex_text(char *s, double re, double im, bool single)
{
    idx at = 0;
    bool alone = re == 0 && !signbit(re);
    if (!alone) {
        s[at++] = '(';
        at += part_text(s + at, re, single);
        if (!signbit(im) || isnan(im)) s[at++] = '+';
    }
    at += part_text(s + at, im, single);
    s[at++] = 'j';
    if (!alone) s[at++] = ')';
    return at;
}

/* ISO 8601 in the digits of the unit. */
static idx iso_text(const Array *a, int64_t v, char *s)
{
    TimeForm form = {.digits = a->unit == UNIT_S    ? 0
                               : a->unit == UNIT_MS ? 3
                               : a->unit == UNIT_US ? 6
                                                    : 9};
    if (v == NAT) return put(s, "NaT");
    idx n = time_text(a, v, form, s);
    for (idx i = 0; i < n; i++)
        if (s[i] == ' ') s[i] = 'T';
    return n;
}

idx number_text(const Array *a, idx i, char out[NUMBER_TEXT])
{
    switch (a->dt) {
    case DT_C64: {
        Complex64 c = ((const Complex64 *)a->data)[i];
        return complex_text(out, (double)c.re, (double)c.im, true);
    }
    case DT_C128: {
        Complex128 c = ((const Complex128 *)a->data)[i];
        return complex_text(out, c.re, c.im, false);
    }
    case DT_TS: return iso_text(a, ((const int64_t *)a->data)[i], out);
    default: return value_text(a, i, (TimeForm){0}, out);
    }
}
